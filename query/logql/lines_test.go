package logql_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var followed = []string{
	`{app="api"}`,
	`{app=~"api|web"} |= "3"`,
	`{app=~".+", app!="web"} | json | status >= 204 | line_format "{{.status}}"`,
	`{app="api"} | n = "3"`,
	`{app="api"} | json | keep status`,
	`{app="nobody"}`,
}

func followedBatch() *model.Batch {
	bd := model.NewBuilder(model.Logs, 20)
	for i := range 20 {
		app := []string{"api", "web", "db"}[i%3]
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
		bd.Row(st, int64(i/2), fmt.Sprintf(`{"status":%d}`, 200+i)) // two of each time
		if i%4 == 0 {
			bd.Attr("n", model.Int(int64(i%8)))
		}
	}
	return bd.Batch()
}

func TestAFollowerKeepsTheLinesThatAQueryFinds(t *testing.T) {
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), followedBatch()))
	engine := logql.NewEngine(store, query.DefaultLimits())
	for _, q := range followed {
		t.Run(q, func(t *testing.T) {
			expr, err := logql.ParseLog(q)
			require.NoError(t, err)
			want := collect(t, engine.Lines(t.Context(), expr, logql.Params{End: 100, Forward: true}))
			f, err := logql.NewFollower(expr)
			require.NoError(t, err)
			var got []logql.Line
			for range 2 { // a follower takes one batch after the other
				got = nil
				b := followedBatch()
				rows := []uint32{}
				for i := range b.Len() {
					if f.Selects(b.Stream(i)) {
						rows = append(rows, uint32(i))
					}
				}
				require.NoError(t, f.Lines(t.Context(), b, rows, func(l logql.Line) bool {
					got = append(got, l)
					return true
				}))
			}
			require.Equal(t, want, got)
		})
	}
}

func TestLinesAreThoseOfRange(t *testing.T) {
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), followedBatch()))
	engine := logql.NewEngine(store, query.DefaultLimits())
	for _, q := range followed {
		for _, p := range []logql.Params{{}, {Forward: true}, {Limit: 3}, {Limit: 3, Forward: true}, {Interval: 4}} {
			t.Run(fmt.Sprint(q, p), func(t *testing.T) {
				p.End = 9
				expr, err := logql.ParseLog(q)
				require.NoError(t, err)
				res, err := engine.Range(t.Context(), expr, p)
				require.NoError(t, err)
				byStream := map[string][]logql.Entry{}
				for _, l := range collect(t, engine.Lines(t.Context(), expr, p)) {
					byStream[l.Labels.String()] = append(byStream[l.Labels.String()], l.Entry)
				}
				require.Len(t, byStream, len(res.Streams))
				for _, s := range res.Streams {
					require.Equal(t, s.Entries, byStream[s.Labels.String()])
				}
			})
		}
	}
}

func TestLinesEndWhenTheReaderHasEnoughOrTheStoreFails(t *testing.T) {
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), followedBatch()))
	expr, err := logql.ParseLog(`{app="api"}`)
	require.NoError(t, err)
	n := 0
	for range logql.NewEngine(store, query.Limits{}).Lines(t.Context(), expr, logql.Params{End: 100}) {
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)

	broken := errors.New("broken")
	var errs []error
	for _, err := range logql.NewEngine(failing{store, broken}, query.Limits{}).Lines(t.Context(), expr, logql.Params{End: 100}) {
		errs = append(errs, err)
	}
	require.Equal(t, []error{nil, nil, broken}, errs)
}

// failing yields two rows and then an error.
type failing struct {
	*storagetest.Memory
	err error
}

func (f failing) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	s.Limit = 2
	return func(yield func(*model.Batch, error) bool) {
		for b, err := range f.Memory.Scan(ctx, s) {
			if !yield(b, err) {
				return
			}
		}
		yield(nil, f.err)
	}
}

func collect(t *testing.T, lines iter.Seq2[logql.Line, error]) []logql.Line {
	t.Helper()
	var out []logql.Line
	for l, err := range lines {
		require.NoError(t, err)
		out = append(out, l)
	}
	return slices.Clip(out)
}
