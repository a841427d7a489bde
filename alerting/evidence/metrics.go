package evidence

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	seconds prometheus.Histogram
	missed  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "oriel_evidence_duration_seconds", Help: "Time it took to gather the evidence for a notification.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		missed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_evidence_missed_parts_total", Help: "Parts of evidence that were late, failed or were cut.",
		}, []string{"part"}),
	}
	reg.MustRegister(m.seconds, m.missed)
	for _, name := range partOrder {
		m.missed.WithLabelValues(name)
	}
	return m
}
