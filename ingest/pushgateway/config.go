package pushgateway

import (
	"errors"
	"fmt"
	"time"
)

// Config is the `ingest.pushgateway` section of oriel.yaml.
type Config struct {
	Interval  time.Duration `yaml:"interval"`   // between samples of a pushed series
	MaxGroups int           `yaml:"max_groups"` // a push that would make more is refused
	MaxSeries int           `yaml:"max_series"` // of all groups together
}

// DefaultConfig appends twice as often as a series would need to stay visible
// in a rate over a minute.
func DefaultConfig() Config {
	return Config{Interval: 30 * time.Second, MaxGroups: 20_000, MaxSeries: 500_000}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Interval < time.Second || c.Interval > 4*time.Minute {
		errs = append(errs, fmt.Errorf("interval: %v is not between 1s and 4m, or series would go stale after 5m", c.Interval))
	}
	if c.MaxGroups < 1 {
		errs = append(errs, fmt.Errorf("max_groups: %d is not positive", c.MaxGroups))
	}
	if c.MaxSeries < 1 {
		errs = append(errs, fmt.Errorf("max_series: %d is not positive", c.MaxSeries))
	}
	return errors.Join(errs...)
}
