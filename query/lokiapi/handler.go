package lokiapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/semaphore"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
)

// Options are what an API needs.
type Options struct {
	Source query.EventSource // required
	Limits query.Limits      // required
	Feed   Feed              // required

	Deletes query.Deleter // nil refuses deletes

	Build Build
	Now   func() time.Time // nil is time.Now
}

// Build is what status/buildinfo tells. Clients read Version to know which
// features there are, so it is that of the Loki whose API this is.
type Build struct {
	Version   string `json:"version"`
	Revision  string `json:"revision"`
	Branch    string `json:"branch"`
	BuildUser string `json:"buildUser"`
	BuildDate string `json:"buildDate"`
	GoVersion string `json:"goVersion"`
}

// lokiVersion is the version of the API served here.
const lokiVersion = "3.5.0"

// API serves the endpoints. It is safe for concurrent use.
type API struct {
	src    query.EventSource
	engine *logql.Engine
	limits query.Limits
	build  Build
	now    func() time.Time
	feed   Feed

	deletes query.Deleter
	tails   *semaphore.Weighted // open tails
}

// New returns an API. It starts nothing.
func New(o Options) *API {
	a := &API{
		src: o.Source, engine: logql.NewEngine(o.Source, o.Limits), limits: o.Limits, build: o.Build, now: o.Now, feed: o.Feed, deletes: o.Deletes,
		tails: semaphore.NewWeighted(maxTails),
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.build.Version == "" {
		a.build.Version = lokiVersion
	}
	return a
}

// Mount adds the routes to r, for GET and POST alike. Answers may be large:
// compressing them is up to the middleware of r.
func (a *API) Mount(r chi.Router) {
	routes := []struct {
		path  string
		serve func(http.ResponseWriter, *http.Request) error
	}{
		{"query", a.query},
		{"query_range", a.queryRange},
		{"format_query", a.formatQuery},
		{"explain", a.explain},
		{"label", a.labels},
		{"labels", a.labels},
		{"label/{name}/values", a.labelValues},
		{"series", a.series},
		{"index/stats", a.indexStats},
		{"index/volume", a.volume},
		{"index/volume_range", a.volumeRange},
		{"detected_labels", a.detectedLabels},
		{"detected_fields", a.detectedFields},
		{"detected_field/{name}/values", a.detectedValues},
		{"patterns", a.patterns},
		{"status/buildinfo", a.buildInfo},
		{"drilldown-limits", a.drilldownLimits},
	}
	for _, rt := range routes {
		h := httpx.Handler(parsed(rt.serve), writeError)
		r.Method(http.MethodGet, "/loki/api/v1/"+rt.path, h)
		r.Method(http.MethodPost, "/loki/api/v1/"+rt.path, h)
	}
	for method, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		http.MethodPost: a.requestDelete, http.MethodPut: a.requestDelete,
		http.MethodGet: a.listDeletes, http.MethodDelete: a.cancelDelete,
	} {
		r.Method(method, "/loki/api/v1/delete", httpx.Handler(parsed(serve), writeError))
	}
	r.Method(http.MethodGet, "/loki/api/v1/tail", httpx.Handler(parsed(a.tail), writeError))
}

// parsed reads the parameters of the URL and of a form before f.
func parsed(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return badRequest("%v", err)
		}
		return f(w, r)
	}
}

// writeError answers in plain text, as Loki's clients expect.
func writeError(w http.ResponseWriter, r *http.Request, status int, err error) {
	switch {
	case status == httpx.StatusClientClosed:
		err = errors.New("the request was cancelled by the client")
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("request timed out, decrease the duration of the request or add more label matchers "+
			"(prefer exact match over regex match) to reduce the amount of data processed: %w", err)
	}
	httpx.PlainError(w, r, status, err)
}
