package tracearchive

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// copied is the spans of one copy. Traces are assembled of scans, and other
// questions are not asked of an archive.
type copied struct{ spans *model.Batch }

var errScansOnly = fmt.Errorf("archived traces are read whole: %w", fault.ErrUnsupported)

// Scan implements query.EventSource.
func (c copied) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		m := storage.NewMatcher(s.Where)
		var rows []int
		for i := range c.spans.Len() {
			if s.Range.Contains(c.spans.Time[i]) && m.Keep(c.spans, i) {
				rows = append(rows, i)
			}
		}
		slices.SortStableFunc(rows, func(i, j int) int { return cmp.Compare(c.spans.Time[i], c.spans.Time[j]) })
		if len(rows) > 0 {
			yield(pick(c.spans, rows), nil)
		}
	}
}

// pick returns rows of b, in their order.
func pick(b *model.Batch, rows []int) *model.Batch {
	bd := model.NewBuilder(b.Signal, len(rows))
	for _, i := range rows {
		bd.Span(bd.Stream(b.Stream(i)), b.SpanAt(i))
		for _, c := range b.Attrs {
			if v := c.At(i); !v.IsNone() {
				bd.Attr(c.Key, v)
			}
		}
	}
	return bd.Batch()
}

// Aggregate implements query.EventSource.
func (copied) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, errScansOnly
}

// Streams implements query.EventSource.
func (copied) Streams(context.Context, storage.StreamsRequest) ([]*model.Stream, error) {
	return nil, errScansOnly
}

// Keys implements query.EventSource.
func (copied) Keys(context.Context, storage.KeysRequest) ([]storage.Key, error) {
	return nil, errScansOnly
}

// Values implements query.EventSource.
func (copied) Values(context.Context, storage.ValuesRequest) ([]storage.ValueCount, error) {
	return nil, errScansOnly
}
