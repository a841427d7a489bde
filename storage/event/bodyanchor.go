package event

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// An anchored is an expression whose matches begin with a text. If that text,
// and one of last, are in values of one column only, and the values are between
// quotes, then the expression matches a body just if it matches the value: a
// match begins within the value, is still there at the last text, and what
// comes after that takes no quote.
type anchored struct {
	re    *regexp.Regexp
	first string
	last  []string
}

const quote = '"'

// anchor returns what p is as an anchored, or nil.
func anchor(p storage.Predicate) *anchored {
	m, ok := p.(storage.Match)
	if !ok || m.Field.Place != storage.Body {
		return nil
	}
	parsed, err := syntax.Parse(m.Regexp.String(), syntax.Perl)
	if err != nil || !floats(parsed) {
		return nil
	}
	parts := []*syntax.Regexp{parsed}
	if parsed.Op == syntax.OpConcat {
		parts = parsed.Sub
	}
	a := &anchored{re: m.Regexp}
	if a.first, ok = plainText(parts[0]); !ok {
		return nil
	}
	for _, part := range slices.Backward(parts) {
		if text, ok := plainText(part); ok {
			a.last = append(a.last, text)
		}
		if takesQuote(part) {
			break
		}
	}
	if len(a.last) == 0 {
		return nil
	}
	return a
}

// plainText returns the text that is all that re matches.
func plainText(re *syntax.Regexp) (string, bool) {
	text := string(re.Rune)
	return text, re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 && len(text) > 1 && strings.IndexByte(text, quote) < 0
}

// takesQuote reports whether a match of re may have a quote in it.
func takesQuote(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return slices.Contains(re.Rune, quote)
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] <= quote && quote <= re.Rune[i+1] {
				return true
			}
		}
		return false
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	}
	return slices.ContainsFunc(re.Sub, takesQuote)
}

// matchAnchored returns the rows of sel, nil meaning all, that are shredded and
// match; ok is false if the values of one column cannot tell.
func (b *block) matchAnchored(a *anchored, sel []uint32) (hits []uint32, ok bool, err error) {
	s, err := b.openColumns()
	if s == nil || err != nil || !s.within(a.first) {
		return nil, false, err
	}
	where, err := b.columnsWith(a.first, noColumn)
	if err != nil || len(where) == 0 {
		return nil, err == nil, err
	}
	at := where[0]
	if len(where) > 1 || at == shred.Rest || !s.quoted[at] {
		return nil, false, nil
	}
	last := slices.MinFunc(a.last, func(x, y string) int { return s.possibleColumns(x) - s.possibleColumns(y) })
	if !s.within(last) {
		return nil, false, nil
	}
	if elsewhere, err := b.columnsWith(last, at); err != nil || len(elsewhere) > 0 {
		return nil, false, err
	}
	v, err := b.values(at)
	if err != nil {
		return nil, false, err
	}
	matches := func(value string) bool { return strings.Contains(value, a.first) && a.re.MatchString(value) }
	return b.markValues(v, matches).rows(sel), true, nil
}
