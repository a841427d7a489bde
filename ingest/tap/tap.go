// Package tap shows log records to those who follow them, as they come in, so
// that a live tail does not ask the store for the same rows again and again.
//
// A writer that stands right in front of the store passes batches on and, once
// one is stored, hands a copy of it to every follower that wants one of its
// streams. Followers never hold up ingest: one that is too slow misses rows,
// and is told which.
package tap

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Tap is an ingest.EventWriter. It is safe for concurrent use.
type Tap struct {
	next    ingest.EventWriter
	metrics *metrics

	audience atomic.Pointer[audience] // replaced under mu
	mu       sync.Mutex
	leaving  []*audience // replaced ones, with batches on their way to the store
}

// New returns a Tap that passes every batch on to next, with metrics in reg.
func New(next ingest.EventWriter, reg prometheus.Registerer) *Tap {
	t := &Tap{next: next, metrics: newMetrics(reg)}
	t.audience.Store(newAudience(nil))
	return t
}

// Append implements ingest.EventWriter.
func (t *Tap) Append(ctx context.Context, b *model.Batch) error {
	au := t.enter()
	defer au.leave()
	if len(au.followers) == 0 || b.Signal != model.Logs || b.Len() == 0 {
		return t.next.Append(ctx, b)
	}
	ids := streamIDs(b)
	var takers []taker
	for _, f := range au.followers {
		if wanted := f.wanted(ids, b.Streams); len(wanted) > 0 {
			takers = append(takers, taker{f, wanted})
		}
	}
	if len(takers) == 0 {
		return t.next.Append(ctx, b)
	}
	shown, lists := shallowCopy(b), rowsByStream(b)
	if err := t.next.Append(ctx, b); err != nil {
		return err
	}
	for _, to := range takers {
		t.metrics.missed.Add(float64(to.put(shown, rowsOf(lists, to.streams))))
	}
	return nil
}

// A taker is a follower and the streams of a batch that it wants.
type taker struct {
	*follower
	streams []int
}

// Follow returns the log records that are stored from now on, until ctx ends,
// which closes the channel. wants says which streams are asked for; it is
// called once for each stream, by one goroutine at a time.
//
// Batches that were on their way already are stored when Follow returns: who
// asks the store then and reads the channel misses none. It waits for these as
// long as ctx lasts.
func (t *Tap) Follow(ctx context.Context, wants func(*model.Stream) bool) <-chan storage.Arrival {
	f := &follower{wants: wants, known: map[string]bool{}, arrivals: make(chan storage.Arrival, queued)}
	leaving := t.change(func(all []*follower) []*follower { return append(all, f) })
	context.AfterFunc(ctx, func() {
		t.change(func(all []*follower) []*follower {
			return slices.DeleteFunc(all, func(g *follower) bool { return f == g })
		})
		f.close()
	})
	for _, au := range leaving {
		select {
		case <-au.empty:
		case <-ctx.Done():
		}
	}
	return f.arrivals
}

// change puts another audience in place and returns those before it that still
// have batches on their way.
func (t *Tap) change(edit func([]*follower) []*follower) []*audience {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.audience.Load()
	all := edit(slices.Clone(old.followers))
	t.audience.Store(newAudience(all))
	t.metrics.followers.Set(float64(len(all)))
	old.retire()
	t.leaving = slices.DeleteFunc(append(t.leaving, old), (*audience).gone)
	return slices.Clone(t.leaving)
}

// enter returns the audience of a batch, which the caller leaves.
func (t *Tap) enter() *audience {
	for {
		if au := t.audience.Load(); au.enter() {
			return au
		}
	}
}

const (
	queued      = 1024    // batches that may wait for a follower
	queuedRows  = 200_000 // rows in them
	knownAtMost = 100_000 // streams whose answer is remembered
)

type follower struct {
	wants    func(*model.Stream) bool
	arrivals chan storage.Arrival

	mu      sync.Mutex
	closed  bool
	known   map[string]bool // what wants said, by the streams' encoding
	sizes   []int           // rows of the newest batches put, with those in arrivals
	waiting int             // sum of sizes
	missed  []storage.MissedRow
	count   int64
}

// wanted returns which of the streams, whose encodings ids are, f wants.
func (f *follower) wanted(ids []string, streams []*model.Stream) (found []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, id := range ids {
		wanted, ok := f.known[id]
		if !ok {
			if len(f.known) >= knownAtMost {
				clear(f.known)
			}
			wanted = f.wants(streams[i])
			f.known[id] = wanted
		}
		if wanted {
			found = append(found, i)
		}
	}
	return found
}

// put gives rows of b to the follower, or notes what it misses, and returns
// how many rows that is.
func (f *follower) put(b *model.Batch, rows []uint32) (missed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0
	}
	for len(f.sizes) > len(f.arrivals) { // the others have been taken
		f.waiting -= f.sizes[0]
		f.sizes = f.sizes[1:]
	}
	a := storage.Arrival{Batch: b, Rows: rows, Missed: f.missed, MissedCount: f.count}
	if f.waiting < queuedRows {
		select {
		case f.arrivals <- a:
			f.sizes = append(f.sizes, b.Len())
			f.waiting += b.Len()
			f.missed, f.count = nil, 0
			return 0
		default:
		}
	}
	missed = b.Len()
	if rows != nil {
		missed = len(rows)
	}
	for i := range min(missed, storage.MaxMissed-len(f.missed)) {
		if rows != nil {
			i = int(rows[i])
		}
		f.missed = append(f.missed, storage.MissedRow{Stream: b.Stream(i), Time: b.Time[i]})
	}
	f.count += int64(missed)
	return missed
}

// close ends the channel. What is in it can still be read.
func (f *follower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.count > 0 {
		select {
		case f.arrivals <- storage.Arrival{Missed: f.missed, MissedCount: f.count}:
		default:
		}
	}
	close(f.arrivals)
}

// streamIDs returns what tells b's streams apart from all others.
func streamIDs(b *model.Batch) []string {
	ids := make([]string, len(b.Streams))
	var buf []byte
	for i, s := range b.Streams {
		buf, _ = s.AppendBinary(buf[:0]) // has no failure
		ids[i] = string(buf)
	}
	return ids
}

// rowsByStream returns the rows of each stream of b.
func rowsByStream(b *model.Batch) [][]uint32 {
	counts := make([]int, len(b.Streams))
	for _, at := range b.StreamOf {
		counts[at]++
	}
	lists, all := make([][]uint32, len(counts)), make([]uint32, b.Len())
	for i, n := range counts {
		lists[i], all = all[:0:n], all[n:]
	}
	for i, at := range b.StreamOf {
		lists[at] = append(lists[at], uint32(i))
	}
	return lists
}

// rowsOf returns the rows of some streams, ascending, or nil for all streams.
func rowsOf(lists [][]uint32, streams []int) []uint32 {
	switch len(streams) {
	case len(lists):
		return nil
	case 1:
		return lists[streams[0]]
	}
	rows := []uint32{}
	for _, i := range streams {
		rows = append(rows, lists[i]...)
	}
	slices.Sort(rows)
	return rows
}

// shallowCopy returns a batch that stays as it is when b's new owner changes
// or reuses b. Streams and texts are immutable and shared.
func shallowCopy(b *model.Batch) *model.Batch {
	c := &model.Batch{
		Signal: b.Signal, Streams: slices.Clone(b.Streams), StreamOf: slices.Clone(b.StreamOf),
		Time: slices.Clone(b.Time), Body: slices.Clone(b.Body), Attrs: make([]*model.Column, len(b.Attrs)),
	}
	columns := make([]model.Column, len(b.Attrs))
	for i, col := range b.Attrs {
		columns[i] = model.Column{Key: col.Key, Rows: slices.Clone(col.Rows), Vals: slices.Clone(col.Vals)}
		c.Attrs[i] = &columns[i]
	}
	return c
}
