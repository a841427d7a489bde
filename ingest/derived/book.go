package derived

import (
	"math"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// Options are what a Book is made of. All but Account are required.
type Options struct {
	Source     string // what the account and the metrics call it, for example "span_metrics"
	Layout     Layout
	Timing     Timing
	Metrics    promstorage.AppendableV2
	Account    *ingest.Account
	Registerer prometheus.Registerer
}

// A Book holds label sets by keys of type K, which decide the labels. It is
// safe for concurrent use; what happens between Lock and Unlock should be a
// whole batch of rows, but no more.
type Book[K comparable] struct {
	opts    Options
	columns []column
	bounds  []int64 // of classic buckets, ns
	metrics *metrics

	mu    sync.Mutex
	byKey map[K]*Set
	list  []entry[K] // the same sets, for writing a few at a time
	last  int64      // time of the write before, ms
}

type entry[K comparable] struct {
	key K
	set *Set
}

// New returns an empty Book. Its counts begin now, which is in milliseconds.
func New[K comparable](o Options, now int64) *Book[K] {
	b := &Book[K]{opts: o, columns: o.Layout.columns(), byKey: map[K]*Set{}, last: now}
	for _, s := range o.Layout.Form.Buckets {
		b.bounds = append(b.bounds, int64(math.Round(s*1e9)))
	}
	b.metrics = newMetrics(prometheus.WrapRegistererWith(prometheus.Labels{"source": o.Source}, o.Registerer))
	return b
}

// Lock excludes all others from the sets.
func (b *Book[K]) Lock() { b.mu.Lock() }

// Unlock ends what Lock began.
func (b *Book[K]) Unlock() { b.mu.Unlock() }

// Get returns the set of k, or nil. It needs the lock.
func (b *Book[K]) Get(k K) *Set { return b.byKey[k] }

// Len returns the number of sets. It needs the lock.
func (b *Book[K]) Len() int { return len(b.list) }

// Full reports whether spans without a set should count under Overflow labels.
// It needs the lock.
func (b *Book[K]) Full() bool { return len(b.list) >= b.opts.Timing.MaxLabelSets }

// Overflowed counts rows that went to a set of Overflow labels.
func (b *Book[K]) Overflowed(rows int) { b.metrics.overflowed.Add(float64(rows)) }

// Skipped counts rows that Timing.Counts left out.
func (b *Book[K]) Skipped(rows int) { b.metrics.skipped.Add(float64(rows)) }

// Put adds a set for k, which has none, with labels ls, at now, in ns. It needs
// the lock.
func (b *Book[K]) Put(k K, ls labels.Labels, now int64) *Set {
	l := &b.opts.Layout
	s := &Set{labels: ls, seen: now, counts: make([]float64, len(l.Counters)), hists: make([]distribution, len(l.Histograms))}
	if l.Form.Classic {
		for i := range s.hists {
			s.hists[i].classic = make([]uint64, len(b.bounds)+1)
		}
	}
	b.byKey[k] = s
	b.list = append(b.list, entry[K]{k, s})
	b.metrics.sets.Set(float64(len(b.list)))
	return s
}

// Observe adds a duration of ns nanoseconds to histogram i of s. It needs the
// lock.
func (b *Book[K]) Observe(s *Set, i int, ns int64) {
	s.hists[i].observe(ns, b.bounds, b.opts.Layout.Form.Native)
}

// remove drops the set at list[i]; another takes its place.
func (b *Book[K]) remove(i int) {
	delete(b.byKey, b.list[i].key)
	last := len(b.list) - 1
	b.list[i] = b.list[last]
	b.list[last] = entry[K]{}
	b.list = b.list[:last]
	b.metrics.sets.Set(float64(len(b.list)))
	b.metrics.expired.Inc()
}
