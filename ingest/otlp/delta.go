package otlp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
)

// Why a delta sample cannot be added up.
var (
	errDeltaOrder     = errors.New("delta point is not newer than the last one of its series")
	errDeltaCovers    = errors.New("delta point covers time before its series began")
	errDeltaSeries    = errors.New("too many delta series")
	errDeltaHistogram = errors.New("delta histogram cannot be added")
)

// deltas adds up samples of delta temporality, by series, after translation:
// the buckets, count and sum of a histogram are series too, and grow alike.
//
// The sums need no file of their own: the last sample of a series is its sum,
// and is as safe as the store. After a restart the sums of the series that are
// not idle yet are taken from there.
//
// The rules are those of OpenTelemetry's data model, "Sums: delta-to-cumulative":
// a point must end after the last one ended, and must not begin before its
// series did. One that begins late, or early by more than a tenth of its
// length, leaves a gap or an overlap, which is counted; see
// Config.DeltaGapResets. An overlap is added up as it is: more likely two
// senders share a name than one sent the same twice.
type deltas struct {
	max    int
	idle   time.Duration
	resets bool // DeltaGapResets

	mu     sync.Mutex
	series map[uint64][]*deltaSeries // by hash of the labels
	n      int
	full   int // samples refused since the last expire, as there was no room
	recall recall
}

type deltaSeries struct {
	labels labels.Labels
	live   bool // sum counts; false at first, and after silence or a staleness marker
	sum    deltaSum
	last   int64 // timestamp of the last sample, ms
	seen   time.Time
}

// A deltaSum is what a series has grown to. hist is immutable: the store may
// keep it.
type deltaSum struct {
	start int64 // of the first sample's interval, ms; 0 when unknown
	value float64
	hist  *histogram.FloatHistogram // of native histograms, else nil
	fresh bool                      // it begins again after a gap, with this sample
}

func newDeltas(c Config, store promstorage.Queryable) *deltas {
	return &deltas{
		max: c.DeltaMaxSeries, idle: c.DeltaMaxIdle, resets: c.DeltaGapResets,
		series: map[uint64][]*deltaSeries{}, recall: recall{store: store},
	}
}

func (d *deltas) len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.n
}

// expire forgets the series that are idle at now, and returns how many samples
// were refused for want of room since it was last called.
func (d *deltas) expire(now time.Time) (refused int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expireLocked(now)
	refused, d.full = d.full, 0
	return refused
}

func (d *deltas) expireLocked(now time.Time) {
	d.recall.expire(now)
	for hash, list := range d.series {
		kept := list[:0]
		for _, s := range list {
			if now.Sub(s.seen) < d.idle {
				kept = append(kept, s)
			}
		}
		clear(list[len(kept):])
		d.n -= len(list) - len(kept)
		if len(kept) == 0 {
			delete(d.series, hash)
		} else {
			d.series[hash] = kept
		}
	}
}

// A deltaTx adds the samples of one request, all or, if the store fails, none.
type deltaTx struct {
	d              *deltas
	ctx            context.Context // of the request
	now            time.Time
	swept          bool
	undo           []deltaUndo
	gaps, overlaps int // samples
}

type deltaUndo struct {
	s   *deltaSeries
	old deltaSeries
}

// begin locks d until end.
func (d *deltas) begin(ctx context.Context, now time.Time) *deltaTx {
	d.mu.Lock()
	d.recall.begin(now, d.idle, d.max)
	return &deltaTx{d: d, ctx: ctx, now: now}
}

// end keeps what was added, or undoes it.
func (tx *deltaTx) end(keep bool) {
	defer tx.d.mu.Unlock()
	if keep {
		return
	}
	for len(tx.undo) > 0 {
		tx.undoLast()
	}
}

// undoLast takes the last add back.
func (tx *deltaTx) undoLast() {
	n := len(tx.undo) - 1
	if n < 0 {
		return
	}
	*tx.undo[n].s = tx.undo[n].old
	tx.undo = tx.undo[:n]
}

// add returns what the series ls amounts to with a sample that covers (st, t].
// A staleness marker passes and ends the series.
func (tx *deltaTx) add(ls labels.Labels, st, t int64, v float64, h *histogram.Histogram) (deltaSum, error) {
	s, err := tx.find(ls)
	if err != nil {
		return deltaSum{}, err
	}
	if t <= s.last {
		return deltaSum{}, errDeltaOrder
	}
	sum := s.sum
	switch {
	case !s.live:
		sum = deltaSum{start: st}
	case st == 0:
	case st < s.sum.start:
		return deltaSum{}, errDeltaCovers
	default:
		sum = tx.join(s, st, t)
	}
	stale := false
	if h == nil {
		if stale = value.IsStaleNaN(v); stale {
			sum.value = v
		} else {
			sum.value += v
		}
	} else if stale = value.IsStaleNaN(h.Sum); stale {
		sum.hist = h.ToFloat(nil)
	} else if sum.hist, err = addHistogram(sum.hist, h); err != nil {
		return deltaSum{}, err
	}
	tx.undo = append(tx.undo, deltaUndo{s, *s})
	s.live, s.sum, s.last, s.seen = !stale, sum, t, tx.now
	return sum, nil
}

// join returns what s has to be added to for a sample that covers (st, t].
func (tx *deltaTx) join(s *deltaSeries, st, t int64) deltaSum {
	sum := s.sum
	sum.fresh = false
	slack := (t - st) / 10
	switch {
	case st > s.last+slack:
		tx.gaps++
		if tx.d.resets {
			sum = deltaSum{start: st, fresh: true}
		}
	case st < s.last-slack:
		tx.overlaps++
	}
	return sum
}

// addHistogram returns sum and h together, sharing nothing with sum.
func addHistogram(sum *histogram.FloatHistogram, h *histogram.Histogram) (*histogram.FloatHistogram, error) {
	if err := h.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", errDeltaHistogram, err)
	}
	if sum == nil {
		return h.ToFloat(nil), nil
	}
	total, _, _, err := sum.Copy().Add(h.ToFloat(nil))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDeltaHistogram, err)
	}
	total.CounterResetHint = histogram.UnknownCounterReset
	return total.Compact(2), nil
}

// find returns the series of ls, no longer live if it has been idle.
func (tx *deltaTx) find(ls labels.Labels) (*deltaSeries, error) {
	d, hash := tx.d, ls.Hash()
	for _, s := range d.series[hash] {
		if !labels.Equal(s.labels, ls) {
			continue
		}
		if tx.now.Sub(s.seen) >= d.idle {
			s.live, s.last = false, math.MinInt64
		}
		return s, nil
	}
	if d.n >= d.max && !tx.swept {
		d.expireLocked(tx.now)
		tx.swept = true
	}
	if d.n >= d.max {
		d.full++
		return nil, fmt.Errorf("%w (delta_max_series is %d)", errDeltaSeries, d.max)
	}
	s := &deltaSeries{labels: ls, last: math.MinInt64, seen: tx.now}
	if err := d.recall.restore(tx.ctx, s); err != nil {
		return nil, err
	}
	d.series[hash] = append(d.series[hash], s)
	d.n++
	return s, nil
}
