package promwrite_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/promwrite"
)

// The rules of the remote write specifications and of Prometheus' receiver, a
// test each.

func TestAcceptsV1PlainContentType(t *testing.T) {
	for _, ct := range []string{"", typeV1, typeV1 + ";proto=prometheus.WriteRequest", typeV1 + "; proto=prometheus.WriteRequest"} {
		t.Run(ct, func(t *testing.T) {
			r := newReceiver(t)
			w := r.post(ct, encode(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(r.now, 1, "__name__", "up")}}))
			require.Equal(t, http.StatusNoContent, w.Code, w.Body)
			require.Empty(t, w.Header().Get(writtenSamples))
			require.Equal(t, []point{val(`{__name__="up"}`, r.now, 1)}, r.points())
		})
	}
}

func TestAcceptsV2(t *testing.T) {
	for _, ct := range []string{typeV2, "application/x-protobuf; proto=io.prometheus.write.v2.Request"} {
		t.Run(ct, func(t *testing.T) {
			r := newReceiver(t)
			w := r.post(ct, encode(t, newRequest2().sample(r.now, 1, "__name__", "up", "job", "api")))
			require.Equal(t, http.StatusNoContent, w.Code, w.Body)
			require.Equal(t, []point{val(`{__name__="up", job="api"}`, r.now, 1)}, r.points())
		})
	}
}

func TestEveryPathServesBothVersions(t *testing.T) {
	r := newReceiver(t)
	for i, path := range []string{"/api/v1/write", "/api/v1/push", "/prometheus/api/v1/write", "/prometheus/api/v1/push"} {
		w := r.postTo(path, typeV1, encode(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(r.now+int64(i), 1, "__name__", "a")}}))
		require.Equal(t, http.StatusNoContent, w.Code, path)
		w = r.postTo(path, typeV2, encode(t, newRequest2().sample(r.now+int64(i), 1, "__name__", "b")))
		require.Equal(t, http.StatusNoContent, w.Code, path)
	}
	require.Len(t, r.points(), 8)
}

func TestRejectsUnknownProto415(t *testing.T) {
	r := newReceiver(t)
	w := r.post(typeV1+";proto=prometheus.Other", encode(t, &prompb.WriteRequest{}))
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Contains(t, w.Body.String(), "prometheus.Other")
	require.Equal(t, 1, r.rejected(ingest.ReasonMediaType))
}

func TestRejectsMalformedParameter415(t *testing.T) {
	r := newReceiver(t)
	require.Equal(t, http.StatusUnsupportedMediaType, r.post(typeV1+";proto", encode(t, &prompb.WriteRequest{})).Code)
}

func TestRejectsSwitchedOffMessage415(t *testing.T) {
	r := newReceiver(t, func(o *promwrite.Options) { o.Messages = []promwrite.Message{promwrite.V1} })
	w := r.v2(&newRequest2().sample(r.now, 1, "__name__", "up").Request)
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, "io.prometheus.write.v2.Request protobuf message is not accepted by this server; only accepts prometheus.WriteRequest\n", w.Body.String())
}

func TestRejectsJSON415(t *testing.T) {
	r := newReceiver(t)
	w := r.post("application/json", []byte("{}"))
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Contains(t, w.Body.String(), "application/json")
}

func TestRejectsGzip415(t *testing.T) {
	r := newReceiver(t)
	w := r.post(typeV1, encode(t, &prompb.WriteRequest{}), "Content-Encoding", "gzip")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, "gzip encoding (compression) is not accepted by this server; only snappy is acceptable\n", w.Body.String())
}

func TestRejectsOtherMethods405(t *testing.T) {
	r := newReceiver(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/write", nil)
	require.NoError(t, err)
	w := newRecorder(r, req)
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "Method not allowed\n", w.Body.String())
}

func TestCorruptSnappy400(t *testing.T) {
	r := newReceiver(t)
	good := encode(t, &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(r.now, 1, "__name__", "up")}})
	for _, body := range [][]byte{nil, {0xff}, []byte("not snappy at all"), good[:len(good)-3]} {
		w := r.post(typeV1, body)
		require.Equal(t, http.StatusBadRequest, w.Code, "%x", body)
		require.Contains(t, w.Body.String(), "snappy")
	}
	require.Equal(t, 4, r.rejected(ingest.ReasonMalformed))
}

func TestTruncatedProto400(t *testing.T) {
	for name, m := range map[string]marshaler{
		typeV1: &prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(1, 1, "__name__", "up"), series1(1, 1, "__name__", "down")}},
		typeV2: newRequest2().sample(1, 1, "__name__", "up").sample(1, 2, "__name__", "down"),
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			b, err := m.Marshal()
			require.NoError(t, err)
			w := r.post(name, snappy.Encode(nil, b[:len(b)-1]))
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Empty(t, r.points(), "something was half-written")
			require.Zero(t, r.store.NumSeries())
		})
	}
}

func TestDamagedLabelLeavesNoTrace(t *testing.T) {
	r := newReceiver(t)
	good, err := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series1(r.now, 1, "__name__", "up")}}).Marshal()
	require.NoError(t, err)
	// A series whose label announces more bytes than it has.
	bad := []byte{0x0a, 0x05, 0x0a, 0x03, 0x0a, 0x7f, 'x'}
	w := r.post(typeV1, snappy.Encode(nil, append(good, bad...)))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "time series 1: label: message is truncated")
	require.Zero(t, r.store.NumSeries())
}

func TestSnappyBomb400NoAlloc(t *testing.T) {
	r := newReceiver(t)
	for name, announced := range map[string]uint64{"over the limit": 4 << 30, "more than the body can hold": 60 << 20} {
		t.Run(name, func(t *testing.T) {
			body := append(binary.AppendUvarint(nil, announced), 0xfe, 0x01, 0x00)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := r.post(typeV1, body)
			runtime.ReadMemStats(&after)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20))
		})
	}
}

func TestBodyOverTheLimit413(t *testing.T) {
	r := newReceiver(t, func(o *promwrite.Options) { o.Limits.MaxBodyBytes = 1000 })
	w := r.post(typeV1, make([]byte, 1001))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), "max_body_bytes")
	require.Equal(t, 1, r.rejected(ingest.ReasonTooLarge))
}

func TestV2HeadersOn204(t *testing.T) {
	r := newReceiver(t)
	q := newRequest2()
	q.add(writev2.TimeSeries{
		Samples:   []writev2.Sample{{Timestamp: r.now, Value: 1}, {Timestamp: r.now + 1, Value: 2}},
		Exemplars: []writev2.Exemplar{{LabelsRefs: q.refs("trace_id", "abc"), Value: 1, Timestamp: r.now}},
	}, "__name__", "a")
	q.add(writev2.TimeSeries{Histograms: []writev2.Histogram{writev2.FromIntHistogram(0, r.now, intHistogram())}}, "__name__", "h")
	w := r.v2(&q.Request)
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Equal(t, "2", w.Header().Get(writtenSamples))
	require.Equal(t, "1", w.Header().Get(writtenHistograms))
	require.Equal(t, "1", w.Header().Get(writtenExemplars))
}

func TestV2HeadersOnPartial400(t *testing.T) {
	r := newReceiver(t)
	w := r.v2(&newRequest2().sample(r.now, 1, "__name__", "good").sample(r.now, 1, "job", "nameless").Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Equal(t, "1", w.Header().Get(writtenSamples))
	require.Equal(t, "0", w.Header().Get(writtenHistograms))
	require.Equal(t, "invalid metric name or labels, got {job=\"nameless\"}\n", w.Body.String())
	require.Equal(t, []point{val(`{__name__="good"}`, r.now, 1)}, r.points())
	require.Equal(t, 1, r.rejected(ingest.ReasonLabels))
}

func TestV2BadSymbolRef(t *testing.T) {
	r := newReceiver(t)
	q := newRequest2().sample(r.now, 1, "__name__", "good").sample(r.now, 2, "__name__", "bad")
	q.Timeseries[1].LabelsRefs[1] = 99
	w := r.v2(&q.Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "parsing labels for series [1 99]: labelRefs 1 (name) = 99 (value) outside of symbols table (size 4)")
	require.Len(t, r.points(), 1)
}

func TestV2OddRefs(t *testing.T) {
	r := newReceiver(t)
	q := newRequest2().sample(r.now, 1, "__name__", "bad")
	q.Timeseries[0].LabelsRefs = []uint32{1, 2, 1}
	w := r.v2(&q.Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "parsing labels for series [1 2 1]: invalid labelRefs length 3")
}

func TestV2BadMetadataRef(t *testing.T) {
	r := newReceiver(t)
	q := newRequest2().sample(r.now, 1, "__name__", "bad")
	q.Timeseries[0].Metadata = writev2.Metadata{UnitRef: 7}
	w := r.v2(&q.Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "parsing metadata for series [1 2]: metadata unit_ref 7 outside of symbols table (size 3)")
}

// testBadLabels sends labels that both versions refuse, each in its own way.
func testBadLabels(t *testing.T, pairs []string, message string) {
	t.Run("v1 passes over it", func(t *testing.T) {
		r := newReceiver(t)
		w := r.v1(series1(r.now, 1, pairs...), series1(r.now, 2, "__name__", "good"))
		require.Equal(t, http.StatusNoContent, w.Code, w.Body)
		require.Equal(t, []point{val(`{__name__="good"}`, r.now, 2)}, r.points())
		require.Equal(t, 1, r.rejected(ingest.ReasonLabels))
	})
	t.Run("v2 says so", func(t *testing.T) {
		r := newReceiver(t)
		w := r.v2(&newRequest2().sample(r.now, 1, pairs...).sample(r.now, 2, "__name__", "good").Request)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.Contains(t, w.Body.String(), message)
		require.Equal(t, "1", w.Header().Get(writtenSamples))
		require.Equal(t, []point{val(`{__name__="good"}`, r.now, 2)}, r.points())
		require.Equal(t, 1, r.rejected(ingest.ReasonLabels))
	})
}

func TestDuplicateLabels(t *testing.T) {
	testBadLabels(t, []string{"__name__", "a", "job", "1", "job", "2"}, "duplicated label job")
}

func TestMissingName(t *testing.T) {
	testBadLabels(t, []string{"job", "1"}, "invalid metric name or labels")
}

func TestInvalidUTF8(t *testing.T) {
	testBadLabels(t, []string{"__name__", "a", "job", "\xff"}, "invalid metric name or labels")
}

func TestEmptyLabelName(t *testing.T) {
	testBadLabels(t, []string{"", "x", "__name__", "a"}, "invalid metric name or labels")
}

func TestTooManyLabels(t *testing.T) {
	pairs := []string{"__name__", "a"}
	for i := range 10_000 {
		pairs = append(pairs, fmt.Sprintf("l%05d", i), "v")
	}
	testBadLabels(t, pairs, `series "a" has 10001 labels, more than max_labels: 128`)
}

func TestLabelValueTooLong(t *testing.T) {
	testBadLabels(t, []string{"__name__", "a", "job", strings.Repeat("x", 70_000)}, `label "job" has 70000 bytes, more than max_label_value_bytes: 65536`)
}

func TestEmptyLabelValueIsNoLabel(t *testing.T) {
	r := newReceiver(t)
	for i := range 3 { // through the cache, too
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+int64(i), 1, "__name__", "a", "job", "", "x", "1")).Code)
	}
	require.EqualValues(t, 1, r.store.NumSeries())
	require.Equal(t, `{__name__="a", x="1"}`, r.points()[0].series)
}

func TestEmptySeries(t *testing.T) {
	r := newReceiver(t)
	require.Equal(t, http.StatusNoContent, r.v1(prompb.TimeSeries{Labels: wireLabels("__name__", "a")}).Code)
	w := r.v2(&newRequest2().add(writev2.TimeSeries{}, "__name__", "a").Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `TimeSeries must contain at least one sample or histogram for series {__name__="a"}`)
}

func TestEmptyRequest204(t *testing.T) {
	r := newReceiver(t)
	require.Equal(t, http.StatusNoContent, r.v1().Code)
	w := r.v2(&writev2.Request{Symbols: []string{""}})
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, "0", w.Header().Get(writtenSamples))
}

func TestStaleNaNBitsSurvive(t *testing.T) {
	r := newReceiver(t)
	stale, other := math.Float64frombits(staleBits), math.Float64frombits(0x7ff8000000000123)
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, stale, "__name__", "a"), series1(r.now, other, "__name__", "b")).Code)
	require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().sample(r.now, stale, "__name__", "c").Request).Code)
	h := writev2.FromIntHistogram(0, r.now, &histogram.Histogram{Sum: stale})
	require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().add(writev2.TimeSeries{Histograms: []writev2.Histogram{h}}, "__name__", "d").Request).Code)
	got := r.points()
	require.Len(t, got, 4)
	require.EqualValues(t, staleBits, got[0].bits)
	require.EqualValues(t, 0x7ff8000000000123, got[1].bits)
	require.EqualValues(t, staleBits, got[2].bits)
	require.EqualValues(t, staleBits, got[3].bits)
}

// testHistogram sends h or fh in both versions and expects want back.
func testHistogram(t *testing.T, h *histogram.Histogram, fh *histogram.FloatHistogram, want string) {
	t.Helper()
	r := newReceiver(t)
	h1, h2 := prompb.FromIntHistogram(r.now, h), writev2.FromIntHistogram(0, r.now, h)
	if fh != nil {
		h1, h2 = prompb.FromFloatHistogram(r.now, fh), writev2.FromFloatHistogram(0, r.now, fh)
	}
	w := r.v1(prompb.TimeSeries{Labels: wireLabels("__name__", "one"), Histograms: []prompb.Histogram{h1}})
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	w = r.v2(&newRequest2().add(writev2.TimeSeries{Histograms: []writev2.Histogram{h2}}, "__name__", "two").Request)
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Equal(t, "1", w.Header().Get(writtenHistograms))
	got := r.points()
	require.Len(t, got, 2)
	require.Equal(t, want, got[0].h)
	require.Equal(t, want, got[1].h)
}

func TestFloatAndIntNativeHistogram(t *testing.T) {
	testHistogram(t, intHistogram(), nil, intHistogram().String())
	fh := intHistogram().ToFloat(nil)
	fh.Count, fh.ZeroCount = 7.5, 1.5
	testHistogram(t, unsent(), fh, fh.String())
}

// unsent stands where the other flavour is sent.
func unsent() *histogram.Histogram { return &histogram.Histogram{} }

func TestCustomBucketHistogram(t *testing.T) {
	testHistogram(t, customHistogram(), nil, customHistogram().String())
	fh := customHistogram().ToFloat(nil)
	testHistogram(t, unsent(), fh, fh.String())
}

func TestSchema9Reduced(t *testing.T) {
	h := intHistogram()
	h.Schema = 9
	want := h.Copy()
	require.NoError(t, want.ReduceResolution(8))
	testHistogram(t, h, nil, want.String())
	testHistogram(t, unsent(), h.ToFloat(nil), want.ToFloat(nil).String())
}

func TestInvalidHistogram(t *testing.T) {
	mismatch := intHistogram()
	mismatch.Count = 3
	schema := intHistogram()
	schema.Schema = 53
	spans := intHistogram()
	spans.PositiveSpans[0].Length = 9
	fineSpans := spans.Copy()
	fineSpans.Schema = 9
	for name, h := range map[string]*histogram.Histogram{"counts": mismatch, "schema": schema, "spans": spans, "spans to be reduced": fineSpans} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			good := series1(r.now, 1, "__name__", "good")
			w := r.v1(good, prompb.TimeSeries{Labels: wireLabels("__name__", "h"), Histograms: []prompb.Histogram{prompb.FromIntHistogram(r.now, h)}})
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Empty(t, r.points())
			require.Equal(t, 2, r.rejected(ingest.ReasonMalformed))

			q := newRequest2().sample(r.now, 1, "__name__", "good")
			w = r.v2(&q.add(writev2.TimeSeries{Histograms: []writev2.Histogram{writev2.FromIntHistogram(0, r.now, h)}}, "__name__", "h").Request)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), ` for series {__name__="h"}`)
			require.Equal(t, "1", w.Header().Get(writtenSamples))
			require.Equal(t, "0", w.Header().Get(writtenHistograms))
			require.Len(t, r.points(), 1)
		})
	}
}

func (r *receiver) exemplars() []exemplar.QueryResult {
	q, err := r.store.ExemplarQuerier(r.t.(*testing.T).Context())
	require.NoError(r.t, err)
	got, err := q.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+")})
	require.NoError(r.t, err)
	return got
}

func TestExemplarWithTraceID(t *testing.T) {
	want := func(r *receiver) []exemplar.QueryResult {
		return []exemplar.QueryResult{{
			SeriesLabels: labels.FromStrings("__name__", "lat"),
			Exemplars:    []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", "0af7"), Value: 0.7, Ts: r.now, HasTs: true}},
		}}
	}
	e1 := func(r *receiver) []prompb.Exemplar {
		return []prompb.Exemplar{{Labels: wireLabels("trace_id", "0af7"), Value: 0.7, Timestamp: r.now}}
	}
	t.Run("v1 with its sample", func(t *testing.T) {
		r := newReceiver(t)
		s := series1(r.now, 1, "__name__", "lat")
		s.Exemplars = e1(r)
		require.Equal(t, http.StatusNoContent, r.v1(s).Code)
		require.Equal(t, want(r), r.exemplars())
	})
	t.Run("v1 in a series of its own, as Prometheus sends it", func(t *testing.T) {
		r := newReceiver(t)
		alone := prompb.TimeSeries{Labels: wireLabels("__name__", "lat"), Exemplars: e1(r)}
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "lat"), alone).Code)
		require.Equal(t, want(r), r.exemplars())
	})
	t.Run("v1 in a request of its own", func(t *testing.T) {
		r := newReceiver(t)
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "lat")).Code)
		require.Equal(t, http.StatusNoContent, r.v1(prompb.TimeSeries{Labels: wireLabels("__name__", "lat"), Exemplars: e1(r)}).Code)
		require.Equal(t, want(r), r.exemplars())
	})
	t.Run("v1 of an unknown series is passed over", func(t *testing.T) {
		r := newReceiver(t)
		require.Equal(t, http.StatusNoContent, r.v1(prompb.TimeSeries{Labels: wireLabels("__name__", "lat"), Exemplars: e1(r)}).Code)
		require.Empty(t, r.exemplars())
		require.Equal(t, 1, r.rejected(ingest.ReasonStorage))
	})
	t.Run("v2", func(t *testing.T) {
		r := newReceiver(t)
		q := newRequest2()
		q.add(writev2.TimeSeries{
			Samples:   []writev2.Sample{{Timestamp: r.now, Value: 1}},
			Exemplars: []writev2.Exemplar{{LabelsRefs: q.refs("trace_id", "0af7"), Value: 0.7, Timestamp: r.now}},
		}, "__name__", "lat")
		w := r.v2(&q.Request)
		require.Equal(t, http.StatusNoContent, w.Code, w.Body)
		require.Equal(t, "1", w.Header().Get(writtenExemplars))
		require.Equal(t, want(r), r.exemplars())
	})
}

func TestOutOfOrderExemplar(t *testing.T) {
	// Exemplars share the samples' window, so this one is a day late.
	late := func(r *receiver) int64 { return r.now - 24*3600*1000 }
	r := newReceiver(t)
	s := series1(r.now, 1, "__name__", "a")
	s.Exemplars = []prompb.Exemplar{
		{Labels: wireLabels("trace_id", "1"), Value: 1, Timestamp: r.now},
	}
	require.Equal(t, http.StatusNoContent, r.v1(s).Code)
	s = series1(r.now+1, 1, "__name__", "a")
	s.Exemplars = []prompb.Exemplar{{Labels: wireLabels("trace_id", "0"), Value: 2, Timestamp: late(r)}}
	require.Equal(t, http.StatusNoContent, r.v1(s).Code, "version 1 tells nobody")
	require.Equal(t, 1, r.rejected(ingest.ReasonOutOfOrder))

	q := newRequest2()
	q.add(writev2.TimeSeries{
		Samples:   []writev2.Sample{{Timestamp: r.now + 2, Value: 1}},
		Exemplars: []writev2.Exemplar{{LabelsRefs: q.refs("trace_id", "0"), Value: 3, Timestamp: late(r)}},
	}, "__name__", "a")
	w := r.v2(&q.Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Equal(t, "out of order exemplar for series {__name__=\"a\"}\n", w.Body.String())
	require.Equal(t, "1", w.Header().Get(writtenSamples))
	require.Equal(t, "0", w.Header().Get(writtenExemplars))
}

// testBadSample sends a good sample and one at t that fails.
func testBadSample(t *testing.T, first, then func(now int64) (int64, float64), message, reason string) {
	t.Helper()
	t.Run("v1 rolls the request back", func(t *testing.T) {
		r := newReceiver(t)
		ts, v := first(r.now)
		require.Equal(t, http.StatusNoContent, r.v1(series1(ts, v, "__name__", "a")).Code)
		ts, v = then(r.now)
		w := r.v1(series1(r.now, 1, "__name__", "good"), series1(ts, v, "__name__", "a"))
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.True(t, strings.HasPrefix(w.Body.String(), message), w.Body)
		require.Len(t, r.points(), 1)
		require.Equal(t, 2, r.rejected(reason), "the good one is lost as well")
	})
	t.Run("v2 keeps the others", func(t *testing.T) {
		r := newReceiver(t)
		ts, v := first(r.now)
		require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().sample(ts, v, "__name__", "a").Request).Code)
		ts, v = then(r.now)
		w := r.v2(&newRequest2().sample(ts, v, "__name__", "a").sample(r.now, 1, "__name__", "good").Request)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.True(t, strings.HasPrefix(w.Body.String(), message), w.Body)
		require.True(t, strings.HasSuffix(w.Body.String(), " for series {__name__=\"a\"}\n"), w.Body)
		require.Equal(t, "1", w.Header().Get(writtenSamples))
		require.Len(t, r.points(), 2)
		require.Equal(t, 1, r.rejected(reason))
	})
}

func at(offset int64, v float64) func(int64) (int64, float64) {
	return func(now int64) (int64, float64) { return now + offset, v }
}

func TestFutureSample400(t *testing.T) {
	testBadSample(t, at(0, 1), at(11*60*1000, 1), "out of bounds: timestamp is too far in the future", ingest.ReasonTooNew)
	testBadSample(t, at(0, 1), func(int64) (int64, float64) { return 4102444800000, 1 }, // the year 2100
		"out of bounds: timestamp is too far in the future", ingest.ReasonTooNew)
}

func TestTooOldSample400(t *testing.T) {
	testBadSample(t, at(0, 1), at(-24*3600*1000, 1), "too old sample", ingest.ReasonTooOld)
	testBadSample(t, at(0, 1), func(int64) (int64, float64) { return 1000, 1 }, "too old sample", ingest.ReasonTooOld)
}

func TestOutOfOrderInsideTheWindowIsStored(t *testing.T) {
	r := newReceiver(t)
	for _, offset := range []int64{0, -60_000, -30_000} {
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+offset, float64(offset), "__name__", "a")).Code)
	}
	require.Equal(t, []point{
		val(`{__name__="a"}`, r.now-60_000, -60_000), val(`{__name__="a"}`, r.now-30_000, -30_000), val(`{__name__="a"}`, r.now, 0),
	}, r.points())
}

func TestSameValueDuplicate204(t *testing.T) {
	r := newReceiver(t)
	for range 2 {
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "a")).Code)
		w := r.v2(&newRequest2().sample(r.now, 1, "__name__", "a").Request)
		require.Equal(t, http.StatusNoContent, w.Code)
		require.Equal(t, "1", w.Header().Get(writtenSamples), "counts as written")
	}
	require.Len(t, r.points(), 1)
}

func TestDifferentValueDuplicate400(t *testing.T) {
	testBadSample(t, at(0, 1), at(0, 2), "duplicate sample for timestamp", ingest.ReasonDuplicate)
}

func TestMetadataOnlyV1204(t *testing.T) {
	r := newReceiver(t)
	w := r.post(typeV1, encode(t, &prompb.WriteRequest{Metadata: []prompb.MetricMetadata{
		{Type: prompb.MetricMetadata_COUNTER, MetricFamilyName: "requests_total", Help: "Requests.", Unit: "requests"},
		{Type: prompb.MetricMetadata_HISTOGRAM, MetricFamilyName: "latency"},
	}}))
	require.Equal(t, http.StatusNoContent, w.Code)
	m, ok := r.store.Families.Get("requests_total")
	require.True(t, ok)
	require.Equal(t, "counter Requests. requests", string(m.Type)+" "+m.Help+" "+m.Unit)
	m, _ = r.store.Families.Get("latency")
	require.EqualValues(t, "histogram", m.Type)
}

func TestV2MetadataIsOfTheFamily(t *testing.T) {
	r := newReceiver(t)
	q := newRequest2()
	for _, x := range []struct {
		name string
		typ  writev2.Metadata_MetricType
	}{
		{"lat_bucket", writev2.Metadata_METRIC_TYPE_HISTOGRAM},
		{"lat_sum", writev2.Metadata_METRIC_TYPE_HISTOGRAM},
		{"size_count", writev2.Metadata_METRIC_TYPE_SUMMARY},
		{"line_count", writev2.Metadata_METRIC_TYPE_GAUGE},
	} {
		q.add(writev2.TimeSeries{
			Samples:  []writev2.Sample{{Timestamp: r.now, Value: 1}},
			Metadata: writev2.Metadata{Type: x.typ, HelpRef: q.table.Symbolize("Help."), UnitRef: q.table.Symbolize("s")},
		}, "__name__", x.name)
	}
	require.Equal(t, http.StatusNoContent, r.v2(&q.Request).Code)
	var got []string
	for name, m := range r.store.Families.All() {
		got = append(got, name+" "+string(m.Type)+" "+m.Help+" "+m.Unit)
	}
	require.Equal(t, []string{"lat histogram Help. s", "line_count gauge Help. s", "size summary Help. s"}, got)
}

func TestUnsortedLabels(t *testing.T) {
	r := newReceiver(t)
	for i := range int64(3) { // through the cache, too
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+i, 1, "zone", "z", "__name__", "a", "job", "j")).Code)
		require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().sample(r.now+i, 1, "zone", "z", "__name__", "a", "job", "j").Request).Code)
		require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+i, 1, "__name__", "a", "job", "j", "zone", "z")).Code)
	}
	require.EqualValues(t, 1, r.store.NumSeries())
	require.Equal(t, `{__name__="a", job="j", zone="z"}`, r.points()[0].series)
}

func TestUTF8MetricName(t *testing.T) {
	r := newReceiver(t)
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "http.requests", "größe", "ü")).Code)
	require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().sample(r.now, 1, "__name__", "http.requests", "größe", "ü").Request).Code)
	require.Equal(t, []point{val(`{__name__="http.requests", "größe"="ü"}`, r.now, 1)}, r.points())
}

func TestOldCreatedTimestampOfASeriesIsTolerated(t *testing.T) {
	r := newReceiver(t)
	ts := writev2.TimeSeries{LabelsRefs: []uint32{1, 2}, Samples: []writev2.Sample{{Timestamp: r.now, Value: 1}}}
	b, err := ts.Marshal()
	require.NoError(t, err)
	b = append(b, 6<<3)
	b = binary.AppendUvarint(b, uint64(r.now-1000))
	body := slices.Concat([]byte{4<<3&0xff | 2, 0, 4<<3 | 2, 8}, []byte("__name__"), []byte{4<<3 | 2, 1, 'a', 5<<3 | 2, byte(len(b))}, b)
	w := r.post(typeV2, snappy.Encode(nil, body))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Len(t, r.points(), 1)
}
