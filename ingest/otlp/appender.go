package otlp

import (
	"errors"

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
	out     *outcome
	metrics *metrics
	delta   *deltaTx // of delta metrics, else nil
	zero    zeroThresholds

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

// Append implements promstorage.AppenderV2.
func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if a.err != nil {
		return 0, a.err
	}
	a.zero.restore(t, h)
	if a.delta != nil && !isTargetInfo(opts) {
		sum, err := a.delta.add(ls, st, t, v, h)
		if err != nil {
			a.refuse(err, ls, t, h, opts)
			return 0, nil
		}
		st, v, h, fh = sum.start, sum.value, nil, sum.hist
	}
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
	var partial *promstorage.AppendPartialError
	switch {
	case err == nil:
		return ref, nil
	case errors.As(err, &partial):
		a.metrics.exemplarsDropped.Add(float64(len(partial.ExemplarErrors)))
		return ref, nil
	}
	if a.delta != nil {
		a.delta.undoLast()
	}
	if !a.refuse(err, ls, t, h, opts) {
		a.err = err
		return 0, err
	}
	return 0, nil
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
	case errors.Is(err, errDeltaOrder), errors.Is(err, promstorage.ErrOutOfOrderSample):
		return ingest.ReasonOutOfOrder
	case errors.Is(err, promstorage.ErrTooOldSample), errors.Is(err, promstorage.ErrOutOfBounds):
		return ingest.ReasonTooOld
	case errors.Is(err, promstorage.ErrDuplicateSampleForTimestamp):
		return ingest.ReasonDuplicate
	case errors.Is(err, errDeltaSeries):
		return ingest.ReasonOverload
	case errors.Is(err, promstorage.ErrNativeHistogramsDisabled), errors.Is(err, errDeltaHistogram):
		return ingest.ReasonTranslate
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

// isTargetInfo reports whether a sample is one that translation adds for a
// resource.
func isTargetInfo(opts promstorage.AOptions) bool {
	return opts.MetricFamilyName == "target_info" && opts.Metadata.Help == "Target metadata"
}
