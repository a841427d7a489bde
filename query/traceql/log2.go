package traceql

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// A log2Histogram counts positive integers by the smallest power of two that
// is not less; 0 and 1 are in no bucket. The exponent is the key.
type log2Histogram map[int]int64

func (h log2Histogram) add(v, times int64) {
	if v >= 2 {
		h[bits.Len64(uint64(v-1))] += times
	}
}

// quantile estimates the p-quantile, interpolating exponentially within a
// bucket; 0 if the histogram is empty.
func (h log2Histogram) quantile(p float64) float64 {
	exponents := slices.Sorted(maps.Keys(h))
	var total int64
	for _, n := range h {
		total += n
	}
	if total == 0 {
		return 0
	}
	rank := max(1, int64(math.Ceil(p*float64(total))))
	for i, e := range exponents {
		if rank > h[e] && i < len(exponents)-1 {
			rank -= h[e]
			continue
		}
		low := float64(e - 1)
		if i > 0 {
			low = float64(exponents[i-1])
		}
		return math.Pow(2, low+(float64(e)-low)*float64(rank)/float64(h[e]))
	}
	return 0
}
