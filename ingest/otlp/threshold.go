package otlp

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// zeroThresholds are those that exponential histograms of a request came with.
// Translation gives all of them its own; this is the way past it, from the
// data point to the sample made of it.
type zeroThresholds map[histogramKey]float64

// A histogramKey tells the histograms of one request apart well enough: two of
// one key differ in labels at most, and so hardly in their threshold.
type histogramKey struct {
	t           int64 // ms
	count, zero uint64
	sum         uint64 // bits
}

// keep remembers the threshold of p, if it has one.
func (z zeroThresholds) keep(p pmetric.ExponentialHistogramDataPoint) {
	if v := p.ZeroThreshold(); v > 0 && !math.IsInf(v, 1) {
		z[histogramKey{nanos(p.Timestamp()) / 1e6, p.Count(), p.ZeroCount(), math.Float64bits(p.Sum())}] = v
	}
}

// restore gives h, of time t, the threshold of its data point.
func (z zeroThresholds) restore(t int64, h *histogram.Histogram) {
	if len(z) == 0 || h == nil || h.UsesCustomBuckets() {
		return
	}
	if v, ok := z[histogramKey{t, h.Count, h.ZeroCount, math.Float64bits(h.Sum)}]; ok {
		h.ZeroThreshold = v
	}
}
