package otlp

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// An appender stands between translation and store: it counts the data points
// whose samples the store refuses and lets the others pass, and it adds up
// delta samples. Only when the store itself fails does Append.
type appender struct {
	promstorage.AppenderV2
	ctx     context.Context // of the request, as the store's appender has it
	now     time.Time
	out     *outcome
	metrics *metrics
	deltas  *deltas
	tx      *deltaTx // of deltas, from the first delta metric on
	adds    bool     // whether samples are of delta metrics, to be added up

	err     error    // of the store; nothing is appended after it
	refused pointKey // the data point refused last
	scratch []byte
}

// A pointKey tells the samples of one data point, which come in a row, from
// those of the next.
type pointKey struct {
	family string
	labels uint64
	t      int64
}

// family says whether the samples that follow are of a delta metric. The sums
// must reach the store in the order in which they grew, so the lock on them is
// held from here until end.
func (a *appender) family(delta bool) {
	if a.adds = delta; delta && a.tx == nil {
		a.tx = a.deltas.begin(asTenant(a.ctx), a.now)
	}
}

// end keeps the sums, or undoes them, after the transaction.
func (a *appender) end(committed bool) {
	if a.tx != nil {
		a.tx.end(committed)
	}
}

// Append implements promstorage.AppenderV2.
func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.err != nil {
		return 0, a.err
	}
	if a.adds {
		sum, err := a.tx.add(ls, st, t, v, h)
		if err != nil {
			return 0, a.judge(err, ls, t, h, opts)
		}
		if sum.fresh && opts.Metadata.Type != model.MetricTypeGauge {
			a.zero(ref, ls, sum, opts)
		}
		st, v, h, fh = sum.start, sum.value, nil, sum.hist
	}
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	if err == nil || a.partial(err) {
		return ref, nil
	}
	if a.adds {
		a.tx.undoLast()
	}
	return 0, a.judge(err, ls, t, h, opts)
}

// partial reports whether err is about exemplars alone, and counts them then.
func (a *appender) partial(err error) bool {
	var partial *promstorage.AppendPartialError
	if !errors.As(err, &partial) {
		return false
	}
	a.metrics.exemplarsDropped.Add(float64(len(partial.ExemplarErrors)))
	return true
}

// zero tells readers that a sum begins again, which they could not see if it
// came to more at once than before. If the store does not take it, they may
// see too little growth, as with any counter that is reset.
func (a *appender) zero(ref promstorage.SeriesRef, ls labels.Labels, sum deltaSum, opts promstorage.AOptions) {
	var fh *histogram.FloatHistogram
	if sum.hist != nil {
		fh = &histogram.FloatHistogram{Schema: sum.hist.Schema, ZeroThreshold: sum.hist.ZeroThreshold, CustomValues: sum.hist.CustomValues}
	}
	opts.Exemplars = nil
	_, _ = a.AppenderV2.Append(ref, ls, sum.start, sum.start, 0, nil, fh, opts)
}

// judge returns nil if err is about the sample, which is refused then, and
// otherwise err, that of the store.
func (a *appender) judge(err error, ls labels.Labels, t int64, h *histogram.Histogram, opts promstorage.AOptions) error {
	if !a.refuse(err, ls, t, h, opts) {
		a.err = err
	}
	return a.err
}

// refuse counts the data point of a sample that got err. It returns false if
// err is not about the sample.
func (a *appender) refuse(err error, ls labels.Labels, t int64, h *histogram.Histogram, opts promstorage.AOptions) bool {
	reason := refusalOf(err, ls, h)
	if reason == "" {
		return false
	}
	if isTargetInfo(opts) {
		return true // not a row of the sender's
	}
	key := pointKey{family: opts.MetricFamilyName, t: t}
	drop := []string{model.MetricNameLabel}
	switch opts.Metadata.Type {
	case model.MetricTypeHistogram:
		drop = append(drop, model.BucketLabel)
	case model.MetricTypeSummary:
		drop = append(drop, model.QuantileLabel)
	}
	key.labels, a.scratch = ls.HashWithoutLabels(a.scratch, drop...)
	if key != a.refused {
		a.refused = key
		a.out.refuse(reason, 1, "%v: series %s", err, cut(ls.String(), 1024))
	}
	return true
}

// refusalOf returns the reason under which the sample that got err counts as
// refused, or "" if the store failed.
func refusalOf(err error, ls labels.Labels, h *histogram.Histogram) string {
	switch {
	case errors.Is(err, errDeltaOrder), errors.Is(err, errDeltaCovers):
		return ingest.ReasonOutOfOrder
	case errors.Is(err, errDeltaSeries):
		return ingest.ReasonOverload
	case errors.Is(err, promstorage.ErrNativeHistogramsDisabled), errors.Is(err, errDeltaHistogram):
		return ingest.ReasonTranslate
	}
	if reason := ingest.ReasonOfSample(err); reason != "" {
		return reason
	}
	// The store's word for other bad samples is not part of its contract.
	if _, dup := ls.HasDuplicateLabelNames(); dup || ls.IsEmpty() {
		return ingest.ReasonLabels
	}
	if h != nil && h.Validate() != nil {
		return ingest.ReasonMalformed
	}
	return ""
}
