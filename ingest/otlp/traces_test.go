package otlp

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// postProto sends data, of any signal, as protobuf over HTTP.
func (r *rig) postProto(t testing.TB, data any) {
	t.Helper()
	var (
		body []byte
		err  error
		path string
	)
	switch d := data.(type) {
	case plog.Logs:
		path = "/v1/logs"
		body, err = plogotlp.NewExportRequestFromLogs(d).MarshalProto()
	case ptrace.Traces:
		path = "/v1/traces"
		body, err = ptraceotlp.NewExportRequestFromTraces(d).MarshalProto()
	default:
		t.Fatalf("no signal: %T", data)
	}
	require.NoError(t, err)
	w := r.do(http.MethodPost, path, body, "Content-Type", mediaProtobuf)
	require.Equal(t, 200, w.Code, w.Body)
}

const fullTrace = `{"resourceSpans":[{
	"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}},{"key":"n","value":{"intValue":1}}],"droppedAttributesCount":9},
	"schemaUrl":"https://example.org/resource",
	"scopeSpans":[{
		"scope":{"name":"lib","version":"2","attributes":[{"key":"s","value":{"doubleValue":1}}],"droppedAttributesCount":8},
		"schemaUrl":"https://example.org/scope",
		"spans":[{
			"traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"B7AD6B7169203331","parentSpanId":"00F067AA0BA902B7",
			"traceState":"a=1","flags":257,"name":"GET /","kind":"SPAN_KIND_SERVER",
			"startTimeUnixNano":"%d","endTimeUnixNano":%d,
			"attributes":[
				{"key":"http.status_code","value":{"intValue":"200"}},
				{"key":"ok","value":{"boolValue":false}},
				{"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"doubleValue":2}}]}}},
				{"key":"l","value":{"arrayValue":{"values":[{"boolValue":true}]}}},
				{"key":"b","value":{"bytesValue":"aGk="}},
				{"key":"twice","value":{"stringValue":"first"}},{"key":"twice","value":{"stringValue":"last"}}],
			"droppedAttributesCount":1,
			"events":[{"timeUnixNano":"5","name":"exception","attributes":[{"key":"z","value":{"stringValue":"1"}},{"key":"a","value":{"intValue":2}}],"droppedAttributesCount":2}],
			"droppedEventsCount":3,
			"links":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","traceState":"b=2","attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":4,"flags":1}],
			"droppedLinksCount":5,
			"status":{"code":2,"message":"broken"},
			"someFutureField":{"a":[1,2]}}]}]}]}`

func TestSpanKeepsEverything(t *testing.T) {
	r := newRig(t)
	w := r.postJSON("/v1/traces", fmt.Sprintf(fullTrace, at(0), at(time.Second)))
	require.Equal(t, 200, w.Code)
	require.Equal(t, "{}", w.Body.String())
	trace, err := model.ParseTraceID("0af7651916cd43dd8448eb211c80319c")
	require.NoError(t, err)
	id, err := model.ParseSpanID("b7ad6b7169203331")
	require.NoError(t, err)
	parent, err := model.ParseSpanID("00f067aa0ba902b7")
	require.NoError(t, err)
	n := 0
	for b, err := range r.events.Scan(context.Background(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
		require.NoError(t, err)
		require.Equal(t, &model.Stream{
			Attrs:        []model.Attr{{Key: "n", Value: model.Int(1)}, {Key: "service.name", Value: model.String("api")}},
			DroppedAttrs: 9, SchemaURL: "https://example.org/resource",
			ScopeName: "lib", ScopeVersion: "2", ScopeSchemaURL: "https://example.org/scope",
			ScopeAttrs: []model.Attr{{Key: "s", Value: model.Float(1)}}, ScopeDroppedAttrs: 8,
		}, b.Stream(0))
		require.Equal(t, model.Span{
			TraceID: trace, SpanID: id, ParentID: parent, Name: "GET /", Kind: model.SpanServer,
			Start: int64(at(0)), Duration: int64(time.Second), Status: model.StatusError, StatusMessage: "broken",
			TraceState: "a=1", Flags: 257, DroppedAttrs: 1, DroppedEvents: 3, DroppedLinks: 5,
			Events: []model.Event{{
				Time: 5, Name: "exception", DroppedAttrs: 2,
				Attrs: []model.Attr{{Key: "a", Value: model.Int(2)}, {Key: "z", Value: model.String("1")}},
			}},
			Links: []model.Link{{
				TraceID: trace, SpanID: parent, TraceState: "b=2", DroppedAttrs: 4, Flags: 1,
				Attrs: []model.Attr{{Key: "k", Value: model.String("v")}},
			}},
		}, b.SpanAt(0))
		n += b.Len()
	}
	require.Equal(t, 1, n)
	require.Empty(t, cmp.Diff(map[string]any{
		"http.status_code": int64(200), "ok": false, "m": jsonText(`{"x":2.0}`), "l": jsonText(`[true]`), "b": rawBytes("hi"), "twice": "last",
	}, r.rows(t, model.Spans)[0].Attrs))
}

func TestSpanTimes(t *testing.T) {
	for _, tt := range []struct {
		name            string
		start, end      uint64
		want, wantsTook int64
	}{
		{"as sent", at(-time.Minute), at(0), int64(at(-time.Minute)), int64(time.Minute)},
		{"an end before the start is a duration of nothing", at(0), at(-time.Minute), int64(at(0)), 0},
		{"no end", at(0), 0, int64(at(0)), 0},
		{"no start is the end", 0, at(-time.Minute), int64(at(-time.Minute)), 0},
		{"neither is now", 0, 0, int64(at(0)), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			td := exampleTraces()
			sp := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
			sp.SetStartTimestamp(pcommon.Timestamp(tt.start))
			sp.SetEndTimestamp(pcommon.Timestamp(tt.end))
			b, out := newRig(t).spanBatch(td)
			require.Zero(t, out.rejected())
			require.NoError(t, b.Check())
			require.Equal(t, tt.want, b.Time[0])
			require.Equal(t, tt.wantsTook, b.Spans.Duration[0])
		})
	}
}

func TestBadSpansAreRefusedAloneWithTheirReason(t *testing.T) {
	tests := []struct {
		name   string
		spoil  func(sp ptrace.Span)
		reason string
	}{
		{"no trace id", func(sp ptrace.Span) { sp.SetTraceID([16]byte{}) }, ingest.ReasonNoID},
		{"no span id", func(sp ptrace.Span) { sp.SetSpanID([8]byte{}) }, ingest.ReasonNoID},
		{"1970", func(sp ptrace.Span) { sp.SetStartTimestamp(1) }, ingest.ReasonTooOld},
		{"2100", func(sp ptrace.Span) { sp.SetStartTimestamp(4102444800e9) }, ingest.ReasonTooNew},
		{"beyond signed time", func(sp ptrace.Span) { sp.SetStartTimestamp(1<<64 - 1) }, ingest.ReasonTooNew},
		{"10k attributes", func(sp ptrace.Span) {
			for i := range 10_000 {
				sp.Attributes().PutInt(fmt.Sprint("a", i), 1)
			}
		}, ingest.ReasonLabels},
		{"a long name", func(sp ptrace.Span) { sp.SetName(strings.Repeat("x", 256<<10+1)) }, ingest.ReasonTooLarge},
		{"large events", func(sp ptrace.Span) {
			sp.Events().AppendEmpty().Attributes().PutStr("a", strings.Repeat("x", 600<<10))
			sp.Links().AppendEmpty().Attributes().PutStr("a", strings.Repeat("x", 600<<10))
		}, ingest.ReasonTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			td := exampleTraces()
			spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
			spans.At(0).CopyTo(spans.AppendEmpty())
			tt.spoil(spans.At(1))
			r.postProto(t, td)
			require.Equal(t, map[string]int64{tt.reason: 1}, r.reasons())
			require.Len(t, r.rows(t, model.Spans), 1)
		})
	}
}

func TestUnknownEnumsAreUnset(t *testing.T) {
	td := exampleTraces()
	sp := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
	sp.SetKind(258)
	sp.Status().SetCode(-1)
	b, _ := newRig(t).spanBatch(td)
	require.Equal(t, model.SpanUnspecified, b.Spans.Kind[0])
	require.Equal(t, model.StatusUnset, b.Spans.Status[0])
}

func TestResourceWithoutServiceIsKeptAsSent(t *testing.T) {
	td := exampleTraces()
	td.ResourceSpans().At(0).Resource().Attributes().Clear()
	b, _ := newRig(t).spanBatch(td)
	require.Empty(t, b.Stream(0).Attrs)
}

func TestHugeResourceRefusesItsSpans(t *testing.T) {
	r := newRig(t)
	td := exampleTraces()
	td.ResourceSpans().At(0).Resource().Attributes().PutStr("a", strings.Repeat("x", 2<<20))
	r.postProto(t, td)
	require.Equal(t, map[string]int64{ingest.ReasonTooLarge: 1}, r.reasons())
	require.Empty(t, r.rows(t, model.Spans))
}
