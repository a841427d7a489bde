package event

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// rowAttrs are the attributes of a row that have no column of their own.
type rowAttrs struct {
	row   int
	attrs []model.Attr
}

// loadAttrs decodes the attributes that p names, of the rows wanted; nil means
// all.
func (b *block) loadAttrs(p *storage.Projection, want []bool) error {
	rest := p.EveryAttr
	for _, key := range p.Attrs {
		if !b.hasAttr[key] && !b.isHot(key) {
			rest = true
		}
	}
	for _, cm := range b.part.meta.Columns {
		if p.WantsAttr(cm.Key) && !b.hasAttr[cm.Key] {
			b.hasAttr[cm.Key] = true
			if err := b.loadHot(cm, want); err != nil {
				return err
			}
		}
	}
	if rest {
		if err := b.loadRest(p, want); err != nil {
			return err
		}
	}
	b.loaded.EveryAttr = p.EveryAttr
	slices.SortFunc(b.batch.Attrs, func(x, y *model.Column) int { return strings.Compare(x.Key, y.Key) })
	return nil
}

func (b *block) isHot(key string) bool {
	return slices.ContainsFunc(b.part.meta.Columns, func(c columnMeta) bool { return c.Key == key })
}

// loadHot decodes the values of an attribute with a column in the rows wanted.
func (b *block) loadHot(cm columnMeta, want []bool) error {
	col := &model.Column{Key: cm.Key, Rows: []uint32{}}
	if want == nil {
		col.Rows, col.Vals = make([]uint32, 0, b.rows), make([]model.Value, 0, b.rows)
	}
	err := b.eachValue(cm.Column, want, func(row int, i int, pg *valuePage) error {
		v, err := pg.value(cm.Kind, i)
		col.Rows, col.Vals = append(col.Rows, uint32(row)), append(col.Vals, v)
		return err
	})
	if err != nil {
		return err
	}
	if len(col.Vals) == b.rows {
		col.Rows = nil
	}
	if len(col.Vals) > 0 {
		b.batch.Attrs = append(b.batch.Attrs, col)
	}
	return nil
}

// loadRest decodes the attributes without a column in the rows wanted.
func (b *block) loadRest(p *storage.Projection, want []bool) error {
	rest := b.rest
	if rest == nil {
		rest = []rowAttrs{}
		err := b.eachValue(colRest, want, func(row int, i int, pg *valuePage) error {
			raw, err := pg.text(i)
			if err != nil {
				return err
			}
			attrs, tail, err := model.CutAttrs(raw)
			if err == nil && tail != "" {
				err = errTruncated
			}
			rest = append(rest, rowAttrs{row, attrs})
			if err != nil {
				return fmt.Errorf("row %d: %w", row, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if want == nil {
			b.rest = rest
		}
	}
	columns := map[string]*model.Column{}
	for _, r := range rest {
		for _, a := range r.attrs {
			if !p.WantsAttr(a.Key) || b.hasAttr[a.Key] {
				continue
			}
			c := columns[a.Key]
			if c == nil {
				c = &model.Column{Key: a.Key}
				columns[a.Key] = c
			}
			c.Set(r.row, a.Value)
		}
	}
	for key, c := range columns {
		b.hasAttr[key] = true
		b.batch.Attrs = append(b.batch.Attrs, c)
	}
	for _, key := range p.Attrs {
		b.hasAttr[key] = true
	}
	return nil
}

// eachValue calls f for each row wanted that has a value in an optional
// column: it is value i of a page.
func (b *block) eachValue(name string, want []bool, f func(row, i int, pg *valuePage) error) error {
	row := 0
	err := b.each(name, func(pg parquet.Page) error {
		levels := pg.DefinitionLevels()
		values := int(pg.NumValues() - pg.NumNulls())
		if len(levels) == 0 && values > 0 {
			levels = slices.Repeat([]byte{1}, values) // every row has a value
		}
		if row+len(levels) > b.rows {
			return fmt.Errorf("more than %d rows", b.rows)
		}
		page := newValuePage(pg, values, want == nil)
		i := 0
		for _, l := range levels {
			if l > 0 {
				if want == nil || want[row] {
					if err := f(row, i, page); err != nil {
						return err
					}
				}
				i++
			}
			row++
		}
		if len(levels) == 0 { // no row has a value
			row += int(pg.NumValues())
		}
		if i != values {
			return fmt.Errorf("%d values for %d rows", values, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.full(name, row)
}

// A valuePage gives single values of a page, without those that are null.
type valuePage struct {
	ints   []int64
	floats []float64
	bits   []byte
	index  []int32 // of raw's texts by value; nil if they are in order
	raw    []byte
	ends   []uint32
	all    string // a copy of raw, if most of it is wanted
}

// newValuePage starts on a page of n values; most says that most are wanted.
func newValuePage(pg parquet.Page, n int, most bool) *valuePage {
	p := &valuePage{}
	if n == 0 {
		return p
	}
	data := pg.Data()
	if d := pg.Dictionary(); d != nil {
		p.index = data.Int32()
		data = d.Page().Data()
	}
	switch pg.Type().Kind() {
	case parquet.Int64:
		p.ints = data.Int64()
	case parquet.Double:
		p.floats = data.Double()
	case parquet.Boolean:
		p.bits = data.Boolean()
	case parquet.ByteArray:
		p.raw, p.ends = data.ByteArray()
	}
	if most {
		p.all = string(p.raw)
	}
	return p
}

// value returns a copy of value i, of an attribute of the given kind.
func (p *valuePage) value(kind model.Kind, i int) (model.Value, error) {
	switch {
	case kind == model.KindInt && i < len(p.ints):
		return model.Int(p.ints[i]), nil
	case kind == model.KindFloat && i < len(p.floats):
		return model.Float(p.floats[i]), nil
	case kind == model.KindBool && i < 8*len(p.bits):
		return model.Bool(p.bits[i/8]>>(i%8)&1 == 1), nil
	}
	of := textOf(kind)
	if of == nil {
		return model.Value{}, fmt.Errorf("value %d of kind %d is not there", i, kind)
	}
	text, err := p.text(i)
	return of(text), err
}

// text returns a copy of value i of a page of byte arrays.
func (p *valuePage) text(i int) (string, error) {
	if p.index != nil {
		if i >= len(p.index) {
			return "", errTruncated
		}
		i = int(p.index[i])
	}
	if i < 0 || i+1 >= len(p.ends) {
		return "", fmt.Errorf("refers to text %d of %d", i, len(p.ends)-1)
	}
	if p.all != "" {
		return p.all[p.ends[i]:p.ends[i+1]], nil
	}
	return string(p.raw[p.ends[i]:p.ends[i+1]]), nil
}
