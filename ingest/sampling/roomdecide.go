package sampling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/model"
)

// Run decides on traces that have waited until ctx ends. What waits then stays
// in the journal.
func (r *Room) Run(ctx context.Context) error {
	tick := time.NewTicker(min(max(r.cfg.DecisionWait/8, 10*time.Millisecond), time.Second))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for {
			now := time.Now()
			waited := func(t *waitingTrace) bool { return !now.Before(t.due) }
			if !r.anyDue(waited) {
				break
			}
			if err := r.decide(ctx, r.metrics.waited, decideBytes, waited); err != nil {
				if ctx.Err() == nil {
					r.log.Warn("spans that wait for sampling could not be stored; they wait on", "err", err)
				}
				break
			}
		}
	}
}

// Close ends the journal. Nothing must be appended any more.
func (r *Room) Close() error { return r.journal.close() }

func (r *Room) anyDue(due func(*waitingTrace) bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue) > 0 && due(r.queue[0])
}

// decide passes on the oldest traces that are due, of about so many bytes. When
// it fails they wait on.
func (r *Room) decide(ctx context.Context, decided prometheus.Counter, bytes int, due func(*waitingTrace) bool) error {
	r.deciding.Lock()
	defer r.deciding.Unlock()
	traces, until := r.pick(bytes, due)
	if len(traces) == 0 {
		return nil
	}
	b, err := batchOf(traces)
	if err == nil {
		err = r.next.Append(ctx, b)
	}
	if err != nil {
		r.putBack(traces)
		return err
	}
	decided.Add(float64(len(traces)))
	// Without this record a crash has these traces decided on again, and stored
	// twice; that is no reason to fail, now that they are stored once.
	if _, err := r.journal.append(encodeDecided(until, traces)); err != nil {
		r.log.Warn("could not note which traces sampling decided on", "err", err)
	}
	r.mu.Lock()
	for _, t := range traces {
		r.bytes, r.spans = r.bytes-t.bytes, r.spans-len(t.rows)
	}
	r.mu.Unlock()
	return r.trim()
}

// pick takes the oldest traces that are due out of the queue. All their spans
// that are in the journal before until are among them.
func (r *Room) pick(bytes int, due func(*waitingTrace) bool) (traces []*waitingTrace, until position) {
	r.appends.Lock()
	defer r.appends.Unlock()
	until = r.journal.end()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for bytes > 0 && n < len(r.queue) && due(r.queue[n]) {
		t := r.queue[n]
		delete(r.traces, t.id)
		bytes -= t.bytes
		n++
	}
	traces = slices.Clone(r.queue[:n])
	clear(r.queue[:n])
	r.queue = r.queue[n:]
	return traces, until
}

// putBack lets traces wait on, with what came of them meanwhile.
func (r *Room) putBack(traces []*waitingTrace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	newer := map[*waitingTrace]bool{}
	for _, t := range traces {
		if n := r.traces[t.id]; n != nil {
			t.rows, t.bytes, t.segment = append(t.rows, n.rows...), t.bytes+n.bytes, min(t.segment, n.segment)
			newer[n] = true
		}
		r.traces[t.id] = t
	}
	r.queue = slices.Concat(traces, slices.DeleteFunc(r.queue, func(t *waitingTrace) bool { return newer[t] }))
}

// batchOf decodes traces.
func batchOf(traces []*waitingTrace) (*model.Batch, error) {
	rows := 0
	for _, t := range traces {
		rows += len(t.rows)
	}
	bd := model.NewBuilder(model.Spans, rows)
	for _, t := range traces {
		for _, row := range t.rows {
			s, st, attrs, err := row.decode()
			if err != nil {
				return nil, fmt.Errorf("decide on trace %v: %w", t.id, err)
			}
			bd.Span(bd.Stream(st), s)
			for _, a := range attrs {
				bd.Attr(a.Key, a.Value)
			}
		}
	}
	return bd.Batch(), nil
}

// trim removes the journal's segments in which nothing waits.
func (r *Room) trim() error {
	if !r.journal.crowded() {
		return nil
	}
	r.appends.Lock() // nothing is between the journal and the queue
	defer r.appends.Unlock()
	first := r.journal.end().segment
	r.mu.Lock()
	for _, t := range r.queue {
		first = min(first, t.segment)
	}
	r.mu.Unlock()
	return r.journal.trim(first)
}
