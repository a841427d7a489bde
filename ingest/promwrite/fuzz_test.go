package promwrite

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/stretchr/testify/require"
)

// The generated code of Prometheus is the reference. It takes a few things
// that are not protobuf, a packed field that runs into the next one for
// instance, so: what our decoder takes, the reference takes and reads alike;
// what the reference takes, ours reads alike once it is encoded again.

func FuzzDecodeV1(f *testing.F) {
	for _, m := range samplesV1() {
		b, err := m.Marshal()
		require.NoError(f, err)
		f.Add(b)
		f.Add(b[:len(b)/2])
		f.Add(append([]byte{0x13, 0x08, 0x01, 0x14}, b...)) // a group before
	}
	// Labels with a sample between them, and an exemplar's.
	f.Add([]byte{0x0a, 0x12, 0x0a, 0x03, 0x0a, 0x01, 'a', 0x12, 0x02, 0x10, 0x01, 0x0a, 0x05, 0x0a, 0x01, 'b', 0x12, 0x00, 0x1a, 0x00})
	f.Fuzz(func(t *testing.T, body []byte) {
		var ref prompb.WriteRequest
		refErr := ref.Unmarshal(body)
		if got, err := readV1(body); err == nil {
			require.NoError(t, refErr)
			require.Equal(t, referenceV1(&ref), got)
		}
		if refErr == nil {
			again, err := ref.Marshal()
			require.NoError(t, err)
			got, err := readV1(again)
			require.NoError(t, err)
			require.Equal(t, referenceV1(&ref), got)
		}
	})
}

func FuzzDecodeV2(f *testing.F) {
	for _, m := range samplesV2() {
		b, err := m.Marshal()
		require.NoError(f, err)
		f.Add(b)
		f.Add(b[:len(b)/2])
		f.Add(append([]byte{0x13, 0x08, 0x01, 0x14}, b...))
	}
	f.Add([]byte{0x2a, 0x08, 0x08, 0x01, 0x22, 0x02, 0x08, 0x03, 0x08, 0x02}) // references around an exemplar's
	f.Fuzz(func(t *testing.T, body []byte) {
		var ref writev2.Request
		refErr := ref.Unmarshal(body)
		if got, err := readV2(body); err == nil {
			require.NoError(t, refErr)
			require.Equal(t, referenceV2(&ref), got)
		}
		if refErr == nil {
			again, err := ref.Marshal()
			require.NoError(t, err)
			got, err := readV2(again)
			require.NoError(t, err)
			require.Equal(t, referenceV2(&ref), got)
		}
	})
}

// The readers and references below print a request line by line.

func readV1(body []byte) ([]string, error) {
	q := newRequestPool().Get().(*request)
	if err := q.decodeV1(body); err != nil {
		return nil, err
	}
	var out []string
	for _, s := range q.series {
		if err := q.readPairs(s.wire, nil); err != nil {
			return nil, err
		}
		out = append(out, "series")
		for _, p := range q.pairs {
			out = append(out, fmt.Sprintf("label %q=%q", p.Name, p.Value))
		}
		out = append(out, q.lines(&s)...)
		for _, e := range q.exemplars[s.exemplars.from:s.exemplars.to] {
			if err := q.readPairs(e.wire, nil); err != nil {
				return nil, err
			}
			out = append(out, fmt.Sprintf("exemplar %x %d", math.Float64bits(e.v), e.t))
			for _, p := range q.pairs {
				out = append(out, fmt.Sprintf("label %q=%q", p.Name, p.Value))
			}
		}
	}
	for _, m := range q.metadata {
		out = append(out, fmt.Sprintf("metadata %q %s %q %q", m.family, m.meta.Type, m.meta.Help, m.meta.Unit))
	}
	return out, nil
}

func (q *request) lines(s *series) []string {
	var out []string
	for _, x := range q.samples[s.samples.from:s.samples.to] {
		out = append(out, fmt.Sprintf("sample %x %d %d", math.Float64bits(x.v), x.t, x.st))
	}
	for _, x := range q.histograms[s.histograms.from:s.histograms.to] {
		out = append(out, histogramLine(x.t, x.st, x.h, x.fh))
	}
	return out
}

func histogramLine(t, st int64, h *histogram.Histogram, fh *histogram.FloatHistogram) string {
	if fh != nil {
		return fmt.Sprintf("float histogram %d %d %x %+v", t, st, math.Float64bits(fh.Sum), *fh)
	}
	return fmt.Sprintf("histogram %d %d %x %+v", t, st, math.Float64bits(h.Sum), *h)
}

func referenceV1(m *prompb.WriteRequest) []string {
	var out []string
	pairs := func(ls []prompb.Label) {
		for _, l := range ls {
			out = append(out, fmt.Sprintf("label %q=%q", l.Name, l.Value))
		}
	}
	for _, s := range m.Timeseries {
		out = append(out, "series")
		pairs(s.Labels)
		for _, x := range s.Samples {
			out = append(out, fmt.Sprintf("sample %x %d 0", math.Float64bits(x.Value), x.Timestamp))
		}
		for _, x := range s.Histograms {
			if x.IsFloatHistogram() {
				out = append(out, histogramLine(x.Timestamp, 0, nil, x.ToFloatHistogram()))
			} else {
				out = append(out, histogramLine(x.Timestamp, 0, x.ToIntHistogram(), nil))
			}
		}
		for _, e := range s.Exemplars {
			out = append(out, fmt.Sprintf("exemplar %x %d", math.Float64bits(e.Value), e.Timestamp))
			pairs(e.Labels)
		}
	}
	for _, x := range m.Metadata {
		out = append(out, fmt.Sprintf("metadata %q %s %q %q", x.MetricFamilyName, metricType(uint64(x.Type)), x.Help, x.Unit))
	}
	return out
}

func readV2(body []byte) ([]string, error) {
	q := newRequestPool().Get().(*request)
	if err := q.decodeV2(body); err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("%q", q.symbols)}
	for _, s := range q.series {
		out = append(out, fmt.Sprintf("series %d %d %d %d", q.refs[s.refs.from:s.refs.to], int32(s.meta.typ), s.meta.help, s.meta.unit))
		out = append(out, q.lines(&s)...)
		for _, e := range q.exemplars[s.exemplars.from:s.exemplars.to] {
			out = append(out, fmt.Sprintf("exemplar %d %x %d", q.exemplarRefs[e.refs.from:e.refs.to], math.Float64bits(e.v), e.t))
		}
	}
	return out, nil
}

func referenceV2(m *writev2.Request) []string {
	out := []string{fmt.Sprintf("%q", m.Symbols)}
	for _, s := range m.Timeseries {
		out = append(out, fmt.Sprintf("series %d %d %d %d", s.LabelsRefs, s.Metadata.Type, s.Metadata.HelpRef, s.Metadata.UnitRef))
		for _, x := range s.Samples {
			out = append(out, fmt.Sprintf("sample %x %d %d", math.Float64bits(x.Value), x.Timestamp, x.StartTimestamp))
		}
		for _, x := range s.Histograms {
			if x.IsFloatHistogram() {
				out = append(out, histogramLine(x.Timestamp, x.StartTimestamp, nil, x.ToFloatHistogram()))
			} else {
				out = append(out, histogramLine(x.Timestamp, x.StartTimestamp, x.ToIntHistogram(), nil))
			}
		}
		for _, e := range s.Exemplars {
			out = append(out, fmt.Sprintf("exemplar %d %x %d", e.LabelsRefs, math.Float64bits(e.Value), e.Timestamp))
		}
	}
	return out
}

func samplesV1() []*prompb.WriteRequest {
	h := &histogram.Histogram{
		Count: 7, Sum: math.Float64frombits(0x7ff0000000000002), ZeroThreshold: 1e-3, ZeroCount: 1, Schema: -1,
		PositiveSpans: []histogram.Span{{Offset: -2, Length: 2}}, PositiveBuckets: []int64{2, -1},
		NegativeSpans: []histogram.Span{{Offset: 1, Length: 1}}, NegativeBuckets: []int64{1},
	}
	custom := &histogram.FloatHistogram{Schema: histogram.CustomBucketsSchema, CustomValues: []float64{1, 2}, Count: 1.5, CounterResetHint: histogram.GaugeType}
	return []*prompb.WriteRequest{{
		Timeseries: []prompb.TimeSeries{{
			Labels:     []prompb.Label{{Name: "__name__", Value: "a"}, {Name: "job", Value: "b"}},
			Samples:    []prompb.Sample{{Value: 1.5, Timestamp: 1700000000000}, {Value: math.NaN(), Timestamp: -1}},
			Exemplars:  []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: "x"}}, Value: 3, Timestamp: 4}},
			Histograms: []prompb.Histogram{prompb.FromIntHistogram(5, h), prompb.FromFloatHistogram(6, h.ToFloat(nil)), prompb.FromFloatHistogram(7, custom)},
		}},
		Metadata: []prompb.MetricMetadata{{Type: prompb.MetricMetadata_SUMMARY, MetricFamilyName: "a", Help: "h", Unit: "s"}, {Type: 77}},
	}, {}}
}

func samplesV2() []*writev2.Request {
	h := &histogram.Histogram{Count: 3, Sum: 2, Schema: 3, PositiveSpans: []histogram.Span{{Offset: 3, Length: 2}}, PositiveBuckets: []int64{2, -1}}
	return []*writev2.Request{{
		Symbols: []string{"", "__name__", "a", "help", "s"},
		Timeseries: []writev2.TimeSeries{{
			LabelsRefs: []uint32{1, 2},
			Samples:    []writev2.Sample{{Value: 1, Timestamp: 2, StartTimestamp: 1}},
			Exemplars:  []writev2.Exemplar{{LabelsRefs: []uint32{3, 4}, Value: 1, Timestamp: 2}, {}},
			Metadata:   writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_COUNTER, HelpRef: 3, UnitRef: 4},
		}, {
			LabelsRefs: []uint32{1, 2},
			Histograms: []writev2.Histogram{writev2.FromIntHistogram(1, 5, h), writev2.FromFloatHistogram(1, 6, h.ToFloat(nil))},
		}},
	}, {}}
}

func TestVarintsOfMoreThan64BitsAreRefused(t *testing.T) {
	for _, n := range []int{10, 11, 12} {
		b := make([]byte, n)
		for i := range b {
			b[i] = 0x80
		}
		c := cursor{b: b}
		c.uvarint()
		require.ErrorIs(t, c.err, errOverflow)
	}
	c := cursor{b: binary.AppendUvarint(nil, math.MaxUint64)}
	require.EqualValues(t, uint64(math.MaxUint64), c.uvarint())
	require.NoError(t, c.err)
	require.Empty(t, c.b)
}
