package ingest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Through is an appender that stands before another, with what receivers ask
// of it beyond promstorage.AppenderV2.
type Through struct{ promstorage.AppenderV2 }

var (
	_ promstorage.ExemplarAppender = Through{}
	_ promstorage.GetRef           = Through{}
)

// AppendExemplar implements promstorage.ExemplarAppender, if the store does.
func (a Through) AppendExemplar(ref promstorage.SeriesRef, ls labels.Labels, e exemplar.Exemplar) (promstorage.SeriesRef, error) {
	app, ok := a.AppenderV2.(promstorage.ExemplarAppender)
	if !ok {
		return 0, promstorage.ErrExemplarsDisabled
	}
	return app.AppendExemplar(ref, ls, e)
}

// GetRef implements promstorage.GetRef, if the store does.
func (a Through) GetRef(ls labels.Labels, hash uint64) (promstorage.SeriesRef, labels.Labels) {
	get, ok := a.AppenderV2.(promstorage.GetRef)
	if !ok {
		return 0, labels.EmptyLabels()
	}
	return get.GetRef(ls, hash)
}

// Samples returns store with an account of what comes to it, by source. Series
// must have the labels that they are stored under.
func (a *Account) Samples(store promstorage.AppendableV2) promstorage.AppendableV2 {
	if a == nil {
		return store
	}
	return &watchedSamples{store, a}
}

type watchedSamples struct {
	store   promstorage.AppendableV2
	account *Account
}

// AppenderV2 implements promstorage.AppendableV2.
func (w *watchedSamples) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	return &watchedAppender{Through: Through{w.store.AppenderV2(ctx)}, account: w.account, arrival: arrivalOf(ctx), tallies: *tallyPool.Get().(*[]tally)}
}

// A watchedAppender counts what it appends.
type watchedAppender struct {
	Through
	account *Account
	arrival *arrival

	tallies []tally // of the transaction, from tallyPool
	now     *tally  // among them: that of the sample before
}

var tallyPool = sync.Pool{New: func() any { return new([]tally) }}

// Append implements promstorage.AppenderV2.
func (a *watchedAppender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	if err != nil {
		var exemplars *promstorage.AppendPartialError // the sample was taken
		if !errors.As(err, &exemplars) {
			a.refuse(ls, err)
			return ref, err
		}
	}
	one := a.account.series.at(ref)
	if src := one.of(ref); src == nil {
		a.of(ls)
		one.follow(ref, a.now.source, t)
	} else {
		switch {
		case a.now != nil && a.now.source == src:
		case src.key.protocol == a.arrival.protocol:
			a.turnTo(src)
		default:
			a.of(ls)
		}
		a.now.followed++
		if newest := one.newest.Load(); t > newest {
			one.newest.Store(t)
		} else if t < newest {
			a.now.late++
		}
	}
	a.now.rows++
	a.now.newest = max(a.now.newest, t)
	return ref, err
}

// of makes the source of a series the present one.
func (a *watchedAppender) of(ls labels.Labels) {
	job, tenant := ls.Get(model.JobLabel), ls.Get(auth.TenantLabel)
	if a.now != nil && a.now.source.key.service == job && a.now.source.key.tenant == tenant {
		return
	}
	a.turnTo(a.account.sources.find(sourceKey{"metrics", a.arrival.protocol, tenant, job}, time.Now()))
}

// turnTo makes src the present source.
func (a *watchedAppender) turnTo(src *source) {
	seat := int(src.seat.Load())
	if seat >= len(a.tallies) || a.tallies[seat].source != src {
		seat = slices.IndexFunc(a.tallies, func(t tally) bool { return t.source == src })
		if seat < 0 {
			seat = len(a.tallies)
			a.tallies = append(a.tallies, tally{source: src})
		}
		src.seat.Store(int32(seat))
	}
	a.now = &a.tallies[seat]
}

func (a *watchedAppender) refuse(ls labels.Labels, err error) {
	reason := ReasonOfSample(err)
	if reason == "" {
		reason = ReasonOf(err)
	}
	a.of(ls)
	a.now.refuse(reason, 1, func() string { return ls.String() + ": " + err.Error() })
}

// Commit implements promstorage.AppenderV2.
func (a *watchedAppender) Commit() error {
	err := a.AppenderV2.Commit()
	if err != nil {
		a.lose(func(t *tally) { t.refuse(ReasonOf(err), t.rows, err.Error) })
	}
	a.enter()
	return err
}

func (a *watchedAppender) enter() {
	a.account.enter(a.arrival, a.tallies, time.Now())
	clear(a.tallies)
	a.tallies, a.now = a.tallies[:0], nil
	tallyPool.Put(&a.tallies)
}

// Rollback implements promstorage.AppenderV2. What was refused stays refused.
func (a *watchedAppender) Rollback() error {
	a.lose(func(*tally) {})
	a.enter()
	return a.AppenderV2.Rollback()
}

// lose has nothing stored of what was appended.
func (a *watchedAppender) lose(each func(*tally)) {
	for i := range a.tallies {
		if t := &a.tallies[i]; t.rows > 0 {
			each(t)
			t.rows = 0
		}
	}
}
