package otlp

import (
	"testing"
	"time"

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
		"ignore_resource_attributes: has no meaning": func(c *Config) { c.IgnoreResourceAttributes = []string{"a"} },
		"delta_max_series: -1 is negative":           func(c *Config) { c.DeltaMaxSeries = -1 },
		"delta_max_idle: 0s is not positive":         func(c *Config) { c.DeltaMaxIdle = 0 },
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
