package event

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A groupSet holds the groups of an aggregation.
//
// What a group has of its rows' stream (the stream itself, values of fields of
// streams) is its class, found once for each stream of a part. What it has of
// the rows are words, which a dictionary for each field numbers.
type groupSet struct {
	a        storage.Aggregate
	onStream []int // the fields of streams, as indexes into a.By
	onRow    []int // the others

	list []storage.Group

	classes map[string]uint32 // by canonical encoding
	class   []storage.Group   // what a group of a class has of it
	known   map[source][]uint32
	words   []dictionary // of each of onRow

	// Index into list plus one, by the numbers that tell groups apart: the
	// class if there are classes, then words.
	only   int32
	byOne  []int32
	byTwo  [2][fewNumbers][]int32 // by which number is small, it, and the other one
	byPair map[uint64]int32       // of two that are not small
	byMany map[string]int32

	keys    []model.Value    // room for keys of groups
	buckets []storage.Bucket // room for the first bucket of groups

	key []uint32 // scratch
	id  []byte   // scratch
}

// A source is where streams are numbered: a part, or a head by its segment.
type source struct {
	part    *part
	segment uint64
}

func newGroupSet(a storage.Aggregate) *groupSet {
	g := &groupSet{a: a, classes: map[string]uint32{}, known: map[source][]uint32{}, byPair: map[uint64]int32{}, byMany: map[string]int32{}}
	for i, f := range a.By {
		if ofStream(f.Place) {
			g.onStream = append(g.onStream, i)
		} else {
			g.onRow = append(g.onRow, i)
			g.words = append(g.words, newDictionary())
		}
	}
	return g
}

// hasClasses reports whether streams matter at all.
func (g *groupSet) hasClasses() bool { return g.a.ByStream || len(g.onStream) > 0 }

// classesOf returns the class of each of the streams of src that keep has; nil
// keep has all.
func (g *groupSet) classesOf(src source, streams []*model.Stream, keep []bool) []uint32 {
	known := g.known[src]
	if known != nil {
		return known
	}
	known = make([]uint32, len(streams))
	g.known[src] = known
	if !g.hasClasses() {
		return known
	}
	one := &model.Batch{StreamOf: []uint32{0}}
	for i, s := range streams {
		if keep != nil && !keep[i] {
			continue
		}
		one.Streams = []*model.Stream{s}
		class := storage.Group{Key: make([]model.Value, len(g.a.By))}
		g.id = g.id[:0]
		if g.a.ByStream {
			g.id, _ = s.AppendBinary(g.id) // never fails
			class.Stream = s
		}
		for _, at := range g.onStream {
			class.Key[at] = firstValue(one, 0, g.a.By[at])
			g.id = storage.AppendKey(g.id, class.Key[at])
		}
		n, ok := g.classes[string(g.id)]
		if !ok {
			n = uint32(len(g.class))
			g.classes[string(g.id)] = n
			g.class = append(g.class, class)
		}
		known[i] = n
	}
	return known
}

// group returns the index in list of the group of a class and of words, one
// for each field of rows.
func (g *groupSet) group(class uint32, words []uint32) (int, error) {
	g.key = g.key[:0]
	if g.hasClasses() {
		g.key = append(g.key, class)
	}
	g.key = append(g.key, words...)
	if n := g.find(); n > 0 {
		return int(n - 1), nil
	}
	if g.a.MaxGroups > 0 && len(g.list) >= g.a.MaxGroups {
		return 0, storage.ErrTooManyGroups
	}
	group := g.newGroup()
	if g.hasClasses() {
		group.Stream = g.class[class].Stream
		copy(group.Key, g.class[class].Key)
	}
	for i, w := range words {
		group.Key[g.onRow[i]] = g.words[i].values[w]
	}
	g.list = append(g.list, group)
	g.remember(int32(len(g.list)))
	return len(g.list) - 1, nil
}

// newGroup returns a group with room for its key and a bucket, a piece of what
// many share.
func (g *groupSet) newGroup() storage.Group {
	const many = 64
	n := len(g.a.By)
	if len(g.buckets) == 0 {
		g.keys, g.buckets = make([]model.Value, many*n), make([]storage.Bucket, many)
	}
	group := storage.Group{Key: g.keys[:n:n], Buckets: g.buckets[:0:1]}
	g.keys, g.buckets = g.keys[n:], g.buckets[1:]
	return group
}

// find returns what remember noted for g.key, or 0.
func (g *groupSet) find() int32 {
	switch len(g.key) {
	case 0:
		return g.only
	case 1:
		return at(g.byOne, g.key[0])
	case 2:
		if list, i := g.listOfTwo(); list != nil {
			return at(*list, i)
		}
		return g.byPair[uint64(g.key[0])<<32|uint64(g.key[1])]
	}
	g.id = g.id[:0]
	for _, n := range g.key {
		g.id = binary.LittleEndian.AppendUint32(g.id, n)
	}
	return g.byMany[string(g.id)]
}

// remember notes n for g.key, which find has just looked for.
func (g *groupSet) remember(n int32) {
	switch len(g.key) {
	case 0:
		g.only = n
	case 1:
		g.byOne = put(g.byOne, g.key[0], n)
	case 2:
		if list, i := g.listOfTwo(); list != nil {
			*list = put(*list, i, n)
			return
		}
		g.byPair[uint64(g.key[0])<<32|uint64(g.key[1])] = n
	default:
		g.byMany[string(g.id)] = n
	}
}

// fewNumbers is how many numbers are small, for each of which there may be a
// list as long as there are others.
const fewNumbers = 8

// listOfTwo returns the list for the two numbers of g.key, and the index there;
// nil if both are large.
func (g *groupSet) listOfTwo() (list *[]int32, i uint32) {
	a, b := g.key[0], g.key[1]
	switch {
	case a < fewNumbers:
		return &g.byTwo[0][a], b
	case b < fewNumbers:
		return &g.byTwo[1][b], a
	}
	return nil, 0
}

// at returns list[i], or 0 beyond the end.
func at(list []int32, i uint32) int32 {
	if int(i) < len(list) {
		return list[i]
	}
	return 0
}

// put sets list[i], which may be beyond the end.
func put(list []int32, i uint32, n int32) []int32 {
	if more := int(i) + 1 - len(list); more > 0 {
		list = append(list, make([]int32, more)...)
	}
	list[i] = n
	return list
}

// bucket returns the bucket of group n that begins at start, valid until the
// next call.
func (g *groupSet) bucket(n int, start int64) *storage.Bucket {
	group := &g.list[n]
	last := len(group.Buckets) - 1
	switch {
	case last >= 0 && group.Buckets[last].Start == start:
		return &group.Buckets[last]
	case last < 0 || group.Buckets[last].Start < start:
		group.Buckets = append(group.Buckets, storage.NewBucket(start))
		return &group.Buckets[last+1]
	}
	at, ok := slices.BinarySearchFunc(group.Buckets, start, func(b storage.Bucket, start int64) int { return cmp.Compare(b.Start, start) })
	if !ok {
		group.Buckets = slices.Insert(group.Buckets, at, storage.NewBucket(start))
	}
	return &group.Buckets[at]
}

// A dictionary numbers values in the order it meets them, from 1; the zero
// Value is 0.
type dictionary struct {
	strings map[string]uint32
	ints    map[int64]uint32
	others  map[model.Value]uint32
	values  []model.Value
}

func newDictionary() dictionary {
	return dictionary{strings: map[string]uint32{}, ints: map[int64]uint32{}, others: map[model.Value]uint32{{}: 0}, values: make([]model.Value, 1)}
}

// number returns the number of v.
func (d *dictionary) number(v model.Value) uint32 {
	switch v.Kind() {
	case model.KindInt:
		n, ok := d.ints[v.Int64()]
		if !ok {
			n = d.add(v)
			d.ints[v.Int64()] = n
		}
		return n
	case model.KindString:
		n, ok := d.strings[v.Str()]
		if !ok {
			v = model.String(strings.Clone(v.Str())) // which may be a piece of a whole page
			n = d.add(v)
			d.strings[v.Str()] = n
		}
		return n
	}
	n, ok := d.others[v]
	if !ok {
		switch v.Kind() {
		case model.KindBytes:
			v = model.Bytes(strings.Clone(v.Str()))
		case model.KindArray:
			v = model.Array(strings.Clone(v.Str()))
		case model.KindMap:
			v = model.Map(strings.Clone(v.Str()))
		}
		n = d.add(v)
		d.others[v] = n
	}
	return n
}

func (d *dictionary) add(v model.Value) uint32 {
	d.values = append(d.values, v)
	return uint32(len(d.values) - 1)
}
