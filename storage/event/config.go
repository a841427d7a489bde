package event

import (
	"errors"
	"fmt"
	"time"

	commonmodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// Config is the `storage.event` section of oriel.yaml.
type Config struct {
	Dir string `yaml:"-"` // data folder, created if absent; set by the wiring

	Retention  Duration `yaml:"retention"`   // days that ended longer ago than this are dropped; 0 keeps all
	FlushRows  int      `yaml:"flush_rows"`  // head size, in rows, that starts a flush
	FlushBytes int64    `yaml:"flush_bytes"` // head size, in bytes of memory, that starts a flush
	FlushIdle  Duration `yaml:"flush_idle"`  // time without a write that starts a flush

	// SyncDelay is how long a write waits for others to share its fsync. Writes
	// that come while one fsync runs share the next anyway, so 0 is right for
	// disks that take milliseconds.
	SyncDelay Duration `yaml:"sync_delay"`

	// FS replaces the disk in tests; nil means the disk.
	FS vfs.FS `yaml:"-"`
}

// A Duration is a span of time that YAML spells as Prometheus does: 14d, 30s.
type Duration = commonmodel.Duration

// DefaultConfig suits one node with 4 GiB of memory.
func DefaultConfig() Config {
	return Config{
		Retention:  Duration(14 * 24 * time.Hour),
		FlushRows:  1 << 18,
		FlushBytes: 64 << 20,
		FlushIdle:  Duration(30 * time.Second),
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("dir: must be set"))
	}
	if c.Retention < 0 {
		errs = append(errs, fmt.Errorf("retention: %v is negative", c.Retention))
	}
	if c.FlushRows < 1 || c.FlushRows > maxPartRows {
		errs = append(errs, fmt.Errorf("flush_rows: %d is not between 1 and %d", c.FlushRows, maxPartRows))
	}
	if c.FlushBytes < 1 || c.FlushBytes > 1<<30 {
		errs = append(errs, fmt.Errorf("flush_bytes: %d is not between 1 and %d", c.FlushBytes, 1<<30))
	}
	if c.FlushIdle <= 0 {
		errs = append(errs, fmt.Errorf("flush_idle: %v is not positive", c.FlushIdle))
	}
	if c.SyncDelay < 0 || time.Duration(c.SyncDelay) > time.Second {
		errs = append(errs, fmt.Errorf("sync_delay: %v is not between 0s and 1s", c.SyncDelay))
	}
	return errors.Join(errs...)
}

// maxPartRows bounds a part so that row numbers fit 32 bits with room to spare.
const maxPartRows = 1 << 28
