package scrape

import (
	"context"
	"errors"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// Names in the account.
const (
	protocol = "scrape"
	signal   = "metrics"
)

// counted is a store whose appenders enter in the account what they take and
// what they refuse.
type counted struct {
	store   promstorage.AppendableV2
	account *ingest.Account
}

// AppenderV2 implements promstorage.AppendableV2.
func (c counted) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	ctx = c.account.Arrive(ctx, protocol)
	return &appender{AppenderV2: c.store.AppenderV2(ctx), ctx: ctx, account: c.account}
}

type appender struct {
	promstorage.AppenderV2
	ctx     context.Context //nolint:containedctx // the transaction's
	account *ingest.Account
	taken   int
	refused map[string]refusal // by reason; nil while there is none
}

type refusal struct {
	rows    int
	example string
}

func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	var partial *promstorage.AppendPartialError // of exemplars; the sample was taken
	if err == nil || errors.As(err, &partial) {
		a.taken++
		return ref, err
	}
	if a.refused == nil {
		a.refused = map[string]refusal{}
	}
	reason := ingest.ReasonOfSample(err)
	limited := reason == ingest.ReasonSeriesLimit || reason == ingest.ReasonLabels
	if reason == "" {
		reason = ingest.ReasonStorage
	}
	r := a.refused[reason]
	if r.rows == 0 {
		r.example = ls.String() + ": " + err.Error()
	}
	r.rows++
	a.refused[reason] = r
	if limited {
		return 0, nil // what Prometheus does not know fails a whole scrape
	}
	return ref, err
}

func (a *appender) Commit() error {
	a.report()
	err := a.AppenderV2.Commit()
	if err != nil {
		a.account.Reject(a.ctx, protocol, signal, ingest.ReasonStorage, a.taken, err.Error())
		return err
	}
	a.account.Accept(a.ctx, protocol, signal, a.taken, 0)
	return nil
}

// Rollback is how a scrape ends whose body does not parse or is over a limit:
// scrape_samples_post_metric_relabeling and `up` tell of it.
func (a *appender) Rollback() error {
	a.report()
	return a.AppenderV2.Rollback()
}

func (a *appender) report() {
	for reason, r := range a.refused {
		a.account.Reject(a.ctx, protocol, signal, reason, r.rows, r.example)
	}
}
