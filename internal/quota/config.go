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

	Shape `yaml:",inline"`
	Cost  `yaml:",inline"`
}

// A Shape is what rows and series may look like that somebody sends, within
// what the server takes of anybody; 0 is no limit of their own.
type Shape struct {
	Labels     int `yaml:"max_labels"`            // of a series or a stream
	LabelName  int `yaml:"max_label_name_bytes"`  // of such a label
	LabelValue int `yaml:"max_label_value_bytes"` // of such a label
	Line       int `yaml:"max_line_bytes"`        // of a log record
	Attrs      int `yaml:"max_attrs"`             // of a row besides its stream's
	AttrBytes  int `yaml:"max_attr_bytes"`        // of all these of a row, keys and values
}

// A Cost is what the queries of somebody may cost, within what the server lets
// anybody's; 0 is no limit of their own.
type Cost struct {
	Concurrent int           `yaml:"max_concurrent_queries"` // that run or wait; of more, the last is refused
	Timeout    time.Duration `yaml:"query_timeout"`          // of one query
	Rows       int64         `yaml:"max_query_rows"`         // of logs or spans that one query may scan
	Bytes      int64         `yaml:"max_query_bytes"`        // of stored columns that one scan of a query may decode
	Memory     int64         `yaml:"max_query_memory"`       // bytes that one LogQL or TraceQL query may gather
	Samples    int           `yaml:"max_query_samples"`      // that one PromQL query may have in memory
}

// narrow makes c as small as o where that says something.
func (c *Cost) narrow(o Cost) {
	least(&c.Timeout, o.Timeout)
	least(&c.Rows, o.Rows)
	least(&c.Bytes, o.Bytes)
	least(&c.Memory, o.Memory)
	least(&c.Samples, o.Samples)
}

func least[N ~int | ~int64](n *N, o N) {
	if o > 0 && (*n == 0 || o < *n) {
		*n = o
	}
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
		for _, n := range []struct {
			key string
			v   int64
		}{
			{"max_streams", int64(r.Streams)},
			{"max_labels", int64(r.Labels)},
			{"max_label_name_bytes", int64(r.LabelName)},
			{"max_label_value_bytes", int64(r.LabelValue)},
			{"max_line_bytes", int64(r.Line)},
			{"max_attrs", int64(r.Attrs)},
			{"max_attr_bytes", int64(r.AttrBytes)},
			{"max_concurrent_queries", int64(r.Concurrent)},
			{"query_timeout", int64(r.Timeout)},
			{"max_query_rows", r.Rows},
			{"max_query_bytes", r.Cost.Bytes},
			{"max_query_memory", r.Memory},
			{"max_query_samples", int64(r.Cost.Samples)},
		} {
			if n.v < 0 {
				errs = append(errs, fmt.Errorf("%s.%s: %d is negative", key, n.key, n.v))
			}
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

// any reports whether ok holds for what some tenant or token is held to.
func (c Config) any(ok func(Rates) bool) bool {
	for _, r := range c.Tenants {
		if ok(r) {
			return true
		}
	}
	for _, r := range c.Tokens {
		if ok(r) {
			return true
		}
	}
	return ok(c.Tenant) || ok(c.Token)
}
