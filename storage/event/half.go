package event

import (
	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/model"
)

// A half is some of the rows of a granule. In a part that shreds bodies the
// token index takes the two halves of a granule for granules of their own:
// shredded bodies are cheap to search, and those that are whole need not be
// read when the index says that none of them has what is looked for.
type half uint8

const (
	allRows half = iota
	cutRows      // whose body is shredded
	wholeRows
)

// halves returns how many granules the token index has for each of p's.
func (p *part) halves() int {
	if p.meta.file(templatesFile).Name != "" {
		return 2
	}
	return 1
}

// narrowHalves removes from in the granules that are not among the candidates
// of the token index, and returns what of each granule is; nil means all rows.
func (p *part) narrowHalves(in, candidates *bitset.BitSet) []half {
	if p.halves() == 1 {
		in.InPlaceIntersection(candidates)
		return nil
	}
	of := make([]half, in.Len())
	for g := range of {
		cut, whole := candidates.Test(uint(2*g)), candidates.Test(uint(2*g+1))
		switch {
		case !cut && !whole:
			in.Clear(uint(g))
		case !whole:
			of[g] = cutRows
		case !cut:
			of[g] = wholeRows
		}
	}
	return of
}

// bothHalves returns the rows that are of a and of b, either of which may be
// nil for all rows, and removes from in the granules that have none.
func bothHalves(in *bitset.BitSet, a, b []half) []half {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	for g := range a {
		switch {
		case a[g] == allRows:
			a[g] = b[g]
		case b[g] != allRows && b[g] != a[g]:
			in.Clear(uint(g))
		}
	}
	return a
}

// ofHalf returns the rows of sel that are of b's half.
func (b *block) ofHalf(sel []uint32) ([]uint32, error) {
	if b.half == allRows {
		return sel, nil
	}
	s, err := b.openShredded()
	if err != nil {
		return nil, err
	}
	return sift(sel, func(i uint32) bool { return (s.template[i] == whole) == (b.half == wholeRows) }), nil
}

// addTokens adds a granule, whose bodies have been written, to the token index.
func (w *partWriter) addTokens(b *model.Batch) error {
	if w.body == nil {
		return w.index.Add(b, nil)
	}
	cut := func(row int) bool { return !w.body.template.values[row].IsNull() }
	if err := w.index.Add(b, cut); err != nil {
		return err
	}
	return w.index.Add(b, func(row int) bool { return !cut(row) })
}
