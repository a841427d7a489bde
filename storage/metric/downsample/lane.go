package downsample

import (
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// A lane is one aggregate of a series. In a block, lane k of a series holds its
// samples laneWidth·k later than they are, so that the lanes follow each other
// and an ordinary block, with one index entry a series, holds them all.
type lane int64

// Those that are read together lie side by side.
const (
	laneLast  lane = iota // last sample of each window
	laneExtra             // what a counter needs besides, see windower
	laneMin
	laneMax
	laneSum
	laneCount
	lanes
)

// laneWidth is 557 years of milliseconds.
const (
	laneBits  = 44
	laneWidth = int64(1) << laneBits
)

func (l lane) shift() int64 { return int64(l) << laneBits }

// A sample is a float, or a histogram if fh is not nil.
type sample struct {
	t  int64
	v  float64
	fh *histogram.FloatHistogram
}

var stale = math.Float64frombits(value.StaleNaN)

func (s sample) isStale() bool {
	if s.fh != nil {
		return value.IsStaleNaN(s.fh.Sum)
	}
	return value.IsStaleNaN(s.v)
}

// dropped says that a counter was reset between before and s.
func (s sample) dropped(before sample) bool {
	if s.fh != nil && before.fh != nil {
		return s.fh.CounterResetHint != histogram.GaugeType && s.fh.DetectReset(before.fh)
	}
	return s.fh == nil && before.fh == nil && s.v < before.v
}

// chunkSamples is the most that go into a chunk: a range query reads chunks
// whole, and long ones are smaller.
const chunkSamples = 480

// A laneWriter encodes the samples of one lane of one series.
type laneWriter struct {
	lane   lane
	chunks []chunks.Meta
	app    chunkenc.Appender
	float  bool // of the current chunk
	n      int
}

func (w *laneWriter) reset() { w.chunks, w.app, w.n = w.chunks[:0], nil, 0 }

func (w *laneWriter) append(s sample) error {
	t := s.t + w.lane.shift()
	if w.app == nil || w.n >= chunkSamples || w.float != (s.fh == nil) {
		if err := w.cut(s, t); err != nil {
			return err
		}
	}
	cur := &w.chunks[len(w.chunks)-1]
	if s.fh == nil {
		w.app.Append(0, t, s.v)
	} else {
		next, recoded, app, err := w.app.AppendFloatHistogram(nil, 0, t, s.fh, false)
		if err != nil {
			return fmt.Errorf("encode histogram: %w", err)
		}
		w.app = app
		switch {
		case next != nil && recoded:
			cur.Chunk = next
		case next != nil:
			w.chunks = append(w.chunks, chunks.Meta{Chunk: next, MinTime: t})
			cur, w.n = &w.chunks[len(w.chunks)-1], 0
		}
	}
	cur.MaxTime = t
	w.n++
	return nil
}

func (w *laneWriter) cut(s sample, t int64) (err error) {
	var c chunkenc.Chunk = chunkenc.NewXORChunk()
	if w.float = s.fh == nil; !w.float {
		c = chunkenc.NewFloatHistogramChunk()
	}
	if w.app, err = c.Appender(); err != nil {
		return fmt.Errorf("begin chunk: %w", err)
	}
	w.chunks, w.n = append(w.chunks, chunks.Meta{Chunk: c, MinTime: t}), 0
	return nil
}
