package logql_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// However lines fall on times and whatever is stored between two pages, the
// pages together have every line that was there at first once and in order.
func TestPagesNeitherLoseNorDoubleALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := &storagetest.Memory{}
		engine := logql.NewEngine(store, query.Limits{})
		expr, err := logql.ParseLog(`{app=~"a|b"} |= "keep"`)
		require.NoError(t, err)
		n := 0
		put := func(text string, times []int64) {
			bd := model.NewBuilder(model.Logs, len(times))
			for _, at := range times {
				bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(string("ab"[n%2]))}}}), at, fmt.Sprint(text, n))
				n++
			}
			require.NoError(t, store.Append(t.Context(), bd.Batch()))
		}
		times := rapid.SliceOfN(rapid.Int64Range(0, 6), 0, 40)
		put("keep ", times.Draw(t, "times"))
		put("other ", times.Draw(t, "others"))
		forward := rapid.Bool().Draw(t, "forward")
		limit := rapid.IntRange(1, 9).Draw(t, "limit")
		var want []string
		for l, err := range engine.Lines(t.Context(), expr, logql.Params{Start: 1, End: 6, Forward: forward}) {
			require.NoError(t, err)
			want = append(want, l.Line)
		}
		known := n

		var got []string
		r := logql.PageRequest{Start: 1, End: 6, Forward: forward, Limit: limit}
		for {
			p, err := engine.Page(t.Context(), expr, r)
			require.NoError(t, err)
			require.LessOrEqual(t, len(p.Lines), limit)
			for _, l := range p.Lines {
				var number int
				_, err := fmt.Sscanf(l.Line, "keep %d", &number)
				require.NoError(t, err)
				if number < known {
					got = append(got, l.Line)
				}
			}
			if p.Next == nil {
				break
			}
			require.NotEmpty(t, p.Lines)
			c, err := logql.ParseCursor(p.Next.String())
			require.NoError(t, err)
			r.From = &c
			if n < known+30 {
				put("keep ", times.Draw(t, "late"))
			}
		}
		require.Equal(t, want, got)
	})
}

func TestALineIsFoundAmongThoseOfItsTime(t *testing.T) {
	store := &storagetest.Memory{}
	bd := model.NewBuilder(model.Logs, 6)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
	for i := range 6 {
		bd.Row(st, int64(i/4), fmt.Sprint("line ", i%3))
	}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	engine := logql.NewEngine(store, query.Limits{})
	expr, err := logql.ParseLog(`{app="a"}`)
	require.NoError(t, err)
	for _, tc := range []struct {
		time  int64
		text  string
		lines int
		ok    bool
	}{{0, "line 0", 0, true}, {0, "line 2", 2, true}, {1, "line 2", 1, true}, {1, "line 0", 0, false}, {2, "line 1", 0, false}} {
		c, ok, err := engine.Find(t.Context(), expr, tc.time, tc.text)
		require.NoError(t, err)
		require.Equal(t, tc.ok, ok)
		require.Equal(t, tc.lines, c.Lines)
	}
	// From the place of a line, going on both ways shows what is around it.
	from := &logql.Cursor{Time: 0, Lines: 2}
	before, err := engine.Page(t.Context(), expr, logql.PageRequest{End: 10, Limit: 10, From: from})
	require.NoError(t, err)
	after, err := engine.Page(t.Context(), expr, logql.PageRequest{End: 10, Limit: 10, Forward: true, From: &logql.Cursor{Time: 0, Lines: 3}})
	require.NoError(t, err)
	require.Equal(t, []string{"line 1", "line 0"}, texts(before.Lines))
	require.Equal(t, []string{"line 0", "line 1", "line 2"}, texts(after.Lines))
}

func texts(lines []logql.Line) []string {
	return slices.Collect(func(yield func(string) bool) {
		for _, l := range lines {
			if !yield(l.Line) {
				return
			}
		}
	})
}

func TestCursorsAreChecked(t *testing.T) {
	for _, s := range []string{"", "x", "1", "1-", "1--1", "-1", "1-2-3", "99999999999999999999-1", "1-99999999999"} {
		_, err := logql.ParseCursor(s)
		require.ErrorIs(t, err, fault.ErrInvalid, s)
	}
}
