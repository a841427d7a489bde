package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
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
		compatProducts[tt.product].handler(main, nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.path, nil))
		if tt.want == "" {
			require.Equal(t, http.StatusNotFound, w.Code, "%s %s", tt.product, tt.path)
			continue
		}
		require.Equal(t, tt.want, w.Body.String(), "%s %s", tt.product, tt.path)
	}
}

// Links to a product that Oriel took the place of go on to its page, which knows
// them; programs are told that there is nothing.
func TestBrowsersGoFromAProductsPortToThePage(t *testing.T) {
	page := func(*http.Request) *url.URL { return &url.URL{Scheme: "https", Host: "oriel.example", Path: "/watch"} }
	for path, want := range map[string]string{
		"/":                           "https://oriel.example/watch/",
		"/graph?g0.expr=up%3D%3D0":    "https://oriel.example/watch/graph?g0.expr=up%3D%3D0",
		"//evil.example/":             "https://oriel.example/watch/evil.example/",
		"/api/v1/query?query=up":      "",
		"/api/v1/status/runtimeinfox": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "http://prometheus.example:9090"+path, nil)
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		w := httptest.NewRecorder()
		compatProducts["prometheus"].handler(http.NotFoundHandler(), page).ServeHTTP(w, r)
		require.Equal(t, want, w.Header().Get("Location"), path)
	}
}

func TestThePageIsOnTheHostThatWasAsked(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	a := &app{cfg: defaultConfig(), listeners: listeners{main: l}}
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "http://monitor.example:9090/graph", nil)
	require.Equal(t, "http://monitor.example:"+port, a.pageFor(r).String())
	a.cfg.Web.ExternalURL = "https://oriel.example/watch"
	require.Equal(t, "https://oriel.example/watch", a.pageFor(r).String())
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
