package otlp

import (
	"context"
	"fmt"
	"testing"

	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
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

func BenchmarkPoints(b *testing.B) {
	for name, temporality := range map[string]bool{"cumulative": false, "delta": true} {
		b.Run(name, func(b *testing.B) {
			db := teststorage.New(b)
			rc := newRig(b, func(o *Options) { o.Metrics = promstorage.AppendableV2(db) })
			t := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				t++
				d := newDoc()
				d.resource.PutStr("host.name", "h")
				tp := cumulative
				if temporality {
					tp = delta
				}
				points := d.sum("requests", "1", true, tp)
				for i := range benchRows {
					p := points.AppendEmpty()
					p.SetTimestamp(timestamp(0) + pcommon.Timestamp(t*1e6))
					p.SetIntValue(t)
					p.Attributes().PutStr("route", fmt.Sprintf("/a/%d", i))
					p.Attributes().PutStr("http.method", "GET")
				}
				b.StartTimer()
				out, err := rc.storePoints(context.Background(), d.Metrics)
				if err != nil || out.rejected() > 0 {
					b.Fatal(err, out.message())
				}
			}
		})
	}
}
