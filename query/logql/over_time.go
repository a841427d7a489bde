package logql

import (
	"math"
	"slices"
)

// The functions below make one value of the samples in a window, of which
// there is at least one, in order of time.

func sumOver(s []sample) float64 {
	sum := 0.0
	for _, x := range s {
		sum += x.value
	}
	return sum
}

// avgOver is a running mean, which does not overflow.
func avgOver(s []sample) float64 {
	mean := 0.0
	for i, x := range s {
		n := float64(i + 1)
		if math.IsInf(mean, 0) && (math.IsInf(x.value, 0) && mean > 0 == (x.value > 0) || !math.IsInf(x.value, 0) && !math.IsNaN(x.value)) {
			continue // nothing but the opposite infinity or NaN changes an infinite mean
		}
		mean += x.value/n - mean/n
	}
	return mean
}

func minOver(s []sample) float64 {
	least := s[0].value
	for _, x := range s {
		if x.value < least || math.IsNaN(least) {
			least = x.value
		}
	}
	return least
}

func maxOver(s []sample) float64 {
	most := s[0].value
	for _, x := range s {
		if x.value > most || math.IsNaN(most) {
			most = x.value
		}
	}
	return most
}

// varianceOver is that of the population, by Welford's algorithm.
func varianceOver(s []sample) float64 {
	var mean, squares float64
	for i, x := range s {
		d := x.value - mean
		mean += d / float64(i+1)
		squares += d * (x.value - mean)
	}
	return squares / float64(len(s))
}

func (w *window) quantile(s []sample) float64 {
	w.sorted = w.sorted[:0]
	for _, x := range s {
		w.sorted = append(w.sorted, x.value)
	}
	return quantileOf(w.param, w.sorted)
}

// quantileOf interpolates between the two nearest values, as PromQL does. It
// sorts values.
func quantileOf(q float64, values []float64) float64 {
	switch {
	case len(values) == 0 || math.IsNaN(q):
		return math.NaN()
	case q < 0:
		return math.Inf(-1)
	case q > 1:
		return math.Inf(1)
	}
	slices.Sort(values)
	rank := q * float64(len(values)-1)
	low := math.Floor(rank)
	high := math.Min(float64(len(values)-1), low+1)
	weight := rank - low
	return values[int(low)]*(1-weight) + values[int(high)]*weight
}

// counterRate is the increase per second of a counter in the window from
// start to end (ns), resets undone, extrapolated to the window's ends as
// PromQL's rate does. Of less than two samples it is 0.
func counterRate(s []sample, start, end int64) float64 {
	if len(s) < 2 {
		return 0
	}
	first, last := s[0], s[len(s)-1]
	increase := last.value - first.value
	for i := 1; i < len(s); i++ {
		if s[i].value < s[i-1].value {
			increase += s[i-1].value
		}
	}
	const second = 1e9
	sampled := float64(last.time-first.time) / second
	if sampled == 0 {
		return 0
	}
	toStart := float64(first.time-start) / second
	toEnd := float64(end-last.time) / second
	between := sampled / float64(len(s)-1)
	// Samples far from an end of the window most likely began or ended there.
	if toStart >= between*1.1 {
		toStart = between / 2
	}
	if toEnd >= between*1.1 {
		toEnd = between / 2
	}
	if increase > 0 && first.value >= 0 {
		// A counter was not below zero.
		toStart = math.Min(toStart, sampled*(first.value/increase))
	}
	extent := toStart + sampled + toEnd
	return increase * (extent / sampled) / (float64(end-start) / second)
}
