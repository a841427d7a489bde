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

// roomMetrics are those of a Room.
type roomMetrics struct{ waited, full prometheus.Counter }

func newRoomMetrics(reg prometheus.Registerer, r *Room) *roomMetrics {
	traces := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_sampling_traces_total", Help: "Traces that sampling decided on after they waited as long as they should, or sooner because too much waited.",
	}, []string{"reason"})
	gauge := func(name, help string, value *int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			r.mu.Lock()
			defer r.mu.Unlock()
			return float64(*value)
		})
	}
	reg.MustRegister(
		traces,
		gauge("oriel_sampling_waiting_spans", "Spans that wait for the rest of their trace.", &r.spans),
		gauge("oriel_sampling_waiting_bytes", "Memory that spans take which wait for the rest of their trace.", &r.bytes),
	)
	return &roomMetrics{waited: traces.WithLabelValues("waited"), full: traces.WithLabelValues("full")}
}
