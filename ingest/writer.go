package ingest

import (
	"context"

	"github.com/oriel-obs/oriel/model"
)

// An EventWriter takes batches of log records and spans.
type EventWriter interface {
	// Append makes every row of b durable and visible to scans before it
	// returns nil; after an error no row is. b belongs to the writer from the
	// call on, but may be given to it again after storage.ErrBusy. Errors wrap
	// storage.ErrReadOnly, storage.ErrBusy or storage.ErrClosed where they
	// apply. Safe for concurrent use.
	Append(ctx context.Context, b *model.Batch) error
}
