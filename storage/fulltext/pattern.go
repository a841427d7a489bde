package fulltext

import (
	"regexp/syntax"
	"slices"
)

// A requirement is what every text that a regular expression matches must
// contain: of each of its elements one alternative. Empty requires nothing.
type requirement [][]alternative

// An alternative is a requirement of its own, or else a text, which may be
// empty.
type alternative struct {
	text string
	all  requirement
}

// Limits that keep requirements of odd expressions small.
const (
	maxAlternatives = 32
	maxSeparators   = 64 // characters of a class that is looked at
)

// requirementOf returns what regular expression expr requires.
func requirementOf(expr string) requirement {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil // of another dialect
	}
	return analyse(re.Simplify()).requires()
}

// wholeMatches returns the texts that expr matches, if it must match the whole
// text, in the case given, and there are few.
func wholeMatches(expr string) (texts []string, ok bool) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false
	}
	re = re.Simplify()
	if re.Op != syntax.OpConcat {
		return nil, false
	}
	last := len(re.Sub) - 1
	if re.Sub[0].Op != syntax.OpBeginText || re.Sub[last].Op != syntax.OpEndText {
		return nil, false
	}
	l := concat(re.Sub[1:last])
	return l.texts, l.finite && !l.loose
}

// A language is what analyse knows of the texts an expression matches: all of
// them if it is finite, else what they require.
type language struct {
	finite bool
	texts  []string
	loose  bool // texts have boundary in place of separators, or are in another case
	req    requirement
}

// separated is a separator of tokens, or an end of the text.
func separated(texts ...string) language { return language{finite: true, loose: true, texts: texts} }

// analyse follows "Regular Expression Matching with a Trigram Index" [1], with
// texts in place of trigrams.
//
// [1]: https://swtch.com/~rsc/regexp/regexp4.html
func analyse(re *syntax.Regexp) language {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return language{finite: true, texts: []string{""}}
	case syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return language{finite: true, loose: true, texts: []string{""}}
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return separated(boundary)
	case syntax.OpLiteral:
		return language{finite: true, loose: re.Flags&syntax.FoldCase != 0, texts: []string{string(re.Rune)}}
	case syntax.OpCharClass:
		return class(re)
	case syntax.OpCapture:
		return analyse(re.Sub[0])
	case syntax.OpQuest:
		if l := analyse(re.Sub[0]); l.finite && len(l.texts) < maxAlternatives {
			l.texts = append([]string{""}, l.texts...)
			return l
		}
	case syntax.OpPlus:
		if sub := re.Sub[0]; sub.Op == syntax.OpCharClass && separators(sub) {
			return class(sub)
		}
		return language{req: analyse(re.Sub[0]).requires()}
	case syntax.OpAlternate:
		return alternate(re.Sub)
	case syntax.OpConcat:
		return concat(re.Sub)
	}
	return language{}
}

func (l language) requires() requirement {
	if l.finite {
		return oneOf(l.texts)
	}
	return l.req
}

// oneOf requires one of the texts.
func oneOf(texts []string) requirement {
	if slices.Contains(texts, "") {
		return nil
	}
	alts := make([]alternative, len(texts))
	for i, t := range texts {
		alts[i] = alternative{text: t}
	}
	return requirement{alts}
}

// class returns the texts of a class of few characters. If all of them separate
// tokens, it is boundary, and a dash beside it: a dash may be one of a UUID.
func class(re *syntax.Regexp) language {
	var texts []string
	dash := false
	for i := 0; i < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		dash = dash || lo <= '-' && '-' <= hi
		for r := lo; r <= hi && len(texts) <= maxAlternatives; r++ {
			texts = append(texts, string(r))
		}
	}
	switch {
	case separators(re) && dash:
		return separated(boundary, "-")
	case separators(re):
		return separated(boundary)
	case len(texts) == 0 || len(texts) > maxAlternatives:
		return language{}
	}
	return language{finite: true, texts: texts}
}

// separators reports whether no character of the class is part of a token.
func separators(class *syntax.Regexp) bool {
	n := 0
	for i := 0; i < len(class.Rune); i += 2 {
		for r := class.Rune[i]; r <= class.Rune[i+1]; r++ {
			if n++; n > maxSeparators {
				return false
			}
			if _, word := foldRune(r); word {
				return false
			}
		}
	}
	return n > 0
}

func alternate(subs []*syntax.Regexp) language {
	out := language{finite: true}
	var alts []alternative
	for _, sub := range subs {
		l := analyse(sub)
		out.loose = out.loose || l.loose
		if out.finite = out.finite && l.finite && len(out.texts)+len(l.texts) <= maxAlternatives; out.finite {
			out.texts = append(out.texts, l.texts...)
		}
		alts = append(alts, alternative{all: l.requires()})
	}
	if out.finite {
		return out
	}
	return language{req: requirement{alts}}
}

// concat joins finite neighbours, as far as there are not too many, and
// requires the rest one by one.
func concat(subs []*syntax.Regexp) language {
	run := []string{""}
	finite, loose := true, false
	var req requirement
	for _, sub := range subs {
		l := analyse(sub)
		loose = loose || l.loose
		if l.finite && len(run)*len(l.texts) <= maxAlternatives {
			run = product(run, l.texts)
			continue
		}
		finite = false
		req = append(append(req, oneOf(run)...), l.requires()...)
		run = []string{""}
	}
	if finite {
		return language{finite: true, texts: run, loose: loose}
	}
	return language{req: append(req, oneOf(run)...)}
}

func product(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}
