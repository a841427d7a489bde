package jaeger

import (
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Prefix is where the routes are mounted; it is also that of Jaeger's query
// API, whose methods and paths are others.
const Prefix = "/jaeger"

// Mount adds the collector's routes, and those of remote sampling, to r.
func (rc *Receiver) Mount(r chi.Router) {
	r.Method(http.MethodPost, Prefix+"/api/traces", httpx.Handler(rc.post, httpx.PlainError))
	for _, path := range []string{"/sampling", "/api/sampling"} {
		r.Method(http.MethodGet, Prefix+path, httpx.Handler(sampling, httpx.PlainError))
	}
}

func (rc *Receiver) post(w http.ResponseWriter, r *http.Request) error {
	body, err := rc.http.ReadBody(r)
	if err != nil {
		return err
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return rc.http.Refuse(r.Context(), fmt.Errorf("cannot parse content type: %w: %w", err, fault.ErrInvalid))
	}
	switch mediaType {
	case "application/x-thrift", "application/vnd.apache.thrift.binary":
	default:
		return rc.http.Refuse(r.Context(), fmt.Errorf("unsupported content type: %.64s: %w", mediaType, fault.ErrInvalid))
	}
	sent, err := decodeBatch(body)
	if err != nil {
		return rc.http.Refuse(r.Context(), err)
	}
	b := newBatch(rc.http)
	if err := b.addThrift(sent, len(body)); err != nil {
		return rc.http.Refuse(r.Context(), err)
	}
	if err := b.store(r.Context(), rc.http); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// sampling tells a client to keep every trace.
func sampling(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("service") == "" {
		return fmt.Errorf("'service' parameter must be provided once: %w", fault.ErrInvalid)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, `{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1}}`)
	return err
}
