package tempoapi_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// tempopb is the part of tempo.proto (Apache-2.0) that answers are read by. A
// * is a repeated field.
const tempopb = `
SearchRequest: 1 *TagsEntry tags, 2 uint32 minDurationMs, 3 uint32 maxDurationMs, 4 uint32 limit, 5 uint32 start, 6 uint32 end, 8 string query, 9 uint32 spansPerSpanSet
TagsEntry: 1 string key, 2 string value
SearchResponse: 1 *TraceSearchMetadata traces, 2 SearchMetrics metrics
TraceSearchMetadata: 1 string traceID, 2 string rootServiceName, 3 string rootTraceName, 4 uint64 startTimeUnixNano, 5 uint32 durationMs, 6 SpanSet spanSet, 7 *SpanSet spanSets, 8 *StatsEntry serviceStats
StatsEntry: 1 string key, 2 ServiceStats value
ServiceStats: 1 uint32 spanCount, 2 uint32 errorCount
SpanSet: 1 *Span spans, 2 uint32 matched, 3 *KeyValue attributes
Span: 1 string spanID, 2 string name, 3 uint64 startTimeUnixNano, 4 uint64 durationNanos, 5 *KeyValue attributes
SearchMetrics: 1 uint32 inspectedTraces, 2 uint64 inspectedBytes, 4 uint32 completedJobs, 5 uint32 totalJobs, 7 uint64 inspectedSpans
MetadataMetrics: 2 uint32 totalJobs, 3 uint32 completedJobs
SearchTagsRequest: 1 string scope, 2 string query, 3 uint32 start, 4 uint32 end, 5 uint32 maxTagsPerScope
SearchTagsResponse: 1 *string tagNames, 2 MetadataMetrics metrics
SearchTagsV2Response: 1 *SearchTagsV2Scope scopes, 2 MetadataMetrics metrics
SearchTagsV2Scope: 1 string name, 2 *string tags
SearchTagValuesRequest: 1 string tagName, 2 string query, 4 uint32 start, 5 uint32 end, 6 uint32 maxTagValues
SearchTagValuesResponse: 1 *string tagValues, 2 MetadataMetrics metrics
SearchTagValuesV2Response: 1 *TagValue tagValues, 2 MetadataMetrics metrics
TagValue: 1 string type, 2 string value
QueryRangeRequest: 1 string query, 2 uint64 start, 3 uint64 end, 4 uint64 step, 16 uint32 exemplars, 17 uint32 maxSeries
QueryRangeResponse: 1 *TimeSeries series, 2 SearchMetrics metrics, 3 uint32 status, 4 string message
TimeSeries: 1 *KeyValue labels, 2 *Sample samples, 4 *Exemplar exemplars
Sample: 1 double value, 2 int64 timestampMs
Exemplar: 1 *KeyValue labels, 2 double value, 3 int64 timestampMs
QueryInstantRequest: 1 string query, 2 uint64 start, 3 uint64 end
QueryInstantResponse: 1 *InstantSeries series, 2 SearchMetrics metrics, 3 uint32 status, 4 string message
InstantSeries: 1 *KeyValue labels, 2 double value`

// schema compiles tempopb.
func schema(t testing.TB) protoreflect.MessageDescriptors {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("tempo.proto"), Package: proto.String("tempopb"), Syntax: proto.String("proto3"),
		Dependency: []string{commonpb.File_opentelemetry_proto_common_v1_common_proto.Path()},
	}
	kinds := map[string]descriptorpb.FieldDescriptorProto_Type{
		"string": descriptorpb.FieldDescriptorProto_TYPE_STRING, "double": descriptorpb.FieldDescriptorProto_TYPE_DOUBLE,
		"uint32": descriptorpb.FieldDescriptorProto_TYPE_UINT32, "uint64": descriptorpb.FieldDescriptorProto_TYPE_UINT64, "int64": descriptorpb.FieldDescriptorProto_TYPE_INT64,
	}
	for line := range strings.Lines(strings.TrimSpace(tempopb)) {
		name, fields, _ := strings.Cut(strings.TrimSpace(line), ": ")
		m := &descriptorpb.DescriptorProto{Name: &name}
		for f := range strings.SplitSeq(fields, ", ") {
			words := strings.Fields(f)
			n, err := strconv.Atoi(words[0])
			require.NoError(t, err)
			kind, repeated := strings.CutPrefix(words[1], "*")
			field := &descriptorpb.FieldDescriptorProto{
				Name: &words[2], JsonName: &words[2], Number: proto.Int32(int32(n)), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}
			if repeated {
				field.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
			}
			if scalar, ok := kinds[kind]; ok {
				field.Type = scalar.Enum()
			} else {
				field.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
				field.TypeName = proto.String(".tempopb." + kind)
				if kind == "KeyValue" {
					field.TypeName = proto.String(".opentelemetry.proto.common.v1.KeyValue")
				}
			}
			m.Field = append(m.Field, field)
		}
		file.MessageType = append(file.MessageType, m)
	}
	fd, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	require.NoError(t, err)
	return fd.Messages()
}

// streaming serves the traces of server over HTTP/2 without TLS, and returns a
// connection to it.
func streaming(t *testing.T, h *tempoapi.Handler) *grpc.ClientConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(grpc.ForceServerCodecV2(rawgrpc.Codec{}))
	h.RegisterGRPC(srv)
	web := &http.Server{Handler: srv, Protocols: new(http.Protocols), ReadHeaderTimeout: time.Second}
	web.Protocols.SetUnencryptedHTTP2(true)
	served := make(chan error, 1)
	go func() { served <- web.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawgrpc.Codec{})))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		require.NoError(t, web.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return conn
}

// ask calls a method with a request in JSON and returns the answers in JSON.
func ask(t *testing.T, conn *grpc.ClientConn, method, request, requestJSON, response string) ([]string, error) {
	t.Helper()
	messages := schema(t)
	in := dynamicpb.NewMessage(messages.ByName(protoreflect.Name(request)))
	require.NoError(t, protojson.Unmarshal([]byte(requestJSON), in))
	body, err := proto.Marshal(in)
	require.NoError(t, err)
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/tempopb.StreamingQuerier/"+method)
	require.NoError(t, err)
	frame := rawgrpc.Frame(body)
	require.NoError(t, stream.SendMsg(&frame))
	require.NoError(t, stream.CloseSend())
	var out []string
	for {
		var answer rawgrpc.Frame
		if err := stream.RecvMsg(&answer); err != nil {
			if err.Error() == "EOF" {
				return out, nil
			}
			return out, err
		}
		m := dynamicpb.NewMessage(messages.ByName(protoreflect.Name(response)))
		require.NoError(t, proto.Unmarshal(answer, m))
		require.Empty(t, unknown(m), "fields that %s has not", response)
		text, err := protojson.Marshal(m)
		require.NoError(t, err)
		out = append(out, string(text))
	}
}

// unknown returns the bytes of fields that m's schema does not know.
func unknown(m protoreflect.Message) []byte {
	out := append([]byte(nil), m.GetUnknown()...)
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				out = append(out, unknown(v.List().Get(i).Message())...)
			}
		default:
			out = append(out, unknown(v.Message())...)
		}
		return true
	})
	return out
}

func handler(t *testing.T) *tempoapi.Handler {
	t.Helper()
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), example(t)))
	return tempoapi.New(traceql.NewEngine(store, query.DefaultLimits()), tempoapi.Config{})
}

// sameFacts makes the JSON of an HTTP answer that of a gRPC message: prometheus
// labels are HTTP's alone, the statistics of an answer about tags are gRPC's,
// and maps and enumerations are spelled as protojson does without their types.
func sameFacts(t *testing.T, text string) string {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	delete(doc, "metrics")
	if doc["status"] == "COMPLETE" {
		delete(doc, "status")
	}
	if doc["status"] == "PARTIAL" {
		doc["status"] = 1
	}
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			delete(x, "promLabels")
			if x["value"] == 0.0 {
				delete(x, "value")
			}
			if m, ok := x["serviceStats"].(map[string]any); ok {
				entries := []any{}
				for _, k := range []string{"", "api", "db"} {
					if v, ok := m[k]; ok {
						entries = append(entries, map[string]any{"key": k, "value": v})
					}
				}
				x["serviceStats"] = entries
			}
			for _, e := range x {
				walk(e)
			}
		}
	}
	walk(doc)
	b, err := json.Marshal(doc)
	require.NoError(t, err)
	return string(b)
}

func TestStreamsAnswerWhatHTTPDoes(t *testing.T) {
	h := handler(t)
	conn := streaming(t, h)
	web := server(t)
	from, to := strconv.Itoa(t0-60), strconv.Itoa(t0+60)
	ns := func(s string) string { return s + "000000000" }
	for _, tt := range []struct {
		name                     string
		method, request, message string // the call
		response                 string
		path                     string // the same over HTTP
		params                   url.Values
	}{
		{
			"search", "Search", "SearchRequest", `{"query":"{ } | select(span.ratio)","start":` + from + `,"end":` + to + `,"limit":5,"spansPerSpanSet":1}`, "SearchResponse",
			"/api/search",
			url.Values{"q": {"{ } | select(span.ratio)"}, "limit": {"5"}, "spss": {"1"}},
		},
		{
			"search with aggregates", "Search", "SearchRequest", `{"query":"{ } | by(resource.service.name) | count() > 0","start":` + from + `,"end":` + to + `}`, "SearchResponse",
			"/api/search",
			url.Values{"q": {"{ } | by(resource.service.name) | count() > 0"}},
		},
		{
			"search by tags", "Search", "SearchRequest", `{"tags":[{"key":"http/route","value":"/a"},{"key":"cached","value":"true"}],"minDurationMs":100,"maxDurationMs":9000,"start":` + from + `,"end":` + to + `}`, "SearchResponse",
			"/api/search",
			url.Values{"tags": {`http/route="/a" cached="true"`}, "minDuration": {"100ms"}, "maxDuration": {"9s"}},
		},
		{"tags", "SearchTags", "SearchTagsRequest", `{"scope":"span","start":` + from + `,"end":` + to + `}`, "SearchTagsResponse", "/api/search/tags", url.Values{"scope": {"span"}}},
		{"tags by scope", "SearchTagsV2", "SearchTagsRequest", `{"maxTagsPerScope":2,"start":` + from + `,"end":` + to + `}`, "SearchTagsV2Response", "/api/v2/search/tags", url.Values{"limit": {"2"}}},
		{
			"values", "SearchTagValues", "SearchTagValuesRequest", `{"tagName":"service.name","start":` + from + `,"end":` + to + `}`, "SearchTagValuesResponse",
			"/api/search/tag/service.name/values",
			url.Values{},
		},
		{
			"values with types", "SearchTagValuesV2", "SearchTagValuesRequest", `{"tagName":"name","query":"{ resource.service.name=\"db\" }","maxTagValues":9,"start":` + from + `,"end":` + to + `}`, "SearchTagValuesV2Response",
			"/api/v2/search/tag/name/values",
			url.Values{"q": {`{ resource.service.name="db" }`}, "limit": {"9"}},
		},
		{
			"metrics over a range", "MetricsQueryRange", "QueryRangeRequest", `{"query":"{ } | count_over_time() by (resource.service.name)","start":"` + ns(from) + `","end":"` + ns(to) + `","step":"60000000000","exemplars":2}`, "QueryRangeResponse",
			"/api/metrics/query_range",
			url.Values{"q": {"{ } | count_over_time() by (resource.service.name)"}, "step": {"60s"}, "exemplars": {"2"}},
		},
		{
			"metrics cut short", "MetricsQueryRange", "QueryRangeRequest", `{"query":"{ } | rate() by (resource.service.name)","start":"` + ns(from) + `","end":"` + ns(to) + `","maxSeries":1}`, "QueryRangeResponse",
			"/api/metrics/query_range",
			url.Values{"q": {"{ } | rate() by (resource.service.name)"}, "maxSeries": {"1"}},
		},
		{
			"metrics of an instant", "MetricsQueryInstant", "QueryInstantRequest", `{"query":"{ } | max_over_time(duration)","start":"` + ns(from) + `","end":"` + ns(to) + `"}`, "QueryInstantResponse",
			"/api/metrics/query",
			url.Values{"q": {"{ } | max_over_time(duration)"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answers, err := ask(t, conn, tt.method, tt.request, tt.message, tt.response)
			require.NoError(t, err)
			require.Len(t, answers, 1)
			tt.params.Set("start", from)
			tt.params.Set("end", to)
			w := httptest.NewRecorder()
			web.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/tempo"+tt.path+"?"+tt.params.Encode(), nil))
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.NotContains(t, w.Body.String(), ":[]")
			require.JSONEq(t, sameFacts(t, w.Body.String()), sameFacts(t, answers[0]))
		})
	}
}

func TestStreamsRefuseWhatHTTPDoes(t *testing.T) {
	conn := streaming(t, handler(t))
	for _, tt := range []struct{ method, request, message, response, says string }{
		{"Search", "SearchRequest", `{"query":"{"}`, "SearchResponse", "invalid TraceQL query"},
		{"Search", "SearchRequest", `{"query":"{}","tags":[{"key":"a","value":"b"}]}`, "SearchResponse", "can't specify tags and q"},
		{"Search", "SearchRequest", `{"query":"{}","start":5,"end":4}`, "SearchResponse", "start must be before end"},
		{"SearchTags", "SearchTagsRequest", `{"scope":"x"}`, "SearchTagsResponse", "invalid scope: x"},
		{"SearchTagValuesV2", "SearchTagValuesRequest", `{"tagName":"="}`, "SearchTagValuesV2Response", "invalid tag"},
		{"MetricsQueryRange", "QueryRangeRequest", `{"query":"{}"}`, "QueryRangeResponse", "not a metrics query"},
		{"MetricsQueryInstant", "QueryInstantRequest", `{"query":""}`, "QueryInstantResponse", "invalid TraceQL query"},
	} {
		_, err := ask(t, conn, tt.method, tt.request, tt.message, tt.response)
		require.Equal(t, codes.InvalidArgument, status.Code(err), "%s %s: %v", tt.method, tt.message, err)
		require.ErrorContains(t, err, tt.says)
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/tempopb.StreamingQuerier/Search")
	require.NoError(t, err)
	garbage := rawgrpc.Frame("\x0a\xff")
	require.NoError(t, stream.SendMsg(&garbage))
	require.Equal(t, codes.InvalidArgument, status.Code(stream.RecvMsg(&garbage)))
}

// A slow search shows what it has found, and in the end everything.
func TestSearchShowsTracesAsTheyAreFound(t *testing.T) {
	bd := model.NewBuilder(model.Spans, 3)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("api")}}})
	for i := range 3 {
		bd.Span(st, model.Span{TraceID: id16(t, strconv.Itoa(i+1)), SpanID: id8(t, "01"), Name: "x", Start: (t0 + int64(i)) * second, Duration: 1})
	}
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	h := tempoapi.New(traceql.NewEngine(store, query.DefaultLimits()), tempoapi.Config{})
	clock := time.Unix(t0, 0)
	h.SetNow(func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	})
	answers, err := ask(t, streaming(t, h), "Search", "SearchRequest", `{"query":"{}","start":`+strconv.Itoa(t0-9)+`,"end":`+strconv.Itoa(t0+9)+`}`, "SearchResponse")
	require.NoError(t, err)
	require.Len(t, answers, 4)
	counts := make([]int, len(answers))
	for i, a := range answers {
		counts[i] = len(regexp.MustCompile(`"traceID"`).FindAllString(a, -1))
		require.Equal(t, i == 3, strings.Contains(a, "completedJobs"))
	}
	require.Equal(t, []int{1, 1, 1, 3}, counts)
}

// Whatever comes is answered.
func FuzzStreamingRequest(f *testing.F) {
	f.Add([]byte("\x0a\x06\x0a\x01a\x12\x01b\x10\x05\x42\x02{}"))
	f.Add(protowire.AppendVarint(protowire.AppendTag(nil, 4, protowire.VarintType), 1<<63))
	store := &storagetest.Memory{}
	h := tempoapi.New(traceql.NewEngine(store, query.DefaultLimits()), tempoapi.Config{})
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = h.StreamSearch(context.Background(), in, func(rawgrpc.Frame) error { return nil })
	})
}
