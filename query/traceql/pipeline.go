package traceql

import (
	"slices"
	"time"
)

// runPipeline passes spansets of one trace through the stages.
func (n *needs) runPipeline(p *Pipeline, sets []*Spanset) []*Spanset {
	for _, s := range p.Stages {
		sets = n.runStage(s, sets)
		if len(sets) == 0 {
			return nil
		}
	}
	return sets
}

func (n *needs) runStage(s Stage, sets []*Spanset) []*Spanset {
	switch s := s.(type) {
	case *Pipeline:
		return n.runPipeline(s, sets)
	case *Coalesce:
		return []*Spanset{union(sets...)}
	case *Select:
		return sets
	case *SpansetOp:
		if len(sets) > 1 && s.Op.structural() {
			return nil // the tree of a trace has no meaning within one group
		}
	}
	var out []*Spanset
	for _, set := range sets {
		for _, o := range n.runOne(s, set) {
			if len(o.Spans) > 0 {
				out = append(out, o)
			}
		}
	}
	return out
}

// runOne applies a stage that works on each spanset by itself.
func (n *needs) runOne(s Stage, set *Spanset) []*Spanset {
	switch s := s.(type) {
	case *Filter:
		out := &Spanset{Attrs: set.Attrs}
		for _, sp := range set.Spans {
			if n.matches(s, sp) {
				out.Spans = append(out.Spans, sp)
			}
		}
		return []*Spanset{out}
	case *SpansetOp:
		l, r := n.side(s.L, set), n.side(s.R, set)
		out := combine(s.Op, l, r)
		out.Attrs = set.Attrs
		return []*Spanset{out}
	case *ScalarFilter:
		return n.filterScalar(s, set)
	case *By:
		return n.group(s.Expr, set)
	}
	return nil
}

// side returns an operand's spans as one spanset, perhaps empty.
func (n *needs) side(s Stage, set *Spanset) *Spanset {
	sets := n.runStage(s, []*Spanset{set})
	if len(sets) == 1 {
		return sets[0]
	}
	return union(sets...)
}

func (n *needs) filterScalar(f *ScalarFilter, set *Spanset) []*Spanset {
	a := f.L.(*Aggregate)
	v := n.aggregate(a, set.Spans)
	want, err := constant(f.R)
	if err != nil || v.IsNil() {
		return nil
	}
	if o, ok := order(v, want); !ok || !f.Op.holds(o) {
		return nil
	}
	return []*Spanset{set.with(printScalar(a), v)}
}

// aggregate computes an aggregate; spans whose value is nil do not count.
// Without any value, or with one that spoils it, the aggregate is nil.
func (n *needs) aggregate(a *Aggregate, spans []*Span) Static {
	if a.Expr == nil {
		return IntOf(int64(len(spans)))
	}
	var acc, sum Static
	count := 0
	for _, s := range spans {
		v := n.valueOf(a.Expr, s)
		if v.IsNil() && n.spoils(a.Expr, s) {
			return Static{}
		}
		if !v.typ.numeric() {
			continue
		}
		if count++; count == 1 {
			acc, sum = v, v
			continue
		}
		sum = arith(OpAdd, sum, v)
		if o, _ := order(v, acc); a.Fn == "min" && o < 0 || a.Fn == "max" && o > 0 {
			acc = v
		}
	}
	switch {
	case count == 0:
		return Static{}
	case a.Fn == "sum":
		return sum
	case a.Fn == "avg" && sum.typ == TypeDuration:
		return DurationOf(time.Duration(sum.n / int64(count)))
	case a.Fn == "avg":
		return FloatOf(sum.Float() / float64(count))
	}
	return acc
}

// valueOf computes an expression on a span; of several events or links the
// first that gives a value counts. Arrays are nil.
func (n *needs) valueOf(e FieldExpr, s *Span) Static {
	var out Static
	n.subjects(s, func(sub *subject) bool {
		out = n.eval(e, sub).first()
		return !out.IsNil()
	})
	return out
}

// spoils reports whether a nil value of a span makes aggregates nil, as in
// Tempo: that of arithmetic, of arrays, and of attributes with a column.
func (n *needs) spoils(e FieldExpr, s *Span) bool {
	a, ok := e.(Attribute)
	return !ok || n.filled(a) || n.subjects(s, func(sub *subject) bool { return len(n.lookup(a, sub).many) > 0 })
}

// zero returns the zero value of a type.
func zero(t Type) Static { return Static{typ: t} }

// first returns a value that is no array. A service name that is not a string
// has two values, of which the first is its own.
func (r result) first() Static {
	if len(r.many) == 2 && r.many[0].typ != r.many[1].typ {
		return r.many[0]
	}
	return r.one
}

// group splits a spanset by an expression's value, in order of the values.
func (n *needs) group(e FieldExpr, set *Spanset) []*Spanset {
	name := "by(" + PrintExpr(e) + ")"
	t, _ := typeOf(e)
	_, plain := e.(Attribute)
	groups := map[Static]*Spanset{}
	var keys []Static
	for _, s := range set.Spans {
		v := n.valueOf(e, s)
		switch {
		case !v.IsNil():
		case !plain || t == TypeBool:
			v = BoolOf(false)
		case t == typeAny:
			v = StringOf("nil")
		default:
			v = zero(t) // an intrinsic of a missing event or link
		}
		g := groups[v]
		if g == nil {
			g = &Spanset{Attrs: set.Attrs}
			g = g.with(name, v)
			groups[v] = g
			keys = append(keys, v)
		}
		g.Spans = append(g.Spans, s)
	}
	slices.SortStableFunc(keys, func(a, b Static) int {
		switch {
		case a.less(b):
			return -1
		case b.less(a):
			return 1
		}
		return 0
	})
	out := make([]*Spanset, len(keys))
	for i, k := range keys {
		out[i] = groups[k]
	}
	return out
}
