package fold

import "github.com/prometheus/prometheus/promql"

// extrapolated is what rate, increase and delta make of points, in a window that
// ends at end: the difference of last and first, and what may have been before
// and after them. It is the engine's arithmetic, operation by operation, for
// floats without start timestamps.
func (w *window) extrapolated(points []promql.FPoint, end int64, counter, resets bool) (float64, bool) {
	if len(points) < 2 {
		return 0, false
	}
	first, last := points[0], points[len(points)-1]
	result := last.F - first.F
	if resets {
		for i := range points[1:] {
			if points[i+1].F < points[i].F {
				result += points[i].F
			}
		}
	}
	toStart := float64(first.T-(end-w.rng)) / 1000
	toEnd := float64(end-last.T) / 1000
	sampled := float64(last.T-first.T) / 1000
	between := sampled / float64(len(points)-1)

	// A series is taken to go on to an end of the window that is about as near as
	// another sample would be, and else for half the time between samples.
	near := between * 1.1
	if toStart >= near {
		toStart = between / 2
	}
	if counter {
		// No counter goes back to below 0.
		toZero := toStart
		if result > 0 && first.F >= 0 {
			toZero = sampled * (first.F / result)
		}
		if toZero < toStart {
			toStart = toZero
		}
	}
	if toEnd >= near {
		toEnd = between / 2
	}
	factor := 1.0
	if sampled != 0 {
		factor = (sampled + toStart + toEnd) / sampled
	}
	if w.call.Func.Name == "rate" {
		factor /= w.seconds
	}
	return result * factor, true
}
