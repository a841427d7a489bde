package fold

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/schema"
	"github.com/prometheus/prometheus/util/kahansum"
)

// An aggregation makes one series of those that are alike in some labels.
type aggregation struct {
	of      node
	op      parser.ItemType
	by      []string // sorted; with the metric name, if without
	without bool
	add     func(*group, []float64) error
}

// adders are the aggregations that are known: what they do with the values of
// one more series.
var adders = map[parser.ItemType]func(*group, []float64) error{
	parser.SUM: (*group).sum, parser.AVG: (*group).average, parser.COUNT: (*group).number,
	parser.MIN: (*group).least, parser.MAX: (*group).most, parser.GROUP: (*group).one,
	parser.STDDEV: (*group).deviation, parser.STDVAR: (*group).deviation,
}

// columns is how many values a group has for each step.
var columns = map[parser.ItemType]int{parser.SUM: 2, parser.AVG: 3, parser.STDDEV: 3, parser.STDVAR: 3}

func (a *aggregation) distinct() bool {
	return a.without || !slices.ContainsFunc(a.by, schema.IsMetadataLabel)
}

// A group is the series that are alike, at each step.
type group struct {
	labels labels.Labels
	value  []float64 // absent until there is a first one
	rest   []float64 // what rounding has taken off a sum; the mean, for deviations
	count  []float64
}

func (a *aggregation) each(ev *evaluation, yield func(*series) error) error {
	var (
		groups []*group
		index  = map[string]*group{}
		key    []byte
	)
	perGroup := max(columns[a.op], 1) * ev.steps
	err := a.of.each(ev, func(s *series) error {
		key = a.key(key[:0], ev, &s.view)
		g, known := index[string(key)]
		if !known {
			if err := ev.hold(perGroup); err != nil {
				return err
			}
			g = a.newGroup(ev, &s.view)
			index[string(key)] = g
			groups = append(groups, g)
		}
		return a.add(g, s.values)
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		a.finish(g)
		if err := yield(&series{view: view{base: g.labels}, values: g.value}); err != nil {
			return err
		}
		ev.release(perGroup)
	}
	return nil
}

// key tells groups apart. No label has the byte 0xff in its value.
func (a *aggregation) key(key []byte, ev *evaluation, v *view) []byte {
	if a.without {
		whole := v.whole(ev.builder)
		return whole.BytesWithoutLabels(key, a.by...)
	}
	for _, name := range a.by {
		key = append(append(key, v.get(name)...), 0xff)
	}
	return key
}

func (a *aggregation) newGroup(ev *evaluation, v *view) *group {
	g := &group{labels: labels.EmptyLabels(), value: ev.empty()}
	if columns[a.op] >= 2 {
		g.rest = make([]float64, ev.steps)
	}
	if columns[a.op] >= 3 {
		g.count = make([]float64, ev.steps)
	}
	switch {
	case a.without:
		ev.builder.Reset(v.whole(ev.builder))
		ev.builder.Del(a.by...)
		g.labels = ev.builder.Labels()
	case len(a.by) > 0:
		ev.builder.Reset(labels.EmptyLabels())
		for _, name := range a.by {
			if value := v.get(name); value != "" {
				ev.builder.Set(name, value)
			}
		}
		g.labels = ev.builder.Labels()
	}
	return g
}

func (g *group) sum(values []float64) error {
	for i, v := range values {
		switch {
		case isAbsent(v):
		case isAbsent(g.value[i]):
			g.value[i] = v
		default:
			g.value[i], g.rest[i] = kahansum.Inc(v, g.value[i], g.rest[i])
		}
	}
	return nil
}

// average sums, too. Of sums that leave the range of floats the engine goes on in
// another way.
func (g *group) average(values []float64) error {
	for i, v := range values {
		switch {
		case isAbsent(v):
		case isAbsent(g.value[i]):
			g.value[i], g.count[i] = v, 1
		default:
			g.value[i], g.rest[i] = kahansum.Inc(v, g.value[i], g.rest[i])
			if math.IsInf(g.value[i], 0) {
				return errUnfit
			}
			g.count[i]++
		}
	}
	return nil
}

func (g *group) number(values []float64) error {
	for i, v := range values {
		switch {
		case isAbsent(v):
		case isAbsent(g.value[i]):
			g.value[i] = 1
		default:
			g.value[i]++
		}
	}
	return nil
}

func (g *group) least(values []float64) error {
	for i, v := range values {
		if !isAbsent(v) && (isAbsent(g.value[i]) || g.value[i] > v || math.IsNaN(g.value[i])) {
			g.value[i] = v
		}
	}
	return nil
}

func (g *group) most(values []float64) error {
	for i, v := range values {
		if !isAbsent(v) && (isAbsent(g.value[i]) || g.value[i] < v || math.IsNaN(g.value[i])) {
			g.value[i] = v
		}
	}
	return nil
}

func (g *group) one(values []float64) error {
	for i, v := range values {
		if !isAbsent(v) {
			g.value[i] = 1
		}
	}
	return nil
}

func (g *group) deviation(values []float64) error {
	for i, v := range values {
		switch {
		case isAbsent(v):
		case isAbsent(g.value[i]):
			g.value[i], g.rest[i], g.count[i] = 0, v, 1
			if math.IsNaN(v) || math.IsInf(v, 0) {
				g.value[i] = math.NaN()
			}
		default:
			g.count[i]++
			delta := v - g.rest[i]
			g.rest[i] += delta / g.count[i]
			g.value[i] += delta * (v - g.rest[i])
		}
	}
	return nil
}

// finish makes the values of a group out of what was added up.
func (a *aggregation) finish(g *group) {
	for i, v := range g.value {
		if isAbsent(v) {
			continue
		}
		switch a.op {
		case parser.SUM:
			g.value[i] = v + g.rest[i]
		case parser.AVG:
			g.value[i] = v/g.count[i] + g.rest[i]/g.count[i]
		case parser.STDVAR:
			g.value[i] = v / g.count[i]
		case parser.STDDEV:
			g.value[i] = math.Sqrt(v / g.count[i])
		}
	}
}
