package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/encoding"

	"github.com/oriel-obs/oriel/storage/shred"
)

// quotedColumns returns of which columns all values stand between quotes.
func quotedColumns(p *shred.Plan) []bool {
	out := slices.Repeat([]bool{true}, len(p.Columns))
	for _, t := range p.Templates {
		for i, h := range t.Holes {
			if h.Column != shred.Rest && (h.Kind != shred.String && h.Kind != shred.Quoted || !strings.HasPrefix(t.Literals[i+1], `"`)) {
				out[h.Column] = false
			}
		}
	}
	return out
}

// within reports whether a text is in shredded lines only where it is in one of
// their values.
func (p *bodyPlan) within(text string) bool {
	r := &p.resolved
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.within[text]; ok {
		return known
	}
	if r.within == nil || len(r.within) >= maxResolved {
		r.within = map[string]bool{}
	}
	r.within[text] = !slices.ContainsFunc(p.Templates, func(t *shred.Template) bool { return !p.withinValues(t, text) })
	return r.within[text]
}

func (p *bodyPlan) withinValues(t *shred.Template, text string) bool {
	ways, known := t.Ways(text)
	return known && !slices.ContainsFunc(ways, func(way []shred.Clue) bool {
		if len(way) == 1 && way[0].Op == shred.Has {
			return false
		}
		return !slices.ContainsFunc(way, func(c shred.Clue) bool {
			column := t.Holes[c.Hole].Column
			return column != shred.Rest && !p.Columns[column].Possible(c.Text)
		})
	})
}

// columnsWith returns the columns but one that may have a text in a value, among
// them shred.Rest. No column is decoded more than that takes.
func (b *block) columnsWith(text string, but int) (found []int, err error) {
	s := b.shredded
	for i := range s.Columns {
		if i == but || !s.Columns[i].Possible(text) {
			continue
		}
		if s.Columns[i].Type == shred.Text { // of others it is cheaper to say so than to find out
			raw, err := b.rawTexts(i)
			if err != nil {
				return nil, err
			}
			if !raw.has(text) {
				continue
			}
		}
		found = append(found, i)
	}
	if s.rests {
		var raw rawTexts
		if err := b.each(colValues, raw.add); err != nil {
			return nil, err
		}
		if raw.has(text) {
			found = append(found, shred.Rest)
		}
	}
	return found, nil
}

// cutContains returns the rows of sel, nil meaning all, that are shredded and
// have the needle; ok is false if whole values of text cannot tell.
func (b *block) cutContains(needle string, sel []uint32) (hits []uint32, ok bool, err error) {
	s, err := b.openColumns()
	if s == nil || err != nil || !s.within(needle) {
		return nil, false, err
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Type == shred.Text || c.Dict || !c.Possible(needle) {
			continue
		}
		if _, is := fixedValue(c, needle); !is { // a whole value, or none
			return nil, false, nil
		}
	}
	where, err := b.columnsWith(needle, noColumn)
	if err != nil || slices.Contains(where, shred.Rest) {
		return nil, false, err
	}
	for _, i := range where {
		v, err := b.values(i)
		if err != nil {
			return nil, false, err
		}
		if raw, is := fixedValue(v.col, needle); is {
			test := &fieldValues{v: v}
			test.keep, test.never = equalFixed(v.fixed, raw)
			hits = union(hits, test.rows(sel))
			continue
		}
		b.spell(v)
		hits = union(hits, v.markHas(needle).rows(sel))
	}
	return hits, true, nil
}

// fixedValue returns the bytes of a value of a column of fixed size.
func fixedValue(c *shred.Column, text string) ([]byte, bool) {
	if c.Width() == 0 {
		return nil, false
	}
	return c.ParseFixed(nil, text)
}

// possibleColumns returns how many columns may have a text, as far as the plan
// knows.
func (p *bodyPlan) possibleColumns(text string) (n int) {
	for i := range p.Columns {
		if p.Columns[i].Possible(text) {
			n++
		}
	}
	return n
}

// rawTexts are bytes that have all texts of a column as pieces.
type rawTexts []string

func (r *rawTexts) has(text string) bool {
	return slices.ContainsFunc(*r, func(raw string) bool { return strings.Contains(raw, text) })
}

// add adds those of a page.
func (r *rawTexts) add(pg *page) error {
	if pg.words != nil {
		r.addWords(pg.words)
		return nil
	}
	data, err := pg.data()
	if err != nil {
		return err
	}
	raw, _ := data.ByteArray()
	*r = append(*r, stringOf(raw))
	return nil
}

func (r *rawTexts) addWords(w *encoding.Values) {
	raw, _ := w.ByteArray()
	*r = append(*r, stringOf(raw))
}

// rawTexts returns the texts of column i of the shredded bodies: of a
// dictionary without the values' codes.
func (b *block) rawTexts(i int) (raw rawTexts, err error) {
	s := b.shredded
	if v := s.columns[i]; v != nil {
		return rawTexts{v.raw}, nil
	}
	leaf, ok := b.columns.numbers[s.names[i]]
	if !ok {
		return nil, fmt.Errorf("granule %d: no column %q", b.number, s.names[i])
	}
	if b.columns.chunk(b.number, leaf).flags&chunkCoded == 0 {
		err = b.each(s.names[i], raw.add)
		return raw, err
	}
	w, err := b.dictionary(leaf)
	if w != nil {
		raw.addWords(w)
	}
	return raw, err
}
