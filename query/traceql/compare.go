package traceql

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// A comparison gathers the spans of compare(): for each attribute, how often
// each value occurs among the spans selected and among the others. Of an
// attribute with a column the nil of spans without it is a value, too.
type comparison struct {
	m      *metricsRun
	n      *needs
	fn     *MetricFn
	values map[comparedValue][]float64 // counts by interval
	totals map[comparedTotal][]float64

	// Tempo reads what the filters ask of a trace or of a resource once for all
	// of its spans, and adds it once more with each span it compares: the n-th
	// span of the trace, or of the resource in the trace, counts it n+1 times.
	trace *Trace
	again map[string]float64 // spans so far, by resource; "" for the trace
}

// The kinds of series of compare(), the values of __meta_type.
const (
	metaBaseline  = "baseline"
	metaSelection = "selection"
	metaLabel     = "__meta_type"
)

type comparedTotal struct {
	meta string
	attr Attribute
}

type comparedValue struct {
	comparedTotal
	value Static
}

func newComparison(m *metricsRun, n *needs, fn *MetricFn) *comparison {
	return &comparison{m: m, n: n, fn: fn, values: map[comparedValue][]float64{}, totals: map[comparedTotal][]float64{}}
}

// inBatches returns spans in the order in which Tempo would have them: by
// resource, in the order in which those first occur, then by time.
func inBatches(spans []*Span) []*Span {
	first := map[string]int{}
	key := func(s *Span) string { return string(model.AppendAttrs(nil, s.Stream.Attrs)) }
	for _, s := range spans {
		if k := key(s); first[k] == 0 {
			first[k] = len(first) + 1
		}
	}
	out := slices.Clone(spans)
	slices.SortStableFunc(out, func(a, b *Span) int { return cmp.Compare(first[key(a)], first[key(b)]) })
	return out
}

// comparedIntrinsics are those worth comparing: they take few values.
var comparedIntrinsics = []Intrinsic{
	IntrinsicName, IntrinsicStatus, IntrinsicStatusMessage, IntrinsicKind, IntrinsicRootName, IntrinsicRootService, IntrinsicChildCount,
	IntrinsicScopeName, IntrinsicScopeVersion,
}

func (c *comparison) add(s *Span, i int) {
	meta := metaBaseline
	inTime := (c.fn.Start == 0 || s.Start >= c.fn.Start) && (c.fn.End == 0 || s.Start < c.fn.End)
	if inTime && c.n.matches(c.fn.Selection, s) {
		meta = metaSelection
	}
	if c.trace != s.trace {
		c.trace, c.again = s.trace, map[string]float64{}
	}
	resource := "resource" + string(model.AppendAttrs(nil, s.Stream.Attrs))
	c.again[""]++
	c.again[resource]++
	sub := &subject{Span: s}
	for _, in := range comparedIntrinsics {
		a := Attribute{Intrinsic: in}
		times := 1.0
		if a.ofTrace() && in != IntrinsicChildCount && c.n.fetch.conds[a] {
			times += c.again[""]
		}
		c.count(meta, a, sub.intrinsic(in), i, times)
	}
	c.attrs(meta, ScopeSpan, s.Attrs, i, 0)
	c.attrs(meta, ScopeResource, s.Stream.Attrs, i, c.again[resource])
	c.attrs(meta, ScopeInstrumentation, s.Stream.ScopeAttrs, i, 0)
	for a, t := range columns {
		if sub.attribute(a).inColumn(t).one.IsNil() {
			c.count(meta, a, StringOf("nil"), i, 1)
		}
	}
}

// attrs counts the attributes of a scope; again is how many times more those
// count that the filters ask for.
func (c *comparison) attrs(meta string, scope Scope, attrs []model.Attr, i int, again float64) {
	for _, at := range attrs {
		a := Attribute{Scope: scope, Name: at.Key}
		times := 1.0
		if c.n.fetch.conds[a] {
			times += again
		}
		r := resultOf(at.Value).inColumn(columnOf(a))
		if len(r.many) > 0 {
			r.one = StringOf("nil") // what compare() of Tempo makes of arrays
		}
		c.count(meta, a, r.one, i, times)
	}
}

func (c *comparison) count(meta string, a Attribute, v Static, i int, times float64) {
	if v.IsNil() {
		return
	}
	t := comparedTotal{meta, a}
	k := comparedValue{t, v}
	if c.values[k] == nil {
		c.values[k] = make([]float64, c.m.g.n)
	}
	if c.totals[t] == nil {
		c.totals[t] = make([]float64, c.m.g.n)
	}
	c.values[k][i] += times
	c.totals[t][i] += times
}

func (c *comparison) series() []*Series {
	var out []*Series
	byTotal := map[comparedTotal][]comparedValue{}
	for k := range c.values {
		byTotal[k.comparedTotal] = append(byTotal[k.comparedTotal], k)
	}
	for t, keys := range byTotal {
		slices.SortFunc(keys, func(a, b comparedValue) int {
			less := 1
			if a.value.less(b.value) {
				less = -1
			}
			return cmp.Or(cmp.Compare(sum(c.values[b]), sum(c.values[a])), less)
		})
		for _, k := range keys[:min(c.fn.TopN, len(keys))] {
			out = append(out, &Series{Labels: []Label{{metaLabel, StringOf(t.meta)}, {t.attr.label(), k.value}}, Points: c.values[k]})
		}
		out = append(out, &Series{Labels: []Label{{metaLabel, StringOf(t.meta + "_total")}, {t.attr.label(), StringOf("nil")}}, Points: c.totals[t]})
	}
	return out
}

func sum(xs []float64) float64 {
	t := 0.0
	for _, x := range xs {
		t += x
	}
	return t
}
