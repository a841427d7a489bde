package statsd

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/statsd_exporter/pkg/mapper"

	"github.com/oriel-obs/oriel/ingest/namemap"
	"github.com/oriel-obs/oriel/ingest/samples"
)

// Why a value is refused beside being malformed.
var (
	errUnmapped = errors.New("the mapping file leaves it out")
	errFull     = errors.New("too many series")
	errLabels   = errors.New("bad labels")
)

// An aggregate adds values up between two flushes. It is safe for concurrent
// use.
type aggregate struct {
	c     Config
	rules *namemap.Rules
	limit limits

	mu     sync.Mutex
	found  map[string]*metric // by name, kind and tags as they are sent; nil if they are left out
	all    map[string]*metric // by labels
	series int                // of all
	key    []byte
}

// limits are those of labels.
type limits struct{ labels, bytes int }

func newAggregate(c Config, rules *namemap.Rules, l limits) *aggregate {
	return &aggregate{c: c, rules: rules, limit: l, found: map[string]*metric{}, all: map[string]*metric{}}
}

// add takes one value. The error says why it does not.
func (a *aggregate) add(x *value, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.key = append(append(append(append(a.key[:0], byte(x.kind)), x.name...), 0), x.tags...)
	m, ok := a.found[string(a.key)]
	if !ok {
		var err error
		if m, err = a.find(x, now); err != nil {
			return err
		}
		if len(a.found) >= 2*a.c.MaxSeries { // one series may be sent in several ways
			clear(a.found)
		}
		a.found[string(a.key)] = m
	}
	if m == nil {
		return fmt.Errorf("%w: %.128q", errUnmapped, x.name)
	}
	return m.add(x, now)
}

// find returns the metric of x, which may be new, or nil if the rules leave it
// out.
func (a *aggregate) find(x *value, now time.Time) (*metric, error) {
	name, tags, err := splitName(string(x.name))
	if err == nil {
		tags, err = split(string(x.tags), ":", tags)
	}
	if err != nil {
		return nil, err
	}
	found := a.rules.Find(name, mapperTypes[x.kind])
	if found.Drop {
		return nil, nil
	}
	ls, err := a.labels(found, tags)
	if err != nil {
		return nil, err
	}
	key := string(ls.Bytes(nil))
	if m := a.all[key]; m != nil {
		if m.kind != x.kind && (m.observer == nil || x.kind != timer && x.kind != observation) {
			return nil, fmt.Errorf("%s %s is a %v already", x.kind, ls, m.kind)
		}
		return m, nil
	}
	m := a.newMetric(x.kind, ls, found.Rule)
	if a.series+len(m.series) > a.c.MaxSeries {
		return nil, fmt.Errorf("%w: max_series is %d", errFull, a.c.MaxSeries)
	}
	m.first, m.seen = now, now
	a.series += len(m.series)
	a.all[key] = m
	return m, nil
}

// mapperTypes are the words of mapping rules.
var mapperTypes = map[kind]mapper.MetricType{
	counter: mapper.MetricTypeCounter, gauge: mapper.MetricTypeGauge, set: mapper.MetricTypeGauge,
	timer: mapper.MetricTypeObserver, observation: mapper.MetricTypeObserver,
}

// labels returns the labels of a metric. Those of a rule win over tags, unless
// it honours theirs.
func (a *aggregate) labels(found namemap.Result, tags []tag) (labels.Labels, error) {
	sets := map[string]string{model.MetricNameLabel: samples.MetricName(found.Name)}
	for _, t := range tags {
		name := samples.LabelName(t.name)
		if name == "" {
			return labels.EmptyLabels(), fmt.Errorf("%w: the name of a tag is not UTF-8: %.64q", errLabels, t.name)
		}
		if name == model.MetricNameLabel {
			return labels.EmptyLabels(), fmt.Errorf("%w: a tag is named %s", errLabels, name)
		}
		if old, ok := sets[name]; ok && old != t.value {
			t.value = old + "," + t.value
		}
		sets[name] = t.value
	}
	for name, v := range found.Labels {
		if _, sent := sets[name]; !sent || !found.Rule.HonorLabels {
			sets[name] = v
		}
	}
	ls := labels.FromMap(sets).WithoutEmpty()
	switch {
	case ls.Get(model.MetricNameLabel) == "":
		return ls, fmt.Errorf("%w: metric without a name", errLabels)
	case a.limit.labels > 0 && ls.Len() > a.limit.labels:
		return ls, fmt.Errorf("%w: series %.128q has %d labels, more than max_labels: %d", errLabels, found.Name, ls.Len(), a.limit.labels)
	}
	return ls, ls.Validate(func(l labels.Label) error {
		if n := max(len(l.Name), len(l.Value)); a.limit.bytes > 0 && n > a.limit.bytes {
			return fmt.Errorf("%w: series %.128q: label %.64q has %d bytes, more than max_label_value_bytes: %d", errLabels, found.Name, l.Name, n, a.limit.bytes)
		}
		if !utf8.ValidString(l.Value) {
			return fmt.Errorf("%w: series %.128q: value of label %.64q is not UTF-8: %.64q", errLabels, found.Name, l.Name, l.Value)
		}
		return nil
	})
}

// newMetric returns a metric as the configuration, or rule, says.
func (a *aggregate) newMetric(k kind, ls labels.Labels, rule *mapper.MetricMapping) *metric {
	m := &metric{kind: k, ttl: a.c.TTL, scale: 1}
	if d := a.rules.Defaults().Ttl; d > 0 {
		m.ttl = d
	}
	kindOf, buckets := a.c.Timers, a.c.Buckets
	objectives := map[float64]float64{0.5: 0.05, 0.9: 0.01, 0.99: 0.001}
	opts := prometheus.SummaryOpts{Name: "summary"}
	if rule != nil {
		m.help = rule.HelpText
		if rule.Ttl > 0 {
			m.ttl = rule.Ttl
		}
		if rule.Scale.Set {
			m.scale = rule.Scale.Val
		}
		switch rule.ObserverType {
		case mapper.ObserverTypeHistogram:
			kindOf, buckets = Histogram, rule.HistogramOptions.Buckets
		case mapper.ObserverTypeSummary:
			kindOf = Summary
			if o := rule.SummaryOptions; o != nil {
				opts.MaxAge, opts.AgeBuckets, opts.BufCap = max(o.MaxAge, 0), o.AgeBuckets, o.BufCap
				if len(o.Quantiles) > 0 {
					clear(objectives)
				}
				for _, q := range o.Quantiles {
					objectives[q.Quantile] = q.Error
				}
			}
		}
	}
	if k != timer && k != observation {
		m.series = []samples.Series{{Labels: ls}}
		return m
	}
	switch kindOf {
	case Histogram:
		m.observer, m.series = newClassic(ls, buckets)
	case Summary:
		opts.Objectives = objectives
		m.observer, m.series = newSummary(ls, opts)
	default:
		m.observer, m.series = newNative(ls)
	}
	return m
}

// flush appends every metric at now, and ends those that were not seen for
// long.
func (a *aggregate) flush(b *samples.Batch, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ended := false
	for key, m := range a.all {
		if m.ttl > 0 && now.Sub(m.seen) > m.ttl {
			m.end(b, now.UnixMilli())
			delete(a.all, key)
			a.series -= len(m.series)
			ended = true
			continue
		}
		m.store(b, now.UnixMilli())
	}
	if ended {
		clear(a.found) // which may lead to them
	}
}
