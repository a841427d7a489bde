package traceql

import "math"

// metricFunctions are the functions that may end a pipeline.
var metricFunctions = map[string]bool{
	"rate": true, "count_over_time": true, "min_over_time": true, "max_over_time": true, "avg_over_time": true,
	"sum_over_time": true, "histogram_over_time": true, "quantile_over_time": true, "compare": true,
}

func (p *parser) metricFn() (*MetricFn, error) {
	name := p.advance().text
	fn := &MetricFn{Name: name}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var err error
	switch name {
	case "rate", "count_over_time":
	case "quantile_over_time":
		err = p.quantiles(fn)
	case "compare":
		err = p.compareArgs(fn)
	default:
		err = p.measured(fn)
	}
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if name == "compare" || !p.word("by") {
		return fn, nil
	}
	p.i++
	if err := p.expect("("); err != nil {
		return nil, err
	}
	by, err := p.attributes()
	if err != nil {
		return nil, err
	}
	fn.By = by
	return fn, p.expect(")")
}

func (p *parser) measured(fn *MetricFn) error {
	a, err := p.attribute()
	fn.Attr = &a
	return err
}

func (p *parser) quantiles(fn *MetricFn) error {
	if err := p.measured(fn); err != nil {
		return err
	}
	if !p.op(",") {
		return p.unexpected(", and a quantile")
	}
	for p.accept(",") {
		s, err := p.static()
		if err != nil {
			return err
		}
		if s.typ != TypeInt && s.typ != TypeFloat {
			return checkErrorf("quantile %v is not a number", s)
		}
		fn.Quantiles = append(fn.Quantiles, s.Float())
	}
	return nil
}

// defaultTopN is how many values of an attribute compare() returns.
const defaultTopN = 10

func (p *parser) compareArgs(fn *MetricFn) error {
	fn.TopN = defaultTopN
	if !p.op("{") {
		return p.unexpected("a filter")
	}
	s, err := p.spanset()
	if err != nil {
		return err
	}
	fn.Selection = s.(*Filter)
	var args []int64
	for p.accept(",") {
		t := p.peek()
		s, err := p.static()
		if err != nil {
			return err
		}
		if s.typ != TypeInt {
			return parseErrorf(p.in, t.pos, "syntax error: %v is not an integer", s)
		}
		args = append(args, s.n)
	}
	switch len(args) {
	case 0:
	case 1:
		fn.TopN = clampInt(args[0])
	case 3:
		fn.TopN, fn.Start, fn.End = clampInt(args[0]), args[1], args[2]
	default:
		return checkErrorf("compare takes a filter, a number of values, and a start with an end")
	}
	return nil
}

func clampInt(n int64) int { return int(max(min(n, math.MaxInt32), math.MinInt32)) }

// secondStages reads topk, bottomk and comparisons after a metrics function.
func (p *parser) secondStages(e MetricExpr) (MetricExpr, error) {
	var out []SecondStage
	for len(out) <= maxDepth {
		t := p.peek()
		if op := comparisons[t.text]; t.kind == tokOp && op != 0 {
			p.i++
			s, err := p.scalarExpr(0)
			if err != nil {
				return nil, err
			}
			v, err := constant(s)
			if err != nil {
				return nil, err
			}
			out = append(out, SecondStage{Op: op, Value: v})
			continue
		}
		if !p.op("|") {
			break
		}
		p.i++
		if !p.word("topk") && !p.word("bottomk") {
			return nil, p.unexpected("topk or bottomk")
		}
		fn := p.advance().text
		if err := p.expect("("); err != nil {
			return nil, err
		}
		k := p.peek()
		if k.kind != tokStatic || k.static.typ != TypeInt {
			return nil, p.unexpected("an integer")
		}
		p.i++
		if err := p.expect(")"); err != nil {
			return nil, err
		}
		out = append(out, SecondStage{Fn: fn, K: clampInt(k.static.n)})
	}
	if len(out) == 0 {
		return e, nil
	}
	return &MetricStages{Expr: e, Stages: out}, nil
}

// metricExpr reads arithmetic on series that binds tighter than min.
func (p *parser) metricExpr(min int) (MetricExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.metricOperand()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op, bind, _ := p.binaryAhead()
		if op < OpAdd || op > OpDiv || bind <= min {
			return l, nil
		}
		if n > maxDepth {
			return nil, parseErrorf(p.in, p.peek().pos, "query is nested too deeply")
		}
		p.i++
		r, err := p.metricExpr(bind)
		if err != nil {
			return nil, err
		}
		l = foldMath(op, l, r)
	}
}

// foldMath joins two operands; two numbers become one.
func foldMath(op Operator, l, r MetricExpr) MetricExpr {
	if a, ok := l.(Static); ok {
		if b, ok := r.(Static); ok {
			return arith(op, a, b)
		}
	}
	return &MetricMath{Op: op, L: l, R: r}
}

func (p *parser) metricOperand() (MetricExpr, error) {
	if !p.accept("(") {
		return p.static()
	}
	if t := p.peek(); p.op("(") && p.mathInBrackets() || t.kind == tokStatic || p.op("-") {
		e, err := p.metricExpr(0)
		if err != nil {
			return nil, err
		}
		if _, number := e.(Static); !number {
			if e, err = p.secondStages(e); err != nil {
				return nil, err
			}
		}
		return e, p.expect(")")
	}
	pl, e, err := p.searchOrMetrics()
	if err != nil {
		return nil, err
	}
	if pl != nil {
		return nil, p.unexpected("| and a metrics function")
	}
	if e, err = p.secondStages(e); err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

// mathInBrackets reports whether the bracket that opens here has a metrics
// function in it; otherwise it holds spansets.
func (p *parser) mathInBrackets() bool {
	depth := 0
	for i := p.i; i < len(p.toks); i++ {
		switch t := p.toks[i]; {
		case t.kind == tokOp && t.text == "(":
			depth++
		case t.kind == tokOp && t.text == ")":
			if depth--; depth == 0 {
				return false
			}
		case t.kind == tokWord && metricFunctions[t.text]:
			return true
		}
	}
	return false
}
