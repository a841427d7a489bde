package fulltext

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/bits-and-blooms/bitset"
	"github.com/blevesearch/vellum"
)

// The shape of tokens.fst; see docs/format/tokens.md.
const (
	dictMagic   = "ORIELTW1"
	dictTrailer = 8 + 8 + 8 + 4 + 4 + 8 // sizes of FST, postings and flags, granules, crc, magic
)

// What the two low bits of a word's value in the transducer say.
const (
	inPostings = 0 // the rest is an offset
	inOne      = 1 // the rest is the only granule
	inEvery    = 2
)

// Limits of the dictionary. A granule with words that are left out is flagged
// as incomplete, and a candidate for every question about parts of words.
const (
	maxShape    = 64       // bytes of one shape
	freeShapes  = 64 << 10 // bytes of new shapes that every granule may have
	freeTotal   = 1 << 20  // bytes of all shapes that every part may have
	shapesShare = 64       // one byte of shapes more for so many bytes of text
	maxWords    = 1 << 30
)

// A dictionary collects the words of a part and their granules, and writes
// them as tokens.fst. What it holds grows with the number of different words
// in each granule, not with the tokens.
type dictionary struct {
	slots []uint32 // open addressing: a word's number plus one
	words []word
	arena []byte   // shapes, one after the other
	log   []uint32 // word numbers of one granule after the other
	ends  []int    // where each granule's part of log ends

	incomplete bitset.BitSet // granules with words that are not here
	long       bitset.BitSet // granules with tokens that hide ids (hidesID)
	text       int64         // bytes of text seen

	arenaBefore int   // len(arena) before the granule
	textBefore  int64 // text before the granule
}

type word struct {
	hash     uint64
	off      uint32
	size     uint8
	granules uint32 // how many
	last     uint32 // granule it was last seen in, plus one
}

// reset empties d, keeping its memory.
func (d *dictionary) reset() {
	clear(d.slots)
	*d = dictionary{slots: d.slots, words: d.words[:0], arena: d.arena[:0], log: d.log[:0], ends: d.ends[:0]}
}

func newDictionary() *dictionary { return &dictionary{slots: make([]uint32, 1<<12)} }

// granule returns the number of the granule that is being added.
func (d *dictionary) granule() int { return len(d.ends) }

// add notes that the granule has a word of the given shape.
func (d *dictionary) add(shape []byte) {
	if len(shape) > maxShape {
		d.incomplete.Set(uint(d.granule()))
		return
	}
	h := finish(hashBytes(hashSeed, shape))
	mask := uint64(len(d.slots) - 1)
	p := h & mask
	for d.slots[p] != 0 {
		if w := &d.words[d.slots[p]-1]; w.hash == h && string(d.shape(w)) == string(shape) {
			d.note(w, d.slots[p]-1)
			return
		}
		p = (p + 1) & mask
	}
	if d.full(len(shape)) {
		d.incomplete.Set(uint(d.granule()))
		return
	}
	d.words = append(d.words, word{hash: h, off: uint32(len(d.arena)), size: uint8(len(shape))})
	d.arena = append(d.arena, shape...)
	d.slots[p] = uint32(len(d.words))
	d.note(&d.words[len(d.words)-1], uint32(len(d.words)-1))
	if 2*len(d.words) > len(d.slots) {
		d.grow()
	}
}

// full reports whether there is no room for a new shape of so many bytes.
func (d *dictionary) full(size int) bool {
	return int64(len(d.arena)+size) > freeTotal+d.text/shapesShare ||
		int64(len(d.arena)-d.arenaBefore+size) > freeShapes+(d.text-d.textBefore)/shapesShare
}

func (d *dictionary) note(w *word, number uint32) {
	if g := uint32(d.granule()) + 1; w.last != g {
		w.last = g
		w.granules++
		d.log = append(d.log, number)
	}
}

func (d *dictionary) grow() {
	d.slots = make([]uint32, 2*len(d.slots))
	mask := uint64(len(d.slots) - 1)
	for i := range d.words {
		p := d.words[i].hash & mask
		for d.slots[p] != 0 {
			p = (p + 1) & mask
		}
		d.slots[p] = uint32(i + 1)
	}
}

func (d *dictionary) shape(w *word) []byte { return d.arena[w.off : w.off+uint32(w.size)] }

// endGranule says that the next words belong to the next granule.
func (d *dictionary) endGranule() {
	d.ends = append(d.ends, len(d.log))
	d.arenaBefore, d.textBefore = len(d.arena), d.text
}

// write writes the file.
func (d *dictionary) write(w io.Writer) error {
	order := make([]uint32, len(d.words))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(d.shape(&d.words[a]), d.shape(&d.words[b])) })

	var fst bytes.Buffer
	b, err := vellum.New(&fst, nil)
	if err != nil {
		return err
	}
	var postings []byte
	granules := d.postings()
	at := make(map[string]int) // postings that several words share
	for _, i := range order {
		var value uint64
		switch gs := granules(i); len(gs) {
		case 1:
			value = uint64(gs[0])<<2 | inOne
		case len(d.ends):
			value = inEvery
		default:
			start := len(postings)
			postings = appendPosting(postings, gs, len(d.ends))
			if same, ok := at[string(postings[start:])]; ok {
				postings, start = postings[:start], same
			} else {
				at[string(postings[start:])] = start
			}
			value = uint64(start)<<2 | inPostings
		}
		if err := b.Insert(d.shape(&d.words[i]), value); err != nil {
			return err
		}
	}
	if err := b.Close(); err != nil {
		return err
	}
	out := fst.Bytes()
	out = append(out, postings...)
	flags := appendFlags(appendFlags(nil, &d.incomplete, len(d.ends)), &d.long, len(d.ends))
	out = append(out, flags...)
	out = binary.LittleEndian.AppendUint64(out, uint64(fst.Len()))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(postings)))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(flags)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(d.ends)))
	out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
	out = append(out, dictMagic...)
	_, err = w.Write(out)
	return err
}

// postings inverts the log: the function returned gives a word's granules,
// ascending.
func (d *dictionary) postings() func(word uint32) []uint32 {
	ends := make([]int, len(d.words)) // at first the start of each
	at := 0
	for i := range d.words {
		ends[i] = at
		at += int(d.words[i].granules)
	}
	all := make([]uint32, len(d.log))
	at = 0
	for g, end := range d.ends {
		for _, i := range d.log[at:end] {
			all[ends[i]] = uint32(g)
			ends[i]++
		}
		at = end
	}
	return func(i uint32) []uint32 { return all[ends[i]-int(d.words[i].granules) : ends[i]] }
}

// appendPosting appends granules, of n there are, as the shorter of their gaps
// and a bitmap.
func appendPosting(dst []byte, granules []uint32, n int) []byte {
	start := len(dst)
	dst = binary.AppendUvarint(dst, uint64(len(granules))<<1)
	body := len(dst)
	last := uint32(0)
	for _, g := range granules {
		dst = binary.AppendUvarint(dst, uint64(g-last))
		last = g
	}
	if size := (n + 7) / 8; len(dst)-body > size {
		dst = append(dst[:start], 1)
		body = len(dst)
		dst = append(dst, make([]byte, size)...)
		for _, g := range granules {
			dst[body+int(g>>3)] |= 1 << (g & 7)
		}
	}
	return dst
}

func appendFlags(dst []byte, set *bitset.BitSet, n int) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, (n+7)/8)...)
	for i, ok := set.NextSet(0); ok; i, ok = set.NextSet(i + 1) {
		dst[start+int(i>>3)] |= 1 << (i & 7)
	}
	return dst
}
