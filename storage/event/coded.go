package event

import (
	"fmt"
	"math"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// coded returns a code for each row of b: words[code] is the first value of f
// in the row. words[0] is the zero Value, of rows without the field. A value
// may have several codes. Rows that are not in sel may be taken for rows
// without the field; nil sel means all.
func (b *block) coded(f storage.Field, sel []uint32) (codes []uint32, words []model.Value, err error) {
	c := newCoder(b.scratch.takeRows(b.rows)[:0])
	switch {
	case ofStream(f.Place):
		err = b.codeStreams(c, f)
	case f.Place == storage.Attr:
		err = b.codeAttr(c, f.Key)
	case b.batch.Spans != nil && intColumn(f.Place) != "":
		var xs []int64
		xs, err = b.ints(f.Place)
		c.codes = c.ints(xs)
	case ofBody(f.Place):
		err = b.codeBody(c, f, sel)
	case b.part != nil && b.batch.Spans != nil && f.Place == storage.StatusMessage:
		err = b.each(colStatusMessage, func(pg *page) error { return c.page(pg, model.KindString) })
	default:
		err = b.codeValues(c, f)
	}
	if err == nil && len(c.codes) != b.rows {
		err = fmt.Errorf("granule %d: %v has %d values for %d rows", b.number, f, len(c.codes), b.rows)
	}
	return c.codes, c.words, err
}

func (b *block) codeStreams(c *coder, f storage.Field) error {
	if err := b.loadStreams(); err != nil {
		return err
	}
	const unknown = math.MaxUint32
	one := &model.Batch{Streams: b.batch.Streams, StreamOf: []uint32{0}}
	of := slices.Repeat([]uint32{unknown}, len(b.batch.Streams))
	for _, s := range b.batch.StreamOf {
		if of[s] == unknown {
			one.StreamOf[0] = s
			of[s] = c.code(firstValue(one, 0, f))
		}
		c.codes = append(c.codes, of[s])
	}
	return nil
}

func (b *block) codeAttr(c *coder, key string) error {
	if b.part != nil {
		if cm := b.hotMeta(storage.Field{Place: storage.Attr, Key: key}); cm.Kind != model.KindNone {
			return b.each(cm.Column, func(pg *page) error { return c.page(pg, cm.Kind) })
		}
		if err := b.load(columns{Projection: storage.Projection{Attrs: []string{key}}}); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(b.batch.Attrs, func(c *model.Column) bool { return c.Key == key })
	c.codes = c.codes[:b.rows]
	clear(c.codes)
	if i < 0 {
		return nil
	}
	col := b.batch.Attrs[i]
	for j, v := range col.Vals {
		row := j
		if col.Rows != nil {
			row = int(col.Rows[j])
		}
		c.codes[row] = c.code(v)
	}
	return nil
}

// codeValues is for fields without a faster way.
func (b *block) codeValues(c *coder, f storage.Field) error {
	var cs columns
	cs.add(f)
	if err := b.load(cs); err != nil {
		return err
	}
	if f.Place == storage.EventTime {
		if err := b.loadTimes(); err != nil {
			return err
		}
	}
	for i := range b.rows {
		c.codes = append(c.codes, c.code(firstValue(&b.batch, i, f)))
	}
	return nil
}

func firstValue(b *model.Batch, i int, f storage.Field) model.Value {
	for v := range storage.Values(b, i, f) {
		return v
	}
	return model.Value{}
}

// intColumn names the column of a place of spans that is an integer of every
// row; of others it is "".
func intColumn(p storage.Place) string {
	switch p {
	case storage.Kind:
		return colKind
	case storage.Status:
		return colStatus
	case storage.Duration:
		return colDuration
	}
	return ""
}

// ints returns a column of integers of every row.
func (b *block) ints(p storage.Place) (out []int64, err error) {
	s := b.batch.Spans
	switch {
	case b.part != nil:
		out, err = ints[int64](b, intColumn(p), b.everyRow())
	case p == storage.Kind:
		out = make([]int64, len(s.Kind))
		for i, x := range s.Kind {
			out[i] = int64(x)
		}
	case p == storage.Status:
		out = make([]int64, len(s.Status))
		for i, x := range s.Status {
			out[i] = int64(x)
		}
	default:
		out = s.Duration
	}
	return out, err
}

// numbers returns what of the first value of f in each row counts as a number.
func (b *block) numbers(f storage.Field, sel []uint32) ([]number, error) {
	out := make([]number, 0, b.rows)
	if b.batch.Spans != nil && intColumn(f.Place) != "" {
		xs, err := b.ints(f.Place)
		for _, x := range xs {
			out = append(out, number{float64(x), isNumber})
		}
		return out, err
	}
	if cm := b.hotMeta(f); cm.Kind == model.KindInt || cm.Kind == model.KindFloat {
		return b.hotNumbers(cm)
	}
	codes, words, err := b.coded(f, sel)
	if err != nil {
		return nil, err
	}
	of := make([]number, len(words))
	for i, v := range words[1:] {
		x, ok := storage.NumberOf(v)
		if of[i+1] = (number{x, isNumber}); !ok {
			of[i+1].is = notNumber
		}
	}
	for _, c := range codes {
		out = append(out, of[c])
	}
	return out, nil
}

// hotMeta returns the column of an attribute, or the zero columnMeta if it has
// none.
func (b *block) hotMeta(f storage.Field) columnMeta {
	if b.part != nil && f.Place == storage.Attr {
		for _, cm := range b.part.meta.Columns {
			if cm.Key == f.Key {
				return cm
			}
		}
	}
	return columnMeta{}
}

// hotNumbers is numbers of a column of integers or floats.
func (b *block) hotNumbers(cm columnMeta) ([]number, error) {
	out := make([]number, 0, b.rows)
	err := b.each(cm.Column, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		var xs []float64
		if cm.Kind == model.KindFloat {
			xs = data.Double()
		} else {
			for _, x := range data.Int64() {
				xs = append(xs, float64(x))
			}
		}
		for row := range pg.rows {
			if pg.levels != nil && pg.levels[row] == 0 {
				out = append(out, number{})
				continue
			}
			out, xs = append(out, number{xs[0], isNumber}), xs[1:]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, b.full(cm.Column, len(out))
}

// A number is a value as a number, if there is one and it is one.
type number struct {
	x  float64
	is uint8
}

const (
	noValue = iota
	isNumber
	notNumber
)

// bodyLengths returns the length of each body.
func (b *block) bodyLengths() ([]int64, error) {
	out := make([]int64, 0, b.rows)
	if b.part == nil || b.loaded.Body {
		for _, s := range b.batch.Body {
			out = append(out, int64(len(s)))
		}
		return out, nil
	}
	if s, err := b.openShredded(); err != nil {
		return nil, err
	} else if s != nil {
		return b.shreddedLengths()
	}
	err := b.each(colBody, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		if pg.words == nil {
			_, ends := data.ByteArray()
			for i := 1; i < len(ends); i++ {
				out = append(out, int64(ends[i]-ends[i-1]))
			}
			return nil
		}
		_, ends := pg.words.ByteArray()
		for _, i := range data.Int32() {
			if i < 0 || int(i)+1 >= len(ends) {
				return fmt.Errorf("refers to word %d of %d", i, len(ends)-1)
			}
			out = append(out, int64(ends[i+1]-ends[i]))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, b.full(colBody, len(out))
}
