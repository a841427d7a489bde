package lokipush

import (
	"hash/maphash"
	"math"

	"github.com/oriel-obs/oriel/model"
)

// A dupFilter finds entries of one request that have stream, time, line and
// metadata in common with an earlier one. As long as the times of every stream
// increase there can be none, and it only takes notes; the first time that
// does not increase makes it index them. The zero dupFilter is ready.
type dupFilter struct {
	hash    maphash.Hash
	stream  uint32
	streams uint32 // seen so far; their references count up from 0
	last    int64  // greatest time of the stream
	notes   []entryKey
	index   map[entryKey]struct{} // nil until needed
}

// An entryKey identifies an entry. Of line and metadata it holds a 64-bit hash
// under a random seed: two different entries of one stream and nanosecond fall
// together once in 10^19 pairs, and nobody can aim for it.
type entryKey struct {
	stream   uint32
	unixNano int64
	sum      uint64
}

// begin says which stream the next entries are of.
func (d *dupFilter) begin(stream uint32) {
	d.stream, d.last = stream, math.MinInt64
	if stream < d.streams { // twice in one request
		d.build()
		return
	}
	d.streams = stream + 1
}

// seen reports whether the entry has come before, and remembers it.
func (d *dupFilter) seen(unixNano int64, line string, meta []model.Attr) bool {
	k := entryKey{stream: d.stream, unixNano: unixNano, sum: d.sum(line, meta)}
	if unixNano <= d.last {
		d.build()
	}
	d.last = max(d.last, unixNano)
	if d.index == nil {
		d.notes = append(d.notes, k)
		return false
	}
	n := len(d.index)
	d.index[k] = struct{}{}
	return len(d.index) == n
}

func (d *dupFilter) build() {
	if d.index != nil {
		return
	}
	d.index = make(map[entryKey]struct{}, 2*len(d.notes))
	for _, k := range d.notes {
		d.index[k] = struct{}{}
	}
	d.notes = nil
}

func (d *dupFilter) sum(line string, meta []model.Attr) uint64 {
	d.hash.Reset()
	d.hash.WriteString(line)
	for _, a := range meta {
		// 0xFF occurs in no UTF-8 text.
		d.hash.WriteByte(0xff)
		d.hash.WriteString(a.Key)
		d.hash.WriteByte(0xff)
		d.hash.WriteString(a.Value.Str())
	}
	return d.hash.Sum64()
}
