package otlp

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	metricstore "github.com/oriel-obs/oriel/storage/metric"
)

const benchRows = 1000

func fillAttrs(m pcommon.Map, i int) {
	for k := range 6 {
		m.PutStr(fmt.Sprintf("http.attribute.%d", k), fmt.Sprintf("value %d", i%(k+1)))
	}
	m.PutInt("http.status_code", int64(200+i%5))
	m.PutDouble("ratio", 0.5)
}

func benchLogs(b *testing.B) []byte {
	ld := exampleLogs()
	sl := ld.ResourceLogs().At(0).ScopeLogs().At(0)
	sl.LogRecords().RemoveIf(func(plog.LogRecord) bool { return true })
	for i := range benchRows {
		r := sl.LogRecords().AppendEmpty()
		r.SetTimestamp(timestamp(0))
		r.SetSeverityNumber(plog.SeverityNumber(1 + i%24))
		r.Body().SetStr(fmt.Sprintf("request %d of user %d took %dms and went well as far as anybody can tell", i, i%97, i%13))
		fillAttrs(r.Attributes(), i)
	}
	body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
	require.NoError(b, err)
	return body
}

func BenchmarkNesting(b *testing.B) {
	body := benchLogs(b)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		require.NoError(b, checkNesting(body, logsRequest, 0))
	}
}

func BenchmarkDecodeLogs(b *testing.B) {
	body := benchLogs(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := plogotlp.NewExportRequest().UnmarshalProto(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLogBatch(b *testing.B) {
	body := benchLogs(b)
	req := plogotlp.NewExportRequest()
	require.NoError(b, req.UnmarshalProto(body))
	rc := newRig(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if batch, _ := rc.logBatch(req.Logs()); batch.Len() != benchRows {
			b.Fatal(batch.Len())
		}
	}
}

func BenchmarkSpanBatch(b *testing.B) {
	td := exampleTraces()
	ss := td.ResourceSpans().At(0).ScopeSpans().At(0)
	for i := range benchRows {
		sp := ss.Spans().AppendEmpty()
		ss.Spans().At(0).CopyTo(sp)
		fillAttrs(sp.Attributes(), i)
	}
	ss.Spans().RemoveIf(func(sp ptrace.Span) bool { return sp.Attributes().Len() == 0 })
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	require.NoError(b, err)
	rc := newRig(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if batch, _ := rc.spanBatch(td); batch.Len() != benchRows {
			b.Fatal(batch.Len())
		}
	}
}

// benchKinds fill a metric with benchRows points of time t, in milliseconds, of
// the series that every iteration sends.
var benchKinds = []struct {
	name    string
	samples int // of a point
	fill    func(d doc, t int64)
}{
	{"sum", 1, func(d doc, t int64) { benchSum(d, t, cumulative) }},
	{"delta", 1, func(d doc, t int64) { benchSum(d, t, delta) }},
	{"histogram", 13, func(d doc, t int64) {
		h := d.metric("latency", "s").SetEmptyHistogram()
		h.SetAggregationTemporality(cumulative)
		for i := range benchRows {
			p := h.DataPoints().AppendEmpty()
			p.SetTimestamp(pcommon.Timestamp(t * 1e6))
			p.ExplicitBounds().FromRaw([]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5})
			p.BucketCounts().FromRaw([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
			p.SetCount(66)
			p.SetSum(float64(t))
			benchAttrs(p.Attributes(), i)
		}
	}},
	{"exponential", 1, func(d doc, t int64) {
		h := d.metric("latency", "s").SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(cumulative)
		for i := range benchRows {
			p := h.DataPoints().AppendEmpty()
			p.SetTimestamp(pcommon.Timestamp(t * 1e6))
			p.SetScale(3)
			p.Positive().BucketCounts().FromRaw([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
			p.SetCount(66)
			p.SetSum(float64(t))
			benchAttrs(p.Attributes(), i)
		}
	}},
}

func benchSum(d doc, t int64, temporality pmetric.AggregationTemporality) {
	points := d.sum("requests", "1", true, temporality)
	for i := range benchRows {
		p := points.AppendEmpty()
		p.SetTimestamp(pcommon.Timestamp(t * 1e6))
		p.SetIntValue(t)
		benchAttrs(p.Attributes(), i)
	}
}

func benchAttrs(m pcommon.Map, i int) {
	m.PutStr("http.route", fmt.Sprintf("/shop/items/%d", i))
	m.PutStr("http.request.method", "GET")
	m.PutInt("http.response.status_code", int64(200+i%7))
	m.PutStr("network.protocol.name", "http")
	m.PutStr("server.address", "shop.example.com")
}

// BenchmarkPoints takes a thousand points to a real store, from a decoded
// request on. Divide by benchRows times the samples of a point.
func BenchmarkPoints(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			r := newRig(b, withStore(b))
			t := now.UnixMilli()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				t += 1000
				r.now = func() time.Time { return time.UnixMilli(t) }
				d := newDoc()
				for k, v := range map[string]string{"host.name": "h", "k8s.pod.name": "shop-1", "k8s.namespace.name": "shop", "service.version": "1.2.3"} {
					d.resource.PutStr(k, v)
				}
				kind.fill(d, t)
				b.StartTimer()
				out, err := r.storePoints(context.Background(), d.Metrics)
				if err != nil || out.rejected() > 0 {
					b.Fatal(err, out.message())
				}
			}
			perSample := float64(b.N) * benchRows * float64(kind.samples)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/perSample, "ns/sample")
		})
	}
}

// withStore has a rig write to a metric store of its own.
func withStore(t testing.TB) func(*Options) {
	cfg := metricstore.DefaultConfig()
	cfg.Dir = t.TempDir()
	s, err := metricstore.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return func(o *Options) { o.Metrics, o.Refs, o.Recall = s, s.Refs, s }
}
