package otlp

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// exponential appends p as a native histogram.
func (t *translator) exponential(p pmetric.ExponentialHistogramDataPoint) {
	if reason, why := exponentialFault(p); reason != "" {
		t.bad(reason, "exponential histogram", why)
		return
	}
	if !t.begin(p.Timestamp(), p.StartTimestamp(), p.Attributes(), "") {
		return
	}
	h := &histogram.Histogram{
		Schema:        min(p.Scale(), histogram.ExponentialSchemaMax),
		ZeroThreshold: zeroThreshold(p.ZeroThreshold()),
		ZeroCount:     p.ZeroCount(),
	}
	finer := uint(p.Scale() - h.Schema) // halvings down to the finest schema
	h.PositiveSpans, h.PositiveBuckets = sparse(p.Positive().BucketCounts(), p.Positive().Offset(), finer, 1)
	h.NegativeSpans, h.NegativeBuckets = sparse(p.Negative().BucketCounts(), p.Negative().Offset(), finer, 1)
	t.native(p, h)
}

// zeroThreshold returns v, unless a histogram cannot have it: then it is the
// one Prometheus gives to all.
func zeroThreshold(v float64) float64 {
	if v > 0 && !math.IsInf(v, 1) {
		return v
	}
	return 1e-128
}

// customHistogram appends p as a native histogram that keeps its bounds.
func (t *translator) customHistogram(p pmetric.HistogramDataPoint) {
	if why := boundsFault(p); why != "" {
		t.bad(ingest.ReasonMalformed, "histogram", why)
		return
	}
	if !t.begin(p.Timestamp(), p.StartTimestamp(), p.Attributes(), "") {
		return
	}
	h := &histogram.Histogram{Schema: histogram.CustomBucketsSchema, CustomValues: p.ExplicitBounds().AsRaw()}
	counts := p.BucketCounts()
	if n := len(h.CustomValues); n > 0 && math.IsInf(h.CustomValues[n-1], 1) {
		// The last bucket goes there without a bound.
		h.CustomValues = h.CustomValues[:n-1]
		joined := pcommon.NewUInt64Slice()
		counts.CopyTo(joined)
		joined.SetAt(n-1, counts.At(n-1)+counts.At(n))
		joined.FromRaw(joined.AsRaw()[:n])
		counts = joined
	}
	h.PositiveSpans, h.PositiveBuckets = sparse(counts, 0, 0, 0)
	t.native(p, h)
}

// A nativePoint is what both kinds of point have that become native
// histograms.
type nativePoint interface {
	Count() uint64
	Sum() float64
	HasSum() bool
	Flags() pmetric.DataPointFlags
	Exemplars() pmetric.ExemplarSlice
}

// native appends h, which has the buckets of p.
func (t *translator) native(p nativePoint, h *histogram.Histogram) {
	s := &t.sample
	s.h = h
	s.opts.Exemplars = t.exemplars(p.Exemplars(), byTime)
	if h.Count = p.Count(); p.HasSum() {
		h.Sum = p.Sum()
	}
	if p.Flags().NoRecordedValue() {
		// A marker has nothing but its sum, or the store would look for the
		// count in the buckets.
		s.h = &histogram.Histogram{Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, CustomValues: h.CustomValues, Sum: staleNaN}
	} else if h.Count == 0 && h.Sum != 0 {
		t.warnings[warnZeroCount]++
	}
	if t.append(t.family.name, seriesPlain, 0, "", s) {
		t.end()
	}
}

// maxEmpty is how many empty buckets stand in a row before a new span is
// cheaper; as in Prometheus' client library.
const maxEmpty = 2

// sparse returns dense counts, the first of bucket offset, as spans and
// differences. Two to the power of finer buckets become one, whose index grows
// by shift: OTLP's bucket 0 begins at one, Prometheus' ends there.
func sparse(counts pcommon.UInt64Slice, offset int32, finer uint, shift int32) ([]histogram.Span, []int64) {
	var (
		spans  []histogram.Span
		deltas []int64
		next   int32 // index after the last bucket put out
		last   int64 // its count
	)
	put := func(n int64) {
		spans[len(spans)-1].Length++
		deltas = append(deltas, n-last)
		last = n
		next++
	}
	for i := 0; i < counts.Len(); {
		index := (offset+int32(i))>>finer + shift
		var n uint64
		for ; i < counts.Len() && (offset+int32(i))>>finer+shift == index; i++ {
			n += counts.At(i)
		}
		if n == 0 {
			continue
		}
		switch gap := index - next; {
		case len(spans) == 0 || gap > maxEmpty:
			if deltas == nil {
				deltas = make([]int64, 0, (counts.Len()-i)>>finer+2)
			}
			spans = append(spans, histogram.Span{Offset: gap})
			next = index
		default:
			for range gap {
				put(0)
			}
		}
		put(int64(n))
	}
	return spans, deltas
}
