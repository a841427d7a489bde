package evidence

import (
	"fmt"
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A condition is the expression of a rule taken apart: what is measured, and
// what that is compared with.
type condition struct {
	signal   alerting.Signal
	measured string
	op       string // "" if there is no comparison

	bound     float64 // the threshold, NaN if it is not constant
	boundExpr string  // else the expression for it

	absent bool // measured is what the rule misses
	unit   unit
}

// split takes an expression apart. One without a comparison is measured whole.
func split(signal alerting.Signal, text string, p parser.Parser) (condition, error) {
	c := condition{signal: signal, measured: text, bound: math.NaN()}
	switch signal {
	case alerting.Logs:
		e, err := logql.Parse(text)
		if err != nil {
			return c, err
		}
		c.splitLogs(e)
	case alerting.Traces:
		q, err := traceql.Parse(text)
		if err != nil {
			return c, err
		}
		c.splitTraces(q)
	default:
		e, err := p.ParseExpr(text)
		if err != nil {
			return c, err
		}
		if !c.splitMetrics(e) {
			c.splitAbsent(e)
		}
		c.unit = unitOfMetrics(p, c.measured)
	}
	return c, nil
}

// turned are the comparisons with their sides exchanged.
var turned = map[string]string{">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}

// splitMetrics finds the first comparison whose result the rule passes on: at
// the top, in parentheses, or on a side of and, or and unless. One with a
// number goes before one of two vectors.
func (c *condition) splitMetrics(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return c.splitMetrics(e.Expr)
	case *parser.StepInvariantExpr:
		return c.splitMetrics(e.Expr)
	case *parser.BinaryExpr:
		if e.Op.IsSetOperator() {
			if c.splitMetrics(e.LHS) {
				return true
			}
			return e.Op != parser.LUNLESS && c.splitMetrics(e.RHS)
		}
		if !e.Op.IsComparisonOperator() {
			return false
		}
		left, right, op := e.LHS, e.RHS, e.Op.String()
		if left.Type() == parser.ValueTypeScalar {
			left, right, op = right, left, turned[op]
		}
		if left.Type() == parser.ValueTypeScalar {
			return false // of two numbers
		}
		if c.splitMetrics(left) { // a comparison of a comparison: the inner one measures
			return true
		}
		c.measured, c.op = bare(left).String(), op
		if v, ok := constant(right); ok {
			c.bound = v
		} else {
			c.boundExpr = right.String()
		}
		return true
	}
	return false
}

// splitAbsent takes what absent misses for measured.
func (c *condition) splitAbsent(e parser.Expr) {
	call, ok := bare(e).(*parser.Call)
	if !ok || len(call.Args) == 0 {
		return
	}
	switch arg := bare(call.Args[0]).(type) {
	case *parser.MatrixSelector:
		if call.Func.Name == "absent_over_time" {
			c.measured, c.absent = arg.VectorSelector.String(), true
		}
	default:
		if call.Func.Name == "absent" {
			c.measured, c.absent = arg.String(), true
		}
	}
}

// bare returns e without parentheses around it.
func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// constant computes a scalar that is made of numbers only.
func constant(e parser.Expr) (v float64, ok bool) {
	switch e := e.(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.ParenExpr:
		return constant(e.Expr)
	case *parser.StepInvariantExpr:
		return constant(e.Expr)
	case *parser.UnaryExpr:
		v, ok = constant(e.Expr)
		if e.Op == parser.SUB {
			v = -v
		}
		return v, ok
	case *parser.BinaryExpr:
		l, okL := constant(e.LHS)
		r, okR := constant(e.RHS)
		if !okL || !okR {
			return 0, false
		}
		switch e.Op {
		case parser.ADD:
			return l + r, true
		case parser.SUB:
			return l - r, true
		case parser.MUL:
			return l * r, true
		case parser.DIV:
			return l / r, true
		case parser.MOD:
			return math.Mod(l, r), true
		case parser.POW:
			return math.Pow(l, r), true
		}
	}
	return 0, false
}

// splitLogs is splitMetrics for LogQL.
func (c *condition) splitLogs(e logql.Expr) bool {
	b, ok := e.(*logql.BinaryExpr)
	if !ok {
		c.unit = unitOfLogs(e)
		return false
	}
	switch b.Op {
	case "and", "or", "unless":
		if c.splitLogs(b.Left) {
			return true
		}
		return b.Op != "unless" && c.splitLogs(b.Right)
	case "==", "!=", "<", "<=", ">", ">=":
	default:
		c.unit = unitOfLogs(e)
		return false
	}
	left, right, op := b.Left, b.Right, string(b.Op)
	if _, ok := left.(*logql.Number); ok {
		left, right, op = right, left, turned[op]
	}
	if _, ok := left.(*logql.Number); ok {
		return false
	}
	if c.splitLogs(left) {
		return true
	}
	c.measured, c.op, c.unit = left.String(), op, unitOfLogs(left)
	if n, ok := right.(*logql.Number); ok {
		c.bound = n.Value
	} else {
		c.boundExpr = right.String()
	}
	return true
}

// splitTraces takes the first comparison off a TraceQL query, and what follows
// it.
func (c *condition) splitTraces(q *traceql.Query) {
	stages, ok := q.Metrics.(*traceql.MetricStages)
	if !ok {
		c.unit = unitOfTraces(q.Metrics)
		return
	}
	c.unit = unitOfTraces(stages.Expr)
	for i, s := range stages.Stages {
		if s.Fn != "" {
			continue
		}
		bound := s.Value.Float()
		if s.Value.Type() == traceql.TypeDuration {
			bound /= 1e9
		}
		rest := traceql.Query{Metrics: stages.Expr, Hints: q.Hints}
		if i > 0 {
			rest.Metrics = &traceql.MetricStages{Expr: stages.Expr, Stages: stages.Stages[:i]}
		}
		c.measured, c.op, c.bound = rest.String(), sign(s.Op), bound
		return
	}
}

func sign(op traceql.Operator) string {
	if op == traceql.OpEq {
		return "=="
	}
	return op.String()
}

// threshold returns what a value is compared with, or nil. bound stands in for
// one that is not constant.
func (c condition) threshold(bound float64) *Threshold {
	if !math.IsNaN(c.bound) {
		bound = c.bound
	}
	if c.op == "" || math.IsNaN(bound) || math.IsInf(bound, 0) {
		return nil
	}
	return &Threshold{Op: c.op, Value: bound, Text: fmt.Sprintf("%s %s", c.op, c.unit.text(bound))}
}
