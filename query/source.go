package query

import (
	"context"
	"iter"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// An EventSource is what the LogQL and TraceQL engines and APIs need of an
// event store. It is safe for concurrent use.
type EventSource interface {
	// Scan yields the rows s selects and no others, in batches, ordered by
	// time, ties in append order. The sequence is single-use, and a batch is
	// valid until the next iteration. A failure, or the end of ctx, is yielded
	// once as a nil batch with a non-nil error; nothing follows it. Breaking
	// off the loop ends the scan.
	Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error]

	// Aggregate returns numbers about the rows that a selects, in groups in no
	// particular order.
	Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error)

	// Streams returns the streams that have rows, in no particular order.
	Streams(ctx context.Context, r storage.StreamsRequest) ([]*model.Stream, error)

	// Keys returns the keys that occur, sorted by name.
	Keys(ctx context.Context, r storage.KeysRequest) ([]storage.Key, error)

	// Values returns the values of a field, the most frequent first.
	Values(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error)
}
