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
func WithBudget(src EventSource, limits Limits) EventSource { return budgeted{src, limits} }

type budgeted struct {
	EventSource
	limits Limits
}

// Scan implements EventSource.
func (b budgeted) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	limits := b.limits.In(ctx)
	s.MaxBytes = limits.MaxBytes
	stats, before := noted(&s.Stats)
	return func(yield func(*model.Batch, error) bool) {
		for batch, err := range b.EventSource.Scan(ctx, s) {
			if !yield(batch, explain(err, s.MaxBytes)) {
				break
			}
		}
		limits.Used(Usage{Bytes: stats.BytesScanned - before})
	}
}

// noted has the statistics of a scan kept, and returns them and the bytes in
// them so far.
func noted(stats **storage.Stats) (*storage.Stats, int64) {
	if *stats == nil {
		*stats = &storage.Stats{}
	}
	return *stats, (*stats).BytesScanned
}

// Aggregate implements EventSource.
func (b budgeted) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	limits := b.limits.In(ctx)
	a.MaxBytes = limits.MaxBytes
	stats, before := noted(&a.Stats)
	groups, err := b.EventSource.Aggregate(ctx, a)
	limits.Used(Usage{Bytes: stats.BytesScanned - before})
	return groups, explain(err, a.MaxBytes)
}

func explain(err error, maxBytes int64) error {
	if !errors.Is(err, storage.ErrTooManyBytes) {
		return err
	}
	return fmt.Errorf("query reads more than %d bytes of stored columns; narrow its time range or selector, or raise query.max_bytes: %w",
		maxBytes, fault.ErrLimit)
}
