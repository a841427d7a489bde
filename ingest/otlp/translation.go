package otlp

import (
	"github.com/prometheus/otlptranslator"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
)

// A translation is how names and attributes of metrics become Prometheus'.
type translation struct {
	settings prometheusremotewrite.Settings
	metric   otlptranslator.MetricNamer
	label    otlptranslator.LabelNamer
}

func newTranslation(c Config) *translation {
	utf8 := !c.TranslationStrategy.ShouldEscape()
	suffixes := c.TranslationStrategy.ShouldAddSuffixes()
	return &translation{
		settings: prometheusremotewrite.Settings{
			AddMetricSuffixes: suffixes,
			AllowUTF8:         utf8,
			PromoteResourceAttributes: prometheusremotewrite.NewPromoteResourceAttributes(promconfig.OTLPConfig{
				PromoteAllResourceAttributes: c.PromoteAllResourceAttributes,
				PromoteResourceAttributes:    c.PromoteResourceAttributes,
				IgnoreResourceAttributes:     c.IgnoreResourceAttributes,
			}),
			KeepIdentifyingResourceAttributes:    c.KeepIdentifyingResourceAttributes,
			ConvertHistogramsToNHCB:              c.ConvertHistogramsToNHCB,
			PromoteScopeMetadata:                 c.PromoteScopeMetadata,
			LabelNameUnderscoreSanitization:      c.LabelNameUnderscoreSanitization,
			LabelNamePreserveMultipleUnderscores: c.LabelNamePreserveMultipleUnderscores,
		},
		metric: otlptranslator.MetricNamer{WithMetricSuffixes: suffixes, UTF8Allowed: utf8},
		label: otlptranslator.LabelNamer{
			UTF8Allowed:                 utf8,
			UnderscoreLabelSanitization: c.LabelNameUnderscoreSanitization, //nolint:staticcheck // Prometheus has the setting too
			PreserveMultipleUnderscores: c.LabelNamePreserveMultipleUnderscores,
		},
	}
}

// labelError says why an attribute called key cannot become a label, or nil.
func (t *translation) labelError(key string) error {
	for i := range len(key) {
		c := key[i]
		if c != '_' && isLabelByte(c) {
			return nil // the rule is about names of underscores alone
		}
	}
	_, err := t.label.Build(key)
	return err
}
