package services

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Comparison is how the spans of two selections differ.
type Comparison struct {
	// Spans of each that were looked at: the newest, at most 10,000.
	Selected int `json:"selected"`
	Baseline int `json:"baseline"`

	Attributes []Difference `json:"attributes"` // those that differ most first
}

// A Difference is an attribute whose values are distributed differently.
type Difference struct {
	Attribute string       `json:"attribute"` // as in TraceQL: resource.x, span.x, name, kind, status, duration
	Score     float64      `json:"score"`     // 0 to 1: half the sum of the differences of shares
	Values    []ValueShare `json:"values"`    // those that differ most first; "" is spans without the attribute
}

// A ValueShare is the part of spans that have a value.
type ValueShare struct {
	Value    string  `json:"value"`
	Selected float64 `json:"selected"` // 0 to 1
	Baseline float64 `json:"baseline"`
}

const (
	maxCompared  = 10_000 // spans of a selection
	maxKeyValues = 1000   // values of an attribute that are kept apart
	maxShown     = 5      // values of an attribute in the answer
)

// Compare compares spans in r that satisfy selected with those that satisfy
// baseline, or with all others if that is nil, and returns the limit
// attributes that differ most. Attributes with as many values as spans, such
// as ids, score nothing by themselves: they say only that spans are different.
func (s *Services) Compare(ctx context.Context, r model.Range, selected, baseline storage.Predicate, limit int) (*Comparison, error) {
	if baseline == nil {
		baseline = storage.Not{P: selected}
	}
	a, err := s.distribution(ctx, r, selected)
	if err != nil {
		return nil, err
	}
	b, err := s.distribution(ctx, r, baseline)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Selected: a.spans, Baseline: b.spans, Attributes: []Difference{}}
	if a.spans == 0 || b.spans == 0 {
		return c, nil
	}
	keys := map[string]bool{}
	for key := range a.values {
		keys[key] = true
	}
	for key := range b.values {
		keys[key] = true
	}
	for key := range keys {
		if d, ok := difference(key, a, b); ok {
			c.Attributes = append(c.Attributes, d)
		}
	}
	slices.SortFunc(c.Attributes, func(x, y Difference) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.Attribute, y.Attribute))
	})
	c.Attributes = c.Attributes[:min(limit, len(c.Attributes))]
	return c, nil
}

// A distribution is how often which value occurs.
type distribution struct {
	spans  int
	values map[string]map[string]int // by attribute
	full   map[string]bool           // attributes with more values than are kept apart
}

func (d *distribution) add(key, value string) {
	m := d.values[key]
	if m == nil {
		m = map[string]int{}
		d.values[key] = m
	}
	if _, ok := m[value]; !ok && len(m) >= maxKeyValues {
		d.full[key] = true
		return
	}
	m[value]++
}

func (s *Services) distribution(ctx context.Context, r model.Range, where storage.Predicate) (*distribution, error) {
	d := &distribution{values: map[string]map[string]int{}, full: map[string]bool{}}
	scan := storage.Scan{
		Signal: model.Spans, Range: r, Where: where, Reverse: true, Limit: maxCompared,
		Project: &storage.Projection{Body: true, EveryAttr: true, Tree: true},
	}
	for b, err := range s.opts.Events.Scan(ctx, scan) {
		if err != nil {
			return nil, err
		}
		d.spans += b.Len()
		for i := range b.Len() {
			d.add("name", b.Body[i])
			d.add("kind", b.Spans.Kind[i].String())
			d.add("status", b.Spans.Status[i].String())
			d.add("duration", powerOfTwo(b.Spans.Duration[i]))
			for _, a := range b.Stream(i).Attrs {
				d.add("resource."+a.Key, a.Value.Text())
			}
		}
		for _, col := range b.Attrs {
			at := col.Cursor()
			for i := range b.Len() {
				if v := at.At(i); !v.IsNone() {
					d.add("span."+col.Key, v.Text())
				}
			}
		}
	}
	return d, nil
}

// powerOfTwo names the range of durations from a power of two of microseconds
// to the next.
func powerOfTwo(ns int64) string {
	us := uint64(ns / 1000)
	if us == 0 {
		return "<1µs"
	}
	low := time.Duration(1<<(bits.Len64(us)-1)) * time.Microsecond
	return low.String() + "–" + (2 * low).String()
}

// difference compares one attribute; ok is false if there is nothing to say.
func difference(key string, a, b *distribution) (d Difference, ok bool) {
	if a.full[key] || b.full[key] {
		return d, false
	}
	d.Attribute = key
	all := map[string]bool{}
	without := [2]int{a.spans, b.spans}
	for i, m := range []map[string]int{a.values[key], b.values[key]} {
		for v, n := range m {
			all[v] = true
			without[i] -= n
		}
	}
	if len(all) > 10 && len(all) > (a.spans+b.spans)/2 {
		return d, false // about as many values as spans
	}
	add := func(value string, n, m int) {
		v := ValueShare{value, float64(n) / float64(a.spans), float64(m) / float64(b.spans)}
		d.Score += math.Abs(v.Selected-v.Baseline) / 2
		d.Values = append(d.Values, v)
	}
	for v := range all {
		add(v, a.values[key][v], b.values[key][v])
	}
	if without[0] > 0 || without[1] > 0 {
		add("", without[0], without[1])
	}
	gap := func(v ValueShare) float64 { return math.Abs(v.Selected - v.Baseline) }
	slices.SortFunc(d.Values, func(x, y ValueShare) int { return cmp.Or(cmp.Compare(gap(y), gap(x)), cmp.Compare(x.Value, y.Value)) })
	d.Values = d.Values[:min(maxShown, len(d.Values))]
	return d, d.Score > 0
}
