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
	begun   bool            // something was said that the client has
	dropped bool
}

// ended reports whether the query was.
func (w *endedWriter) ended() bool { return errors.Is(context.Cause(w.ctx), pressure.ErrMemory) }

// Unwrap is for http.ResponseController.
func (w *endedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *endedWriter) WriteHeader(status int) {
	if status >= http.StatusBadRequest && w.ended() {
		w.dropped = true
	}
	if !w.dropped {
		w.begun = true
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (w *endedWriter) Write(b []byte) (int, error) {
	if w.dropped {
		return len(b), nil
	}
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (w *endedWriter) Flush() {
	if !w.dropped {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // what cannot is not flushed
	}
}

// tell says instead of what was dropped why, as to those who are refused. A call
// by gRPC mostly says nothing more once its context has ended.
func (w *endedWriter) tell(r *http.Request) {
	h := w.Header()
	switch {
	case w.begun && isGRPC(r) && w.ended() && h.Get("Grpc-Status") != "0": // the handler may have found time to say why
		setGRPCStatus(h, pressure.ErrMemory) // trailers, which grpc-go has announced
	case w.dropped || !w.begun && isGRPC(r) && w.ended():
		h.Del("Content-Encoding")
		h.Del("Content-Length")
		h.Set("Retry-After", memoryRetry)
		refuse(w.ResponseWriter, r, pressure.ErrMemory)
	}
}
