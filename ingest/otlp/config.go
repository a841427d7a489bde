package otlp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/otlptranslator"
	promconfig "github.com/prometheus/prometheus/config"
)

// Config is the `ingest.otlp` section of oriel.yaml. Names that Prometheus' `otlp`
// section has too mean the same.
type Config struct {
	DiscoverServiceName bool `yaml:"discover_service_name"` // give log streams without service.name a service_name label
	DiscoverLevel       bool `yaml:"discover_level"`        // give log records a detected_level attribute

	TranslationStrategy                  otlptranslator.TranslationStrategyOption `yaml:"translation_strategy"`                     // how names become Prometheus'
	PromoteAllResourceAttributes         bool                                     `yaml:"promote_all_resource_attributes"`          // to labels
	PromoteResourceAttributes            []string                                 `yaml:"promote_resource_attributes"`              // attributes that become labels, k8s.* for all that begin so; absent means service.*, k8s.* and a few
	IgnoreResourceAttributes             []string                                 `yaml:"ignore_resource_attributes"`               // exceptions from "all"
	KeepIdentifyingResourceAttributes    bool                                     `yaml:"keep_identifying_resource_attributes"`     // service.name and the like on target_info too, where job and instance have them
	ConvertHistogramsToNHCB              bool                                     `yaml:"convert_histograms_to_nhcb"`               // explicit histograms to native ones with custom buckets
	PromoteScopeMetadata                 bool                                     `yaml:"promote_scope_metadata"`                   // to labels otel_scope_...
	LabelNameUnderscoreSanitization      bool                                     `yaml:"label_name_underscore_sanitization"`       // key_ before names that begin with one underscore
	LabelNamePreserveMultipleUnderscores bool                                     `yaml:"label_name_preserve_multiple_underscores"` // else several become one

	// Delta sums and histograms are added up per series.
	DeltaMaxSeries int           `yaml:"delta_max_series"` // more are refused; 0 refuses all delta metrics
	DeltaMaxIdle   time.Duration `yaml:"delta_max_idle"`   // a series silent for longer starts again at zero
	DeltaGapResets bool          `yaml:"delta_gap_resets"` // a series starts again at zero where points do not join, as OpenTelemetry's data model has it; else it goes on, as in Prometheus
}

// DefaultPromoted returns the resource attributes that become labels unless a
// configuration says which do. Prometheus has none, and so needs a join with
// target_info for what people ask by.
func DefaultPromoted() []string {
	return []string{"service.*", "k8s.*", "deployment.environment", "deployment.environment.name", "host.name"}
}

// DefaultConfig is what Prometheus and Loki do unless told otherwise, but for
// DefaultPromoted.
func DefaultConfig() Config {
	return Config{
		DiscoverServiceName:                  true,
		DiscoverLevel:                        true,
		TranslationStrategy:                  otlptranslator.UnderscoreEscapingWithSuffixes,
		LabelNameUnderscoreSanitization:      true,
		LabelNamePreserveMultipleUnderscores: true,
		DeltaMaxSeries:                       100_000,
		DeltaMaxIdle:                         5 * time.Minute,
	}
}

// Adopt takes over Prometheus' own section. What it leaves out is as in
// Prometheus then: no resource attribute becomes a label unless it says so.
func (c *Config) Adopt(p promconfig.OTLPConfig) {
	c.TranslationStrategy = p.TranslationStrategy
	c.PromoteAllResourceAttributes = p.PromoteAllResourceAttributes
	c.PromoteResourceAttributes = append([]string{}, p.PromoteResourceAttributes...)
	c.IgnoreResourceAttributes = p.IgnoreResourceAttributes
	c.KeepIdentifyingResourceAttributes = p.KeepIdentifyingResourceAttributes
	c.ConvertHistogramsToNHCB = p.ConvertHistogramsToNHCB
	c.PromoteScopeMetadata = p.PromoteScopeMetadata
	c.LabelNameUnderscoreSanitization = p.LabelNameUnderscoreSanitization
	c.LabelNamePreserveMultipleUnderscores = p.LabelNamePreserveMultipleUnderscores
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	switch c.TranslationStrategy {
	case otlptranslator.UnderscoreEscapingWithSuffixes, otlptranslator.UnderscoreEscapingWithoutSuffixes,
		otlptranslator.NoUTF8EscapingWithSuffixes, otlptranslator.NoTranslation:
	default:
		errs = append(errs, fmt.Errorf("translation_strategy: %q is none of %s, %s, %s, %s", c.TranslationStrategy,
			otlptranslator.UnderscoreEscapingWithSuffixes, otlptranslator.UnderscoreEscapingWithoutSuffixes,
			otlptranslator.NoUTF8EscapingWithSuffixes, otlptranslator.NoTranslation))
	}
	if c.PromoteAllResourceAttributes && len(c.PromoteResourceAttributes) > 0 {
		errs = append(errs, errors.New("promote_resource_attributes: has no meaning with promote_all_resource_attributes"))
	}
	for _, list := range []struct {
		key   string
		attrs []string
	}{{"promote_resource_attributes", c.PromoteResourceAttributes}, {"ignore_resource_attributes", c.IgnoreResourceAttributes}} {
		for _, a := range list.attrs {
			if i := strings.IndexByte(a, '*'); a == "" || i >= 0 && i < len(a)-1 {
				errs = append(errs, fmt.Errorf("%s: %q is neither a name nor the beginning of one and *", list.key, a))
			}
		}
	}
	if !c.PromoteAllResourceAttributes && len(c.IgnoreResourceAttributes) > 0 {
		errs = append(errs, errors.New("ignore_resource_attributes: has no meaning without promote_all_resource_attributes"))
	}
	if c.DeltaMaxSeries < 0 {
		errs = append(errs, fmt.Errorf("delta_max_series: %d is negative", c.DeltaMaxSeries))
	}
	if c.DeltaMaxIdle <= 0 {
		errs = append(errs, fmt.Errorf("delta_max_idle: %v is not positive", c.DeltaMaxIdle))
	}
	return errors.Join(errs...)
}
