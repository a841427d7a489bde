package storagetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// A Store is what the suite tests.
type Store interface {
	ingest.EventWriter
	query.EventSource
}

// Run tests that the store open returns, which is empty, keeps the contracts
// of ingest.EventWriter and query.EventSource. settle may do to the store what
// must not change any answer, such as flush it or open it again; it returns
// the store to go on with. A nil settle does nothing.
func Run(t *testing.T, open func(t *testing.T) Store, settle func(t *testing.T, s Store) Store) {
	if settle == nil {
		settle = func(_ *testing.T, s Store) Store { return s }
	}
	tests := []struct {
		name string
		test func(t *testing.T, s Store, settle func(Store) Store)
	}{
		{"an empty store has nothing", testEmpty},
		{"rows come back as they went in", testRoundTrip},
		{"rows come in order of time, ties in append order", testOrder},
		{"a range is half-open", testRange},
		{"every predicate means what storage.Matcher says", testPredicates},
		{"a projection yields what it names", testProjection},
		{"a limit keeps the first rows", testLimit},
		{"extreme times are rows like others", testExtremeTimes},
		{"a bad batch is refused whole", testBadBatch},
		{"a cancelled scan says so once", testCancel},
		{"breaking off ends a scan", testBreak},
		{"streams are those that have rows", testStreams},
		{"keys are those that occur, with their kinds", testKeys},
		{"values are counted, most frequent first", testValues},
		{"an aggregate groups by any field", testAggregateGroups},
		{"an aggregate counts by buckets of time", testAggregateBuckets},
		{"an aggregate sums what is a number", testAggregateNumbers},
		{"an aggregate is about the rows of its predicate", testAggregatePredicates},
		{"an aggregate ends with an error over its limit of groups, or when cancelled", testAggregateLimit},
		{"concurrent appends are all there", testConcurrent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.test(t, open(t), func(s Store) Store { return settle(t, s) })
		})
	}
}

// Rows collects a scan. t is a testing.TB, or a rapid.T.
func Rows(t require.TestingT, s query.EventSource, sc storage.Scan) []Row {
	var out []Row
	for b, err := range s.Scan(context.Background(), sc) {
		require.NoError(t, err)
		require.NotZero(t, b.Len(), "an empty batch was yielded")
		out = append(out, RowsOf(b)...)
	}
	return out
}

// A Row is a row of a batch on its own, for comparing. Absent columns leave
// zero values.
type Row struct {
	Stream string // canonical bytes
	Time   int64
	Body   string
	Attrs  []model.Attr
	Span   model.Span
}

// RowsOf takes a batch apart.
func RowsOf(b *model.Batch) []Row {
	out := make([]Row, b.Len())
	for i := range out {
		id, _ := b.Stream(i).AppendBinary(nil)
		r := Row{Stream: string(id), Time: b.Time[i]}
		if b.Body != nil {
			r.Body = b.Body[i]
		}
		for _, c := range b.Attrs {
			if v := c.At(i); !v.IsNone() {
				r.Attrs = append(r.Attrs, model.Attr{Key: c.Key, Value: v})
			}
		}
		if s := b.Spans; s != nil {
			if s.TraceID != nil {
				r.Span.TraceID = s.TraceID[i]
			}
			if s.SpanID != nil { // Projection.Tree
				r.Span.SpanID, r.Span.ParentID, r.Span.Kind = s.SpanID[i], s.ParentID[i], s.Kind[i]
				r.Span.Duration, r.Span.Status = s.Duration[i], s.Status[i]
			}
			if s.TraceState != nil { // Projection.Span
				r.Span.StatusMessage, r.Span.TraceState, r.Span.Flags = s.StatusMessage[i], s.TraceState[i], s.Flags[i]
				r.Span.DroppedAttrs, r.Span.DroppedEvents, r.Span.DroppedLinks = s.DroppedAttrs[i], s.DroppedEvents[i], s.DroppedLinks[i]
			}
			if s.Events != nil && len(s.Events[i]) > 0 {
				r.Span.Events = s.Events[i]
			}
			if s.Links != nil && len(s.Links[i]) > 0 {
				r.Span.Links = s.Links[i]
			}
		}
		out[i] = r
	}
	return out
}

// Diff compares rows, taking empty and nil lists as equal.
func Diff(want, got []Row) string {
	if reflect.DeepEqual(want, got) { // much faster, and nearly always true
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b model.Value) bool { return a == b }))
}

func appendAll(t *testing.T, s Store, batches ...*model.Batch) {
	t.Helper()
	for _, b := range batches {
		require.NoError(t, s.Append(context.Background(), b))
	}
}

// sample returns a store holding batches, and a Memory that holds the same.
func sample(t *testing.T, s Store, settle func(Store) Store, batches func() []*model.Batch) (Store, *Memory) {
	t.Helper()
	m := new(Memory)
	appendAll(t, m, batches()...)
	appendAll(t, s, batches()...)
	return settle(s), m
}

// logs are two batches over three streams with attributes of every kind.
func logs() []*model.Batch {
	var out []*model.Batch
	for n := range 2 {
		bd := model.NewBuilder(model.Logs, 0)
		for i := range 300 {
			app := []string{"api", "web", "worker"}[i%3]
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{
				{Key: "app", Value: model.String(app)}, {Key: "env", Value: model.String("prod")},
			}})
			level := []string{"info", "warn", "Error"}[i%7%3]
			bd.Row(st, base+int64((i*37)%100)*1000+int64(n), fmt.Sprintf("%s: request %d took %dms Straße\xff", level, i, i*n))
			bd.Attr("level", model.String(level))
			bd.Attr("status", model.Int(int64(200+i%5*100)))
			if i%2 == 0 {
				bd.Attr("took", model.Float(float64(i)/4))
			}
			if i%50 == 0 {
				bd.Attr("rare", model.Bool(i%100 == 0))
				bd.Attr("raw", model.Bytes("\x00\xff"))
				bd.Attr("tags", model.Array(`["a","b",3,1.5]`))
				bd.Attr("map", model.Map(`{"k":"v"}`))
			}
			if i == 7 {
				bd.Attr("once", model.String("lonely"))
			}
			mixed := model.Int(int64(i))
			if i%3 == 0 {
				mixed = model.String("three")
			}
			bd.Attr("mixed", mixed)
		}
		out = append(out, bd.Batch())
	}
	return out
}

// base is a time of no importance, well inside a day.
const base = int64(1_700_000_000_000_000_000)

func traceID(n int) model.TraceID { return model.TraceID{1, 7: 9, 14: byte(n >> 8), 15: byte(n)} }

// spans are forty traces of five spans each.
func spans() []*model.Batch {
	bd := model.NewBuilder(model.Spans, 0)
	for i := range 200 {
		trace := i / 5
		st := bd.Stream(&model.Stream{
			Attrs:     []model.Attr{{Key: "service.name", Value: model.String([]string{"shop", "cart"}[i%2])}, {Key: "pid", Value: model.Int(int64(i % 2))}},
			ScopeName: "lib", ScopeVersion: "1." + fmt.Sprint(i%2), ScopeAttrs: []model.Attr{{Key: "scoped", Value: model.Bool(true)}},
			SchemaURL: "https://x", ScopeSchemaURL: "https://y", DroppedAttrs: 3, ScopeDroppedAttrs: 4,
		})
		sp := model.Span{
			TraceID: traceID(trace), SpanID: model.SpanID{1, 7: byte(i)}, Name: fmt.Sprintf("GET /%d", i%10),
			Kind: model.SpanKind(i % 6), Start: base + int64(i)*1000, Duration: int64(i) * 1e6, Status: model.StatusCode(i % 3),
			TraceState: "k=v", Flags: 1, DroppedAttrs: 1, DroppedEvents: 2, DroppedLinks: 3,
		}
		if i%5 != 0 {
			sp.ParentID = model.SpanID{1, 7: byte(i - i%5)}
		}
		if i%3 == 2 {
			sp.StatusMessage = "broken"
			sp.Events = []model.Event{{
				Time: sp.Start + 10, Name: "exception", DroppedAttrs: 1,
				Attrs: []model.Attr{{Key: "exception.type", Value: model.String("IOError")}},
			}, {Time: sp.Start - 5, Name: "early"}}
			sp.Links = []model.Link{{
				TraceID: traceID(999), SpanID: model.SpanID{5}, TraceState: "a=b", Flags: 7, DroppedAttrs: 2,
				Attrs: []model.Attr{{Key: "why", Value: model.String("follows")}},
			}}
		}
		bd.Span(st, sp)
		bd.Attr("http.status_code", model.Int(int64(200+i%4*100)))
		if i%2 == 0 {
			bd.Attr("peer", model.String("db"))
		}
	}
	return []*model.Batch{bd.Batch()}
}

func all(sig model.Signal) storage.Scan {
	return storage.Scan{Signal: sig, Range: model.AllTime()}
}

// same requires that both stores answer a scan alike.
func same(t *testing.T, want query.EventSource, got query.EventSource, sc storage.Scan) []Row {
	t.Helper()
	w, g := Rows(t, want, sc), Rows(t, got, sc)
	if d := Diff(w, g); d != "" {
		t.Fatalf("scan %+v (-want +got):\n%s", sc, d)
	}
	return g
}

func testEmpty(t *testing.T, s Store, settle func(Store) Store) {
	s = settle(s)
	for _, sig := range []model.Signal{model.Logs, model.Spans} {
		require.Empty(t, Rows(t, s, all(sig)))
		streams, err := s.Streams(t.Context(), storage.StreamsRequest{Signal: sig, Range: model.AllTime()})
		require.NoError(t, err)
		require.Empty(t, streams)
		keys, err := s.Keys(t.Context(), storage.KeysRequest{Signal: sig, Range: model.AllTime(), Place: storage.Attr})
		require.NoError(t, err)
		require.Empty(t, keys)
		values, err := s.Values(t.Context(), storage.ValuesRequest{Signal: sig, Range: model.AllTime(), Field: storage.Field{Place: storage.Body}})
		require.NoError(t, err)
		require.Empty(t, values)
	}
}

func testRoundTrip(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	require.Len(t, same(t, m, s, all(model.Logs)), 600)
	require.Len(t, same(t, m, s, all(model.Spans)), 200)
}

func testOrder(t *testing.T, s Store, settle func(Store) Store) {
	batches := func() []*model.Batch {
		var out []*model.Batch
		for n := range 12 {
			bd := model.NewBuilder(model.Logs, 0)
			for i := range 40 {
				st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "n", Value: model.String(fmt.Sprint(i % 4))}}})
				bd.Row(st, base+int64((i*7+n)%5), fmt.Sprint(n, " ", i))
			}
			out = append(out, bd.Batch())
		}
		return out
	}
	m := new(Memory)
	appendAll(t, m, batches()...)
	for i, b := range batches() {
		appendAll(t, s, b)
		if i%3 == 0 {
			s = settle(s)
		}
	}
	for _, reverse := range []bool{false, true} {
		for _, limit := range []int{0, 1, 50, 97, 479, 480, 1000} {
			sc := all(model.Logs)
			sc.Reverse, sc.Limit = reverse, limit
			same(t, m, s, sc)
		}
	}
}

func testRange(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, logs)
	for _, r := range []model.Range{
		{Start: base, End: base},
		{Start: base, End: base + 1},
		{Start: base + 1000, End: base + 2001},
		{Start: base + 99000, End: base + 99001},
		{Start: base + 99002, End: base + 1e9},
		{Start: base + 5, End: base},
	} {
		for _, reverse := range []bool{false, true} {
			same(t, m, s, storage.Scan{Signal: model.Logs, Range: r, Reverse: reverse})
		}
	}
}

// predicates returns conditions of every kind on fields of every place.
func predicates() []storage.Predicate {
	stream := storage.Field{Place: storage.Stream, Key: "app"}
	service := storage.Field{Place: storage.Stream, Key: "service.name"}
	attr := func(k string) storage.Field { return storage.Field{Place: storage.Attr, Key: k} }
	place := func(p storage.Place) storage.Field { return storage.Field{Place: p} }
	body := place(storage.Body)
	var out []storage.Predicate
	for _, f := range []storage.Field{
		body, stream, service, attr("level"), attr("status"), attr("took"), attr("rare"), attr("raw"), attr("tags"), attr("map"),
		attr("once"), attr("mixed"), attr("nowhere"), attr("peer"), place(storage.ScopeName), place(storage.ScopeVersion),
		{Place: storage.ScopeAttr, Key: "scoped"},
		place(storage.TraceID), place(storage.SpanID), place(storage.ParentID),
		place(storage.Kind), place(storage.Status), place(storage.StatusMessage), place(storage.Duration), place(storage.TraceState),
		place(storage.EventName),
		{Place: storage.EventAttr, Key: "exception.type"},
		place(storage.EventTime),
		place(storage.LinkTraceID), place(storage.LinkSpanID),
		{Place: storage.LinkAttr, Key: "why"},
	} {
		out = append(out, storage.Exists{Field: f}, storage.Not{P: storage.Exists{Field: f}})
		for _, needle := range []string{"", "quest 1", "5ms Straße\xff", "info"} {
			out = append(out, storage.Contains{Field: f, Needle: needle})
		}
		out = append(out, storage.Contains{Field: f, Needle: "ERROR", FoldCase: true},
			storage.Contains{Field: f, Needle: "STRAßE", FoldCase: true},
			storage.Match{Field: f, Regexp: regexp.MustCompile(`(api|shop|info|GET /[12]$|^three)`)})
		for _, v := range []model.Value{
			model.String("api"), model.String("info"), model.String("shop"), model.String("b"), model.String(traceID(3).String()),
			model.String("exception"), model.Int(2), model.Int(300), model.Int(1e7), model.Int(3), model.Float(2.5), model.Float(1.5),
			model.Bool(true), model.Bytes("\x00\xff"), model.Map(`{"k":"v"}`),
		} {
			for _, op := range []storage.Op{storage.Eq, storage.Ne, storage.Lt, storage.Ge} {
				out = append(out, storage.Compare{Field: f, Op: op, Value: v})
			}
		}
	}
	api := storage.Compare{Field: stream, Op: storage.Eq, Value: model.String("api")}
	info := storage.Compare{Field: attr("level"), Op: storage.Eq, Value: model.String("info")}
	ids := storage.Or{
		storage.Compare{Field: place(storage.TraceID), Op: storage.Eq, Value: model.String(traceID(3).String())},
		storage.Compare{Field: place(storage.TraceID), Op: storage.Eq, Value: model.String(traceID(17).String())},
		storage.Compare{Field: place(storage.TraceID), Op: storage.Eq, Value: model.String("not an id")},
	}
	took := storage.Contains{Field: body, Needle: "took"}
	return append(out,
		storage.And{}, storage.Or{}, storage.Not{P: storage.And{}}, storage.Not{P: storage.Or{}}, storage.Or{info, storage.Or{}}, storage.And{info, storage.Or{}},
		storage.And{api, info}, storage.Or{api, info}, storage.Not{P: storage.And{api, info}},
		storage.And{api, took, storage.And{info, storage.Contains{Field: body, Needle: "1"}}},
		storage.And{storage.Not{P: api}, storage.Or{info, storage.Contains{Field: body, Needle: "99"}}},
		storage.Or{storage.And{api, info}, storage.Not{P: storage.Or{api, took}}},
		ids, storage.And{ids, storage.Compare{Field: place(storage.Kind), Op: storage.Eq, Value: model.Int(2)}},
		storage.And{ids, storage.Compare{Field: place(storage.TraceID), Op: storage.Eq, Value: model.String(traceID(17).String())}},
		storage.Not{P: ids},
	)
}

func testPredicates(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs()[:1], spans()...) })
	matched := 0
	for _, p := range predicates() {
		for _, sig := range []model.Signal{model.Logs, model.Spans} {
			sc := all(sig)
			sc.Where, sc.Project = p, &storage.Projection{Body: true}
			want, got := Rows(t, m, sc), Rows(t, s, sc)
			same := slices.EqualFunc(want, got, func(a, b Row) bool { return a.Time == b.Time && a.Body == b.Body && a.Stream == b.Stream })
			if !same {
				t.Fatalf("%v where %v (-want +got):\n%s", sig, p, Diff(want, got))
			}
			if n := len(want); n > 0 && n < 200 {
				matched++
			}
		}
	}
	require.Greater(t, matched, 100, "the predicates tell nothing apart")
}

func testProjection(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	where := storage.And{
		storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "1"},
		storage.Or{
			storage.Compare{Field: storage.Field{Place: storage.Attr, Key: "status"}, Op: storage.Gt, Value: model.Int(300)},
			storage.Compare{Field: storage.Field{Place: storage.Duration}, Op: storage.Gt, Value: model.Int(5)},
		},
	}
	for _, p := range []storage.Projection{
		{},
		{Body: true},
		{Attrs: []string{"level"}},
		{Attrs: []string{"once", "mixed", "peer"}},
		{EveryAttr: true},
		{TraceID: true},
		{Tree: true},
		{Span: true},
		{Tree: true, Events: true},
		{Events: true},
		{Links: true},
		{Body: true, EveryAttr: true, Span: true, Events: true, Links: true},
	} {
		for _, sig := range []model.Signal{model.Logs, model.Spans} {
			for _, w := range []storage.Predicate{nil, where} {
				sc := all(sig)
				sc.Where, sc.Project = w, &p
				require.NotEmpty(t, same(t, m, s, sc))
				for b, err := range s.Scan(t.Context(), sc) {
					require.NoError(t, err)
					require.Equal(t, p.Body, b.Body != nil, "body present")
					if sig == model.Spans {
						require.Equal(t, p.TraceID || p.Tree || p.Span, b.Spans.TraceID != nil, "trace ids present")
						require.Equal(t, p.Tree || p.Span, b.Spans.Duration != nil, "columns of the tree present")
						require.Equal(t, p.Span, b.Spans.TraceState != nil, "span columns present")
						require.Equal(t, p.Events, b.Spans.Events != nil, "events present")
						require.Equal(t, p.Links, b.Spans.Links != nil, "links present")
					}
					for i := 1; i < len(b.Attrs); i++ {
						require.Less(t, b.Attrs[i-1].Key, b.Attrs[i].Key, "columns sorted by key")
					}
				}
			}
		}
	}
}

func testLimit(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, logs)
	where := storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "info"}
	for _, limit := range []int{1, 2, 127, 128, 129, 600, 10000} {
		for _, reverse := range []bool{false, true} {
			for _, w := range []storage.Predicate{nil, where} {
				sc := all(model.Logs)
				sc.Limit, sc.Reverse, sc.Where = limit, reverse, w
				var st storage.Stats
				sc.Stats = &st
				rows := Rows(t, s, sc)
				require.EqualValues(t, len(rows), st.RowsYielded)
				require.GreaterOrEqual(t, st.RowsScanned, st.RowsYielded)
				sc.Stats = nil
				same(t, m, s, sc)
			}
		}
	}
}

func testExtremeTimes(t *testing.T, s Store, settle func(Store) Store) {
	batches := func() []*model.Batch {
		bd := model.NewBuilder(model.Logs, 0)
		st := bd.Stream(&model.Stream{})
		for _, at := range []int64{0, -1, 1, -9e18, 9e18, base, 4102444800e9, -(24 * 3600e9), 24*3600e9 - 1, 24 * 3600e9} {
			bd.Row(st, at, fmt.Sprint(at))
		}
		return []*model.Batch{bd.Batch()}
	}
	s, m := sample(t, s, settle, batches)
	require.Len(t, same(t, m, s, all(model.Logs)), 10)
	same(t, m, s, storage.Scan{Signal: model.Logs, Range: model.Range{Start: -1, End: 1}, Reverse: true})
}

func testBadBatch(t *testing.T, s Store, settle func(Store) Store) {
	for _, b := range []*model.Batch{
		{Signal: model.Logs, Time: []int64{1}, Body: []string{"x"}},
		{Signal: model.Logs, Time: []int64{1}, Body: []string{"x"}, StreamOf: []uint32{0}},
		{Signal: model.Logs, Streams: []*model.Stream{{}}, Time: []int64{1, 2}, Body: []string{"x", "y"}, StreamOf: []uint32{0, 1}},
		{Signal: model.Spans, Streams: []*model.Stream{{}}, Time: []int64{1}, Body: []string{"x"}, StreamOf: []uint32{0}},
		{
			Signal: model.Logs, Streams: []*model.Stream{{}}, Time: []int64{1}, Body: []string{"x"}, StreamOf: []uint32{0},
			Attrs: []*model.Column{{Key: "k", Rows: []uint32{1}, Vals: []model.Value{model.Int(1)}}},
		},
	} {
		require.Error(t, s.Append(t.Context(), b))
	}
	s = settle(s)
	require.Empty(t, Rows(t, s, all(model.Logs)))
	require.Empty(t, Rows(t, s, all(model.Spans)))
}

func testCancel(t *testing.T, s Store, settle func(Store) Store) {
	s, _ = sample(t, s, settle, logs)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := 0
	for b, err := range s.Scan(ctx, all(model.Logs)) {
		require.Nil(t, b)
		require.ErrorIs(t, err, context.Canceled)
		errs++
	}
	require.Equal(t, 1, errs)
	require.ErrorIs(t, s.Append(ctx, logs()[0]), context.Canceled)
}

func testBreak(t *testing.T, s Store, settle func(Store) Store) {
	s, _ = sample(t, s, settle, logs)
	for b, err := range s.Scan(t.Context(), all(model.Logs)) {
		require.NoError(t, err)
		require.NotZero(t, b.Len())
		break
	}
}

func testStreams(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	names := func(q query.EventSource, r storage.StreamsRequest) []string {
		got, err := q.Streams(t.Context(), r)
		require.NoError(t, err)
		var out []string
		for _, st := range got {
			id, err := st.AppendBinary(nil)
			require.NoError(t, err)
			out = append(out, string(id))
		}
		slices.Sort(out)
		return out
	}
	field := func(p storage.Place, k string) storage.Field { return storage.Field{Place: p, Key: k} }
	for _, where := range []storage.Predicate{
		nil,
		storage.Compare{Field: field(storage.Stream, "app"), Op: storage.Ne, Value: model.String("web")},
		storage.Match{Field: field(storage.Stream, "service.name"), Regexp: regexp.MustCompile("^sh")},
		storage.And{storage.Exists{Field: field(storage.ScopeAttr, "scoped")}, storage.Compare{Field: field(storage.ScopeVersion, ""), Op: storage.Eq, Value: model.String("1.1")}},
	} {
		for _, sig := range []model.Signal{model.Logs, model.Spans} {
			r := storage.StreamsRequest{Signal: sig, Range: model.AllTime(), Where: where}
			require.Equal(t, names(m, r), names(s, r), "%v where %v", sig, where)
		}
	}
	require.Empty(t, names(s, storage.StreamsRequest{Signal: model.Logs, Range: model.Range{Start: 0, End: 1}}))
}

func testKeys(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return slices.Concat(logs(), spans(), parseable()) })
	for _, sig := range []model.Signal{model.Logs, model.Spans} {
		for _, place := range []storage.Place{storage.Stream, storage.ScopeAttr, storage.Attr, storage.EventAttr, storage.LinkAttr, storage.JSON, storage.Logfmt} {
			for _, where := range []storage.Predicate{
				nil,
				storage.Match{Field: storage.Field{Place: storage.Stream, Key: "app"}, Regexp: regexp.MustCompile("api")},
				storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "GET /2"},
				storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "once"}},
			} {
				r := storage.KeysRequest{Signal: sig, Range: model.AllTime(), Place: place, Where: where}
				want, err := m.Keys(t.Context(), r)
				require.NoError(t, err)
				got, err := s.Keys(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, KeyNames(want), KeyNames(got), "%v keys of %v where %v", sig, place, where)
				part := r
				part.Range, part.Within = middle(m, sig), true
				wantPart, err := m.Keys(t.Context(), part)
				require.NoError(t, err)
				gotPart, err := s.Keys(t.Context(), part)
				require.NoError(t, err)
				require.Equal(t, KeyNames(wantPart), KeyNames(gotPart), "%v keys of %v where %v in a part of the time", sig, place, where)
				for i := range wantPart {
					require.Equal(t, wantPart[i].Rows, gotPart[i].Rows, "rows in a part of the time with %v %q where %v", place, wantPart[i].Name, where)
				}
				r.Wide = true
				wide, err := s.Keys(t.Context(), r)
				require.NoError(t, err)
				r.Where = nil
				all, err := m.Keys(t.Context(), r)
				require.NoError(t, err)
				require.Subset(t, nameOf(wide), nameOf(want), "at least the %v keys of %v where %v", place, sig, where)
				require.Subset(t, nameOf(all), nameOf(wide), "no %v keys that %v have not", place, sig)
				for i := range want {
					require.Equal(t, want[i].Rows, got[i].Rows, "rows with %v %q where %v", place, want[i].Name, where)
					if got[i].Distinct > 0 {
						require.InDelta(t, want[i].Distinct, got[i].Distinct, 2+float64(want[i].Distinct)/10,
							"values of %v %q where %v", place, want[i].Name, where)
					}
				}
			}
		}
	}
}

// middle is a range that some of the rows of a signal are in.
func middle(m *Memory, sig model.Signal) model.Range {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, row := range m.rows(sig, model.AllTime(), nil) {
		first, last = min(first, row.b.Time[row.i]), max(last, row.b.Time[row.i])
	}
	third := (last - first) / 3
	return model.Range{Start: first + third, End: last - third}
}

func nameOf(keys []storage.Key) []string {
	out := []string{}
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return out
}

// KeyNames returns keys without the numbers that a store may take roughly.
func KeyNames(keys []storage.Key) []storage.Key {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Rows, out[i].Distinct = 0, 0
	}
	return out
}

func testValues(t *testing.T, s Store, settle func(Store) Store) {
	s, m := sample(t, s, settle, func() []*model.Batch { return append(logs(), spans()...) })
	for _, f := range []storage.Field{
		{Place: storage.Body},
		{Place: storage.Stream, Key: "app"},
		{Place: storage.Stream, Key: "service.name"},
		{Place: storage.ScopeVersion},
		{Place: storage.Attr, Key: "level"},
		{Place: storage.Attr, Key: "mixed"},
		{Place: storage.Attr, Key: "tags"},
		{Place: storage.Attr, Key: "none"},
		{Place: storage.Kind},
		{Place: storage.Status},
		{Place: storage.EventName},
		{Place: storage.EventAttr, Key: "exception.type"},
		{Place: storage.LinkTraceID},
		{Place: storage.TraceID},
	} {
		for _, where := range []storage.Predicate{
			nil,
			storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Ne, Value: model.String("web")},
			storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "2"},
		} {
			for _, sig := range []model.Signal{model.Logs, model.Spans} {
				for _, limit := range []int{0, 2} {
					r := storage.ValuesRequest{Signal: sig, Range: model.AllTime(), Field: f, Where: where, Limit: limit}
					want, err := m.Values(t.Context(), r)
					require.NoError(t, err)
					got, err := s.Values(t.Context(), r)
					require.NoError(t, err)
					require.Equal(t, want, got, "%v values of %v where %v", sig, f, where)
				}
			}
		}
	}
}

func testConcurrent(t *testing.T, s Store, settle func(Store) Store) {
	const writers, batches, rows = 8, 10, 25
	var wg sync.WaitGroup
	errs := make(chan error, writers*batches)
	for w := range writers {
		wg.Go(func() {
			for n := range batches {
				bd := model.NewBuilder(model.Logs, rows)
				st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "writer", Value: model.Int(int64(w))}}})
				for i := range rows {
					bd.Row(st, base+int64(n), strings.Join([]string{fmt.Sprint(w), fmt.Sprint(n), fmt.Sprint(i)}, "/"))
				}
				errs <- s.Append(context.Background(), bd.Batch())
				for _, err := range s.Scan(context.Background(), all(model.Logs)) {
					if err != nil {
						errs <- err
					}
					break
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	var all1 []error
	for err := range errs {
		all1 = append(all1, err)
	}
	require.NoError(t, errors.Join(all1...))
	s = settle(s)
	seen := map[string]int{}
	for _, r := range Rows(t, s, all(model.Logs)) {
		seen[r.Body]++
	}
	require.Len(t, seen, writers*batches*rows)
	for body, n := range seen {
		require.Equal(t, 1, n, body)
	}
}
