package downsample

import (
	"fmt"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A longIterator walks the parts of a series one after the other.
type longIterator struct {
	series *longSeries
	next   int                // part after the current
	cur    chunkenc.Iterator  // over the current part; nil before the first and after the last
	kind   chunkenc.ValueType // of the current sample
	t      int64              // its time
	until  int64              // what the current part may have after that is of the next
	failed error

	raw  chunkenc.Iterator // to be used again
	win  windowIterator
	mean meanIterator
}

func (it *longIterator) reset(s *longSeries) {
	it.series, it.next, it.cur, it.kind, it.failed = s, 0, nil, chunkenc.ValNone, nil
	it.t = s.how.after
}

// openPart begins with the next part.
func (it *longIterator) openPart() bool {
	if it.next == len(it.series.parts) || it.failed != nil {
		it.cur, it.next = nil, len(it.series.parts)
		return false
	}
	var before *part
	if it.next > 0 {
		before = &it.series.parts[it.next-1]
	}
	p, how := &it.series.parts[it.next], it.series.how
	it.next++
	it.until = math.MaxInt64
	if p.raw == nil {
		it.win.reset(p, before, how)
		it.cur = &it.win
		return true
	}
	it.raw = p.raw.Iterator(it.raw)
	it.cur, it.until = it.raw, p.hi // chunks may go on, and others lie there, too
	if how.means && how.bucket > 0 {
		it.mean.reset(it.raw, how.bucket, how.surplus)
		it.cur = &it.mean
	}
	return true
}

func (it *longIterator) Next() chunkenc.ValueType {
	if it.cur == nil && !it.openPart() {
		return it.found(chunkenc.ValNone)
	}
	return it.forward(it.cur.Next())
}

// Floats returns samples after the current one, and moves to the last of them.
// There are none where Next is to be called. The slices are the iterator's until
// it is moved.
func (it *longIterator) Floats() (times []int64, values []float64) {
	switch cur := it.cur.(type) {
	case *windowIterator:
		times, values = cur.floats(it.t)
	case bulk: // of samples
		times, values = cur.Floats()
		for len(times) > 0 && times[0] <= it.t {
			times, values = times[1:], values[1:]
		}
		if n := len(times); n > 0 && times[n-1] > it.until {
			n, _ = slices.BinarySearch(times, it.until+1)
			times, values = times[:n], values[:n]
		}
	}
	if n := len(times); n > 0 {
		it.t, it.kind = times[n-1], chunkenc.ValFloat
	}
	return times, values
}

func (it *longIterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	if it.kind != chunkenc.ValNone && it.t >= t {
		return it.kind
	}
	if it.cur == nil || it.series.parts[it.next-1].hi < t {
		for it.next < len(it.series.parts) && it.series.parts[it.next].hi < t {
			it.next++
		}
		if !it.openPart() {
			return it.found(chunkenc.ValNone)
		}
	}
	for kind := it.cur.Seek(t); ; kind = it.cur.Seek(t) {
		if kind != chunkenc.ValNone {
			return it.forward(kind)
		}
		if it.failed = it.cur.Err(); !it.openPart() {
			return it.found(chunkenc.ValNone)
		}
	}
}

// forward goes on from the sample of kind to the first that is newer than the
// last: a value that is given twice may reach into the next part.
func (it *longIterator) forward(kind chunkenc.ValueType) chunkenc.ValueType {
	for {
		for ; kind != chunkenc.ValNone; kind = it.cur.Next() {
			t := it.cur.AtT()
			if t > it.until {
				break
			}
			if t > it.t {
				it.t = t
				return it.found(kind)
			}
		}
		if it.failed = it.cur.Err(); !it.openPart() {
			return it.found(chunkenc.ValNone)
		}
		kind = it.cur.Next()
	}
}

func (it *longIterator) found(kind chunkenc.ValueType) chunkenc.ValueType {
	it.kind = kind
	return kind
}

func (it *longIterator) At() (int64, float64) { return it.cur.At() }

func (it *longIterator) AtHistogram(h *histogram.Histogram) (int64, *histogram.Histogram) {
	return it.cur.AtHistogram(h)
}

func (it *longIterator) AtFloatHistogram(fh *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.cur.AtFloatHistogram(fh)
}

func (it *longIterator) AtT() int64 { return it.t }

func (it *longIterator) AtST() int64 {
	if it.cur == &it.win || it.cur == &it.mean {
		return 0
	}
	return it.cur.AtST()
}

func (it *longIterator) Err() error {
	if it.failed != nil {
		return fmt.Errorf("read series %s: %w", it.series.labels, it.failed)
	}
	return nil
}

// made is the part of an iterator over samples that are made and not read.
type made struct{ sample }

func (m *made) kind() chunkenc.ValueType {
	if m.fh != nil {
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}

func (m *made) At() (int64, float64) { return m.t, m.v }
func (m *made) AtT() int64           { return m.t }
func (*made) AtST() int64            { return 0 }

// AtHistogram is not called: no sample here has integers for buckets.
func (m *made) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return m.t, nil }

func (m *made) AtFloatHistogram(fh *histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	if fh == nil {
		return m.t, m.fh.Copy() // a value may be given twice, and its user may change it
	}
	m.fh.CopyTo(fh)
	return m.t, fh
}

// A windowIterator gives what a reading makes of the windows of a part.
type windowIterator struct {
	made
	how     *reading
	batches batches
	queue   []sample
	at      int // in queue, of the sample after the current
	hi      int64
	ended   bool

	times  []int64 // what was given at once
	values []float64
}

func (it *windowIterator) reset(p, before *part, how *reading) {
	if it.how != how {
		it.batches = how.batches(how)
	}
	it.how, it.queue, it.at, it.hi, it.ended = how, it.queue[:0], 0, p.hi, false
	if how.aligned {
		it.hi++ // for the value at the end, given again to the range that begins there
	}
	it.batches.open(p, before)
}

func (it *windowIterator) Next() chunkenc.ValueType {
	for !it.ended {
		if it.at < len(it.queue) {
			it.sample = it.queue[it.at]
			it.at++
			if it.t > it.hi {
				break
			}
			it.t -= it.how.surplus
			return it.kind()
		}
		var more bool
		it.queue, more = it.batches.fill(it.queue[:0])
		it.at, it.ended = 0, !more
	}
	it.ended = true
	return chunkenc.ValNone
}

// atOnce is about how many samples are given at once.
const atOnce = 256

// floats returns the next samples that are floats and later than after.
func (it *windowIterator) floats(after int64) ([]int64, []float64) {
	it.times, it.values = it.times[:0], it.values[:0]
	for !it.ended && len(it.times) < atOnce {
		for ; it.at < len(it.queue); it.at++ {
			s := &it.queue[it.at]
			if it.ended = s.t > it.hi; it.ended || s.fh != nil {
				return it.times, it.values
			}
			if t := s.t - it.how.surplus; t > after {
				it.sample, after = *s, t
				it.t = t
				it.times, it.values = append(it.times, t), append(it.values, s.v)
			}
		}
		var more bool
		it.queue, more = it.batches.fill(it.queue[:0])
		it.at, it.ended = 0, !more
	}
	return it.times, it.values
}

func (it *windowIterator) Seek(t int64) chunkenc.ValueType { //nolint:govet // the Seek of tsdb, not of io.Seeker
	if stored := t + it.how.surplus; len(it.queue) == 0 || it.queue[len(it.queue)-1].t < stored {
		it.queue, it.at = it.queue[:0], 0
		it.batches.seek(stored)
	}
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		if it.t >= t {
			return kind
		}
	}
	return chunkenc.ValNone
}

func (it *windowIterator) Err() error { return it.batches.err() }

// sampleOf is what it stands on.
func sampleOf(it chunkenc.Iterator, kind chunkenc.ValueType) sample {
	if kind == chunkenc.ValFloat {
		t, v := it.At()
		return sample{t: t, v: v}
	}
	t, fh := it.AtFloatHistogram(nil)
	return sample{t: t, fh: fh}
}
