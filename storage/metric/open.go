package metric

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"
)

// openDB opens the database. Where tsdb finds the WAL cut short, as a power cut
// leaves it, it mends it and goes on without reading the log of out-of-order
// samples, which it would drop at the next truncation: so it is opened once
// more.
func openDB(dir string, log *slog.Logger, reg prometheus.Registerer, o *tsdb.Options, stats *tsdb.DBStats) (*tsdb.DB, error) {
	first := &recorded{Registerer: reg}
	db, err := tsdb.Open(dir, log, first, o, stats)
	if err != nil {
		return nil, err
	}
	mended, err := first.counted("prometheus_tsdb_wal_corruptions_total")
	if err == nil && !mended {
		return db, nil
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, fmt.Errorf("open again after the WAL was mended: %w", err)
	}
	first.unregister()
	return tsdb.Open(dir, log, reg, o, stats)
}

// recorded is a Registerer that knows what was registered.
type recorded struct {
	prometheus.Registerer
	collectors []prometheus.Collector
}

// Register implements prometheus.Registerer.
func (r *recorded) Register(c prometheus.Collector) error {
	if err := r.Registerer.Register(c); err != nil {
		return err
	}
	r.collectors = append(r.collectors, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (r *recorded) MustRegister(cs ...prometheus.Collector) {
	r.Registerer.MustRegister(cs...)
	r.collectors = append(r.collectors, cs...)
}

func (r *recorded) unregister() {
	for _, c := range r.collectors {
		r.Unregister(c)
	}
}

// counted reports whether the counter called name is above 0.
func (r *recorded) counted(name string) (bool, error) {
	reg := prometheus.NewRegistry()
	for _, c := range r.collectors {
		if err := reg.Register(c); err != nil {
			return false, fmt.Errorf("read metrics of tsdb: %w", err)
		}
	}
	families, err := reg.Gather()
	if err != nil {
		return false, fmt.Errorf("read metrics of tsdb: %w", err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue() > 0, nil
		}
	}
	return false, fmt.Errorf("tsdb has no metric %s", name)
}
