package logql

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// batches is a store that yields the same batches to every scan, so that the
// engine alone is measured.
type batches struct {
	query.EventSource
	all []*model.Batch
}

func (b *batches) Scan(_ context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		for _, x := range b.all {
			if !s.Project.EveryAttr {
				x = &model.Batch{Signal: x.Signal, Streams: x.Streams, StreamOf: x.StreamOf, Time: x.Time, Body: x.Body}
			}
			if !yield(x, nil) {
				return
			}
		}
	}
}

// Aggregate has the engine read the rows.
func (b *batches) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, storage.ErrTooManyGroups
}

func (b *batches) Keys(context.Context, storage.KeysRequest) ([]storage.Key, error) { return nil, nil }

func (b *batches) Streams(context.Context, storage.StreamsRequest) ([]*model.Stream, error) {
	return b.all[0].Streams, nil
}

func BenchmarkEngine(b *testing.B) {
	const rows, perBatch = 100_000, 4096
	kinds := map[string]func(i int) string{
		"json": func(i int) string {
			return fmt.Sprintf(`{"level":"%s","status":%d,"dur":"%dms","req":{"method":"GET","path":"/api/v1/users/%d","id":"r%d"},"tags":["a","b"],"msg":"request done in time","bytes":%d}`,
				[]string{"info", "warn", "error"}[i%3], 200+i%7, i%1000, i%50, i, i*7)
		},
		"logfmt": func(i int) string {
			return fmt.Sprintf(`level=%s method=GET path=/api/v1/users/%d status=%d dur=%dms bytes=%d msg="request done in time"`,
				[]string{"info", "warn", "error"}[i%3], i%50, 200+i%7, i%1000, i*7)
		},
	}
	for _, q := range []struct{ kind, query string }{
		{"json", `sum by (level) (count_over_time({app="a"} | json [1m]))`},
		{"json", `sum by (level) (count_over_time({app="a"} | json level [1m]))`},
		{"json", `sum by (level) (rate({app="a"} | json | status >= 204 [1m]))`},
		{"logfmt", `sum by (level) (count_over_time({app="a"} | logfmt [1m]))`},
		{"logfmt", `quantile_over_time(0.99, {app="a"} | logfmt | unwrap duration(dur) [5m]) by (level)`},
		{"logfmt", `sum by (app) (count_over_time({app="a"} |= "x" [1m]))`},
		{"logfmt", `count_over_time({app="a"}[1m])`},
		{"logfmt", `{app="a"} | logfmt | level="none"`},
	} {
		b.Run(q.query, func(b *testing.B) {
			src := &batches{}
			var size int64
			var bd *model.Builder
			for i := range rows {
				if i%perBatch == 0 {
					if bd != nil {
						src.all = append(src.all, bd.Batch())
					}
					bd = model.NewBuilder(model.Logs, perBatch)
				}
				text := kinds[q.kind](i)
				size += int64(len(text))
				st := bd.Stream(&model.Stream{Attrs: []model.Attr{
					{Key: "app", Value: model.String("a")}, {Key: "cluster", Value: model.String("eu-1")}, {Key: "pod", Value: model.String(fmt.Sprint("p", i%20))},
				}})
				bd.Row(st, int64(i)*int64(36*time.Millisecond), text)
			}
			src.all = append(src.all, bd.Batch())
			e, err := Parse(q.query)
			require.NoError(b, err)
			engine := NewEngine(src, query.DefaultLimits())
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				_, err := engine.Range(b.Context(), e, Params{End: int64(time.Hour), Step: time.Minute})
				require.NoError(b, err)
			}
		})
	}
}
