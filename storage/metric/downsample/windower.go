package downsample

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
)

// lookback is how old a sample may be to count as a series' value, PromQL's
// default.
const lookback = 5 * 60 * 1000

// A windower turns the samples of a series, or its finer windows, into windows
// of resolution r. A window that ends at e gets, if it has a sample that is no
// stale marker, in the lanes
//
//   - min, max, sum at e: of its floats, by the rules of PromQL's functions; or
//     sum alone, of its histograms
//   - count at e: of all its samples
//   - last at e: the last sample; at e-1 if an instant selector finds nothing at
//     e, because of a stale marker or of age, and then a stale marker is at e
//   - extra: what else `increase` must see to find the same between ends of
//     windows. If a counter was reset in the window, at e-3 the sum of the
//     values before each reset, and at e-2 the value after the last. If the
//     window before is empty, or in another block, the first sample, at its time.
//
// So boundary values stay those that were sent, and whatever comes after a
// window, its finer form or raw samples, goes on from there.
type windower struct {
	r   int64
	out [lanes]laneWriter
	err error

	end    int64 // of the window being filled; 0 at first
	count  float64
	values aggregate
	last   sample
	aged   int64 // time up to which last is known to have come
	stale  bool
	first  sample // fed to the counter in this window

	before  sample // fed to the counter last, in any window
	feeding bool   // before is set
	peaks   sample // sum of values before resets in this window
	after   sample // value after the last reset
	resets  int

	written int64 // end of the window written last

	// Of all series:
	oldest  int64 // end of a window
	samples uint64
	hists   uint64
}

// An aggregate is of the samples of a window.
type aggregate struct {
	floats              bool // there are some
	min, max, sum, comp float64
	fh                  *histogram.FloatHistogram // sum of the histograms
}

func aggregateOf(s sample) aggregate {
	return aggregate{floats: s.fh == nil, min: s.v, max: s.v, sum: s.v, fh: s.fh}
}

func newWindower(r int64) *windower {
	w := &windower{r: r}
	for l := range w.out {
		w.out[l].lane = lane(l)
	}
	return w
}

// begin forgets the series before.
func (w *windower) begin() {
	out := w.out
	for l := range out {
		out[l].reset()
	}
	*w = windower{r: w.r, out: out, oldest: w.oldest, samples: w.samples, hists: w.hists}
}

// windowEnd is the end of the window that t is in.
func windowEnd(t, r int64) int64 {
	if m := t % r; m > 0 {
		return t - m + r
	} else if m < 0 {
		return t - m
	}
	return t
}

// add takes the next sample.
func (w *windower) add(s sample) {
	w.enter(windowEnd(s.t, w.r))
	if s.isStale() {
		w.stale = true
		return
	}
	w.values.merge(aggregateOf(s))
	w.feed(s)
	w.note(s, 1, s.t, false)
}

// feed gives the next sample to the counter.
func (w *windower) feed(s sample) {
	if w.first.t == 0 {
		w.first = s
	}
	if w.feeding && s.dropped(w.before) {
		w.resets++
		w.after = s
		switch {
		case w.before.fh == nil:
			w.peaks.v += w.before.v
		case w.peaks.fh == nil:
			w.peaks.fh = w.before.fh.Copy()
		default:
			if _, _, _, err := w.peaks.fh.Add(w.before.fh); err != nil { // other buckets: count the later ones
				w.peaks.fh = w.before.fh.Copy()
			}
		}
	}
	w.before, w.feeding = s, true
}

// note notes the last sample so far, and n samples more.
func (w *windower) note(s sample, n float64, aged int64, stale bool) {
	w.last, w.aged, w.stale = s, aged, stale
	w.count += n
}

// enter writes the window before, if end is of another.
func (w *windower) enter(end int64) {
	if end == w.end {
		return
	}
	w.flush()
	w.end, w.count, w.values = end, 0, aggregate{}
	w.stale, w.first = false, sample{}
	w.peaks, w.after, w.resets = sample{}, sample{}, 0
	if w.written != end-w.r {
		w.feeding = false // the first sample, which is kept, shows what became of the counter
	}
}

// flush writes the window being filled.
func (w *windower) flush() {
	if w.count == 0 {
		return
	}
	e := w.end
	if w.written != e-w.r && w.first.t < w.last.t {
		w.first.t = min(w.first.t, e-4)
		w.write(laneExtra, w.first)
	}
	if w.resets > 0 {
		w.peaks.t, w.after.t = e-3, e-2
		if w.peaks.fh != nil {
			w.peaks.fh.CounterResetHint = histogram.UnknownCounterReset
		}
		w.write(laneExtra, w.peaks)
		w.write(laneExtra, w.after)
	}
	if w.stale || w.aged <= e-lookback {
		w.last.t = e - 1
		w.write(laneLast, w.last)
		w.write(laneLast, sample{t: e, v: stale})
	} else {
		w.last.t = e
		w.write(laneLast, w.last)
	}
	w.write(laneCount, sample{t: e, v: w.count})
	switch a := w.values; {
	case a.floats:
		w.write(laneMin, sample{t: e, v: a.min})
		w.write(laneMax, sample{t: e, v: a.max})
		w.write(laneSum, sample{t: e, v: a.sum + a.comp})
	case a.fh != nil:
		w.write(laneSum, sample{t: e, fh: a.fh})
	}
	w.written, w.count = e, 0
	w.oldest = min(w.oldest, e)
}

func (w *windower) write(l lane, s sample) {
	if w.err != nil {
		return
	}
	w.err = w.out[l].append(s)
	w.samples++
	if s.fh != nil {
		w.hists++
	}
}

// merge adds b, as PromQL's functions do: the minimum and maximum leave NaN
// out unless there is nothing else, the sum is Kahan's in Neumaier's form, and
// beside floats histograms do not count.
func (a *aggregate) merge(b aggregate) {
	switch {
	case b.fh != nil && a.fh == nil:
		a.fh = b.fh.Copy()
	case b.fh != nil:
		if _, _, _, err := a.fh.Add(b.fh); err != nil { // other kinds of buckets: PromQL has no answer either
			a.fh = b.fh.Copy()
		}
	case !a.floats:
		fh := a.fh
		*a = b
		a.fh = fh
	case b.floats:
		a.mergeFloats(b)
	}
}

func (a *aggregate) mergeFloats(b aggregate) {
	if b.min < a.min || math.IsNaN(a.min) {
		a.min = b.min
	}
	if b.max > a.max || math.IsNaN(a.max) {
		a.max = b.max
	}
	a.addSum(b.sum)
}

// addFloat adds v, of which no minimum and maximum are wanted.
func (a *aggregate) addFloat(v float64) {
	if !a.floats {
		a.floats, a.sum, a.comp = true, v, 0
		return
	}
	a.addSum(v)
}

func (a *aggregate) addSum(v float64) {
	sum := a.sum + v
	switch {
	case math.IsInf(sum, 0):
		a.comp = 0
	case math.Abs(a.sum) >= math.Abs(v):
		a.comp += (a.sum - sum) + v
	default:
		a.comp += (v - sum) + a.sum
	}
	a.sum = sum
}
