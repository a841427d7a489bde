package event

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/model"
)

// metrics are the store's, each with a label for the signal.
type metrics struct {
	appendedRows, flushedRows, replayedRows *prometheus.CounterVec
	scannedRows, scannedBytes               *prometheus.CounterVec
	writeErrors, busy, expired              *prometheus.CounterVec
	syncSeconds, flushSeconds               *prometheus.HistogramVec
	readOnly, quarantined, deletesPending   *prometheus.GaugeVec
	mergedRows, mergedBytes, mergeReadBytes *prometheus.CounterVec
	mergeErrors                             *prometheus.CounterVec
	mergeSeconds                            *prometheus.HistogramVec
}

// tableMetrics are those of one signal.
type tableMetrics struct {
	appendedRows, flushedRows, replayedRows prometheus.Counter
	scannedRows, scannedBytes               prometheus.Counter
	writeErrors, busy, expired              prometheus.Counter
	syncSeconds, flushSeconds               prometheus.Observer
	readOnly, quarantined, deletesPending   prometheus.Gauge
	mergedRows, mergedBytes, mergeReadBytes prometheus.Counter
	mergeErrors                             prometheus.Counter
	mergeSeconds                            prometheus.Observer
}

func newMetrics(reg prometheus.Registerer) *metrics {
	labels := []string{"signal"}
	counter := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "oriel_event_" + name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "oriel_event_" + name, Help: help}, labels)
		reg.MustRegister(g)
		return g
	}
	seconds := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "oriel_event_" + name, Help: help, Buckets: buckets}, labels)
		reg.MustRegister(h)
		return h
	}
	return &metrics{
		appendedRows: counter("appended_rows_total", "Rows made durable in the write-ahead log."),
		flushedRows:  counter("flushed_rows_total", "Rows written to parts."),
		replayedRows: counter("replayed_rows_total", "Rows read back from the write-ahead log at start."),
		scannedRows:  counter("scanned_rows_total", "Rows in the granules that scans have looked at."),
		scannedBytes: counter("scanned_bytes_total", "Bytes of columns that scans have decoded."),
		writeErrors:  counter("write_errors_total", "Failed writes to the log or to parts; each turns the store read-only for a while."),
		busy:         counter("busy_total", "Writes turned away because flushing did not keep up."),
		expired:      counter("expired_parts_total", "Parts deleted because they are over the retention or over max_bytes."),
		syncSeconds: seconds("wal_sync_duration_seconds", "Time to write and sync one group of batches.",
			prometheus.ExponentialBuckets(0.0005, 2, 13)),
		flushSeconds: seconds("flush_duration_seconds", "Time to turn one head into parts.",
			prometheus.ExponentialBuckets(0.01, 2, 12)),
		mergedRows:     counter("merged_rows_total", "Rows written to parts by merges."),
		mergedBytes:    counter("merged_bytes_total", "Bytes of the parts that merges have written."),
		mergeReadBytes: counter("merge_read_bytes_total", "Bytes of columns that merges have decoded."),
		mergeErrors:    counter("merge_errors_total", "Merges that failed, for instance on a full disk; each is tried again later."),
		mergeSeconds: seconds("merge_duration_seconds", "Time to merge parts into one, pauses included.",
			prometheus.ExponentialBuckets(0.01, 2, 18)),
		deletesPending: gauge("deletes_pending", "Deletes whose rows are in no answer but may still be on disk."),

		readOnly:    gauge("read_only", "1 while the disk cannot be written, else 0."),
		quarantined: gauge("quarantined", "Damaged parts and segments that were set aside."),
	}
}

func (m *metrics) of(sig model.Signal) tableMetrics {
	s := sig.String()
	return tableMetrics{
		appendedRows: m.appendedRows.WithLabelValues(s), flushedRows: m.flushedRows.WithLabelValues(s),
		replayedRows: m.replayedRows.WithLabelValues(s), scannedRows: m.scannedRows.WithLabelValues(s),
		scannedBytes: m.scannedBytes.WithLabelValues(s), writeErrors: m.writeErrors.WithLabelValues(s),
		busy: m.busy.WithLabelValues(s), expired: m.expired.WithLabelValues(s),
		syncSeconds: m.syncSeconds.WithLabelValues(s), flushSeconds: m.flushSeconds.WithLabelValues(s),
		mergedRows: m.mergedRows.WithLabelValues(s), mergedBytes: m.mergedBytes.WithLabelValues(s),
		mergeReadBytes: m.mergeReadBytes.WithLabelValues(s), mergeErrors: m.mergeErrors.WithLabelValues(s),
		mergeSeconds: m.mergeSeconds.WithLabelValues(s), deletesPending: m.deletesPending.WithLabelValues(s),
		readOnly: m.readOnly.WithLabelValues(s), quarantined: m.quarantined.WithLabelValues(s),
	}
}
