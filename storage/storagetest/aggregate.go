package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// Groups returns what s answers to a, sorted. t is a testing.TB, or a rapid.T.
func Groups(t require.TestingT, s query.EventSource, a storage.Aggregate) []storage.Group {
	got, err := s.Aggregate(context.Background(), a)
	require.NoError(t, err)
	slices.SortFunc(got, func(a, b storage.Group) int { return bytes.Compare(groupID(a), groupID(b)) })
	return got
}

func groupID(g storage.Group) []byte {
	var id []byte
	if g.Stream != nil {
		id, _ = g.Stream.AppendBinary(id)
	}
	for _, v := range g.Key {
		id = storage.AppendKey(id, v)
	}
	return id
}

// DiffGroups compares sorted groups. Sums may differ as floats do that are
// added in another order.
func DiffGroups(want, got []storage.Group) string {
	same := slices.EqualFunc(want, got, func(a, b storage.Group) bool {
		return bytes.Equal(groupID(a), groupID(b)) && slices.EqualFunc(a.Buckets, b.Buckets, sameBucket)
	})
	if same { // nearly always, and cmp is slow
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 0),
		cmp.Comparer(func(a, b model.Value) bool { return a == b }),
		cmp.Comparer(func(a, b *model.Stream) bool {
			return bytes.Equal(groupID(storage.Group{Stream: a}), groupID(storage.Group{Stream: b}))
		}))
}

func sameBucket(a, b storage.Bucket) bool {
	near := func(x, y float64) bool {
		return x == y || x != x && y != y || math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
	}
	same := near(a.Sum, b.Sum) && near(a.Min, b.Min) && near(a.Max, b.Max)
	a.Sum, a.Min, a.Max, b.Sum, b.Min, b.Max = 0, 0, 0, 0, 0, 0
	return same && a == b
}

func field(p storage.Place, key string) storage.Field { return storage.Field{Place: p, Key: key} }

// groupings are fields of every kind, alone and together.
func groupings() [][]storage.Field {
	app, level, status := field(storage.Stream, "app"), field(storage.Attr, "level"), field(storage.Attr, "status")
	out := [][]storage.Field{
		{},
		{app, level},
		{level, app},
		{level, status, field(storage.Attr, "rare")},
		{level, level},
		{app, field(storage.Stream, "env"), field(storage.Stream, "none")},
		{field(storage.Body, ""), field(storage.Attr, "mixed"), field(storage.Attr, "took")},
		{field(storage.TraceID, ""), field(storage.SpanID, ""), field(storage.Duration, "")},
		{field(storage.ScopeVersion, ""), field(storage.Kind, ""), field(storage.Status, "")},
	}
	for _, key := range []string{"level", "status", "took", "rare", "raw", "tags", "map", "once", "mixed", "none", "peer", "http.status_code", "n"} {
		out = append(out, []storage.Field{field(storage.Attr, key)})
	}
	for _, key := range []string{"level", "took", "user", "req_id", "req_path", "tags", "gone", "msg", "empty", ""} {
		out = append(out, []storage.Field{field(storage.JSON, key)}, []storage.Field{field(storage.Logfmt, key), app})
	}
	out = append(out, []storage.Field{field(storage.JSON, "level"), field(storage.JSONPath, "req"+storage.PathSeparator+"path"), field(storage.JSON, "user")})
	for _, key := range []string{"app", "service.name", "pid"} {
		out = append(out, []storage.Field{field(storage.Stream, key)})
	}
	for p := storage.Body; p <= storage.LinkAttr; p++ {
		key := map[storage.Place]string{storage.ScopeAttr: "scoped", storage.EventAttr: "exception.type", storage.LinkAttr: "why"}[p]
		if p != storage.Attr && p != storage.Stream {
			out = append(out, []storage.Field{field(p, key)})
		}
	}
	return out
}

// numbers is a batch of values that are numbers in all the ways there are, and
// some that are not.
func numbers() []*model.Batch {
	values := []model.Value{
		model.Int(1), model.Int(-5), model.Int(math.MaxInt64), model.Float(0.5), model.Float(math.NaN()), model.Float(math.Inf(1)),
		model.String("12.5"), model.String("1e3"), model.String("0x10"), model.String("NaN"), model.String(""), model.String("many"),
		model.String(" 1"), model.Bool(true), model.Bytes("1"), model.Array("[1]"),
		{},
	}
	bd := model.NewBuilder(model.Logs, 0)
	for i := range 10 * len(values) {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{
			{Key: "app", Value: model.String([]string{"api", "web"}[i%2])}, {Key: "size", Value: model.String(fmt.Sprint(i % 2))},
		}})
		bd.Row(st, base-int64(i%7)*1e9, fmt.Sprint(i))
		if v := values[i%len(values)]; !v.IsNone() {
			bd.Attr("n", v)
		}
		bd.Attr("int", model.Int(int64(i)))
		bd.Attr("float", model.Float(float64(i)/8))
		if i%3 == 0 {
			bd.Attr("text", model.String(fmt.Sprint(i/3)))
		}
	}
	return []*model.Batch{bd.Batch()}
}

// everything is rows of all kinds, some of them long ago.
func everything() []*model.Batch {
	bd := model.NewBuilder(model.Logs, 0)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("old")}}})
	for i := range int64(40) {
		bd.Row(st, 7*(i-20), fmt.Sprint(i))
	}
	for _, at := range []int64{math.MinInt64, math.MinInt64 + 5, -1, 0, math.MaxInt64 - 1} {
		bd.Row(st, at, "far off")
	}
	return slices.Concat(logs(), spans(), numbers(), parseable(), []*model.Batch{bd.Batch()})
}

func testAggregateGroups(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, everything)
	for _, by := range groupings() {
		for _, a := range []storage.Aggregate{
			{},
			{Step: 10_000, Origin: 3},
			{Bytes: true, ByStream: true, Step: int64(time.Hour)},
		} {
			for _, sig := range []model.Signal{model.Logs, model.Spans} {
				a.Signal, a.Range, a.By = sig, model.AllTime(), by
				sameGroups(t, m, s, a)
			}
		}
	}
}

func sameGroups(t *testing.T, want, got query.EventSource, a storage.Aggregate) []storage.Group {
	t.Helper()
	w, g := Groups(t, want, a), Groups(t, got, a)
	if d := DiffGroups(w, g); d != "" {
		t.Fatalf("aggregate %+v (-want +got):\n%s", a, d)
	}
	return g
}

func testAggregateBuckets(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, everything)
	level := field(storage.Attr, "level")
	for _, r := range []model.Range{
		model.AllTime(),
		{Start: base, End: base + 50_000},
		{Start: base + 1, End: base + 2},
		{Start: -100, End: 35},
		{Start: base, End: base},
		{Start: base + 10, End: base},
		{Start: 1, End: 2},
	} {
		for _, step := range []int64{0, 7, 1000, int64(time.Hour), math.MaxInt64} {
			for _, origin := range []int64{0, base + 12345} {
				for _, by := range [][]storage.Field{nil, {field(storage.Stream, "app")}, {level}} {
					a := storage.Aggregate{Signal: model.Logs, Range: r, By: by, Step: step, Origin: origin, Bytes: step != 7}
					got := sameGroups(t, m, s, a)
					for _, g := range got {
						require.NotEmpty(t, g.Buckets)
						require.True(t, slices.IsSortedFunc(g.Buckets, func(a, b storage.Bucket) int {
							if a.Start < b.Start {
								return -1
							}
							return 1
						}), "buckets ascend")
					}
					if r.Empty() {
						require.Empty(t, got)
					}
				}
			}
		}
	}
}

func testAggregateNumbers(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, everything)
	of := []storage.Field{
		field(storage.Duration, ""), field(storage.Kind, ""), field(storage.EventTime, ""), field(storage.Stream, "size"),
		field(storage.Stream, "pid"), field(storage.Body, ""), field(storage.EventName, ""), field(storage.JSON, "took"),
	}
	for _, key := range []string{"n", "int", "float", "text", "mixed", "took", "none", "http.status_code"} {
		of = append(of, field(storage.Attr, key))
	}
	for _, f := range of {
		for _, by := range [][]storage.Field{nil, {field(storage.Stream, "app")}, {field(storage.Attr, "level"), f}} {
			for _, step := range []int64{0, 30_000} {
				for _, sig := range []model.Signal{model.Logs, model.Spans} {
					sameGroups(t, m, s, storage.Aggregate{Signal: sig, Range: model.AllTime(), By: by, Step: step, Of: &f})
				}
			}
		}
	}
}

func testAggregatePredicates(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	for _, p := range predicates() {
		for _, a := range []storage.Aggregate{
			{By: []storage.Field{field(storage.Stream, "app"), field(storage.Attr, "level")}, Step: 1000},
			{ByStream: true, Bytes: true},
		} {
			for _, sig := range []model.Signal{model.Logs, model.Spans} {
				a.Signal, a.Range, a.Where = sig, model.AllTime(), p
				sameGroups(t, m, s, a)
			}
		}
	}
}

func testAggregateLimit(t *testing.T, s Store, settle func(Store) Store) {
	s, _ = sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	for _, a := range []storage.Aggregate{
		{By: []storage.Field{field(storage.Stream, "app")}},
		{By: []storage.Field{field(storage.Attr, "level")}, Step: 1000},
		{By: []storage.Field{field(storage.Attr, "level"), field(storage.Attr, "mixed")}},
		{ByStream: true},
		{By: []storage.Field{field(storage.Body, "")}, Where: storage.Match{Field: field(storage.Body, ""), Regexp: regexp.MustCompile("1")}},
	} {
		a.Signal, a.Range = model.Logs, model.AllTime()
		groups := len(Groups(t, s, a))
		require.Greater(t, groups, 2)
		a.MaxGroups = groups
		require.Len(t, Groups(t, s, a), groups)
		a.MaxGroups = groups - 1
		_, err := s.Aggregate(t.Context(), a)
		require.ErrorIs(t, err, storage.ErrTooManyGroups)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Aggregate(ctx, storage.Aggregate{Signal: model.Logs, Range: model.AllTime()})
	require.ErrorIs(t, err, context.Canceled)
}

// parseable are lines with JSON and logfmt in them, many of a few shapes.
func parseable() []*model.Batch {
	bd := model.NewBuilder(model.Logs, 0)
	for i := range 600 {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String([]string{"api", "web"}[i%2])}}})
		line := fmt.Sprintf(`{"level":"%s","took":%d,"req":{"id":"%08x","path":"/a/%d"},"tags":["x",%d],"gone":null}`,
			[]string{"info", "warn", "error"}[i%3], i%50, i*7919, i%9, i)
		switch i % 7 {
		case 1:
			line = fmt.Sprintf(`level=info took=%dms user=u%d msg="all is well" empty= lone`, i%20, i%30)
		case 2:
			line = fmt.Sprintf(`{"level":"info","user":"u%d"}`, i%40)
		}
		switch i % 97 {
		case 3:
			line += " cut"
		case 4:
			line = line[:len(line)/2]
		case 5:
			line = fmt.Sprintf(`{"odd-%d":%d,"level":"odd","odd-%d":2}`, i, i, i)
		}
		bd.Row(st, base+int64(i)*1000, line)
	}
	return []*model.Batch{bd.Batch()}
}
