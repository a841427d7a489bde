package traceql

import (
	"slices"
)

// MaxQueryBytes is the longest query Parse takes.
const MaxQueryBytes = 128 << 10

// maxDepth bounds how deeply brackets and operators may nest, so that neither
// the parser nor the evaluator runs out of stack.
const maxDepth = 400

// Parse reads and checks a query. Errors are *ParseError and *CheckError; both
// are fault.ErrInvalid.
func Parse(in string) (*Query, error) {
	q, err := parse(in)
	if err != nil {
		return nil, err
	}
	return q, check(q)
}

func parse(in string) (*Query, error) {
	if len(in) > MaxQueryBytes {
		return nil, checkErrorf("query of %d bytes is longer than the limit of %d", len(in), MaxQueryBytes)
	}
	toks, err := lex(in)
	if err != nil {
		return nil, err
	}
	p := parser{in: in, toks: toks}
	q := &Query{}
	if p.isMath() {
		q.Metrics, err = p.metricExpr(0)
	} else {
		q.Search, q.Metrics, err = p.searchOrMetrics()
	}
	if err != nil {
		return nil, err
	}
	if q.Metrics != nil {
		if q.Metrics, err = p.secondStages(q.Metrics); err != nil {
			return nil, err
		}
	}
	for p.word("with") {
		if q.Hints, err = p.hints(q.Hints); err != nil {
			return nil, err
		}
	}
	return q, p.end()
}

type parser struct {
	in    string
	toks  []token
	i     int
	depth int
}

func (p *parser) peek() token { return p.toks[p.i] }

func (p *parser) advance() token {
	t := p.toks[p.i]
	if t.kind != tokEOF {
		p.i++
	}
	return t
}

func (p *parser) unexpected(want string) error {
	t := p.peek()
	return parseErrorf(p.in, t.pos, "syntax error: unexpected %v, expecting %s", t, want)
}

// op reports whether the next token is the operator or bracket.
func (p *parser) op(text string) bool { t := p.peek(); return t.kind == tokOp && t.text == text }

// word reports whether the next token is the keyword.
func (p *parser) word(text string) bool { t := p.peek(); return t.kind == tokWord && t.text == text }

func (p *parser) accept(text string) bool {
	if p.op(text) {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return p.unexpected(text)
	}
	return nil
}

func (p *parser) end() error {
	if p.peek().kind != tokEOF {
		return p.unexpected("end of query")
	}
	return nil
}

// enter counts a level of nesting; the caller undoes it with leave.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return parseErrorf(p.in, p.peek().pos, "query is nested too deeply")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// isMath reports whether the query is arithmetic on series: it begins with a
// number, or has a metrics function inside brackets.
func (p *parser) isMath() bool {
	if t := p.peek(); t.kind == tokStatic && t.static.typ.numeric() {
		return slices.ContainsFunc(p.toks, func(t token) bool { return t.kind == tokWord && metricFunctions[t.text] })
	}
	depth := 0
	for _, t := range p.toks {
		switch {
		case t.kind == tokOp && t.text == "(":
			depth++
		case t.kind == tokOp && t.text == ")":
			depth--
		case t.kind == tokWord && metricFunctions[t.text] && depth > 0:
			return true
		}
	}
	return false
}

// searchOrMetrics reads a pipeline, which a metrics function may end.
func (p *parser) searchOrMetrics() (*Pipeline, MetricExpr, error) {
	pl, err := p.pipeline()
	if err != nil {
		return nil, nil, err
	}
	if !p.metricsAhead() {
		return pl, nil, nil
	}
	p.i++
	fn, err := p.metricFn()
	if err != nil {
		return nil, nil, err
	}
	return nil, &MetricPipeline{Pipeline: pl, Fn: fn}, nil
}

// metricsAhead reports whether a pipe and a metrics function follow.
func (p *parser) metricsAhead() bool {
	return p.op("|") && p.toks[p.i+1].kind == tokWord && metricFunctions[p.toks[p.i+1].text]
}

// pipeline reads stages up to what cannot go on one.
func (p *parser) pipeline() (*Pipeline, error) {
	first, err := p.stage(true)
	if err != nil {
		return nil, err
	}
	pl := &Pipeline{Stages: []Stage{first}}
	for p.op("|") && !p.metricsAhead() {
		p.i++
		s, err := p.stage(false)
		if err != nil {
			return nil, err
		}
		pl.Stages = append(pl.Stages, s)
	}
	return pl, nil
}

func (p *parser) stage(first bool) (Stage, error) {
	t := p.peek()
	switch {
	case p.word("by"):
		return p.by()
	case p.word("coalesce") && !first:
		p.i++
		if err := p.expect("("); err != nil {
			return nil, err
		}
		return &Coalesce{}, p.expect(")")
	case p.word("select"):
		return p.selectStage()
	case p.op("{"):
		return p.spansetExpr(0)
	case p.op("("):
		if p.scalarAhead() {
			return p.scalarFilter()
		}
		s, err := p.spansetExpr(0)
		if pl, ok := s.(*Pipeline); err == nil && ok && !first {
			return nil, parseErrorf(p.in, t.pos, "syntax error: a pipeline of %d stages in brackets cannot be a later stage", len(pl.Stages))
		}
		return s, err
	case t.kind == tokWord && aggregates[t.text], t.kind == tokStatic, p.op("-"):
		return p.scalarFilter()
	}
	return nil, p.unexpected("a spanset, an aggregate, by, select or coalesce")
}

func (p *parser) by() (Stage, error) {
	p.i++
	if err := p.expect("("); err != nil {
		return nil, err
	}
	e, err := p.fieldExpr(0)
	if err != nil {
		return nil, err
	}
	return &By{Expr: e}, p.expect(")")
}

func (p *parser) selectStage() (Stage, error) {
	p.i++
	if err := p.expect("("); err != nil {
		return nil, err
	}
	attrs, err := p.attributes()
	if err != nil {
		return nil, err
	}
	return &Select{Attrs: attrs}, p.expect(")")
}

// attributes reads one or more attributes with commas between.
func (p *parser) attributes() ([]Attribute, error) {
	var out []Attribute
	for {
		a, err := p.attribute()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
		if !p.accept(",") {
			return out, nil
		}
	}
}

func (p *parser) attribute() (Attribute, error) {
	t := p.peek()
	if t.kind == tokAttr {
		p.i++
		return t.attr, nil
	}
	if in, ok := plainIntrinsics[t.text]; ok && t.kind == tokWord {
		p.i++
		return Attribute{Intrinsic: in, Spelled: t.text}, nil
	}
	return Attribute{}, p.unexpected("an attribute")
}

func (p *parser) hints(out []Hint) ([]Hint, error) {
	p.i++
	if err := p.expect("("); err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		if t.kind != tokWord {
			return nil, p.unexpected("a hint's name")
		}
		p.i++
		if err := p.expect("="); err != nil {
			return nil, err
		}
		v, err := p.static()
		if err != nil {
			return nil, err
		}
		out = append(out, Hint{Name: t.text, Value: v})
		if !p.accept(",") {
			return out, p.expect(")")
		}
	}
}
