package main

import (
	"net/http"
	"slices"
	"strings"
)

// A compatProduct says which paths of the main port a product's own port
// serves at its root, for clients that cannot be told a prefix.
type compatProduct struct {
	addr   string   // its well-known port, used by --compat
	prefix string   // put before the paths below
	paths  []string // path prefixes it serves; anything else is 404
	ready  []string // paths answered like /-/ready
}

var compatProducts = map[string]compatProduct{
	"prometheus":    {addr: "127.0.0.1:9090", paths: []string{"/api/v1/", "/-/", "/federate", "/metrics"}},
	"loki":          {addr: "127.0.0.1:3100", paths: []string{"/loki/", "/otlp/", "/api/prom/", "/metrics"}, ready: []string{"/ready"}},
	"tempo":         {addr: "127.0.0.1:3200", prefix: "/tempo", paths: []string{"/api/"}, ready: []string{"/ready"}},
	"jaeger":        {addr: "127.0.0.1:16686", prefix: "/jaeger", paths: []string{"/api/"}},
	"elasticsearch": {addr: "127.0.0.1:9200", prefix: "/elastic", paths: []string{"/"}},
	"alertmanager":  {addr: "127.0.0.1:9093", prefix: "/alertmanager", paths: []string{"/api/"}, ready: []string{"/-/ready", "/-/healthy"}},
}

func compatNames() []string {
	names := make([]string, 0, len(compatProducts))
	for name := range compatProducts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// handler serves p's paths out of main.
func (p compatProduct) handler(main http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := ""
		if slices.Contains(p.ready, r.URL.Path) {
			path = "/-/ready"
		} else if slices.ContainsFunc(p.paths, func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }) {
			path = p.prefix + r.URL.Path
		}
		if path == "" {
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
