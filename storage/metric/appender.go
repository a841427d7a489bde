package metric

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"
)

var (
	_ promstorage.AppenderV2       = (*appender)(nil)
	_ promstorage.ExemplarAppender = (*appender)(nil)
	_ promstorage.GetRef           = (*appender)(nil)
)

// AppenderV2 begins a transaction. The appender also implements
// promstorage.GetRef, and promstorage.ExemplarAppender for exemplars that come
// without a sample.
func (s *Store) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	return &appender{ctx: ctx, store: s, app: s.db.AppenderV2(ctx), oldest: math.MaxInt64}
}

// An appender is tsdb's, with the metadata of the samples kept in Families.
type appender struct {
	ctx   context.Context // for the lazily opened exemplars, as tsdb's appenders hold it
	store *Store
	app   promstorage.AppenderV2

	// exemplars is opened by the first exemplar without a sample: version 2 of
	// the interface has no way to say that, yet it is how Prometheus' remote
	// write 1.0 sends them all.
	exemplars promstorage.Appender

	family string // whose metadata was noted last
	meta   metadata.Metadata

	samples int   // taken
	newest  int64 // time of the newest of them
	oldest  int64 // and of the oldest
}

func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	ref, err := a.app.Append(ref, ls, st, t, v, h, fh, opts)
	if err == nil {
		a.samples++
		a.newest = max(a.newest, t)
		a.oldest = min(a.oldest, t)
	}
	if opts.MetricFamilyName != "" && !opts.Metadata.IsEmpty() && (a.family != opts.MetricFamilyName || a.meta != opts.Metadata) {
		// The name may not outlive the call; the one in the table does.
		a.family = a.store.Families.Set(opts.MetricFamilyName, opts.Metadata)
		a.meta = opts.Metadata
	}
	return ref, err
}

// AppendExemplar appends e to a series that has samples, in this transaction
// or from before.
func (a *appender) AppendExemplar(ref promstorage.SeriesRef, ls labels.Labels, e exemplar.Exemplar) (promstorage.SeriesRef, error) {
	if a.exemplars == nil {
		a.exemplars = a.store.db.Appender(a.ctx)
	}
	return a.exemplars.AppendExemplar(ref, ls, e)
}

// GetRef returns the reference of the series ls, whose hash is hash, and its
// labels in the head's own memory; or 0 if the head has none.
func (a *appender) GetRef(ls labels.Labels, hash uint64) (promstorage.SeriesRef, labels.Labels) {
	return a.app.(promstorage.GetRef).GetRef(ls, hash)
}

func (a *appender) Commit() error {
	err := a.store.commit(a.app)
	a.store.changes.note(a.oldest)
	if f := a.store.follow.Load(); f != nil && err == nil && a.samples > 0 {
		(*f).Committed(a.samples, a.newest)
	}
	if a.exemplars != nil {
		if err != nil {
			_ = a.exemplars.Rollback() // only forgets; the commit's error is the news
		} else if exErr := a.exemplars.Commit(); exErr != nil {
			// The samples are stored, so the transaction did not fail.
			a.store.metrics.exemplarCommitFailures.Inc()
		}
	}
	return err
}

func (a *appender) Rollback() error {
	err := a.app.Rollback()
	if a.exemplars != nil {
		err = errors.Join(err, a.exemplars.Rollback())
	}
	if err != nil {
		return fmt.Errorf("roll samples back: %w", err)
	}
	return nil
}
