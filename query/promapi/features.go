package promapi

import (
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"
	"github.com/prometheus/prometheus/util/features"
)

// registerFeatures says what /features answers, in Prometheus' words: clients
// decide by it what they may ask. What the engine can do is in c already.
func registerFeatures(c features.Collector, p parser.Parser, adminEnabled bool) {
	p.RegisterFeatures(c)
	template.RegisterFeatures(c)
	for category, names := range map[string][]string{
		features.API: {
			"exclude_alerts", "label_values_match", "openapi_3.1", "openapi_3.2", "otlp_write_receiver", "query_stats", "query_warnings",
			"remote_write_receiver", "time_range_labels", "time_range_series", "lifecycle",
		},
		features.OTLPReceiver: {"delta_conversion"},
		features.Prometheus:   {"server_mode", "stringlabels"},
		features.Rules:        {"keep_firing_for", "query_offset"},
		features.Scrape:       {"extra_scrape_metrics"},
		features.TSDB:         {"exemplar_storage", "isolation", "native_histograms"},
	} {
		for _, name := range names {
			c.Enable(category, name)
		}
	}
	c.Set(features.API, "admin", adminEnabled)
	for category, names := range map[string][]string{
		features.API:          {"search"},
		features.OTLPReceiver: {"native_delta_ingestion"},
		features.Prometheus:   {"agent_mode", "auto_reload_config"},
		features.Rules:        {"concurrent_rule_eval"},
		features.Scrape:       {"start_timestamp_zero_ingestion", "type_and_unit_labels"},
	} {
		for _, name := range names {
			c.Disable(category, name)
		}
	}
}
