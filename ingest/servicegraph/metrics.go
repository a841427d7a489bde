package servicegraph

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	waiting        prometheus.Gauge
	dropped        prometheus.Counter
	unpairedClient prometheus.Counter
	unpairedServer prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	unpaired := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_service_graph_unpaired_spans_total", Help: "Spans whose other side did not come in time, and that make no edge.",
	}, []string{"side"})
	m := &metrics{
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_service_graph_waiting_spans", Help: "Spans that wait for the other side of their call.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_service_graph_dropped_spans_total", Help: "Spans that could not wait for their other side, as too many did.",
		}),
		unpairedClient: unpaired.WithLabelValues("client"),
		unpairedServer: unpaired.WithLabelValues("server"),
	}
	reg.MustRegister(m.waiting, m.dropped, unpaired)
	return m
}
