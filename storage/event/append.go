package event

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// maxWait is how long a write waits for a flush to make room before the sender
// is told to come back.
const maxWait = 2 * time.Second

// A commit is one batch on its way into the log and the head.
type commit struct {
	frame []byte
	batch *model.Batch
	size  int64 // batchBytes
	payer string

	done bool // under commitMu
	err  error
}

// framePool holds the buffers in which frames are encoded.
var framePool = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled bounds what one large request leaves in the pool.
const maxPooled = 12 << 20

// Append implements ingest.EventWriter: when it returns nil the rows are on
// disk and visible; after an error none is. The wait for the disk does not end
// with ctx, because by then the rows may be durable.
func (s *Store) Append(ctx context.Context, b *model.Batch) error {
	t := s.table(b.Signal)
	if t == nil {
		return fmt.Errorf("append batch of signal %v: %w", b.Signal, fault.ErrInvalid)
	}
	if err := b.Check(); err != nil {
		return fmt.Errorf("append: %w: %w", fault.ErrInvalid, err)
	}
	if b.Len() == 0 {
		return ctx.Err()
	}
	c := &commit{batch: b, size: batchBytes(b), payer: auth.From(ctx).Payer()}
	if err := t.admit(ctx, c.payer, c.size); err != nil {
		return fmt.Errorf("append %d %v: %w", b.Len(), b.Signal, err)
	}
	defer t.waiting.Add(-c.size)

	buf := framePool.Get().(*[]byte)
	c.frame = appendBatch(append(slices.Grow((*buf)[:0], frameRoom(b, c.size)), make([]byte, frameHeader)...), b)
	defer func() {
		if cap(c.frame) <= maxPooled {
			*buf = c.frame
			framePool.Put(buf)
		}
	}()
	if len(c.frame)-frameHeader > maxFrame {
		return fmt.Errorf("append: batch of %d bytes: %w", len(c.frame), fault.ErrTooLarge)
	}
	fair.End(ctx) // what is left is the disk's work
	if err := t.commit(c); err != nil {
		return fmt.Errorf("append %d %v: %w", b.Len(), b.Signal, err)
	}
	t.m.appendedRows.Add(float64(b.Len()))
	return nil
}

// frameRoom returns about how long the frame of b is, whose rows take size
// bytes in memory: the overheads there are those of pointers.
func frameRoom(b *model.Batch, size int64) int {
	const perRow, perValue = 12, 16
	for _, c := range b.Attrs {
		size -= int64(len(c.Vals)) * (valueOverhead - perValue)
	}
	if b.Spans != nil {
		return int(size)
	}
	return int(size) - b.Len()*(rowOverhead-perRow)
}

// admit waits until there is room for size more bytes in memory: two heads that
// wait for their flush, or one for a payer who fills them while others write,
// so that these need not wait.
func (t *table) admit(ctx context.Context, payer string, size int64) error {
	var deadline time.Time
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.mu.RLock()
		err, room := t.unavailable(), t.room
		most := 2
		if len(t.frozen) > 0 && fills(payer, append(slices.Clip(t.frozen), t.active)) {
			most = 1
		}
		var rows int
		bytes := t.waiting.Load()
		for _, h := range t.frozen {
			r, b := h.size()
			rows, bytes = rows+r, bytes+b
		}
		t.mu.RUnlock()
		if err != nil {
			return err
		}
		if rows < most*t.cfg.FlushRows && bytes < int64(most)*t.cfg.FlushBytes {
			if err := fair.Begin(ctx); err != nil {
				return err
			}
			t.waiting.Add(size)
			return nil
		}
		fair.End(ctx)
		now := time.Now()
		if deadline.IsZero() {
			deadline = now.Add(maxWait)
		}
		if now.After(deadline) {
			t.m.busy.Inc()
			return fmt.Errorf("%w: the disk does not keep up with writes", storage.ErrBusy)
		}
		retry := time.NewTimer(maxWait / 20) // writes that end make room too, unannounced
		select {
		case <-room:
		case <-ctx.Done():
		case <-retry.C:
		}
		retry.Stop()
	}
}

// commit makes c durable and then visible. Whoever gets commitMu first does it
// for all that queue by then; the others find it done.
func (t *table) commit(c *commit) error {
	t.queueMu.Lock()
	t.queue = append(t.queue, c)
	t.queueMu.Unlock()

	t.commitMu.Lock()
	defer t.commitMu.Unlock()
	if c.done {
		return c.err
	}
	if d := time.Duration(t.cfg.SyncDelay); d > 0 {
		time.Sleep(d)
	}
	t.queueMu.Lock()
	group := t.queue
	t.queue = nil
	t.queueMu.Unlock()

	err := t.writeGroup(group)
	for _, c := range group {
		c.done, c.err = true, err
	}
	return c.err
}

// writeGroup is all or nothing. t.commitMu is held.
func (t *table) writeGroup(group []*commit) error {
	t.mu.RLock()
	err, h := t.unavailable(), t.active
	t.mu.RUnlock()
	if err != nil {
		return err
	}
	t.frames = t.frames[:0]
	for _, c := range group {
		t.frames = append(t.frames, c.frame)
	}
	start := time.Now()
	err = h.seg.write(t.frames)
	clear(t.frames)
	t.m.syncSeconds.Observe(time.Since(start).Seconds())
	if err != nil {
		t.fail(&t.walErr, err)
		t.mu.RLock()
		defer t.mu.RUnlock()
		return t.unavailable()
	}
	for _, c := range group {
		h.append(c.batch, c.size)
		h.charge(c.payer, c.size)
	}
	h.setLogged(h.seg.synced)
	rows, bytes := h.size()
	t.mu.Lock()
	t.lastWrite = time.Now()
	if rows >= quickRows && t.worthSince.IsZero() {
		t.worthSince = t.lastWrite
	}
	t.mu.Unlock()
	if rows >= t.cfg.FlushRows || bytes >= t.cfg.FlushBytes {
		if err := t.rotate(); err != nil {
			t.fail(&t.walErr, err) // this group is safe; the next has nowhere to go
		}
	}
	return nil
}

// fail turns the table read-only with *cause, one of its own fields, and says
// so once.
func (t *table) fail(cause *error, err error) {
	t.mu.Lock()
	first := t.walErr == nil && t.flushErr == nil
	*cause = err
	t.mu.Unlock()
	t.m.writeErrors.Inc()
	t.m.readOnly.Set(1)
	if first {
		t.log.Error("event store is read-only until its disk can be written again", "err", err)
	}
	t.nudge()
}
