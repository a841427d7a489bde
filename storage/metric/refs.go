package metric

import (
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// Refs is the series-reference cache: it leads from the label bytes of a
// request to the series they name, so that nobody builds, sorts, hashes or
// interns labels for a series that was seen before.
//
// It is keyed by a hash that the receiver makes of the bytes as they stand on
// its wire, and it holds the reference and the labels. The labels are those of
// the head, not a copy: an entry costs some 60 bytes whatever the length of
// the labels, the receiver compares its bytes with them, so that a hash is
// never trusted alone, and a reference that has died is revived from them by
// tsdb. Receivers with different wires may use different hashes; that costs a
// second entry, never a second series.
//
// Senders name their series in the same order each time. So entries lie in
// slots in the order in which they came, each knows which was asked for after
// it, and a receiver that says which one it had finds the next without a look
// into a map, which at some 100,000 series is a wait for memory, or two.
//
// Refs is safe for concurrent use.
type Refs struct {
	metrics *storeMetrics
	shards  [refShards]refShard
	slots   refSlots

	mu   sync.Mutex
	dead map[chunks.HeadSeriesRef]struct{} // deleted from the head since the last sweep
}

// refShards keeps receivers on different cores from waiting for one another.
const refShards = 64

// A refShard leads from hashes to slots. Its lock is taken before those of
// slots.
type refShard struct {
	mu    sync.RWMutex
	slots map[uint64]uint32
	_     [24]byte // to a cache line of 64 bytes
}

// refMask is the part of a reference that is tsdb's; what receivers append
// through may use the rest.
const refMask = 1<<48 - 1

func newRefs(m *storeMetrics) *Refs {
	c := &Refs{metrics: m, dead: map[chunks.HeadSeriesRef]struct{}{}}
	for i := range c.shards {
		c.shards[i].slots = map[uint64]uint32{}
	}
	return c
}

func (c *Refs) shard(hash uint64) *refShard { return &c.shards[hash%refShards] }

// Get returns the series last put under hash, if equal says that its labels
// are the ones that were hashed.
func (c *Refs) Get(hash uint64, equal func(labels.Labels) bool) (ref promstorage.SeriesRef, ls labels.Labels, ok bool) {
	ref, ls, _, ok = c.GetAfter(0, hash, equal)
	return ref, ls, ok
}

// GetAfter is Get for receivers that ask for one series after the other: prev
// is what at was for the last one that was found, or 0. A wrong prev costs
// time, no more.
func (c *Refs) GetAfter(prev uint32, hash uint64, equal func(labels.Labels) bool) (ref promstorage.SeriesRef, ls labels.Labels, at uint32, ok bool) {
	if prev != 0 {
		if at = c.slots.after(prev); at != 0 {
			if ref, ls, ok = c.slots.read(at, hash); ok && equal(ls) {
				return ref, ls, at, true
			}
		}
	}
	s := c.shard(hash)
	s.mu.RLock()
	at = s.slots[hash]
	s.mu.RUnlock()
	if at == 0 {
		return 0, labels.EmptyLabels(), 0, false
	}
	if ref, ls, ok = c.slots.read(at, hash); !ok || !equal(ls) {
		return 0, labels.EmptyLabels(), 0, false
	}
	if prev != 0 {
		c.slots.follow(prev, at)
	}
	return ref, ls, at, true
}

// Put remembers the series ref under hash. ls are its labels, as GetRef or a
// successful Append of the open transaction left them, and must not change. An
// entry with the same hash is replaced.
func (c *Refs) Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	s := c.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.slots[hash]; at != 0 {
		c.slots.write(at, hash, ref, ls)
		return
	}
	at := c.slots.take()
	c.slots.write(at, hash, ref, ls)
	s.slots[hash] = at
}

// Clear forgets every series, because what their bytes lead to has changed.
func (c *Refs) Clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for hash, at := range s.slots {
			c.slots.free(at)
			delete(s.slots, hash)
		}
		s.mu.Unlock()
	}
	c.slots.tidy()
}

// Count adds to the cache's statistics; receivers call it once a request.
func (c *Refs) Count(hits, misses int) {
	c.metrics.refHits.Add(float64(hits))
	c.metrics.refMisses.Add(float64(misses))
}

// forget notes what head truncation took. It is called once a stripe, so the
// entries themselves are dropped by sweep.
func (c *Refs) forget(deleted map[chunks.HeadSeriesRef]labels.Labels) {
	if len(deleted) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref := range deleted {
		c.dead[ref] = struct{}{}
	}
}

// sweep drops the entries of deleted series. A Put cannot be late for it: the
// head keeps a series while a transaction that appended to it is open.
func (c *Refs) sweep() {
	c.mu.Lock()
	dead := c.dead
	if len(dead) > 0 {
		c.dead = map[chunks.HeadSeriesRef]struct{}{}
	}
	c.mu.Unlock()

	total := 0
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		if len(dead) > 0 {
			for hash, at := range s.slots {
				if _, ok := dead[c.slots.ref(at)&refMask]; ok {
					c.slots.free(at)
					delete(s.slots, hash)
				}
			}
		}
		total += len(s.slots)
		s.mu.Unlock()
	}
	if len(dead) > 0 {
		c.slots.tidy()
	}
	c.metrics.refEntries.Set(float64(total))
}
