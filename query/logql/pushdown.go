package logql

import (
	"context"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/model"
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
	nodes, err := parsePattern(a.Text)
	if err != nil {
		return nil, false
	}
	var and storage.And
	for _, n := range nodes {
		if n.name == "" {
			and = append(and, containsPredicate(n.literal, false))
		}
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

// labelPredicate translates a comparison of a label, which no stage has
// touched, with a text. It keeps all lines that pass the filter and maybe
// more; nil when nothing is known.
func (pl *planner) labelPredicate(ctx context.Context, f LabelFilter) (storage.Predicate, error) {
	switch f := f.(type) {
	case *AndFilter:
		left, err := pl.labelPredicate(ctx, f.Left)
		if err != nil {
			return nil, err
		}
		right, err := pl.labelPredicate(ctx, f.Right)
		if left == nil || right == nil || err != nil {
			if left == nil {
				return right, err
			}
			return left, err
		}
		return storage.And{left, right}, nil
	case *MatchFilter:
		m := f.Matcher
		// The text of arrays and maps is not what predicates compare.
		if m.Type != labels.MatchEqual || m.Value == "" || strings.ContainsAny(m.Value[:1], "[{") || strings.HasPrefix(m.Name, "__error") {
			return nil, nil
		}
		keys, err := pl.attrKeys(ctx, m.Name)
		if err != nil {
			return nil, err
		}
		or := storage.Or{storage.Compare{Field: storage.Field{Place: storage.Stream, Key: m.Name}, Op: storage.Eq, Value: model.String(m.Value)}}
		for _, k := range keys {
			for _, v := range valuesOfText(m.Value) {
				or = append(or, storage.Compare{Field: storage.Field{Place: storage.Attr, Key: k}, Op: storage.Eq, Value: v})
			}
		}
		return or, nil
	}
	return nil, nil
}

// valuesOfText returns the values whose Text is text.
func valuesOfText(text string) []model.Value {
	out := []model.Value{model.String(text), model.Bytes(text)}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		out = append(out, model.Int(n))
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		out = append(out, model.Float(f))
	}
	if text == "true" || text == "false" {
		out = append(out, model.Bool(text == "true"))
	}
	return out
}
