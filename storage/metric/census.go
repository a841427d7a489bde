package metric

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/storage"
)

// A census knows of each metric name how many series it has in the head, how
// many came new of late, and when somebody last asked for it. It hears of
// series as tsdb creates and deletes them, so that samples of known series
// cost nothing, and it is where new ones can be refused.
//
// A census is safe for concurrent use.
type census struct {
	refs    *Refs // is told of deletions too
	metrics *storeMetrics
	seed    maphash.Seed
	shards  [censusShards]censusShard
	active  atomic.Int64
	tenants sync.Map // *atomic.Int64, active series by tenant

	limits   atomic.Pointer[storage.SeriesLimits] // nil while the WAL is replayed: what is stored stays
	warnings warnings

	since time.Time // when created series began to count; set before limits
	noted int64     // time since which selections are noted; set before use

	file    checkedFile
	unsaved atomic.Bool
}

// censusShards keeps receivers on different cores from waiting for one another.
const censusShards = 64

type censusShard struct {
	mu    sync.Mutex
	names map[string]*tally
	_     [40]byte // to a cache line of 64 bytes
}

// A tally is one metric name. Its shard's mutex guards it. Times are seconds
// since the Unix epoch.
type tally struct {
	active   int
	created  *births // nil before the first
	first    int64
	selected int64 // 0 for never
}

var _ tsdb.SeriesLifecycleCallback = (*census)(nil)

func newCensus(refs *Refs, m *storeMetrics) *census {
	c := &census{refs: refs, metrics: m, seed: maphash.MakeSeed(), noted: time.Now().Unix()}
	c.warnings.log = map[warning]struct{}{}
	for i := range c.shards {
		c.shards[i].names = map[string]*tally{}
	}
	return c
}

func (c *census) shard(name string) *censusShard {
	return &c.shards[maphash.String(c.seed, name)%censusShards]
}

// tally returns that of name, a new one if need be. s.mu is held.
func (s *censusShard) tally(name string) *tally {
	t := s.names[name]
	if t == nil {
		t = &tally{first: time.Now().Unix()}
		s.names[strings.Clone(name)] = t // the series' labels need not live as long
	}
	return t
}

// PostCreation counts a series that came into the head.
func (c *census) PostCreation(ls labels.Labels) {
	c.active.Add(1)
	if n := c.ofTenant(ls); n != nil {
		n.Add(1)
	}
	live := c.limits.Load() != nil
	name := ls.Get(model.MetricNameLabel)
	s := c.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tally(name)
	t.active++
	if live {
		if t.created == nil {
			t.created = newBirths()
		}
		t.created.add(time.Now())
	}
}

// ofTenant is the number of active series of the tenant that a series is of;
// nil for the default one, whose are all others.
func (c *census) ofTenant(ls labels.Labels) *atomic.Int64 {
	tenant := ls.Get(auth.TenantLabel)
	if tenant == "" {
		return nil
	}
	n, ok := c.tenants.Load(tenant)
	if !ok {
		n, _ = c.tenants.LoadOrStore(strings.Clone(tenant), &atomic.Int64{})
	}
	return n.(*atomic.Int64)
}

// PostDeletion counts the series that left the head.
func (c *census) PostDeletion(deleted map[chunks.HeadSeriesRef]labels.Labels) {
	c.refs.forget(deleted)
	c.active.Add(-int64(len(deleted)))
	for _, ls := range deleted {
		if n := c.ofTenant(ls); n != nil {
			n.Add(-1)
		}
		name := ls.Get(model.MetricNameLabel)
		s := c.shard(name)
		s.mu.Lock()
		if t := s.names[name]; t != nil {
			t.active--
		}
		s.mu.Unlock()
	}
}

// selected notes that somebody asked for series of the metric name. Names that
// the store has no series of, and never had, are not kept: queries could make
// up any number of them.
func (c *census) selected(name string) {
	now := time.Now().Unix()
	s := c.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.names[name]
	if t == nil {
		return
	}
	if t.selected/3600 != now/3600 { // a file a second would be much for what is told in days
		c.unsaved.Store(true)
	}
	t.selected = now
}

// recount counts the series of h anew, if their number is not the census's: a
// head that finds its files damaged while it opens begins again without a word.
func (c *census) recount(ctx context.Context, h *tsdb.Head) error {
	total := int64(h.NumSeries())
	if c.active.Load() == total {
		return nil
	}
	ir, err := h.Index()
	if err != nil {
		return fmt.Errorf("open index of the head: %w", err)
	}
	defer func() { _ = ir.Close() }() // read only
	names, err := ir.LabelValues(ctx, model.MetricNameLabel, nil)
	if err != nil {
		return fmt.Errorf("metric names: %w", err)
	}
	counts := map[string]int64{"": total} // of what is left, which has no name
	for _, name := range names {
		n, err := countPostings(ctx, ir, model.MetricNameLabel, name)
		if err != nil {
			return fmt.Errorf("series of %q: %w", name, err)
		}
		counts[name] = n
		counts[""] -= n
	}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for name, t := range s.names {
			t.active = int(counts[name])
		}
		s.mu.Unlock()
	}
	c.active.Store(total)
	return c.recountTenants(ctx, ir)
}

func (c *census) recountTenants(ctx context.Context, ir tsdb.IndexReader) error {
	tenants, err := ir.LabelValues(ctx, auth.TenantLabel, nil)
	if err != nil {
		return fmt.Errorf("tenants: %w", err)
	}
	c.tenants.Clear()
	for _, tenant := range tenants {
		n, err := countPostings(ctx, ir, auth.TenantLabel, tenant)
		if err != nil {
			return fmt.Errorf("series of tenant %q: %w", tenant, err)
		}
		c.ofTenant(labels.FromStrings(auth.TenantLabel, tenant)).Store(n)
	}
	return nil
}

func countPostings(ctx context.Context, ir tsdb.IndexReader, name, value string) (int64, error) {
	p, err := ir.Postings(ctx, name, value)
	if err != nil {
		return 0, err
	}
	return lengthOf(p)
}

// A headcount is what the census knows of a metric at a moment.
type headcount struct {
	name                    string
	active                  int64
	createdHour, createdDay int64
	first, selected         int64 // s
}

// all returns the metrics that have series in the head, in no order.
func (c *census) all() []headcount {
	now := time.Now()
	var out []headcount
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for name, t := range s.names {
			if t.active <= 0 {
				continue
			}
			h := headcount{name: name, active: int64(t.active), first: t.first, selected: t.selected}
			if t.created != nil {
				h.createdHour, h.createdDay = t.created.count(now)
			}
			out = append(out, h)
		}
		s.mu.Unlock()
	}
	return out
}

// maxIdleNames bounds the names without series that are remembered, so that a
// metric that comes and goes keeps its history.
const maxIdleNames = 50_000

// sweep forgets names without series: those that were idle longest, if there
// are too many.
func (c *census) sweep(most int) {
	type idle struct {
		name string
		last int64
	}
	var all []idle
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for name, t := range s.names {
			if t.active <= 0 {
				all = append(all, idle{name, max(t.first, t.selected)})
			}
		}
		s.mu.Unlock()
	}
	if len(all) <= most {
		return
	}
	slices.SortFunc(all, func(a, b idle) int { return cmp.Compare(a.last, b.last) })
	for _, x := range all[:len(all)-most] {
		s := c.shard(x.name)
		s.mu.Lock()
		if t := s.names[x.name]; t != nil && t.active <= 0 {
			delete(s.names, x.name)
		}
		s.mu.Unlock()
	}
}
