package event

import (
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go/encoding"

	"github.com/oriel-obs/oriel/storage/shred"
)

// bodyValues is a column of values.
type bodyValues struct {
	col *shred.Column
	at  []int32 // by row, where among the values; absent if the row has none

	every bool // each row has a value

	codes []int32 // of a dictionary: which text each value is; nil without one

	ints  []int64
	fixed []byte

	// Text i is raw[ends[i]:ends[i+1]]: a word of a dictionary, or value i. Of
	// numbers and the like without a dictionary it is there once spell has been
	// called.

	raw  string
	ends []uint32
}

// texts returns how many texts there are.
func (v *bodyValues) texts() int { return max(len(v.ends)-1, 0) }

// text returns one of the texts.
func (v *bodyValues) text(i int) string { return v.raw[v.ends[i]:v.ends[i+1]] }

// addTexts takes in texts that lie one after the other between ends of raw,
// which it shares if they are the first.
func (v *bodyValues) addTexts(raw []byte, ends []uint32) {
	if len(ends) < 2 {
		return
	}
	if v.ends == nil {
		v.raw, v.ends = stringOf(raw), ends[:len(ends):len(ends)]
		return
	}
	first, before := ends[0], v.ends[v.texts()]
	v.raw = v.raw[:before] + string(raw[first:ends[len(ends)-1]])
	for _, end := range ends[1:] {
		v.ends = append(v.ends, before+end-first)
	}
}

const absent = -1

// readTexts decodes an optional column of texts.
func (b *block) readTexts(name string, v *bodyValues) error {
	err := b.each(name, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		raw, ends := data.ByteArray()
		at, err := b.places(pg, v.texts(), max(len(ends)-1, 0))
		if err != nil {
			return err
		}
		v.at = join(v.at, at)
		v.addTexts(raw, ends)
		return nil
	})
	if err != nil {
		return err
	}
	v.every = v.texts() == b.rows
	return b.full(name, len(v.at))
}

// values makes sure that column i of the shredded bodies is there.
func (b *block) values(i int) (*bodyValues, error) {
	s := b.shredded
	if v := s.columns[i]; v != nil {
		return v, nil
	}
	v := &bodyValues{col: &s.Columns[i]}
	name := s.names[i]
	var err error
	switch {
	case v.col.Type == shred.Time:
		if err = b.loadTimes(); err == nil {
			err = b.readValues(name, v)
		}
	case v.col.Type == shred.Text && !v.col.Dict:
		err = b.readTexts(name, v)
	default:
		err = b.readValues(name, v)
	}
	if err != nil {
		return nil, err
	}
	if err := b.full(name, len(v.at)); err != nil {
		return nil, err
	}
	s.columns[i] = v
	return v, nil
}

// readValues decodes a column of any type but plain text.
func (b *block) readValues(name string, v *bodyValues) error {
	n := 0
	return b.each(name, func(pg *page) error {
		data, err := pg.data()
		if err != nil {
			return err
		}
		more := 0
		switch {
		case pg.words != nil:
			codes := data.Int32()
			if v.codes == nil {
				v.dictionary(pg.words)
			}
			words := uint32(v.texts())
			for _, c := range codes {
				if uint32(c) >= words {
					return fmt.Errorf("refers to word %d of %d", c, words)
				}
			}
			v.codes, more = join(v.codes, codes), len(codes)
		case v.col.Numeric() && v.codes == nil:
			ints := data.Int64()
			v.ints, more = append(v.ints, ints...), len(ints)
		case v.col.Width() > 0:
			raw, size := data.FixedLenByteArray()
			if size != v.col.Width() || len(raw)%size != 0 {
				return fmt.Errorf("values of %d bytes; want %d", size, v.col.Width())
			}
			v.fixed, more = join(v.fixed, raw), len(raw)/size
		default: // a dictionary that grew too large
			raw, ends := data.ByteArray()
			more = max(len(ends)-1, 0)
			v.codes = slices.Grow(v.codes, more)
			for i := range more {
				v.codes = append(v.codes, int32(v.texts()+i))
			}
			v.addTexts(raw, ends)
		}
		at, err := b.places(pg, n, more)
		v.at = join(v.at, at)
		n += more
		v.every = n == b.rows
		return err
	})
}

// dictionary takes in the words of a dictionary.
func (v *bodyValues) dictionary(w *encoding.Values) {
	if !v.col.Numeric() {
		v.addTexts(w.ByteArray())
		return
	}
	var arena []byte
	v.ends = []uint32{0}
	for _, x := range w.Int64() {
		arena = v.col.AppendInt(arena, x, 0)
		v.ends = append(v.ends, uint32(len(arena)))
	}
	v.raw = stringOf(arena)
}

// append appends the text of value i, which is in a row of the given time.
func (v *bodyValues) append(dst []byte, i int32, rowTime int64) []byte {
	switch {
	case v.codes != nil:
		return append(dst, v.text(int(v.codes[i]))...)
	case v.ends != nil:
		return append(dst, v.text(int(i))...)
	case v.ints != nil:
		return v.col.AppendInt(dst, v.ints[i], rowTime)
	}
	w := int32(v.col.Width())
	return v.col.AppendFixed(dst, v.fixed[i*w:(i+1)*w])
}
