package metric

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
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
	Replay           *storage.Replay  `yaml:"-"`                   // told, while the store opens, how far it has come with the write-ahead log; nil for nobody

	Downsampling   []downsample.Level `yaml:"downsampling"`    // from the finest resolution to the coarsest; [] keeps samples as they came, only
	RetentionRules []RetentionRule    `yaml:"retention_rules"` // for series that go earlier than the rest
}

// DefaultConfig suits one node with 4 GiB of memory.
func DefaultConfig() Config {
	return Config{
		Retention:        model.Duration(15 * 24 * time.Hour),
		OutOfOrderWindow: model.Duration(3 * time.Hour),
		SyncInterval:     model.Duration(time.Second),
		MaxExemplars:     100_000,
		MaxFamilies:      50_000,
		Downsampling:     downsample.DefaultLevels(),
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
	late := max(time.Duration(c.OutOfOrderWindow)+minBlock, 0)
	if err := downsample.Validate(c.Downsampling, late); err != nil {
		errs = append(errs, prefixed("downsampling", err)...)
	}
	if _, err := parseRules(c.RetentionRules); err != nil {
		errs = append(errs, prefixed("retention_rules", err)...)
	}
	return errors.Join(errs...)
}

// minBlock is the time that tsdb's smallest blocks span: what is older is no
// longer in memory.
const minBlock = time.Duration(tsdb.DefaultBlockDuration) * time.Millisecond

// prefixed puts key before each error that err joins.
func prefixed(key string, err error) (errs []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{fmt.Errorf("%s%w", key, err)}
	}
	for _, e := range joined.Unwrap() {
		errs = append(errs, fmt.Errorf("%s%w", key, e))
	}
	return errs
}
