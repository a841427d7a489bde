package tempoapi

import (
	"context"
	"time"

	"github.com/oriel-obs/oriel/internal/rawgrpc"
)

// SetNow sets the clock.
func (h *Handler) SetNow(now func() time.Time) { h.now = now }

// StreamSearch is the method Search.
func (h *Handler) StreamSearch(ctx context.Context, in []byte, send func(rawgrpc.Frame) error) error {
	return h.streamSearch(ctx, in, send)
}

// WriteTraceJSON is writeTraceJSON.
var WriteTraceJSON = writeTraceJSON
