package traceql

import (
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A subject is what a field expression is computed on: a span, and one of its
// events and links, since all conditions of one filter about events must hold
// of one event.
type subject struct {
	*Span
	event *model.Event
	link  *model.Link
}

// subjects calls f with s and each of its events and links until f returns
// true, and returns whether it did. The subject is valid until the next call.
func (n *needs) subjects(s *Span, f func(*subject) bool) bool {
	sub := &n.subject
	*sub = subject{Span: s}
	if !n.events && !n.links {
		return f(sub)
	}
	events, links := 1, 1
	if n.events {
		events = max(1, len(s.Events))
	}
	if n.links {
		links = max(1, len(s.Links))
	}
	for i := range events {
		if n.events && len(s.Events) > 0 {
			sub.event = &s.Events[i]
		}
		for j := range links {
			if n.links && len(s.Links) > 0 {
				sub.link = &s.Links[j]
			}
			if f(sub) {
				return true
			}
		}
	}
	return false
}

// matches reports whether the filter is true of a span that was fetched.
func (n *needs) matches(f *Filter, s *Span) bool {
	if f.Expr == nil {
		return true
	}
	return n.subjects(s, func(sub *subject) bool { return n.fetchedPart(sub) && n.eval(f.Expr, sub).one.IsTrue() })
}

// A result is an expression's value: one static, or the elements of an array.
type result struct {
	one    Static
	many   []Static // of an array, never empty; one is nil then
	opaque bool     // there is a value, but of a kind that compares with nothing
}

// any reports whether f is true of the value or one of the elements. Nil has
// no value.
func (r result) any(f func(Static) bool) bool {
	for _, s := range r.many {
		if f(s) {
			return true
		}
	}
	return len(r.many) == 0 && !r.one.IsNil() && f(r.one)
}

func (n *needs) eval(e FieldExpr, s *subject) result {
	switch e := e.(type) {
	case Static:
		return result{one: e}
	case Attribute:
		return n.lookup(e, s)
	case *Unary:
		x := n.eval(e.X, s).one
		if e.Op == OpNot {
			if x.typ != TypeBool {
				return result{}
			}
			return result{one: BoolOf(!x.IsTrue())}
		}
		if v, err := negate(x); err == nil {
			return result{one: v}
		}
		return result{}
	case *Binary:
		return result{one: n.binary(e, s)}
	}
	return result{}
}

func (n *needs) binary(e *Binary, s *subject) Static {
	switch e.Op {
	case OpAnd:
		return BoolOf(n.eval(e.L, s).one.IsTrue() && n.eval(e.R, s).one.IsTrue())
	case OpOr:
		// What is nil is no boolean, and || of it is false, as in Tempo. Of nil on
		// the right nothing is left to tell.
		l := n.eval(e.L, s).one
		return BoolOf(l.IsTrue() || l.typ == TypeBool && n.eval(e.R, s).one.IsTrue())
	}
	if isNilLiteral(e.L) || isNilLiteral(e.R) {
		return n.compareNil(e, s)
	}
	l, r := n.eval(e.L, s), n.eval(e.R, s)
	switch {
	case e.re != nil && l.one.IsNil() && len(l.many) == 0:
		a, ok := e.L.(Attribute)
		return BoolOf(ok && condition{op: e.Op, re: e.re}.matchesNoLink(a))
	case e.re != nil:
		return BoolOf(l.any(func(x Static) bool {
			return x.typ == TypeString && e.re.MatchString(x.s) == (e.Op == OpMatch)
		}))
	case e.Op.arithmetic():
		return arith(e.Op, l.one, r.one)
	}
	return BoolOf(l.any(func(x Static) bool {
		return r.any(func(y Static) bool {
			o, ok := order(x, y)
			return ok && e.Op.holds(o)
		})
	}))
}

// lookup returns what the query sees of an attribute.
func (n *needs) lookup(a Attribute, s *subject) result {
	if a.Intrinsic != NoIntrinsic {
		return result{one: s.intrinsic(a.Intrinsic)}
	}
	r := s.attribute(a)
	sight := n.sightOf(a)
	if sight == nil {
		return r
	}
	if sight.read && len(sight.conds) == 0 {
		r = r.inColumn(columnOf(a))
	}
	if sight.read || sight.exists {
		return r
	}
	if !r.one.IsNil() && !sight.sees(r.one) {
		return result{}
	}
	if len(r.many) == 0 {
		return r
	}
	var seen []Static
	for _, x := range r.many {
		if sight.sees(x) {
			seen = append(seen, x)
		}
	}
	return result{many: seen}
}

// value returns an intrinsic or attribute, whatever the query sees of it.
func (s *subject) value(a Attribute) result {
	if a.Intrinsic != NoIntrinsic {
		return result{one: s.intrinsic(a.Intrinsic)}
	}
	return s.attribute(a)
}

// attribute returns an attribute's value, whatever the query sees of it.
func (s *subject) attribute(a Attribute) result {
	switch a.Scope {
	case ScopeSpan:
		return resultOf(model.FindAttr(s.Attrs, a.Name))
	case ScopeNone:
		if v := model.FindAttr(s.Attrs, a.Name); !v.IsNone() {
			return resultOf(v)
		}
		return s.resource(a.Name)
	case ScopeResource:
		return s.resource(a.Name)
	case ScopeInstrumentation:
		return resultOf(model.FindAttr(s.Stream.ScopeAttrs, a.Name))
	case ScopeEvent:
		if s.event != nil {
			return resultOf(model.FindAttr(s.event.Attrs, a.Name))
		}
	case ScopeLink:
		if s.link != nil {
			return resultOf(model.FindAttr(s.link.Attrs, a.Name))
		}
	}
	return result{}
}

// resource returns a resource attribute. The service name is never nil: it is
// "" where it is missing, and also where it is not a string.
func (s *subject) resource(name string) result {
	return resourceResult(name, s.Stream.Attr(name))
}

func resourceResult(name string, v model.Value) result {
	if name == serviceName {
		if v.IsNone() {
			return result{one: StringOf("")}
		}
		if r := resultOf(v); v.Kind() != model.KindString && !r.one.IsNil() {
			return result{many: []Static{r.one, StringOf("")}}
		}
	}
	return resultOf(v)
}

// resultOf converts a stored value. Arrays of one type are their elements;
// mixed and empty ones, maps and bytes are nil.
func resultOf(v model.Value) result {
	if v.Kind() != model.KindArray {
		s := staticOf(v)
		return result{one: s, opaque: s.IsNil() && !v.IsNone()}
	}
	elements := storage.Elements(v)
	if len(elements) == 0 {
		return result{opaque: true}
	}
	out := make([]Static, len(elements))
	for i, e := range elements {
		if e.Kind() != elements[0].Kind() {
			return result{opaque: true}
		}
		out[i] = staticOf(e)
	}
	return result{many: out}
}

// intrinsic returns the value of an intrinsic, nil if the span lacks it.
func (s *subject) intrinsic(in Intrinsic) Static {
	switch in {
	case IntrinsicDuration:
		return DurationOf(time.Duration(s.Duration))
	case IntrinsicName:
		return StringOf(s.Name)
	case IntrinsicStatus:
		return StatusOf(s.Status)
	case IntrinsicStatusMessage:
		return StringOf(s.StatusMessage)
	case IntrinsicKind:
		return KindOf(s.Kind)
	case IntrinsicSpanID:
		return StringOf(s.SpanID.String())
	case IntrinsicParentID:
		return textOrNil(s.ParentID.String())
	case IntrinsicScopeName:
		return StringOf(s.Stream.ScopeName)
	case IntrinsicScopeVersion:
		return StringOf(s.Stream.ScopeVersion)
	case IntrinsicTraceID:
		return StringOf(s.TraceID.String())
	case IntrinsicEventName:
		if s.event != nil {
			return StringOf(s.event.Name)
		}
		return Static{}
	case IntrinsicEventTime:
		if s.event != nil {
			return DurationOf(time.Duration(s.event.Time - s.Start))
		}
		return Static{}
	case IntrinsicLinkTraceID:
		if s.link != nil {
			return StringOf(s.link.TraceID.String())
		}
		return Static{}
	case IntrinsicLinkSpanID:
		if s.link != nil {
			return StringOf(s.link.SpanID.String())
		}
		return Static{}
	}
	return s.traceIntrinsic(in)
}

func (s *subject) traceIntrinsic(in Intrinsic) Static {
	switch t := s.trace; in {
	case IntrinsicChildCount:
		return IntOf(int64(len(s.children)))
	case IntrinsicNestedSetLeft:
		return IntOf(int64(s.left))
	case IntrinsicNestedSetRight:
		return IntOf(int64(s.right))
	case IntrinsicNestedSetParent:
		return IntOf(int64(s.parentLeft))
	case IntrinsicTraceDuration:
		return DurationOf(time.Duration(t.End - t.Start))
	case IntrinsicRootName:
		if t.root != nil {
			return StringOf(t.root.Name)
		}
		return StringOf("")
	case IntrinsicRootService:
		return StringOf(t.RootService())
	}
	return Static{}
}

func textOrNil(s string) Static {
	if s == "" {
		return Static{}
	}
	return StringOf(s)
}
