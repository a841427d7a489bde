package sampling

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
)

// A Room lets spans wait until their trace is whole, or as good as, and passes
// each trace on in one batch, so that a Sampler behind it decides on whole
// traces. What it has taken is in a journal until it was passed on. It is safe
// for concurrent use.
type Room struct {
	cfg     Config
	next    ingest.EventWriter
	log     *slog.Logger
	metrics *roomMetrics
	journal *journal

	appends  sync.RWMutex // held for reading from the journal's append to take
	deciding sync.Mutex   // one decision at a time
	mu       sync.Mutex   // taken last

	traces map[model.TraceID]*waitingTrace
	queue  []*waitingTrace // oldest first
	bytes  int             // of all that wait
	spans  int
}

// A waitingTrace is the spans of one trace so far.
type waitingTrace struct {
	id      model.TraceID
	due     time.Time
	segment uint64 // of the journal, where its first span is
	rows    []waitingRow
	bytes   int
}

// rowCost is about what a span that waits takes beside its text.
const rowCost = 64

// decideBytes is about how many bytes of spans are passed on at once.
const decideBytes = 4 << 20

// RoomOptions are what a Room needs.
type RoomOptions struct {
	Config     Config
	FS         vfs.FS
	Dir        string // of the journal
	Next       ingest.EventWriter
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// OpenRoom opens the journal in a folder, which it makes. Spans found there
// wait again, from now.
func OpenRoom(o RoomOptions) (*Room, error) {
	r := &Room{cfg: o.Config, next: o.Next, log: o.Log, traces: map[model.TraceID]*waitingTrace{}}
	j, lost, err := openJournal(o.FS, o.Dir, r.replay)
	if err != nil {
		return nil, fmt.Errorf("open spans that wait for sampling: %w", err)
	}
	if lost > 0 {
		r.log.Warn("the end of the journal of spans that wait for sampling is cut off; nothing acknowledged was in it unless the disk is damaged", "bytes", lost)
	}
	r.queue = slices.DeleteFunc(r.queue, func(t *waitingTrace) bool { return r.traces[t.id] != t }) // decided on
	r.journal = j
	r.metrics = newRoomMetrics(o.Registerer, r)
	return r, nil
}

// replay takes a payload of the journal back.
func (r *Room) replay(at position, payload string) error {
	switch kind, rest := payload[0], payload[1:]; kind {
	case spansPayload:
		rows, err := parseSpans(rest)
		if err != nil {
			return err
		}
		for _, row := range rows {
			row.frame.at = at
			if _, _, _, err := row.decode(); err != nil {
				return err
			}
		}
		r.take(rows, at.segment)
	case decidedPayload:
		until, ids, err := parseDecided(rest)
		if err != nil {
			return err
		}
		for _, id := range ids {
			r.forget(id, until)
		}
	default:
		return fmt.Errorf("unknown payload %q", kind)
	}
	return nil
}

// forget drops the rows of a trace that came before a position.
func (r *Room) forget(id model.TraceID, until position) {
	t := r.traces[id]
	if t == nil {
		return
	}
	t.rows = slices.DeleteFunc(t.rows, func(row waitingRow) bool {
		if !row.frame.at.before(until) {
			return false
		}
		t.bytes -= len(row.text) + rowCost
		r.bytes -= len(row.text) + rowCost
		r.spans--
		return true
	})
	if len(t.rows) == 0 {
		delete(r.traces, id)
	}
}

// take adds rows to those that wait. r.mu is held, or nobody else has r yet.
func (r *Room) take(rows []waitingRow, segment uint64) {
	due := time.Now().Add(r.cfg.DecisionWait)
	for _, row := range rows {
		id := row.trace()
		t := r.traces[id]
		if t == nil {
			t = &waitingTrace{id: id, due: due, segment: segment}
			r.traces[id] = t
			r.queue = append(r.queue, t)
		}
		t.segment = min(t.segment, segment)
		t.rows = append(t.rows, row)
		t.bytes += len(row.text) + rowCost
		r.bytes += len(row.text) + rowCost
		r.spans++
	}
}

// Append implements ingest.EventWriter. Spans are durable before it returns,
// and visible once their trace was decided on.
func (r *Room) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal != model.Spans || b.Len() == 0 {
		return r.next.Append(ctx, b)
	}
	payload := encodeSpans(nil, b)
	rows, err := parseSpans(string(payload[1:]))
	if err != nil {
		return err
	}
	if err := r.clear(ctx, len(payload)+len(rows)*rowCost); err != nil {
		return err
	}
	r.appends.RLock()
	defer r.appends.RUnlock()
	segment, err := r.journal.append(payload)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.take(rows, segment)
	return nil
}

// clear decides on the oldest traces until so many bytes more have room, or
// none waits.
func (r *Room) clear(ctx context.Context, need int) error {
	for {
		r.mu.Lock()
		full := len(r.queue) > 0 && r.bytes+need > r.cfg.MaxWaitingBytes
		r.mu.Unlock()
		if !full {
			return nil
		}
		if err := r.decide(ctx, r.metrics.full, need, func(*waitingTrace) bool { return true }); err != nil {
			return err
		}
	}
}
