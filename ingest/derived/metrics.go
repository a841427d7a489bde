package derived

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	sets       prometheus.Gauge
	expired    prometheus.Counter
	overflowed prometheus.Counter
	skipped    prometheus.Counter

	exemplarsTaken, exemplarsRefused prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		sets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_derived_label_sets", Help: "Label sets of derived metrics, of which each makes a series or several.",
		}),
		expired:    counter("oriel_derived_label_sets_expired_total", "Label sets that ended because nothing was added for a while."),
		overflowed: counter("oriel_derived_overflow_rows_total", "Spans or records counted under the label value __overflow__, as there were too many label sets."),
		skipped:    counter("oriel_derived_skipped_rows_total", "Spans or records not counted because they ended too long ago or too far ahead."),

		exemplarsTaken:   counter("oriel_derived_exemplars_total", "Exemplars of derived metrics that the metric store took."),
		exemplarsRefused: counter("oriel_derived_refused_exemplars_total", "Exemplars of derived metrics that the metric store refused."),
	}
	reg.MustRegister(m.sets, m.expired, m.overflowed, m.skipped, m.exemplarsTaken, m.exemplarsRefused)
	return m
}
