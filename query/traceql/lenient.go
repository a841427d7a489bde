package traceql

// ParseFilter reads what an editor sends while a query is being typed: the
// filter of a single { … }. Of one that does not parse, the complete
// conditions joined by && are kept and the rest is ignored; a query that is
// anything else than one filter gives nil, which keeps every span.
func ParseFilter(in string) *Filter {
	q, err := Parse(in)
	if err == nil {
		if q.Search == nil || len(q.Search.Stages) != 1 {
			return nil
		}
		f, _ := q.Search.Stages[0].(*Filter)
		return f
	}
	toks, err := lex(in)
	if err != nil {
		return nil
	}
	return completeConditions(in, toks)
}

func completeConditions(in string, toks []token) *Filter {
	var expr FieldExpr
	braces := 0
	for i, t := range toks {
		if t.kind == tokOp && (t.text == "||" || t.text == "|" || t.text == "(") {
			return nil
		}
		if t.kind == tokOp && t.text == "{" {
			braces++
		}
		if i == 0 || i+3 >= len(toks) || toks[i-1].kind != tokOp || toks[i-1].text != "{" && toks[i-1].text != "&&" {
			continue
		}
		if end := toks[i+3]; end.kind != tokEOF && (end.kind != tokOp || end.text != "&&" && end.text != "}") {
			continue
		}
		// The three tokens, parsed and checked by themselves.
		p := parser{in: in, toks: append(append([]token{}, toks[i:i+3]...), token{kind: tokEOF})}
		e, err := p.fieldExpr(0)
		if err != nil || p.end() != nil {
			continue
		}
		if b, ok := e.(*Binary); !ok || checkFilter(&Filter{Expr: b}) != nil {
			continue
		}
		if expr == nil {
			expr = e
		} else {
			expr = &Binary{Op: OpAnd, L: expr, R: e}
		}
	}
	if expr == nil || braces > 1 {
		return nil
	}
	return &Filter{Expr: expr}
}
