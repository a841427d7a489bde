package notify

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of Alertmanager's that its process, not its packages,
// keep: the names are known to its mixin.
type metrics struct {
	receivers    prometheus.Gauge
	integrations prometheus.Gauge
	inhibitions  prometheus.Gauge
	reloadOK     prometheus.Gauge
	reloadTime   prometheus.Gauge
	saveFailures prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		reg.MustRegister(g)
		return g
	}
	m := &metrics{
		receivers:    gauge("alertmanager_receivers", "Number of configured receivers that routes lead to."),
		integrations: gauge("alertmanager_integrations", "Number of configured integrations."),
		inhibitions:  gauge("alertmanager_inhibition_rules", "Number of configured inhibition rules."),
		reloadOK:     gauge("alertmanager_config_last_reload_successful", "Whether the last configuration reload attempt was successful."),
		reloadTime:   gauge("alertmanager_config_last_reload_success_timestamp_seconds", "Timestamp of the last successful configuration reload."),
		saveFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_alerting_state_save_failures_total",
			Help: "Times silences, notification log and alerts could not be written to disk.",
		}),
	}
	reg.MustRegister(m.saveFailures)
	return m
}

// reloaded notes the outcome of a reload.
func (m *metrics) reloaded(err error) {
	if err != nil {
		m.reloadOK.Set(0)
		return
	}
	m.reloadOK.Set(1)
	m.reloadTime.Set(float64(time.Now().Unix()))
}

// applied notes what is at work.
func (m *metrics) applied(p *plan) {
	m.reloaded(nil)
	m.receivers.Set(float64(len(p.receivers)))
	m.integrations.Set(float64(p.integrations))
	m.inhibitions.Set(float64(len(p.conf.InhibitRules)))
}
