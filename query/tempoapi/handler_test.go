package tempoapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

const (
	second  = int64(1e9)
	t0      = 1700000000 // seconds; when the test's traces begin
	traceA  = "0af7651916cd43dd8448eb211c80319c"
	shortID = "5af7183fb1d4cf5f" // a 64-bit id
)

func id16(t *testing.T, s string) model.TraceID {
	t.Helper()
	id, err := model.ParseTraceID(s)
	require.NoError(t, err)
	return id
}

func id8(t *testing.T, s string) model.SpanID {
	t.Helper()
	id, err := model.ParseSpanID(s)
	require.NoError(t, err)
	return id
}

// server serves the example.
func server(t *testing.T) http.Handler {
	t.Helper()
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), example(t)))
	r := chi.NewRouter()
	tempoapi.New(traceql.NewEngine(store, query.DefaultLimits()), tempoapi.Config{}).Mount(r)
	return r
}

// example is a trace of two spans, and one of a span whose parent is missing.
func example(t *testing.T) *model.Batch {
	t.Helper()
	bd := model.NewBuilder(model.Spans, 3)
	api := bd.Stream(&model.Stream{
		Attrs:     []model.Attr{{Key: "service.name", Value: model.String("api")}, {Key: "zones", Value: model.Array(`["a",1,2.0]`)}},
		ScopeName: "lib", ScopeVersion: "1", SchemaURL: "https://schema",
	})
	db := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("db")}}})
	bd.Span(api, model.Span{
		TraceID: id16(t, traceA), SpanID: id8(t, "b7ad6b7169203331"), Name: "GET /a", Kind: model.SpanServer, Start: t0 * second, Duration: second / 2,
		Status: model.StatusOK, TraceState: "k=v", Flags: 1,
		Events: []model.Event{{Time: t0*second + 5, Name: "retry", Attrs: []model.Attr{{Key: "n", Value: model.Int(2)}}}},
		Links:  []model.Link{{TraceID: id16(t, shortID), SpanID: id8(t, "01"), Attrs: []model.Attr{{Key: "why", Value: model.String("batch")}}}},
	})
	bd.Attr("http.status_code", model.Int(200))
	bd.Attr("http/route", model.String("/a"))
	bd.Attr("ratio", model.Float(0.5))
	bd.Attr("cached", model.Bool(true))
	bd.Attr("raw", model.Bytes("\x01\x02"))
	bd.Attr("bad", model.String("a\xffb"))
	bd.Span(db, model.Span{
		TraceID: id16(t, traceA), SpanID: id8(t, "00f067aa0ba902b7"), ParentID: id8(t, "b7ad6b7169203331"), Name: "select", Kind: model.SpanClient,
		Start: t0*second + 1e6, Duration: second / 4, Status: model.StatusError, StatusMessage: "boom",
	})
	bd.Span(db, model.Span{
		TraceID: id16(t, shortID), SpanID: id8(t, "02"), ParentID: id8(t, "ff"), Name: "lost", Start: (t0 + 10) * second, Duration: 1,
	})
	return bd.Batch()
}

func get(t *testing.T, h http.Handler, path string, params ...string) *httptest.ResponseRecorder {
	t.Helper()
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	r := httptest.NewRequest(http.MethodGet, "/tempo"+path+"?"+v.Encode(), nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const traceAJSON = `[
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}},
    {"key":"zones","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"1"},{"doubleValue":2}]}}}]},
  "schemaUrl":"https://schema",
  "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[{
    "traceId":"CvdlGRbNQ92ESOshHIAxnA==","spanId":"t61rcWkgMzE=","traceState":"k=v","flags":1,
    "name":"GET /a","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000500000000",
    "attributes":[{"key":"bad","value":{"stringValue":"a\ufffdb"}},{"key":"cached","value":{"boolValue":true}},{"key":"http.status_code","value":{"intValue":"200"}},
      {"key":"http/route","value":{"stringValue":"/a"}},{"key":"ratio","value":{"doubleValue":0.5}},{"key":"raw","value":{"bytesValue":"AQI="}}],
    "events":[{"timeUnixNano":"1700000000000000005","name":"retry","attributes":[{"key":"n","value":{"intValue":"2"}}]}],
    "links":[{"traceId":"AAAAAAAAAABa9xg/sdTPXw==","spanId":"AAAAAAAAAAE=","attributes":[{"key":"why","value":{"stringValue":"batch"}}]}],
    "status":{"code":"STATUS_CODE_OK"}}]}]},
 {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"db"}}]},
  "scopeSpans":[{"scope":{},"spans":[{
    "traceId":"CvdlGRbNQ92ESOshHIAxnA==","spanId":"APBnqgupArc=","parentSpanId":"t61rcWkgMzE=",
    "name":"select","kind":"SPAN_KIND_CLIENT","startTimeUnixNano":"1700000000001000000","endTimeUnixNano":"1700000000251000000",
    "status":{"code":"STATUS_CODE_ERROR","message":"boom"}}]}]}]`

func TestTraceByIDInBothVersions(t *testing.T) {
	h := server(t)
	w := get(t, h, "/api/traces/"+traceA)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.JSONEq(t, `{"batches":`+traceAJSON+`}`, w.Body.String())
	require.NotContains(t, w.Body.String(), ": ", "protojson's random blanks are taken out")

	w = get(t, h, "/api/v2/traces/"+strings.ToUpper(traceA))
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"trace":{"resourceSpans":`+traceAJSON+`},"metrics":{}}`, w.Body.String())
}

func TestTraceByIDInProtobuf(t *testing.T) {
	h := server(t)
	ask := func(path string) []byte {
		r := httptest.NewRequest(http.MethodGet, "/tempo"+path, nil)
		r.Header.Set("Accept", "application/protobuf, application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, "application/protobuf", w.Header().Get("Content-Type"))
		return w.Body.Bytes()
	}
	var td tracepb.TracesData
	require.NoError(t, proto.Unmarshal(ask("/api/traces/"+traceA), &td))
	require.Len(t, td.ResourceSpans, 2)

	num, typ, n := protowire.ConsumeTag(ask("/api/v2/traces/" + traceA))
	require.Equal(t, protowire.Number(1), num)
	require.Equal(t, protowire.BytesType, typ)
	inner, _ := protowire.ConsumeBytes(ask("/api/v2/traces/" + traceA)[n:])
	require.NoError(t, proto.Unmarshal(inner, &td))
	require.Equal(t, "GET /a", td.ResourceSpans[0].ScopeSpans[0].Spans[0].Name)

	empty := ask("/api/v2/traces/1234")
	require.Equal(t, []byte{0x0a, 0x00, 0x12, 0x00}, empty, "the trace is there, and empty")
}

func TestUnknownTraceIs404InVersion1AndEmptyInVersion2(t *testing.T) {
	h := server(t)
	w := get(t, h, "/api/traces/1234")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Empty(t, w.Body.String())
	w = get(t, h, "/api/v2/traces/1234")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"trace":{},"metrics":{}}`, w.Body.String())
}

func TestTraceIDsMayLackLeadingZeros(t *testing.T) {
	h := server(t)
	for _, id := range []string{shortID, strings.Repeat("0", 16) + shortID, "0" + shortID, strings.TrimLeft(traceA, "0")} {
		require.Equal(t, http.StatusOK, get(t, h, "/api/traces/"+id).Code, id)
	}
}

func TestBadRequestsArePlainText(t *testing.T) {
	h := server(t)
	tests := []struct {
		path   string
		params []string
		body   string
	}{
		{"/api/traces/z1", nil, "trace IDs can only contain hex characters: invalid character 'z' at position 1"},
		{"/api/traces/" + strings.Repeat("1", 33), nil, "trace IDs can't be larger than 128 bits"},
		{"/api/traces/12", []string{"start", "20", "end", "10"}, "http parameter start must be before end. received start=20 end=10"},
		{"/api/traces/12", []string{"start", "x"}, "invalid start"},
		{"/api/search", []string{"q", "{ duration }"}, "invalid TraceQL query: span filter"},
		{"/api/search", []string{"q", "{ = }"}, "invalid TraceQL query: parse error at line 1, col 3: syntax error: unexpected"},
		{"/api/search", []string{"q", "{}", "tags", "a=b"}, "invalid request: can't specify tags and q in the same query"},
		{"/api/search", []string{"limit", "0"}, "invalid limit: must be a positive number"},
		{"/api/search", []string{"limit", "x"}, "invalid limit"},
		{"/api/search", []string{"limit", "300000"}, "limit 300000 exceeds max limit 262144"},
		{"/api/search", []string{"spss", "101"}, "spans per span set exceeds 100. received 101"},
		{"/api/search", []string{"spss", "-1"}, "invalid spss"},
		{"/api/search", []string{"start", "1", "end", "100000000"}, "range specified by start and end exceeds 9600h0m0s. received start=1 end=100000000"},
		{"/api/search", []string{"minDuration", "x"}, "invalid minDuration"},
		{"/api/search", []string{"minDuration", "2s", "maxDuration", "1s"}, "invalid maxDuration"},
		{"/api/search", []string{"tags", `a="b`}, "invalid tags"},
		{"/api/v2/search/tags", []string{"scope", "x"}, "invalid scope: x"},
		{"/api/search/tags", []string{"scope", "x"}, "invalid scope: x"},
		{"/api/v2/search/tag/foo.bar/values", nil, `invalid tag "foo.bar"`},
		{"/api/v2/search/tag/name", nil, "names no tag"},
		{"/api/metrics/query_range", []string{"q", "{ }"}, "not a metrics query"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "step", "0s"}, "invalid step"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "step", "-1s"}, "invalid step"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "step", "x"}, "invalid step"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "since", "9601h"}, "metrics query time range exceeds the maximum allowed duration of 9600h0m0s"},
		{"/api/metrics/query_range", []string{"q", "{ } | rate()", "start", "20", "end", "10"}, "start must be before end"},
		{"/api/metrics/query", []string{"q", "{ } | rate()", "start", "noon"}, `"noon" is not a time`},
	}
	for _, tt := range tests {
		w := get(t, h, tt.path, tt.params...)
		require.Equal(t, http.StatusBadRequest, w.Code, "%s %v: %s", tt.path, tt.params, w.Body)
		require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
		require.Contains(t, w.Body.String(), tt.body)
	}
}

func TestSearchAnswer(t *testing.T) {
	w := get(t, server(t), "/api/search", "q", `{ status = error } | select(name, .missing)`, "start", "1699999000", "end", "1700001000")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	set := `{"spans":[{"spanID":"00f067aa0ba902b7","name":"select","startTimeUnixNano":"1700000000001000000","durationNanos":"250000000",
		"attributes":[{"key":"status","value":{"stringValue":"error"}}]}],"matched":1}`
	var doc map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	traces, err := json.Marshal(doc["traces"])
	require.NoError(t, err)
	require.JSONEq(t, `[{"traceID":"af7651916cd43dd8448eb211c80319c","rootServiceName":"api","rootTraceName":"GET /a",
		"startTimeUnixNano":"1700000000000000000","durationMs":500,"spanSet":`+set+`,"spanSets":[`+set+`],
		"serviceStats":{"api":{"spanCount":1},"db":{"spanCount":1,"errorCount":1}}}]`, string(traces))
	require.InDelta(t, 1, doc["metrics"].(map[string]any)["inspectedTraces"], 0)
}

func found(t *testing.T, h http.Handler, params ...string) []string {
	t.Helper()
	w := get(t, h, "/api/search", append(params, "start", "1699999000", "end", "1700001000")...)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var doc struct {
		Traces []struct{ TraceID, RootServiceName, RootTraceName string }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	out := []string{}
	for _, tr := range doc.Traces {
		out = append(out, tr.RootServiceName+"|"+tr.RootTraceName)
	}
	return out
}

func TestSearchByTags(t *testing.T) {
	h := server(t)
	const a, lost = "api|GET /a", "<root span not yet received>|"
	tests := []struct {
		params []string
		want   []string
	}{
		{[]string{"tags", "service.name=DB"}, []string{lost, a}},
		{[]string{"tags", `service.name=ap http.status_code=200`}, []string{a}},
		{[]string{"tags", `service.name=db name="sel"`}, []string{a}},
		{[]string{"tags", "cached=true"}, []string{a}},
		{[]string{"tags", "error=true"}, []string{a}},
		{[]string{"tags", "status.code=ok"}, []string{a}},
		{[]string{"tags", "root.service.name=api root.name=get"}, []string{a}},
		{[]string{"tags", "http.status_code=404"}, []string{}},
		{[]string{"minDuration", "100ms"}, []string{a}},
		{[]string{"maxDuration", "100ms"}, []string{lost}},
		{[]string{"tags", "service.name=db", "maxDuration", "1s", "minDuration", "400ms"}, []string{a}},
		{nil, []string{lost, a}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, found(t, h, tt.params...), "%v", tt.params)
	}
	require.Len(t, found(t, h, "limit", "1"), 1)
}

func TestEverySpanSetIsCutToSpss(t *testing.T) {
	h := server(t)
	for spss, want := range map[string]int{"1": 1, "0": 2, "": 2} {
		w := get(t, h, "/api/search", "q", `{ rootName = "GET /a" }`, "spss", spss, "start", "1699999000", "end", "1700001000")
		var doc struct {
			Traces []struct {
				SpanSets []struct {
					Spans   []any
					Matched int
				}
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
		require.Len(t, doc.Traces[0].SpanSets[0].Spans, want)
		require.Equal(t, 2, doc.Traces[0].SpanSets[0].Matched)
	}
}

func TestTagsAndValues(t *testing.T) {
	h := server(t)
	const when = "start=1699999000&end=1700001000"
	ask := func(target string) string {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = "&"
		}
		r := httptest.NewRequest(http.MethodGet, "/tempo"+target+sep+when, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code, "%s: %s", target, w.Body)
		return w.Body.String()
	}
	tests := []struct{ target, want string }{
		{"/api/search/tags", `{"tagNames":["bad","cached","http.status_code","http/route","n","ratio","raw","service.name","why","zones"],"metrics":{}}`},
		{"/api/search/tags?scope=resource", `{"tagNames":["service.name","zones"],"metrics":{}}`},
		{"/api/search/tags?scope=resource&limit=1", `{"tagNames":["service.name"],"metrics":{}}`},
		{"/api/v2/search/tags?scope=resource", `{"scopes":[{"name":"resource","tags":["service.name","zones"]}],"metrics":{}}`},
		{"/api/v2/search/tags?scope=link", `{"scopes":[{"name":"link","tags":["why"]}],"metrics":{}}`},
		{"/api/v2/search/tags?scope=resource&q=%7Bresource.service.name=%22db%22%7D", `{"scopes":[{"name":"resource","tags":["service.name"]}],"metrics":{}}`},
		{"/api/search/tags?scope=instrumentation", `{"tagNames":[],"metrics":{}}`},
		{"/api/v2/search/tags?scope=instrumentation", `{"scopes":[],"metrics":{}}`},
		{"/api/v2/search/tag/resource.service.name/values", `{"tagValues":[{"type":"string","value":"api"},{"type":"string","value":"db"}],"metrics":{}}`},
		{"/api/v2/search/tag/.service.name/values?limit=1", `{"tagValues":[{"type":"string","value":"api"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.http.status_code/values", `{"tagValues":[{"type":"int","value":"200"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.ratio/values", `{"tagValues":[{"type":"float","value":"0.5"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.cached/values", `{"tagValues":[{"type":"bool","value":"true"}],"metrics":{}}`},
		{"/api/v2/search/tag/status/values", `{"tagValues":[{"type":"keyword","value":"unset"},{"type":"keyword","value":"ok"},{"type":"keyword","value":"error"}],"metrics":{}}`},
		{"/api/v2/search/tag/span:kind/values?q=%7Bstatus=error%7D", `{"tagValues":[{"type":"keyword","value":"client"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.http%2Froute/values", `{"tagValues":[{"type":"string","value":"/a"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.http/route/values", `{"tagValues":[{"type":"string","value":"/a"}],"metrics":{}}`},
		{"/api/v2/search/tag/span.%22http%2Froute%22/values", `{"tagValues":[{"type":"string","value":"/a"}],"metrics":{}}`},
		{"/api/v2/search/tag/duration/values", `{"tagValues":[],"metrics":{}}`},
		{"/api/v2/search/tag/rootName/values", `{"tagValues":[{"type":"string","value":""},{"type":"string","value":"GET /a"}],"metrics":{}}`},
		{"/api/v2/search/tag/event:name/values", `{"tagValues":[{"type":"string","value":"retry"}],"metrics":{}}`},
		{"/api/search/tag/service.name/values", `{"tagValues":["api","db"],"metrics":{}}`},
		{"/api/search/tag/http.status_code/values", `{"tagValues":["200"],"metrics":{}}`},
		{"/api/search/tag/name/values", `{"tagValues":["GET /a","lost","select"],"metrics":{}}`},
		{"/api/search/tag/status.code/values", `{"tagValues":["unset","ok","error"],"metrics":{}}`},
		{"/api/search/tag/error/values", `{"tagValues":["true"],"metrics":{}}`},
		{"/api/search/tag/nothing/values", `{"tagValues":[],"metrics":{}}`},
	}
	for _, tt := range tests {
		require.JSONEq(t, tt.want, ask(tt.target), tt.target)
	}
	require.Contains(t, ask("/api/v2/search/tags"), `{"name":"intrinsic","tags":["duration","event:name"`)
}

func TestMetricsAnswers(t *testing.T) {
	h := server(t)
	w := get(t, h, "/api/metrics/query_range", "q", `{ } | rate() by (resource.service.name)`, "start", "1699999980", "end", "1700000040", "step", "60s", "exemplars", "1")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	series, err := json.Marshal(doc["series"])
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"labels":[{"key":"resource.service.name","value":{"stringValue":"api"}}],"promLabels":"{resource.service.name=\"api\"}",
		 "samples":[{"timestampMs":"1699999980000","value":0},{"timestampMs":"1700000040000","value":0.016666666666666666}],
		 "exemplars":[{"labels":[{"key":"trace:id","value":{"stringValue":"0af7651916cd43dd8448eb211c80319c"}}],"value":0.5,"timestampMs":"1700000000000"}]},
		{"labels":[{"key":"resource.service.name","value":{"stringValue":"db"}}],"promLabels":"{resource.service.name=\"db\"}",
		 "samples":[{"timestampMs":"1699999980000","value":0},{"timestampMs":"1700000040000","value":0.03333333333333333}]}]`, string(series))
	require.Equal(t, "COMPLETE", doc["status"])

	w = get(t, h, "/api/metrics/query_range", "query", `{ } | rate() by (name)`, "start", "1699999980.0", "end", "1700000040000000000", "step", "60", "maxSeries", "1")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	require.Len(t, doc["series"], 1)
	require.Equal(t, "PARTIAL", doc["status"])

	// tempo-cli has no limit of its own, and says so.
	w = get(t, h, "/api/metrics/query_range", "query", `{ } | rate() by (name)`, "start", "1699999980.0", "end", "1700000040000000000", "step", "60", "maxSeries", "0")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	require.Greater(t, len(doc["series"].([]any)), 1)
	require.Equal(t, "COMPLETE", doc["status"])

	w = get(t, h, "/api/metrics/query", "q", `{ } | quantile_over_time(duration, 0.5)`, "start", "2023-11-14T22:13:00Z", "end", "2023-11-14T22:14:00Z")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	series, err = json.Marshal(doc["series"])
	require.NoError(t, err)
	require.JSONEq(t, `[{"labels":[{"key":"p","value":{"doubleValue":0.5}}],"promLabels":"{p=\"0.5\"}","value":0.268435456}]`, string(series))
}

func TestSmallEndpoints(t *testing.T) {
	h := server(t)
	require.Equal(t, "echo", get(t, h, "/api/echo").Body.String())
	require.Equal(t, http.StatusOK, get(t, h, "/ready").Code)
	var info map[string]string
	require.NoError(t, json.Unmarshal(get(t, h, "/api/status/buildinfo").Body.Bytes(), &info))
	require.Equal(t, "2.9.0", info["version"])
	require.Equal(t, http.StatusNotFound, get(t, h, "/api/overrides").Code)
}
