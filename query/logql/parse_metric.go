package logql

import (
	"math"
	"regexp"
	"strings"
	"time"
)

// expr parses operators of at least the given precedence.
func (p *parser) expr(least int) Expr {
	defer p.nest()()
	left := p.operand()
	for {
		t := p.tok()
		if t.kind != tokSign && t.kind != tokKeyword {
			return left
		}
		op := BinaryOp(t.text)
		prec := op.precedence()
		if prec == 0 || prec < least {
			return left
		}
		if l, ok := left.(*LogExpr); ok {
			p.failf("unexpected type for left leg of binary operation (%s): %s", op, describe(l))
		}
		p.operator()
		p.advance()
		b := &BinaryExpr{Op: op, Left: left, Bool: p.accept("bool")}
		b.Matching = p.matching()
		next := prec + 1
		if op == "^" {
			next = prec
		}
		b.Right = p.expr(next)
		left = p.binary(b)
	}
}

func describe(l *LogExpr) string {
	if len(l.Stages) > 0 {
		return "log pipeline"
	}
	return "log selector"
}

func (p *parser) binary(b *BinaryExpr) Expr {
	if l, ok := b.Right.(*LogExpr); ok {
		p.failf("unexpected type for right leg of binary operation (%s): %s", b.Op, describe(l))
	}
	l, leftNumber := b.Left.(*Number)
	r, rightNumber := b.Right.(*Number)
	if b.Op.isSet() {
		if leftNumber {
			p.failf("unexpected literal for left leg of logical/set binary operation (%s): %f", b.Op, l.Value)
		}
		if rightNumber {
			p.failf("unexpected literal for right leg of logical/set binary operation (%s): %f", b.Op, r.Value)
		}
		if b.Matching != nil && len(b.Matching.Include) > 0 {
			p.failf("no grouping allowed for %s operation", b.Op)
		}
	}
	if leftNumber && rightNumber {
		v, keep := b.Op.apply(l.Value, r.Value)
		if b.Op.isComparison() {
			v = truth(keep)
		}
		return &Number{Value: v}
	}
	return b
}

func (p *parser) matching() *Matching {
	m := &Matching{}
	switch {
	case p.accept("on"):
		m.On = true
	case p.accept("ignoring"):
	default:
		return nil
	}
	m.Labels = p.names()
	switch {
	case p.accept("group_left"):
		m.Group = GroupLeft
	case p.accept("group_right"):
		m.Group = GroupRight
	default:
		return m
	}
	if p.is("(") && p.namesFollow() {
		m.Include = p.names()
	}
	return m
}

// namesFollow tells a list of labels from an operand in parentheses.
func (p *parser) namesFollow() bool {
	for n := 1; ; n += 2 {
		t, sep := p.peek(n), p.peek(n+1)
		if n == 1 && t.kind == tokSign && t.text == ")" {
			return true
		}
		if t.kind != tokIdent || sep.kind != tokSign {
			return false
		}
		if sep.text == ")" {
			return true
		}
		if sep.text != "," {
			return false
		}
	}
}

// names parses a list of labels in parentheses, perhaps empty.
func (p *parser) names() []string {
	p.expect("(")
	if p.accept(")") {
		return nil
	}
	out := []string{p.expectIdent(")")}
	for p.accept(",") {
		out = append(out, p.expectIdent())
	}
	if !p.accept(")") {
		p.unexpected(",", ")")
	}
	return out
}

func (p *parser) grouping() *Grouping {
	switch {
	case p.accept("by"):
		return &Grouping{Labels: p.names()}
	case p.accept("without"):
		return &Grouping{Without: true, Labels: p.names()}
	}
	return nil
}

func (p *parser) operand() Expr {
	defer p.nest()()
	t := p.tok()
	switch {
	case p.is("{"):
		return p.logExpr()
	case p.accept("("):
		e := p.expr(1)
		if !p.accept(")") {
			p.unexpected()
		}
		return e
	case t.kind == tokNumber:
		return &Number{Value: p.advance().number}
	case (p.is("-") || p.is("+")) && p.peek(1).kind == tokNumber:
		v := p.toks[p.i+1].number
		if t.text == "-" {
			v = -v
		}
		p.i += 2
		return &Number{Value: v}
	}
	switch name := p.function(); {
	case name == "":
		p.unexpected()
	case name == "vector":
		return p.vectorLiteral()
	case name == "label_replace":
		return p.labelReplace()
	case vectorOps[VectorOp(name)]:
		return p.vectorAgg(VectorOp(name))
	default:
		return p.rangeAgg(RangeOp(name))
	}
	return nil
}

func (p *parser) vectorLiteral() Expr {
	p.advance()
	p.expect("(")
	if p.tok().kind != tokNumber {
		p.unexpected("NUMBER")
	}
	v := p.advance().number
	p.expect(")")
	return &VectorLiteral{Value: v}
}

func (p *parser) labelReplace() Expr {
	p.advance()
	p.expect("(")
	l := &LabelReplace{Inner: p.expr(1)}
	if log, ok := l.Inner.(*LogExpr); ok {
		p.failf("unexpected type for label_replace: %s", describe(log))
	}
	for _, dst := range []*string{&l.Dst, &l.Replacement, &l.Src, &l.Regexp} {
		p.expect(",")
		*dst = p.expectString()
	}
	p.expect(")")
	if _, err := regexp.Compile("^(?:" + l.Regexp + ")$"); err != nil {
		p.failf("invalid regex in label_replace: %v", err)
	}
	return l
}

func (p *parser) vectorAgg(op VectorOp) Expr {
	p.advance()
	a := &VectorAgg{Op: op, Grouping: p.grouping()}
	p.expect("(")
	var param *token
	if t := p.tok(); t.kind == tokNumber && p.peek(1).text == "," && p.peek(1).kind == tokSign {
		param = &t
		p.i += 2
	}
	a.Inner = p.expr(1)
	if l, ok := a.Inner.(*LogExpr); ok {
		p.failf("unexpected type for aggregation %s: %s", op, describe(l))
	}
	p.expect(")")
	if a.Grouping == nil {
		a.Grouping = p.grouping()
	}
	switch {
	case !op.hasParam() && param != nil:
		p.failf("unsupported parameter for operation %s(%s,", op, formatFloat(param.number))
	case op.hasParam() && param == nil:
		p.failf("parameter required for operation %s", op)
	case op.hasParam():
		k := param.number
		if k != math.Trunc(k) || k > math.MaxInt32 {
			p.failf("invalid parameter %s(%s,", op, formatFloat(k))
		}
		if k <= 0 {
			p.failf("invalid parameter (must be greater than 0) %s(%s", op, formatFloat(k))
		}
		a.Param = int(k)
	}
	if a.Grouping != nil {
		if op == OpSort || op == OpSortDesc {
			p.failf("sort and sort_desc doesn't allow grouping by")
		}
		if op == OpApproxTopk {
			p.failf("grouping not allowed for approx_topk aggregation")
		}
	}
	return a
}

func (p *parser) rangeAgg(op RangeOp) Expr {
	p.advance()
	p.expect("(")
	a := &RangeAgg{Op: op}
	if p.tok().kind == tokNumber {
		v := p.advance().number
		a.Param = &v
		p.expect(",")
	} else if !p.is("{") && !p.is("(") {
		p.unexpected("NUMBER", "{", "(")
	}
	a.Log = p.logRange()
	if a.Log.Range < 0 {
		p.unexpected()
	}
	p.expect(")")
	a.Grouping = p.grouping()

	rule := rangeRules[op]
	switch {
	case a.Param != nil && op != OpQuantileOver:
		p.failf("parameter %s not supported for operation %s", formatFloat(*a.Param), op)
	case a.Param == nil && op == OpQuantileOver:
		p.failf("parameter required for operation %s", op)
	case a.Log.Unwrap == nil && !rule.lines:
		p.failf("invalid aggregation %s without unwrap", op)
	case a.Log.Unwrap != nil && !rule.values:
		p.failf("invalid aggregation %s with unwrap", op)
	case a.Grouping != nil && !rule.grouped:
		p.failf("grouping not allowed for %s aggregation", op)
	}
	return a
}

// logRange parses the lines and the window of a range aggregation, which may
// stand behind the selector or behind the stages. Range is -1 when it is not
// there yet.
func (p *parser) logRange() *LogRange {
	defer p.nest()()
	var r *LogRange
	if p.accept("(") {
		r = p.logRange()
		p.expect(")")
	} else {
		r = &LogRange{Range: -1, Log: &LogExpr{Matchers: p.logSelector()}}
		p.maybeRange(r)
		r.Log.Stages = p.stages()
		r.Unwrap = p.unwrap()
	}
	p.maybeRange(r)
	return r
}

func (p *parser) maybeRange(r *LogRange) {
	if r.Range >= 0 || p.tok().kind != tokRange {
		return
	}
	r.Range = p.advance().duration
	if !p.accept("offset") {
		return
	}
	sign := int64(1)
	if p.accept("-") {
		sign = -1
	}
	if p.tok().kind != tokDuration {
		p.unexpected("DURATION")
	}
	r.Offset = time.Duration(sign) * p.advance().duration
}

func (p *parser) unwrap() *Unwrap {
	if !p.is("|") || p.peek(1).kind != tokKeyword || p.peek(1).text != "unwrap" {
		return nil
	}
	p.i += 2
	if p.tok().kind != tokIdent {
		p.unexpected("IDENTIFIER", "BYTES_CONV", "DURATION_CONV", "DURATION_SECONDS_CONV")
	}
	u := &Unwrap{Label: p.advance().text}
	if p.is("(") {
		switch conv := Conversion(strings.ToLower(u.Label)); conv {
		case ConvBytes, ConvDuration, ConvDurationSeconds:
			u.Conv = conv
		default:
			p.unexpected()
		}
		p.advance()
		u.Label = p.expectIdent()
		p.expect(")")
	}
	for p.accept("|") {
		if p.tok().kind != tokIdent && !p.is("(") {
			p.unexpected("IDENTIFIER", "(")
		}
		u.Filters = append(u.Filters, p.labelFilter())
	}
	return u
}
