package datadog

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// TracePrefix is where the agent's trace API is mounted; a tracer's agent URL
// is that of a port which serves it at the root.
const TracePrefix = "/datadog"

// Traces serves what the agent serves to tracers. It is safe for concurrent
// use.
type Traces struct{ sink *otelmodel.Sink }

// NewTraces returns Traces that appends to o.Events.
func NewTraces(o otelmodel.Options) *Traces {
	return &Traces{sink: otelmodel.NewSink("datadog", o)}
}

// Mount adds the routes to r.
func (t *Traces) Mount(r chi.Router) {
	for path, v := range traceVersions {
		h := httpx.Handler(func(w http.ResponseWriter, r *http.Request) error { return t.take(w, r, v) }, httpx.PlainError)
		r.Method(http.MethodPut, TracePrefix+path, h)
		r.Method(http.MethodPost, TracePrefix+path, h)
	}
	r.Get(TracePrefix+"/info", info)
}

// A traceVersion is one version of the trace API.
type traceVersion struct {
	decode func([]byte) ([][]ddSpan, error) // of MessagePack
	rates  bool                             // whether the answer says what to sample
}

var traceVersions = map[string]traceVersion{
	"/v0.3/traces": {decodeTraces, false},
	"/v0.4/traces": {decodeTraces, true},
	"/v0.5/traces": {decodeTracesV05, true},
}

// keepAll answers what share of traces to keep, by service and environment;
// the empty ones stand for all others.
const keepAll = `{"rate_by_service":{"service:,env:":1}}`

func (t *Traces) take(w http.ResponseWriter, r *http.Request, v traceVersion) error {
	body, err := t.sink.ReadBody(r)
	if err != nil {
		return err
	}
	decode := v.decode
	if m, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); m == "application/json" || m == "text/json" {
		decode = decodeTracesJSON
	}
	traces, err := decode(body)
	if err != nil {
		return t.sink.Refuse(r.Context(), fmt.Errorf("decode traces: %w: %w", err, fault.ErrInvalid))
	}
	// What the limits refuse is counted: a tracer would neither correct nor
	// resend it.
	td, refused := translate(traces, r.Header, t.sink.Limits)
	if _, _, err := t.sink.Store(r.Context(), td, refused, len(body)); err != nil {
		return err
	}
	if !v.rates {
		_, err := io.WriteString(w, "OK\n")
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = io.WriteString(w, keepAll)
	return err
}

func decodeTracesJSON(body []byte) ([][]ddSpan, error) {
	var traces [][]ddSpan
	return traces, json.Unmarshal(body, &traces)
}

// info tells a tracer what is offered: by it, tracers choose a version and
// leave out what is not.
func info(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"version":"7.60.0","endpoints":["/v0.3/traces","/v0.4/traces","/v0.5/traces"],"client_drop_p0s":false,"span_events":true}`)
}
