package event

import (
	"errors"
	"fmt"
	"time"

	commonmodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Config is the `storage.event` section of oriel.yaml.
type Config struct {
	Dir string `yaml:"-"` // data folder, created if absent; set by the wiring

	Retention Duration          `yaml:"retention"` // rows of days that ended longer ago than this are dropped; 0 keeps all
	Streams   []StreamRetention `yaml:"streams"`   // other retentions; the first whose selector fits a stream counts
	MaxBytes  int64             `yaml:"max_bytes"` // of parts on disk, of both signals; the oldest are dropped first; 0 means no limit

	FlushRows  int      `yaml:"flush_rows"`  // head size, in rows, that starts a flush
	FlushBytes int64    `yaml:"flush_bytes"` // head size, in bytes of memory, that starts a flush
	FlushIdle  Duration `yaml:"flush_idle"`  // time without a write that starts a flush of a head with few rows

	// SyncDelay is how long a write waits for others to share its fsync. Writes
	// that come while one fsync runs share the next anyway, so 0 is right for
	// disks that take milliseconds.
	SyncDelay Duration `yaml:"sync_delay"`

	MaxPartRows int64   `yaml:"max_part_rows"` // parts are merged up to so many rows
	MergeCPU    float64 `yaml:"merge_cpu"`     // the share of one core that merging takes at most: it pauses for the rest of the time

	// FS replaces the disk in tests; nil means the disk.
	FS vfs.FS `yaml:"-"`

	// Replays are told, while the store opens, how far each signal has come
	// with its write-ahead log; signals that are not there tell nobody.
	Replays map[model.Signal]*storage.Replay `yaml:"-"`

	gain int // replaces mergeGain in tests, unless 0
}

func (c *Config) mergeGain() int {
	if c.gain > 0 {
		return c.gain
	}
	return mergeGain
}

// A StreamRetention is how long rows of some streams are kept, in days.
type StreamRetention struct {
	Selector string            `yaml:"selector"` // Prometheus': {app="x"}
	Period   Duration          `yaml:"period"`   // 0 keeps all
	Where    storage.Predicate `yaml:"-"`        // what Selector says, about streams alone; set by the wiring
}

// A Duration is a span of time that YAML spells as Prometheus does: 14d, 30s.
type Duration = commonmodel.Duration

// DefaultConfig suits one node with 4 GiB of memory.
func DefaultConfig() Config {
	return Config{
		Retention:  Duration(14 * 24 * time.Hour),
		FlushRows:  1 << 17,
		FlushBytes: 32 << 20,
		FlushIdle:  Duration(30 * time.Second),

		MaxPartRows: 2_250_000,
		MergeCPU:    0.5,
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
	for i, s := range c.Streams {
		if s.Where == nil || !streamOnly(s.Where) {
			errs = append(errs, fmt.Errorf("streams[%d].selector: %q is not a selector of streams", i, s.Selector))
		}
		if s.Period < 0 {
			errs = append(errs, fmt.Errorf("streams[%d].period: %v is negative", i, s.Period))
		}
	}
	if c.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("max_bytes: %d is negative", c.MaxBytes))
	}
	if c.MaxPartRows < 1 || c.MaxPartRows > maxPartRows {
		errs = append(errs, fmt.Errorf("max_part_rows: %d is not between 1 and %d", c.MaxPartRows, maxPartRows))
	}
	if !(c.MergeCPU >= minMergeCPU && c.MergeCPU <= 1) {
		errs = append(errs, fmt.Errorf("merge_cpu: %v is not between %v and 1", c.MergeCPU, minMergeCPU))
	}
	return errors.Join(errs...)
}

// minMergeCPU is enough for merging to get somewhere.
const minMergeCPU = 0.01

// maxPartRows bounds a part so that row numbers fit 32 bits with room to spare.
const maxPartRows = 1 << 28
