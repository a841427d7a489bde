package storage

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
)

// SeriesLimits is the `limits.metric` section of oriel.yaml, and what of the
// section around it is about series: which new series a metric store takes.
// They are checked when a series is created, so samples of a series that
// exists are taken whatever the limits. Zero turns a limit off.
type SeriesLimits struct {
	MaxSeries          int `yaml:"max_series" json:"max_series"`                       // active ones: with a sample in the head, the last two to three hours
	MaxSeriesPerMetric int `yaml:"max_series_per_metric" json:"max_series_per_metric"` // active ones of each name
	MaxSeriesPerTenant int `yaml:"max_series_per_tenant" json:"max_series_per_tenant"` // but the default one

	// MaxSeriesOfTenants is instead of MaxSeriesPerTenant for those it names.
	MaxSeriesOfTenants map[string]int `yaml:"max_series_of_tenants" json:"max_series_of_tenants,omitempty"`

	// WarnAt is the share of a limit from which on new series are counted and
	// logged, though still taken; 0 or 1 does not warn.
	WarnAt float64 `yaml:"warn_at" json:"warn_at"`

	// These are limits.max_labels and its like.
	MaxLabels          int `yaml:"-" json:"max_labels"` // of one series, its name included
	MaxLabelNameBytes  int `yaml:"-" json:"max_label_name_bytes"`
	MaxLabelValueBytes int `yaml:"-" json:"max_label_value_bytes"`
}

// DefaultSeriesLimits takes any number of series.
func DefaultSeriesLimits() SeriesLimits { return SeriesLimits{WarnAt: 0.8} }

// Validate returns every problem at once, each prefixed with its key.
func (l SeriesLimits) Validate() error {
	var errs []error
	for _, n := range []struct {
		key string
		v   int
	}{{"max_series", l.MaxSeries}, {"max_series_per_metric", l.MaxSeriesPerMetric}, {"max_series_per_tenant", l.MaxSeriesPerTenant}} {
		if n.v < 0 {
			errs = append(errs, fmt.Errorf("%s: %d is negative", n.key, n.v))
		}
	}
	for _, tenant := range slices.Sorted(maps.Keys(l.MaxSeriesOfTenants)) {
		if n := l.MaxSeriesOfTenants[tenant]; n < 0 {
			errs = append(errs, fmt.Errorf("max_series_of_tenants.%s: %d is negative", tenant, n))
		}
	}
	if !(l.WarnAt >= 0 && l.WarnAt <= 1) {
		errs = append(errs, fmt.Errorf("warn_at: %v is not between 0 and 1", l.WarnAt))
	}
	return errors.Join(errs...)
}

// ErrSeriesLimit is wrapped by the error of a sample whose series would be one
// too many. The sample is refused, and with it no other: what it says names
// the metric, the limit and its key.
var ErrSeriesLimit = fmt.Errorf("series limit reached: %w", fault.ErrInvalid)

// ErrLabelLimit is wrapped by the error of a sample whose series has too many
// labels, or too long ones.
var ErrLabelLimit = fmt.Errorf("label limit exceeded: %w", fault.ErrInvalid)
