package event

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// A coder gives values codes.
type coder struct {
	codes []uint32 // of the rows so far
	words []model.Value

	// A hash table of the words that code and text have given codes.

	seed   maphash.Seed
	hashes []uint32 // of each word
	slots  []uint32 // codes; 0 is free; a power of two of them
	used   int      // slots that are not free
	arena  []byte   // what words are pieces of
}

// newCoder returns a coder that appends the codes of rows to codes.
func newCoder(codes []uint32) *coder {
	return &coder{codes: codes, words: make([]model.Value, 1, 16)}
}

// code returns the code of v.
func (c *coder) code(v model.Value) uint32 {
	if v.IsNone() {
		return 0
	}
	c.room()
	var h uint32
	switch v.Kind() {
	case model.KindBool:
		if v.IsTrue() {
			h = 1
		}
	case model.KindInt:
		h = uint32(uint64(v.Int64()) * 0x9e3779b97f4a7c15 >> 32)
	case model.KindFloat:
		h = uint32(math.Float64bits(v.Float64()) * 0x9e3779b97f4a7c15 >> 32)
	default:
		h = uint32(maphash.String(c.seed, v.Str()))
	}
	for at := h; ; at++ {
		slot := &c.slots[at&uint32(len(c.slots)-1)]
		if *slot == 0 {
			*slot = c.addHashed(v, h)
			return *slot
		}
		if c.hashes[*slot] == h && c.words[*slot] == v {
			return *slot
		}
	}
}

// text returns the code of the value that of makes of b.
func (c *coder) text(b []byte, of func(string) model.Value) uint32 {
	c.room()
	h := uint32(maphash.Bytes(c.seed, b))
	for at := h; ; at++ {
		slot := &c.slots[at&uint32(len(c.slots)-1)]
		if *slot == 0 {
			n := len(c.arena)
			c.arena = append(c.arena, b...)
			*slot = c.addHashed(of(stringOf(c.arena[n:])), h)
			return *slot
		}
		if c.hashes[*slot] == h && c.words[*slot].Str() == string(b) {
			return *slot
		}
	}
}

// add gives v a new code, which code and text do not know.
func (c *coder) add(v model.Value) uint32 {
	c.words = append(c.words, v)
	return uint32(len(c.words) - 1)
}

// addHashed gives v a new code.
func (c *coder) addHashed(v model.Value, h uint32) uint32 {
	for len(c.hashes) < len(c.words) { // of words that have none
		c.hashes = append(c.hashes, 0)
	}
	c.hashes = append(c.hashes, h)
	c.used++
	return c.add(v)
}

// room makes sure that half of the hash table is free.
func (c *coder) room() {
	if 2*c.used < len(c.slots) {
		return
	}
	if c.slots == nil {
		c.seed, c.slots = maphash.MakeSeed(), make([]uint32, 1024)
		return
	}
	old := c.slots
	c.slots = make([]uint32, 4*len(old))
	for _, code := range old {
		if code == 0 {
			continue
		}
		at := c.hashes[code]
		for c.slots[at&uint32(len(c.slots)-1)] != 0 {
			at++
		}
		c.slots[at&uint32(len(c.slots)-1)] = code
	}
}

// ints returns the codes of xs.
func (c *coder) ints(xs []int64) []uint32 {
	const span = 1 << 12
	out := make([]uint32, len(xs))
	var table []uint32
	var low int64
	if len(xs) > 0 {
		low = slices.Min(xs)
		if d := uint64(slices.Max(xs)) - uint64(low); d < span {
			table = make([]uint32, d+1)
		}
	}
	for i, x := range xs {
		if table == nil {
			out[i] = c.code(model.Int(x))
			continue
		}
		code := &table[x-low]
		if *code == 0 {
			*code = c.add(model.Int(x))
		}
		out[i] = *code
	}
	return out
}

// page appends the codes of a page of values of one kind.
func (c *coder) page(pg *page, kind model.Kind) error {
	levels := pg.levels
	data, err := pg.data()
	if err != nil {
		return err
	}
	if kind == model.KindInt {
		return c.spread(c.ints(data.Int64()), levels)
	}
	of := textOf(kind)
	if of == nil {
		codes := make([]uint32, pg.values)
		page, err := newValuePage(pg, true)
		if err != nil {
			return err
		}
		for i := range codes {
			v, err := page.value(kind, i)
			if err != nil {
				return err
			}
			codes[i] = c.code(v)
		}
		return c.spread(codes, levels)
	}
	if pg.words == nil {
		raw, ends := data.ByteArray()
		codes := make([]uint32, max(len(ends)-1, 0))
		c.words = slices.Grow(c.words, len(codes)/4)
		c.hashes, c.arena = slices.Grow(c.hashes, len(codes)/4), slices.Grow(c.arena, len(raw)/4)
		for i := range codes {
			codes[i] = c.text(raw[ends[i]:ends[i+1]], of)
		}
		return c.spread(codes, levels)
	}
	raw, ends := pg.words.ByteArray()
	all := stringOf(raw)
	base, n := uint32(len(c.words)), uint32(max(len(ends)-1, 0))
	c.words = slices.Grow(c.words, int(n))
	for i := range n {
		c.words = append(c.words, of(all[ends[i]:ends[i+1]]))
	}
	index := data.Int32()
	codes := make([]uint32, len(index))
	for i, at := range index {
		if uint32(at) >= n {
			return fmt.Errorf("refers to word %d of %d", at, n)
		}
		codes[i] = base + uint32(at)
	}
	return c.spread(codes, levels)
}

// spread appends codes where levels is above 0, and elsewhere that of no
// value. A column of values that every row has comes without levels.
func (c *coder) spread(codes []uint32, levels []byte) error {
	if len(levels) == 0 || len(levels) == len(codes) && bytes.IndexByte(levels, 0) < 0 {
		if len(c.codes) == 0 { // one page, as nearly always
			c.codes = codes
			return nil
		}
		c.codes = append(c.codes, codes...)
		return nil
	}
	for _, l := range levels {
		if l == 0 {
			c.codes = append(c.codes, 0)
			continue
		}
		if len(codes) == 0 {
			return errTruncated
		}
		c.codes, codes = append(c.codes, codes[0]), codes[1:]
	}
	if len(codes) > 0 {
		return fmt.Errorf("%d values too many", len(codes))
	}
	return nil
}
