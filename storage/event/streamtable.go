package event

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/model"
)

// A streamTable lists the streams of a part: rows refer to them by position.
type streamTable struct {
	streams  []*model.Stream
	rows     []int64  // of each stream
	granules []string // in which each stream occurs: ascending numbers as uvarint deltas
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
		dst = binary.AppendUvarint(dst, uint64(len(t.granules[i])))
		dst = append(dst, t.granules[i]...)
	}
	return dst
}

// parseStreamTable decodes a stream table of a part with so many granules. The
// table refers to p's bytes.
func parseStreamTable(p string) (*streamTable, error) {
	r := reader{rest: p}
	t := &streamTable{}
	for range r.count(6) {
		s, err := model.ParseStream(r.bytes(uint64(r.uint32())))
		r.keep(err)
		rows := r.uvarint()
		granules := r.bytes(r.uvarint())
		if r.err != nil {
			return nil, r.err
		}
		t.streams = append(t.streams, s)
		t.rows = append(t.rows, int64(rows))
		t.granules = append(t.granules, granules)
	}
	if r.err == nil && r.rest != "" {
		r.err = fmt.Errorf("%d bytes after the end", len(r.rest))
	}
	return t, r.err
}

// markGranules sets the granules in which stream i occurs.
func (t *streamTable) markGranules(i int, in *bitset.BitSet) error {
	r := reader{rest: t.granules[i]}
	g := uint64(0)
	for r.rest != "" {
		g += r.uvarint()
		if r.err != nil || g >= uint64(in.Len()) {
			return errors.New("stream table names a granule that is not there")
		}
		in.Set(uint(g))
	}
	return nil
}
