package logql

import (
	"fmt"
	"strings"
)

// Bounds of a query, so that a hostile one cannot exhaust the stack.
const (
	maxDepth     = 200  // of parentheses and right-associative operators
	maxOperators = 2000 // in the whole query
)

// Parse parses a query. Its errors are *ParseError.
func Parse(query string) (Expr, error) {
	p, err := newParser(query)
	if err != nil {
		return nil, err
	}
	return parseWith(p, func() Expr {
		e := p.expr(1)
		if p.tok().kind != tokEnd {
			p.unexpected()
		}
		return e
	})
}

// ParseLog parses a query that must select lines.
func ParseLog(query string) (*LogExpr, error) {
	e, err := Parse(query)
	if err != nil {
		return nil, err
	}
	l, ok := e.(*LogExpr)
	if !ok {
		return nil, &ParseError{Msg: "only log selector is supported"}
	}
	return l, nil
}

// ParseSelector parses a selector without stages. Unlike a log query it may
// match every stream. Its errors are fault.ErrInvalid.
func ParseSelector(query string) (*LogExpr, error) {
	p, err := newParser(query)
	if err != nil {
		return nil, err
	}
	l, err := parseWith(p, func() *LogExpr { return &LogExpr{Matchers: p.selector()} })
	if err == nil && p.tok().kind != tokEnd {
		return nil, evalErrorf("only label matchers are supported")
	}
	return l, err
}

// parser walks over the tokens. Methods give up by panicking with a
// *ParseError, which parseWith turns into an error.
type parser struct {
	toks      []token
	i         int
	depth     int
	operators int
}

func newParser(query string) (*parser, error) {
	toks, err := lex(query)
	if err != nil {
		return nil, err
	}
	return &parser{toks: toks}, nil
}

func parseWith[T any](p *parser, f func() T) (out T, err error) {
	defer func() {
		if r := recover(); r != nil {
			pe, ok := r.(*ParseError)
			if !ok {
				panic(r)
			}
			err = pe
		}
	}()
	return f(), nil
}

func (p *parser) tok() token { return p.toks[p.i] }

// peek returns the token n after the current one.
func (p *parser) peek(n int) token { return p.toks[min(p.i+n, len(p.toks)-1)] }

func (p *parser) advance() token {
	t := p.toks[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (p *parser) is(text string) bool {
	t := p.tok()
	return (t.kind == tokSign || t.kind == tokKeyword) && t.text == text
}

// accept takes the sign or keyword if it is next.
func (p *parser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.i++
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.unexpected(text)
	}
}

func (p *parser) expectIdent(also ...string) string {
	if p.tok().kind != tokIdent {
		p.unexpected(append([]string{"IDENTIFIER"}, also...)...)
	}
	return p.advance().text
}

func (p *parser) expectString(also ...string) string {
	if p.tok().kind != tokString {
		p.unexpected(append([]string{"STRING"}, also...)...)
	}
	return p.advance().text
}

// unexpected fails at the current token; want are the tokens it could be, to
// be told only when they are few.
func (p *parser) unexpected(want ...string) {
	t := p.tok()
	name := t.String()
	if t.kind == tokIdent && p.peek(1).text == "(" && p.peek(1).kind == tokSign && isFunction(strings.ToLower(t.text)) {
		name = strings.ToUpper(t.text)
	}
	msg := "syntax error: unexpected " + name
	if len(want) > 0 {
		msg += ", expecting " + strings.Join(want, " or ")
	}
	panic(&ParseError{Line: t.line, Col: t.col, Msg: msg})
}

// failf fails for a reason beyond the grammar.
func (p *parser) failf(format string, args ...any) {
	panic(&ParseError{Msg: fmt.Sprintf(format, args...)})
}

// nest runs f one level deeper.
func (p *parser) nest() func() {
	if p.depth++; p.depth > maxDepth {
		t := p.tok()
		panic(&ParseError{Line: t.line, Col: t.col, Msg: fmt.Sprintf("query nests deeper than %d levels", maxDepth)})
	}
	return func() { p.depth-- }
}

// operator counts an operator.
func (p *parser) operator() {
	if p.operators++; p.operators > maxOperators {
		t := p.tok()
		panic(&ParseError{Line: t.line, Col: t.col, Msg: fmt.Sprintf("query has more than %d operators", maxOperators)})
	}
}

func isFunction(name string) bool {
	_, isRange := rangeRules[RangeOp(name)]
	return isRange || vectorOps[VectorOp(name)] || name == "label_replace" || name == "vector"
}

// function returns the name of the function that starts here, or "".
// Functions are known by what follows, so labels may have their names.
func (p *parser) function() string {
	t := p.tok()
	if t.kind != tokIdent {
		return ""
	}
	name := strings.ToLower(t.text)
	if !isFunction(name) {
		return ""
	}
	next := p.peek(1)
	if next.kind == tokSign && next.text == "(" {
		return name
	}
	grouped := next.kind == tokKeyword && (next.text == "by" || next.text == "without")
	if after := p.peek(2); grouped && after.kind == tokSign && after.text == "(" {
		return name
	}
	return ""
}
