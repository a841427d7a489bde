package derived

import (
	"slices"

	"github.com/prometheus/prometheus/model/histogram"

	"github.com/oriel-obs/oriel/internal/nativehist"
)

// schema is the resolution of native histograms: 8 buckets for each doubling,
// each 9 % wider than the one before. Times from a microsecond to a minute
// take some 200 of them; a set uses few.
const schema = 3

// A distribution counts durations.
type distribution struct {
	count   uint64
	sum     float64               // seconds
	classic []uint64              // by bucket, not added up; the last has no bound
	native  *nativehist.Histogram // nil until the native form has something to count
}

// observe counts a duration of ns nanoseconds. bounds are those of classic.
func (d *distribution) observe(ns int64, bounds []int64, native bool) {
	d.count++
	d.sum += float64(ns) / 1e9
	if d.classic != nil {
		i, _ := slices.BinarySearch(bounds, ns)
		d.classic[i]++
	}
	if !native {
		return
	}
	if d.native == nil {
		d.native = nativehist.New(schema, 0)
	}
	d.native.Observe(float64(max(ns, 0))/1e9, 1)
}

// histogram returns the native form, which shares nothing with d: the store
// keeps it.
func (d *distribution) histogram() *histogram.Histogram {
	if d.native == nil {
		return nativehist.New(schema, 0).Snapshot()
	}
	return d.native.Snapshot()
}
