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
	seen := map[*Span]bool{}
	for _, s := range sets {
		for _, sp := range s.Spans {
			if !seen[sp] {
				seen[sp] = true
				out.Spans = append(out.Spans, sp)
			}
		}
	}
	slices.SortStableFunc(out.Spans, func(a, b *Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), slices.Compare(a.SpanID[:], b.SpanID[:]))
	})
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
	kind    string
	in      map[*Span]bool
	parents map[*Span]int // how many of the set have this parent; nil stands for roots
	above   map[*Span]bool
}

func newRelation(kind string, set []*Span) *relation {
	r := &relation{kind: kind, in: make(map[*Span]bool, len(set)), parents: map[*Span]int{}}
	for _, s := range set {
		if s.left != 0 {
			r.in[s] = true
			r.parents[s.parent]++
		}
	}
	switch kind {
	case ">>", "<<":
		r.above = map[*Span]bool{}
	}
	if kind == "<<" {
		for s := range r.in {
			for p := s.parent; p != nil && !r.above[p]; p = p.parent {
				r.above[p] = true
			}
		}
	}
	return r
}

// holds reports whether, for the kind > say, some span of the set is s's
// parent.
func (r *relation) holds(s *Span) bool {
	if s.left == 0 {
		return false
	}
	switch r.kind {
	case ">":
		return s.parent != nil && r.in[s.parent]
	case "<":
		return r.parents[s] > 0
	case ">>":
		return r.below(s)
	case "<<":
		return r.above[s]
	}
	n := r.parents[s.parent]
	if r.in[s] {
		n-- // nobody is a sibling of itself
	}
	return n > 0
}

// below reports whether an ancestor of s is in the set, remembering what it
// learns of the ancestors so that deep traces take linear time.
func (r *relation) below(s *Span) bool {
	var path []*Span
	found := false
	for p := s; p != nil; p = p.parent {
		if known, ok := r.above[p]; ok {
			found = known
			break
		}
		path = append(path, p)
		if p.parent != nil && r.in[p.parent] {
			found = true
			break
		}
	}
	// Whatever lies on the path lies below the same span of the set.
	for _, p := range path {
		r.above[p] = found
	}
	return found
}
