package tracediff_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/tracediff"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A span is one of a test's trace. Times are ms.
type span struct {
	id, parent    byte
	service, name string
	start, took   int64
	failed        bool
	attrs         []model.Attr
}

const t0 = 1_700_000_000_000 // ms

// traceOf makes a trace; n makes its id.
func traceOf(t *testing.T, n byte, spans ...span) *traceql.Trace {
	t.Helper()
	bd := model.NewBuilder(model.Spans, len(spans))
	for _, s := range spans {
		st := &model.Stream{}
		if s.service != "" {
			st.Attrs = []model.Attr{{Key: "service.name", Value: model.String(s.service)}}
		}
		out := model.Span{
			TraceID: model.TraceID{15: n}, SpanID: model.SpanID{7: s.id}, ParentID: model.SpanID{7: s.parent}, Kind: model.SpanServer,
			Name: s.name, Start: (t0 + s.start) * 1e6, Duration: s.took * 1e6,
		}
		if s.start < 0 {
			out.Start = 0
		}
		if s.failed {
			out.Status = model.StatusError
		}
		bd.Span(bd.Stream(st), out)
		for _, a := range s.attrs {
			bd.Attr(a.Key, a.Value)
		}
	}
	traces := traceql.Assemble(bd.Batch())
	require.Len(t, traces, 1)
	return traces[0]
}

func diff(t *testing.T, base, compare []span) *tracediff.Diff {
	t.Helper()
	d, err := tracediff.Of(traceOf(t, 1, base...), traceOf(t, 2, compare...))
	require.NoError(t, err)
	return d
}

func attr(key string, v model.Value) model.Attr { return model.Attr{Key: key, Value: v} }

// TestDocuments compares both documents of a checkout that lost its cache with
// what is written by hand.
func TestDocuments(t *testing.T) {
	d := diff(t, []span{
		{id: 1, service: "web", name: "GET /cart", took: 100, attrs: []model.Attr{attr("http.response.status_code", model.Int(200)), attr("user", model.String("ann"))}},
		{id: 2, parent: 1, service: "cart", name: "load", start: 10, took: 30},
		{id: 3, parent: 2, service: "cache", name: "get", start: 12, took: 5},
		{id: 4, parent: 1, service: "mail", name: "send", start: 50, took: 10, failed: true},
	}, []span{
		{id: 0x11, service: "web", name: "GET /cart", took: 180, attrs: []model.Attr{attr("http.response.status_code", model.Int(500)), attr("region", model.String("eu"))}, failed: true},
		{id: 0x12, parent: 0x11, service: "cart", name: "load", start: 10, took: 31},
		{id: 0x13, parent: 0x12, service: "db", name: "select", start: 12, took: 100},
		{id: 0x14, parent: 0x11, service: "mail", name: "send", start: 130, took: 10},
	})
	both, err := d.Composed()
	require.NoError(t, err)
	require.Nil(t, both.PatchOmitted)
	got, err := json.Marshal(both)
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join("testdata", "checkout.json"))
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
}

func TestATraceDoesNotDifferFromItself(t *testing.T) {
	spans := []span{
		{id: 1, service: "web", name: "a", took: 10, attrs: []model.Attr{
			attr("nan", model.Float(math.NaN())), attr("list", model.Array(`[1,"x"]`)), attr("raw", model.Bytes("\x00")),
		}},
		{id: 2, parent: 1, name: "b", took: 10},
	}
	d := diff(t, spans, spans)
	p := d.Patch()
	require.Equal(t, tracediff.Counts{SpanCountA: 2, SpanCountB: 2, MatchedSpans: 2}, p.Stats)
	s := d.Summary()
	require.Equal(t, tracediff.Trust{MatchedSpanRatio: 1, StructureOverlap: 1}, s.Trust)
	require.Equal(t, tracediff.Signals{"unchanged", "unchanged", "unchanged", "unchanged", "unchanged"}, s.Signals)
	b, err := json.Marshal([]any{p.Modified, p.Added, p.Removed, p.Warnings, s.ChangedServices, s.Services})
	require.NoError(t, err)
	require.Equal(t, "[[],[],[],[],[],[]]", string(b), "lists are never null")
}

// words says in short what a patch does.
func words(p *tracediff.Patch) string {
	var out []string
	for _, m := range p.Modified {
		for _, c := range m.Changes {
			out = append(out, fmt.Sprintf("%s%v %s %s%s: %v>%v", m.Span.Name, m.Span.Path, c.Op, c.Target.Name, c.Target.Key, c.Before, c.After))
		}
	}
	for _, a := range p.Added {
		out = append(out, fmt.Sprintf("add %s%v under %v at %d", a.Span.Name, a.Span.Path, a.Target.ParentPath, *a.Target.Index))
	}
	for _, r := range p.Removed {
		out = append(out, fmt.Sprintf("remove %s%v", r.Span.Name, r.Target.Path))
	}
	return strings.Join(out, "; ")
}

func TestSpansAreMatched(t *testing.T) {
	root := span{id: 1, service: "s", name: "root", took: 100}
	child := func(id, parent byte, name string, start int64) span {
		return span{id: id, parent: parent, service: "s", name: name, start: start, took: 10}
	}
	failed := func(s span) span { s.failed = true; return s }
	in := func(s span, service string) span { s.service = service; return s }
	for rule, tt := range map[string]struct {
		base, compare []span
		want          string
	}{
		"whatever their ids": {[]span{root}, []span{{id: 9, service: "s", name: "root", took: 100}}, ""},
		"in order, the last ones being left": {
			[]span{root, child(2, 1, "a", 1), child(3, 1, "a", 2)},
			[]span{root, failed(child(2, 1, "a", 1))},
			"a[0 0] modify status: unset>error; remove a[0 1]",
		},
		"those of the same parent first": {
			[]span{root, child(2, 1, "x", 1), child(3, 2, "q", 2), child(4, 1, "y", 10), failed(child(5, 4, "q", 11))},
			[]span{root, child(4, 1, "y", 10), failed(child(5, 4, "q", 11)), child(2, 1, "x", 20), child(3, 2, "q", 21)},
			"",
		},
		"those of another parent then": {
			[]span{root, child(2, 1, "q", 1)},
			[]span{root, child(2, 1, "new", 1), child(3, 2, "q", 2)},
			"add new[0 0] under [0] at 0",
		},
		"never across services": {[]span{root}, []span{in(root, "t")}, "add root[0] under [] at 0; remove root[0]"},
		"by the span's own service": {
			[]span{in(root, "t")},
			[]span{{id: 1, service: "s", name: "root", took: 100, attrs: []model.Attr{attr("service.name", model.String("t"))}}},
			"root[0] add service.name: <nil>>t",
		},
		"orphans as if they had no parent": {[]span{root, child(2, 77, "lost", 5)}, []span{root}, "remove lost[1]"},
		"those that are each other's parents": {
			[]span{root, child(2, 3, "x", 5), child(3, 2, "y", 6)}, []span{root}, "remove x[1]; remove y[1 0]",
		},
	} {
		t.Run(rule, func(t *testing.T) { require.Equal(t, tt.want, words(diff(t, tt.base, tt.compare).Patch())) })
	}
}

func TestDurationsAreComparedLoosely(t *testing.T) {
	for _, tt := range []struct {
		was, is int64 // ms; negative for a span without a start
		want    string
	}{
		{100, 125, ""},
		{100, 80, ""},
		{1, 2, ""},
		{100, 127, "a[0] modify duration_nanos: 100000000>127000000"},
		{100, 78, "a[0] modify duration_nanos: 100000000>78000000"},
		{-1, 5, "a[0] modify duration_nanos: <nil>>5000000"},
		{5, -1, "a[0] modify duration_nanos: 5000000><nil>"},
		{-1, -1, ""},
	} {
		of := func(ms int64) []span {
			if ms < 0 {
				return []span{{id: 1, service: "s", name: "a", start: -1, took: 7}}
			}
			return []span{{id: 1, service: "s", name: "a", took: ms}}
		}
		d := diff(t, of(tt.was), of(tt.is))
		require.Equal(t, tt.want, words(d.Patch()), "%d to %d ms", tt.was, tt.is)
		bad := 0
		for _, w := range d.Patch().Warnings {
			require.Equal(t, "invalid_duration", w.Code)
			bad++
		}
		require.Equal(t, int(min(0, tt.was)+min(0, tt.is)), -bad, "one for each side")
	}
}

func TestValuesAreCompared(t *testing.T) {
	const size = "http.response.body.size"
	for _, tt := range []struct {
		key     string
		was, is model.Value
		same    bool
	}{
		{"a", model.String("x"), model.String("x"), true},
		{"a", model.String("x"), model.String("y"), false},
		{"a", model.Int(1), model.Float(1), true},
		{"a", model.Int(1), model.Int(2), false},
		{"a", model.Int(1), model.String("1"), false},
		{"a", model.Int(1 << 60), model.Int(1<<60 + 1), false},
		{"a", model.Float(0), model.Float(math.Copysign(0, -1)), true},
		{"a", model.Float(math.Inf(1)), model.Float(math.Inf(1)), true},
		{"a", model.Bool(true), model.Bool(false), false},
		{"a", model.Array(`[1,2]`), model.Array(`[1.0,2]`), true},
		{"a", model.Array(`[1,2]`), model.Array(`[2,1]`), false},
		{"a", model.Map(`{"x":1,"y":[1]}`), model.Map(`{"y":[1],"x":1.0}`), true},
		{"a", model.Map(`{"x":1}`), model.Array(`[1]`), false},
		{"a", model.Array(`[1152921504606846976]`), model.Array(`[1152921504606846977]`), false},
		{"a", model.Bytes("x"), model.String("x"), false},
		{"port", model.Int(1000), model.Int(1001), false},
		{size, model.Int(1000), model.Int(1050), true},
		{size, model.Int(1000), model.Int(1060), false},
		{size, model.Float(1000), model.Int(1040), true},
		{size, model.Int(0), model.Int(1), false},
		{size, model.Int(1000), model.String("1000"), false},
	} {
		of := func(v model.Value) []span { return []span{{id: 1, name: "a", attrs: []model.Attr{attr(tt.key, v)}}} }
		p := diff(t, of(tt.was), of(tt.is)).Patch()
		require.Equal(t, tt.same, p.Stats.AttributeChanges == 0, "%s: %v and %v", tt.key, tt.was.Text(), tt.is.Text())
		_, err := json.Marshal(p)
		require.NoError(t, err)
	}
}

func TestValuesAreShown(t *testing.T) {
	for want, v := range map[string]model.Value{
		`"x"`: model.String("x"), `5`: model.Int(5), `0.5`: model.Float(0.5), `true`: model.Bool(true), `"AQI="`: model.Bytes("\x01\x02"),
		`"NaN"`: model.Float(math.NaN()), `"+Inf"`: model.Float(math.Inf(1)), `"-Inf"`: model.Float(math.Inf(-1)),
		`[1,"a",{"b":1152921504606846977}]`: model.Array(`[1,"a",{"b":1152921504606846977}]`), `null`: {},
	} {
		p := diff(t, []span{{id: 1, name: "a"}}, []span{{id: 1, name: "a", attrs: []model.Attr{attr("k", v)}}}).Patch()
		if v.IsNone() { // which is no attribute
			require.Empty(t, p.Modified)
			continue
		}
		got, err := json.Marshal(p.Modified[0].Changes[0])
		require.NoError(t, err)
		require.JSONEq(t, `{"op":"add","target":{"type":"attribute","scope":"span","key":"k"},"before":null,"after":`+want+`}`, string(got))
	}
}

func TestNamesThatSeemToHaveAnID(t *testing.T) {
	for name, want := range map[string]bool{
		"GET /users/123456": true, "GET /users/12345": false, "job 550e8400-e29b-41d4-a716-446655440000": true,
		"feedface": true, "feedfac": false, "order-1234567x": false, "dead-beef-12x": true, "a-b-c": false, "": false, "---": false,
		"decade facade": false, "user_123456": false, "GET /v1/items": false, "/ABCDEF01/": true, "grün 987654": true,
	} {
		p := diff(t, []span{{id: 1, name: name}}, []span{{id: 1, name: name}, {id: 2, name: name}}).Patch()
		require.Equal(t, want, len(p.Warnings) == 1 && p.Warnings[0].Code == "high_cardinality_span_name", "%q: %v", name, p.Warnings)
	}
}

func TestServicesThatDriftAreFoundWithoutAChange(t *testing.T) {
	var base, compare []span
	base = append(base, span{id: 1, service: "web", name: "root", took: 100})
	compare = append(compare, base[0])
	for i := range byte(20) {
		base = append(base, span{id: 2 + i, parent: 1, service: "db", name: "select", start: int64(i), took: 5})
		compare = append(compare, span{id: 2 + i, parent: 1, service: "db", name: "select", start: int64(i), took: 6})
	}
	d := diff(t, base, compare)
	require.Empty(t, d.Patch().Modified)
	s := d.Summary()
	require.Equal(t, []string{"db"}, s.ChangedServices)
	require.Equal(t, []tracediff.Service{{Name: "db", SumSpanDurationDeltaMs: 20}}, s.Services)
	require.Equal(t, "increased", s.Signals.SumSpanDuration)
	require.Equal(t, "unchanged", s.Signals.Structure)
}

func TestASpanThatMovedChangesTheStructureAlone(t *testing.T) {
	base := []span{{id: 1, service: "web", name: "root", took: 9}, {id: 2, parent: 1, service: "a", name: "x", took: 2}, {id: 3, parent: 1, name: "y", took: 2}}
	compare := append([]span{}, base...)
	compare[2].parent = 2
	s := diff(t, base, compare).Summary()
	require.Equal(t, "changed", s.Signals.Structure)
	require.Equal(t, []string{"<unknown>"}, s.ChangedServices)
	require.Empty(t, s.Services)
	require.Zero(t, s.Stats.ModifiedSpans)
}

func TestALargePatchIsLeftOut(t *testing.T) {
	var compare []span
	for i := range byte(200) {
		compare = append(compare, span{id: i + 1, service: "s", name: strings.Repeat("n", 400), took: 1})
	}
	d := diff(t, []span{{id: 1, service: "s", name: "a", took: 1}}, compare)
	both, err := d.Composed()
	require.NoError(t, err)
	whole, err := json.Marshal(d.Patch())
	require.NoError(t, err)
	require.Nil(t, both.Patch)
	require.Equal(t, &tracediff.Omitted{Bytes: len(whole), Reason: "over_budget"}, both.PatchOmitted)
	require.Equal(t, 200, both.Summary.Stats.AddedSpans)
}

// chain is a trace of n spans, each the parent of the next.
func chain(t *testing.T, n int) *traceql.Trace {
	bd := model.NewBuilder(model.Spans, n)
	st := bd.Stream(&model.Stream{})
	id := func(i int) model.SpanID { return model.SpanID{5: byte(i >> 16), 6: byte(i >> 8), 7: byte(i)} }
	for i := range n {
		bd.Span(st, model.Span{TraceID: model.TraceID{15: 1}, SpanID: id(i + 1), ParentID: id(i), Name: "a", Start: t0*1e6 + int64(i), Duration: 1})
	}
	return traceql.Assemble(bd.Batch())[0]
}

func TestTracesThatAreTooDeepAreRefused(t *testing.T) {
	deep := chain(t, 100_000)
	_, err := tracediff.Of(deep, deep)
	require.ErrorIs(t, err, fault.ErrLimit)
	require.ErrorContains(t, err, "nested too deeply")
	fine := chain(t, 5000)
	d, err := tracediff.Of(fine, fine)
	require.NoError(t, err)
	require.Equal(t, 5000, d.Patch().Stats.MatchedSpans)
}
