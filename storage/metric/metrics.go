package metric

import "github.com/prometheus/client_golang/prometheus"

type storeMetrics struct {
	syncDuration           prometheus.Histogram
	syncFailures           prometheus.Counter
	refEntries             prometheus.Gauge
	refHits                prometheus.Counter
	refMisses              prometheus.Counter
	families               prometheus.Gauge
	familiesDropped        prometheus.Counter
	exemplarCommitFailures prometheus.Counter
	readOnly               prometheus.Gauge
	seriesRefused          *prometheus.CounterVec
	seriesWarned           *prometheus.CounterVec
}

func newStoreMetrics(reg prometheus.Registerer) *storeMetrics {
	m := &storeMetrics{
		syncDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "oriel_metric_wal_sync_duration_seconds",
			Help:    "Time to fsync the newest WAL segment.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 12),
		}),
		syncFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_wal_sync_failures_total",
			Help: "Failed fsyncs of WAL segments; a power cut may lose more than the sync interval.",
		}),
		refEntries: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_metric_series_ref_entries",
			Help: "Label sets in the series-reference cache, as of its last tidying.",
		}),
		refHits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_series_ref_hits_total",
			Help: "Series found in the series-reference cache.",
		}),
		refMisses: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_series_ref_misses_total",
			Help: "Series whose labels had to be built.",
		}),
		families: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_metric_families",
			Help: "Metric families whose type, help and unit are known.",
		}),
		familiesDropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_families_dropped_total",
			Help: "Metadata not kept because max_families is reached.",
		}),
		exemplarCommitFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_metric_exemplar_commit_failures_total",
			Help: "Transactions whose samples were stored and whose exemplars were not.",
		}),
		readOnly: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_metric_read_only",
			Help: "1 if the WAL has failed and no samples are taken until a restart.",
		}),
		seriesRefused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_metric_limit_refusals_total",
			Help: "Attempts to create a series that a limit refused, by the limit's key; each of its samples is one.",
		}, []string{"limit"}),
		seriesWarned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_metric_limit_warnings_total",
			Help: "Series created above limits.metric.warn_at of a limit, by the limit's key.",
		}, []string{"limit"}),
	}
	if reg != nil {
		reg.MustRegister(m.syncDuration, m.syncFailures, m.refEntries, m.refHits, m.refMisses,
			m.families, m.familiesDropped, m.exemplarCommitFailures, m.readOnly, m.seriesRefused, m.seriesWarned)
	}
	return m
}
