package traceql

import "slices"

// Tempo reads the spans that satisfy the conditions of a query, and evaluates
// the query on what it has read. Where a query is one filter, its conditions
// must all be satisfied, wherever in the filter they stand; else one must. This
// shows with negation: { !(span.a = 1) } finds nothing, since the spans of which
// it is true do not satisfy span.a = 1, but { !(span.a = 1) || span.b = 2 }
// finds some.

// A fetch says which spans a query reads.
type fetch struct {
	conds   map[Attribute]bool // attributes with conditions; the sights have these
	any     bool               // one condition is enough
	every   bool               // the query reads all spans
	matters bool               // a filter may be true of spans that are not read
	nothing bool               // the query reads no spans
}

// query notes what a whole pipeline needs.
func (n *needs) query(p *Pipeline) {
	n.pipeline(p)
	n.fetch.any = n.fetch.any || len(p.Stages) > 1
	n.fetch.conds = map[Attribute]bool{}
	for a, s := range n.attrs {
		if s.conditional() {
			n.fetch.conds[a] = true
			// Either of two places may satisfy a condition on an unscoped attribute.
			n.fetch.any = n.fetch.any || a.Intrinsic == NoIntrinsic && a.Scope == ScopeNone
		}
	}
	n.fetch.nothing = selectsFirst(p)
	n.share()
}

// filter notes what a filter needs.
func (n *needs) filter(f *Filter) {
	if f.Expr == nil {
		n.fetch.every = true
		return
	}
	n.expr(f.Expr)
}

// both notes the operands of an operator other than attribute OP literal. The
// operands of || are alternatives, but for a bare attribute in front: in Tempo
// { span.flag || span.a = 1 } wants both.
func (n *needs) both(e *Binary) {
	_, bare := e.L.(Attribute)
	switch {
	case e.Op == OpOr && !bare:
		n.fetch.any = true
	case e.Op != OpAnd:
		n.fetch.matters = true
	}
	n.expr(e.L)
	n.expr(e.R)
}

// selectsFirst reports whether a filter comes behind a select() without any
// condition in front of that. Tempo then finds nothing.
func selectsFirst(p *Pipeline) bool {
	selected := false
	for _, s := range p.Stages {
		switch s := s.(type) {
		case *Select:
			selected = true
		case *Filter:
			if s.Expr != nil {
				return selected
			}
		default:
			return false
		}
	}
	return false
}

// conditional reports whether the query's filters, groups or aggregates use the
// attribute.
func (s *sight) conditional() bool { return s.read || s.exists || s.isNil || len(s.conds) > 0 }

// fetched reports whether the query reads a span.
func (n *needs) fetched(s *Span) bool {
	switch {
	case n.fetch.nothing:
		return false
	case !n.fetch.matters || n.fetch.any && n.fetch.every:
		return true
	}
	for a := range n.fetch.conds {
		if n.satisfies(a, s) == n.fetch.any {
			return n.fetch.any
		}
	}
	return !n.fetch.any || len(n.fetch.conds) == 0
}

// satisfies reports whether a span satisfies one of the conditions on an
// attribute.
func (n *needs) satisfies(a Attribute, s *Span) bool {
	if n.attrs[a].read && (a.Intrinsic != NoIntrinsic || columnOf(a) != TypeNil) {
		return true
	}
	return n.subjects(s, func(sub *subject) bool { return n.satisfied(a, sub) })
}

func (n *needs) satisfied(a Attribute, s *subject) bool {
	cond, r := n.attrs[a], s.value(a)
	switch {
	case (cond.read || cond.exists) && r.isNil(OpNe):
		return true
	case cond.isNil && r.isNil(OpEq):
		return true
	case a.Intrinsic != NoIntrinsic:
		return r.any(func(v Static) bool {
			return slices.ContainsFunc(cond.conds, func(c condition) bool { return c.compares(v) })
		})
	}
	return r.any(n.sightOf(a).sees)
}

// fetchedPart reports whether a query whose conditions must all be satisfied
// reads the subject's event and link.
func (n *needs) fetchedPart(s *subject) bool {
	if !n.fetch.matters || n.fetch.any || s.event == nil && s.link == nil {
		return true
	}
	for a := range n.fetch.conds {
		if (s.event != nil && a.ofEvent() || s.link != nil && a.ofLink()) && !n.satisfied(a, s) {
			return false
		}
	}
	return true
}

// share gathers the sights of attributes that Tempo reads from one column.
func (n *needs) share() {
	n.shared = map[Scope]*sight{}
	for a, s := range n.attrs {
		if !a.inShared() || !s.conditional() {
			continue
		}
		scopes := []Scope{ScopeNone, a.Scope}
		switch a.Scope {
		case ScopeNone:
			scopes = []Scope{ScopeNone, ScopeSpan, ScopeResource}
		case ScopeEvent, ScopeLink, ScopeInstrumentation:
			scopes = []Scope{a.Scope}
		}
		for _, scope := range scopes {
			all := n.shared[scope]
			if all == nil {
				all = &sight{}
				n.shared[scope] = all
			}
			all.conds = append(all.conds, s.conds...)
			all.read, all.exists, all.isNil = all.read || s.read, all.exists || s.exists, all.isNil || s.isNil
		}
	}
}

// inShared reports whether the attribute has no column of its own.
func (a Attribute) inShared() bool {
	return a.Intrinsic == NoIntrinsic && columnOf(a) == TypeNil && a.Name != serviceName
}

// sightOf returns what the query sees of an attribute, or nil if it does not
// use it.
func (n *needs) sightOf(a Attribute) *sight {
	own := n.attrs[a.key()]
	if own == nil || !own.conditional() || !a.inShared() {
		return own
	}
	return n.shared[a.Scope]
}

// begin returns the spansets a pipeline begins with: the spans of a trace that
// the query reads.
func (n *needs) begin(t *Trace) []*Spanset {
	if !n.fetch.matters && !n.fetch.nothing {
		return []*Spanset{{Spans: t.Spans}}
	}
	set := &Spanset{}
	for _, s := range t.Spans {
		if n.fetched(s) {
			set.Spans = append(set.Spans, s)
		}
	}
	if len(set.Spans) == 0 {
		return nil
	}
	return []*Spanset{set}
}
