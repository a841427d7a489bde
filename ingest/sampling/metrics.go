package sampling

import "github.com/prometheus/client_golang/prometheus"

type metrics struct{ spans [outcomes]prometheus.Counter }

func newMetrics(reg prometheus.Registerer) *metrics {
	spans := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_sampling_spans_total", Help: "Spans that sampling decided on: dropped, or kept by rule, by head or as part of a trace kept by rule.",
	}, []string{"decision"})
	reg.MustRegister(spans)
	m := &metrics{}
	for o, name := range [outcomes]string{dropped: "dropped", byRule: "rule", byHead: "head", byTrace: "trace"} {
		m.spans[o] = spans.WithLabelValues(name)
	}
	return m
}

func (m *metrics) note(d *decisions) {
	for o, n := range d.counts {
		m.spans[o].Add(float64(n))
	}
}
