package query

import (
	"errors"
	"fmt"
	"time"
)

// Limits is the `query` section of oriel.yaml: what one query may cost. An
// error over a limit names the key to raise.
type Limits struct {
	Timeout       time.Duration `yaml:"timeout"`        // of one query
	MaxConcurrent int           `yaml:"max_concurrent"` // queries evaluated at once; more wait
	MaxSamples    int           `yaml:"max_samples"`    // PromQL samples in memory at once
	MaxLines      int           `yaml:"max_lines"`      // log lines one query may return
	MaxSeries     int           `yaml:"max_series"`     // series a LogQL or TraceQL metric query may return
	MaxPoints     int           `yaml:"max_points"`     // steps of a range query; PromQL has Prometheus' ceiling of 11000 besides
	MaxRows       int64         `yaml:"max_rows"`       // event rows one query may scan; 0 means no limit
	MaxMemory     int64         `yaml:"max_memory"`     // bytes of lines, or of series at every step, that one LogQL or TraceQL query may gather; 0 means no limit
	MaxBytes      int64         `yaml:"max_bytes"`      // of stored columns that one scan of a query may decode; 0 means no limit

	narrowing *Narrowing // of In
}

// DefaultLimits suits one node with 4 GiB of memory.
func DefaultLimits() Limits {
	return Limits{
		Timeout:       2 * time.Minute,
		MaxConcurrent: 20,
		MaxSamples:    50_000_000,
		MaxLines:      100_000,
		MaxSeries:     20_000,
		MaxPoints:     11_000,
		MaxMemory:     512 << 20,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (l Limits) Validate() error {
	var errs []error
	positive := func(key string, v int64) {
		if v < 1 {
			errs = append(errs, fmt.Errorf("%s: %d is not positive", key, v))
		}
	}
	if l.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("timeout: %v is not positive", l.Timeout))
	}
	positive("max_concurrent", int64(l.MaxConcurrent))
	positive("max_samples", int64(l.MaxSamples))
	positive("max_lines", int64(l.MaxLines))
	positive("max_series", int64(l.MaxSeries))
	positive("max_points", int64(l.MaxPoints))
	if l.MaxRows < 0 {
		errs = append(errs, fmt.Errorf("max_rows: %d is negative", l.MaxRows))
	}
	if l.MaxMemory < 0 {
		errs = append(errs, fmt.Errorf("max_memory: %d is negative", l.MaxMemory))
	}
	if l.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("max_bytes: %d is negative", l.MaxBytes))
	}
	return errors.Join(errs...)
}
