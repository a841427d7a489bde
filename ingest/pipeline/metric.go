package pipeline

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/linefield"
)

// A metricStage adds what lines say to a metric. It keeps all lines.
type metricStage struct {
	def       Metric
	histogram bool
	when      *test
	names     []string // of labels, for def.Labels

	book     *derived.Book[string] // set before the stage is in force
	unusable prometheus.Counter
}

func newMetric(c *Metric, taken map[string]bool, histogram bool) (stage, error) {
	s := &metricStage{def: *c, histogram: histogram}
	if !model.LegacyValidation.IsValidMetricName(c.Name) {
		return nil, fmt.Errorf("name: %q is not the name of a metric", c.Name)
	}
	if taken[c.Name] {
		return nil, fmt.Errorf("name: %s is another stage's already", c.Name)
	}
	taken[c.Name] = true
	seen := map[string]bool{}
	for i, key := range c.Labels {
		name := linefield.Label(key)
		if name == "" || strings.HasPrefix(name, "__") || histogram && name == model.BucketLabel || seen[name] {
			return nil, fmt.Errorf("labels[%d]: %q cannot be a label, or is one already", i, key)
		}
		seen[name] = true
		s.names = append(s.names, name)
	}
	if histogram {
		if c.Value == "" {
			return nil, errors.New("value: a histogram needs the attribute to observe")
		}
		if len(c.Buckets) == 0 {
			s.def.Buckets = prometheus.DefBuckets
		}
		if err := s.layout().Form.Validate(); err != nil {
			return nil, err
		}
	} else if len(c.Buckets) > 0 {
		return nil, errors.New("buckets: a counter has none")
	}
	var err error
	s.when, err = c.If.compile()
	return s, err
}

func (s *metricStage) layout() derived.Layout {
	f := []derived.Family{{Name: s.def.Name, Help: s.def.Help}}
	if s.histogram {
		return derived.Layout{Histograms: f, Form: derived.Form{Classic: true, Native: true, Buckets: s.def.Buckets}}
	}
	return derived.Layout{Counters: f}
}

func (s *metricStage) apply(r *record) bool {
	if !s.when.holds(r) {
		return true
	}
	value := 1.0
	if s.def.Value != "" {
		var ok bool
		if value, ok = number(r.text(s.def.Value)); !ok {
			s.unusable.Inc()
			return true
		}
	}
	now := time.Now().UnixNano()
	s.book.Lock()
	defer s.book.Unlock()
	set := s.set(r, now)
	if s.histogram {
		s.book.Observe(set, 0, int64(value*1e9))
		set.Touch(now)
	} else {
		set.Add(0, value, now)
	}
	return true
}

// set returns what counts the labels of r.
func (s *metricStage) set(r *record, now int64) *derived.Set {
	values := make([]string, len(s.names))
	for i, key := range s.def.Labels {
		values[i] = r.text(key)
	}
	tenant := r.tenant()
	key := tenant + "\xff" + strings.Join(values, "\xff")
	if set := s.book.Get(key); set != nil {
		return set
	}
	if s.book.Full() {
		s.book.Overflowed(1)
		for i := range values {
			values[i] = derived.Overflow
		}
		key = tenant + "\xff" + strings.Join(values, "\xff")
		if set := s.book.Get(key); set != nil {
			return set
		}
	}
	b := labels.NewBuilder(labels.EmptyLabels())
	for i, name := range s.names {
		b.Set(name, values[i])
	}
	b.Set(auth.TenantLabel, tenant) // an empty label is none
	return s.book.Put(key, b.Labels(), now)
}

// maxValue is what a Book can hold: it counts in billionths.
const maxValue = math.MaxInt64 / 1e9

// number reads what is observed: a number from 0, or a duration, in seconds.
func number(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, false
		}
		v = d.Seconds()
	}
	return v, v >= 0 && v < maxValue
}

// books are the counts of metrics, by name. They stay when a configuration
// that has the same metric takes the place of another.
type books struct {
	options func(layout derived.Layout, source string, reg prometheus.Registerer) derived.Options

	mu     sync.Mutex
	byName map[string]*bound
}

// bound is a Book and what it was made for.
type bound struct {
	*derived.Book[string]
	def       Metric
	histogram bool
	metrics   *removable
}

// bind gives each metric stage its book, and returns those of all other
// metrics, which have ended: at now they can be written once more. A metric
// that has changed begins anew right after.
func (bs *books) bind(stages []*metricStage, reg prometheus.Registerer, now time.Time) (ended []*bound) {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	next := map[string]*bound{}
	for _, s := range stages {
		if b := bs.byName[s.def.Name]; b != nil && b.histogram == s.histogram && reflect.DeepEqual(b.def, s.def) {
			next[s.def.Name] = b
		}
	}
	for name, b := range bs.byName {
		if next[name] == nil {
			b.metrics.remove()
			ended = append(ended, b)
		}
	}
	for _, s := range stages {
		b := next[s.def.Name]
		if b == nil {
			metrics := &removable{Registerer: reg}
			o := bs.options(s.layout(), "pipeline:"+s.def.Name, metrics)
			b = &bound{derived.New[string](o, now.UnixMilli()+1), s.def, s.histogram, metrics}
			next[s.def.Name] = b
		}
		s.book = b.Book
	}
	bs.byName = next
	return ended
}

func (bs *books) all() []*bound {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	var list []*bound
	for _, b := range bs.byName {
		list = append(list, b)
	}
	return list
}

// removable is a Registerer that can take back all that was registered.
type removable struct {
	prometheus.Registerer
	collectors []prometheus.Collector
}

// Register implements prometheus.Registerer.
func (r *removable) Register(c prometheus.Collector) error {
	r.collectors = append(r.collectors, c)
	return r.Registerer.Register(c)
}

// MustRegister implements prometheus.Registerer.
func (r *removable) MustRegister(cs ...prometheus.Collector) {
	r.collectors = append(r.collectors, cs...)
	r.Registerer.MustRegister(cs...)
}

func (r *removable) remove() {
	for _, c := range r.collectors {
		r.Unregister(c)
	}
}
