package fulltext

import (
	"fmt"
	"unicode/utf8"

	"github.com/bits-and-blooms/bitset"
)

// boundary in a needle separates tokens. It stands for the start or the end of
// the text, or for a character that separates tokens there.
const boundary = "\n"

// literal returns the granules with a text that contains needle, in any case.
//
// Tokens within the needle are tokens of the text too, and the bloom knows
// those. At the needle's ends, and beside bytes that may be a piece of a
// letter, a token may go on in the text: there the dictionary is asked for
// words with that part.
func (s *search) literal(needle string) (*bitset.BitSet, error) {
	var found *bitset.BitSet
	for sc := (scanner{text: needle}); sc.scan(); {
		set, err := s.token(&sc)
		if err != nil {
			return nil, err
		}
		switch {
		case set == nil:
			continue
		case found == nil:
			found = set
		default:
			found.InPlaceIntersection(set)
		}
		if found.None() {
			break
		}
	}
	return found, nil
}

// token returns the granules with texts that have the scanner's token.
func (s *search) token(sc *scanner) (*bitset.BitSet, error) {
	if sc.uuid {
		return s.hash(sc.hash)
	}
	before, after := sc.text[:sc.start], sc.text[sc.end:]
	startOpen := endsOpen(utf8.DecodeLastRuneInString(before))
	endOpen := endsOpen(utf8.DecodeRuneInString(after))
	folded := appendFolded(nil, sc.text[sc.start:sc.end])
	shapes := partShapes(folded, startOpen, endOpen)
	switch {
	case !startOpen && !endOpen:
		if shapes == nil && maybeOfUUID(before, len(folded), after) {
			return nil, nil
		}
		return s.whole(sc.hash, shapes)
	case shapes != nil:
		return s.part(shapes, startOpen, endOpen)
	case len(folded) >= traceIDLen:
		return s.id(sc.hash)
	}
	return nil, nil
}

// endsOpen reports whether a token beside the given rune, which is none of its
// own, may go on: at an end of the needle, or beside bytes that are not UTF-8
// but may be so in the text.
func endsOpen(r rune, size int) bool { return r == utf8.RuneError && size <= 1 }

// maybeOfUUID reports whether hexadecimal digits, so many of them and standing
// alone, may be a part of a UUID, and so no token.
func maybeOfUUID(before string, digits int, after string) bool {
	dashBefore, dashAfter := before[len(before)-1] == '-', after[0] == '-'
	switch digits {
	case 8:
		return dashAfter
	case 4:
		return dashBefore && dashAfter
	case 12:
		return dashBefore
	}
	return false
}

// whole returns the granules with the token. The dictionary makes up for most
// of the bloom's mistakes on words.
func (s *search) whole(hash uint64, shapes []string) (*bitset.BitSet, error) {
	found, err := s.hash(hash)
	if err != nil || shapes == nil || found.None() {
		return found, err
	}
	w, err := s.dictionary()
	if err != nil {
		return nil, err
	}
	listed, err := w.withShape(shapes[0])
	if err != nil {
		return nil, fmt.Errorf("tokens.fst: %w", err)
	}
	listed.InPlaceUnion(w.incomplete)
	found.InPlaceIntersection(listed)
	return found, nil
}

// part returns the granules with words that have one of the shapes inside.
func (s *search) part(shapes []string, startOpen, endOpen bool) (*bitset.BitSet, error) {
	if startOpen && endOpen && len(shapes[0]) == 1 {
		return nil, nil // a letter is everywhere
	}
	w, err := s.dictionary()
	if err != nil {
		return nil, err
	}
	found := w.incomplete.Clone()
	for _, shape := range shapes {
		set, err := w.withPart(shape, startOpen, endOpen)
		if err != nil {
			return nil, fmt.Errorf("tokens.fst: %w", err)
		}
		found.InPlaceUnion(set)
	}
	return found, nil
}

// id returns the granules with tokens that have an id of at least traceIDLen
// digits inside.
func (s *search) id(hash uint64) (*bitset.BitSet, error) {
	found, err := s.hash(hash)
	if err != nil {
		return nil, err
	}
	w, err := s.dictionary()
	if err != nil {
		return nil, err
	}
	found.InPlaceUnion(w.long)
	return found, nil
}
