package traceql

// spansetOperators by sign, with how tightly each binds.
var spansetOperators = func() map[string]SpansetOperator {
	m := map[string]SpansetOperator{}
	for _, r := range []string{">", "<", ">>", "<<", "~"} {
		for _, o := range []SpansetOperator{{Relation: r}, {Relation: r, Negated: true}, {Relation: r, Union: true}} {
			m[o.String()] = o
		}
	}
	m["&&"] = SpansetOperator{Relation: "&&"}
	m["||"] = SpansetOperator{Relation: "||"}
	return m
}()

func (o SpansetOperator) binding() int {
	if o.structural() {
		return 2
	}
	return 1
}

// spansetExpr reads spansets with operators that bind tighter than min. All
// operators group to the left.
func (p *parser) spansetExpr(min int) (Stage, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.spanset()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		t := p.peek()
		op, ok := spansetOperators[t.text]
		if t.kind != tokOp || !ok || op.binding() <= min {
			return l, nil
		}
		if n > maxDepth {
			return nil, parseErrorf(p.in, t.pos, "query is nested too deeply")
		}
		p.i++
		r, err := p.spansetExpr(op.binding())
		if err != nil {
			return nil, err
		}
		if _, ok := r.(*Pipeline); ok {
			if _, ok := l.(*Filter); ok {
				return nil, parseErrorf(p.in, t.pos, "syntax error: %v between a spanset and a pipeline; give the left side a pipe", op)
			}
		}
		l = &SpansetOp{Op: op, L: l, R: r}
	}
}

// spanset reads a filter, or something in round brackets.
func (p *parser) spanset() (Stage, error) {
	if p.accept("{") {
		f := &Filter{}
		if !p.op("}") {
			e, err := p.fieldExpr(0)
			if err != nil {
				return nil, err
			}
			f.Expr = e
		}
		return f, p.expect("}")
	}
	if !p.accept("(") {
		return nil, p.unexpected("a spanset")
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	pl, err := p.pipeline()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if len(pl.Stages) == 1 {
		switch s := pl.Stages[0].(type) {
		case *Filter, *SpansetOp, *Pipeline:
			return s, nil
		}
	}
	return pl, nil
}

// scalarAhead tells (sum(…) + 1) from ({…}) at an opening bracket.
func (p *parser) scalarAhead() bool {
	for i := p.i; ; i++ {
		switch t := p.toks[i]; {
		case t.kind == tokOp && (t.text == "(" || t.text == "-"):
		case t.kind == tokStatic:
			return true
		case t.kind == tokWord && aggregates[t.text]:
			// ({…} | count()) begins with a brace; (count() > 1 | …) with an
			// aggregate, but so does (count() + 1) > 2.
			return !p.closesAfterComparison()
		default:
			return false
		}
	}
}

// closesAfterComparison reports whether the bracket that opens here contains,
// at its own level, a comparison: then it is a pipeline.
func (p *parser) closesAfterComparison() bool {
	depth := 0
	for i := p.i; i < len(p.toks); i++ {
		switch t := p.toks[i]; {
		case t.kind == tokOp && t.text == "(":
			depth++
		case t.kind == tokOp && t.text == ")":
			if depth--; depth == 0 {
				return false
			}
		case t.kind == tokOp && depth == 1 && (comparisons[t.text] != 0 || t.text == "|"):
			return true
		}
	}
	return false
}

var comparisons = map[string]Operator{"=": OpEq, "!=": OpNe, "<": OpLt, "<=": OpLe, ">": OpGt, ">=": OpGe}

var aggregates = map[string]bool{"count": true, "avg": true, "min": true, "max": true, "sum": true}

func (p *parser) scalarFilter() (Stage, error) {
	l, err := p.scalarExpr(0)
	if err != nil {
		return nil, err
	}
	t := p.peek()
	op := comparisons[t.text]
	if t.kind != tokOp || op == 0 {
		if p.op(")") {
			return nil, checkErrorf("comparing what a pipeline in brackets counts is not yet supported")
		}
		return nil, p.unexpected("a comparison")
	}
	p.i++
	r, err := p.scalarExpr(0)
	if err != nil {
		return nil, err
	}
	if !hasAggregate(l) && !hasAggregate(r) {
		return nil, parseErrorf(p.in, t.pos, "syntax error: a comparison of numbers only is not a filter")
	}
	return &ScalarFilter{Op: op, L: l, R: r}, nil
}

func hasAggregate(e ScalarExpr) bool {
	switch e := e.(type) {
	case *Aggregate:
		return true
	case *ScalarOp:
		return hasAggregate(e.L) || hasAggregate(e.R)
	}
	return false
}

// scalarExpr reads arithmetic that binds tighter than min.
func (p *parser) scalarExpr(min int) (ScalarExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	l, err := p.scalar()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op, bind, right := p.binaryAhead()
		if !op.arithmetic() || bind <= min || n > maxDepth {
			return l, nil
		}
		p.i++
		if right {
			bind--
		}
		r, err := p.scalarExpr(bind)
		if err != nil {
			return nil, err
		}
		l = &ScalarOp{Op: op, L: l, R: r}
	}
}

func (p *parser) scalar() (ScalarExpr, error) {
	t := p.peek()
	switch {
	case p.accept("("):
		e, err := p.scalarExpr(0)
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case p.accept("-"):
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		e, err := p.scalar()
		if err != nil {
			return nil, err
		}
		if s, ok := e.(Static); ok {
			v, err := negate(s)
			if err != nil {
				return nil, err
			}
			return v, nil
		}
		return &ScalarOp{Op: OpSub, L: IntOf(0), R: e}, nil
	case t.kind == tokWord && aggregates[t.text]:
		p.i++
		if err := p.expect("("); err != nil {
			return nil, err
		}
		a := &Aggregate{Fn: t.text}
		if t.text != "count" {
			e, err := p.fieldExpr(0)
			if err != nil {
				return nil, err
			}
			a.Expr = e
		}
		return a, p.expect(")")
	}
	return p.static()
}
