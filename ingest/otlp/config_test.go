package otlp

import (
	"log/slog"
	"reflect"
	"testing"
	"time"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
)

func TestConfigErrorsNameTheirKey(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	for want, change := range map[string]func(c *Config){
		`translation_strategy: "Latin"`: func(c *Config) { c.TranslationStrategy = "Latin" },
		"promote_resource_attributes: has no meaning": func(c *Config) {
			c.PromoteAllResourceAttributes, c.PromoteResourceAttributes = true, []string{"a"}
		},
		`promote_resource_attributes: "k8s.*.name" is neither`: func(c *Config) { c.PromoteResourceAttributes = []string{"k8s.*.name"} },
		"ignore_resource_attributes: has no meaning":           func(c *Config) { c.IgnoreResourceAttributes = []string{"a"} },
		"delta_max_series: -1 is negative":                     func(c *Config) { c.DeltaMaxSeries = -1 },
		"delta_max_idle: 0s is not positive":                   func(c *Config) { c.DeltaMaxIdle = 0 },
	} {
		c := DefaultConfig()
		change(&c)
		require.ErrorContains(t, c.Validate(), want)
		_, err := New(Options{Config: c, Limits: ingest.DefaultLimits()})
		require.ErrorContains(t, err, want)
	}
	c := DefaultConfig()
	c.DeltaMaxSeries, c.DeltaMaxIdle = -1, -time.Second
	require.ErrorContains(t, c.Validate(), "delta_max_idle: -1s")
	require.ErrorContains(t, c.Validate(), "delta_max_series")
	_, err := New(Options{Config: DefaultConfig()})
	require.ErrorContains(t, err, "max_body_bytes")
}

func TestPrometheusSectionIsAdoptedWhole(t *testing.T) {
	prom, err := promconfig.Load(`otlp:
  translation_strategy: NoTranslation
  promote_all_resource_attributes: true
  ignore_resource_attributes: [host.id]
  keep_identifying_resource_attributes: true
  convert_histograms_to_nhcb: true
  promote_scope_metadata: true
  label_name_underscore_sanitization: false
  label_name_preserve_multiple_underscores: false
`, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	c := DefaultConfig()
	c.Adopt(prom.OTLPConfig)
	require.NoError(t, c.Validate())
	adopted, section := reflect.ValueOf(c), reflect.ValueOf(prom.OTLPConfig)
	for i := range section.NumField() {
		name := section.Type().Field(i).Name
		if section.Field(i).IsZero() && section.Field(i).Kind() == reflect.Slice {
			require.Zero(t, adopted.FieldByName(name).Len(), name)
			continue
		}
		require.Equal(t, section.Field(i).Interface(), adopted.FieldByName(name).Interface(), name)
	}
	require.False(t, hasPromoted(c, "host.id"))

	c = DefaultConfig()
	c.Adopt(promconfig.DefaultOTLPConfig)
	require.False(t, hasPromoted(c, "service.name"), "Prometheus promotes nothing by itself")
}

func hasPromoted(c Config, key string) bool {
	s := promoted(c)
	return s.has(key)
}
