package fold

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// A planner makes nodes of expressions that are evaluated on a grid.
type planner struct {
	stmt *parser.EvalStmt
	grid grid
}

// worthwhile returns the node of e if e is where folding pays: where many series
// become few.
func (p *planner) worthwhile(e parser.Expr) node {
	switch e := e.(type) {
	case *parser.AggregateExpr:
		return p.node(e, "", nil)
	case *parser.BinaryExpr:
		if m := e.VectorMatching; m != nil && (m.Card == parser.CardManyToOne || m.Card == parser.CardOneToMany) {
			return p.node(e, "", nil)
		}
	}
	return nil
}

// node returns nil for what is left to the engine. function is the nearest one
// around e, and around what aggregates e itself.
func (p *planner) node(e parser.Expr, function string, around *parser.AggregateExpr) node {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return p.node(e.Expr, function, nil)
	case *parser.VectorSelector:
		return p.selector(e, function, around)
	case *parser.Call:
		return p.call(e)
	case *parser.AggregateExpr:
		return p.aggregation(e)
	case *parser.BinaryExpr:
		return p.binary(e)
	}
	return nil
}

// plain says that a selector reads what lies before each moment.
func plain(s *parser.VectorSelector) bool {
	return s.Timestamp == nil && s.StartOrEnd == 0 && !s.Anchored && !s.Smoothed
}

// named says that a selector is of one metric.
func named(s *parser.VectorSelector) bool {
	return slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual && m.Value != ""
	})
}

func (p *planner) selector(e *parser.VectorSelector, function string, around *parser.AggregateExpr) node {
	if !plain(e) {
		return nil
	}
	lookback, offset := p.stmt.LookbackDelta.Milliseconds(), e.OriginalOffset.Milliseconds()
	return &selector{
		matchers: e.LabelMatchers, offset: offset, lookback: lookback, named: named(e),
		hints: hints(p.stmt, p.grid, lookback, 0, offset, function, around),
	}
}

func (p *planner) call(e *parser.Call) node {
	name := e.Func.Name
	if !windowed[name] || len(e.Args) != 1 {
		return nil
	}
	m, ok := e.Args[0].(*parser.MatrixSelector)
	if !ok {
		return nil
	}
	s, ok := m.VectorSelector.(*parser.VectorSelector)
	keeps := name == "last_over_time" || name == "first_over_time"
	if !ok || !plain(s) || !named(s) && !keeps {
		return nil
	}
	// The engine sets it before it evaluates anything, and functions look at it.
	s.Offset = s.OriginalOffset
	rng, offset := m.Range.Milliseconds(), s.OriginalOffset.Milliseconds()
	w := &window{
		call: e, rng: rng, seconds: m.Range.Seconds(), offset: offset, named: named(s), keeps: keeps,
		matchers: s.LabelMatchers, hints: hints(p.stmt, p.grid, rng, rng, offset, name, nil), simple: overTime[name],
	}
	if name != "rate" && name != "increase" && name != "delta" {
		w.function = promql.FunctionCalls[name]
	}
	return w
}

func (p *planner) aggregation(e *parser.AggregateExpr) node {
	add, ok := adders[e.Op]
	if !ok || e.Param != nil {
		return nil
	}
	of := p.node(e.Expr, e.Op.String(), e)
	if of == nil {
		return nil
	}
	a := &aggregation{of: of, op: e.Op, without: e.Without, add: add, by: slices.Clone(e.Grouping)}
	if a.without {
		a.by = append(a.by, model.MetricNameLabel)
	}
	slices.Sort(a.by)
	return a
}

func (p *planner) binary(e *parser.BinaryExpr) node {
	if number, ok := literal(e.RHS); ok {
		return p.withScalar(e, e.LHS, number, false)
	}
	if number, ok := literal(e.LHS); ok {
		return p.withScalar(e, e.RHS, number, true)
	}
	j, ok := joinOf(e)
	if !ok {
		return nil
	}
	left, right := p.node(e.LHS, "", nil), p.node(e.RHS, "", nil)
	if left == nil || right == nil {
		return nil
	}
	j.many, j.one = left, right
	if j.swapped {
		j.many, j.one = right, left
	}
	if !j.many.distinct() {
		return nil
	}
	return j
}

func (p *planner) withScalar(e *parser.BinaryExpr, of parser.Expr, number float64, left bool) node {
	o, ok := operatorOf(e)
	if !ok {
		return nil
	}
	n := p.node(of, "", nil)
	if n == nil || o.nameless && !n.distinct() {
		return nil
	}
	return &withScalar{operator: o, of: n, number: number, left: left}
}

// literal returns the number that e is, if it is one.
func literal(e parser.Expr) (float64, bool) {
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.NumberLiteral:
			return n.Val, true
		default:
			return 0, false
		}
	}
}

// A place is where in a statement an expression stands that may be folded.
type place struct {
	expr *parser.Expr
	node node
	grid grid
}

// places finds them from the top, so that none is within another.
func places(stmt *parser.EvalStmt, subqueryStep time.Duration) []place {
	var found []place
	var look func(at *parser.Expr, g grid)
	look = func(at *parser.Expr, g grid) {
		if g.steps() == 0 {
			return
		}
		p := planner{stmt, g}
		if n := p.worthwhile(*at); n != nil {
			found = append(found, place{at, n, g})
			return
		}
		switch e := (*at).(type) {
		case *parser.ParenExpr:
			look(&e.Expr, g)
		case *parser.UnaryExpr:
			look(&e.Expr, g)
		case *parser.AggregateExpr:
			if e.Param != nil {
				look(&e.Param, g)
			}
			look(&e.Expr, g)
		case *parser.BinaryExpr:
			look(&e.LHS, g)
			look(&e.RHS, g)
		case *parser.Call:
			if e.Func.Name == "info" {
				return // it looks at the selectors below
			}
			for i := range e.Args {
				look(&e.Args[i], g)
			}
		case *parser.SubqueryExpr:
			if e.Timestamp == nil && e.StartOrEnd == 0 {
				look(&e.Expr, g.within(e, subqueryStep))
			}
		}
	}
	look(&stmt.Expr, gridOf(stmt))
	return found
}
