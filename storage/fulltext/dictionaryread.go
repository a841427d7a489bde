package fulltext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/bits-and-blooms/bitset"
	"github.com/blevesearch/vellum"
)

// A words answers from tokens.fst, all of which it holds in memory.
type words struct {
	fst        *vellum.FST
	postings   []byte
	granules   int
	incomplete *bitset.BitSet // granules with words that are not here
	long       *bitset.BitSet // granules with tokens that hide ids (hidesID)

	bytes    int64 // of the file
	expanded func() (*expansion, error)
}

// size returns about how many bytes w takes, expansion included.
func (w *words) size() int64 { return w.bytes + int64(w.fst.Len())*32 }

// An expansion is the words one after the other: to find those with a given
// text inside takes one pass at the speed of memory, where the transducer would
// be walked to every leaf.
type expansion struct {
	text   []byte   // a zero byte, then every word and a zero byte
	starts []uint32 // of the words in text
	values []uint64 // of the words
}

// loadWords reads and verifies the whole file.
func loadWords(f File) (*words, error) {
	b, err := readAt(f, 0, f.Size(), nil)
	if err != nil {
		return nil, err
	}
	if len(b) < dictTrailer {
		return nil, corrupt("%d bytes are no dictionary", len(b))
	}
	if magic := string(b[len(b)-8:]); magic != dictMagic {
		return nil, corrupt("unknown version or not a dictionary: it ends in %q, want %q", magic, dictMagic)
	}
	if b, err = verify(b[:len(b)-8]); err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	tail := b[len(b)-(dictTrailer-12):]
	b = b[:len(b)-len(tail)]
	var sizes [3]uint64
	for i := range sizes {
		sizes[i] = binary.LittleEndian.Uint64(tail[8*i:])
		if sizes[i] > uint64(len(b)) {
			return nil, corrupt("section of %d bytes in a dictionary of %d", sizes[i], len(b))
		}
	}
	w := &words{granules: int(binary.LittleEndian.Uint32(tail[24:])), bytes: f.Size()}
	flags := (w.granules + 7) / 8
	if sizes[0]+sizes[1]+sizes[2] != uint64(len(b)) || sizes[2] != uint64(2*flags) {
		return nil, corrupt("sections of %v bytes in a dictionary of %d", sizes, len(b))
	}
	fst := b[:sizes[0]]
	w.postings = b[sizes[0] : sizes[0]+sizes[1]]
	w.incomplete = bitsOf(b[len(b)-2*flags:len(b)-flags], w.granules)
	w.long = bitsOf(b[len(b)-flags:], w.granules)
	err = guard(func() error {
		if w.fst, err = vellum.Load(fst); err != nil {
			return corrupt("dictionary: %v", err)
		}
		if n := w.fst.Len(); n < 0 || n > maxWords {
			return corrupt("dictionary of %d words", n)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	w.expanded = sync.OnceValues(w.expand)
	return w, nil
}

func bitsOf(b []byte, n int) *bitset.BitSet {
	s := bitset.New(uint(n))
	for i := range n {
		if b[i>>3]&(1<<(i&7)) != 0 {
			s.Set(uint(i))
		}
	}
	return s
}

// withPart returns the granules with a word, of those in the dictionary, whose
// shape has part inside: at its start unless startOpen, at its end unless
// endOpen. One of them is true, and part is not empty.
func (w *words) withPart(part string, startOpen, endOpen bool) (*bitset.BitSet, error) {
	found := bitset.New(uint(w.granules))
	if !startOpen {
		err := w.walk([]byte(part), func(_ []byte, value uint64) error { return w.addGranules(found, value) })
		return found, err
	}
	x, err := w.expanded()
	if err != nil {
		return nil, err
	}
	needle := []byte(part)
	if !endOpen {
		needle = append(needle, 0)
	}
	for at := 0; at < len(x.text); {
		i := bytes.Index(x.text[at:], needle)
		if i < 0 {
			break
		}
		word := sort.Search(len(x.starts), func(j int) bool { return int(x.starts[j]) > at+i }) - 1
		if err := w.addGranules(found, x.values[word]); err != nil {
			return nil, err
		}
		if word+1 == len(x.starts) || found.Count() == uint(w.granules) {
			break
		}
		at = int(x.starts[word+1])
	}
	return found, nil
}

// withShape returns the granules with a word of the shape, of those that are in
// the dictionary.
func (w *words) withShape(shape string) (*bitset.BitSet, error) {
	found := bitset.New(uint(w.granules))
	err := guard(func() error {
		value, ok, err := w.fst.Get([]byte(shape))
		if err != nil {
			return corrupt("dictionary: %v", err)
		}
		if !ok {
			return nil
		}
		return w.addGranules(found, value)
	})
	return found, err
}

func (w *words) expand() (*expansion, error) {
	x := &expansion{text: []byte{0}}
	err := w.walk(nil, func(word []byte, value uint64) error {
		if bytes.IndexByte(word, 0) >= 0 || uint64(len(x.text)) > 1<<31 {
			return corrupt("word %q", word)
		}
		x.starts = append(x.starts, uint32(len(x.text)))
		x.values = append(x.values, value)
		x.text = append(append(x.text, word...), 0)
		return nil
	})
	return x, err
}

// walk calls f with the words that start with prefix, in order.
func (w *words) walk(prefix []byte, f func(word []byte, value uint64) error) error {
	return guard(func() error {
		steps := &stepCount{left: (w.fst.Len() + 1) * (maxShape + 1)}
		it, err := w.fst.Search(steps, prefix, after(prefix))
		for ; err == nil; err = it.Next() {
			if err := f(it.Current()); err != nil {
				return err
			}
		}
		if steps.left < 0 {
			return corrupt("dictionary has more words than it says")
		}
		if !errors.Is(err, vellum.ErrIteratorDone) {
			return corrupt("dictionary: %v", err)
		}
		return nil
	})
}

// after returns the first text that is after all with the prefix, or nil if
// there is none.
func after(prefix []byte) []byte {
	end := slices.Clone(prefix)
	for len(end) > 0 {
		if end[len(end)-1]++; end[len(end)-1] != 0 {
			return end
		}
		end = end[:len(end)-1]
	}
	return nil
}

// A stepCount is an automaton that takes every word, but not more steps and no
// longer words than a sound dictionary has: a damaged one may have cycles. Its
// state is the length so far.
type stepCount struct{ left int }

func (s *stepCount) Start() int               { return 0 }
func (s *stepCount) IsMatch(int) bool         { return true }
func (s *stepCount) WillAlwaysMatch(int) bool { return false }
func (s *stepCount) CanMatch(n int) bool      { return n <= maxShape && s.left >= 0 }
func (s *stepCount) Accept(n int, _ byte) int { s.left--; return n + 1 }

// addGranules adds the granules that a word's value stands for.
func (w *words) addGranules(to *bitset.BitSet, value uint64) error {
	rest := value >> 2
	switch value & 3 {
	case inEvery:
		for g := range w.granules {
			to.Set(uint(g))
		}
		return nil
	case inOne:
		if rest >= uint64(w.granules) {
			return corrupt("word in granule %d of %d", rest, w.granules)
		}
		to.Set(uint(rest))
		return nil
	case inPostings:
		if rest < uint64(len(w.postings)) {
			return w.addPosting(to, w.postings[rest:])
		}
	}
	return corrupt("word with value %d", value)
}

func (w *words) addPosting(to *bitset.BitSet, b []byte) error {
	head, n := binary.Uvarint(b)
	if n <= 0 {
		return corrupt("posting ends early")
	}
	b = b[n:]
	if head == 1 {
		size := (w.granules + 7) / 8
		if len(b) < size {
			return corrupt("posting ends early")
		}
		to.InPlaceUnion(bitsOf(b[:size], w.granules))
		return nil
	}
	g := uint64(0)
	for range head >> 1 {
		gap, n := binary.Uvarint(b)
		if n <= 0 {
			return corrupt("posting ends early")
		}
		b = b[n:]
		if g += gap; gap > uint64(w.granules) || g >= uint64(w.granules) {
			return corrupt("word in granule %d of %d", g, w.granules)
		}
		to.Set(uint(g))
	}
	return nil
}

// guard turns a panic of f, a decoder that was given corrupt bytes, into an
// error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = corrupt("decoder panicked: %v", r)
		}
	}()
	return f()
}
