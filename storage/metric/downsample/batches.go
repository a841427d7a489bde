package downsample

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
)

// batches makes samples of the windows of a part, a window at a time, that
// PromQL's function then computes with.
type batches interface {
	// open begins with p; before is the part before it, or nil.
	open(p, before *part)

	// fill appends the samples of the next window to q, and reports whether
	// there was one.
	fill(q []sample) ([]sample, bool)

	// seek skips windows that have no sample at t or later.
	seek(t int64)

	err() error
}

// A stored gives the samples of one lane.
type stored struct {
	cursor
	ready bool // the cursor stands on the next sample
	r     int64
}

func (s *stored) open(p *part, l lane) {
	s.ready, s.r = false, p.set.b.Resolution
	s.cursor.open(&p.seriesPart, l, p.lo, windowEnd(p.hi, s.r)) // a window may begin before hi
}

func (s *stored) advance() bool {
	if s.ready {
		s.ready = false
		return true
	}
	return s.cursor.advance()
}

// peek looks at the next sample.
func (s *stored) peek() bool {
	if !s.ready {
		s.ready = s.cursor.advance()
	}
	return s.ready
}

func (s *stored) seek(t int64) {
	if s.ready && s.t >= t {
		return
	}
	s.ready = s.cursor.seek(t)
}

// pieces is how many samples a window must give for one to come every spread.
func pieces(r, spread int64) int64 {
	if spread <= 0 || spread >= r {
		return 1
	}
	return (r + spread - 1) / spread
}

// A valueBatches gives the value of each window, as often as needed; or of
// groups of windows, which is less to do for PromQL.
type valueBatches struct {
	stored
	how   *reading
	share bool // divide the value by the number of samples given
}

func newValue(how *reading) batches { return &valueBatches{how: how} }
func newShare(how *reading) batches { return &valueBatches{how: how, share: true} }

func (b *valueBatches) open(p, _ *part) { b.stored.open(p, b.how.first) }
func (b *valueBatches) err() error      { return b.cursor.err }

func (b *valueBatches) seek(t int64) {
	if b.grouped() {
		t = b.how.groupEnd(t) - b.how.group + 1
	}
	b.stored.seek(t)
}

func (b *valueBatches) grouped() bool { return b.how.aligned && b.how.group > b.r }

// rest merges the windows of the group of s into it.
func (b *valueBatches) rest(s sample) sample {
	all, end := aggregateOf(s), b.how.groupEnd(s.t)
	if all.floats && b.how.first != laneSum {
		s.t = b.extremes(&all, end)
	}
	for b.peek() && b.t <= end {
		b.ready = false
		more := b.sample()
		all.merge(aggregateOf(more))
		s.t = more.t
	}
	switch b.how.first {
	case laneMin:
		s.v = all.min
	case laneMax:
		s.v = all.max
	default:
		s.v, s.fh = all.sum+all.comp, all.fh
	}
	if all.floats {
		s.fh = nil
	}
	return s
}

// extremes merges floats up to end that are decoded already into all, of which
// minimum or maximum is wanted, and returns the time of the last.
func (b *valueBatches) extremes(all *aggregate, end int64) int64 {
	c := &b.cursor
	if b.ready || len(c.part.stones) > 0 {
		return c.t
	}
	from := c.at + 1
	to := from
	for end += c.shift; to < len(c.times) && c.times[to] <= end; to++ {
	}
	for _, v := range c.values[from:to] {
		if v < all.min || math.IsNaN(all.min) {
			all.min = v
		}
		if v > all.max || math.IsNaN(all.max) {
			all.max = v
		}
	}
	if to > from {
		c.at, c.t = to-1, c.times[to-1]-c.shift
	}
	return c.t
}

func (b *valueBatches) fill(q []sample) ([]sample, bool) {
	if !b.advance() {
		return q, false
	}
	s := b.sample()
	if b.grouped() {
		return append(q, b.rest(s)), true
	}
	n := pieces(b.r, b.how.spread)
	if n > 1 && b.share {
		s = s.times(1 / float64(n))
	}
	return spread(q, s, n, b.r), true
}

// times is s, which must not be a stale marker, times f.
func (s sample) times(f float64) sample {
	if s.fh != nil {
		s.fh = s.fh.Copy().Mul(f)
		return s
	}
	s.v *= f
	return s
}

// spread appends s n times, the last at its own time and the others evenly
// over the r before it.
func spread(q []sample, s sample, n, r int64) []sample {
	end := s.t
	for i := n - 1; i > 0; i-- {
		s.t = end - i*r/n
		q = append(q, s)
	}
	s.t = end
	return append(q, s)
}

// A countBatches gives as many samples as the window had.
type countBatches struct {
	stored
	how *reading
}

func newCount(how *reading) batches { return &countBatches{how: how} }

func (b *countBatches) open(p, _ *part) { b.stored.open(p, laneCount) }
func (b *countBatches) seek(t int64)    { b.stored.seek(t) }
func (b *countBatches) err() error      { return b.cursor.err }

func (b *countBatches) fill(q []sample) ([]sample, bool) {
	if !b.advance() {
		return q, false
	}
	s := b.sample()
	n := min(int64(s.v), b.r)
	over := b.r
	if b.how.aligned && b.r <= b.how.bucket {
		over = n // all near the end, so that none is in the range before, by the surplus
	}
	return spread(q, s, n, over), true
}

// A meanBatches gives the mean of each bucket, so that windows of several
// resolutions weigh what they should.
type meanBatches struct {
	how        *reading
	sum, count stored
	part       *part
}

func newMean(how *reading) batches { return &meanBatches{how: how} }

func (b *meanBatches) open(p, _ *part) {
	b.part = p
	b.sum.open(p, laneSum)
	b.count.open(p, laneCount)
}

func (b *meanBatches) seek(t int64) {
	if b.how.bucket > 0 {
		t = windowEnd(t, b.how.bucket) - b.how.bucket + 1
	}
	b.sum.seek(t)
	b.count.seek(t)
}

func (b *meanBatches) err() error { return failed(&b.sum.cursor, &b.count.cursor) }

// next returns the sum and count of the next window with a sum.
func (b *meanBatches) next() (sum sample, n float64, ok bool) {
	if !b.sum.advance() {
		return sum, 0, false
	}
	sum = b.sum.sample()
	b.count.seek(sum.t)
	if !b.count.ready || b.count.t != sum.t {
		return sum, 1, true // cannot be
	}
	return sum, b.count.sample().v, true
}

func (b *meanBatches) fill(q []sample) ([]sample, bool) {
	sum, n, ok := b.next()
	if !ok {
		return q, false
	}
	r, bucket := b.sum.r, b.how.bucket
	switch {
	case bucket == 0:
		return spread(q, sum.times(1/n), min(int64(n), r), r), true
	case bucket <= r:
		return spread(q, sum.times(1/n), pieces(r, min(bucket, b.how.spread)), r), true
	}
	all := aggregateOf(sum)
	end := windowEnd(sum.t, bucket)
	at := sum.t
	for b.sum.peek() && b.sum.t <= end {
		more, m, _ := b.next()
		all.merge(aggregateOf(more))
		n += m
		at = more.t
	}
	return append(q, all.mean(n, min(end, max(at, b.part.hi)))), true
}

// mean is the sum of a over n, at t.
func (a aggregate) mean(n float64, t int64) sample {
	if a.floats {
		return sample{t: t, v: (a.sum + a.comp) / n}
	}
	return sample{t: t, fh: a.fh.Div(n)}
}

// A previous is the last sample of the window before the current one, if there
// is such a window, at its end.
type previous struct {
	sample
	known bool
	stale bool // by the end of the window
}

// lead looks up what the part before ends with.
func lead(p, before *part) (at previous) {
	if before == nil || before.hi != p.lo || before.raw != nil {
		return previous{}
	}
	var c cursor
	c.open(&before.seriesPart, laneLast, p.lo-2, p.lo)
	if !c.advance() {
		return previous{}
	}
	at.sample, at.known, at.stale = c.sample(), true, c.t < p.lo
	at.t = p.lo
	return at
}

// A stepBatches gives the last sample of each window, and repeats it every
// spread until the next window ends.
type stepBatches struct {
	stored
	how *reading

	prev        previous
	part, ahead *part // ahead is the part before while the lead is not looked up
}

func newSteps(how *reading) batches { return &stepBatches{how: how} }

func (b *stepBatches) open(p, before *part) {
	b.stored.open(p, laneLast)
	b.prev, b.part, b.ahead = previous{}, p, before
}

func (b *stepBatches) seek(t int64) {
	if b.how.spread < b.r {
		t -= b.r // for the value that is repeated until t
	}
	if b.ready && b.t >= t || b.prev.known && b.prev.t >= t {
		return
	}
	b.prev.known = false
	b.stored.seek(t)
}

func (b *stepBatches) err() error { return b.cursor.err }

// fill gives, where moments are ends of groups, what there is at these.
func (b *stepBatches) fill(q []sample) ([]sample, bool) {
	at := b.how.moments && b.r <= b.how.bucket
	if at && b.t > math.MinInt64 {
		from := b.t
		if !b.ready {
			from++
		}
		b.stored.seek(max(b.how.groupEnd(from)-1, from)) // one that is stale at the end is there before, too
	}
	if !b.advance() {
		return q, false
	}
	s := b.sample()
	if at {
		return append(q, s), true
	}
	if b.how.spread >= b.r {
		return append(q, s), true
	}
	begin := windowEnd(s.t, b.r) - b.r
	if begin == b.part.lo && b.ahead != nil {
		b.prev = lead(b.part, b.ahead)
	}
	b.ahead = nil
	if b.prev.known && !b.prev.stale && b.prev.t == begin {
		for again := b.prev.sample; again.t+b.how.spread < s.t; q = append(q, again) {
			again.t += b.how.spread
		}
	}
	if b.prev.stale = s.isStale(); !b.prev.stale {
		b.prev = previous{sample: s, known: true, stale: s.t%b.r != 0}
	}
	return append(q, s), true
}

// A counterBatches gives the values at the ends of windows and what lies
// between. In a range of few windows, these are taken to be straight between
// their ends. Where all ranges begin at ends of windows each value is given twice,
// a millisecond apart: for the range that it ends and the one that it begins.
type counterBatches struct {
	how    *reading
	resets bool

	last, extra stored
	prev        previous
	part, ahead *part
	between     bool // something was given since prev
}

func newCounter(how *reading) batches { return &counterBatches{how: how, resets: true} }
func newEnds(how *reading) batches    { return &counterBatches{how: how} }

func (b *counterBatches) open(p, before *part) {
	b.last.open(p, laneLast)
	b.extra.open(p, laneExtra)
	if before == nil || before != b.part || !b.prev.known || b.prev.t != p.lo { // it does not go on where it was
		b.prev, b.ahead, b.between = previous{}, before, false
	}
	b.part = p
}

func (b *counterBatches) seek(t int64) {
	t -= b.last.r + 1
	if b.prev.known && b.prev.t >= t {
		return
	}
	b.last.seek(t)
	b.extra.seek(t)
	b.prev.known = false
}

func (b *counterBatches) err() error { return failed(&b.last.cursor, &b.extra.cursor) }

// exact says that all ranges begin and end with windows of the part.
func (b *counterBatches) exact() bool { return b.how.aligned && b.how.bucket >= b.last.r }

// firstCopies of the first sample of a series are given: PromQL takes series
// with far apart samples to begin long before their first.
const firstCopies = 10

func (b *counterBatches) fill(q []sample) ([]sample, bool) {
	more := b.last.peek()
	if b.extra.peek() && (!more || b.extra.t < b.last.t) {
		return b.fillExtra(q), true
	}
	if !more {
		return q, false
	}
	b.leap()
	b.last.ready = false
	s := b.last.sample()
	if s.isStale() {
		return q, true
	}
	b.findLead(s.t)
	s.forget()
	r := b.last.r
	end := windowEnd(s.t, r)
	if step := b.how.spread / wideRange; step < r && !b.exact() && !b.between && b.prev.known && b.prev.t == end-r {
		q = interpolate(q, b.prev.sample, s, max(step, second))
	}
	q = append(q, s)
	if s.t = end; b.how.aligned {
		again := s
		again.t++
		q = append(q, again)
	}
	b.prev, b.between = previous{sample: s, known: true}, false
	return q, true
}

// leap goes on from the next window to the last of its group, if every range is
// a group and the values between change nothing: all windows are there, nothing
// was reset, and the value before the first is known.
func (b *counterBatches) leap() {
	c, r := &b.last.cursor, b.last.r
	if !b.how.single || !b.resets || b.how.inexact || b.between || len(c.part.stones) > 0 ||
		!b.prev.known || b.prev.fh != nil || b.prev.t != c.t-r || b.how.groupEnd(b.prev.t) != b.prev.t {
		return
	}
	end := b.how.groupEnd(c.t)
	to := c.at + int((end-c.t)/r)
	if to >= len(c.times) || b.extra.peek() && b.extra.t <= end {
		return
	}
	t, v := c.times[c.at], b.prev.v
	for i := c.at; i <= to; i++ {
		if c.times[i] != t || !(c.values[i] >= v) {
			return
		}
		t, v = t+r, c.values[i]
	}
	c.at, c.t = to, end
}

// findLead looks for the window before the first, which ends after t.
func (b *counterBatches) findLead(t int64) {
	if b.ahead == nil {
		return
	}
	if windowEnd(t, b.last.r)-b.last.r == b.part.lo {
		b.prev = lead(b.part, b.ahead)
	}
	b.ahead = nil
}

// fillExtra appends the next of the lane of extras.
func (b *counterBatches) fillExtra(q []sample) []sample {
	b.extra.ready = false
	s := b.extra.sample()
	s.forget()
	b.findLead(s.t)
	end := windowEnd(s.t, b.last.r)
	if end-s.t <= 3 { // around a reset
		if b.resets {
			b.between = true
			q = append(q, s)
		}
		return q
	}
	// The first sample: of the series, after a gap, or of the block only.
	copies := firstCopies
	switch begin := end - b.last.r; {
	case b.prev.known && b.prev.t == begin && !s.dropped(b.prev.sample):
		return q
	case b.prev.known && b.prev.t == begin || begin == b.part.lo:
		copies = 1
	}
	b.between = true
	if d := b.how.surplus; d > 0 { // not into the range before
		s.t = min(max(s.t, end-b.last.r+d+1), end-4)
	}
	for range copies {
		q = append(q, s)
		if s.t++; end-s.t <= 3 {
			break
		}
	}
	return q
}

// forget drops what a histogram says of the one before it in its chunk, which
// may not be the one before it here.
func (s *sample) forget() {
	if s.fh != nil && s.fh.CounterResetHint != histogram.GaugeType {
		s.fh.CounterResetHint = histogram.UnknownCounterReset
	}
}

// interpolate appends points on the line from a to b, every step, without its
// ends.
func interpolate(q []sample, a, b sample, step int64) []sample {
	if a.fh != nil || b.fh != nil || math.IsNaN(a.v) || math.IsNaN(b.v) || value.IsStaleNaN(a.v) {
		return q
	}
	slope := (b.v - a.v) / float64(b.t-a.t)
	for t := a.t + step; t < b.t; t += step {
		q = append(q, sample{t: t, v: a.v + slope*float64(t-a.t)})
	}
	return q
}
