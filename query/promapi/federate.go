package promapi

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/query/promql"
)

// federate writes the newest sample of each matching series in an exposition
// format, for another Prometheus to scrape.
// https://prometheus.io/docs/prometheus/latest/federation/
func (h *Handler) federate(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, fmt.Sprintf("error parsing form values: %v", err), http.StatusBadRequest)
		return
	}
	selectors, err := h.o.Parser.ParseMetricSelectors(r.Form["match[]"])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	samples, err := h.newest(r, selectors)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	format := expfmt.Negotiate(r.Header)
	w.Header().Set("Content-Type", string(format))
	enc := expfmt.NewEncoder(w, format)
	for family := range families(samples, externalLabels(h.o.External()), isProtobuf(format)) {
		if enc.Encode(family) != nil {
			return // the client has left
		}
	}
}

func isProtobuf(f expfmt.Format) bool {
	switch f.FormatType() {
	case expfmt.TypeProtoDelim, expfmt.TypeProtoText, expfmt.TypeProtoCompact:
		return true
	}
	return false
}

type federated struct {
	labels labels.Labels
	t      int64 // ms
	v      float64
	h      *histogram.FloatHistogram // instead of v if not nil
}

// newest returns what an instant query of each selector would, sorted by
// metric name.
func (h *Handler) newest(r *http.Request, selectors [][]*labels.Matcher) ([]federated, error) {
	now := time.Now()
	mint, maxt := now.Add(-promql.LookbackDelta).UnixMilli(), now.UnixMilli()
	q, err := h.o.Local.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }() // of a reader: nothing is lost
	hints := &promstorage.SelectHints{Start: mint, End: maxt}
	sets := make([]promstorage.SeriesSet, len(selectors))
	for i, ms := range selectors {
		sets[i] = q.Select(r.Context(), true, hints, ms...)
	}
	set := promstorage.NewMergeSeriesSet(sets, 0, promstorage.ChainedSeriesMerge)
	var out []federated
	var it chunkenc.Iterator
	for set.Next() {
		it = set.At().Iterator(it)
		s, ok, err := last(it, maxt)
		if err != nil {
			return nil, err
		}
		if s.labels = set.At().Labels(); ok && s.labels.Get(model.MetricNameLabel) != "" {
			out = append(out, s)
		}
	}
	if err := set.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b federated) int {
		return strings.Compare(a.labels.Get(model.MetricNameLabel), b.labels.Get(model.MetricNameLabel))
	})
	return out, nil
}

// last returns the last sample until maxt, if there is one that is not stale.
func last(it chunkenc.Iterator, maxt int64) (s federated, ok bool, err error) {
	for typ := it.Next(); typ != chunkenc.ValNone && it.AtT() <= maxt; typ = it.Next() {
		if ok = true; typ == chunkenc.ValFloat {
			s.t, s.v = it.At()
			s.h = nil
		} else {
			s.t, s.h = it.AtFloatHistogram(nil)
		}
	}
	if s.h != nil && value.IsStaleNaN(s.h.Sum) || s.h == nil && value.IsStaleNaN(s.v) {
		ok = false
	}
	return s, ok, it.Err()
}

// externalLabels always has an instance, so that the scraping side does not
// put its own in.
func externalLabels(ls labels.Labels) []*dto.LabelPair {
	if !ls.Has(model.InstanceLabel) {
		b := labels.NewScratchBuilder(ls.Len() + 1)
		ls.Range(func(l labels.Label) { b.Add(l.Name, l.Value) })
		b.Add(model.InstanceLabel, "")
		b.Sort()
		ls = b.Labels()
	}
	return pairs(ls)
}

func pairs(ls labels.Labels) []*dto.LabelPair {
	out := make([]*dto.LabelPair, 0, ls.Len())
	ls.Range(func(l labels.Label) {
		if l.Name != model.MetricNameLabel {
			out = append(out, &dto.LabelPair{Name: proto.String(l.Name), Value: proto.String(l.Value)})
		}
	})
	return out
}

// families yields neighbours of one name and type together. Native histograms
// with exponential buckets exist only in protobuf.
func families(samples []federated, external []*dto.LabelPair, protobuf bool) iter.Seq[*dto.MetricFamily] {
	return func(yield func(*dto.MetricFamily) bool) {
		var f *dto.MetricFamily
		for _, s := range samples {
			if s.h != nil && !s.h.UsesCustomBuckets() && !protobuf {
				continue
			}
			name, typ := s.labels.Get(model.MetricNameLabel), typeOf(s.h)
			if f == nil || f.GetName() != name || f.GetType() != typ {
				if f != nil && !yield(f) {
					return
				}
				f = &dto.MetricFamily{Name: proto.String(name), Type: typ.Enum()}
			}
			f.Metric = append(f.Metric, s.metric(external))
		}
		if f != nil {
			yield(f)
		}
	}
}

func typeOf(h *histogram.FloatHistogram) dto.MetricType {
	switch {
	case h == nil:
		return dto.MetricType_UNTYPED
	case h.CounterResetHint == histogram.GaugeType:
		return dto.MetricType_GAUGE_HISTOGRAM
	}
	return dto.MetricType_HISTOGRAM
}

func (s federated) metric(external []*dto.LabelPair) *dto.Metric {
	m := &dto.Metric{Label: pairs(s.labels), TimestampMs: proto.Int64(s.t)}
	for _, e := range external {
		if !s.labels.Has(e.GetName()) {
			m.Label = append(m.Label, e)
		}
	}
	switch {
	case s.h == nil:
		m.Untyped = &dto.Untyped{Value: proto.Float64(s.v)}
	case s.h.UsesCustomBuckets():
		m.Histogram = classic(s.h)
	default:
		m.Histogram = native(s.h)
	}
	return m
}

// native is h with its exponential buckets.
func native(h *histogram.FloatHistogram) *dto.Histogram {
	return &dto.Histogram{
		SampleCountFloat: proto.Float64(h.Count),
		SampleSum:        proto.Float64(h.Sum),
		Schema:           proto.Int32(h.Schema),
		ZeroThreshold:    proto.Float64(h.ZeroThreshold),
		ZeroCountFloat:   proto.Float64(h.ZeroCount),
		NegativeSpan:     spans(h.NegativeSpans),
		NegativeCount:    h.NegativeBuckets,
		PositiveSpan:     spans(h.PositiveSpans),
		PositiveCount:    h.PositiveBuckets,
	}
}

func spans(in []histogram.Span) []*dto.BucketSpan {
	out := make([]*dto.BucketSpan, len(in))
	for i, s := range in {
		out[i] = &dto.BucketSpan{Offset: proto.Int32(s.Offset), Length: proto.Uint32(s.Length)}
	}
	return out
}

// classic is a histogram of custom buckets with its cumulative counts; the
// encoder adds the bucket of +Inf.
func classic(h *histogram.FloatHistogram) *dto.Histogram {
	out := &dto.Histogram{
		SampleCountFloat: proto.Float64(h.Count),
		SampleSum:        proto.Float64(h.Sum),
	}
	counts := make([]float64, len(h.CustomValues)+1)
	for it := h.PositiveBucketIterator(); it.Next(); {
		if b := it.At(); int(b.Index) < len(counts) {
			counts[b.Index] = b.Count
		}
	}
	sum := 0.0
	for i, le := range h.CustomValues {
		sum += counts[i]
		out.Bucket = append(out.Bucket, &dto.Bucket{UpperBound: proto.Float64(le), CumulativeCountFloat: proto.Float64(sum)})
	}
	return out
}
