package alerting

import "github.com/prometheus/client_golang/prometheus"

// metrics are of the files; those of evaluation are Prometheus' own,
// prometheus_rule_*.
type metrics struct {
	loaded prometheus.Gauge
}

func newMetrics() *metrics {
	return &metrics{prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "oriel_rules_last_load_successful", Help: "Whether the rule files were good when they were last read.",
	})}
}

// note takes down the outcome of reading the files.
func (m *metrics) note(err error) {
	if err != nil {
		m.loaded.Set(0)
		return
	}
	m.loaded.Set(1)
}
