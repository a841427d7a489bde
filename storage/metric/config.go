package metric

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
)

// Config is the `storage.metric` section of oriel.yaml. Durations take
// Prometheus' units, as in 15d or 2h30m.
type Config struct {
	Dir              string           `yaml:"-"`                   // data folder, created if absent; set by the caller
	Retention        model.Duration   `yaml:"retention"`           // blocks wholly older than this are dropped; 0 keeps all
	RetentionSize    units.Base2Bytes `yaml:"retention_size"`      // of all blocks, as in 50GiB; the oldest go first; 0 means no limit
	OutOfOrderWindow model.Duration   `yaml:"out_of_order_window"` // how far behind the newest sample an older one may come; 0 refuses it
	SyncInterval     model.Duration   `yaml:"sync_interval"`       // most of what a power cut can take; a kill takes nothing
	MaxExemplars     int64            `yaml:"max_exemplars"`       // kept in memory, the newest win; 0 keeps none
	MaxFamilies      int              `yaml:"max_families"`        // metric families whose type, help and unit are kept
}

// DefaultConfig suits one node with 4 GiB of memory.
func DefaultConfig() Config {
	return Config{
		Retention:        model.Duration(15 * 24 * time.Hour),
		OutOfOrderWindow: model.Duration(30 * time.Minute),
		SyncInterval:     model.Duration(time.Second),
		MaxExemplars:     100_000,
		MaxFamilies:      50_000,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("dir: must be set"))
	}
	for _, d := range []struct {
		key string
		v   model.Duration
	}{{"retention", c.Retention}, {"out_of_order_window", c.OutOfOrderWindow}} {
		if d.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", d.key, time.Duration(d.v)))
		}
	}
	if c.SyncInterval < model.Duration(time.Millisecond) {
		errs = append(errs, fmt.Errorf("sync_interval: %v is shorter than 1ms", time.Duration(c.SyncInterval)))
	}
	for _, n := range []struct {
		key string
		v   int64
	}{
		{"retention_size", int64(c.RetentionSize)}, {"max_exemplars", c.MaxExemplars}, {"max_families", int64(c.MaxFamilies)},
	} {
		if n.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %d is negative", n.key, n.v))
		}
	}
	return errors.Join(errs...)
}
