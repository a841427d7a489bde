package alerting

import (
	"errors"
	"fmt"
	"time"
)

// Config is the `rules` section of oriel.yaml. All keys but the last two mean what
// the flags and global settings of these names mean to Prometheus.
type Config struct {
	EvaluationInterval time.Duration `yaml:"evaluation_interval"` // of groups that set none
	QueryOffset        time.Duration `yaml:"query_offset"`        // of groups that set none: rules look this far back
	OutageTolerance    time.Duration `yaml:"outage_tolerance"`    // longest downtime after which pending alerts are restored
	ForGracePeriod     time.Duration `yaml:"for_grace_period"`    // least time from a restart to a restored alert's firing
	ResendDelay        time.Duration `yaml:"resend_delay"`        // least time between notifications of one firing alert

	// BuiltIn has Oriel's own rules evaluated, such as that notifications
	// arrive. They look at its own metrics, and so need self.enabled.
	BuiltIn bool `yaml:"built_in"`

	// WatchInterval is how often to look whether rule files have changed; 0
	// leaves that to a reload of the whole configuration.
	WatchInterval time.Duration `yaml:"watch_interval"`
}

// DefaultConfig has Prometheus' defaults.
func DefaultConfig() Config {
	return Config{
		EvaluationInterval: time.Minute,
		OutageTolerance:    time.Hour,
		ForGracePeriod:     10 * time.Minute,
		ResendDelay:        time.Minute,
		WatchInterval:      5 * time.Second,
		BuiltIn:            true,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.EvaluationInterval <= 0 {
		errs = append(errs, fmt.Errorf("evaluation_interval: %v is not positive", c.EvaluationInterval))
	}
	for _, d := range []struct {
		key string
		v   time.Duration
	}{
		{"query_offset", c.QueryOffset},
		{"outage_tolerance", c.OutageTolerance},
		{"for_grace_period", c.ForGracePeriod},
		{"resend_delay", c.ResendDelay},
		{"watch_interval", c.WatchInterval},
	} {
		if d.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", d.key, d.v))
		}
	}
	return errors.Join(errs...)
}
