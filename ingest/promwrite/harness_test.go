package promwrite_test

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/promwrite"
	"github.com/oriel-obs/oriel/storage/metric"
)

const (
	typeV1 = "application/x-protobuf"
	typeV2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"

	writtenSamples    = "X-Prometheus-Remote-Write-Samples-Written"
	writtenHistograms = "X-Prometheus-Remote-Write-Histograms-Written"
	writtenExemplars  = "X-Prometheus-Remote-Write-Exemplars-Written"
)

// staleBits is a staleness marker; any other NaN would be a value.
const staleBits = 0x7ff0000000000002

// A receiver is a handler over a store of its own.
type receiver struct {
	t       testing.TB
	store   *metric.Store
	account *ingest.Account
	options promwrite.Options
	router  http.Handler
	now     int64 // ms
}

func newReceiver(t testing.TB, change ...func(*promwrite.Options)) *receiver {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	s, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	account := ingest.NewAccount(prometheus.NewRegistry())
	o := promwrite.Options{Store: account.Samples(s), Refs: s.Refs, Families: s.Families, Limits: ingest.DefaultLimits(), Account: account}
	for _, f := range change {
		f(&o)
	}
	r := chi.NewRouter()
	promwrite.New(o).Mount(r)
	return &receiver{t: t, store: s, account: account, options: o, router: r, now: time.Now().UnixMilli()}
}

func (r *receiver) post(contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.postTo("/api/v1/write", contentType, body, header...)
}

func (r *receiver) postTo(path, contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	req.Header.Set("Content-Encoding", "snappy")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.router.ServeHTTP(w, req)
	return w
}

func (r *receiver) v1(series ...prompb.TimeSeries) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.post(typeV1, encode(r.t, &prompb.WriteRequest{Timeseries: series}))
}

func (r *receiver) v2(q *writev2.Request) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.post(typeV2, encode(r.t, q))
}

type marshaler interface{ Marshal() ([]byte, error) }

func encode(t testing.TB, m marshaler) []byte {
	t.Helper()
	b, err := m.Marshal()
	require.NoError(t, err)
	return snappy.Encode(nil, b)
}

// rejected is what the account has refused of samples and exemplars together.
func (r *receiver) rejected(reason string) int {
	n := 0
	for _, x := range r.account.Rejections() {
		if x.Reason == reason {
			require.NotEmpty(r.t, x.Example)
			n += int(x.Rows)
		}
	}
	return n
}

// A point is a stored sample. Bits rather than a value, so that NaNs compare.
type point struct {
	series string
	t      int64
	bits   uint64
	h      string
}

func val(series string, t int64, v float64) point { return point{series, t, math.Float64bits(v), ""} }

// points reads everything back.
func (r *receiver) points() []point {
	r.t.Helper()
	var out []point
	r.each(func(s promstorage.Series) {
		for it := s.Iterator(nil); ; {
			switch it.Next() {
			case chunkenc.ValNone:
				require.NoError(r.t, it.Err())
				return
			case chunkenc.ValFloat:
				t, v := it.At()
				out = append(out, point{s.Labels().String(), t, math.Float64bits(v), ""})
			case chunkenc.ValHistogram:
				t, h := it.AtHistogram(nil)
				out = append(out, point{s.Labels().String(), t, math.Float64bits(h.Sum), h.String()})
			case chunkenc.ValFloatHistogram:
				t, h := it.AtFloatHistogram(nil)
				out = append(out, point{s.Labels().String(), t, math.Float64bits(h.Sum), h.String()})
			}
		}
	})
	return out
}

func (r *receiver) each(f func(promstorage.Series)) {
	q, err := r.store.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(r.t, err)
	defer func() { require.NoError(r.t, q.Close()) }()
	set := q.Select(r.t.(interface{ Context() context.Context }).Context(), true, nil,
		labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	for set.Next() {
		f(set.At())
	}
	require.NoError(r.t, set.Err())
}

func series1(t int64, v float64, pairs ...string) prompb.TimeSeries {
	return prompb.TimeSeries{Labels: wireLabels(pairs...), Samples: []prompb.Sample{{Timestamp: t, Value: v}}}
}

// wireLabels keeps the order, and duplicates.
func wireLabels(pairs ...string) []prompb.Label {
	var out []prompb.Label
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, prompb.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// A request2 builds a version 2 request.
type request2 struct {
	writev2.Request
	table writev2.SymbolsTable
}

func newRequest2() *request2 { return &request2{table: writev2.NewSymbolTable()} }

func (q *request2) refs(pairs ...string) []uint32 {
	var out []uint32
	for _, s := range pairs {
		out = append(out, q.table.Symbolize(s))
	}
	return out
}

func (q *request2) add(s writev2.TimeSeries, pairs ...string) *request2 {
	s.LabelsRefs = q.refs(pairs...)
	q.Timeseries = append(q.Timeseries, s)
	q.Symbols = q.table.Symbols()
	return q
}

func (q *request2) sample(t int64, v float64, pairs ...string) *request2 {
	return q.add(writev2.TimeSeries{Samples: []writev2.Sample{{Timestamp: t, Value: v}}}, pairs...)
}

func intHistogram() *histogram.Histogram {
	return &histogram.Histogram{
		Count: 7, Sum: 3.5, ZeroThreshold: 1e-3, ZeroCount: 1, Schema: 1,
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []int64{2, 1},
		NegativeSpans: []histogram.Span{{Offset: 1, Length: 1}}, NegativeBuckets: []int64{1},
	}
}

func customHistogram() *histogram.Histogram {
	return &histogram.Histogram{
		Count: 5, Sum: 9, Schema: histogram.CustomBucketsSchema, CustomValues: []float64{1, 2, 5},
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 3}}, PositiveBuckets: []int64{1, 1, 0},
	}
}
