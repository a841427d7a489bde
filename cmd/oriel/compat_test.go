package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAProductsOwnPortServesItsOwnPaths(t *testing.T) {
	main := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.EscapedPath()) })
	tests := []struct{ product, path, want string }{
		{"prometheus", "/api/v1/query", "/api/v1/query"},
		{"prometheus", "/-/ready", "/-/ready"},
		{"prometheus", "/loki/api/v1/labels", ""},
		{"loki", "/loki/api/v1/push", "/loki/api/v1/push"},
		{"loki", "/ready", "/-/ready"},
		{"tempo", "/api/search", "/tempo/api/search"},
		{"tempo", "/api/v2/search/tag/span.http%2Froute/values", "/tempo/api/v2/search/tag/span.http%2Froute/values"},
		{"tempo", "/ready", "/-/ready"},
		{"tempo", "/", ""},
		{"jaeger", "/api/services", "/jaeger/api/services"},
		{"elasticsearch", "/", "/elastic/"},
		{"elasticsearch", "/logs-app/_bulk", "/elastic/logs-app/_bulk"},
		{"influxdb", "/write", "/influx/write"},
		{"influxdb", "/api/v2/write", "/influx/api/v2/write"},
		{"pushgateway", "/metrics/job/a%2Fb", "/pushgateway/metrics/job/a%2Fb"},
		{"datadog", "/api/v1/series", "/datadog/api/v1/series"},
		{"alertmanager", "/api/v2/alerts", "/alertmanager/api/v2/alerts"},
		{"alertmanager", "/-/ready", "/-/ready"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		compatProducts[tt.product].handler(main).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.path, nil))
		if tt.want == "" {
			require.Equal(t, http.StatusNotFound, w.Code, "%s %s", tt.product, tt.path)
			continue
		}
		require.Equal(t, tt.want, w.Body.String(), "%s %s", tt.product, tt.path)
	}
}

func TestThePrefixOfTheExternalURLIsServedToo(t *testing.T) {
	h := underPrefix("/watch", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	for path, want := range map[string]string{
		"/watch/api/v1/query":  "/api/v1/query",
		"/api/v1/query":        "/api/v1/query",
		"/watchx":              "/watchx",
		"/watch/":              "/",
		"/oriel/api/v1/status": "/oriel/api/v1/status",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, want, w.Body.String(), path)
	}
}

func TestBeforeTheStoresAreOpenOnlyHealthAnswers(t *testing.T) {
	g := &gate{}
	ask := func(path string) int {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	require.Equal(t, http.StatusOK, ask("/-/healthy"))
	require.Equal(t, http.StatusServiceUnavailable, ask("/-/ready"))
	require.Equal(t, http.StatusServiceUnavailable, ask("/api/v1/query"))
	g.open(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	require.Equal(t, http.StatusOK, ask("/-/ready"))
}
