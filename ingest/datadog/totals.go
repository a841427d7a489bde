package datadog

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/nativehist"
)

// totals add up what agents send of each interval by itself: counts, and the
// sketches of distributions. They are lost at a restart, which readers see as
// a counter reset. They are safe for concurrent use.
type totals struct {
	max int

	mu    sync.Mutex
	byKey map[string]*total
	swept time.Time
}

type total struct {
	v    float64
	hist *nativehist.Histogram // nil for counts
	last int64                 // time of the newest sample, ms; 0 before the first
	seen time.Time
}

const (
	maxTotals = 500_000
	totalIdle = time.Hour // after which a total is forgotten
)

func newTotals(most int) *totals { return &totals{max: most, byKey: map[string]*total{}} }

// expire forgets, now and then, what has not been added to.
func (x *totals) expire(now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if now.Sub(x.swept) < totalIdle/10 {
		return
	}
	x.swept = now
	for key, t := range x.byKey {
		if now.Sub(t.seen) > totalIdle {
			delete(x.byKey, key)
		}
	}
}

// An added count can be taken back if its request is not stored. What a sketch
// added cannot: it counts twice if it is sent again.
type added struct {
	to *total
	v  float64
}

func (b *intake) takeBack() {
	b.totals.mu.Lock()
	defer b.totals.mu.Unlock()
	for _, a := range b.added {
		a.to.v -= a.v
	}
}

// nativeSchema makes buckets that are 2.2% wide, about as fine as a sketch is.
const nativeSchema = 5

// add adds a count, or the bins that sketch adds, to the total of b's metric,
// and appends the total. What comes late, or for the same time again, counts
// all the same: the sample then has the next time that is free.
func (b *intake) add(at int64, v float64, sketch func(*nativehist.Histogram)) {
	if b.TooNew(at) {
		b.Float(at, v) // which refuses it
		return
	}
	x := b.totals
	x.mu.Lock()
	defer x.mu.Unlock()
	b.key = b.Key(b.key[:0])
	t := x.byKey[string(b.key)]
	if t == nil {
		if len(x.byKey) >= x.max {
			b.Refuse(ingest.ReasonOverload, 1, fmt.Errorf("more than %d counts and distributions", x.max))
			return
		}
		t = &total{}
		if sketch != nil {
			t.hist = nativehist.New(nativeSchema, nativehist.MaxBuckets)
		}
		x.byKey[string(b.key)] = t
	}
	if (t.hist != nil) != (sketch != nil) {
		b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("one metric is a count and a distribution"))
		return
	}
	t.seen = time.UnixMilli(b.Now())
	if t.last == 0 {
		// Readers see the first value as an increase.
		if sketch != nil {
			b.Histogram(at-1, t.hist.Snapshot())
		} else {
			b.Float(at-1, 0)
		}
	}
	t.last = max(at, t.last+1)
	if sketch == nil {
		t.v += v
		b.added = append(b.added, added{t, v})
		b.Float(t.last, t.v)
		return
	}
	sketch(t.hist)
	b.Meta.Type = model.MetricTypeHistogram
	b.Histogram(t.last, t.hist.Snapshot())
}
