package traceql

// isNil compares the value with nil. What is there but compares with nothing
// neither equals nil nor differs from it.
func (r result) isNil(op Operator) bool {
	none := r.one.IsNil() && len(r.many) == 0
	if op == OpEq {
		return none && !r.opaque
	}
	return !none
}

// matchesNoLink reports whether the condition is a regular expression on a
// link's id that also holds of "". As in Tempo, it is then true of spans without
// links, though link:traceID != nil is not.
func (c condition) matchesNoLink(a Attribute) bool {
	return (a.Intrinsic == IntrinsicLinkTraceID || a.Intrinsic == IntrinsicLinkSpanID) &&
		c.re != nil && c.re.MatchString("") == (c.op == OpMatch)
}

// compareNil computes a comparison with nil: whether something is there.
func (n *needs) compareNil(e *Binary, s *subject) Static {
	x := e.L
	if isNilLiteral(x) {
		x = e.R
	}
	if isNilLiteral(x) {
		return BoolOf(false) // nil = nil, as every comparison with nil
	}
	a, ok := x.(Attribute)
	switch {
	case !ok:
		return BoolOf(n.eval(x, s).isNil(e.Op))
	case e.Op == OpEq && a.Intrinsic == NoIntrinsic && a.Scope == ScopeNone:
		return BoolOf(s.lacksSomewhere(a.Name))
	case e.Op == OpNe && n.filled(a):
		return BoolOf(true) // the column's nil is there
	}
	return BoolOf(s.value(a).isNil(e.Op))
}

// lacksSomewhere reports whether the span or its resource has no attribute of
// a name, which is what .name = nil asks in Tempo.
func (s *subject) lacksSomewhere(name string) bool {
	if s.attribute(Attribute{Scope: ScopeSpan, Name: name}).isNil(OpEq) {
		return true
	}
	return s.resource(name).isNil(OpEq)
}

// filled reports whether a's column gives the query a value of every span.
func (n *needs) filled(a Attribute) bool {
	sight := n.attrs[a.key()]
	return sight != nil && sight.read && columnOf(a) != TypeNil
}

func isNilLiteral(e FieldExpr) bool {
	s, ok := e.(Static)
	return ok && s.IsNil()
}
