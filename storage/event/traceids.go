package event

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"sort"

	"github.com/oriel-obs/oriel/model"
)

// traceEntry is the size of one entry of traceids.bin: key and granule.
const traceEntry = 12

// traceKey is the low half of a trace id: random in W3C ids, and all there is
// of 64-bit ones. Ids that share it only cost a decoded granule.
func traceKey(id model.TraceID) uint64 { return binary.BigEndian.Uint64(id[8:]) }

// A traceRef says that a trace with the key has spans in the granule.
type traceRef struct {
	key     uint64
	granule uint32
}

// encodeTraceIDs sorts refs and encodes them without duplicates; see
// docs/format/part.md.
func encodeTraceIDs(refs []traceRef) []byte {
	slices.SortFunc(refs, func(a, b traceRef) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.granule, b.granule))
	})
	refs = slices.Compact(refs)
	b := make([]byte, 0, len(refs)*traceEntry)
	for _, r := range refs {
		b = binary.BigEndian.AppendUint64(b, r.key)
		b = binary.BigEndian.AppendUint32(b, r.granule)
	}
	return b
}

// findTrace marks the granules that may hold spans of id.
func findTrace(b []byte, id model.TraceID, in []bool) error {
	if len(b)%traceEntry != 0 {
		return errors.New("trace ids: incomplete entry")
	}
	n := len(b) / traceEntry
	key := traceKey(id)
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[i*traceEntry:]) }
	for i := sort.Search(n, func(i int) bool { return at(i) >= key }); i < n && at(i) == key; i++ {
		g := binary.BigEndian.Uint32(b[i*traceEntry+8:])
		if int(g) >= len(in) {
			return errors.New("trace ids name a granule that is not there")
		}
		in[g] = true
	}
	return nil
}
