package query

import (
	"context"
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage"
)

// A Deleter deletes logs and spans. event.Store implements it; APIs have none
// where the operator has not allowed it.
type Deleter interface {
	// Delete deletes the rows that r selects, or counts them. A result with a
	// Number beside an error is a delete that is in effect.
	Delete(ctx context.Context, r storage.DeleteRequest) (storage.DeleteResult, error)
	// Deletes lists the deletes whose rows may still be on disk.
	Deletes(ctx context.Context) []storage.Deletion
}

// ErrNoDeletes is what an API without a Deleter answers.
var ErrNoDeletes = fmt.Errorf("deleting is not enabled; set web.admin_api in the configuration: %w", fault.ErrForbidden)
