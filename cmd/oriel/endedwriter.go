package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/oriel-obs/oriel/internal/pressure"
)

// An endedWriter drops what is said of a query that was ended for lack of memory:
// to its handler that is an error like others, or a client who left.
type endedWriter struct {
	http.ResponseWriter
	ctx     context.Context // of the query
	dropped bool
}

// Unwrap is for http.ResponseController.
func (w *endedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *endedWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest && errors.Is(context.Cause(w.ctx), pressure.ErrMemory) {
		w.dropped = true
	}
	if !w.dropped {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (w *endedWriter) Write(b []byte) (int, error) {
	if w.dropped {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (w *endedWriter) Flush() {
	if !w.dropped {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // what cannot is not flushed
	}
}

// tell says instead of what was dropped why, as to those who are refused.
func (w *endedWriter) tell(r *http.Request) {
	if w.dropped {
		h := w.Header()
		h.Del("Content-Encoding")
		h.Del("Content-Length")
		h.Set("Retry-After", memoryRetry)
		refuse(w.ResponseWriter, r, pressure.ErrMemory)
	}
}
