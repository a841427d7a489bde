package traceql

import (
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// needs is what evaluating a query takes: which attributes, and which of their
// values may be seen.
type needs struct {
	attrs  map[Attribute]*sight // by Attribute.key
	shown  []Attribute          // in answers, in the order of the query
	trace  bool                 // something is only known of whole traces
	events bool
	links  bool
}

// A sight says which values of an attribute a query sees. TraceQL compares an
// attribute with a literal only where the stored value is of the literal's own
// type; but what one condition lets in, the others see as well.
type sight struct {
	all   bool
	conds []condition
	isNil bool // the query asks whether it is nil
	whole bool // select() shows every value
}

type condition struct {
	op  Operator
	lit Static
	re  *regexpMatch
}

// sees reports whether some condition of the query is about values like v.
func (s *sight) sees(v Static) bool {
	if s.all || len(s.conds) == 0 {
		return true
	}
	return slices.ContainsFunc(s.conds, func(c condition) bool { return c.holds(v) })
}

// holds reports whether the condition is true of v, which must be of the
// literal's own type.
func (c condition) holds(v Static) bool {
	if v.typ != c.lit.typ {
		return false
	}
	if c.re != nil {
		return c.re.MatchString(v.s) == (c.op == OpMatch)
	}
	o, ok := order(v, c.lit)
	return ok && c.op.holds(o)
}

func needsOf(q *Query) *needs {
	n := &needs{attrs: map[Attribute]*sight{}}
	if q.Metrics != nil {
		n.metric(q.Metrics)
	} else {
		n.pipeline(q.Search)
	}
	return n
}

func (n *needs) pipeline(p *Pipeline) {
	for _, s := range p.Stages {
		n.stage(s)
	}
}

func (n *needs) stage(s Stage) {
	switch s := s.(type) {
	case *Filter:
		if s.Expr != nil {
			n.expr(s.Expr)
		}
	case *SpansetOp:
		n.trace = true
		n.stage(s.L)
		n.stage(s.R)
	case *Pipeline:
		n.trace = true
		n.pipeline(s)
	case *ScalarFilter:
		n.trace = true
		if a, ok := s.L.(*Aggregate); ok && a.Expr != nil {
			n.expr(a.Expr)
		}
	case *By:
		n.expr(s.Expr)
	case *Select:
		for _, a := range s.Attrs {
			n.show(a)
			n.use(a).whole = true
		}
	}
}

// use notes that a is needed and what else that takes.
func (n *needs) use(a Attribute) *sight {
	k := a.key()
	s := n.attrs[k]
	if s == nil {
		s = &sight{}
		n.attrs[k] = s
	}
	n.trace = n.trace || a.ofTrace()
	n.events = n.events || a.ofEvent()
	n.links = n.links || a.ofLink()
	return s
}

func (n *needs) show(a Attribute) {
	k := a.key()
	if !slices.ContainsFunc(n.shown, func(b Attribute) bool { return b.key() == k }) {
		n.shown = append(n.shown, a)
	}
}

func (n *needs) expr(e FieldExpr) {
	switch e := e.(type) {
	case Attribute:
		n.show(e)
		n.use(e).all = true
	case *Unary:
		n.expr(e.X)
	case *Binary:
		a, lit, op := e.literal()
		if op == 0 {
			n.expr(e.L)
			n.expr(e.R)
			return
		}
		n.show(a)
		s := n.use(a)
		switch {
		case lit.IsNil() && op == OpEq:
			s.isNil, s.all = true, true
		case lit.IsNil():
			s.all = true
		default:
			s.conds = append(s.conds, condition{op: op, lit: lit, re: e.re})
		}
	}
}

// literal returns the parts of attribute OP literal, mirrored if the literal
// comes first; op is 0 if e is something else.
func (e *Binary) literal() (a Attribute, lit Static, op Operator) {
	if !e.Op.comparison() && e.Op != OpMatch && e.Op != OpNotMatch {
		return a, lit, 0
	}
	if a, ok := e.L.(Attribute); ok {
		if lit, ok := e.R.(Static); ok {
			return a, lit, e.Op
		}
	}
	if a, ok := e.R.(Attribute); ok {
		if lit, ok := e.L.(Static); ok {
			return a, lit, mirror(e.Op)
		}
	}
	return a, lit, 0
}

func mirror(op Operator) Operator {
	switch op {
	case OpLt:
		return OpGt
	case OpLe:
		return OpGe
	case OpGt:
		return OpLt
	case OpGe:
		return OpLe
	}
	return op
}

func (n *needs) metric(e MetricExpr) {
	switch e := e.(type) {
	case *MetricPipeline:
		n.pipeline(e.Pipeline)
		// What is measured and grouped by is looked at after the filters
		// have run, so it widens no filter's sight.
		for _, a := range e.Fn.By {
			n.use(a)
		}
		if e.Fn.Attr != nil {
			n.use(*e.Fn.Attr)
		}
		if f := e.Fn.Selection; f != nil {
			n.trace = true // it compares the names of the root, too
			if f.Expr != nil {
				n.expr(f.Expr)
			}
		}
	case *MetricMath:
		n.metric(e.L)
		n.metric(e.R)
	case *MetricStages:
		n.metric(e.Expr)
	}
}

// projection returns what a scan must decode to evaluate the query.
func (n *needs) projection() *storage.Projection {
	p := &storage.Projection{Body: true, Span: true, Events: n.events, Links: n.links}
	for a := range n.attrs {
		if a.Intrinsic == NoIntrinsic && (a.Scope == ScopeNone || a.Scope == ScopeSpan) && !slices.Contains(p.Attrs, a.Name) {
			p.Attrs = append(p.Attrs, a.Name)
		}
	}
	slices.Sort(p.Attrs)
	return p
}

// kindOf returns the kind of stored values a literal compares with, or
// KindNone if there is none.
func (s Static) kindOf() model.Kind {
	switch s.typ {
	case TypeInt:
		return model.KindInt
	case TypeFloat:
		return model.KindFloat
	case TypeString:
		return model.KindString
	case TypeBool:
		return model.KindBool
	}
	return model.KindNone
}
