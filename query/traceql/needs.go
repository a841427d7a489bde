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
	tree   bool                 // parents or children matter
	events bool
	links  bool
	shared map[Scope]*sight // of the attributes without a column of their own
	fetch  fetch

	subject subject // reused for one span after the other
}

// A sight says which values of an attribute a query sees. TraceQL compares an
// attribute with a literal only where the stored value is of the literal's own
// type; but what one condition lets in, the others see as well, also those on
// other attributes of the same scope: Tempo reads these from one column.
type sight struct {
	conds  []condition
	read   bool // it is used without a literal: every value
	exists bool // the query asks whether it is not nil: every value
	isNil  bool // the query asks whether it is nil: no value
	whole  bool // select() shows every value
}

type condition struct {
	op  Operator
	lit Static
	re  *regexpMatch
}

// sees reports whether some condition of the query is about values like v.
func (s *sight) sees(v Static) bool {
	if s.read || s.exists || len(s.conds) == 0 && !s.isNil {
		return true
	}
	return slices.ContainsFunc(s.conds, func(c condition) bool { return c.holds(v) })
}

// holds reports whether the condition is true of v, which must be of the
// literal's own type.
func (c condition) holds(v Static) bool {
	return v.typ == c.lit.typ && c.compares(v)
}

// compares reports whether the condition is true of v, of any type.
func (c condition) compares(v Static) bool {
	if c.re != nil {
		return v.typ == TypeString && c.re.MatchString(v.s) == (c.op == OpMatch)
	}
	o, ok := order(v, c.lit)
	return ok && c.op.holds(o)
}

func needsOf(q *Query) *needs {
	n := &needs{attrs: map[Attribute]*sight{}}
	if q.Metrics != nil {
		n.metric(q.Metrics)
	} else {
		n.query(q.Search)
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
		n.filter(s)
	case *SpansetOp:
		n.fetch.any = true
		n.trace = true
		n.tree = n.tree || s.Op.structural()
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
	n.tree = n.tree || a.ofTree()
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
		n.use(e).read = true
	case *Unary:
		n.fetch.matters = true
		n.expr(e.X)
	case *Binary:
		a, lit, op := e.literal()
		if op == 0 {
			n.both(e)
			return
		}
		n.show(a)
		s := n.use(a)
		switch {
		case lit.IsNil() && op == OpEq:
			s.isNil = true
		case lit.IsNil():
			s.exists = true
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
		n.query(e.Pipeline)
		// What is measured and grouped by is looked at after the filters
		// have run, so it widens no filter's sight.
		for _, a := range e.Fn.By {
			n.use(a)
		}
		if e.Fn.Attr != nil {
			n.use(*e.Fn.Attr)
		}
		if f := e.Fn.Selection; f != nil {
			n.trace, n.tree = true, true // it compares the names of the root, and how many children there are
			if f.Expr != nil {
				first := n.fetch
				n.expr(f.Expr)
				n.fetch = first
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
	p := &storage.Projection{Body: true, Tree: true, Events: n.events, Links: n.links}
	for a := range n.attrs {
		if a.Intrinsic == NoIntrinsic && (a.Scope == ScopeNone || a.Scope == ScopeSpan) && !slices.Contains(p.Attrs, a.Name) {
			p.Attrs = append(p.Attrs, a.Name)
		}
		p.Span = p.Span || a.Intrinsic == IntrinsicStatusMessage
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
