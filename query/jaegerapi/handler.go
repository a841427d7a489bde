package jaegerapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// Prefix is where the API is mounted; a Grafana data source gets the URL up to
// /jaeger.
const Prefix = "/jaeger"

// Handler serves the API.
type Handler struct {
	engine   *traceql.Engine
	measurer Measurer
	decode   Decoder
	archive  Archive // nil without one
	now      func() time.Time
}

// A Decoder reads spans in OTLP's JSON.
type Decoder func(body []byte) (*model.Batch, error)

// New returns a Handler that finds traces by engine, by metrics what the
// Monitor tab shows, and reads traces that people upload by decode.
func New(engine *traceql.Engine, metrics Measurer, decode Decoder) *Handler {
	return &Handler{engine: engine, measurer: metrics, decode: decode, now: time.Now}
}

// WithArchive returns h with an archive, which traces that the engine does not
// find are looked for in.
func (h *Handler) WithArchive(a Archive) *Handler {
	with := *h
	with.archive = a
	return &with
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	classic := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(http.MethodGet, Prefix+path, httpx.Handler(f, writeError))
	}
	classic("/api/services", h.services)
	classic("/api/services/{service}/operations", h.operationNames)
	classic("/api/operations", h.operations)
	classic("/api/traces", h.search)
	classic("/api/traces/{id}", h.trace)
	classic("/api/dependencies", h.dependencies)
	for name := range measures {
		classic("/api/metrics/"+name, h.metrics(name))
	}
	classic("/api/metrics/minstep", minStep)
	r.Method(http.MethodPost, Prefix+"/api/transform", httpx.Handler(h.transform, writeError))
	r.Method(http.MethodPost, Prefix+"/api/archive/{id}", httpx.Handler(h.archiveTrace, writeError))
	r.Method(http.MethodDelete, Prefix+"/api/archive/{id}", httpx.Handler(h.unarchive, writeError))
	v3 := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(http.MethodGet, Prefix+"/api/v3"+path, httpx.Handler(f, writeErrorV3))
	}
	v3("/services", h.servicesV3)
	v3("/operations", h.operationsV3)
	v3("/dependencies", h.dependenciesV3)
	v3("/traces", h.searchV3)
	v3("/traces/{id}", h.traceV3)
}

// An envelope is what every classic answer comes in.
type envelope struct {
	Data   any        `json:"data"`
	Total  int        `json:"total"`
	Limit  int        `json:"limit"`
	Offset int        `json:"offset"`
	Errors []apiError `json:"errors"`
}

type apiError struct {
	Code    int    `json:"code,omitempty"`
	Msg     string `json:"msg"`
	TraceID string `json:"traceID,omitempty"`
}

// writeError renders an error as Jaeger does: JSON under a plain-text type.
func writeError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(envelope{Errors: []apiError{{Code: status, Msg: message(err)}}})
}

func writeErrorV3(w http.ResponseWriter, _ *http.Request, status int, err error) {
	msg := err.Error()
	if errors.Is(err, fault.ErrNotFound) {
		msg = "No traces found"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"httpCode": status, "message": msg}})
}

// message returns an error's text as clients know it.
func message(err error) string {
	if errors.Is(err, fault.ErrNotFound) {
		return "trace not found"
	}
	return err.Error()
}

// A paramError is the client's fault, in Jaeger's words.
type paramError struct{ msg string }

func (e *paramError) Error() string { return e.msg }
func (e *paramError) Unwrap() error { return fault.ErrInvalid }

func invalidf(format string, args ...any) error { return &paramError{fmt.Sprintf(format, args...)} }
