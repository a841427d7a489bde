package otlp

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/value"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/oriel-obs/oriel/ingest"
)

// A doc is a request that tests fill.
type doc struct {
	pmetric.Metrics
	resource pcommon.Map
	scope    pmetric.ScopeMetrics
}

// newDoc returns a request whose resource is job api, instance i1.
func newDoc() doc {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "api")
	rm.Resource().Attributes().PutStr("service.instance.id", "i1")
	return doc{md, rm.Resource().Attributes(), rm.ScopeMetrics().AppendEmpty()}
}

func (d doc) metric(name, unit string) pmetric.Metric {
	m := d.scope.Metrics().AppendEmpty()
	m.SetName(name)
	m.SetUnit(unit)
	return m
}

func (d doc) gauge(name, unit string) pmetric.NumberDataPoint {
	return pointAt(d.metric(name, unit).SetEmptyGauge().DataPoints().AppendEmpty(), 0)
}

func (d doc) sum(name, unit string, monotonic bool, t pmetric.AggregationTemporality) pmetric.NumberDataPointSlice {
	s := d.metric(name, unit).SetEmptySum()
	s.SetIsMonotonic(monotonic)
	s.SetAggregationTemporality(t)
	return s.DataPoints()
}

func pointAt(p pmetric.NumberDataPoint, d time.Duration) pmetric.NumberDataPoint {
	p.SetTimestamp(timestamp(d))
	p.SetDoubleValue(1)
	return p
}

const cumulative, delta = pmetric.AggregationTemporalityCumulative, pmetric.AggregationTemporalityDelta

// export stores d, and returns what became of it.
func (r *rig) export(t testing.TB, d doc) *outcome {
	t.Helper()
	out, err := r.storePoints(context.Background(), d.Metrics)
	require.NoError(t, err)
	return out
}

// series are the samples committed so far, "labels value@seconds", sorted.
func (r *rig) series() []string {
	var out []string
	for _, s := range r.samples.ResultSamples() {
		v := fmt.Sprint(s.V)
		switch {
		case s.H != nil:
			v = s.H.String()
		case s.FH != nil:
			v = s.FH.String()
		case value.IsStaleNaN(s.V):
			v = "stale"
		}
		out = append(out, fmt.Sprintf("%s %s@%d", s.L, v, (s.T-now.UnixMilli())/1000))
	}
	sort.Strings(out)
	return out
}

func TestSummary(t *testing.T) {
	r, d := newRig(t), newDoc()
	p := d.metric("rpc", "s").SetEmptySummary().DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	p.SetCount(2)
	p.SetSum(3)
	q := p.QuantileValues().AppendEmpty()
	q.SetQuantile(0.99)
	q.SetValue(1.5)
	r.export(t, d)
	require.Equal(t, []string{
		`{__name__="rpc_seconds", instance="i1", job="api", quantile="0.99"} 1.5@0`,
		`{__name__="rpc_seconds_count", instance="i1", job="api"} 2@0`,
		`{__name__="rpc_seconds_sum", instance="i1", job="api"} 3@0`,
	}, r.series())
}

func TestNoRecordedValueIsAStalenessMarker(t *testing.T) {
	stale := pmetric.DefaultDataPointFlags.WithNoRecordedValue(true)
	r, d := newRig(t), newDoc()
	d.gauge("a", "").SetFlags(stale)
	pointAt(d.sum("b", "", true, cumulative).AppendEmpty(), 0).SetFlags(stale)
	pointAt(d.sum("c", "", true, delta).AppendEmpty(), 0).SetFlags(stale)
	h := d.metric("h", "").SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	hp := h.DataPoints().AppendEmpty()
	hp.SetTimestamp(timestamp(0))
	hp.SetFlags(stale)
	hp.SetSum(1)
	exponential(d, "e", cumulative).SetFlags(stale)
	exponential(d, "f", delta).SetFlags(stale)
	require.Zero(t, r.export(t, d).rejected())
	n := 0
	for _, s := range r.samples.ResultSamples() {
		n++
		switch {
		case s.H != nil:
			require.True(t, value.IsStaleNaN(s.H.Sum))
		case s.FH != nil:
			require.True(t, value.IsStaleNaN(s.FH.Sum))
		default:
			require.True(t, value.IsStaleNaN(s.V), s.L)
		}
	}
	require.Equal(t, 8, n)
}

func TestMetadataAndStartTime(t *testing.T) {
	r, d := newRig(t), newDoc()
	p := pointAt(d.sum("a", "By", true, cumulative).AppendEmpty(), 0)
	p.SetStartTimestamp(timestamp(-time.Hour))
	d.scope.Metrics().At(0).SetDescription("What it is\xff")
	r.export(t, d)
	s := r.samples.ResultSamples()[0]
	require.Equal(t, "What it is\uFFFD", s.M.Help)
	require.Equal(t, "bytes", s.M.Unit)
	require.Equal(t, "counter", string(s.M.Type))
	require.Equal(t, now.Add(-time.Hour).UnixMilli(), s.ST)
}

func TestOneBadMetricOrPointLosesNothingElse(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(d doc)
		reason string
		rows   int
		says   string
	}{
		{"no name", func(d doc) { d.gauge("", "") }, ingest.ReasonTranslate, 1, "has no name"},
		{"a name of separators", func(d doc) { d.gauge("..", "") }, ingest.ReasonTranslate, 1, `metric ".."`},
		{"a name that is not UTF-8", func(d doc) { d.gauge("a\xff", "") }, ingest.ReasonTranslate, 1, "not UTF-8"},
		{"unspecified temporality", func(d doc) { pointAt(d.sum("x", "", true, 0).AppendEmpty(), 0) }, ingest.ReasonTranslate, 1, `invalid temporality and type combination for metric "x"`},
		{"scale -11", func(d doc) { exponential(d, "x", cumulative).SetScale(-11) }, ingest.ReasonTranslate, 1, "scale -11"},
		{"no timestamp", func(d doc) { d.gauge("x", "").SetTimestamp(0) }, ingest.ReasonMalformed, 1, "no timestamp"},
		{"1970", func(d doc) { d.gauge("x", "").SetTimestamp(1) }, ingest.ReasonTooOld, 1, "1970-01-01"},
		{"2100", func(d doc) { d.gauge("x", "").SetTimestamp(4102444800e9) }, ingest.ReasonTooNew, 1, "2100-01-01"},
		{"10k labels", func(d doc) {
			p := d.gauge("x", "")
			for i := range 10_000 {
				p.Attributes().PutStr(fmt.Sprint("l", i), "v")
			}
		}, ingest.ReasonLabels, 1, "10000 attributes, limit"},
		{"a label name that is not UTF-8", func(d doc) { d.gauge("x", "").Attributes().PutStr("a\xff", "v") }, ingest.ReasonLabels, 1, "not UTF-8"},
		{"a label value that is not UTF-8", func(d doc) { d.gauge("x", "").Attributes().PutStr("a", "\xff") }, ingest.ReasonLabels, 1, "not UTF-8"},
		{"a label without a name", func(d doc) { d.gauge("x", "").Attributes().PutStr("", "v") }, ingest.ReasonLabels, 1, "empty"},
		{"a label of underscores", func(d doc) { d.gauge("x", "").Attributes().PutStr("__", "v") }, ingest.ReasonLabels, 1, "cannot be a label"},
		{"a long label name", func(d doc) { d.gauge("x", "").Attributes().PutStr(strings.Repeat("x", 1025), "v") }, ingest.ReasonLabels, 1, "1025 bytes"},
		{"a long label value", func(d doc) { d.gauge("x", "").Attributes().PutStr("a", strings.Repeat("x", 64<<10+1)) }, ingest.ReasonLabels, 1, "65537 bytes"},
		{"bounds that do not fit the counts", func(d doc) { badHistogram(d, []float64{1, 2}, []uint64{1}) }, ingest.ReasonMalformed, 1, "2 bounds and 1 bucket counts"},
		{"bounds without counts", func(d doc) { badHistogram(d, []float64{1, 2}, nil) }, ingest.ReasonMalformed, 1, "2 bounds and 0"},
		{"bounds out of order", func(d doc) { badHistogram(d, []float64{2, 2}, []uint64{1, 1, 1}) }, ingest.ReasonMalformed, 1, "bound 2 after 2"},
		{"a bound that is no number", func(d doc) { badHistogram(d, []float64{2, math.NaN()}, []uint64{1, 1, 1}) }, ingest.ReasonMalformed, 1, "bound NaN after 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, d := newRig(t), newDoc()
			d.gauge("good.before", "")
			tt.spoil(d)
			d.gauge("good.after", "")
			out := r.export(t, d)
			require.Len(t, out.refused, 1, out.message())
			require.Equal(t, tt.reason, out.refused[0].Reason)
			require.Equal(t, tt.rows, out.rejected())
			require.Equal(t, 2, out.accepted)
			require.Contains(t, out.message(), tt.says)
			require.Len(t, r.series(), 2)
		})
	}
}

func badHistogram(d doc, bounds []float64, counts []uint64) {
	h := d.metric("x", "").SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	p := h.DataPoints().AppendEmpty()
	p.SetTimestamp(timestamp(0))
	p.ExplicitBounds().FromRaw(bounds)
	p.BucketCounts().FromRaw(counts)
}

func TestEmptyMetricIsAWarning(t *testing.T) {
	r, d := newRig(t), newDoc()
	d.metric("idle", "").SetEmptyGauge()
	d.metric("typeless", "")
	out := r.export(t, d)
	require.Zero(t, out.rejected())
	require.Contains(t, out.message(), `metric "idle" has no data points`)
	require.Contains(t, out.message(), `metric "typeless" has no data points`)
}

func TestZeroCountWithSumIsAWarning(t *testing.T) {
	r, d := newRig(t), newDoc()
	exponential(d, "x", cumulative).SetSum(1)
	out := r.export(t, d)
	require.Equal(t, 1, out.accepted)
	require.Contains(t, out.message(), "histogram_zero_count_non_zero_sum")
}

func TestPrometheusPathTakesMetrics(t *testing.T) {
	r := newRig(t)
	w := r.postJSON("/api/v1/otlp/v1/metrics", fmt.Sprintf(`{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}}]},
		"scopeMetrics":[{"metrics":[{"name":"req","unit":"1","sum":{"isMonotonic":true,"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","dataPoints":[{"timeUnixNano":"%d","asInt":"3"}]}}]}]}]}`, at(0)))
	require.Equal(t, 200, w.Code)
	require.Equal(t, []string{`{__name__="req_total", job="api"} 3@0`}, r.series())
	require.Equal(t, "metrics", r.account.Accepted()[0].Signal)
}
