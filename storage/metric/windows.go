package metric

import (
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

// windowsDir is below the database's directory, which passes over it.
const windowsDir = "downsampled"

// openWindows opens what old samples were downsampled to.
func (s *Store) openWindows(reg prometheus.Registerer) (err error) {
	if s.rules, err = parseRules(s.cfg.RetentionRules); err != nil {
		return err
	}
	s.windows, err = downsample.Open(downsample.Options{
		Dir: filepath.Join(s.cfg.Dir, windowsDir), Levels: s.cfg.Downsampling, DB: s.db,
		Changed: s.changes.note, Log: s.log, Registerer: reg,
	})
	return err
}

// Downsampled is what there is of each resolution.
func (s *Store) Downsampled() []downsample.Status { return s.windows.Status() }
