package elastic

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Handler serves Elasticsearch's paths. It is safe for concurrent use.
type Handler struct {
	sink    *logrecord.Sink
	readers *logrecord.Readers
	version string
}

// New returns a Handler that appends to o.Events.
func New(o logrecord.Options, c Config) *Handler {
	return &Handler{sink: logrecord.NewSink("elastic", o), readers: logrecord.NewReaders(c.mapping()), version: c.Version}
}

// Mount adds the routes to r, which may stand under a prefix. It takes every
// path: clients read Elasticsearch's own form of 404.
func (h *Handler) Mount(r chi.Router) {
	serve := httpx.Handler(h.serve, writeError)
	r.Handle("/", serve)
	r.Handle("/*", serve)
}

// A route is what one path may be asked.
type route struct {
	methods []string // GET stands for HEAD too
	serve   func(w http.ResponseWriter, r *http.Request) error
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) error {
	// Clients of 7.14 and newer refuse answers of a server without it.
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	path := chi.URLParam(r, "*")
	rt := h.route(segments(path))
	if rt == nil {
		return &requestError{status: http.StatusNotFound, reason: fmt.Sprintf("no handler found for uri [/%s] and method [%s]", path, r.Method)}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if !slices.Contains(rt.methods, method) {
		w.Header().Set("Allow", strings.Join(rt.methods, ", "))
		return &requestError{
			status: http.StatusMethodNotAllowed,
			reason: fmt.Sprintf("Incorrect HTTP method for uri [/%s] and method [%s], allowed: [%s]", path, r.Method, strings.Join(rt.methods, ", ")),
		}
	}
	return rt.serve(w, r)
}

// segments splits a path, past slashes that are doubled or at the end.
func segments(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

// route returns what stands at a path; nil for nothing.
func (h *Handler) route(path []string) *route {
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	writes := []string{http.MethodPost, http.MethodPut}
	switch n := len(path); {
	case last == "_bulk" && (n == 1 || n <= 3 && isName(path[0])):
		index := ""
		if n > 1 {
			index = path[0]
		}
		return &route{writes, func(w http.ResponseWriter, r *http.Request) error { return h.bulk(w, r, index) }}
	case (n == 2 || n == 3) && isName(path[0]) && path[1] == "_doc", n == 3 && isName(path[0]) && path[1] == "_create":
		id := ""
		if n == 3 {
			id = path[2]
		}
		return &route{writes, func(w http.ResponseWriter, r *http.Request) error { return h.document(w, r, path[0], id) }}
	}
	return h.handshake(path)
}

// isName tells the name of an index from an endpoint's.
func isName(s string) bool { return s != "" && s[0] != '_' && s[0] != '-' }

// begin starts the batch of a request.
func (h *Handler) begin(bodyBytes int) *logrecord.Batch {
	const bytesPerDocument = 256 // a low guess, to make room
	return h.sink.Begin(bodyBytes/bytesPerDocument+1, time.Now())
}

// A requestError is answered in Elasticsearch's words.
type requestError struct {
	status int
	typ    string // of the exception; "" for the bare form of 404 and 405
	reason string
}

func (e *requestError) Error() string { return e.reason }

// Unwrap gives the error its kind.
func (e *requestError) Unwrap() error {
	if e.status == http.StatusNotFound {
		return fault.ErrNotFound
	}
	return fault.ErrInvalid
}

// writeError is an httpx.ErrorWriter of Elasticsearch's error document.
func writeError(w http.ResponseWriter, r *http.Request, status int, err error) {
	typ := "exception"
	switch status {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		typ = "illegal_argument_exception"
	case http.StatusRequestEntityTooLarge:
		typ = "content_too_long_exception"
	case http.StatusTooManyRequests:
		typ = "es_rejected_execution_exception"
	case http.StatusServiceUnavailable:
		typ = "unavailable_shards_exception"
	}
	var re *requestError
	if errors.As(err, &re) {
		status, typ = re.status, re.typ
	}
	b := []byte(`{"error":`)
	if typ == "" {
		b = appendString(b, err.Error())
	} else {
		b = append(b, `{"root_cause":[{`...)
		b = appendException(b, typ, err.Error())
		b = append(b, `}],`...)
		b = appendException(b, typ, err.Error())
		b = append(b, '}')
	}
	b = fmt.Appendf(b, `,"status":%d}`, status)
	reply(w, r, status, b)
}
