package derived

import (
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
)

// schema is the resolution of native histograms: 8 buckets for each doubling,
// each 9 % wider than the one before.
const schema = 3

// schemaBounds divide [0.5, 1) as the schema does: bucket i of a doubling ends
// at 2^(i/8).
// https://prometheus.io/docs/specs/native_histograms/#standard-exponential-schemas
var schemaBounds = [1 << schema]float64{
	0.5,
	0.5452538663326288,
	0.5946035575013605,
	0.6484197773255048,
	0.7071067811865475,
	0.7711054127039704,
	0.8408964152537144,
	0.9170040432046711,
}

// A distribution counts durations.
type distribution struct {
	count   uint64
	sum     float64  // seconds
	classic []uint64 // by bucket, not added up; the last has no bound
	zero    uint64   // durations of 0, for the native form

	// native[i] counts the durations in bucket low+i of the schema. Times from
	// a microsecond to a minute take some 200 buckets; a set uses few of them.
	low    int
	native []uint64
}

// observe counts a duration of ns nanoseconds. bounds are those of classic.
func (d *distribution) observe(ns int64, bounds []int64, native bool) {
	d.count++
	d.sum += float64(ns) / 1e9
	if d.classic != nil {
		i, _ := slices.BinarySearch(bounds, ns)
		d.classic[i]++
	}
	switch {
	case !native:
	case ns <= 0:
		d.zero++
	default:
		*d.bucket(nativeIndex(float64(ns) / 1e9))++
	}
}

// nativeIndex returns the bucket of v, which is positive.
func nativeIndex(v float64) int {
	frac, exp := math.Frexp(v)
	return sort.SearchFloat64s(schemaBounds[:], frac) + (exp-1)<<schema
}

// bucket returns the counter of bucket i.
func (d *distribution) bucket(i int) *uint64 {
	switch {
	case len(d.native) == 0:
		d.low = i
		d.native = append(d.native, 0)
	case i < d.low:
		d.native = slices.Insert(d.native, 0, make([]uint64, d.low-i)...)
		d.low = i
	case i >= d.low+len(d.native):
		d.native = append(d.native, make([]uint64, i-d.low-len(d.native)+1)...)
	}
	return &d.native[i-d.low]
}

// histogram returns the native form, which shares nothing with d: the store
// keeps it.
func (d *distribution) histogram() *histogram.Histogram {
	h := &histogram.Histogram{
		Schema: schema, Count: d.count, Sum: d.sum, ZeroCount: d.zero, ZeroThreshold: zeroThreshold,
	}
	next, before := 0, int64(0) // the bucket after the last span, and its last count
	for i, n := range d.native {
		if n == 0 {
			continue
		}
		at := d.low + i
		if len(h.PositiveSpans) == 0 || at != next {
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: int32(at - next)})
		}
		h.PositiveSpans[len(h.PositiveSpans)-1].Length++
		h.PositiveBuckets = append(h.PositiveBuckets, int64(n)-before)
		next, before = at+1, int64(n)
	}
	return h
}

// zeroThreshold is the width of the bucket around zero that Prometheus'
// clients use.
const zeroThreshold = 2.938735877055719e-39 // 2^-128
