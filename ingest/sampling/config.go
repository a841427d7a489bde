package sampling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Config is the `ingest.spans.sampling` section of oriel.yaml.
type Config struct {
	Enabled           bool          `yaml:"enabled"`
	Probability       float64       `yaml:"probability"`          // share of traces kept by head, 0 to 1
	MaxSpansPerSecond float64       `yaml:"max_spans_per_second"` // kept by head of each service, about; 0 for no limit
	Errors            bool          `yaml:"errors"`               // keep spans with status error
	SlowerThan        time.Duration `yaml:"slower_than"`          // keep spans that took longer; 0 for none
	RootSlowerThan    time.Duration `yaml:"root_slower_than"`     // keep traces whose root took longer; 0 for none
	Attributes        []Attribute   `yaml:"attributes"`           // keep spans that have one of these
	Remember          int           `yaml:"remember"`             // traces kept by rule whose further spans are kept too
	DecisionWait      time.Duration `yaml:"decision_wait"`        // for the rest of a trace; 0 decides at once
	MaxWaitingBytes   int           `yaml:"max_waiting_bytes"`    // that spans take meanwhile; beyond, the oldest trace is decided on
}

// An Attribute is one of a span or its resource, and its value as text.
type Attribute struct {
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

// DefaultConfig is off. Once on, it keeps everything until told a share.
func DefaultConfig() Config {
	return Config{Probability: 1, Errors: true, Remember: 100_000, MaxWaitingBytes: 64 << 20}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if !(c.Probability >= 0 && c.Probability <= 1) { // nor NaN
		errs = append(errs, fmt.Errorf("probability: %g is not within 0 and 1", c.Probability))
	}
	if !(c.MaxSpansPerSecond >= 0) || math.IsInf(c.MaxSpansPerSecond, 0) {
		errs = append(errs, fmt.Errorf("max_spans_per_second: %g is not a number from 0", c.MaxSpansPerSecond))
	}
	for _, d := range []struct {
		key string
		v   time.Duration
	}{{"slower_than", c.SlowerThan}, {"root_slower_than", c.RootSlowerThan}, {"decision_wait", c.DecisionWait}} {
		if d.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %v is negative", d.key, d.v))
		}
	}
	if c.DecisionWait > 0 && c.Remember == 0 {
		errs = append(errs, errors.New("remember: must be above 0 for decision_wait to keep whole traces"))
	}
	if c.MaxWaitingBytes < 1<<20 {
		errs = append(errs, fmt.Errorf("max_waiting_bytes: %d is less than 1 MiB", c.MaxWaitingBytes))
	}
	if c.Remember < 0 {
		errs = append(errs, fmt.Errorf("remember: %d is negative", c.Remember))
	}
	for i, a := range c.Attributes {
		if a.Key == "" {
			errs = append(errs, fmt.Errorf("attributes[%d].key: must be set", i))
		}
	}
	return errors.Join(errs...)
}
