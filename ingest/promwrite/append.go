package promwrite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/storage"
)

// written is what the sender is told that was stored. What the rules drop is
// in it: a sender must not take it for lost.
type written struct {
	samples, histograms, exemplars int

	dropped int // of samples and histograms, those that the rules dropped
}

// A writer appends one request in one transaction.
type writer struct {
	resolver
	app       promstorage.AppenderV2
	exemplars promstorage.ExemplarAppender // nil if the storage takes none
	families  Families
	maxTime   int64 // ms; later samples are refused
	lenient   bool  // version 1: faulty labels are passed over, a faulty sample fails the request

	stored  written
	refused refusals
	limited int   // samples among them whose series would be one too many
	err     error // what fails the request and rolls it back
}

// write appends q and commits. The error is of the storage or, for version 1,
// of a sample; nothing is stored then.
func (w *writer) write(ctx context.Context, q *request) error {
	if err := w.resolve(q); err != nil {
		return errors.Join(malformed(err), w.rollback())
	}
	for i := range q.series {
		if i%1024 == 0 && ctx.Err() != nil {
			w.err = context.Cause(ctx)
		}
		if w.err == nil {
			w.series(q, &q.series[i])
		}
	}
	if w.err != nil {
		return errors.Join(w.err, w.rollback())
	}
	if err := w.app.Commit(); err != nil {
		w.stored = written{}
		return err
	}
	for _, m := range q.metadata {
		if m.family != "" {
			w.families.Set(m.family, m.meta)
		}
	}
	return nil
}

func (w *writer) rollback() error {
	w.stored = written{}
	return w.app.Rollback()
}

func (w *writer) series(q *request, s *series) {
	if s.refused != nil {
		w.refused.add(ingest.ReasonLabels, max(s.rows(), 1), s.refused)
		return
	}
	if s.verdict.Dropped {
		w.rules.CountDropped(s.verdict, s.rows())
		w.stored.samples += s.samples.len()
		w.stored.histograms += s.histograms.len()
		w.stored.exemplars += s.exemplars.len()
		w.stored.dropped += s.rows()
		return
	}
	opts, err := w.options(q, s)
	if err != nil {
		w.refused.add(ingest.ReasonMalformed, s.rows(), err)
		return
	}
	if q.v2 && s.rows() == 0 {
		w.refused.add(ingest.ReasonMalformed, 1, fmt.Errorf("%w for series %v", errNoSamples, s.labels))
		return
	}
	ref := s.ref
	for _, x := range q.samples[s.samples.from:s.samples.to] {
		st := x.st
		if st == 0 {
			st = s.created
		}
		if w.append(s, &ref, st, x.t, x.v, nil, nil, opts) {
			w.stored.samples++
		} else if w.err != nil {
			return
		}
	}
	for _, x := range q.histograms[s.histograms.from:s.histograms.to] {
		if w.append(s, &ref, x.st, x.t, 0, x.h, x.fh, opts) {
			w.stored.histograms++
		} else if w.err != nil {
			return
		}
	}
	if ref != 0 && (!s.known || ref != s.ref) && s.rows() > 0 {
		if s.verdict.Changed {
			w.rules.Remember(s.hash, s.verdict, ref)
		} else {
			w.refs.Put(s.hash, ref, s.labels)
		}
	}
	for i := s.exemplars.from; i < s.exemplars.to; i++ {
		w.exemplar(q, s, ref, &q.exemplars[i])
	}
}

// append stores one sample and notes the reference of its series, or counts
// the sample as refused, or sets w.err.
func (w *writer) append(s *series, ref *promstorage.SeriesRef, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) bool {
	err := w.check(t, h, fh)
	if err == nil {
		var got promstorage.SeriesRef
		if got, err = w.app.Append(*ref, s.labels, st, t, v, h, fh, opts); err == nil {
			*ref = got
			return true
		}
	}
	reason := reasonOf(err)
	switch {
	case reason == "":
		w.err = fmt.Errorf("append sample of series %v: %w", s.labels, err)
	case errors.Is(err, storage.ErrSeriesLimit):
		w.limited++
		w.refused.add(reason, 1, err)
	case w.lenient && s.verdict.Changed:
		// Series that the rules made one collide; their sender did nothing wrong.
		w.refused.add(reason, 1, fmt.Errorf("%w for series %v, once relabelled", err, s.labels))
	case w.lenient:
		w.err = refusal{reason, fmt.Errorf("%w for series %v", err, s.labels)}
	default:
		w.refused.add(reason, 1, fmt.Errorf("%w for series %v", err, s.labels))
	}
	return false
}

// check refuses what a storage would take, and makes a histogram of too fine a
// resolution one that it takes.
func (w *writer) check(t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) error {
	if t > w.maxTime {
		return errFuture
	}
	switch {
	case h != nil && tooFine(h.Schema):
		if err := h.ReduceResolution(histogram.ExponentialSchemaMax); err != nil {
			return badHistogram{err}
		}
	case fh != nil && tooFine(fh.Schema):
		if err := fh.ReduceResolution(histogram.ExponentialSchemaMax); err != nil {
			return badHistogram{err}
		}
	}
	return nil
}

func tooFine(schema int32) bool {
	return histogram.IsExponentialSchemaReserved(schema) && schema > histogram.ExponentialSchemaMax
}

func (w *writer) exemplar(q *request, s *series, ref promstorage.SeriesRef, x *wireExemplar) {
	ls, err := w.exemplarLabels(q, x)
	if err != nil {
		w.refused.addExemplar(ingest.ReasonMalformed, fmt.Errorf("parsing exemplar for series %v: %w", s.labels, err), w.lenient)
		return
	}
	switch {
	case x.t > w.maxTime:
		err = errFuture
	case w.exemplars == nil:
		err = promstorage.ErrExemplarsDisabled
	default:
		_, err = w.exemplars.AppendExemplar(ref, s.labels, exemplar.Exemplar{Labels: ls, Value: x.v, Ts: x.t, HasTs: x.t != 0})
	}
	if err == nil {
		w.stored.exemplars++
		return
	}
	// Only one kind of failure is told to the sender, as in Prometheus.
	silent := w.lenient || !errors.Is(err, promstorage.ErrOutOfOrderExemplar)
	reason := reasonOf(err)
	if reason == "" {
		reason = ingest.ReasonStorage
	}
	w.refused.addExemplar(reason, fmt.Errorf("%w for series %v", err, s.labels), silent)
}

func (w *writer) exemplarLabels(q *request, x *wireExemplar) (labels.Labels, error) {
	refs := q.exemplarRefs[x.refs.from:x.refs.to]
	if err := q.checkRefs(refs); err != nil {
		return labels.EmptyLabels(), err
	}
	if err := q.readPairs(x.wire, refs); err != nil {
		return labels.EmptyLabels(), err
	}
	if err := w.checkSizes(q.pairs); err != nil {
		return labels.EmptyLabels(), err
	}
	q.builder.Reset()
	for _, p := range q.pairs {
		q.builder.Add(p.Name, p.Value)
	}
	q.builder.Sort()
	return q.builder.Labels(), nil
}

// options carries version 2's metadata of the series to the storage.
func (w *writer) options(q *request, s *series) (promstorage.AOptions, error) {
	var o promstorage.AOptions
	if !q.v2 || s.meta == (wireMetadata{}) {
		return o, nil
	}
	for _, r := range []struct {
		name string
		ref  uint32
	}{{"unit_ref", s.meta.unit}, {"help_ref", s.meta.help}} {
		if int(r.ref) >= len(q.symbols) {
			return o, fmt.Errorf("parsing metadata for series %v: metadata %s %d outside of symbols table (size %d)",
				q.refs[s.refs.from:s.refs.to], r.name, r.ref, len(q.symbols))
		}
	}
	o.Metadata = metadata.Metadata{
		Type: metricType(s.meta.typ),
		Unit: q.symbols[s.meta.unit],
		Help: q.symbols[s.meta.help],
	}
	o.MetricFamilyName = familyOf(s.labels.Get(model.MetricNameLabel), o.Metadata.Type)
	return o, nil
}

// familyOf takes off the suffix of the series that a classic histogram or a
// summary consists of.
func familyOf(name string, t model.MetricType) string {
	var suffixes []string
	switch t {
	case model.MetricTypeHistogram:
		suffixes = histogramSuffixes[:]
	case model.MetricTypeGaugeHistogram:
		suffixes = gaugeHistogramSuffixes[:]
	case model.MetricTypeSummary:
		suffixes = histogramSuffixes[1:]
	}
	for _, s := range suffixes {
		if family, ok := strings.CutSuffix(name, s); ok && family != "" {
			return family
		}
	}
	return name
}

var (
	histogramSuffixes      = [...]string{"_bucket", "_sum", "_count", "_created"}
	gaugeHistogramSuffixes = [...]string{"_bucket", "_gsum", "_gcount", "_sum", "_count"}
)
