package zipkin

import (
	"io"
	"mime"
	"net/http"

	"github.com/go-chi/chi/v5"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Prefix is where the API is mounted; a reporter's endpoint is
// /zipkin/api/v2/spans.
const Prefix = "/zipkin"

// Handler serves the collection API. It is safe for concurrent use.
type Handler struct{ sink *otelmodel.Sink }

// New returns a Handler that appends to o.Events.
func New(o otelmodel.Options) *Handler { return &Handler{sink: otelmodel.NewSink("zipkin", o)} }

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	post := func(path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(http.MethodPost, Prefix+path, httpx.Handler(f, httpx.PlainError))
	}
	post("/api/v2/spans", h.v2)
	post("/api/v1/spans", h.v1)
	r.Get(Prefix+"/health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"UP"}`) })
}

// A decoding reads one request.
type decoding func(body []byte, p *push) error

func (h *Handler) v2(w http.ResponseWriter, r *http.Request) error {
	if mediaType(r) == "application/x-protobuf" || mediaType(r) == "application/protobuf" {
		return h.take(w, r, decodeProtobuf)
	}
	return h.take(w, r, decodeJSON)
}

func (h *Handler) v1(w http.ResponseWriter, r *http.Request) error {
	if mediaType(r) == "application/x-thrift" {
		return h.take(w, r, decodeThriftV1)
	}
	return h.take(w, r, decodeJSONV1)
}

func mediaType(r *http.Request) string {
	m, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return m
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request, decode decoding) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	p := &push{now: h.sink.Now(), limits: h.sink.Limits, traces: ptrace.NewTraces()}
	if err := decode(body, p); err != nil {
		return h.sink.Refuse(r.Context(), err)
	}
	if err := p.translate(); err != nil {
		return h.sink.Refuse(r.Context(), err)
	}
	stored, refused, err := h.sink.Store(r.Context(), p.traces, p.refused, len(body))
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return refused.Error(stored)
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}
