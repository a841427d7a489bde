package tenancy

import (
	"context"
	"errors"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/quota"
	"github.com/oriel-obs/oriel/model"
)

// Limit returns next for those who are within their quota. A batch that is over
// it is refused as a whole, with an error that says when to try again.
func Limit(next ingest.EventWriter, k *quota.Keeper) ingest.EventWriter { return limited{next, k} }

type limited struct {
	next ingest.EventWriter
	keep *quota.Keeper
}

// Append implements ingest.EventWriter.
func (l limited) Append(ctx context.Context, b *model.Batch) error {
	var n map[quota.Kind]int // without limits there is memory to look at alone
	if l.keep.Watches(ctx) {
		kind := quota.Lines
		if b.Signal == model.Spans {
			kind = quota.Spans
		}
		hashes := make([]uint64, len(b.Streams))
		var id []byte
		for i, s := range b.Streams {
			id, _ = s.AppendBinary(id[:0]) // has no failure
			hashes[i] = xxhash.Sum64(id)
		}
		measures, err := l.keep.Measures(ctx)
		if err != nil {
			return err
		}
		for _, m := range measures {
			if err := checkRows(m, b); err != nil {
				return err
			}
		}
		if err := l.keep.Streams(ctx, hashes); err != nil {
			return err
		}
		n = map[quota.Kind]int{kind: b.Len(), quota.Bytes: size(b)}
	}
	if err := l.keep.Take(ctx, n); err != nil {
		return err
	}
	return l.next.Append(ctx, b)
}

// size is the text that rows bring: bodies, and values of their attributes.
func size(b *model.Batch) (n int) {
	for _, body := range b.Body {
		n += len(body)
	}
	for _, c := range b.Attrs {
		for _, v := range c.Vals {
			n += 8 + len(v.Str())
		}
	}
	return n
}

// LimitSamples returns store for those who are within their quota. A transaction
// that is over it is rolled back, with an error that says when to try again.
func LimitSamples(store Samples, k *quota.Keeper) Samples { return limitedSamples{store, k} }

// Samples is where samples go.
type Samples = promstorage.AppendableV2

type limitedSamples struct {
	store Samples
	keep  *quota.Keeper
}

// AppenderV2 implements promstorage.AppendableV2.
func (l limitedSamples) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	app := l.store.AppenderV2(ctx)
	if !l.keep.Watches(ctx) {
		return app
	}
	a := &limitedAppender{Through: ingest.Through{AppenderV2: app}, ctx: ctx, keep: l.keep}
	a.measures, a.refusal = l.keep.Measures(ctx)
	return a
}

// A limitedAppender counts what it appends.
type limitedAppender struct {
	ingest.Through
	ctx  context.Context //nolint:containedctx // the transaction's
	keep *quota.Keeper
	n    int

	measures []quota.Measure // of new series
	refusal  error           // of all samples
}

// Append implements promstorage.AppenderV2.
func (a *limitedAppender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.refusal != nil {
		return 0, a.refusal
	}
	if ref == 0 {
		for _, m := range a.measures {
			if err := checkSeries(m, ls); err != nil {
				return 0, err
			}
		}
	}
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	if err == nil {
		a.n++
	}
	return ref, err
}

// Commit implements promstorage.AppenderV2.
func (a *limitedAppender) Commit() error {
	if a.n > 0 {
		if err := a.keep.Take(a.ctx, map[quota.Kind]int{quota.Samples: a.n}); err != nil {
			return errors.Join(err, a.Rollback())
		}
	}
	return a.AppenderV2.Commit()
}
