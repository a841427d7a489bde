package logql

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

func (ev *evaluator) vectorAgg(ctx context.Context, a *VectorAgg) (value, error) {
	var in matrix
	var err error
	if inner, group := pushGrouping(a); inner != nil {
		in, err = ev.rangeAgg(ctx, inner, group)
	} else {
		in, err = ev.matrix(ctx, a.Inner, string(a.Op))
	}
	if err != nil {
		return nil, err
	}
	switch a.Op {
	case OpTopk, OpApproxTopk, OpBottomk:
		return ev.topk(in, a), nil
	case OpSort, OpSortDesc:
		return ev.sorted(in, a.Op == OpSortDesc), nil
	}
	return ev.aggregate(in, a)
}

// group returns the labels of s in the result of an aggregation.
func (g *Grouping) group(ls labels.Labels) labels.Labels {
	b := labels.NewScratchBuilder(8)
	if g != nil {
		ls.Range(func(l labels.Label) {
			if slices.Contains(g.Labels, l.Name) != g.Without {
				b.Add(l.Name, l.Value)
			}
		})
	}
	return b.Labels() // in order, as ls is
}

// An accumulator aggregates the values of one group at one step.
type accumulator struct {
	n             int
	value         float64 // sum, mean, least or greatest
	squares, mean float64
}

func (a *accumulator) add(op VectorOp, v float64) {
	a.n++
	switch op {
	case OpSum:
		a.value += v
	case OpAvg:
		a.value += (v - a.value) / float64(a.n)
	case OpMin:
		if a.n == 1 || v < a.value || math.IsNaN(a.value) {
			a.value = v
		}
	case OpMax:
		if a.n == 1 || v > a.value || math.IsNaN(a.value) {
			a.value = v
		}
	case OpStddev, OpStdvar:
		d := v - a.mean
		a.mean += d / float64(a.n)
		a.squares += d * (v - a.mean)
	}
}

func (a *accumulator) result(op VectorOp) float64 {
	switch op {
	case OpCountVec:
		return float64(a.n)
	case OpStdvar:
		return a.squares / float64(a.n)
	case OpStddev:
		return math.Sqrt(a.squares / float64(a.n))
	}
	return a.value
}

func (ev *evaluator) aggregate(in matrix, a *VectorAgg) (matrix, error) {
	var out matrix
	var members []matrix
	index := map[string]int{}
	var key []byte
	for _, s := range in {
		ls := a.Grouping.group(s.labels)
		key = ls.Bytes(key)
		i, ok := index[string(key)]
		if !ok {
			i = len(out)
			index[string(key)] = i
			out = append(out, &series{labels: ls})
			members = append(members, nil)
		}
		members[i] = append(members[i], s)
	}
	if err := ev.tooMany(len(out)); err != nil {
		return nil, err
	}
	steps := make([]accumulator, ev.steps)
	for i, g := range members {
		clear(steps)
		for _, s := range g {
			for _, p := range s.points {
				steps[p.step].add(a.Op, p.value)
			}
		}
		for step := range steps {
			if steps[step].n > 0 {
				out[i].points = append(out[i].points, point{step, steps[step].result(a.Op)})
			}
		}
	}
	return out, nil
}

// topk keeps the greatest or least elements of each group at each step. In a
// vector they are in order of their values.
func (ev *evaluator) topk(in matrix, a *VectorAgg) matrix {
	groups := make([]int, len(in))
	index := map[string]int{}
	var key []byte
	for i, s := range in {
		key = a.Grouping.group(s.labels).Bytes(key)
		g, ok := index[string(key)]
		if !ok {
			g = len(index)
			index[string(key)] = g
		}
		groups[i] = g
	}
	out := make(matrix, len(in))
	for i, s := range in {
		out[i] = &series{labels: s.labels}
	}
	var order []int
	for step, elements := range ev.byStep(in) {
		ordered := slices.Clone(elements)
		slices.SortStableFunc(ordered, func(x, y element) int { return compareValues(x.value, y.value, a.Op != OpBottomk) })
		taken := make([]int, len(index))
		for _, e := range ordered {
			if g := groups[e.series]; taken[g] < a.Param {
				taken[g]++
				out[e.series].points = append(out[e.series].points, point{step, e.value})
				order = append(order, e.series)
			}
		}
	}
	if ev.steps > 1 {
		return out
	}
	vector := make(matrix, len(order))
	for i, s := range order {
		vector[i] = out[s]
	}
	return vector
}

// compareValues orders values, NaN last in either direction.
func compareValues(x, y float64, descending bool) int {
	switch xn, yn := math.IsNaN(x), math.IsNaN(y); {
	case xn && yn:
		return 0
	case xn:
		return 1
	case yn:
		return -1
	case descending:
		return cmp.Compare(y, x)
	}
	return cmp.Compare(x, y)
}

// sorted orders the elements of a vector by value; of several steps there is
// no such order.
func (ev *evaluator) sorted(in matrix, descending bool) matrix {
	if ev.steps > 1 {
		return in
	}
	out := slices.DeleteFunc(slices.Clone(in), func(s *series) bool { return len(s.points) == 0 })
	slices.SortStableFunc(out, func(x, y *series) int { return compareValues(x.points[0].value, y.points[0].value, descending) })
	return out
}
