package metric

import (
	"fmt"
	"strings"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/storage"
)

// Keys of storage.SeriesLimits, as the configuration has them. They are label
// values of the store's metrics, too.
const (
	keySeries     = "limits.metric.max_series"
	keyPerMetric  = "limits.metric.max_series_per_metric"
	keyPerTenant  = "limits.metric.max_series_per_tenant"
	keyLabels     = "limits.max_labels"
	keyLabelName  = "limits.max_label_name_bytes"
	keyLabelValue = "limits.max_label_value_bytes"
)

// SetLimits has new series held to l from now on. Before, there are no limits.
func (s *Store) SetLimits(l storage.SeriesLimits) { s.census.limits.Store(&l) }

// Limits are those in force.
func (s *Store) Limits() storage.SeriesLimits { return *s.census.limits.Load() }

// A limitError is why a new series is refused.
type limitError struct {
	kind   error // storage.ErrSeriesLimit or storage.ErrLabelLimit
	metric string
	label  string // the one that is too long, if any
	key    string
	have   int // what the series would make it
	limit  int
}

func (e *limitError) Unwrap() error { return e.kind }

func (e *limitError) Error() string {
	name := e.metric
	if len(name) > 128 {
		name = name[:128]
	}
	switch e.key {
	case keySeries:
		return fmt.Sprintf("metric %q: no new series, as there are %d active ones and %s is %d", name, e.have-1, e.key, e.limit)
	case keyPerMetric:
		return fmt.Sprintf("metric %q: no new series, as it has %d active ones and %s is %d", name, e.have-1, e.key, e.limit)
	case keyPerTenant:
		return fmt.Sprintf("metric %q: no new series, as its tenant has %d active ones and %s is %d", name, e.have-1, e.key, e.limit)
	case keyLabels:
		return fmt.Sprintf("metric %q: a series of %d labels, but %s is %d", name, e.have, e.key, e.limit)
	}
	return fmt.Sprintf("metric %q: label %.64q has %d bytes, but %s is %d", name, e.label, e.have, e.key, e.limit)
}

// PreCreation refuses a series that is over a limit, with an error that wraps
// storage.ErrSeriesLimit or storage.ErrLabelLimit. Series that come at the same
// moment do not wait for each other, so that a few more than the limit may get
// in.
func (c *census) PreCreation(ls labels.Labels) error {
	l := c.limits.Load()
	if l == nil {
		return nil
	}
	err := c.check(l, ls)
	if err == nil {
		return nil // not the typed nil
	}
	c.metrics.seriesRefused.WithLabelValues(err.key).Inc()
	return err
}

func (c *census) check(l *storage.SeriesLimits, ls labels.Labels) *limitError {
	name := ls.Get(model.MetricNameLabel)
	if over := c.measure(l, name, keyLabels, ls.Len(), l.MaxLabels); over != nil {
		return over
	}
	var long *limitError
	ls.Range(func(x labels.Label) {
		if long != nil {
			return
		}
		if long = c.measure(l, name, keyLabelName, len(x.Name), l.MaxLabelNameBytes); long == nil {
			long = c.measure(l, name, keyLabelValue, len(x.Value), l.MaxLabelValueBytes)
		}
		if long != nil {
			long.label = x.Name
		}
	})
	if long != nil {
		return long
	}
	if over := c.measure(l, name, keySeries, int(c.active.Load())+1, l.MaxSeries); over != nil {
		return over
	}
	if l.MaxSeriesPerTenant > 0 || len(l.MaxSeriesOfTenants) > 0 {
		if n := c.ofTenant(ls); n != nil {
			limit, own := l.MaxSeriesOfTenants[ls.Get(auth.TenantLabel)]
			if !own {
				limit = l.MaxSeriesPerTenant
			}
			if over := c.measure(l, name, keyPerTenant, int(n.Load())+1, limit); over != nil {
				return over
			}
		}
	}
	if l.MaxSeriesPerMetric == 0 {
		return nil
	}
	have := 0
	s := c.shard(name)
	s.mu.Lock()
	if t := s.names[name]; t != nil {
		have = t.active
	}
	s.mu.Unlock()
	return c.measure(l, name, keyPerMetric, have+1, l.MaxSeriesPerMetric)
}

// measure compares have with a limit, and notes if it comes near.
func (c *census) measure(l *storage.SeriesLimits, name, key string, have, limit int) *limitError {
	switch {
	case limit == 0:
		return nil
	case have > limit:
		kind := storage.ErrLabelLimit
		if key == keySeries || key == keyPerMetric || key == keyPerTenant {
			kind = storage.ErrSeriesLimit
		}
		return &limitError{kind: kind, metric: name, key: key, have: have, limit: limit}
	case l.WarnAt > 0 && l.WarnAt < 1 && float64(have) > l.WarnAt*float64(limit):
		c.metrics.seriesWarned.WithLabelValues(key).Inc()
		if key == keySeries || key == keyPerTenant {
			name = "" // it is no metric's fault
		}
		c.warnings.add(warning{key, name})
	}
	return nil
}

// warnings are what is to be logged, once: on the data path nothing is.
type warnings struct {
	mu  sync.Mutex
	new []warning
	log map[warning]struct{} // what was, and will not be again
}

type warning struct{ key, metric string }

// maxWarnings bounds the warnings of a process: who has so many metrics near a
// limit sees it in the first thousand.
const maxWarnings = 1000

func (w *warnings) add(x warning) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.log[x]; ok || len(w.log) >= maxWarnings {
		return
	}
	x.metric = strings.Clone(x.metric) // the sender's memory
	w.log[x] = struct{}{}
	w.new = append(w.new, x)
}

func (w *warnings) take() []warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.new
	w.new = nil
	return out
}

// warn logs which limits are near.
func (s *Store) warn() {
	l := s.Limits()
	limit := map[string]int{
		keySeries: l.MaxSeries, keyPerMetric: l.MaxSeriesPerMetric, keyPerTenant: l.MaxSeriesPerTenant, keyLabels: l.MaxLabels,
		keyLabelName: l.MaxLabelNameBytes, keyLabelValue: l.MaxLabelValueBytes,
	}
	for _, w := range s.census.warnings.take() {
		s.log.Warn("New series come near a limit, at which they will be refused", "key", w.key, "limit", limit[w.key], "metric", w.metric)
	}
}
