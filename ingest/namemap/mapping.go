// Package namemap turns names with dots into a metric's name and labels, by
// the rules of Prometheus' exporters for StatsD and Graphite: their mapping
// files are read as they are.
//
// Specification: https://github.com/prometheus/statsd_exporter, "Metric
// Mapping and Configuration". Without a file every name keeps its own, with
// underscores for what Prometheus' names may not have.
package namemap

import (
	"fmt"
	"os"

	"github.com/prometheus/statsd_exporter/pkg/mapper"
)

// ReasonUnmapped is the reason to count what the rules leave out under.
const ReasonUnmapped = "unmapped"

// Rules are those of a mapping file. They are safe for concurrent use.
type Rules struct {
	mapper *mapper.MetricMapper // nil for none
}

// Load reads the rules of file; "" gives none.
func Load(file string) (*Rules, error) {
	if file == "" {
		return &Rules{}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mapping_file: %w", err)
	}
	m := &mapper.MetricMapper{}
	if err := m.InitFromYAMLString(string(text)); err != nil {
		return nil, fmt.Errorf("mapping_file %s: %w", file, err)
	}
	return &Rules{mapper: m}, nil
}

// Empty reports whether there are none.
func (r *Rules) Empty() bool { return r.mapper == nil }

// Defaults are the file's; the zero value without one.
func (r *Rules) Defaults() mapper.MapperConfigDefaults {
	if r.mapper == nil {
		return mapper.MapperConfigDefaults{}
	}
	return r.mapper.Defaults
}

// A Result is what the rules say of a name.
type Result struct {
	Name    string            // the metric's; made as the package's comment says if no rule matches
	Labels  map[string]string // of the rule; nil for none
	Rule    *mapper.MetricMapping
	Matched bool // a rule matches
	Drop    bool // the rule is to drop it
}

// Find applies the first rule for name, of a metric of type t.
func (r *Rules) Find(name string, t mapper.MetricType) Result {
	if r.mapper != nil {
		rule, labels, ok := r.mapper.GetMapping(name, t)
		if ok {
			return Result{Name: rule.Name, Labels: labels, Rule: rule, Matched: true, Drop: rule.Action == mapper.ActionTypeDrop}
		}
	}
	return Result{Name: name}
}
