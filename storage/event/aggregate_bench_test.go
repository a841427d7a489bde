package event_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// BenchmarkAggregate are numbers about benchRows lines over an hour in parts.
// 2M lines take four times as long.
func BenchmarkAggregate(b *testing.B) {
	s := open(b, config(b.TempDir(), nil))
	rnd := rand.New(rand.NewPCG(1, 1))
	const batch = 5000
	start := int64(1_700_000_000_000_000_000)
	for from := 0; from < benchRows; from += batch {
		bd := model.NewBuilder(model.Logs, batch)
		for i := from; i < from+batch; i++ {
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{
				{Key: "app", Value: model.String(fmt.Sprint("app-", rnd.IntN(20)))}, {Key: "pod", Value: model.String(fmt.Sprint(rnd.IntN(10)))},
			}})
			level, user, took := []string{"info", "info", "info", "warn", "error"}[rnd.IntN(5)], rnd.IntN(1000), rnd.Int64N(3000)
			bd.Row(st, start+int64(i)*int64(time.Hour)/benchRows+rnd.Int64N(1000), fmt.Sprintf(
				`{"level":%q,"msg":"line %d of many","user":"user-%d","took":%d,"trace_id":"%016x%016x"}`,
				level, i, user, took, rnd.Uint64(), rnd.Uint64()))
			bd.Attr("level", model.String(level))
			bd.Attr("user", model.String(fmt.Sprint("user-", user)))
			bd.Attr("took", model.Int(took))
		}
		require.NoError(b, s.Append(context.Background(), bd.Batch()))
		if (from+batch)%(benchRows/4) == 0 {
			require.NoError(b, s.Flush(context.Background()))
		}
	}
	require.NoError(b, s.Flush(context.Background()))
	app := storage.Field{Place: storage.Stream, Key: "app"}
	level, user, took := attr("level"), attr("user"), attr("took")
	isError := storage.Compare{Field: level, Op: storage.Eq, Value: model.String("error")}
	oneApp := storage.Compare{Field: app, Op: storage.Eq, Value: model.String("app-7")}
	minute := int64(time.Minute)
	for _, q := range []struct {
		name string
		a    storage.Aggregate
	}{
		{"count", storage.Aggregate{}},
		{"by minute and app", storage.Aggregate{By: []storage.Field{app}, Step: minute}},
		{"by second and app", storage.Aggregate{By: []storage.Field{app}, Step: minute / 60}},
		{"by minute and stream with bytes", storage.Aggregate{ByStream: true, Step: minute, Bytes: true}},
		{"by minute and level", storage.Aggregate{By: []storage.Field{level}, Step: minute}},
		{"by minute and level of one app", storage.Aggregate{By: []storage.Field{level}, Step: minute, Where: oneApp}},
		{"by minute and app of errors", storage.Aggregate{By: []storage.Field{app}, Step: minute, Where: isError}},
		{"by user", storage.Aggregate{By: []storage.Field{user}}},
		{"by user and level", storage.Aggregate{By: []storage.Field{user, level}}},
		{"took by minute and level", storage.Aggregate{By: []storage.Field{level}, Step: minute, Of: &took}},
		{"by took", storage.Aggregate{By: []storage.Field{took}}},
		{"by minute and level of JSON", storage.Aggregate{By: []storage.Field{{Place: storage.JSON, Key: "level"}}, Step: minute}},
		{"by user of JSON", storage.Aggregate{By: []storage.Field{{Place: storage.JSON, Key: "user"}}}},
		{"by trace of JSON", storage.Aggregate{By: []storage.Field{{Place: storage.JSON, Key: "trace_id"}}}},
	} {
		b.Run(q.name, func(b *testing.B) {
			q.a.Signal, q.a.Range = model.Logs, model.AllTime()
			b.ReportAllocs()
			for b.Loop() {
				got, err := s.Aggregate(context.Background(), q.a)
				require.NoError(b, err)
				require.NotEmpty(b, got)
			}
		})
	}
}

func attr(key string) storage.Field { return storage.Field{Place: storage.Attr, Key: key} }
