package event

import (
	"fmt"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// A soleColumn is where a field is when all templates that have it keep it in
// one column, as values of one kind, and no other template has that column:
// the row has the field just if the column has a value. That spares reading
// which template rows have.
type soleColumn struct {
	column int // none is noColumn
	kind   shred.Kind
}

const noColumn = -2 // which shred.Rest is not either

// sole returns the column in which a field is that templates have like of.
func (p *bodyPlan) sole(of []resolution) soleColumn {
	none := soleColumn{column: noColumn}
	at := none
	for i, t := range p.Templates {
		switch r := of[i]; {
		case r.how == inHole:
			h := t.Holes[r.hole]
			from := soleColumn{h.Column, h.Kind}
			if h.Column == shred.Rest || at != none && at != from {
				return none
			}
			at = from
		case r.how == parsed || !r.value.IsNone():
			return none
		}
	}
	for i, t := range p.Templates {
		for hole, h := range t.Holes {
			if h.Column == at.column && (of[i].how != inHole || of[i].hole != hole) {
				return none
			}
		}
	}
	return at
}

// soleValues returns the column that alone has f, if one does, and the kind of
// its values.
func (b *block) soleValues(f storage.Field) (*bodyValues, shred.Kind, error) {
	s, err := b.openColumns()
	if s == nil || err != nil {
		return nil, 0, err
	}
	at := s.resolve(f).sole
	if at.column == noColumn {
		return nil, 0, nil
	}
	v, err := b.values(at.column)
	return v, at.kind, err
}

// lacking returns the rows of sel, nil meaning all, that have no value in v
// because they are whole.
func (b *block) lacking(v *bodyValues, f storage.Field, sel []uint32) (open []uint32, err error) {
	if v.every || b.half == cutRows {
		return nil, nil
	}
	var of []resolution
	s := b.shredded
	look := func(row uint32) error {
		if v.at[row] != absent {
			return nil
		}
		if of == nil {
			if _, err := b.openShredded(); err != nil {
				return err
			}
			of = s.resolve(f).of
		}
		switch t := s.template[row]; {
		case t == whole:
			open = append(open, row)
		case of[t].how == inHole:
			return fmt.Errorf("granule %d: column %q lacks the value of row %d", b.number, v.col.Path, row)
		}
		return nil
	}
	if sel == nil {
		sel = b.everyRow()
	}
	for _, row := range sel {
		if err := look(row); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// codeSole is codeShredded of a field that v alone has.
func (b *block) codeSole(c *coder, v *bodyValues, kind shred.Kind, f storage.Field, sel []uint32) (open []uint32, err error) {
	of := b.codesOfWords(c, v, kind)
	// There is no branch to guess: absent, and only that, has its sign bit set.
	codes, known := c.codes, v.codes
	switch {
	case len(of) == 0:
	case len(known) > 0:
		for row, i := range v.at {
			codes[row] = of[known[max(i, 0)]] &^ uint32(i>>31)
		}
	default:
		for row, i := range v.at {
			codes[row] = of[max(i, 0)] &^ uint32(i>>31)
		}
	}
	return b.lacking(v, f, sel)
}

// soleStep reports whether p is about one field that is parsed from bodies, and
// does not keep rows without it.
func soleStep(p storage.Predicate) (storage.Field, bool) {
	switch p.(type) {
	case storage.Compare, storage.Match, storage.Contains, storage.Exists:
	default:
		return storage.Field{}, false
	}
	f := fieldOf(p)
	return f, ofBody(f.Place) && !fieldTest(p)(model.Value{})
}

// narrowSole returns the rows of sel, nil meaning all, that p keeps, which
// soleStep knows, when v alone has its field. Rows that are whole are left out.
func narrowSole(b *block, v *bodyValues, kind shred.Kind, p storage.Predicate, sel []uint32) []uint32 {
	if c, ok := p.(storage.Compare); ok && c.Op == storage.Eq && c.Value.Kind() == model.KindString && c.Value.Str() != "" && plain(v.col) {
		b.spell(v)
		return v.markEqual(c.Value.Str()).rows(sel)
	}
	return b.testValues(v, kind, fieldTest(p)).rows(sel)
}

// narrowSoleOpen is narrowSole, but parses rows that are whole.
func (b *block) narrowSoleOpen(v *bodyValues, kind shred.Kind, f storage.Field, p storage.Predicate, sel []uint32) ([]uint32, error) {
	hits := narrowSole(b, v, kind, p, sel)
	open, err := b.lacking(v, f, sel)
	if err != nil || len(open) == 0 {
		return hits, err
	}
	if err := b.build(open); err != nil {
		return nil, err
	}
	keeps := fieldTest(p)
	var parser storage.BodyParser
	return union(hits, sift(open, func(row uint32) bool { return keeps(parser.Value(b.batch.Body[row], f)) })), nil
}
