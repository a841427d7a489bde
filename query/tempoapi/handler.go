package tempoapi

import (
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Prefix is where the API is mounted; a Grafana data source gets the URL up to
// /tempo.
const Prefix = "/tempo"

// Handler serves the API.
type Handler struct {
	engine *traceql.Engine
	now    func() time.Time
}

// A Config is section tempo of the configuration. The zero Config is the
// default.
type Config struct {
	BlockLists bool `yaml:"block_lists"` // lists of names and values leave out what Tempo's do
}

// New returns a Handler that asks engine.
func New(engine *traceql.Engine, cfg Config) *Handler {
	if cfg.BlockLists {
		engine = engine.WithBlockLists()
	}
	return &Handler{engine: engine, now: time.Now}
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	get := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(http.MethodGet, Prefix+path, httpx.Handler(f, httpx.PlainError))
	}
	get("/api/traces/{id}", h.traceV1)
	get("/api/v2/traces/{id}", h.traceV2)
	r.Handle(Prefix+"/api/v2/traces/diff", onlyPost(httpx.Handler(h.traceDiff, httpx.PlainError)))
	get("/api/search", h.search)
	get("/api/search/tags", h.tagsV1)
	get("/api/v2/search/tags", h.tagsV2)
	// Names of tags may have slashes, hence the wildcards.
	get("/api/search/tag/*", h.tagValuesV1)
	get("/api/v2/search/tag/*", h.tagValuesV2)
	get("/api/metrics/query_range", h.queryRange)
	get("/api/metrics/query", h.queryInstant)
	get("/api/echo", echo)
	get("/api/status/buildinfo", buildInfo)
	get("/ready", ready)
}

func echo(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "echo")
	return err
}

func ready(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "ready\n")
	return err
}

// compatibleVersion is the version of Tempo whose API this is. Clients switch
// features on by it; below 2.2 Grafana knows no search of version 2 tags.
const compatibleVersion = "2.9.0"

func buildInfo(w http.ResponseWriter, _ *http.Request) error {
	return httpx.WriteJSON(w, map[string]string{
		"version": compatibleVersion, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
	})
}
