package admission

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	dropped *prometheus.CounterVec
	spoofed prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_ingest_rule_dropped_samples_total",
		Help: "Samples that ingest.metric_relabel_configs dropped, by the place of the rule in the list, from 0, and its action.",
	}, []string{"rule", "action"}), spoofed: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "oriel_ingest_tenant_labels_dropped_total",
		Help: "New series that came with the label of a tenant, which senders may not set: it was dropped.",
	})}
	reg.MustRegister(m.dropped, m.spoofed)
	return m
}
