package logql

import "strings"

// labelFilter parses conditions on labels; "and", a comma and a blank bind
// tighter than "or".
func (p *parser) labelFilter() LabelFilter {
	defer p.nest()()
	left := p.labelConjunction()
	for p.accept("or") {
		p.operator()
		left = &OrFilter{Left: left, Right: p.labelConjunction()}
	}
	return left
}

func (p *parser) labelConjunction() LabelFilter {
	left := p.labelCondition()
	for {
		if !p.accept("and") && !p.accept(",") && p.tok().kind != tokIdent && !p.is("(") {
			return left
		}
		p.operator()
		left = &AndFilter{Left: left, Right: p.labelCondition()}
	}
}

func (p *parser) labelCondition() LabelFilter {
	if p.accept("(") {
		f := p.labelFilter()
		p.expect(")")
		return f
	}
	name := p.expectIdent("(")
	op := p.tok()
	if op.kind != tokSign {
		p.unexpected()
	}
	if _, ok := matchType(op.text); ok {
		next := p.peek(1)
		if next.kind == tokString {
			return &MatchFilter{Matcher: p.matcher(name)}
		}
		if next.kind == tokIdent && strings.EqualFold(next.text, "ip") && p.peek(2).text == "(" {
			p.advance()
			if op.text != "=" && op.text != "!=" {
				p.unexpected("STRING")
			}
			f := &IPFilter{Label: name, Negate: op.text == "!=", Pattern: p.ipArg()}
			var err error
			if f.parsed, err = parseIPPattern(f.Pattern); err != nil {
				p.failf("stage '| %s' : %v", f, err)
			}
			return f
		}
		if op.text == "=~" || op.text == "!~" {
			p.advance()
			p.unexpected("STRING")
		}
	}
	return p.comparison(name)
}

func (p *parser) comparison(name string) LabelFilter {
	op := CompareOp(p.tok().text)
	switch op {
	case "=":
		op = "=="
	case "==", "!=", ">", ">=", "<", "<=":
	default:
		p.unexpected()
	}
	p.advance()
	negative := p.is("-") && p.peek(1).kind == tokNumber
	if negative || p.is("+") && p.peek(1).kind == tokNumber {
		p.advance()
	}
	switch t := p.tok(); t.kind {
	case tokNumber:
		v := p.advance().number
		if negative {
			v = -v
		}
		return &NumberFilter{Label: name, Op: op, Value: v}
	case tokDuration:
		return &DurationFilter{Label: name, Op: op, Value: p.advance().duration}
	case tokBytes:
		return &BytesFilter{Label: name, Op: op, Value: roundBytes(p.advance().bytes)}
	}
	p.unexpected()
	return nil
}
