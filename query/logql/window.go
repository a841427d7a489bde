package logql

import (
	"math"
	"slices"
)

// A window makes the points of one series from its samples, which come in
// order of time: samples are kept as long as a coming step may need them.
type window struct {
	series
	ev     *evaluator
	length int64 // ns
	over   func(w *window, samples []sample, t int64) float64
	param  float64

	samples []sample // of the coming step and after
	next    int      // step to evaluate
	sorted  []float64

	// Counts of lines and bytes need no samples: sums[i] is what changes at
	// step first+i.
	counts    bool
	perSecond bool
	sums      []delta
	first     int
}

// A sample is a value at a time, shifted by the offset of its range.
type sample struct {
	time  int64
	value float64
}

// A delta is what begins to count at a step, and what counts no more.
type delta struct {
	lines int64
	value int64
}

func newWindow(ev *evaluator, a *RangeAgg) *window {
	w := &window{ev: ev, length: int64(a.Log.Range)}
	if a.Param != nil {
		w.param = *a.Param
	}
	switch a.Op {
	case OpRate:
		if a.Log.Unwrap != nil {
			w.over = func(w *window, s []sample, _ int64) float64 { return sumOver(s) / w.seconds() }
		}
	case OpSumOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return sumOver(s) }
	case OpAvgOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return avgOver(s) }
	case OpMinOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return minOver(s) }
	case OpMaxOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return maxOver(s) }
	case OpStddevOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return math.Sqrt(varianceOver(s)) }
	case OpStdvarOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return varianceOver(s) }
	case OpFirstOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return s[0].value }
	case OpLastOver:
		w.over = func(_ *window, s []sample, _ int64) float64 { return s[len(s)-1].value }
	case OpQuantileOver:
		w.over = func(w *window, s []sample, _ int64) float64 { return w.quantile(s) }
	case OpRateCounter:
		w.over = func(w *window, s []sample, t int64) float64 { return counterRate(s, t-w.length, t) }
	}
	w.counts = w.over == nil
	w.perSecond = w.counts && (a.Op == OpRate || a.Op == OpBytesRate)
	return w
}

func (w *window) seconds() float64 { return float64(w.length) / 1e9 }

// add takes a sample that is not before those added earlier.
func (w *window) add(at int64, v float64) {
	first, last := w.ev.stepsOf(at, w.length)
	if w.counts {
		w.count(first, last, int64(v))
		return
	}
	w.evaluate(first)
	w.samples = append(w.samples, sample{at, v})
}

// evaluate makes the points of the steps before the given one.
func (w *window) evaluate(before int) {
	for ; w.next < before; w.next++ {
		t := w.ev.start + int64(w.next)*w.ev.step
		gone := 0
		for gone < len(w.samples) && w.samples[gone].time <= t-w.length {
			gone++
		}
		w.samples = w.samples[gone:]
		if len(w.samples) == 0 {
			w.next = before
			return
		}
		w.points = append(w.points, point{w.next, w.over(w, w.samples, t)})
	}
}

// finish makes the points that are left.
func (w *window) finish() {
	if !w.counts {
		w.evaluate(w.ev.steps)
		return
	}
	var have delta
	for i, d := range w.sums {
		have.lines += d.lines
		have.value += d.value
		if have.lines == 0 {
			continue
		}
		v := float64(have.value)
		if w.perSecond {
			v /= w.seconds()
		}
		w.points = append(w.points, point{w.first + i, v})
	}
	w.sums = nil
}

// count adds n to the steps from first to last.
func (w *window) count(first, last int, n int64) {
	if w.sums == nil {
		w.first = first
	}
	if missing := last + 1 - w.first - len(w.sums) + 1; missing > 0 {
		w.sums = append(w.sums, slices.Repeat([]delta{{}}, missing)...)
	}
	from, to := &w.sums[first-w.first], &w.sums[last+1-w.first]
	from.lines, from.value = from.lines+1, from.value+n
	to.lines, to.value = to.lines-1, to.value-n
}
