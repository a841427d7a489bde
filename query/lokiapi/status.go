package lokiapi

import (
	"net/http"
	"runtime"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// buildInfo serves the version of the API.
func (a *API) buildInfo(w http.ResponseWriter, _ *http.Request) error {
	b := a.build
	if b.GoVersion == "" {
		b.GoVersion = runtime.Version()
	}
	return httpx.WriteJSON(w, b)
}

// drilldownLimits serves what Logs Drilldown asks before its first query.
func (a *API) drilldownLimits(w http.ResponseWriter, _ *http.Request) error {
	return httpx.WriteJSON(w, map[string]any{
		"limits": map[string]any{
			"discover_log_levels":         true,
			"discover_service_name":       []string{"service", "app", "application", "app_name", "name"},
			"log_level_fields":            []string{"level", "severity", "lvl"},
			"max_entries_limit_per_query": a.limits.MaxLines,
			"max_line_size_truncate":      false,
			"max_query_bytes_read":        "0B",
			"max_query_length":            "0s",
			"max_query_lookback":          "0s",
			"max_query_range":             "0s",
			"max_query_series":            a.limits.MaxSeries,
			"metric_aggregation_enabled":  false,
			"pattern_persistence_enabled": false,
			"query_timeout":               a.limits.Timeout.String(),
			"retention_period":            "0s",
			"volume_enabled":              true,
			"volume_max_series":           a.limits.MaxSeries,
		},
		"pattern_ingester_enabled": true,
		"version":                  a.build.Version,
	})
}
