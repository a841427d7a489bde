package downsample

import (
	"errors"
	"math"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// A cursor walks one lane of a seriesPart, at the times before the shift.
type cursor struct {
	part   *seriesPart
	chunks []chunks.Meta
	shift  int64
	lo, hi int64

	next int // chunk after the current
	it   chunkenc.Iterator
	kind chunkenc.ValueType // of the current sample
	t    int64
	err  error
}

// open sets c to before the first sample in (lo, hi] of lane l of p.
func (c *cursor) open(p *seriesPart, l lane, lo, hi int64) {
	*c = cursor{part: p, chunks: p.lane(l), shift: l.shift(), lo: lo, hi: hi, t: math.MinInt64, it: c.it}
}

// advance moves to the next sample and reports whether there is one.
func (c *cursor) advance() bool {
	for c.err == nil {
		if c.next == 0 || c.kind == chunkenc.ValNone {
			if c.next == len(c.chunks) || !c.load() {
				return false
			}
		}
		if c.kind = c.it.Next(); c.kind == chunkenc.ValNone {
			c.err = c.it.Err()
			continue
		}
		switch c.t = c.it.AtT() - c.shift; {
		case c.t <= c.lo || len(c.part.stones) > 0 && deleted(c.part.stones, c.t+c.shift):
		case c.t > c.hi:
			c.next, c.kind, c.chunks = 0, chunkenc.ValNone, nil
			return false
		default:
			return true
		}
	}
	return false
}

// load opens the next chunk.
func (c *cursor) load() bool {
	chk, _, err := c.part.set.chunks.ChunkOrIterable(c.chunks[c.next])
	if err != nil {
		c.err = err
		return false
	}
	c.next++
	c.it = chk.Iterator(c.it)
	c.kind = chunkenc.ValFloat // any: the iterator stands before its first sample
	return true
}

// seek moves forward to the first sample at t or later, unless it is there.
func (c *cursor) seek(t int64) bool {
	if c.kind != chunkenc.ValNone && c.next > 0 && c.t >= t {
		return true
	}
	skip := c.next
	if skip > 0 && c.chunks[skip-1].MaxTime-c.shift >= t {
		skip-- // it is in the current one
	}
	for skip < len(c.chunks) && c.chunks[skip].MaxTime-c.shift < t {
		skip++
	}
	if skip >= c.next {
		c.next, c.kind = skip, chunkenc.ValNone
		if skip == len(c.chunks) {
			return false
		}
		if !c.load() {
			return false
		}
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
		_, v := c.it.At()
		return sample{t: c.t, v: v}
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
