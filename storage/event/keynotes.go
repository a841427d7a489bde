package event

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// keyNotes collect what there is to say about keys.
type keyNotes map[string]*keyNote

// A keyNote is about one key. How many values it takes is counted by their
// hashes in a bitmap ("linear counting", Whang et al. 1990): next to exact for
// few values, within a few per cent for thousands.
type keyNote struct {
	kinds uint16 // of values, as bits
	rows  int64
	seen  [distinctBits / 64]uint64

	fewest int64 // at least so many values
	unique int64 // values of parts where hardly two rows have one
}

// distinctBits is the size of the bitmap. Counts beyond some 30,000 are taken
// for more than they are.
const distinctBits = 4096

func (k keyNotes) of(key string) *keyNote {
	n := k[key]
	if n == nil {
		n = &keyNote{}
		k[key] = n
	}
	return n
}

func (k keyNotes) attrs(attrs []model.Attr) {
	for _, a := range attrs {
		k.of(a.Key).value(a.Value, 1)
	}
}

// values notes one row of each. Many have the value of the one before.
func (n *keyNote) values(vals []model.Value) {
	for len(vals) > 0 {
		run := 1
		for run < len(vals) && vals[run] == vals[0] {
			run++
		}
		n.value(vals[0], int64(run))
		vals = vals[run:]
	}
}

// value notes that so many rows have v.
func (n *keyNote) value(v model.Value, rows int64) {
	if v.IsNone() {
		return
	}
	n.kinds |= 1 << v.Kind()
	n.rows += rows
	var h uint64
	switch v.Kind() {
	case model.KindInt:
		h = spread(uint64(v.Int64()))
	case model.KindFloat:
		h = spread(math.Float64bits(v.Float64()))
	case model.KindBool:
		if v.IsTrue() {
			h = 1
		}
	default:
		h = xxhash.Sum64String(v.Str())
	}
	h %= distinctBits
	n.seen[h/64] |= 1 << (h % 64)
}

// spread is the finalizer of SplitMix64.
func spread(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// meta notes what a part says of the key.
func (n *keyNote) meta(m keyMeta) {
	for _, kind := range m.Kinds {
		n.kinds |= 1 << kind
	}
	n.rows += m.Rows
	n.fewest = max(n.fewest, m.Distinct)
	if 2*m.Distinct > m.Rows {
		n.unique += m.Distinct
	}
}

// distinct returns about how many values there are. Those of parts may be the
// same again, unless they are unique.
func (n *keyNote) distinct() int64 {
	ones := 0
	for _, w := range n.seen {
		ones += bits.OnesCount64(w)
	}
	zeros := max(distinctBits-ones, 1)
	seen := int64(math.Round(distinctBits * math.Log(distinctBits/float64(zeros))))
	return min(max(seen, n.fewest, n.unique), n.rows)
}

// list returns the kinds, ascending.
func (n *keyNote) list() (out []model.Kind) {
	for kind := model.KindString; kind <= model.KindMap; kind++ {
		if n.kinds&(1<<kind) != 0 {
			out = append(out, kind)
		}
	}
	return out
}

// sorted returns the keys that have values, by name.
func (k keyNotes) sorted() []storage.Key {
	out := make([]storage.Key, 0, len(k))
	for name, n := range k {
		if n.kinds != 0 {
			out = append(out, storage.Key{Name: name, Kinds: n.list(), Rows: n.rows, Distinct: n.distinct()})
		}
	}
	slices.SortFunc(out, func(a, b storage.Key) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// metas returns what meta.json says of the keys of a place.
func (k keyNotes) metas(place storage.Place) []keyMeta {
	var out []keyMeta
	for _, key := range k.sorted() {
		m := keyMeta{Place: place, In: place.String(), Key: key.Name, Rows: key.Rows, Distinct: key.Distinct}
		for _, kind := range key.Kinds {
			m.Kinds = append(m.Kinds, int(kind))
		}
		out = append(out, m)
	}
	return out
}
