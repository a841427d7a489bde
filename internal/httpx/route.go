package httpx

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Route returns the method and pattern of the route that r will be served by,
// for middleware of a chi.Router, which runs before the route is known. The
// pattern is "" if there is none. A router that is mounted at /x and serves / is
// known as /x/, however the request is written.
func Route(r *http.Request) (method, pattern string) {
	rc := chi.RouteContext(r.Context())
	if rc == nil || rc.Routes == nil {
		return r.Method, ""
	}
	method, path := r.Method, rc.RoutePath
	if rc.RouteMethod != "" { // middleware.GetHead says GET for HEAD
		method = rc.RouteMethod
	}
	if path == "" {
		path = r.URL.RawPath
	}
	if path == "" {
		path = r.URL.Path
	}
	if path == "" {
		path = "/"
	}
	return method, PatternOf(rc.Routes.Find(chi.NewRouteContext(), method, path))
}

// PatternOf writes a pattern as chi.Walk does: without the wildcards between
// routers.
func PatternOf(pattern string) string { return strings.ReplaceAll(pattern, "/*/", "/") }
