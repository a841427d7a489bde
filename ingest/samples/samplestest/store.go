// Package samplestest has a store in memory for the tests of receivers of
// metrics.
package samplestest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/samples"
)

// A Store keeps samples, with an account of its own. Like tsdb it refuses
// another value for the same time; unlike tsdb it also refuses series that a
// receiver should never make. It is safe for concurrent use.
type Store struct {
	account *ingest.Account

	mu     sync.Mutex
	series []*series          // reference less one
	byName map[string]int     // index in series, by text of the labels
	refs   map[uint64]refHeld // the reference cache
	hits   int
	fail   error
}

type series struct {
	labels labels.Labels
	points []point
}

type point struct {
	t int64
	v float64
	h *histogram.Histogram
}

type refHeld struct {
	ref promstorage.SeriesRef
	ls  labels.Labels
}

// New returns an empty Store.
func New() *Store {
	return &Store{
		account: ingest.NewAccount(prometheus.NewRegistry()),
		byName:  map[string]int{}, refs: map[uint64]refHeld{},
	}
}

// Options are those of a sink into s, with default limits.
func (s *Store) Options() samples.Options {
	return samples.Options{Store: s, Refs: (*refs)(s), Limits: ingest.DefaultLimits(), Account: s.account}
}

// Fail makes every later transaction fail with err; nil heals the store.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Rows returns what is stored, a line for each sample in Prometheus' text
// form, by series and in the order of appending: `up{job="a"} 1 1000`. A
// histogram stands as `histogram{count, sum}`, and a staleness marker as
// `stale`.
func (s *Store) Rows() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sorted := slices.SortedFunc(slices.Values(s.series), func(x, y *series) int { return cmp.Compare(x.labels.String(), y.labels.String()) })
	var out []string
	for _, x := range sorted {
		for _, p := range x.points {
			text := fmt.Sprint(p.v)
			switch {
			case p.h != nil:
				text = fmt.Sprintf("histogram{%d, %g}", p.h.Count, p.h.Sum)
			case value.IsStaleNaN(p.v):
				text = "stale"
			}
			out = append(out, fmt.Sprintf("%s %s %d", shown(x.labels), text, p.t))
		}
	}
	return out
}

// Histogram returns the newest histogram of the series that is shown as name.
func (s *Store) Histogram(name string) *histogram.Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.series {
		if shown(x.labels) == name && len(x.points) > 0 {
			return x.points[len(x.points)-1].h
		}
	}
	return nil
}

// shown writes ls as people do, with the name before the braces.
func shown(ls labels.Labels) string {
	rest := labels.NewBuilder(ls).Del(model.MetricNameLabel).Labels()
	if rest.IsEmpty() {
		return ls.Get(model.MetricNameLabel)
	}
	return ls.Get(model.MetricNameLabel) + rest.String()
}

// Refused returns what was refused: `reason rows: example`, sorted.
func (s *Store) Refused() []string {
	var out []string
	for _, r := range s.account.Rejections() {
		out = append(out, fmt.Sprintf("%s %d: %s", r.Reason, r.Rows, r.Example))
	}
	slices.Sort(out)
	return out
}

// Accepted returns the number of samples that were counted as taken.
func (s *Store) Accepted() int64 {
	n := int64(0)
	for _, a := range s.account.Accepted() {
		n += a.Rows
	}
	return n
}

// Hits returns how many samples found their series in the reference cache.
func (s *Store) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits
}

// AppenderV2 implements promstorage.AppendableV2.
func (s *Store) AppenderV2(context.Context) promstorage.AppenderV2 { return &appender{s: s} }

type appender struct {
	s    *Store
	done bool
	adds []add
}

type add struct {
	ref promstorage.SeriesRef
	point
}

func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, _ *histogram.FloatHistogram, _ promstorage.AOptions) (promstorage.SeriesRef, error) {
	s := a.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, dup := ls.HasDuplicateLabelNames(); dup || !ls.Has(model.MetricNameLabel) || !ls.IsValid(model.UTF8Validation) || ls.Len() != ls.WithoutEmpty().Len() {
		panic(fmt.Sprintf("a receiver made the series %v", ls))
	}
	if h != nil {
		if err := h.Validate(); err != nil {
			return 0, err
		}
	}
	if ref == 0 || int(ref) > len(s.series) {
		i, ok := s.byName[ls.String()]
		if !ok {
			i = len(s.series)
			s.series = append(s.series, &series{labels: ls.Copy()})
			s.byName[ls.String()] = i
		}
		ref = promstorage.SeriesRef(i + 1)
	}
	x := s.series[ref-1]
	if !labels.Equal(x.labels, ls) {
		panic(fmt.Sprintf("reference of %v used for %v", x.labels, ls))
	}
	for _, p := range x.points {
		if p.t == t && math.Float64bits(p.v) != math.Float64bits(v) {
			return 0, promstorage.ErrDuplicateSampleForTimestamp
		}
	}
	a.adds = append(a.adds, add{ref, point{t, v, h}})
	return ref, nil
}

func (a *appender) Commit() error {
	if a.done {
		return errors.New("the transaction has ended")
	}
	a.done = true
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if a.s.fail != nil {
		return a.s.fail
	}
	for _, x := range a.adds {
		y := a.s.series[x.ref-1]
		y.points = append(y.points, x.point)
	}
	return nil
}

func (a *appender) Rollback() error {
	if a.done {
		return errors.New("the transaction has ended")
	}
	a.done = true
	return nil
}

// AppendExemplar takes nothing.
func (a *appender) AppendExemplar(promstorage.SeriesRef, labels.Labels, exemplar.Exemplar) (promstorage.SeriesRef, error) {
	return 0, promstorage.ErrExemplarsDisabled
}

type refs Store

func (r *refs) Get(hash uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, bool) {
	r.mu.Lock()
	e, ok := r.refs[hash]
	r.mu.Unlock()
	if !ok || !equal(e.ls) {
		return 0, labels.EmptyLabels(), false
	}
	return e.ref, e.ls, true
}

func (r *refs) Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refs[hash] = refHeld{ref, ls}
}

func (r *refs) Count(hits, _ int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hits += hits
}
