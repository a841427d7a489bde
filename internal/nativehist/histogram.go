// Package nativehist counts observations into Prometheus' native histograms,
// for receivers that make histograms of what comes in one by one or with
// weights. The client library's own takes no weights and gives its buckets out
// as protobuf only.
package nativehist

import (
	"maps"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
)

// A Histogram counts observations as a native histogram does: in buckets each
// of which ends at 2^2^-schema times where the one before ends. When there are
// too many, every two become one. It is not safe for concurrent use.
//
// Specification: https://prometheus.io/docs/specs/native_histograms/
type Histogram struct {
	schema             int32
	maxBuckets         int
	zero, count        uint64
	sum                float64
	positive, negative map[int32]uint64 // by index
}

const (
	// zeroThreshold is that of Prometheus' client libraries.
	zeroThreshold = 0x1p-128

	// MaxBuckets is what the OpenTelemetry SDKs settled on.
	MaxBuckets = 160

	minSchema = -4
)

// New returns an empty Histogram whose buckets are at first as fine as schema,
// from -4 to 8, says, and get coarser when there are more than maxBuckets of
// them; 0 lets there be any number.
func New(schema int32, maxBuckets int) *Histogram {
	return &Histogram{schema: schema, maxBuckets: maxBuckets, positive: map[int32]uint64{}, negative: map[int32]uint64{}}
}

// Observe counts n observations of v, which is finite.
func (h *Histogram) Observe(v float64, n uint64) {
	h.Count(v, n)
	h.sum += v * float64(n)
}

// Count is Observe without the sum, for which there is AddSum.
func (h *Histogram) Count(v float64, n uint64) {
	h.count += n
	switch {
	case v > zeroThreshold:
		h.positive[h.index(v)] += n
	case v < -zeroThreshold:
		h.negative[h.index(-v)] += n
	default:
		h.zero += n
	}
	for h.maxBuckets > 0 && len(h.positive)+len(h.negative) > h.maxBuckets && h.schema > minSchema {
		h.schema--
		h.positive, h.negative = halve(h.positive), halve(h.negative)
	}
}

// AddSum adds to the sum of all observations.
func (h *Histogram) AddSum(sum float64) { h.sum += sum }

// index returns the bucket of v, which ends at 2^(index * 2^-schema).
func (h *Histogram) index(v float64) int32 {
	frac, exp := math.Frexp(v) // v is frac * 2^exp, and frac in [0.5, 1)
	if h.schema <= 0 {
		i := int32(exp)
		if frac == 0.5 {
			i--
		}
		return (i + 1<<-h.schema - 1) >> -h.schema
	}
	n := float64(int32(1) << h.schema)
	return int32(exp-1)*int32(n) + int32(math.Ceil(n*(math.Log2(frac)+1)))
}

// halve returns the buckets of the next coarser schema.
func halve(buckets map[int32]uint64) map[int32]uint64 {
	out := make(map[int32]uint64, len(buckets)/2+1)
	for i, n := range buckets {
		out[(i+1)>>1] += n
	}
	return out
}

// Snapshot returns what was counted so far.
func (h *Histogram) Snapshot() *histogram.Histogram {
	out := &histogram.Histogram{
		Schema: h.schema, Count: h.count, Sum: h.sum, ZeroThreshold: zeroThreshold, ZeroCount: h.zero,
	}
	out.PositiveSpans, out.PositiveBuckets = spans(h.positive)
	out.NegativeSpans, out.NegativeBuckets = spans(h.negative)
	return out
}

// spans writes buckets as a native histogram has them: as differences.
func spans(buckets map[int32]uint64) (s []histogram.Span, deltas []int64) {
	next, last := int32(0), int64(0)
	for _, i := range slices.Sorted(maps.Keys(buckets)) {
		if len(s) == 0 || i != next {
			s = append(s, histogram.Span{Offset: i - next})
		}
		s[len(s)-1].Length++
		n := int64(buckets[i])
		deltas = append(deltas, n-last)
		next, last = i+1, n
	}
	return s, deltas
}
