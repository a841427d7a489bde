package traceql

import (
	"math"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// What storage can judge of a query becomes a predicate that keeps every span
// the query may match, and often more: the engine evaluates the query again on
// what comes back. A nil predicate keeps every span.

// candidates returns what at least one span of every trace with a hit
// satisfies, and what another must, or the same one.
func (n *needs) candidates(p *Pipeline) (where storage.Predicate, also []storage.Predicate) {
	all := n.demands(p)
	if len(all) == 0 {
		return nil, nil
	}
	last := len(all) - 1
	return all[last], all[:last]
}

// demands returns predicates each of which some span of every trace with a hit
// satisfies.
func (n *needs) demands(p *Pipeline) []storage.Predicate {
	var one storage.And // that one span satisfies: filters narrow each other
	for i, s := range p.Stages {
		switch s := s.(type) {
		case *Filter:
			if w := n.spans(s.Expr); w != nil {
				one = append(one, w)
			}
		case *SpansetOp, *Pipeline:
			if i == 0 {
				return n.demandsOf(s)
			}
			return listOf(simplify(one)) // it begins a new choice of spans
		}
	}
	return listOf(simplify(one))
}

func listOf(p storage.Predicate) []storage.Predicate {
	if p == nil {
		return nil
	}
	return []storage.Predicate{p}
}

func (n *needs) demandsOf(s Stage) []storage.Predicate {
	switch s := s.(type) {
	case *Filter:
		return listOf(n.spans(s.Expr))
	case *Pipeline:
		return n.demands(s)
	case *SpansetOp:
		l, r := n.demandsOf(s.L), n.demandsOf(s.R)
		switch {
		case s.Op.Negated:
			return r // the left side may be empty
		case s.Op.Relation != "||":
			return append(l, r...)
		case len(l) > 0 && len(r) > 0:
			return listOf(either(l[0], r[0]))
		}
	}
	return nil
}

func simplify(and storage.And) storage.Predicate {
	switch len(and) {
	case 0:
		return nil
	case 1:
		return and[0]
	}
	return and
}

// either is Or, in which nil is true.
func either(l, r storage.Predicate) storage.Predicate {
	if l == nil || r == nil {
		return nil
	}
	return storage.Or{l, r}
}

// spans returns a predicate on spans of which a filter may be true.
func (n *needs) spans(e FieldExpr) storage.Predicate {
	switch e := e.(type) {
	case Attribute:
		return n.compare(e, OpEq, BoolOf(true), nil)
	case *Binary:
		switch e.Op {
		case OpAnd:
			var both storage.And
			for _, x := range []FieldExpr{e.L, e.R} {
				if p := n.spans(x); p != nil {
					both = append(both, p)
				}
			}
			return simplify(both)
		case OpOr:
			return either(n.spans(e.L), n.spans(e.R))
		}
		if a, lit, op := e.literal(); op != 0 {
			return n.compare(a, op, lit, e.re)
		}
	}
	return nil
}

// fieldsOf returns where storage keeps an attribute; none if it does not, or
// keeps it in a form that compares otherwise than TraceQL's.
func fieldsOf(a Attribute) []storage.Field {
	switch a.Intrinsic {
	case NoIntrinsic:
	case IntrinsicName:
		return []storage.Field{{Place: storage.Body}}
	case IntrinsicStatusMessage:
		return []storage.Field{{Place: storage.StatusMessage}}
	case IntrinsicEventName:
		return []storage.Field{{Place: storage.EventName}}
	case IntrinsicScopeName:
		return []storage.Field{{Place: storage.ScopeName}}
	case IntrinsicScopeVersion:
		return []storage.Field{{Place: storage.ScopeVersion}}
	case IntrinsicSpanID:
		return []storage.Field{{Place: storage.SpanID}}
	case IntrinsicParentID:
		return []storage.Field{{Place: storage.ParentID}}
	case IntrinsicLinkSpanID:
		return []storage.Field{{Place: storage.LinkSpanID}}
	case IntrinsicLinkTraceID:
		return []storage.Field{{Place: storage.LinkTraceID}}
	case IntrinsicTraceID:
		return []storage.Field{{Place: storage.TraceID}}
	case IntrinsicDuration:
		return []storage.Field{{Place: storage.Duration}}
	case IntrinsicEventTime:
		return []storage.Field{{Place: storage.EventTime}}
	case IntrinsicStatus:
		return []storage.Field{{Place: storage.Status}}
	case IntrinsicKind:
		return []storage.Field{{Place: storage.Kind}}
	default:
		return nil
	}
	switch a.Scope {
	case ScopeSpan:
		return []storage.Field{{Place: storage.Attr, Key: a.Name}}
	case ScopeResource:
		return []storage.Field{{Place: storage.Stream, Key: a.Name}}
	case ScopeEvent:
		return []storage.Field{{Place: storage.EventAttr, Key: a.Name}}
	case ScopeLink:
		return []storage.Field{{Place: storage.LinkAttr, Key: a.Name}}
	case ScopeInstrumentation:
		return []storage.Field{{Place: storage.ScopeAttr, Key: a.Name}}
	}
	return []storage.Field{{Place: storage.Attr, Key: a.Name}, {Place: storage.Stream, Key: a.Name}}
}

// compare returns the predicate of attribute OP literal.
func (n *needs) compare(a Attribute, op Operator, lit Static, re *regexpMatch) storage.Predicate {
	c := condition{op: op, lit: lit, re: re}
	if lit.IsNil() && n.filled(a) || c.matchesNoLink(a) {
		return nil
	}
	if a.Intrinsic == IntrinsicNestedSetParent && c.ofRoots() {
		return storage.Not{P: storage.Exists{Field: storage.Field{Place: storage.ParentID}}}
	}
	if mayBeEmpty(a) && (lit.IsNil() || c.holds(StringOf(""))) {
		return nil // storage has no row for ""
	}
	var or storage.Or
	for _, f := range fieldsOf(a) {
		p := n.compareField(a, f, c)
		if p == nil {
			return nil
		}
		or = append(or, p)
	}
	switch len(or) {
	case 0:
		return nil
	case 1:
		return or[0]
	}
	return or
}

// ofRoots reports whether a condition on nestedSetParent is one that only roots
// satisfy: of all spans, -1 is the least.
func (c condition) ofRoots() bool {
	switch c.op {
	case OpLt, OpLe, OpEq:
		return c.compares(IntOf(-1)) && !c.compares(IntOf(0))
	}
	return false
}

// mayBeEmpty reports whether a missing a reads as the empty string.
func mayBeEmpty(a Attribute) bool {
	return a.Intrinsic == IntrinsicScopeName || a.Intrinsic == IntrinsicScopeVersion ||
		a.Intrinsic == NoIntrinsic && a.Name == serviceName && (a.Scope == ScopeResource || a.Scope == ScopeNone)
}

func (n *needs) compareField(a Attribute, f storage.Field, c condition) storage.Predicate {
	if c.lit.IsNil() {
		if c.op == OpEq || a.Intrinsic != NoIntrinsic {
			return nil
		}
		return storage.Exists{Field: f}
	}
	switch {
	case a.Intrinsic == NoIntrinsic && c.lit.typ.numeric():
		return n.compareNumber(a, f, c)
	case a.Intrinsic == NoIntrinsic && (c.lit.kindOf() == model.KindNone || len(c.lit.s) >= comparedBytes):
		return storage.Exists{Field: f}
	case c.re != nil && c.op == OpMatch:
		return storage.Match{Field: f, Regexp: c.re.Regexp}
	case c.re != nil:
		return storage.Exists{Field: f}
	}
	v, ok := storedLiteral(a, c)
	if !ok {
		return nil
	}
	return storage.Compare{Field: f, Op: storageOps[c.op], Value: v}
}

// compareNumber returns the predicate of a condition with a number. Storage
// compares values of the number's own kind only; but once the query sees those
// of the other, they compare as well.
func (n *needs) compareNumber(a Attribute, f storage.Field, c condition) storage.Predicate {
	s := n.sightOf(a)
	if s == nil {
		return storage.Exists{Field: f}
	}
	own := s.read || s.exists
	for _, o := range s.conds {
		own = own || o.lit.typ.numeric() && o.lit.typ != c.lit.typ
	}
	op := storageOps[c.op]
	switch kind := c.lit.kindOf(); {
	case kind != model.KindNone && !own:
		return storage.Compare{Field: f, Op: op, Value: c.lit.Value()}
	case c.lit.Float() != math.Trunc(c.lit.Float()) || math.Abs(c.lit.Float()) > 1<<53:
		return storage.Exists{Field: f}
	}
	return storage.Or{
		storage.Compare{Field: f, Op: op, Value: model.Int(int64(c.lit.Float()))},
		storage.Compare{Field: f, Op: op, Value: model.Float(c.lit.Float())},
	}
}

// storedLiteral returns the literal as storage keeps such values.
func storedLiteral(a Attribute, c condition) (model.Value, bool) {
	switch a.Intrinsic {
	case IntrinsicDuration, IntrinsicEventTime, IntrinsicStatus, IntrinsicKind:
		return model.Int(c.lit.n), c.lit.typ != TypeFloat
	case IntrinsicTraceID:
		if c.op != OpEq {
			return model.Value{}, false
		}
		id, err := model.ParseTraceID(c.lit.s)
		return model.String(id.String()), err == nil && c.lit.s == strings.ToLower(c.lit.s)
	case IntrinsicSpanID, IntrinsicParentID, IntrinsicLinkSpanID, IntrinsicLinkTraceID:
		return model.String(c.lit.s), c.op == OpEq
	}
	return c.lit.Value(), true
}

var storageOps = map[Operator]storage.Op{
	OpEq: storage.Eq, OpNe: storage.Ne, OpLt: storage.Lt, OpLe: storage.Le, OpGt: storage.Gt, OpGe: storage.Ge,
}
