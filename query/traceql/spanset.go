package traceql

import (
	"cmp"
	"slices"
)

// A Spanset is some spans of one trace, with what the pipeline computed of it.
type Spanset struct {
	Spans []*Span
	Attrs []SetAttr // by(…) and aggregates, in the order of the pipeline
}

// A SetAttr is a named value of a Spanset.
type SetAttr struct {
	Name  string // as printed: by(resource.x), avg(duration)
	Value Static
}

// with returns the spanset with another attribute; a second value for one name
// replaces the first.
func (s *Spanset) with(name string, v Static) *Spanset {
	attrs := make([]SetAttr, 0, len(s.Attrs)+1)
	for _, a := range s.Attrs {
		if a.Name != name {
			attrs = append(attrs, a)
		}
	}
	return &Spanset{Spans: s.Spans, Attrs: append(attrs, SetAttr{name, v})}
}

// union returns the spans of the sets, each once, in the order of the trace.
// What was computed of each set does not hold of their union.
func union(sets ...*Spanset) *Spanset {
	out := &Spanset{}
	var in []bool // by index in the trace
	var trace *Trace
	for _, s := range sets {
		for _, sp := range s.Spans {
			if in == nil {
				trace, in = sp.trace, make([]bool, len(sp.trace.Spans))
			}
			in[sp.index] = true
		}
	}
	for i, yes := range in {
		if yes {
			out.Spans = append(out.Spans, trace.Spans[i])
		}
	}
	return out
}

// combine applies a spanset operator to the sides' spans. What was computed
// of the sides is dropped.
func combine(op SpansetOperator, l, r *Spanset) *Spanset {
	switch op.Relation {
	case "&&":
		if len(l.Spans) == 0 || len(r.Spans) == 0 {
			return &Spanset{}
		}
		return union(l, r)
	case "||":
		return union(l, r)
	}
	switch {
	case op.Union && op.Relation == ">>":
		return kin(l, r)
	case op.Union && op.Relation == "<<":
		return kin(r, l)
	}
	rel := newRelation(op.Relation, l.Spans)
	out := &Spanset{}
	for _, s := range r.Spans {
		if rel.holds(s) != op.Negated {
			out.Spans = append(out.Spans, s)
		}
	}
	if !op.Union || len(out.Spans) == 0 {
		return out
	}
	// The left spans that take part are those of which the inverse holds.
	inverse := newRelation(inverses[op.Relation], out.Spans)
	left := &Spanset{}
	for _, s := range l.Spans {
		if inverse.holds(s) {
			left.Spans = append(left.Spans, s)
		}
	}
	return union(left, out)
}

// kin returns the spans of below with an ancestor in above, and these
// ancestors, apart from some. Tempo walks both sides at once, each in the order
// of the tree, and stays with an ancestor as long as the next span is below it:
// of ancestors below each other the inner ones take part only if they are
// above the last span of the outer.
func kin(above, below *Spanset) *Spanset {
	up, down := inTree(above.Spans), inTree(below.Spans)
	out := &Spanset{}
	for i, j := 0, 0; i < len(up) && j < len(down); {
		switch a, d := up[i], down[j]; {
		case d.left <= a.left:
			j++
		case d.left > a.right:
			i++
		default:
			out.Spans = append(out.Spans, a, d)
			if j+1 < len(down) && down[j+1].left < a.right {
				j++
			} else {
				i++
			}
		}
	}
	return union(out)
}

// inTree returns the spans whose place in the tree is known, in its order.
func inTree(spans []*Span) []*Span {
	out := make([]*Span, 0, len(spans))
	for _, s := range spans {
		if s.left != 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Span) int { return cmp.Compare(a.left, b.left) })
	return out
}

var inverses = map[string]string{">": "<", "<": ">", "~": "~"}

// A relation answers of a span whether some span of a set is its parent,
// child, ancestor, descendant or sibling. Spans whose place in the tree is
// unknown are related to none.
type relation struct {
	kind string
	in   []bool // by index in the trace, as the following

	// Of how many of the set a span is the parent; the last is for roots.
	parents []int32

	// What is known of spans: below, or above, a span of the set or not.
	known []int8
}

const (
	unrelated int8 = iota + 1
	related
)

func newRelation(kind string, set []*Span) *relation {
	r := &relation{kind: kind}
	if len(set) == 0 {
		return r
	}
	n := len(set[0].trace.Spans)
	r.in, r.parents, r.known = make([]bool, n), make([]int32, n+1), make([]int8, n)
	for _, s := range set {
		if s.left != 0 {
			r.in[s.index] = true
			r.parents[s.parentIndex(n)]++
		}
	}
	if kind == "<<" {
		for _, s := range set {
			if s.left == 0 {
				continue
			}
			for p := s.parent; p != nil && r.known[p.index] == 0; p = p.parent {
				r.known[p.index] = related
			}
		}
	}
	return r
}

// parentIndex returns the index of the parent, or of roots.
func (s *Span) parentIndex(roots int) int {
	if s.parent == nil {
		return roots
	}
	return s.parent.index
}

// holds reports whether, for the kind > say, some span of the set is s's
// parent.
func (r *relation) holds(s *Span) bool {
	if s.left == 0 || r.in == nil {
		return false
	}
	switch r.kind {
	case ">":
		return s.parent != nil && r.in[s.parent.index]
	case "<":
		return r.parents[s.index] > 0
	case ">>":
		return r.below(s)
	case "<<":
		return r.known[s.index] == related
	}
	n := r.parents[s.parentIndex(len(r.in))]
	if r.in[s.index] {
		n-- // nobody is a sibling of itself
	}
	return n > 0
}

// below reports whether an ancestor of s is in the set, remembering what it
// learns of the ancestors so that deep traces take linear time.
func (r *relation) below(s *Span) bool {
	found := unrelated
	end := s // the first ancestor of which the answer is known
	for ; end != nil; end = end.parent {
		if r.known[end.index] != 0 {
			found = r.known[end.index]
			break
		}
		if end.parent != nil && r.in[end.parent.index] {
			found, end = related, end.parent
			break
		}
	}
	// Whatever lies on the way lies below the same span of the set.
	for p := s; p != end; p = p.parent {
		r.known[p.index] = found
	}
	return found == related
}
