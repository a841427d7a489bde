package traceql

import (
	"fmt"
	"strconv"
	"strings"
)

// String returns the query in a form that Parse reads back to an equal query.
func (q *Query) String() string {
	var s string
	if q.Metrics != nil {
		s = printMetric(q.Metrics)
	} else {
		s = printStages(q.Search)
	}
	if len(q.Hints) == 0 {
		return s
	}
	hints := make([]string, len(q.Hints))
	for i, h := range q.Hints {
		hints[i] = h.Name + "=" + h.Value.String()
	}
	return s + " with(" + strings.Join(hints, ", ") + ")"
}

func printStages(p *Pipeline) string {
	parts := make([]string, len(p.Stages))
	for i, s := range p.Stages {
		parts[i] = printStage(s)
	}
	return strings.Join(parts, " | ")
}

func printStage(s Stage) string {
	switch s := s.(type) {
	case *Filter:
		if s.Expr == nil {
			return "{ }"
		}
		return "{ " + PrintExpr(s.Expr) + " }"
	case *SpansetOp:
		side := func(x Stage) string {
			if _, ok := x.(*SpansetOp); ok {
				return "(" + printStage(x) + ")"
			}
			return printStage(x)
		}
		return side(s.L) + " " + s.Op.String() + " " + side(s.R)
	case *Pipeline:
		return "(" + printStages(s) + ")"
	case *ScalarFilter:
		return printScalar(s.L) + " " + s.Op.String() + " " + printScalar(s.R)
	case *By:
		return "by(" + PrintExpr(s.Expr) + ")"
	case *Coalesce:
		return "coalesce()"
	case *Select:
		return "select(" + printAttrs(s.Attrs) + ")"
	}
	panic(fmt.Sprintf("traceql: unknown stage %T", s))
}

func printAttrs(attrs []Attribute) string {
	parts := make([]string, len(attrs))
	for i, a := range attrs {
		parts[i] = a.String()
	}
	return strings.Join(parts, ", ")
}

// PrintExpr returns a field expression with brackets round every operand that
// is itself an operation, the form in which answers name by(…).
func PrintExpr(e FieldExpr) string {
	switch e := e.(type) {
	case *Binary:
		return operand(e.L) + " " + e.Op.String() + " " + operand(e.R)
	case *Unary:
		return e.Op.String() + operand(e.X)
	case Attribute:
		return e.String()
	case Static:
		return e.String()
	}
	panic(fmt.Sprintf("traceql: unknown expression %T", e))
}

func operand(e FieldExpr) string {
	switch x := e.(type) {
	case *Binary, *Unary:
		return "(" + PrintExpr(e) + ")"
	case Static:
		if x.typ.numeric() && strings.HasPrefix(x.String(), "-") {
			return "(" + x.String() + ")"
		}
	}
	return PrintExpr(e)
}

func printScalar(e ScalarExpr) string {
	switch e := e.(type) {
	case *Aggregate:
		if e.Expr == nil {
			return e.Fn + "()"
		}
		return e.Fn + "(" + PrintExpr(e.Expr) + ")"
	case *ScalarOp:
		return "(" + printScalar(e.L) + " " + e.Op.String() + " " + printScalar(e.R) + ")"
	case Static:
		return e.String()
	}
	panic(fmt.Sprintf("traceql: unknown scalar %T", e))
}

func printMetric(e MetricExpr) string {
	switch e := e.(type) {
	case *MetricPipeline:
		return printStages(e.Pipeline) + " | " + e.Fn.String()
	case *MetricMath:
		return metricSide(e.L) + " " + e.Op.String() + " " + metricSide(e.R)
	case *MetricStages:
		s := printMetric(e.Expr)
		if _, ok := e.Expr.(*MetricStages); ok {
			s = "(" + s + ")"
		}
		for _, st := range e.Stages {
			s += st.String()
		}
		return s
	case Static:
		return e.String()
	}
	panic(fmt.Sprintf("traceql: unknown metric expression %T", e))
}

func metricSide(e MetricExpr) string {
	if s, ok := e.(Static); ok {
		return s.String()
	}
	return "(" + printMetric(e) + ")"
}

// String returns the function as queries spell it, its grouping included.
func (fn *MetricFn) String() string {
	var args []string
	if fn.Attr != nil {
		args = append(args, fn.Attr.String())
	}
	for _, q := range fn.Quantiles {
		args = append(args, strconv.FormatFloat(q, 'g', -1, 64))
	}
	if fn.Selection != nil {
		args = append(args, printStage(fn.Selection), strconv.Itoa(fn.TopN))
		if fn.Start != 0 || fn.End != 0 {
			args = append(args, strconv.FormatInt(fn.Start, 10), strconv.FormatInt(fn.End, 10))
		}
	}
	s := fn.Name + "(" + strings.Join(args, ", ") + ")"
	if len(fn.By) > 0 {
		s += " by(" + printAttrs(fn.By) + ")"
	}
	return s
}

// String returns the stage with what joins it to the query before it.
func (s SecondStage) String() string {
	if s.Fn != "" {
		return " | " + s.Fn + "(" + strconv.Itoa(s.K) + ")"
	}
	return " " + s.Op.String() + " " + s.Value.String()
}
