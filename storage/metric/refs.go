package metric

import (
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// Refs is the series-reference cache: it leads from the label bytes of a
// request to the series they name, so that nobody builds, sorts, hashes or
// interns labels for a series that was seen before.
//
// It is keyed by a hash that the receiver makes of the bytes as they stand on
// its wire, and it holds the reference and the labels. The labels are those of
// the head, not a copy: an entry costs some 40 bytes whatever the length of
// the labels, the receiver compares its bytes with them, so that a hash is
// never trusted alone, and a reference that has died is revived from them by
// tsdb. Receivers with different wires may use different hashes; that costs a
// second entry, never a second series.
//
// Refs is safe for concurrent use.
type Refs struct {
	metrics *storeMetrics
	shards  [refShards]refShard

	mu   sync.Mutex
	dead map[chunks.HeadSeriesRef]struct{} // deleted from the head since the last sweep
}

// refShards keeps receivers on different cores from waiting for one another.
const refShards = 64

type refShard struct {
	mu      sync.RWMutex
	entries map[uint64]refEntry
	_       [24]byte // to a cache line of 64 bytes
}

type refEntry struct {
	ref    promstorage.SeriesRef
	labels labels.Labels
}

var _ tsdb.SeriesLifecycleCallback = (*Refs)(nil)

func newRefs(m *storeMetrics) *Refs {
	c := &Refs{metrics: m, dead: map[chunks.HeadSeriesRef]struct{}{}}
	for i := range c.shards {
		c.shards[i].entries = map[uint64]refEntry{}
	}
	return c
}

// Get returns the series last put under hash, if equal says that its labels
// are the ones that were hashed.
func (c *Refs) Get(hash uint64, equal func(labels.Labels) bool) (ref promstorage.SeriesRef, ls labels.Labels, ok bool) {
	s := &c.shards[hash%refShards]
	s.mu.RLock()
	e, ok := s.entries[hash]
	s.mu.RUnlock()
	if !ok || !equal(e.labels) {
		return 0, labels.EmptyLabels(), false
	}
	return e.ref, e.labels, true
}

// Put remembers the series ref under hash. ls are its labels, as GetRef or a
// successful Append of the open transaction left them, and must not change. An
// entry with the same hash is replaced.
func (c *Refs) Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	s := &c.shards[hash%refShards]
	s.mu.Lock()
	s.entries[hash] = refEntry{ref, ls}
	s.mu.Unlock()
}

// Count adds to the cache's statistics; receivers call it once a request.
func (c *Refs) Count(hits, misses int) {
	c.metrics.refHits.Add(float64(hits))
	c.metrics.refMisses.Add(float64(misses))
}

// PreCreation lets every series be created.
func (c *Refs) PreCreation(labels.Labels) error { return nil }

// PostCreation has nothing to do: the receiver puts what it appended.
func (c *Refs) PostCreation(labels.Labels) {}

// PostDeletion notes what head truncation took. It is called once a stripe, so
// the entries themselves are dropped by sweep.
func (c *Refs) PostDeletion(deleted map[chunks.HeadSeriesRef]labels.Labels) {
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
		total += c.shards[i].sweep(dead)
	}
	c.metrics.refEntries.Set(float64(total))
}

// sweep returns the number of entries left.
func (s *refShard) sweep(dead map[chunks.HeadSeriesRef]struct{}) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(dead) > 0 {
		for hash, e := range s.entries {
			if _, ok := dead[chunks.HeadSeriesRef(e.ref)]; ok {
				delete(s.entries, hash)
			}
		}
	}
	return len(s.entries)
}
