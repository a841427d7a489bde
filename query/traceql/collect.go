package traceql

import (
	"fmt"
	"math"
	"strings"
	"unsafe"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A collector gathers spans into the series of a metrics function.
type collector struct {
	m       *metricsRun
	n       *needs
	fn      *MetricFn
	groups  map[string]*cells
	order   []*cells
	compare *comparison // of compare() only
}

// cells are a group's intervals.
type cells struct {
	labels    []Label
	cells     []cell
	exemplars []Exemplar
}

// A cell is what is known of the spans of one interval.
type cell struct {
	n         int64
	sum       float64
	least     float64
	most      float64
	histogram log2Histogram
}

func newCollector(m *metricsRun, n *needs, fn *MetricFn) *collector {
	c := &collector{m: m, n: n, fn: fn, groups: map[string]*cells{}}
	if fn.Selection != nil {
		c.compare = newComparison(m, n, fn)
	}
	return c
}

// counts reports whether the function measures nothing.
func (c *collector) counts() bool { return c.fn.Attr == nil }

// buckets reports whether the function needs histograms.
func (c *collector) buckets() bool {
	return c.fn.Name == "quantile_over_time" || c.fn.Name == "histogram_over_time"
}

func (c *collector) add(s *Span, i int) error {
	if c.compare != nil {
		c.compare.add(s, i)
		return nil
	}
	v, ok := c.value(s)
	if !ok {
		return nil
	}
	g, err := c.groupOf(c.groupValues(s))
	if err != nil {
		return err
	}
	cell := &g.cells[i]
	x := v.Float()
	if c.seconds() {
		x /= 1e9
	}
	if c.buckets() {
		if cell.histogram == nil {
			cell.histogram = log2Histogram{}
		}
		cell.histogram.add(v.n, 1)
	}
	if cell.n == 0 || x < cell.least {
		cell.least = x
	}
	if cell.n == 0 || x > cell.most {
		cell.most = x
	}
	cell.n++
	cell.sum += x
	c.exemplify(g, s, x)
	return nil
}

// value returns what is measured of a span, if it has that.
func (c *collector) value(s *Span) (v Static, ok bool) {
	if c.counts() {
		return v, true
	}
	v = c.n.measure(*c.fn.Attr, s)
	switch v.typ {
	case TypeInt, TypeDuration:
		return v, true
	case TypeFloat:
		return v, !c.buckets() && !math.IsNaN(v.Float())
	}
	return v, false
}

// seconds reports whether what is measured is told in seconds. Tempo does so
// of the span's duration alone; other durations stay nanoseconds, but in the
// bounds of buckets.
func (c *collector) seconds() bool {
	return !c.counts() && c.fn.Attr.Intrinsic == IntrinsicDuration
}

// measure returns what a span's attribute measures; arrays measure nothing, and
// a missing event begins 0 ns after its span.
func (n *needs) measure(a Attribute, s *Span) Static {
	var out Static
	n.subjects(s, func(sub *subject) bool {
		if a.Intrinsic != NoIntrinsic {
			out = sub.intrinsic(a.Intrinsic)
		} else {
			out = sub.attribute(a).inColumn(columnOf(a)).first()
		}
		return !out.IsNil()
	})
	if out.IsNil() && a.Intrinsic == IntrinsicEventTime {
		return zero(TypeDuration)
	}
	return out
}

func (c *collector) exemplify(g *cells, s *Span, x float64) {
	if c.m.exemplars <= 0 || len(g.exemplars) >= maxSeriesExemplars {
		return
	}
	if c.counts() {
		x = float64(s.Duration) / 1e9
	}
	c.m.exemplars--
	g.exemplars = append(g.exemplars, Exemplar{
		Labels: []Label{{intrinsicNames[IntrinsicTraceID], StringOf(s.TraceID.String())}}, Value: x, Time: s.Start,
	})
}

// maxSeriesExemplars leaves some for the other series.
const maxSeriesExemplars = 10

// groupValues returns what a span is grouped by.
func (c *collector) groupValues(s *Span) []Static {
	values := make([]Static, len(c.fn.By))
	for i, a := range c.fn.By {
		values[i] = groupValue(a, c.n.measure(a, s))
	}
	return values
}

// groupValue returns what a value of an attribute is grouped as.
func groupValue(a Attribute, v Static) Static {
	switch {
	case a.Scope == ScopeResource && a.Name == serviceName && v.typ != TypeString:
		return StringOf("") // a service has a name, or none
	case v.IsNil() && a.Intrinsic != NoIntrinsic:
		return zero(intrinsicTypes[a.Intrinsic])
	}
	return v
}

// groupOf returns the cells of the group with these values.
func (c *collector) groupOf(values []Static) (*cells, error) {
	var key strings.Builder
	for _, v := range values {
		key.WriteString(v.typ.String() + "\x00" + v.Text() + "\x00")
	}
	if g := c.groups[key.String()]; g != nil {
		return g, nil
	}
	if most := c.m.e.limits.MaxSeries; most > 0 && len(c.order) >= most {
		return nil, fmt.Errorf("query has more than %d groups; group by less or raise query.max_series: %w", most, fault.ErrLimit)
	}
	if most := c.m.e.limits.MaxMemory; most > 0 && int64(len(c.order)+1)*int64(c.m.g.n)*int64(unsafe.Sizeof(cell{})) > most {
		return nil, fmt.Errorf("query gathers more than %d bytes; group by less, raise its step, or raise query.max_memory: %w", most, fault.ErrLimit)
	}
	g := &cells{labels: c.labels(values), cells: make([]cell, c.m.g.n)}
	c.groups[key.String()] = g
	c.order = append(c.order, g)
	return g, nil
}

// labels drops the groups that are nil, unless all are.
func (c *collector) labels(values []Static) []Label {
	var out []Label
	for i, v := range values {
		if !v.IsNil() {
			out = append(out, Label{c.fn.By[i].label(), v})
		}
	}
	if len(out) == 0 && len(values) > 0 {
		return []Label{{c.fn.By[0].label(), StringOf("nil")}}
	}
	return out
}

func (c *collector) series() []*Series {
	if c.compare != nil {
		return c.compare.series()
	}
	if len(c.order) == 0 && c.counts() && len(c.fn.By) == 0 {
		c.order = []*cells{{cells: make([]cell, c.m.g.n)}}
	}
	var out []*Series
	for _, g := range c.order {
		switch c.fn.Name {
		case "quantile_over_time":
			out = append(out, c.quantiles(g)...)
		case "histogram_over_time":
			out = append(out, c.histogram(g)...)
		default:
			s := &Series{Labels: g.labels, Points: c.points(g), Exemplars: g.exemplars}
			if len(c.fn.By) == 0 {
				s.Labels = []Label{{nameLabel, StringOf(c.fn.Name)}}
			}
			out = append(out, s)
		}
	}
	return out
}

func (c *collector) points(g *cells) []float64 {
	out := make([]float64, len(g.cells))
	for i, x := range g.cells {
		switch {
		case c.fn.Name == "count_over_time":
			out[i] = float64(x.n)
		case c.fn.Name == "rate":
			out[i] = float64(x.n) / (float64(c.m.g.step) / 1e9)
		case x.n == 0:
			out[i] = math.NaN()
		case c.fn.Name == "min_over_time":
			out[i] = x.least
		case c.fn.Name == "max_over_time":
			out[i] = x.most
		case c.fn.Name == "avg_over_time":
			out[i] = x.sum / float64(x.n)
		case c.fn.Name == "sum_over_time":
			out[i] = x.sum
		}
	}
	return out
}

// unit is what a bucket's bound is divided by.
func (c *collector) unit() float64 {
	if t, _ := typeOf(*c.fn.Attr); t == TypeDuration {
		return 1e9
	}
	return 1
}

func (c *collector) quantiles(g *cells) []*Series {
	out := make([]*Series, len(c.fn.Quantiles))
	for i, p := range c.fn.Quantiles {
		s := &Series{Labels: append([]Label{{"p", FloatOf(p)}}, g.labels...), Points: make([]float64, len(g.cells))}
		for j := range g.cells {
			s.Points[j] = g.cells[j].histogram.quantile(p) / c.unit()
		}
		out[i] = s
	}
	if len(out) > 0 {
		out[0].Exemplars = g.exemplars
	}
	return out
}

func (c *collector) histogram(g *cells) []*Series {
	byExponent := map[int]*Series{}
	var out []*Series
	for j := range g.cells {
		for e, n := range g.cells[j].histogram {
			s := byExponent[e]
			if s == nil {
				bound := FloatOf(math.Pow(2, float64(e)) / c.unit())
				s = &Series{Labels: append([]Label{{"__bucket", bound}}, g.labels...), Points: make([]float64, len(g.cells))}
				byExponent[e] = s
				out = append(out, s)
			}
			s.Points[j] = float64(n)
		}
	}
	if len(out) > 0 {
		sortSeries(out)
		out[len(out)-1].Exemplars = g.exemplars
	}
	return out
}
