package otlp

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

func TestHistogramSeries(t *testing.T) {
	r, d := newRig(t), newDoc()
	h := d.metric("lat", "s").SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	p.ExplicitBounds().FromRaw([]float64{0.00001, 1, 1e21})
	p.BucketCounts().FromRaw([]uint64{1, 2, 3, 4})
	p.SetCount(10)
	p.SetSum(7.5)
	q := h.DataPoints().AppendEmpty() // no buckets, no sum
	q.SetTimestamp(timestamp(0))
	q.SetCount(3)
	q.Attributes().PutStr("x", "1")
	require.Equal(t, 2, r.export(t, d).accepted)
	require.Equal(t, []string{
		`{__name__="lat_seconds_bucket", instance="i1", job="api", le="+Inf", x="1"} 3@0`,
		`{__name__="lat_seconds_bucket", instance="i1", job="api", le="+Inf"} 10@0`,
		`{__name__="lat_seconds_bucket", instance="i1", job="api", le="0.00001"} 1@0`,
		`{__name__="lat_seconds_bucket", instance="i1", job="api", le="1"} 3@0`,
		`{__name__="lat_seconds_bucket", instance="i1", job="api", le="1000000000000000000000"} 6@0`,
		`{__name__="lat_seconds_count", instance="i1", job="api", x="1"} 3@0`,
		`{__name__="lat_seconds_count", instance="i1", job="api"} 10@0`,
		`{__name__="lat_seconds_sum", instance="i1", job="api"} 7.5@0`,
	}, r.series())
	require.Equal(t, "histogram", string(r.samples.ResultSamples()[0].M.Type))
}

func TestHistogramAsCustomBuckets(t *testing.T) {
	r, d := newRig(t, func(o *Options) { o.Config.ConvertHistogramsToNHCB = true }), newDoc()
	h := d.metric("lat", "s").SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	p.ExplicitBounds().FromRaw([]float64{1, 2})
	p.BucketCounts().FromRaw([]uint64{1, 2, 3})
	p.SetCount(6)
	r.export(t, d)
	got := r.samples.ResultSamples()
	require.Len(t, got, 1)
	require.EqualValues(t, histogram.CustomBucketsSchema, got[0].H.Schema)
	require.Equal(t, []float64{1, 2}, got[0].H.CustomValues)
	require.NoError(t, got[0].H.Validate())
}

func exponential(d doc, name string, t pmetric.AggregationTemporality) pmetric.ExponentialHistogramDataPoint {
	h := d.metric(name, "").SetEmptyExponentialHistogram()
	h.SetAggregationTemporality(t)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	return p
}

func TestExponentialHistogram(t *testing.T) {
	r, d := newRig(t), newDoc()
	p := exponential(d, "lat", cumulative)
	p.SetScale(1)
	p.SetCount(7)
	p.SetSum(9)
	p.SetZeroCount(1)
	p.Positive().SetOffset(-1)
	p.Positive().BucketCounts().FromRaw([]uint64{1, 0, 2})
	p.Negative().SetOffset(3)
	p.Negative().BucketCounts().FromRaw([]uint64{3})
	r.export(t, d)
	h := r.samples.ResultSamples()[0].H
	require.NoError(t, h.Validate())
	require.EqualValues(t, 1, h.Schema)
	require.Equal(t, []histogram.Span{{Offset: 0, Length: 3}}, h.PositiveSpans, "OTLP's bucket -1 is Prometheus' 0")
	require.Equal(t, []int64{1, -1, 2}, h.PositiveBuckets)
	require.Equal(t, []histogram.Span{{Offset: 4, Length: 1}}, h.NegativeSpans)
	require.EqualValues(t, 1, h.ZeroCount)
	require.Equal(t, 9.0, h.Sum)
	require.Equal(t, histogram.UnknownCounterReset, h.CounterResetHint)
}

func TestExponentialHistogramKeepsItsZeroThreshold(t *testing.T) {
	r, d := newRig(t), newDoc()
	for i, z := range []float64{0.25, 0, math.Inf(1)} {
		p := exponential(d, fmt.Sprint("h", i), cumulative)
		p.SetZeroThreshold(z)
		p.SetZeroCount(uint64(i + 1))
		p.SetCount(uint64(i + 1))
	}
	p := exponential(d, "h3", delta)
	p.SetZeroThreshold(0.5)
	p.SetZeroCount(9)
	p.SetCount(9)
	require.Zero(t, r.export(t, d).rejected())
	got := map[string]float64{}
	for _, s := range r.samples.ResultSamples() {
		if s.H != nil {
			got[s.L.Get("__name__")] = s.H.ZeroThreshold
		} else {
			got[s.L.Get("__name__")] = s.FH.ZeroThreshold
		}
	}
	require.Equal(t, map[string]float64{"h0": 0.25, "h1": 1e-128, "h2": 1e-128, "h3": 0.5}, got)
}

func TestExponentialHistogramBucketsBeyondFloatsAreRefused(t *testing.T) {
	for _, offset := range []int32{math.MaxInt32, math.MinInt32} {
		r, d := newRig(t), newDoc()
		p := exponential(d, "x", cumulative)
		p.Negative().SetOffset(offset)
		out := r.export(t, d)
		require.Equal(t, 1, out.rejected())
		require.Equal(t, ingest.ReasonMalformed, out.refused[0].Reason)
	}
}

func TestExponentialHistogramOfFineScaleIsMergedDownTo8(t *testing.T) {
	r, d := newRig(t), newDoc()
	p := exponential(d, "lat", cumulative)
	p.SetScale(20)
	counts := make([]uint64, 1<<13) // two buckets of scale 8
	for i := range counts {
		counts[i] = 1
	}
	p.Positive().BucketCounts().FromRaw(counts)
	p.SetCount(1 << 13)
	r.export(t, d)
	h := r.samples.ResultSamples()[0].H
	require.EqualValues(t, 8, h.Schema)
	require.Equal(t, []int64{1 << 12, 0}, h.PositiveBuckets)
}

func TestMergingDownKeepsEveryCountInItsBucket(t *testing.T) {
	r, d := newRig(t), newDoc()
	p := exponential(d, "lat", cumulative)
	p.SetScale(10) // four buckets become one
	p.Positive().SetOffset(-5)
	p.Positive().BucketCounts().FromRaw([]uint64{
		1,          // of -2
		0, 0, 0, 0, // of -1
		0, 2, 3, 0, // of 0
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // of 1 to 4
		0, 0, 0, 4, // of 5
	})
	p.SetCount(10)
	require.Empty(t, r.export(t, d).message())
	h := r.samples.ResultSamples()[0].H
	require.NoError(t, h.Validate())
	require.Equal(t, []histogram.Span{{Offset: -1, Length: 3}, {Offset: 4, Length: 1}}, h.PositiveSpans)
	require.Equal(t, []int64{1, -1, 5, -1}, h.PositiveBuckets)
}

func TestClassicAndCustomHistogramsTakeABoundOfInfinity(t *testing.T) {
	for _, nhcb := range []bool{false, true} {
		r, d := newRig(t, func(o *Options) { o.Config.ConvertHistogramsToNHCB = nhcb }), newDoc()
		h := d.metric("lat", "").SetEmptyHistogram()
		h.SetAggregationTemporality(cumulative)
		p := h.DataPoints().AppendEmpty()
		p.SetTimestamp(timestamp(0))
		p.ExplicitBounds().FromRaw([]float64{1, math.Inf(1)})
		p.BucketCounts().FromRaw([]uint64{1, 2, 0})
		p.SetCount(3)
		require.Empty(t, r.export(t, d).message())
		if nhcb {
			got := r.samples.ResultSamples()[0].H
			require.NoError(t, got.Validate())
			require.Equal(t, []float64{1}, got.CustomValues)
			require.Equal(t, []int64{1, 1}, got.PositiveBuckets)
			continue
		}
		require.Equal(t, []string{
			`{__name__="lat_bucket", instance="i1", job="api", le="+Inf"} 3@0`,
			`{__name__="lat_bucket", instance="i1", job="api", le="1"} 1@0`,
			`{__name__="lat_count", instance="i1", job="api"} 3@0`,
		}, r.series())
	}
}

func TestExemplars(t *testing.T) {
	r, d := newRig(t), newDoc()
	h := d.metric("lat", "").SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	p.ExplicitBounds().FromRaw([]float64{1})
	p.BucketCounts().FromRaw([]uint64{1, 1})
	p.SetCount(2)
	for _, v := range []float64{5, 0.5} { // in the wrong order
		e := p.Exemplars().AppendEmpty()
		e.SetDoubleValue(v)
		e.SetTimestamp(timestamp(0))
		e.SetTraceID([16]byte{0xab})
		e.SetSpanID([8]byte{0xcd})
		e.FilteredAttributes().PutStr("user", strings.Repeat("x", int(v*10)))
	}
	p.Exemplars().AppendEmpty() // without a value
	bad := p.Exemplars().AppendEmpty()
	bad.SetIntValue(1)
	bad.FilteredAttributes().PutStr("x", "\xff")
	require.Empty(t, r.export(t, d).message())
	ids := []string{"span_id", "cd00000000000000", "trace_id", "ab000000000000000000000000000000"}
	seen := 0
	for _, s := range r.samples.ResultSamples() {
		switch s.L.Get("le") {
		case "1":
			require.Len(t, s.ES, 1)
			require.Equal(t, labels.FromStrings(append(ids, "user", "xxxxx")...), s.ES[0].Labels)
			seen++
		case "+Inf":
			require.Len(t, s.ES, 1)
			require.Equal(t, labels.FromStrings(append(ids, "user", strings.Repeat("x", 50))...), s.ES[0].Labels)
			seen++
		default:
			require.Empty(t, s.ES)
		}
	}
	require.Equal(t, 2, seen)

	r, d = newRig(t), newDoc()
	e := pointAt(d.sum("a", "", true, cumulative).AppendEmpty(), 0).Exemplars().AppendEmpty()
	e.SetIntValue(1)
	e.SetTraceID([16]byte{0xab})
	e.FilteredAttributes().PutStr("user", strings.Repeat("x", 100))
	r.export(t, d)
	require.Equal(t, labels.FromStrings("trace_id", "ab000000000000000000000000000000"), r.samples.ResultSamples()[0].ES[0].Labels,
		"over 128 characters only the ids stay")
}
