package logql

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

const emptyMatchers = "queries require at least one regexp or equality matcher that does not have an empty-compatible value. " +
	"For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will"

func (p *parser) logExpr() *LogExpr {
	return &LogExpr{Matchers: p.logSelector(), Stages: p.stages()}
}

// logSelector parses a selector that does not match streams without labels.
func (p *parser) logSelector() []*labels.Matcher {
	ms := p.selector()
	for _, m := range ms {
		if !m.Matches("") {
			return ms
		}
	}
	p.failf("%s", emptyMatchers)
	return nil
}

func (p *parser) selector() []*labels.Matcher {
	p.expect("{")
	if p.accept("}") {
		return nil
	}
	ms := []*labels.Matcher{p.matcher(p.expectIdent("}"))}
	for p.accept(",") {
		ms = append(ms, p.matcher(p.expectIdent()))
	}
	if !p.accept("}") {
		p.unexpected("}", ",")
	}
	return ms
}

func matchType(sign string) (labels.MatchType, bool) {
	switch sign {
	case "=":
		return labels.MatchEqual, true
	case "!=":
		return labels.MatchNotEqual, true
	case "=~":
		return labels.MatchRegexp, true
	case "!~":
		return labels.MatchNotRegexp, true
	}
	return 0, false
}

func (p *parser) matcher(name string) *labels.Matcher {
	t := p.tok()
	mt, ok := matchType(t.text)
	if t.kind != tokSign || !ok {
		p.unexpected("=", "=~", "!~", "!=")
	}
	p.advance()
	m, err := labels.NewMatcher(mt, name, p.expectString())
	if err != nil {
		p.failf("%v", err)
	}
	return m
}

// stages parses a pipeline up to its end or an unwrap.
func (p *parser) stages() []Stage {
	var out []Stage
	for {
		var s Stage
		t := p.tok()
		switch {
		case t.kind == tokSign && lineOps[t.text] != 0:
			s = p.lineFilter()
		case p.is("|"):
			if next := p.peek(1); next.kind == tokKeyword && next.text == "unwrap" {
				return out
			}
			p.advance()
			s = p.pipeStage()
		default:
			return out
		}
		if _, err := s.compile(); err != nil {
			if _, bare := s.(bareErrors); bare {
				p.failf("%v", err)
			}
			p.failf("stage '%s' : %v", s, err)
		}
		out = append(out, s)
	}
}

// bareErrors is a stage whose errors say what they are about.
type bareErrors interface{ bareErrors() }

func (p *parser) lineFilter() Stage {
	f := &LineFilter{Op: lineOps[p.advance().text]}
	for {
		t := p.tok()
		switch {
		case t.kind == tokString:
			f.Args = append(f.Args, LineArg{Text: p.advance().text})
		case t.kind == tokIdent && strings.EqualFold(t.text, "ip") && p.peek(1).text == "(":
			f.Args = append(f.Args, LineArg{Text: p.ipArg(), IP: true})
		default:
			p.unexpected("STRING", "ip")
		}
		if !p.accept("or") {
			return f
		}
	}
}

func (p *parser) ipArg() string {
	p.advance()
	p.expect("(")
	s := p.expectString()
	p.expect(")")
	return s
}

func (p *parser) pipeStage() Stage {
	t := p.tok()
	if t.kind == tokIdent || p.is("(") {
		return &LabelFilterStage{Filter: p.labelFilter()}
	}
	if t.kind != tokKeyword {
		p.unexpected()
	}
	switch p.advance().text {
	case "json":
		return &JSON{Extractions: p.extractions()}
	case "logfmt":
		s := &Logfmt{}
		for p.tok().kind == tokFlag {
			if p.advance().text == "--strict" {
				s.Strict = true
			} else {
				s.KeepEmpty = true
			}
		}
		s.Extractions = p.extractions()
		return s
	case "regexp":
		return &Regexp{Expr: p.expectString()}
	case "pattern":
		return &Pattern{Expr: p.expectString()}
	case "unpack":
		return &Unpack{}
	case "decolorize":
		return &Decolorize{}
	case "line_format":
		return &LineFormat{Template: p.expectString()}
	case "label_format":
		return p.labelFormat()
	case "drop":
		return &Drop{Labels: p.labelRefs()}
	case "keep":
		return &Keep{Labels: p.labelRefs()}
	}
	p.i--
	p.unexpected()
	return nil
}

func (p *parser) extractions() []Extraction {
	if p.tok().kind != tokIdent {
		return nil
	}
	var out []Extraction
	for {
		name := p.expectIdent()
		e := Extraction{Label: name, Expr: name}
		if p.accept("=") {
			e.Expr = p.expectString()
		}
		out = append(out, e)
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) labelFormat() Stage {
	s := &LabelFormat{}
	for {
		a := Assignment{Label: p.expectIdent()}
		p.expect("=")
		switch p.tok().kind {
		case tokIdent:
			a.Rename, a.Value = true, p.advance().text
		case tokString:
			a.Value = p.advance().text
		default:
			p.unexpected("IDENTIFIER", "STRING")
		}
		s.Assignments = append(s.Assignments, a)
		if !p.accept(",") {
			return s
		}
	}
}

func (p *parser) labelRefs() []LabelRef {
	var out []LabelRef
	for {
		r := LabelRef{Name: p.expectIdent()}
		if t := p.tok(); t.kind == tokSign {
			if _, ok := matchType(t.text); ok && p.peek(1).kind == tokString {
				r.Matcher = p.matcher(r.Name)
			}
		}
		out = append(out, r)
		if !p.accept(",") {
			return out
		}
	}
}
