package evidence

import (
	"errors"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/redact"
)

// Config is the `evidence` section of oriel.yaml.
type Config struct {
	Enabled  bool          `yaml:"enabled"`
	Timeout  time.Duration `yaml:"timeout"`   // the longest that a notification waits for evidence
	LogLines int           `yaml:"log_lines"` // at most; 0 looks for none
	Traces   int           `yaml:"traces"`    // at most; 0 looks for none
	Picture  bool          `yaml:"picture"`   // whether to draw one
	MaxBytes int           `yaml:"max_bytes"` // of the evidence as JSON; what is over is cut

	// Redact is what to take out of log lines, messages of spans and names;
	// beside what ingest.pipelines took out before they were stored.
	Redact redact.Config `yaml:"redact"`

	Retention time.Duration `yaml:"retention"`  // how long links to pictures and JSON work
	KeepBytes int64         `yaml:"keep_bytes"` // of them on disk; the oldest go first
}

// DefaultConfig returns the configuration of an empty section.
func DefaultConfig() Config {
	return Config{
		Enabled: true, Timeout: 5 * time.Second, LogLines: 10, Traces: 5, Picture: true, MaxBytes: 32 << 10,
		Redact:    redact.Config{Patterns: []string{"card", "email", "secret", "token"}},
		Retention: 7 * 24 * time.Hour, KeepBytes: 64 << 20,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Timeout > 0, "timeout: %v is not positive", c.Timeout)
	// Alertmanager gives a notification ten seconds at least.
	check(c.Timeout <= maxTimeout, "timeout: %v is longer than %v", c.Timeout, maxTimeout)
	check(c.LogLines >= 0 && c.LogLines <= maxLogLines, "log_lines: %d is not between 0 and %d", c.LogLines, maxLogLines)
	check(c.Traces >= 0 && c.Traces <= maxTraces, "traces: %d is not between 0 and %d", c.Traces, maxTraces)
	check(c.MaxBytes >= minBytes, "max_bytes: %d is less than %d", c.MaxBytes, minBytes)
	check(c.Retention > 0, "retention: %v is not positive", c.Retention)
	check(c.KeepBytes > 0, "keep_bytes: %d is not positive", c.KeepBytes)
	if _, err := redact.New(c.Redact); err != nil {
		errs = append(errs, fmt.Errorf("redact.%w", err))
	}
	return errors.Join(errs...)
}

const (
	maxTimeout  = 8 * time.Second
	maxLogLines = 100
	maxTraces   = 20
	minBytes    = 4 << 10
)
