package tap

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	followers prometheus.Gauge
	missed    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		followers: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_tap_followers",
			Help: "Live tails and others that are shown log records as they come in.",
		}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_tap_missed_rows_total",
			Help: "Log records that followers were too slow for; they have been told.",
		}),
	}
	reg.MustRegister(m.followers, m.missed)
	return m
}
