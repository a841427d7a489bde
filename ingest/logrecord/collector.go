package logrecord

import (
	"context"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/ingest"
)

// A Collector gathers records while the store makes the ones before durable,
// so that one write serves many: for protocols that stream without an answer
// to each record. It is safe for concurrent use.
type Collector struct {
	sink *Sink

	mu     sync.Mutex
	batch  *Batch // nil when empty
	size   int    // bytes of batch
	rows   int    // of the batch before: the next one has as many, as a rule
	failed error
	ended  bool       // nobody waits any more
	room   *sync.Cond // on mu: batch was taken, or ended is set

	filled chan struct{} // of one element: batch is not empty
}

// Bounds of a batch; another may be on its way to the store.
const (
	maxBatchRows  = 20_000
	maxBatchBytes = 8 << 20
)

// NewCollector returns an empty Collector for s. Somebody must call Store.
func NewCollector(s *Sink) *Collector {
	c := &Collector{sink: s, filled: make(chan struct{}, 1)}
	c.room = sync.NewCond(&c.mu)
	return c
}

// Add takes rec, of size bytes. When the store does not keep up it waits for
// room if wait is set, so that the sender is held up, else it drops the record
// and counts it. A record beyond the limits is counted; there is nobody to
// tell.
func (c *Collector) Add(rec *Record, size int, wait bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.batch != nil && (c.batch.Len() >= maxBatchRows || c.size+size > maxBatchBytes) && !c.ended {
		if !wait {
			c.sink.Reject(context.Background(), ingest.ReasonOverload, 1, "the store does not keep up")
			return
		}
		c.room.Wait()
	}
	if c.batch == nil {
		c.batch = c.sink.Begin(max(c.rows, 64), time.Now())
		select {
		case c.filled <- struct{}{}:
		default:
		}
	}
	_ = c.batch.Add(rec) // a refusal is counted
	c.size += size
}

// Store writes what is added until ctx ends. What is added last is left for
// Flush.
func (c *Collector) Store(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.filled:
			c.Flush(ctx)
		}
	}
}

// busyPause is waited, besides what the store waits by itself, before one that
// was busy is asked again.
const busyPause = 100 * time.Millisecond

// Flush writes what is gathered, even if ctx has ended. Until then it waits for
// a store that is busy: Add holds up the senders meanwhile. Failures are
// counted, and the first one is kept for Err.
func (c *Collector) Flush(ctx context.Context) {
	c.mu.Lock()
	b, size := c.batch, c.size
	c.batch, c.size = nil, 0
	if b != nil {
		c.rows = b.Len()
	}
	c.room.Broadcast()
	c.mu.Unlock()
	if b == nil {
		return
	}
	again := func() bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(busyPause):
			return true
		}
	}
	if err := b.store(context.WithoutCancel(ctx), size, again); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.failed == nil {
			c.failed = err
		}
	}
}

// Err returns the first failure to write.
func (c *Collector) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// End lets go those who wait for room. What they add then, beyond the bounds,
// is left for Flush.
func (c *Collector) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.room.Broadcast()
}
