package tempoapi_test

import (
	"fmt"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/oriel-obs/oriel/query/tempoapi"
)

func traceJSON(t testing.TB, td *tracepb.TracesData) string {
	t.Helper()
	w := httptest.NewRecorder()
	require.NoError(t, tempoapi.WriteTraceJSON(w, `{"resourceSpans":`, td, "}"))
	return w.Body.String()
}

// everything is a span that has all there is.
func everything() *tracepb.TracesData {
	value := func(v any) *commonpb.AnyValue {
		switch v := v.(type) {
		case string:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}
		case bool:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v}}
		case int64:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v}}
		case float64:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v}}
		case []byte:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: v}}
		}
		return &commonpb.AnyValue{}
	}
	var attrs []*commonpb.KeyValue
	for i, v := range []any{
		"", "text", "a \"quote\", a \\ and a \n", "</script>\u2028", true, false, int64(0), int64(math.MinInt64), int64(math.MaxInt64), 0.0, -0.5, 1e21, 1e-9,
		1234567.0, math.NaN(), math.Inf(1), math.Inf(-1),
		[]byte{},
		[]byte{1, 2, 255},
		nil,
	} {
		attrs = append(attrs, &commonpb.KeyValue{Key: fmt.Sprint("key ", i), Value: value(v)})
	}
	lists := []*commonpb.AnyValue{
		{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{}}},
		{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{}}},
		{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: attrs[:3]}}},
	}
	attrs = append(attrs, &commonpb.KeyValue{Key: "list", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: lists}}}})
	id := []byte{0, 1, 2, 3, 4, 5, 6, 7}
	span := &tracepb.Span{
		TraceId: append(id, id...), SpanId: id, ParentSpanId: id, TraceState: "a=b", Flags: 257, Name: "all", Kind: tracepb.Span_SPAN_KIND_CONSUMER,
		StartTimeUnixNano: 1, EndTimeUnixNano: math.MaxUint64, Attributes: attrs, DroppedAttributesCount: 1, DroppedEventsCount: 2, DroppedLinksCount: 3,
		Events: []*tracepb.Span_Event{{}, {TimeUnixNano: 5, Name: "event", Attributes: attrs[:2], DroppedAttributesCount: 4}},
		Links:  []*tracepb.Span_Link{{}, {TraceId: id, SpanId: id, TraceState: "c=d", Attributes: attrs[:2], DroppedAttributesCount: 5, Flags: 6}},
		Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: "no"},
	}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{
		{
			Resource: &resourcepb.Resource{Attributes: attrs[:1], DroppedAttributesCount: 7}, SchemaUrl: "of resource",
			ScopeSpans: []*tracepb.ScopeSpans{
				{Scope: &commonpb.InstrumentationScope{Name: "lib", Version: "1", Attributes: attrs[:1], DroppedAttributesCount: 8}, SchemaUrl: "of scope", Spans: []*tracepb.Span{span, {}}},
				{Scope: &commonpb.InstrumentationScope{}, Spans: []*tracepb.Span{{Status: &tracepb.Status{}, Kind: 77}}},
			},
		},
		{Resource: &resourcepb.Resource{}},
		{ScopeSpans: []*tracepb.ScopeSpans{{}}},
	}}
}

func TestTraceJSONIsThatOfProtojson(t *testing.T) {
	td := everything()
	want, err := protojson.Marshal(td)
	require.NoError(t, err)
	require.JSONEq(t, string(want), traceJSON(t, td))
}

func TestALongTraceIsSentInParts(t *testing.T) {
	td := everything()
	spans := &td.ResourceSpans[0].ScopeSpans[0].Spans
	for i := range 3000 {
		*spans = append(*spans, &tracepb.Span{Name: strings.Repeat("n", i%200)})
	}
	want, err := protojson.Marshal(td)
	require.NoError(t, err)
	require.JSONEq(t, string(want), traceJSON(t, td))
}

func FuzzTraceJSON(f *testing.F) {
	seed, err := proto.Marshal(everything())
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		td := &tracepb.TracesData{}
		if proto.Unmarshal(raw, td) != nil {
			return // no trace
		}
		forgetReferences(td.ProtoReflect())
		want, err := protojson.Marshal(td)
		if err != nil {
			return // it has what JSON has not
		}
		if len(td.ResourceSpans) == 0 {
			want = []byte(`{"resourceSpans":[]}`) // a list that is empty, for who goes through it
		}
		require.JSONEq(t, string(want), traceJSON(t, td))
	})
}

// forgetReferences takes out what only profiles have, which no span of a store does.
func forgetReferences(m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch name := fd.Name(); {
		case name == "entity_refs" || name == "key_strindex" || name == "string_value_strindex":
			m.Clear(fd)
		case fd.IsList() && fd.Kind() == protoreflect.MessageKind:
			for i := range v.List().Len() {
				forgetReferences(v.List().Get(i).Message())
			}
		case fd.Kind() == protoreflect.MessageKind:
			forgetReferences(v.Message())
		}
		return true
	})
}

func BenchmarkTraceJSON(b *testing.B) {
	var spans []*tracepb.Span
	for i := range 10_000 {
		spans = append(spans, &tracepb.Span{
			TraceId: make([]byte, 16), SpanId: []byte{1, 2, 3, 4, 5, 6, byte(i >> 8), byte(i)}, ParentSpanId: make([]byte, 8), Name: "GET /checkout", Kind: tracepb.Span_SPAN_KIND_SERVER,
			StartTimeUnixNano: 1_700_000_000_000_000_000, EndTimeUnixNano: 1_700_000_001_000_000_000, Status: &tracepb.Status{},
			Attributes: everything().ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes[:8],
		})
	}
	td := &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}}}}}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			traceJSON(b, td)
		}
	})
	b.Run("protojson", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := protojson.Marshal(td)
			require.NoError(b, err)
		}
	})
}
