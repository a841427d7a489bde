package storage

import (
	"math"
	"slices"
	"strconv"

	"github.com/oriel-obs/oriel/model"
)

// A Tally computes an Aggregate from batches of rows. It is the definition of
// what an Aggregate means; stores do the same without making rows.
type Tally struct {
	a      Aggregate
	keep   *Matcher
	groups map[string]*tallyGroup
	id     []byte // scratch
}

type tallyGroup struct {
	Group
	byStart map[int64]int // bucket's place in Buckets
}

// NewTally returns an empty Tally for a.
func NewTally(a Aggregate) *Tally {
	return &Tally{a: a, keep: NewMatcher(a.Where), groups: map[string]*tallyGroup{}}
}

// Add counts the rows of b that a selects. b must hold every column that a
// names.
func (t *Tally) Add(b *model.Batch) error {
	for i, at := range b.Time {
		if !t.a.Range.Contains(at) || !t.keep.Keep(b, i) {
			continue
		}
		g, err := t.group(b, i)
		if err != nil {
			return err
		}
		bk := g.bucket(t.a.BucketStart(at))
		bk.Rows++
		if t.a.Bytes {
			bk.Bytes += int64(len(b.Body[i]))
		}
		if t.a.Of != nil {
			if v := first(b, i, *t.a.Of); !v.IsNone() {
				x, ok := NumberOf(v)
				bk.AddNumber(x, ok)
			}
		}
	}
	return nil
}

// Groups returns the groups, in no particular order.
func (t *Tally) Groups() []Group {
	out := make([]Group, 0, len(t.groups))
	for _, g := range t.groups {
		slices.SortFunc(g.Buckets, func(a, b Bucket) int {
			if a.Start < b.Start {
				return -1
			}
			return 1
		})
		out = append(out, g.Group)
	}
	return out
}

func (t *Tally) group(b *model.Batch, i int) (*tallyGroup, error) {
	id := t.id[:0]
	if t.a.ByStream {
		id, _ = b.Stream(i).AppendBinary(id) // never fails
	}
	key := make([]model.Value, len(t.a.By))
	for j, f := range t.a.By {
		key[j] = first(b, i, f)
		id = AppendKey(id, key[j])
	}
	t.id = id
	g := t.groups[string(id)]
	if g != nil {
		return g, nil
	}
	if t.a.MaxGroups > 0 && len(t.groups) >= t.a.MaxGroups {
		return nil, ErrTooManyGroups
	}
	g = &tallyGroup{Group: Group{Key: key}, byStart: map[int64]int{}}
	if t.a.ByStream {
		g.Stream = b.Stream(i)
	}
	t.groups[string(id)] = g
	return g, nil
}

// AppendKey appends a form of v that no other value has and none begins with.
func AppendKey(dst []byte, v model.Value) []byte {
	if v.IsNone() {
		return append(dst, 0)
	}
	return model.AppendAttrs(dst, []model.Attr{{Value: v}})
}

func first(b *model.Batch, i int, f Field) model.Value {
	for v := range Values(b, i, f) {
		return v
	}
	return model.Value{}
}

func (g *tallyGroup) bucket(start int64) *Bucket {
	at, ok := g.byStart[start]
	if !ok {
		at = len(g.Buckets)
		g.byStart[start] = at
		g.Buckets = append(g.Buckets, NewBucket(start))
	}
	return &g.Buckets[at]
}

// BucketStart returns the start of the bucket that holds a time.
func (a *Aggregate) BucketStart(t int64) int64 { return a.BucketRange(t).Start }

// BucketRange returns the times of the bucket that holds t. Those of the first
// and the last bucket there can be are cut off where times end.
func (a *Aggregate) BucketRange(t int64) model.Range {
	if a.Step <= 0 {
		return a.Range
	}
	d := mod(t, a.Step) - mod(a.Origin, a.Step) // t-a.Origin may be no int64
	if d < 0 {
		d += a.Step
	}
	r := model.Range{Start: t - d, End: t + (a.Step - d)}
	if r.Start > t {
		r.Start = math.MinInt64
	}
	if r.End < t {
		r.End = math.MaxInt64
	}
	return r
}

// mod returns x modulo m, from 0 to m-1.
func mod(x, m int64) int64 {
	if x %= m; x < 0 {
		x += m
	}
	return x
}

// NewBucket returns a bucket without rows.
func NewBucket(start int64) Bucket { return Bucket{Start: start, Min: math.NaN(), Max: math.NaN()} }

// AddNumber counts a value of Aggregate.Of; ok is false if it is no number.
func (b *Bucket) AddNumber(x float64, ok bool) {
	if !ok {
		b.Others++
		return
	}
	b.Numbers++
	b.Sum += x
	if !(b.Min <= x) && !math.IsNaN(x) {
		b.Min = x
	}
	if !(b.Max >= x) && !math.IsNaN(x) {
		b.Max = x
	}
}

// Merge adds the numbers of o, another part of the same bucket.
func (b *Bucket) Merge(o Bucket) {
	b.Rows += o.Rows
	b.Bytes += o.Bytes
	b.Numbers += o.Numbers
	b.Others += o.Others
	b.Sum += o.Sum
	if !(b.Min <= o.Min) && !math.IsNaN(o.Min) {
		b.Min = o.Min
	}
	if !(b.Max >= o.Max) && !math.IsNaN(o.Max) {
		b.Max = o.Max
	}
}

// NumberOf returns v as a number, if it is one in the sense of Bucket.
func NumberOf(v model.Value) (float64, bool) {
	switch v.Kind() {
	case model.KindInt:
		return float64(v.Int64()), true
	case model.KindFloat:
		return v.Float64(), true
	case model.KindString:
		x, err := strconv.ParseFloat(v.Str(), 64)
		return x, err == nil
	}
	return 0, false
}
