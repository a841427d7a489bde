package spanmetrics

import (
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/ingest/derived"
)

// Config is the `ingest.spans.span_metrics` section of oriel.yaml.
type Config struct {
	Enabled        bool `yaml:"enabled"`
	derived.Timing `yaml:",inline"`

	Latency derived.Form `yaml:"latency"`
	Size    bool         `yaml:"size"` // traces_spanmetrics_size_total

	Intrinsic  Intrinsic `yaml:"intrinsic_dimensions"`
	Dimensions []string  `yaml:"dimensions"`  // attributes of resource or span, the resource's first, that become labels
	TargetInfo bool      `yaml:"target_info"` // traces_target_info, and with it the labels job and instance on all series
	Exemplars  bool      `yaml:"exemplars"`   // the slowest stored span of each label set and interval
}

// Intrinsic says which of the labels that every span has are made.
type Intrinsic struct {
	Service       bool `yaml:"service"`
	SpanName      bool `yaml:"span_name"`
	SpanKind      bool `yaml:"span_kind"`
	StatusCode    bool `yaml:"status_code"`
	StatusMessage bool `yaml:"status_message"`
}

// DefaultConfig is on, with the labels and buckets of Tempo.
func DefaultConfig() Config {
	return Config{
		Enabled: true,
		Timing:  derived.DefaultTiming(),
		Latency: derived.Form{
			Classic: true, Native: true,
			Buckets: []float64{0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.02, 2.05, 4.10},
		},
		Size:      true,
		Intrinsic: Intrinsic{Service: true, SpanName: true, SpanKind: true, StatusCode: true},
		Exemplars: true,
	}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	errs := []error{c.Timing.Validate()}
	if err := c.Latency.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("latency.%w", err))
	}
	seen := map[string]string{}
	for i, d := range c.Dimensions {
		label := dimensionLabel(d)
		if d == "" {
			errs = append(errs, fmt.Errorf("dimensions[%d]: must not be empty", i))
		} else if before, ok := seen[label]; ok {
			errs = append(errs, fmt.Errorf("dimensions[%d]: %q and %q are both label %s", i, before, d, label))
		}
		seen[label] = d
	}
	return errors.Join(errs...)
}

// The labels that spans have without being asked.
const (
	labelService       = "service"
	labelSpanName      = "span_name"
	labelSpanKind      = "span_kind"
	labelStatusCode    = "status_code"
	labelStatusMessage = "status_message"
	labelJob           = "job"
	labelInstance      = "instance"
)

// dimensionLabel spells an attribute as a label. One that a label of ours has
// gets two underscores ahead, as in Tempo.
func dimensionLabel(attr string) string {
	name := strutil.SanitizeFullLabelName(attr)
	if slices.Contains([]string{
		labelService, labelSpanName, labelSpanKind, labelStatusCode, labelStatusMessage, labelJob, labelInstance, "le",
	}, name) {
		return "__" + name
	}
	return name
}
