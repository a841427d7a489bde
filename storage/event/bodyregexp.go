package event

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// bodyMatches returns the rows of sel whose body the expression matches. Bodies
// without a text that it requires are not put together.
func (b *block) bodyMatches(re *regexp.Regexp, sel []uint32) ([]uint32, error) {
	s, err := b.openBodies()
	if err != nil {
		return nil, err
	}
	if s != nil {
		for _, oneOf := range requiredTexts(re) {
			var kept []uint32
			rest := sel
			for _, t := range oneOf {
				more, err := b.bodyContains(t.text, t.fold, rest)
				if err != nil {
					return nil, err
				}
				kept, rest = union(kept, more), minus(rest, more)
			}
			if sel = kept; len(sel) == 0 {
				return nil, nil
			}
		}
		if err := b.build(sel); err != nil {
			return nil, err
		}
	}
	return sift(sel, func(i uint32) bool { return re.MatchString(b.batch.Body[i]) }), nil
}

// A requiredText is within what an expression matches.
type requiredText struct {
	text string
	fold bool // in any case
}

// maxRequired bounds how many texts are looked for.
const maxRequired = 16

// requiredTexts returns texts of which each list has one that is within
// whatever re matches.
func requiredTexts(re *regexp.Regexp) [][]requiredText {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil // POSIX
	}
	all := required(parsed.Simplify())
	return all[:min(len(all), maxRequired)]
}

func required(re *syntax.Regexp) [][]requiredText {
	switch re.Op {
	case syntax.OpLiteral:
		text := string(re.Rune)
		if !utf8.ValidString(text) || len(text) < 2 {
			return nil
		}
		return [][]requiredText{{{text, re.Flags&syntax.FoldCase != 0}}}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		var all [][]requiredText
		for _, sub := range re.Sub {
			all = append(all, required(sub)...)
		}
		return all
	case syntax.OpAlternate:
		var any []requiredText
		for _, sub := range re.Sub {
			of := required(sub)
			if len(of) == 0 || len(any)+len(of[0]) > maxRequired {
				return nil
			}
			any = append(any, of[0]...)
		}
		return [][]requiredText{any}
	}
	return nil
}
