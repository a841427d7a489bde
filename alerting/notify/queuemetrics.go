package notify

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/storage/state"
)

// queueMetrics are of the queue of notifications. What waits and what was
// given up is counted in the database when somebody asks.
type queueMetrics struct {
	db        *state.DB
	dead      *prometheus.CounterVec
	notQueued prometheus.Counter

	mu         sync.Mutex
	recipients map[[2]string]bool // receiver and integration, of the configuration
}

var (
	queueLabels = []string{"receiver", "integration"}
	queueLength = prometheus.NewDesc("oriel_notify_queue_length", "Notifications that wait for their receiver.", queueLabels, nil)
	queueAge    = prometheus.NewDesc("oriel_notify_queue_oldest_age_seconds", "How long the oldest of them has waited.", queueLabels, nil)
	deadLetters = prometheus.NewDesc("oriel_notify_dead_letters", "Notifications that were given up, and neither tried again nor discarded since.", queueLabels, nil)
)

func newQueueMetrics(db *state.DB, reg prometheus.Registerer) *queueMetrics {
	m := &queueMetrics{
		db: db,
		dead: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_notify_given_up_total", Help: "Notifications given up.",
		}, queueLabels),
		notQueued: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_notify_not_queued_total", Help: "Notifications that the queue did not take, because it is full or the disk is, and that were delivered as Alertmanager does.",
		}),
	}
	reg.MustRegister(m, m.dead, m.notQueued)
	return m
}

// known has the metrics tell of these recipients also when nothing waits.
func (m *queueMetrics) known(to map[recipient]*deliverer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recipients = map[[2]string]bool{}
	for r := range to {
		m.recipients[[2]string{r.receiver, r.integration}] = true
		m.dead.WithLabelValues(r.receiver, r.integration)
	}
}

// Describe implements prometheus.Collector.
func (m *queueMetrics) Describe(c chan<- *prometheus.Desc) {
	c <- queueLength
	c <- queueAge
	c <- deadLetters
}

// countTimeout bounds how long an answer to a scrape waits for the database.
const countTimeout = 5 * time.Second

// Collect implements prometheus.Collector.
func (m *queueMetrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	counts, err := m.db.CountNotifications(ctx)
	if err != nil {
		c <- prometheus.NewInvalidMetric(queueLength, err)
		return
	}
	type row struct{ waiting, age, dead float64 }
	rows := map[[2]string]*row{}
	at := func(k [2]string) *row {
		if rows[k] == nil {
			rows[k] = &row{}
		}
		return rows[k]
	}
	m.mu.Lock()
	for k := range m.recipients {
		at(k)
	}
	m.mu.Unlock()
	for _, n := range counts {
		r := at([2]string{n.Receiver, n.Integration})
		if n.Dead {
			r.dead = float64(n.Rows)
		} else {
			r.waiting, r.age = float64(n.Rows), time.Since(n.Oldest).Seconds()
		}
	}
	for k, r := range rows {
		c <- prometheus.MustNewConstMetric(queueLength, prometheus.GaugeValue, r.waiting, k[:]...)
		c <- prometheus.MustNewConstMetric(queueAge, prometheus.GaugeValue, r.age, k[:]...)
		c <- prometheus.MustNewConstMetric(deadLetters, prometheus.GaugeValue, r.dead, k[:]...)
	}
}
