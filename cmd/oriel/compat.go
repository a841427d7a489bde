package main

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/tempoapi"
)

// pageFor returns the page's address for the one who sent r to another port: what
// the configuration says, or the main port of the host that r named.
func (a *app) pageFor(r *http.Request) *url.URL {
	external, err := a.externalURL()
	if err == nil && a.cfg.Web.ExternalURL != "" {
		return external
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	_, port, _ := net.SplitHostPort(a.main.Addr().String()) // it has one
	return &url.URL{Scheme: a.scheme(), Host: net.JoinHostPort(host, port)}
}

// A compatProduct says which paths of the main port a product's own port
// serves at its root, for clients that cannot be told a prefix.
type compatProduct struct {
	addr   string   // its well-known port, used by --compat
	grpc   []string // gRPC services it serves
	prefix string   // put before the paths below
	paths  []string // path prefixes it serves; anything else is 404
	ready  []string // paths answered like /-/ready
}

var compatProducts = map[string]compatProduct{
	"prometheus":    {addr: "127.0.0.1:9090", paths: []string{"/api/v1/", "/-/", "/federate", "/metrics"}},
	"loki":          {addr: "127.0.0.1:3100", paths: []string{"/loki/", "/otlp/", "/api/prom/", "/metrics"}, ready: []string{"/ready"}},
	"tempo":         {addr: "127.0.0.1:3200", prefix: "/tempo", paths: []string{"/api/"}, ready: []string{"/ready"}, grpc: []string{tempoapi.StreamingService}},
	"influxdb":      {addr: "127.0.0.1:8086", prefix: "/influx", paths: []string{"/"}},
	"jaeger":        {addr: "127.0.0.1:16686", prefix: "/jaeger", paths: []string{"/api/"}},
	"jaeger_grpc":   {addr: "127.0.0.1:16685", grpc: []string{jaegerapi.QueryService, jaegerapi.QueryServiceV2}},
	"elasticsearch": {addr: "127.0.0.1:9200", prefix: "/elastic", paths: []string{"/"}},
	"datadog":       {addr: "127.0.0.1:8126", prefix: "/datadog", paths: []string{"/v0.3/", "/v0.4/", "/v0.5/", "/info", "/api/", "/intake"}}, // the agent's trace port; the intake's paths
	"pushgateway":   {addr: "127.0.0.1:9091", prefix: "/pushgateway", paths: []string{"/"}},
	"zipkin":        {addr: "127.0.0.1:9411", prefix: "/zipkin", paths: []string{"/api/"}, ready: []string{"/health"}},
	// The collector's HTTP port, and the agent's where clients ask how to sample.
	"jaeger_collector": {addr: "127.0.0.1:14268", prefix: "/jaeger", paths: []string{"/api/traces", "/api/sampling"}, ready: []string{"/"}},
	"jaeger_sampling":  {addr: "127.0.0.1:5778", prefix: "/jaeger", paths: []string{"/sampling"}},
	"alertmanager":     {addr: "127.0.0.1:9093", prefix: "/alertmanager", paths: []string{"/api/"}, ready: []string{"/-/ready", "/-/healthy"}},
}

func compatNames() []string {
	names := make([]string, 0, len(compatProducts))
	for name := range compatProducts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// handler serves p's paths out of main. Browsers that ask for anything else are
// sent on to the page, which understands the links of these products; page
// returns where that is.
func (p compatProduct) handler(main http.Handler, page func(*http.Request) *url.URL) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := ""
		switch {
		case slices.Contains(p.ready, r.URL.Path):
			path = "/-/ready"
		case slices.ContainsFunc(p.paths, func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }):
			path = p.prefix + r.URL.Path
		case slices.ContainsFunc(p.grpc, func(service string) bool { return strings.HasPrefix(r.URL.Path, "/"+service+"/") }):
			path = r.URL.Path
		}
		if path == "" {
			if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
				there := page(r).JoinPath(r.URL.Path)
				there.RawQuery = r.URL.RawQuery
				http.Redirect(w, r, there.String(), http.StatusFound) //nolint:gosec // to the host that was asked, or the configuration's
				return
			}
			http.NotFound(w, r)
			return
		}
		inner := r.Clone(r.Context())
		if r.URL.RawPath != "" && path != "/-/ready" {
			inner.URL.RawPath = p.prefix + r.URL.RawPath
		} else {
			inner.URL.RawPath = ""
		}
		inner.URL.Path = path
		main.ServeHTTP(w, inner)
	})
}
