package storage

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Errors of every store.
var (
	// ErrReadOnly means that the store takes no writes until its operator
	// acts, for instance because the disk is full. Queries go on.
	ErrReadOnly = fmt.Errorf("store is read-only: %w", fault.ErrUnavailable)

	// ErrClosed means that the store is shutting down.
	ErrClosed = fmt.Errorf("store is closed: %w", fault.ErrUnavailable)

	// ErrBusy means that the store cannot take more just now; the same write
	// may succeed a moment later.
	ErrBusy = fmt.Errorf("store is busy: %w", fault.ErrOverloaded)

	// ErrTooManyBytes means that a query needs more bytes than it may read.
	ErrTooManyBytes = fmt.Errorf("query reads too many bytes: %w", fault.ErrLimit)

	// ErrTooManyGroups means that an Aggregate has more groups than it may.
	ErrTooManyGroups = fmt.Errorf("too many groups: %w", fault.ErrLimit)
)
