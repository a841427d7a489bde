package admission

import "github.com/prometheus/client_golang/prometheus"

type metrics struct{ dropped *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_ingest_rule_dropped_samples_total",
		Help: "Samples that ingest.metric_relabel_configs dropped, by the place of the rule in the list, from 0, and its action.",
	}, []string{"rule", "action"})}
	reg.MustRegister(m.dropped)
	return m
}
