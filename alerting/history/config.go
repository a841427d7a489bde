package history

import (
	"errors"
	"fmt"
	"time"
)

// Config is the `alert_history` section of oriel.yaml. It is of the state
// database; what is in the event store has that store's retention.
type Config struct {
	Retention time.Duration `yaml:"retention"` // how long the lists go back
	MaxRows   int           `yaml:"max_rows"`  // of changes, and as many notifications
}

// DefaultConfig goes back a quarter.
func DefaultConfig() Config { return Config{Retention: 90 * 24 * time.Hour, MaxRows: 100_000} }

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if c.Retention <= 0 {
		errs = append(errs, fmt.Errorf("retention: %v is not positive", c.Retention))
	}
	if c.MaxRows < 1 {
		errs = append(errs, fmt.Errorf("max_rows: %d is not positive", c.MaxRows))
	}
	return errors.Join(errs...)
}
