package fulltext

import (
	"fmt"
	"regexp"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A search answers one predicate. Its methods return sets of granules that the
// caller may change; nil stands for all granules.
type search struct {
	x     *Index
	words *words  // once needed
	room  *[]byte // for blocks of the bloom
}

func (s *search) predicate(p storage.Predicate) (*bitset.BitSet, error) {
	switch p := p.(type) {
	case storage.And:
		return s.and(len(p), func(i int) (*bitset.BitSet, error) { return s.predicate(p[i]) })
	case storage.Or:
		return s.or(len(p), func(i int) (*bitset.BitSet, error) { return s.predicate(p[i]) })
	case storage.Exists:
		return s.field(p.Field)
	case storage.Compare:
		return s.compare(p)
	case storage.Contains:
		if covered(p.Field.Place) == coverText {
			return s.literal(p.Needle)
		}
		return s.field(p.Field)
	case storage.Match:
		return s.match(p.Field, p.Regexp)
	}
	return nil, nil // Not, and whatever is new
}

func (s *search) and(n int, at func(int) (*bitset.BitSet, error)) (*bitset.BitSet, error) {
	var both *bitset.BitSet
	for i := range n {
		set, err := at(i)
		switch {
		case err != nil:
			return nil, err
		case set == nil:
			continue
		case both == nil:
			both = set
		default:
			both.InPlaceIntersection(set)
		}
		if both.None() {
			break
		}
	}
	return both, nil
}

func (s *search) or(n int, at func(int) (*bitset.BitSet, error)) (*bitset.BitSet, error) {
	either := bitset.New(uint(s.x.Len()))
	for i := range n {
		set, err := at(i)
		if err != nil || set == nil {
			return nil, err
		}
		either.InPlaceUnion(set)
	}
	return either, nil
}

// field returns the granules with rows that have f.
func (s *search) field(f storage.Field) (*bitset.BitSet, error) {
	if covered(f.Place) != coverField {
		return nil, nil
	}
	return s.hash(finish(fieldHash(f)))
}

func (s *search) compare(p storage.Compare) (*bitset.BitSet, error) {
	if p.Op == storage.Eq {
		switch covered(p.Field.Place) {
		case coverText, coverParsed:
			if p.Value.Kind() == model.KindString {
				return s.parsed(p.Field, p.Value.Str())
			}
		case coverValue, coverField:
			if h, ok := valueHash(fieldHash(p.Field), p.Value); ok {
				return s.hash(h)
			}
		}
	}
	return s.field(p.Field)
}

func (s *search) match(f storage.Field, re *regexp.Regexp) (*bitset.BitSet, error) {
	switch covered(f.Place) {
	case coverText:
		return s.requirement(requirementOf(re.String()))
	case coverParsed:
		if texts, ok := wholeMatches(re.String()); ok {
			return s.or(len(texts), func(i int) (*bitset.BitSet, error) { return s.parsed(f, texts[i]) })
		}
	case coverField:
		values, ok := wholeMatches(re.String())
		if !ok {
			break
		}
		field := fieldHash(f)
		return s.or(len(values), func(i int) (*bitset.BitSet, error) {
			h, _ := valueHash(field, model.String(values[i]))
			return s.hash(h)
		})
	}
	return s.field(f)
}

// parsed returns the granules with texts that are, or that a parser finds to
// have, the given value. Around such a value stand separators. The error of a
// parser, under the empty key, is in no text.
func (s *search) parsed(f storage.Field, value string) (*bitset.BitSet, error) {
	if covered(f.Place) == coverParsed && f.Key == "" {
		return nil, nil
	}
	return s.literal(boundary + value + boundary)
}

func (s *search) requirement(r requirement) (*bitset.BitSet, error) {
	return s.and(len(r), func(i int) (*bitset.BitSet, error) {
		return s.or(len(r[i]), func(j int) (*bitset.BitSet, error) {
			alt := r[i][j]
			if alt.all != nil {
				return s.requirement(alt.all)
			}
			return s.literal(alt.text)
		})
	})
}

// hash returns the granules with the token or term.
func (s *search) hash(h uint64) (*bitset.BitSet, error) {
	set, err := s.x.bloom.lookup(h, s.room)
	if err != nil {
		return nil, fmt.Errorf("tokens.bloom: %w", err)
	}
	return set, nil
}

// dictionary returns the dictionary, which the search keeps in memory.
func (s *search) dictionary() (*words, error) {
	if s.words == nil {
		w, err := s.x.dictionary()
		if err != nil {
			return nil, err
		}
		s.words = w
	}
	return s.words, nil
}
