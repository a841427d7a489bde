// Package quota holds tenants and tokens to rates of what they send: so many
// log lines, spans, samples and bytes a second. Who comes near a rate is warned
// before anything is refused.
package quota

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Kind is what there is a rate of.
type Kind string

// The kinds.
const (
	Bytes   Kind = "bytes_per_second" // of log lines, span names and attributes
	Lines   Kind = "lines_per_second"
	Spans   Kind = "spans_per_second"
	Samples Kind = "samples_per_second"
)

// Rates are the most that somebody may send in the long run; 0 is no limit.
type Rates struct {
	Bytes   float64 `yaml:"bytes_per_second"`
	Lines   float64 `yaml:"lines_per_second"`
	Spans   float64 `yaml:"spans_per_second"`
	Samples float64 `yaml:"samples_per_second"`
	Streams int     `yaml:"max_streams"` // of logs and spans that had rows in the last one to two hours
}

func (r Rates) of(k Kind) float64 {
	switch k {
	case Bytes:
		return r.Bytes
	case Lines:
		return r.Lines
	case Spans:
		return r.Spans
	case Samples:
		return r.Samples
	}
	return 0
}

// Config is the `limits.rates` section of oriel.yaml.
type Config struct {
	Tenant  Rates            `yaml:"tenant"`  // of each tenant that Tenants does not name; without tenants of everybody together
	Tenants map[string]Rates `yaml:"tenants"` // by name
	Token   Rates            `yaml:"token"`   // of each token that Tokens does not name
	Tokens  map[string]Rates `yaml:"tokens"`  // by name

	Burst      time.Duration `yaml:"burst"`       // how long of a rate may come at once
	WarnAt     float64       `yaml:"warn_at"`     // share of a rate from which senders are warned; 0 or 1 does not warn
	MaxTenants int           `yaml:"max_tenants"` // that may send anything while the process runs; 0 is no limit
}

// DefaultConfig has no rates.
func DefaultConfig() Config { return Config{Burst: 10 * time.Second, WarnAt: 0.8, MaxTenants: 1000} }

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	check := func(key string, r Rates) {
		for _, k := range []Kind{Bytes, Lines, Spans, Samples} {
			if !(r.of(k) >= 0) {
				errs = append(errs, fmt.Errorf("%s.%s: %v is not a rate", key, k, r.of(k)))
			}
		}
		if r.Streams < 0 {
			errs = append(errs, fmt.Errorf("%s.max_streams: %d is negative", key, r.Streams))
		}
	}
	check("tenant", c.Tenant)
	check("token", c.Token)
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		check("tenants."+name, c.Tenants[name])
	}
	for _, name := range slices.Sorted(maps.Keys(c.Tokens)) {
		check("tokens."+name, c.Tokens[name])
	}
	if c.Burst < time.Second {
		errs = append(errs, fmt.Errorf("burst: %v is less than a second", c.Burst))
	}
	if !(c.WarnAt >= 0 && c.WarnAt <= 1) {
		errs = append(errs, fmt.Errorf("warn_at: %v is not between 0 and 1", c.WarnAt))
	}
	if c.MaxTenants < 0 {
		errs = append(errs, fmt.Errorf("max_tenants: %d is negative", c.MaxTenants))
	}
	return errors.Join(errs...)
}

// limits reports whether there is any rate.
func (c Config) limits() bool {
	return c.Tenant != (Rates{}) || c.Token != (Rates{}) || len(c.Tenants)+len(c.Tokens) > 0
}
