package traceql

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// The store counts spans without yielding them. A pipeline whose filters it can
// judge exactly, and whose groups and measure it keeps, is computed from its
// numbers; any other from spans. Both count a span as often as it came in.

// maxValues bounds how many values of a measured attribute make it worth while
// to have the store count each, for histograms.
const maxValues = 4096

// How exemplars are looked for: in so many parts of the range, among so many
// spans for each one wanted.
const (
	exemplarParts    = 8
	scannedExemplars = 4
)

// A pushdown is a pipeline as the store computes it.
type pushdown struct {
	storage.Aggregate
	groups  []groupParts // of MetricFn.By
	measure int          // the field of By that is measured, for histograms; else -1
}

// groupParts are the fields of Aggregate.By that an attribute is made of, as
// indexes.
type groupParts struct {
	attr   Attribute
	fields []int
}

// aggregated computes the pipeline from numbers of the store and reports
// whether it could.
func (m *metricsRun) aggregated(ctx context.Context, e *MetricPipeline, c *collector) (bool, error) {
	p, ok := c.pushdown(e.Pipeline)
	if !ok {
		return false, nil
	}
	groups, err := m.e.src.Aggregate(ctx, p.Aggregate)
	if errors.Is(err, storage.ErrTooManyGroups) {
		return false, nil // scanning tells which limit that is, if any
	}
	if err == nil {
		err = m.e.checkRows(m.stats)
	}
	if err != nil {
		return false, fmt.Errorf("aggregate spans: %w", err)
	}
	for _, g := range groups {
		if err := c.merge(p, g); err != nil {
			return false, err
		}
	}
	return true, m.findExemplars(ctx, e, c)
}

// pushdown returns the pipeline as an Aggregate; ok is false if there is none.
func (c *collector) pushdown(e *Pipeline) (p *pushdown, ok bool) {
	n := c.n
	if n.trace || n.fetch.matters || n.fetch.nothing || c.compare != nil {
		return nil, false
	}
	where := storage.And{}
	for _, s := range e.Stages {
		f, isFilter := s.(*Filter)
		if !isFilter {
			return nil, false
		}
		w, exact := n.exact(f)
		if !exact {
			return nil, false
		}
		if w != nil {
			where = append(where, w)
		}
	}
	p = &pushdown{measure: -1, Aggregate: storage.Aggregate{
		Signal: model.Spans, Range: c.m.g.spans(), Stats: c.m.stats, MaxGroups: c.m.e.limits.MaxSeries,
	}}
	p.Origin, p.Step = p.Range.Start, c.m.g.step
	for _, a := range c.fn.By {
		fields := groupFields(a)
		if len(fields) == 0 {
			return nil, false
		}
		part := groupParts{attr: a}
		for _, f := range fields {
			part.fields = append(part.fields, len(p.By))
			p.By = append(p.By, f)
		}
		p.groups = append(p.groups, part)
	}
	if !c.counts() {
		w, ok := c.measured(p)
		if !ok {
			return nil, false
		}
		where = append(where, w...)
	}
	p.Where = simplify(where)
	return p, true
}

// measured adds what the function measures, and returns what spans must have
// to be measured.
func (c *collector) measured(p *pushdown) (storage.And, bool) {
	a := *c.fn.Attr
	fields := groupFields(a)
	if len(fields) != 1 || a.Intrinsic != NoIntrinsic && a.Intrinsic != IntrinsicDuration {
		return nil, false
	}
	f := fields[0]
	ints := storage.Compare{Field: f, Op: storage.Ge, Value: model.Int(math.MinInt64)}
	floats := storage.Compare{Field: f, Op: storage.Ge, Value: model.Float(math.Inf(-1))} // all but NaN
	switch t := columnOf(a); {
	case c.buckets() && a.Intrinsic == IntrinsicDuration:
		return nil, false // as many values as spans
	case c.buckets():
		p.measure = len(p.By)
		p.By = append(p.By, f)
		p.MaxGroups = maxValues
		return storage.And{ints}, t == TypeNil || t == TypeInt
	case a.Intrinsic == IntrinsicDuration:
		p.Of = &f
		return nil, true
	case t == TypeInt:
		p.Of = &f
		return storage.And{ints}, true
	case t != TypeNil:
		return nil, false
	}
	p.Of = &f
	return storage.And{storage.Or{ints, floats}}, true
}

// groupFields returns where storage keeps what spans are grouped by: of an
// unscoped attribute the span's, then the resource's.
func groupFields(a Attribute) []storage.Field {
	switch {
	case a.ofEvent() || a.ofLink() || a.ofTrace():
		return nil // several values a span, or none of its own
	case a.Intrinsic == IntrinsicSpanID || a.Intrinsic == IntrinsicParentID || a.Intrinsic == IntrinsicTraceID:
		return nil // as many values as spans
	}
	return fieldsOf(a)
}

// storedGroup returns the value a span is grouped by, from those of
// groupFields.
func storedGroup(a Attribute, vals []model.Value) Static {
	switch a.Intrinsic {
	case NoIntrinsic:
	case IntrinsicStatus:
		return StatusOf(model.StatusCode(vals[0].Int64()))
	case IntrinsicKind:
		return KindOf(model.SpanKind(vals[0].Int64()))
	case IntrinsicDuration:
		return Static{typ: TypeDuration, n: vals[0].Int64()}
	default:
		return StringOf(vals[0].Str())
	}
	r := resultOf(vals[0])
	switch {
	case a.Scope == ScopeResource:
		r = resourceResult(a.Name, vals[0])
	case a.Scope == ScopeNone && vals[0].IsNone():
		r = resourceResult(a.Name, vals[1])
	}
	return r.inColumn(columnOf(a)).first()
}

// merge adds a group of the store to the series it belongs to.
func (c *collector) merge(p *pushdown, g storage.Group) error {
	values := make([]Static, len(p.groups))
	for i, part := range p.groups {
		stored := make([]model.Value, len(part.fields))
		for j, f := range part.fields {
			stored[j] = g.Key[f]
		}
		values[i] = groupValue(part.attr, storedGroup(part.attr, stored))
	}
	var v Static
	if p.measure >= 0 {
		if v = resultOf(g.Key[p.measure]).first(); v.typ != TypeInt {
			return nil // an array of integers
		}
	}
	var cells *cells
	for _, b := range g.Buckets {
		n := b.Rows
		if p.Of != nil {
			n = b.Numbers // arrays of numbers are none
		}
		i := c.m.g.index(b.Start)
		if n == 0 || i < 0 {
			continue
		}
		if cells == nil {
			var err error
			if cells, err = c.groupOf(values); err != nil {
				return err
			}
		}
		unit := 1.0
		if c.seconds() {
			unit = 1e9
		}
		cell := &cells.cells[i]
		if p.measure >= 0 {
			if cell.histogram == nil {
				cell.histogram = log2Histogram{}
			}
			cell.histogram.add(v.n, n)
		}
		if cell.n == 0 || b.Min/unit < cell.least {
			cell.least = b.Min / unit
		}
		if cell.n == 0 || b.Max/unit > cell.most {
			cell.most = b.Max / unit
		}
		cell.n += n
		cell.sum += b.Sum / unit
	}
	return nil
}

// findExemplars takes exemplars from the first spans of each of some parts of
// the range, so that they spread over it.
func (m *metricsRun) findExemplars(ctx context.Context, e *MetricPipeline, c *collector) error {
	if m.exemplars <= 0 || len(c.order) == 0 {
		return nil
	}
	all := m.g.spans()
	parts := int64(min(m.exemplars, m.g.n, exemplarParts))
	each := m.exemplars / int(parts)
	for i := range parts {
		length := (all.End - all.Start) / parts
		r := model.Range{Start: all.Start + i*length, End: all.Start + (i+1)*length}
		if i == parts-1 {
			r.End, each = all.End, m.exemplars
		}
		if err := m.exemplarsIn(ctx, r, each, e.Pipeline, c); err != nil {
			return fmt.Errorf("find exemplars: %w", err)
		}
	}
	return nil
}

// exemplarsIn takes up to n exemplars from a part of the range.
func (m *metricsRun) exemplarsIn(ctx context.Context, r model.Range, n int, p *Pipeline, c *collector) error {
	left := m.exemplars - n
	where, _ := c.n.candidates(p)
	scan := storage.Scan{
		Signal: model.Spans, Range: r, Where: where, Project: c.n.projection(), Limit: scannedExemplars * n, Stats: m.stats,
	}
	for b, err := range m.e.src.Scan(ctx, scan) {
		if err != nil {
			return err
		}
		spans := spansOf(b)
		for i := range spans {
			s := &spans[i]
			v, ok := c.value(s)
			if !ok || !c.n.passes(p, s) {
				continue
			}
			g, err := c.groupOf(c.groupValues(s))
			if err != nil {
				return err
			}
			x := v.Float()
			if c.seconds() {
				x /= 1e9
			}
			if c.exemplify(g, s, x); m.exemplars == left {
				return nil
			}
		}
	}
	return nil
}
