package downsample

import (
	"errors"
	"math"
	"slices"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"github.com/oriel-obs/oriel/storage/metric/xorpack"
)

// A cursor walks one lane of a seriesPart, at the times before the shift.
type cursor struct {
	part   *seriesPart
	chunks []chunks.Meta
	shift  int64
	lo, hi int64

	next int                // chunk after the current
	kind chunkenc.ValueType // of the current sample; of any in the chunk, before the first
	t    int64
	err  error

	// A chunk of floats is decoded as a whole, down to what is in (lo, hi].
	times  []int64
	values []float64
	at     int // of the current sample

	it chunkenc.Iterator // over a chunk of histograms
}

// open sets c to before the first sample in (lo, hi] of lane l of p.
func (c *cursor) open(p *seriesPart, l lane, lo, hi int64) {
	all := p.lane(l)
	for len(all) > 0 && all[0].MaxTime-l.shift() <= lo {
		all = all[1:]
	}
	*c = cursor{
		part: p, chunks: all, shift: l.shift(), lo: lo, hi: hi, t: math.MinInt64,
		it: c.it, times: c.times[:0], values: c.values[:0],
	}
}

// advance moves to the next sample and reports whether there is one.
func (c *cursor) advance() bool {
	for c.err == nil {
		if c.at+1 < len(c.times) {
			c.at++
			c.t = c.times[c.at] - c.shift
			if len(c.part.stones) > 0 && deleted(c.part.stones, c.times[c.at]) {
				continue
			}
			return true
		}
		if c.kind != chunkenc.ValNone && c.kind != chunkenc.ValFloat && c.advanceHistogram() {
			return true
		}
		if c.err != nil || c.next == len(c.chunks) || !c.load() {
			break
		}
	}
	c.kind = chunkenc.ValNone
	return false
}

// advanceHistogram is advance within a chunk of histograms.
func (c *cursor) advanceHistogram() bool {
	for {
		if c.kind = c.it.Next(); c.kind == chunkenc.ValNone {
			c.err = c.it.Err()
			return false
		}
		switch c.t = c.it.AtT() - c.shift; {
		case c.t <= c.lo || len(c.part.stones) > 0 && deleted(c.part.stones, c.t+c.shift):
		case c.t > c.hi:
			c.next, c.kind = len(c.chunks), chunkenc.ValNone
			return false
		default:
			return true
		}
	}
}

// load opens the next chunk, before its first sample.
func (c *cursor) load() bool {
	chk, _, err := c.part.set.chunks.ChunkOrIterable(c.chunks[c.next])
	if err != nil {
		c.err = err
		return false
	}
	c.next++
	c.times, c.values, c.at = c.times[:0], c.values[:0], -1
	if chk.Encoding() != chunkenc.EncXOR {
		c.it, c.kind = chk.Iterator(c.it), chunkenc.ValFloatHistogram
		return true
	}
	c.kind = chunkenc.ValFloat
	c.times, c.values, c.err = xorpack.Unpack(chk.Bytes(), c.times, c.values)
	if c.err != nil {
		return false
	}
	if n := len(c.times); n > 0 && c.times[n-1]-c.shift > c.hi {
		n, _ = slices.BinarySearch(c.times, c.hi+c.shift+1)
		c.times = c.times[:n]
	}
	for c.at+1 < len(c.times) && c.times[c.at+1]-c.shift <= c.lo {
		c.at++
	}
	return true
}

// seek moves forward to the first sample at t or later, unless it is there.
func (c *cursor) seek(t int64) bool {
	if c.kind != chunkenc.ValNone && c.t >= t {
		return true
	}
	skip := c.next
	if skip > 0 && c.chunks[skip-1].MaxTime-c.shift >= t {
		skip-- // it is in the current one
	}
	for skip < len(c.chunks) && c.chunks[skip].MaxTime-c.shift < t {
		skip++
	}
	if skip >= c.next { // beyond the current one
		c.next, c.kind, c.times = skip, chunkenc.ValNone, c.times[:0]
		if skip == len(c.chunks) || !c.load() {
			return false
		}
	}
	if ahead := c.times[min(c.at+1, len(c.times)):]; len(ahead) > 0 && ahead[0]-c.shift < t {
		n, _ := slices.BinarySearch(ahead, t+c.shift)
		c.at += n
	}
	for c.advance() {
		if c.t >= t {
			return true
		}
	}
	return false
}

// sample is the current one.
func (c *cursor) sample() sample {
	if c.kind == chunkenc.ValFloat {
		return sample{t: c.t, v: c.values[c.at]}
	}
	_, fh := c.it.AtFloatHistogram(nil)
	return sample{t: c.t, fh: fh}
}

func deleted(stones tombstones.Intervals, t int64) bool {
	for _, s := range stones {
		if s.InBounds(t) {
			return true
		}
	}
	return false
}

// failed is the first error of cs.
func failed(cs ...*cursor) error {
	var err error
	for _, c := range cs {
		err = errors.Join(err, c.err)
	}
	return err
}
