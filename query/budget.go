package query

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// WithBudget returns src with Limits.MaxBytes as the budget of every scan and
// aggregate. The error over it names the key to raise.
func WithBudget(src EventSource, limits Limits) EventSource {
	if limits.MaxBytes == 0 {
		return src
	}
	return budgeted{src, limits.MaxBytes}
}

type budgeted struct {
	EventSource
	maxBytes int64
}

// Scan implements EventSource.
func (b budgeted) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	s.MaxBytes = b.maxBytes
	return func(yield func(*model.Batch, error) bool) {
		for batch, err := range b.EventSource.Scan(ctx, s) {
			if !yield(batch, b.explain(err)) {
				return
			}
		}
	}
}

// Aggregate implements EventSource.
func (b budgeted) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	a.MaxBytes = b.maxBytes
	groups, err := b.EventSource.Aggregate(ctx, a)
	return groups, b.explain(err)
}

func (b budgeted) explain(err error) error {
	if !errors.Is(err, storage.ErrTooManyBytes) {
		return err
	}
	return fmt.Errorf("query reads more than %d bytes of stored columns; narrow its time range or selector, or raise query.max_bytes: %w",
		b.maxBytes, fault.ErrLimit)
}
