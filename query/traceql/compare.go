package traceql

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// A comparison gathers the spans of compare(): for each attribute, how often
// each value occurs among the spans selected and among the others.
type comparison struct {
	m      *metricsRun
	n      *needs
	fn     *MetricFn
	values map[comparedValue][]float64 // counts by interval
	totals map[comparedTotal][]float64
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
	sub := &subject{Span: s}
	for _, in := range comparedIntrinsics {
		c.count(meta, Attribute{Intrinsic: in}, sub.intrinsic(in), i)
	}
	each := func(scope Scope, attrs []model.Attr) {
		for _, a := range attrs {
			c.count(meta, Attribute{Scope: scope, Name: a.Key}, resultOf(a.Value).one, i)
		}
	}
	each(ScopeSpan, s.Attrs)
	each(ScopeResource, s.Stream.Attrs)
	each(ScopeInstrumentation, s.Stream.ScopeAttrs)
}

func (c *comparison) count(meta string, a Attribute, v Static, i int) {
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
	c.values[k][i]++
	c.totals[t][i]++
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
