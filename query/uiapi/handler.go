// Package uiapi is Oriel's own HTTP API, under /oriel/api/v1: what the page
// needs beyond the APIs of Prometheus, Loki, Tempo and Alertmanager. Errors
// are JSON objects with the member "error".
package uiapi

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Options says what a Handler reports. All fields but Empty, Deletes and
// Cardinality are required.
type Options struct {
	Version   string
	StartedAt time.Time

	// Sections are the members of the status answer that other packages own:
	// each function returns a value that encodes as JSON, and is safe for
	// concurrent use.
	Sections map[string]func() any

	// Empty reports whether nothing but Oriel's own telemetry was ever received;
	// nil is no.
	Empty func(ctx context.Context) (bool, error)

	Deletes     query.Deleter // nil refuses deletes
	Cardinality Cardinality   // nil knows no series
	Logs        LogSources
	Services    *services.Services
	Traces      *traceql.Engine

	// Document is what /openapi.yaml answers; nil is this package's part of it.
	Document []byte
}

// Handler serves Oriel's own API.
type Handler struct {
	opts Options
	logs *logs
}

// New returns a Handler.
func New(opts Options) *Handler {
	if opts.Document == nil {
		opts.Document = Document
	}
	return &Handler{opts: opts, logs: newLogs(opts.Logs)}
}

// MountQueries adds the routes that are queries like those of the other APIs,
// so that r may let only so many of them through at once.
func (h *Handler) MountQueries(r chi.Router) {
	both(r, "/oriel/api/v1/logs/query", h.logs.query)
	both(r, "/oriel/api/v1/logs/context", h.logs.context)
	h.mountServices(r)
}

// Mount adds the other routes to r.
func (h *Handler) Mount(r chi.Router) {
	r.Route("/oriel/api/v1", func(r chi.Router) {
		r.Method(http.MethodGet, "/openapi.yaml", httpx.Handler(h.openAPI, httpx.JSONError))
		r.Method(http.MethodGet, "/status", httpx.Handler(h.status, httpx.JSONError))
		r.Method(http.MethodGet, "/onboarding/check", httpx.Handler(h.onboarding, httpx.JSONError))
		r.Method(http.MethodPost, "/delete", httpx.Handler(h.delete, httpx.JSONError))
		r.Method(http.MethodGet, "/delete", httpx.Handler(h.deletes, httpx.JSONError))
		both(r, "/logs/export", h.logs.export)
		r.Method(http.MethodGet, "/cardinality", httpx.Handler(h.cardinality, httpx.JSONError))
		r.Method(http.MethodGet, "/cardinality/metrics", httpx.Handler(h.cardinalityMetrics, httpx.JSONError))
		r.Method(http.MethodGet, "/cardinality/labels", httpx.Handler(h.cardinalityLabels, httpx.JSONError))
		r.Method(http.MethodGet, "/cardinality/unused", httpx.Handler(h.cardinalityUnused, httpx.JSONError))
		r.NotFound(func(w http.ResponseWriter, r *http.Request) {
			httpx.JSONError(w, r, http.StatusNotFound, errNoRoute)
		})
	})
}

// status answers what runs here, since when, what came in and where it rests.
// What is taken in and how much is stored is only for those who see all of it.
func (h *Handler) status(w http.ResponseWriter, r *http.Request) error {
	body := map[string]any{
		"version":   h.opts.Version,
		"startedAt": h.opts.StartedAt.UTC(),
		"now":       time.Now().UTC(),
	}
	if auth.From(r.Context()).SeesAll() {
		for name, f := range h.opts.Sections {
			body[name] = f()
		}
	}
	return httpx.WriteJSON(w, body)
}
