package logql

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// apply computes one pair of values. Of a comparison keep tells whether it
// holds, and v is the left value.
func (o BinaryOp) apply(l, r float64) (v float64, keep bool) {
	switch o {
	case "+":
		return l + r, true
	case "-":
		return l - r, true
	case "*":
		return l * r, true
	case "/":
		if r == 0 {
			return math.NaN(), true // as Loki, unlike PromQL
		}
		return l / r, true
	case "%":
		if r == 0 {
			return math.NaN(), true
		}
		return math.Mod(l, r), true
	case "^":
		return math.Pow(l, r), true
	case "==":
		return l, l == r
	case "!=":
		return l, l != r
	case ">":
		return l, l > r
	case ">=":
		return l, l >= r
	case "<":
		return l, l < r
	case "<=":
		return l, l <= r
	}
	return math.NaN(), false
}

func (ev *evaluator) binary(ctx context.Context, e *BinaryExpr) (value, error) {
	left, err := ev.eval(ctx, e.Left)
	if err != nil {
		return nil, err
	}
	right, err := ev.eval(ctx, e.Right)
	if err != nil {
		return nil, err
	}
	l, leftScalar := left.(scalar)
	r, rightScalar := right.(scalar)
	switch {
	case leftScalar && rightScalar:
		v, keep := e.Op.apply(float64(l), float64(r))
		if e.Op.isComparison() {
			v = truth(keep)
		}
		return scalar(v), nil
	case leftScalar:
		return ev.withScalar(right.(matrix), e, func(v float64) (float64, float64) { return float64(l), v }), nil
	case rightScalar:
		return ev.withScalar(left.(matrix), e, func(v float64) (float64, float64) { return v, float64(r) }), nil
	}
	lm, rm := left.(matrix), right.(matrix)
	if e.Op.isSet() {
		return ev.setOperation(lm, rm, e), nil
	}
	return ev.match(lm, rm, e)
}

// withScalar combines each element with a number; a filter keeps the element.
func (ev *evaluator) withScalar(in matrix, e *BinaryExpr, operands func(v float64) (l, r float64)) matrix {
	out := make(matrix, 0, len(in))
	for _, s := range in {
		o := &series{labels: s.labels}
		for _, p := range s.points {
			l, r := operands(p.value)
			v, keep := e.Op.apply(l, r)
			switch {
			case e.Op.isComparison() && e.Bool:
				v = truth(keep)
			case e.Op.isComparison():
				if !keep {
					continue
				}
				v = p.value
			}
			o.points = append(o.points, point{p.step, v})
		}
		out = append(out, o)
	}
	return out
}

// signature returns the labels that elements are matched by.
func (m *Matching) signature(ls labels.Labels) labels.Labels {
	if m == nil {
		return ls
	}
	return (&Grouping{Without: !m.On, Labels: m.Labels}).group(ls)
}

// signatures numbers the series of both sides by what they are matched by.
func signatures(m *Matching, left, right matrix) (l, r []int, n int) {
	index := map[string]int{}
	var key []byte
	number := func(side matrix) []int {
		out := make([]int, len(side))
		for i, s := range side {
			key = m.signature(s.labels).Bytes(key)
			id, ok := index[string(key)]
			if !ok {
				id = len(index)
				index[string(key)] = id
			}
			out[i] = id
		}
		return out
	}
	l, r = number(left), number(right)
	return l, r, len(index)
}

func (ev *evaluator) setOperation(left, right matrix, e *BinaryExpr) matrix {
	leftSig, rightSig, n := signatures(e.Matching, left, right)
	out := make(matrix, len(left), len(left)+len(right))
	for i, s := range left {
		out[i] = &series{labels: s.labels}
	}
	// A series with the same labels on both sides is one series of the union.
	byLabels := map[string]*series{}
	var key []byte
	for _, s := range out {
		key = s.labels.Bytes(key)
		byLabels[string(key)] = s
	}
	fromRight := make([]*series, len(right))
	lv, rv := ev.byStep(left), ev.byStep(right)
	for step := range lv {
		has := make([]bool, n)
		if e.Op == "or" {
			for _, x := range lv[step] {
				has[leftSig[x.series]] = true
				out[x.series].points = append(out[x.series].points, point{step, x.value})
			}
			for _, y := range rv[step] {
				if has[rightSig[y.series]] {
					continue
				}
				o := fromRight[y.series]
				if o == nil {
					key = right[y.series].labels.Bytes(key)
					if o = byLabels[string(key)]; o == nil {
						o = &series{labels: right[y.series].labels}
						byLabels[string(key)] = o
						out = append(out, o)
					}
					fromRight[y.series] = o
				}
				o.points = append(o.points, point{step, y.value})
			}
			continue
		}
		for _, y := range rv[step] {
			has[rightSig[y.series]] = true
		}
		for _, x := range lv[step] {
			if has[leftSig[x.series]] == (e.Op == "and") {
				out[x.series].points = append(out[x.series].points, point{step, x.value})
			}
		}
	}
	return out
}

// match combines the elements of two vectors that belong together.
func (ev *evaluator) match(left, right matrix, e *BinaryExpr) (matrix, error) {
	m := e.Matching
	swapped := m != nil && m.Group == GroupRight
	many, one := left, right
	side := "right"
	if swapped {
		many, one = right, left
		side = "left"
	}
	manySig, oneSig, n := signatures(m, many, one)
	oneToOne := m == nil || m.Group == OneToOne

	type pair struct{ many, one int }
	made := map[pair]*series{}
	byLabels := map[string]*series{}
	var out matrix
	var key []byte
	ov := ev.byStep(one)
	match := make([]int, n) // index+1 in ov[step] by signature
	seen := make([]bool, n)
	for step, elements := range ev.byStep(many) {
		clear(match)
		clear(seen)
		for i, y := range ov[step] {
			sig := oneSig[y.series]
			if match[sig] != 0 {
				return nil, evalErrorf("found duplicate series on the %s hand-side;many-to-many matching not allowed: "+
					"matching labels must be unique on one side", side)
			}
			match[sig] = i + 1
		}
		for _, x := range elements {
			sig := manySig[x.series]
			if match[sig] == 0 {
				continue
			}
			y := ov[step][match[sig]-1]
			l, r := x.value, y.value
			if swapped {
				l, r = r, l
			}
			v, keep := e.Op.apply(l, r)
			if e.Op.isComparison() && e.Bool {
				v, keep = truth(keep), true
			}
			if !keep {
				continue
			}
			if oneToOne && seen[sig] {
				return nil, evalErrorf("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
			}
			seen[sig] = true
			id := pair{x.series, y.series}
			s := made[id]
			if s == nil {
				ls := resultLabels(many[x.series].labels, one[y.series].labels, m)
				key = ls.Bytes(key)
				if s = byLabels[string(key)]; s == nil {
					s = &series{labels: ls}
					byLabels[string(key)] = s
					out = append(out, s)
				}
				made[id] = s
			}
			if n := len(s.points); n > 0 && s.points[n-1].step == step {
				return nil, evalErrorf("multiple matches for labels: grouping labels must ensure unique matches")
			}
			s.points = append(s.points, point{step, v})
		}
	}
	return out, nil
}

// resultLabels returns the labels of an element made of two.
func resultLabels(many, one labels.Labels, m *Matching) labels.Labels {
	if m == nil {
		return many
	}
	if m.Group == OneToOne {
		return m.signature(many)
	}
	out := make([]labels.Label, 0, many.Len()+len(m.Include))
	many.Range(func(l labels.Label) {
		if !slices.Contains(m.Include, l.Name) {
			out = append(out, l)
		}
	})
	for _, name := range m.Include {
		if one.Has(name) {
			out = append(out, labels.Label{Name: name, Value: one.Get(name)})
		}
	}
	return labels.New(out...)
}
