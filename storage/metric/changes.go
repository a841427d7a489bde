package metric

import (
	"context"
	"hash/maphash"
	"math"
	"sort"
	"sync"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// changes remembers how far back in time the samples have been changed, so
// that who keeps results of queries knows which of them still hold. It is safe
// for concurrent use.
type changes struct {
	mu sync.Mutex

	// now is the number of changes so far. kept has those that reach further
	// back than all after them, so both of its columns grow.
	now  uint64
	kept []change

	blocks uint64 // hash of the blocks when it was last looked
	seed   maphash.Seed
}

type change struct {
	number uint64
	mint   int64 // ms, of the oldest sample that came, went or got another value
}

// Changes within changeGrain are kept as one, of the older time and the later
// number: what is forgotten by that would have been found changed anyway a
// moment later. maxChanges bounds what stays.
const (
	changeGrain = 1000 // ms
	maxChanges  = 4096
)

func newChanges() *changes { return &changes{seed: maphash.MakeSeed()} }

// note says that samples from mint on were changed, once that can be seen.
func (c *changes) note(mint int64) {
	if mint == math.MaxInt64 {
		return // an empty transaction
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteLocked(mint)
}

func (c *changes) noteLocked(mint int64) {
	c.now++
	for len(c.kept) > 0 && c.kept[len(c.kept)-1].mint >= mint {
		c.kept = c.kept[:len(c.kept)-1]
	}
	if n := len(c.kept); n > 0 && mint-changeGrain < c.kept[n-1].mint {
		c.kept[n-1].number = c.now
		return
	}
	c.kept = append(c.kept, change{c.now, mint})
	if len(c.kept) > maxChanges { // the older half loses every second one
		half := c.kept[:0]
		for i := 0; i < maxChanges/2; i += 2 {
			half = append(half, change{c.kept[i+1].number, c.kept[i].mint})
		}
		c.kept = append(half, c.kept[maxChanges/2:]...)
	}
}

// look notes that everything may have changed if the blocks are others: what
// drops, rewrites or brings them in does not say what that does to samples.
func (c *changes) look(blocks []*tsdb.Block) {
	var h maphash.Hash
	h.SetSeed(c.seed)
	for _, b := range blocks {
		id := b.Meta().ULID
		_, _ = h.Write(id[:])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if sum := h.Sum64(); sum != c.blocks {
		c.blocks = sum
		c.noteLocked(math.MinInt64)
	}
}

// since returns the time, in ms, from which on samples were changed after the
// change number.
func (c *changes) since(number uint64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := sort.Search(len(c.kept), func(i int) bool { return c.kept[i].number > number })
	if i == len(c.kept) {
		return math.MaxInt64
	}
	return c.kept[i].mint
}

// Version returns the number of changes so far. What a querier that is opened
// after this reads is of this version or a later one.
func (s *Store) Version() uint64 {
	s.changes.look(s.db.Blocks())
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	return s.changes.now
}

// ChangedSince returns the time, in milliseconds, before which all samples
// are what they were at version: math.MaxInt64 if nothing was written or
// deleted since, math.MinInt64 if blocks came or went. It may be earlier than
// the oldest sample that was changed, never later.
func (s *Store) ChangedSince(version uint64) int64 {
	s.changes.look(s.db.Blocks())
	return s.changes.since(version)
}

// oldAppender is tsdb's, which notes how far back it writes.
type oldAppender struct {
	promstorage.Appender
	store  *Store
	oldest int64 // ms
}

// Appender begins a transaction of the older kind, which Prometheus' rule
// manager asks for.
func (s *Store) Appender(ctx context.Context) promstorage.Appender {
	return &oldAppender{s.db.Appender(ctx), s, math.MaxInt64}
}

func (a *oldAppender) Append(ref promstorage.SeriesRef, ls labels.Labels, t int64, v float64) (promstorage.SeriesRef, error) {
	a.oldest = min(a.oldest, t)
	return a.Appender.Append(ref, ls, t, v)
}

func (a *oldAppender) AppendHistogram(ref promstorage.SeriesRef, ls labels.Labels, t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (promstorage.SeriesRef, error) {
	a.oldest = min(a.oldest, t)
	return a.Appender.AppendHistogram(ref, ls, t, h, fh)
}

func (a *oldAppender) AppendSTZeroSample(ref promstorage.SeriesRef, ls labels.Labels, t, st int64) (promstorage.SeriesRef, error) {
	a.oldest = min(a.oldest, st)
	return a.Appender.AppendSTZeroSample(ref, ls, t, st)
}

func (a *oldAppender) AppendHistogramSTZeroSample(ref promstorage.SeriesRef, ls labels.Labels, t, st int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (promstorage.SeriesRef, error) {
	a.oldest = min(a.oldest, st)
	return a.Appender.AppendHistogramSTZeroSample(ref, ls, t, st, h, fh)
}

func (a *oldAppender) Commit() error {
	err := a.store.commit(a.Appender)
	a.store.changes.note(a.oldest)
	return err
}
