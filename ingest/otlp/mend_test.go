package otlp

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	collogspb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

var (
	goodTrace = []byte("0123456789abcdef")
	goodSpan  = []byte("01234567")
)

func (r *rig) sendProto(t *testing.T, path string, m proto.Message) string {
	t.Helper()
	body, err := proto.Marshal(m)
	require.NoError(t, err)
	w := r.do(http.MethodPost, path, body, "Content-Type", mediaProtobuf)
	require.Equal(t, 200, w.Code, w.Body)
	return w.Body.String()
}

func TestIDsOfAWrongLengthAreNone(t *testing.T) {
	t.Run("of spans and links", func(t *testing.T) {
		sp := func(trace, id, parent []byte) *tracepb.Span {
			return &tracepb.Span{
				TraceId: trace, SpanId: id, ParentSpanId: parent, Name: "s", StartTimeUnixNano: at(0),
				Links: []*tracepb.Span_Link{{TraceId: id, SpanId: id}},
			}
		}
		r := newRig(t)
		reply := r.sendProto(t, "/v1/traces", &coltracepb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{
			Spans: []*tracepb.Span{
				sp(goodTrace, goodSpan, goodTrace), sp(goodTrace[:15], goodSpan, nil), sp(goodTrace, goodSpan[:4], nil), sp(nil, nil, nil),
			},
		}}}}})
		require.Contains(t, reply, "3 rejected as missing_id")
		require.Equal(t, map[string]int64{ingest.ReasonNoID: 3}, r.reasons())
		require.Len(t, r.rows(t, model.Spans), 1)
	})
	t.Run("of log records", func(t *testing.T) {
		r := newRig(t)
		require.Empty(t, r.sendProto(t, "/v1/logs", &collogspb.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{
			LogRecords: []*logspb.LogRecord{
				{TimeUnixNano: at(0), TraceId: goodTrace, SpanId: goodSpan[1:]}, {TimeUnixNano: at(1), TraceId: []byte{1}, SpanId: goodSpan},
			},
		}}}}}))
		rows := r.rows(t, model.Logs)
		require.Equal(t, fmt.Sprintf("%x", goodTrace), rows[0].Attrs["trace_id"])
		require.NotContains(t, rows[0].Attrs, "span_id")
		require.NotContains(t, rows[1].Attrs, "trace_id")
		require.Equal(t, fmt.Sprintf("%x", goodSpan), rows[1].Attrs["span_id"])
	})
	t.Run("of exemplars", func(t *testing.T) {
		r := newRig(t)
		require.Empty(t, r.sendProto(t, "/v1/metrics", &colmetricspb.ExportMetricsServiceRequest{ResourceMetrics: []*metricspb.ResourceMetrics{{ScopeMetrics: []*metricspb.ScopeMetrics{{
			Metrics: []*metricspb.Metric{{Name: "m", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
				AggregationTemporality: 2, IsMonotonic: true, DataPoints: []*metricspb.NumberDataPoint{{
					TimeUnixNano: at(0), Value: &metricspb.NumberDataPoint_AsInt{AsInt: 1},
					Exemplars: []*metricspb.Exemplar{{TraceId: []byte{1, 2}, SpanId: goodSpan, Value: &metricspb.Exemplar_AsInt{AsInt: 1}}},
				}},
			}}}},
		}}}}}))
		require.Equal(t, labels.FromStrings("span_id", fmt.Sprintf("%x", goodSpan)), r.samples.ResultSamples()[0].ES[0].Labels)
	})
	t.Run("in JSON", func(t *testing.T) {
		r := newRig(t)
		w := r.postJSON("/v1/traces", fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[
			{"traceId":"30313233343536373839616263646566","spanId":"3031323334353637","parentSpanId":"30","name":"good","startTimeUnixNano":"%[1]d"},
			{"traceId":"3031","spanId":"3031323334353637","name":"bad","startTimeUnixNano":"%[1]d"}]}]}]}`, at(0)))
		require.Equal(t, 200, w.Code, w.Body)
		require.Contains(t, w.Body.String(), `"rejectedSpans":"1"`)
		require.Len(t, r.rows(t, model.Spans), 1)
	})
}

func TestABodyWithAnotherFaultIsStillRefused(t *testing.T) {
	body, err := proto.Marshal(&coltracepb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{
		Spans: []*tracepb.Span{{TraceId: []byte{1}, SpanId: goodSpan}},
	}}}}})
	require.NoError(t, err)
	w := newRig(t).do(http.MethodPost, "/v1/traces", append(body, 0x0a, 0x7f), "Content-Type", mediaProtobuf)
	require.Equal(t, 400, w.Code)
}
