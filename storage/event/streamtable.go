package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/model"
)

// A streamTable lists the streams of a part: rows refer to them by position.
type streamTable struct {
	streams  []*model.Stream
	rows     []int64  // of each stream
	bytes    []int64  // of the bodies of each stream
	granules []string // in which each stream occurs; see counts
	memory   int64    // bytes that the table takes, about

	listing sync.Once // of what hasKey knows
	keys    map[string]bool

	placing  sync.Once // of what granulesWith knows
	places   []*bitset.BitSet
	unplaced error
}

// hasKey reports whether some stream has an attribute.
func (t *streamTable) hasKey(key string) bool {
	t.listing.Do(func() {
		t.keys = map[string]bool{}
		for _, s := range t.streams {
			for _, a := range s.Attrs {
				t.keys[a.Key] = true
			}
		}
	})
	return t.keys[key]
}

// appendStreamTable encodes what parseStreamTable reads; see
// docs/format/part.md.
func appendStreamTable(dst []byte, t *streamTable) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(t.streams)))
	for i, s := range t.streams {
		dst = appendSized(dst, func(d []byte) []byte {
			d, _ = s.AppendBinary(d) // never fails
			return d
		})
		dst = binary.AppendUvarint(dst, uint64(t.rows[i]))
		dst = binary.AppendUvarint(dst, uint64(t.bytes[i]))
		dst = binary.AppendUvarint(dst, uint64(len(t.granules[i])))
		dst = append(dst, t.granules[i]...)
	}
	return dst
}

// parseStreamTable decodes a stream table, which does not refer to p's bytes
// unless streams that parse returns do.
func parseStreamTable(p string, parse func(string) (*model.Stream, error)) (*streamTable, error) {
	r := reader{rest: p}
	t := &streamTable{}
	for range r.count(7) {
		s, err := parse(r.bytes(uint64(r.uint32())))
		r.keep(err)
		rows, size := r.uvarint(), r.uvarint()
		granules := r.bytes(r.uvarint())
		if r.err != nil {
			return nil, r.err
		}
		t.streams = append(t.streams, s)
		t.rows = append(t.rows, int64(rows))
		t.bytes = append(t.bytes, int64(size))
		t.granules = append(t.granules, granules)
	}
	if r.err == nil && r.rest != "" {
		r.err = fmt.Errorf("%d bytes after the end", len(r.rest))
	}
	rest := strings.Join(t.granules, "")
	for i, g := range t.granules {
		t.granules[i], rest = rest[:len(g)], rest[len(g):]
	}
	return t, r.err
}

// readStreamTable is parseStreamTable with the streams of a pool.
func readStreamTable(p string, pool *streamPool) (*streamTable, error) {
	brought := 0
	t, err := parseStreamTable(p, func(encoded string) (*model.Stream, error) {
		s, fresh, err := pool.parse(encoded)
		if fresh {
			brought += len(encoded)
		}
		return s, err
	})
	if err != nil {
		return nil, err
	}
	const perStream, perByte = 120, 5 // of the table, with what granulesWith knows; of streams
	t.memory = int64(len(t.streams)*perStream + brought*perByte)
	for _, g := range t.granules {
		t.memory += int64(len(g))
	}
	return t, nil
}

// counts calls f with each granule in which stream i occurs, ascending, and
// with the number of its rows there and of the bytes of their bodies.
func (t *streamTable) counts(i int, granules []granuleMeta, f func(g int, rows, bytes int64)) error {
	r := reader{rest: t.granules[i]}
	g := uint64(0)
	rows, size := t.rows[i], t.bytes[i]
	for r.rest != "" {
		g += r.uvarint()
		n, b := r.uvarint(), r.uvarint()
		if r.err != nil || g >= uint64(len(granules)) || n < 1 || n > uint64(granules[g].Rows) {
			return errors.New("stream table names rows of a granule that are not there")
		}
		rows, size = rows-int64(n), size-int64(b)
		f(int(g), int64(n), int64(b))
	}
	if rows != 0 || size != 0 {
		return fmt.Errorf("stream table has %d rows and %d bytes of a stream too many", rows, size)
	}
	return nil
}

// granulesWith returns the granules in which a stream occurs that keep has.
func (t *streamTable) granulesWith(keep []bool, granules []granuleMeta) (*bitset.BitSet, error) {
	t.placing.Do(func() { t.places, t.unplaced = t.place(granules) })
	have := bitset.New(uint(len(granules)))
	for i, k := range keep {
		if k && t.unplaced == nil {
			have.InPlaceUnion(t.places[i])
		}
	}
	return have, t.unplaced
}

// place returns the granules in which each stream occurs.
func (t *streamTable) place(granules []granuleMeta) ([]*bitset.BitSet, error) {
	out := make([]*bitset.BitSet, len(t.streams))
	for i := range out {
		out[i] = bitset.New(uint(len(granules)))
		if err := t.counts(i, granules, func(g int, _, _ int64) { out[i].Set(uint(g)) }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// A tableBuilder makes the stream table of a part while it is written.
type tableBuilder struct {
	table  streamTable
	number map[*model.Stream]uint32 // position in the table
	same   map[string]uint32        // by canonical encoding
	lists  [][]byte                 // becomes table.granules
	last   []int                    // granule a stream was last seen in
	here   []streamCount            // of each stream in the granule being added
	refs   []uint32                 // scratch
	id     []byte                   // scratch
}

type streamCount struct{ rows, bytes int64 }

func newTableBuilder() *tableBuilder {
	return &tableBuilder{number: map[*model.Stream]uint32{}, same: map[string]uint32{}}
}

// add counts the rows of granule g and returns the position in the table of
// each of b's streams, valid until the next call.
func (t *tableBuilder) add(b *model.Batch, g int) []uint32 {
	t.refs = t.refs[:0]
	for _, s := range b.Streams {
		t.refs = append(t.refs, t.ref(s))
	}
	for i, s := range b.StreamOf {
		c := &t.here[t.refs[s]]
		c.rows++
		c.bytes += int64(len(b.Body[i]))
	}
	for _, ref := range t.refs {
		c := t.here[ref]
		if c.rows == 0 {
			continue
		}
		t.here[ref] = streamCount{}
		l := binary.AppendUvarint(t.lists[ref], uint64(g-t.last[ref]))
		l = binary.AppendUvarint(l, uint64(c.rows))
		t.lists[ref] = binary.AppendUvarint(l, uint64(c.bytes))
		t.last[ref] = g
		t.table.rows[ref] += c.rows
		t.table.bytes[ref] += c.bytes
	}
	return t.refs
}

// ref returns the position of a stream in the table.
func (t *tableBuilder) ref(s *model.Stream) uint32 {
	if ref, ok := t.number[s]; ok {
		return ref
	}
	t.id, _ = s.AppendBinary(t.id[:0]) // never fails
	ref, ok := t.same[string(t.id)]
	if !ok {
		ref = uint32(len(t.table.streams))
		t.same[string(t.id)] = ref
		t.table.streams = append(t.table.streams, s)
		t.table.rows = append(t.table.rows, 0)
		t.table.bytes = append(t.table.bytes, 0)
		t.lists = append(t.lists, nil)
		t.last = append(t.last, 0)
		t.here = append(t.here, streamCount{})
	}
	t.number[s] = ref
	return ref
}

// done returns the table.
func (t *tableBuilder) done() *streamTable {
	t.table.granules = make([]string, len(t.lists))
	for i, l := range t.lists {
		t.table.granules[i] = string(l)
	}
	return &t.table
}
