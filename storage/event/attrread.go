package event

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// readAttrs decodes the attributes that p names of the rows of sel, but for
// those that skip has; nil skips none. Rows of the columns it returns, which
// are in no order, are positions in sel.
func (b *block) readAttrs(p *storage.Projection, skip map[string]bool, sel []uint32) ([]*model.Column, error) {
	var out []*model.Column
	rest := p.EveryAttr
	for _, key := range p.Attrs {
		rest = rest || !skip[key] && !b.isHot(key)
	}
	for _, cm := range b.part.meta.Columns {
		if !p.WantsAttr(cm.Key) || skip[cm.Key] {
			continue
		}
		col, err := b.readHot(cm, sel)
		if err != nil {
			return nil, err
		}
		if len(col.Vals) > 0 {
			out = append(out, col)
		}
	}
	if !rest {
		return out, nil
	}
	more, err := b.readRest(p, skip, sel)
	return append(out, more...), err
}

// loadAttrs makes sure that the batch has the attributes that p names.
func (b *block) loadAttrs(p *storage.Projection) error {
	if b.loaded.EveryAttr {
		return nil
	}
	columns, err := b.readAttrs(p, b.hasAttr, b.everyRow())
	if err != nil {
		return err
	}
	b.loaded.EveryAttr = p.EveryAttr
	for _, key := range p.Attrs {
		b.hasAttr[key] = true
	}
	b.batch.Attrs = append(b.batch.Attrs, columns...)
	sortColumns(b.batch.Attrs)
	return nil
}

func sortColumns(columns []*model.Column) {
	slices.SortFunc(columns, func(x, y *model.Column) int { return strings.Compare(x.Key, y.Key) })
}

func (b *block) isHot(key string) bool {
	return slices.ContainsFunc(b.part.meta.Columns, func(c columnMeta) bool { return c.Key == key })
}

// readHot decodes an attribute with a column.
func (b *block) readHot(cm columnMeta, sel []uint32) (*model.Column, error) {
	col := &model.Column{Key: cm.Key, Rows: []uint32{}}
	err := b.eachValue(cm.Column, sel, func(k, i int, pg *valuePage) error {
		v, err := pg.value(cm.Kind, i)
		if len(col.Vals) == 0 {
			col.Rows, col.Vals = make([]uint32, 0, len(sel)-k), make([]model.Value, 0, len(sel)-k)
		}
		col.Rows, col.Vals = append(col.Rows, uint32(k)), append(col.Vals, v)
		return err
	})
	if len(col.Vals) == len(sel) {
		col.Rows = nil
	}
	return col, err
}

// readRest decodes the attributes without a column.
func (b *block) readRest(p *storage.Projection, skip map[string]bool, sel []uint32) ([]*model.Column, error) {
	columns := map[string]*model.Column{}
	err := b.eachValue(colRest, sel, func(k, i int, pg *valuePage) error {
		raw, err := pg.text(i)
		if err != nil {
			return err
		}
		attrs, tail, err := model.CutAttrs(raw)
		if err == nil && tail != "" {
			err = errTruncated
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", sel[k], err)
		}
		for _, a := range attrs {
			if !p.WantsAttr(a.Key) || skip[a.Key] {
				continue
			}
			c := columns[a.Key]
			if c == nil {
				c = &model.Column{Key: a.Key}
				columns[a.Key] = c
			}
			c.Set(k, a.Value)
		}
		return nil
	})
	return slices.Collect(maps.Values(columns)), err
}

// eachValue calls f for each row of sel, which is ascending, that has a value
// in a column: row sel[k] has value i of a page.
func (b *block) eachValue(name string, sel []uint32, f func(k, i int, pg *valuePage) error) error {
	if b.allNull(name) {
		return nil
	}
	row, k := 0, 0
	err := b.each(name, func(pg *page) error {
		first := row
		row += pg.rows
		if row > b.rows {
			return fmt.Errorf("more than %d rows", b.rows)
		}
		var values *valuePage
		i, before := 0, 0 // values before that row of the page
		for ; k < len(sel) && int(sel[k]) < row; k++ {
			at := int(sel[k]) - first
			if pg.levels == nil {
				i = at
			} else {
				i += at - before - zeros(pg.levels[before:at])
				before = at
				if pg.levels[at] == 0 {
					continue
				}
			}
			if values == nil { // which takes decoding them
				var err error
				if values, err = newValuePage(pg, 2*len(sel) > b.rows); err != nil {
					return err
				}
			}
			if err := f(k, i, values); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.full(name, row)
}

// zeros returns how many of levels, of which there are few or many, are 0.
func zeros(levels []byte) (n int) {
	if len(levels) > 16 {
		return bytes.Count(levels, []byte{0})
	}
	for _, l := range levels {
		if l == 0 {
			n++
		}
	}
	return n
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

// newValuePage starts on a page; most says that most values are wanted.
func newValuePage(pg *page, most bool) (*valuePage, error) {
	p := &valuePage{}
	data, err := pg.data()
	if err != nil {
		return nil, err
	}
	if pg.words != nil {
		p.index, data = data.Int32(), *pg.words
	}
	switch pg.kind {
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
	return p, nil
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
