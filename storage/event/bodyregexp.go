package event

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/storage"
)

// bodyMatches returns the rows of sel whose body the expression matches. Bodies
// without a text that it requires are not put together.
func (b *block) bodyMatches(re *regexp.Regexp, sel []uint32) ([]uint32, error) {
	s, err := b.openBodies()
	if err != nil {
		return nil, err
	}
	var sure []uint32
	if s != nil {
		required, floating := requiredTexts(re)
		for _, oneOf := range required {
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
		if floating && len(required) > 0 {
			if sure, err = b.wordsMatch(re, required[0], sel); err != nil {
				return nil, err
			}
			sel = minus(sel, sure)
		}
		if err := b.build(sel); err != nil {
			return nil, err
		}
	}
	return union(sure, sift(sel, func(i uint32) bool { return re.MatchString(b.batch.Body[i]) })), nil
}

// wordsMatch returns the rows of sel that have a word of a dictionary that the
// expression matches, which one of the texts must be in. What matches within
// a value does so within the body, if the expression does not ask what stands
// around.
func (b *block) wordsMatch(re *regexp.Regexp, oneOf []requiredText, sel []uint32) ([]uint32, error) {
	s := b.shredded
	columns := make([][]bool, len(s.Columns)) // by code
	for i := range s.Columns {
		if c := &s.Columns[i]; !c.Dict || c.Numeric() {
			continue
		}
		v, err := b.values(i)
		if err != nil {
			return nil, err
		}
		for code := range v.texts() {
			word := v.text(code)
			if slices.ContainsFunc(oneOf, func(t requiredText) bool { return t.in(word) }) && re.MatchString(word) {
				if columns[i] == nil {
					columns[i] = make([]bool, v.texts())
				}
				columns[i][code] = true
			}
		}
	}
	return sift(sel, func(row uint32) bool {
		for i, matches := range columns {
			if matches == nil {
				continue
			}
			if at := s.columns[i].at[row]; at != absent && matches[s.columns[i].codes[at]] {
				return true
			}
		}
		return false
	}), nil
}

// A requiredText is within what an expression matches.
type requiredText struct {
	text string
	fold bool // in any case
}

func (t requiredText) in(s string) bool {
	if t.fold {
		return storage.ContainsFold(s, t.text)
	}
	return strings.Contains(s, t.text)
}

// maxRequired bounds how many texts are looked for.
const maxRequired = 16

// requiredTexts returns texts of which each list has one that is within
// whatever re matches, and whether it matches that wherever it stands.
func requiredTexts(re *regexp.Regexp) (all [][]requiredText, floating bool) {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil, false // POSIX
	}
	all = required(parsed.Simplify())
	return all[:min(len(all), maxRequired)], floats(parsed)
}

// floats reports whether re does not ask what stands before or behind a match.
func floats(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return false
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !floats(sub) })
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
