package logql

import (
	"regexp"
	"regexp/syntax"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/storage"
)

var body = storage.Field{Place: storage.Body}

// linePredicate translates a line filter. exact is false when lines that the
// predicate keeps must be tested again; p is nil when nothing is known.
func linePredicate(f *LineFilter) (p storage.Predicate, exact bool) {
	exact = true
	var or storage.Or
	for _, a := range f.Args {
		arg, same := argPredicate(f.Op, a)
		if !same {
			if arg == nil || f.Op.negative() {
				return nil, false
			}
			exact = false
		}
		or = append(or, arg)
	}
	p = or
	if len(or) == 1 {
		p = or[0]
	}
	if f.Op.negative() {
		p = storage.Not{P: p}
	}
	return p, exact
}

func argPredicate(op LineOp, a LineArg) (p storage.Predicate, exact bool) {
	if a.IP {
		return nil, false
	}
	switch op {
	case LineContains, LineNotContains:
		return containsPredicate(a.Text, false), true
	case LineMatches, LineNotMatches:
		return regexpPredicate(a.Text)
	}
	pattern, err := linefield.ParsePattern(a.Text)
	if err != nil {
		return nil, false
	}
	var and storage.And
	for _, text := range pattern.Literals() {
		and = append(and, containsPredicate(text, false))
	}
	if len(and) == 0 {
		return nil, false
	}
	return and, false
}

func containsPredicate(needle string, fold bool) storage.Predicate {
	if needle == "" {
		return storage.And{}
	}
	return storage.Contains{Field: body, Needle: needle, FoldCase: fold}
}

// regexpPredicate makes needles of an expression that is only a literal, or
// several to choose from.
func regexpPredicate(expr string) (storage.Predicate, bool) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false
	}
	if p := literalPredicate(parsed); p != nil {
		return p, true
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, false
	}
	return storage.Match{Field: body, Regexp: re}, true
}

func literalPredicate(re *syntax.Regexp) storage.Predicate {
	switch re.Op {
	case syntax.OpLiteral:
		return containsPredicate(string(re.Rune), re.Flags&syntax.FoldCase != 0)
	case syntax.OpCapture:
		return literalPredicate(re.Sub[0])
	case syntax.OpAlternate:
		var or storage.Or
		for _, sub := range re.Sub {
			p := literalPredicate(sub)
			if p == nil {
				return nil
			}
			or = append(or, p)
		}
		return or
	}
	return nil
}
