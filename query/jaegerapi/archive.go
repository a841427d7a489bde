package jaegerapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// An Archive keeps traces beyond the retention of spans. What is not there is
// fault.ErrNotFound.
type Archive interface {
	// Keep copies a trace, whoever asks for it.
	Keep(ctx context.Context, id model.TraceID) error

	// Trace returns what the one who asks sees of a copy.
	Trace(ctx context.Context, id model.TraceID, r model.Range) (*traceql.Trace, error)

	// Delete drops a copy.
	Delete(ctx context.Context, id model.TraceID) error
}

// errNoArchive is the answer of a Jaeger without an archive.
var errNoArchive = fmt.Errorf("archive span storage was not configured: %w", fault.ErrUnsupported)

// whole returns a trace, from the archive if it is nowhere else.
func (h *Handler) whole(ctx context.Context, id model.TraceID, r model.Range) (*traceql.Trace, error) {
	t, err := h.engine.Trace(ctx, id, r)
	if h.archive != nil && errors.Is(err, fault.ErrNotFound) {
		return h.archive.Trace(ctx, id, r)
	}
	return t, err
}

// keep archives a trace that the one who asks sees.
func (h *Handler) keep(ctx context.Context, id model.TraceID) error {
	if h.archive == nil {
		return errNoArchive
	}
	if _, err := h.whole(ctx, id, model.AllTime()); err != nil {
		return err
	}
	return h.archive.Keep(ctx, id)
}

func (h *Handler) archiveTrace(w http.ResponseWriter, r *http.Request) error {
	return h.archived(w, r, h.keep)
}

// unarchive is Oriel's own: Jaeger's archive only grows.
func (h *Handler) unarchive(w http.ResponseWriter, r *http.Request) error {
	return h.archived(w, r, func(ctx context.Context, id model.TraceID) error { return h.archive.Delete(ctx, id) })
}

// archived answers with nothing, after f did what is asked for.
func (h *Handler) archived(w http.ResponseWriter, r *http.Request, f func(context.Context, model.TraceID) error) error {
	if h.archive == nil {
		writeError(w, r, http.StatusNotImplemented, errNoArchive)
		return nil
	}
	id, err := traceIDParam(r)
	if err != nil {
		return err
	}
	if err := f(r.Context(), id); err != nil {
		return err
	}
	return httpx.WriteJSON(w, envelope{Data: []string{}})
}
