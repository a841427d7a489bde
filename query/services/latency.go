package services

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"github.com/oriel-obs/oriel/model"
)

// latencies are how long calls took, by key: all of them, and those that did
// not fail.
type latencies struct {
	all, served map[string]*histogram.FloatHistogram
}

// latencies asks for those of the spans that matchers, in PromQL, keep, once
// for all quantiles: reading histograms is what it costs. key makes one of the
// labels in by; what it returns "" of is left out.
func (s *Services) latencies(ctx context.Context, r model.Range, matchers, by string, key func(labels.Labels) string) (latencies, error) {
	l := latencies{map[string]*histogram.FloatHistogram{}, map[string]*histogram.FloatHistogram{}}
	v, err := s.vector(ctx, r, fmt.Sprintf("sum by (status_code, %s) (rate(%s{%s}[%%s]))", by, latencyMetric, matchers))
	if err != nil {
		return l, err
	}
	for _, sample := range v {
		k := key(sample.Metric)
		if k == "" || sample.H == nil {
			continue
		}
		if err := add(l.all, k, sample.H); err != nil {
			return l, err
		}
		if sample.Metric.Get("status_code") == statusError {
			continue
		}
		if err := add(l.served, k, sample.H); err != nil {
			return l, err
		}
	}
	return l, nil
}

func add(to map[string]*histogram.FloatHistogram, key string, h *histogram.FloatHistogram) error {
	sum := to[key]
	if sum == nil {
		to[key] = h.Copy()
		return nil
	}
	if _, _, _, err := sum.Add(h); err != nil {
		return fmt.Errorf("add durations of %s: %w", key, err)
	}
	return nil
}

// into sets the durations of m, whose calls are counted.
func (l latencies) into(m *RED, key string, satisfied time.Duration) {
	all := l.all[key]
	m.P50, m.P95, m.P99 = quantile(0.5, all), quantile(0.95, all), quantile(0.99, all)
	if m.P50 == nil {
		return // durations are not measured
	}
	apdex := 0.0
	if served := l.served[key]; served != nil {
		good := satisfied.Seconds()
		if of := fraction(0, good, served) + fraction(good, 4*good, served)/2; !math.IsNaN(of) {
			apdex = of * (1 - m.ErrorRatio)
		}
	}
	m.Apdex = &apdex
}

// quantile returns nil where nothing was measured.
func quantile(q float64, h *histogram.FloatHistogram) *float64 {
	if h == nil {
		return nil
	}
	v, _ := promql.HistogramQuantile(q, h, latencyMetric, posrange.PositionRange{})
	return known(v)
}

func fraction(from, to float64, h *histogram.FloatHistogram) float64 {
	v, _ := promql.HistogramFraction(from, to, h, latencyMetric, posrange.PositionRange{})
	return v
}

// mean returns nil where nothing was measured.
func mean(h *histogram.FloatHistogram) *float64 {
	if h == nil {
		return nil
	}
	return known(h.Sum / h.Count)
}

func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}
