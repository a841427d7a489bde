package downsample

import (
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	written  *prometheus.CounterVec
	duration *prometheus.HistogramVec
	failures prometheus.Counter
	broken   prometheus.Counter
	bytes    *prometheus.GaugeVec
	lag      *prometheus.GaugeVec
	queries  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	byLevel := []string{"resolution"}
	m := &metrics{
		written: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_metric_downsample_blocks_written_total",
			Help: "Blocks of downsampled samples written, by why: a day is new, is made anew after deletes or late samples, or days are merged.",
		}, []string{"resolution", "why"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "oriel_metric_downsample_block_duration_seconds",
			Help:    "Time to write one block, pauses included.",
			Buckets: prometheus.ExponentialBuckets(0.1, 4, 8),
		}, byLevel),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_downsample_failures_total",
			Help: "Passes over the blocks that ended with an error; each is tried again.",
		}),
		broken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_downsample_broken_blocks_total",
			Help: "Blocks put aside at the start because they could not be read.",
		}),
		bytes: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "oriel_metric_downsample_bytes",
			Help: "Size of the blocks.",
		}, byLevel),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "oriel_metric_downsample_lag_days",
			Help: "Days of samples that are old enough and not yet downsampled.",
		}, byLevel),
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_metric_downsample_selects_total",
			Help: "Selectors of queries that read downsampled samples, by the coarsest they read.",
		}, byLevel),
	}
	if reg != nil {
		reg.MustRegister(m.written, m.duration, m.failures, m.broken, m.bytes, m.lag, m.queries)
	}
	return m
}

// observe sets the gauges of sizes.
func (s *Store) observe() {
	for _, st := range s.Status() {
		s.metrics.bytes.WithLabelValues(st.Resolution).Set(float64(st.Bytes))
	}
}
