package otlp

import "github.com/prometheus/client_golang/prometheus"

// metrics are the Receiver's own beyond those of ingest.Account.
type metrics struct {
	exemplarsDropped prometheus.Counter
	warnings         *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer, d *tenantDeltas) *metrics {
	m := &metrics{
		exemplarsDropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_otlp_exemplars_dropped_total",
			Help: "Exemplars of stored OTLP data points that could not be kept.",
		}),
		warnings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_otlp_translation_warnings_total",
			Help: "Oddities of OTLP metrics that were stored all the same, by category.",
		}, []string{"category"}),
	}
	reg.MustRegister(m.exemplarsDropped, m.warnings, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "oriel_otlp_delta_series",
		Help: "Series whose delta points are being added up.",
	}, func() float64 { return float64(d.len()) }))
	return m
}
