package jaegerapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

const (
	second = int64(1e9)
	t0     = 1700000000 // seconds; when the test's traces begin
	traceA = "0af7651916cd43dd8448eb211c80319c"
	traceB = "00000000000000005af7183fb1d4cf5f" // a 64-bit id
)

func span(t *testing.T, trace, id, parent, name string) model.Span {
	t.Helper()
	s := model.Span{Name: name}
	var err error
	s.TraceID, err = model.ParseTraceID(trace)
	require.NoError(t, err)
	s.SpanID, err = model.ParseSpanID(id)
	require.NoError(t, err)
	if parent != "" {
		s.ParentID, err = model.ParseSpanID(parent)
		require.NoError(t, err)
	}
	return s
}

func server(t *testing.T) http.Handler {
	t.Helper()
	r := chi.NewRouter()
	handler(t).Mount(r)
	return r
}

// handler knows two traces, of three services.
func handler(t *testing.T) *jaegerapi.Handler {
	t.Helper()
	bd := model.NewBuilder(model.Spans, 4)
	str := model.String
	gw := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "host.name", Value: str("h1")}, {Key: "service.name", Value: str("gw")}}})
	shop := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: str("shop")}}, ScopeName: "lib", ScopeVersion: "1"})
	nameless := bd.Stream(&model.Stream{})

	a := span(t, traceA, "b7ad6b7169203331", "", "GET /")
	a.Kind, a.Start, a.Duration, a.Flags = model.SpanServer, t0*second, second/20, 1
	a.Events = []model.Event{{Time: t0*second + 10e6, Name: "retry", Attrs: []model.Attr{{Key: "attempt", Value: model.Int(2)}}}}
	bd.Span(gw, a)
	bd.Attr("http.status_code", model.Int(200))
	bd.Attr("big", model.Int(1<<60))
	bd.Attr("ratio", model.Float(0.5))
	bd.Attr("cached", model.Bool(true))
	bd.Attr("raw", model.Bytes("\x01\x02"))
	bd.Attr("list", model.Array(`["a",1]`))

	b := span(t, traceA, "00f067aa0ba902b7", "b7ad6b7169203331", "buy")
	b.Kind, b.Start, b.Duration, b.Status, b.StatusMessage = model.SpanClient, t0*second+5e6, second/50, model.StatusError, "boom"
	b.Links = []model.Link{{TraceID: span(t, traceB, "1", "", "").TraceID, SpanID: span(t, traceB, "1", "", "").SpanID}}
	bd.Span(shop, b)

	c := span(t, traceB, "2", "", "lonely")
	c.Start, c.Duration, c.Status, c.TraceState = (t0+60)*second, 2*second, model.StatusOK, "k=v"
	bd.Span(nameless, c)

	d := span(t, traceB, "3", "2", "GET /")
	d.Kind, d.Start, d.Duration = model.SpanClient, (t0+61)*second, second
	bd.Span(gw, d)

	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	return jaegerapi.New(traceql.NewEngine(store, query.DefaultLimits()), nil, decode)
}

func ask(h http.Handler, path string, params ...string) *httptest.ResponseRecorder {
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/jaeger/api"+path+"?"+v.Encode(), nil))
	return w
}

func data(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var doc struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	return string(doc.Data)
}

func TestServicesAndOperations(t *testing.T) {
	h := server(t)
	require.JSONEq(t, `{"data":["OTLPResourceNoServiceName","gw","shop"],"total":3,"limit":0,"offset":0,"errors":null}`, ask(h, "/services").Body.String())
	require.JSONEq(t, `["GET /"]`, data(t, ask(h, "/services/gw/operations")))
	require.JSONEq(t, `[{"name":"GET /","spanKind":"client"},{"name":"GET /","spanKind":"server"}]`, data(t, ask(h, "/operations", "service", "gw")))
	require.JSONEq(t, `[{"name":"GET /","spanKind":"server"}]`, data(t, ask(h, "/operations", "service", "gw", "spanKind", "server")))
	require.JSONEq(t, `[{"name":"lonely","spanKind":""}]`, data(t, ask(h, "/operations", "service", "OTLPResourceNoServiceName")))
	require.JSONEq(t, `[]`, data(t, ask(h, "/services/a%2Fb/operations")))
}

func TestServicesOfAnEmptyStoreAreAnEmptyList(t *testing.T) {
	r := chi.NewRouter()
	jaegerapi.New(traceql.NewEngine(&storagetest.Memory{}, query.DefaultLimits()), nil, nil).Mount(r)
	require.JSONEq(t, `{"data":[],"total":0,"limit":0,"offset":0,"errors":null}`, ask(r, "/services").Body.String())
	require.JSONEq(t, `[]`, data(t, ask(r, "/traces", "service", "x")))
	require.JSONEq(t, `[]`, data(t, ask(r, "/dependencies")))
}

func TestTraceInJaegersForm(t *testing.T) {
	h := server(t)
	want := `[{"traceID":"` + traceA + `","warnings":null,
	"processes":{"p1":{"serviceName":"gw","tags":[{"key":"host.name","type":"string","value":"h1"}]},"p2":{"serviceName":"shop","tags":[]}},
	"spans":[
	 {"traceID":"` + traceA + `","spanID":"b7ad6b7169203331","flags":1,"operationName":"GET /","references":[],
	  "startTime":1700000000000000,"duration":50000,"processID":"p1","warnings":null,
	  "tags":[{"key":"big","type":"int64","value":"1152921504606846976"},{"key":"cached","type":"bool","value":true},{"key":"http.status_code","type":"int64","value":200},
	   {"key":"list","type":"string","value":"[\"a\",1]"},{"key":"ratio","type":"float64","value":0.5},{"key":"raw","type":"binary","value":"AQI="},
	   {"key":"span.kind","type":"string","value":"server"}],
	  "logs":[{"timestamp":1700000000010000,"fields":[{"key":"event","type":"string","value":"retry"},{"key":"attempt","type":"int64","value":2}]}]},
	 {"traceID":"` + traceA + `","spanID":"00f067aa0ba902b7","operationName":"buy",
	  "references":[{"refType":"CHILD_OF","traceID":"` + traceA + `","spanID":"b7ad6b7169203331"},{"refType":"FOLLOWS_FROM","traceID":"` + traceB + `","spanID":"0000000000000001"}],
	  "startTime":1700000000005000,"duration":20000,"processID":"p2","warnings":null,"logs":[],
	  "tags":[{"key":"otel.scope.name","type":"string","value":"lib"},{"key":"otel.scope.version","type":"string","value":"1"},{"key":"span.kind","type":"string","value":"client"},
	   {"key":"otel.status_code","type":"string","value":"ERROR"},{"key":"error","type":"bool","value":true},{"key":"otel.status_description","type":"string","value":"boom"}]}]}]`
	require.JSONEq(t, want, data(t, ask(h, "/traces/"+traceA)))
	require.JSONEq(t, want, data(t, ask(h, "/traces/"+strings.ToUpper(traceA[1:]), "prettyPrint", "true", "raw", "true")))
	for _, id := range []string{traceB, traceB[16:]} {
		require.Contains(t, data(t, ask(h, "/traces/"+id)), `"operationName":"lonely"`)
	}
}

func TestUnknownTraceIs404(t *testing.T) {
	h := server(t)
	w := ask(h, "/traces/1234")
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	require.JSONEq(t, `{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}`, w.Body.String())
	require.Equal(t, http.StatusNotFound, ask(h, "/traces/"+traceA, "end", "1").Code)
}

// micros is an offset from t0 in the parameters' unit.
func micros(offset int64) string { return strconv.FormatInt(t0*1e6+offset, 10) }

func found(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	var traces []struct{ TraceID string }
	require.NoError(t, json.Unmarshal([]byte(data(t, w)), &traces))
	out := []string{}
	for _, tr := range traces {
		out = append(out, map[string]string{traceA: "A", traceB: "B"}[tr.TraceID])
	}
	return out
}

func TestSearch(t *testing.T) {
	h := server(t)
	tests := []struct {
		name   string
		params []string
		want   []string
	}{
		{"newest first", []string{"service", "gw"}, []string{"B", "A"}},
		{"the whole trace comes, for one span of the service", []string{"service", "shop"}, []string{"A"}},
		{"spans without a service", []string{"service", "OTLPResourceNoServiceName"}, []string{"B"}},
		{"limit counts traces", []string{"service", "gw", "limit", "1"}, []string{"B"}},
		{"operation", []string{"service", "gw", "operation", "GET /"}, []string{"B", "A"}},
		{"operation of another service", []string{"service", "gw", "operation", "buy"}, []string{}},
		{"minDuration is of the span", []string{"service", "gw", "minDuration", "500ms"}, []string{"B"}},
		{"maxDuration is of the span", []string{"service", "gw", "maxDuration", "500ms"}, []string{"A"}},
		{"integer tag as text", []string{"service", "gw", "tags", `{"http.status_code":"200"}`}, []string{"A"}},
		{"float and boolean tags", []string{"service", "gw", "tag", "ratio:0.5", "tag", "cached:true"}, []string{"A"}},
		{"process tag", []string{"service", "gw", "tag", "host.name:h1", "maxDuration", "1s"}, []string{"B", "A"}},
		{"log field", []string{"service", "gw", "tag", "attempt:2"}, []string{"A"}},
		{"log event", []string{"service", "gw", "tag", "event:retry"}, []string{"A"}},
		{"tags of one span", []string{"service", "gw", "tags", `{"http.status_code":"200","span.kind":"client"}`}, []string{}},
		{"error", []string{"service", "shop", "tags", `{"error":"true"}`}, []string{"A"}},
		{"no error in this service", []string{"service", "gw", "tags", `{"error":"true"}`}, []string{}},
		{"kind", []string{"service", "gw", "tag", "span.kind:client"}, []string{"B"}},
		{"status", []string{"service", "shop", "tag", "otel.status_code:ERROR", "tag", "otel.status_description:boom"}, []string{"A"}},
		{"scope", []string{"service", "shop", "tag", "otel.scope.name:lib", "tag", "otel.scope.version:1"}, []string{"A"}},
		{"trace state", []string{"service", "OTLPResourceNoServiceName", "tag", "w3c.tracestate:k=v", "tag", "otel.status_code:OK"}, []string{"B"}},
		{"start is inclusive, in microseconds", []string{"service", "gw", "start", micros(0), "end", micros(1)}, []string{"A"}},
		{"start after", []string{"service", "gw", "start", micros(1), "end", micros(2)}, []string{}},
		{"end is inclusive", []string{"service", "gw", "start", micros(-1), "end", micros(0)}, []string{"A"}},
		{"by id, the rest is ignored", []string{"traceID", traceA, "traceID", traceB[16:], "operation", "x"}, []string{"A", "B"}},
	}
	for _, tt := range tests {
		params := append([]string{"lookback", "1h"}, tt.params...)
		if !strings.Contains(strings.Join(params, " "), "start") {
			params = append(params, "start", micros(-1e6), "end", micros(100e6))
		}
		require.Equal(t, tt.want, found(t, ask(h, "/traces", params...)), tt.name)
	}
}

func TestAMissingTraceOfAListIsAnErrorAmongTheOthers(t *testing.T) {
	w := ask(server(t), "/traces", "traceID", traceA, "traceID", "1234")
	require.Equal(t, []string{"A"}, found(t, w))
	require.Contains(t, w.Body.String(), `"errors":[{"code":404,"msg":"trace not found","traceID":"00000000000000000000000000001234"}]`)
}

func TestBadParameters(t *testing.T) {
	h := server(t)
	tests := []struct {
		path   string
		params []string
		msg    string
	}{
		{"/operations", nil, "parameter 'service' is required"},
		{"/traces", nil, "parameter 'service' is required"},
		{"/traces", []string{"service", "x", "start", "noon"}, `unable to parse param 'start': strconv.ParseInt: parsing "noon": invalid syntax`},
		{"/traces", []string{"service", "x", "end", "noon"}, "unable to parse param 'end'"},
		{"/traces", []string{"service", "x", "limit", "many"}, "unable to parse param 'limit'"},
		{"/traces", []string{"service", "x", "minDuration", "long"}, "unable to parse param 'minDuration'"},
		{"/traces", []string{"service", "x", "minDuration", "2s", "maxDuration", "1s"}, "'maxDuration' should be greater than 'minDuration'"},
		{"/traces", []string{"service", "x", "tags", "{"}, "malformed 'tags' parameter, cannot unmarshal JSON: "},
		{"/traces", []string{"service", "x", "tags", `{"a":1}`}, "malformed 'tags' parameter, cannot unmarshal JSON: "},
		{"/traces", []string{"service", "x", "tag", "x"}, "malformed 'tag' parameter, expecting key:value, received: x"},
		{"/traces", []string{"traceID", "xyz"}, "cannot parse traceID param: "},
		{"/traces/xyz", nil, "cannot parse traceID"},
		{"/dependencies", []string{"endTs", "x"}, "unable to parse param 'endTs'"},
		{"/dependencies", []string{"lookback", "x"}, "unable to parse param 'lookback'"},
	}
	for _, tt := range tests {
		w := ask(h, tt.path, tt.params...)
		require.Equal(t, http.StatusBadRequest, w.Code, "%v", tt)
		var doc struct {
			Errors []struct {
				Code int
				Msg  string
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
		require.Equal(t, 400, doc.Errors[0].Code)
		require.Contains(t, doc.Errors[0].Msg, tt.msg)
	}
}

func TestDependenciesAreCallsBetweenServices(t *testing.T) {
	h := server(t)
	end := strconv.FormatInt((t0+120)*1000, 10)
	require.JSONEq(t, `[{"parent":"OTLPResourceNoServiceName","child":"gw","callCount":1},{"parent":"gw","child":"shop","callCount":1}]`,
		data(t, ask(h, "/dependencies", "endTs", end, "lookback", "3600000")))
	require.JSONEq(t, `[{"parent":"gw","child":"shop","callCount":1}]`, data(t, ask(h, "/dependencies", "endTs", end, "service", "shop")))
	require.JSONEq(t, `[{"parent":"OTLPResourceNoServiceName","child":"gw","callCount":1}]`, data(t, ask(h, "/dependencies", "endTs", end, "lookback", "61000")))
}

func TestVersion3(t *testing.T) {
	h := server(t)
	require.JSONEq(t, `{"services":["OTLPResourceNoServiceName","gw","shop"]}`, ask(h, "/v3/services").Body.String())
	require.JSONEq(t, `{"operations":[{"name":"GET /","spanKind":"server"}]}`, ask(h, "/v3/operations", "service", "gw", "span_kind", "server").Body.String())

	for _, id := range []string{traceA, "CvdlGRbNQ92ESOshHIAxnA=="} {
		w := ask(h, "/v3/traces/"+url.PathEscape(id))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		var doc struct {
			Result struct {
				ResourceSpans []struct {
					ScopeSpans []struct {
						Spans []struct{ TraceID, SpanID, Name string }
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
		require.Equal(t, traceA, doc.Result.ResourceSpans[0].ScopeSpans[0].Spans[0].TraceID)
	}

	search := func(params ...string) *httptest.ResponseRecorder { return ask(h, "/v3/traces", params...) }
	w := search("query.serviceName", "gw", "query.startTimeMin", "2023-11-14T22:00:00Z", "query.start_time_max", "2023-11-14T23:00:00Z",
		"query.attributes", `{"http.status_code":"200"}`, "query.durationMin", "1ms", "query.duration_max", "1s", "query.num_traces", "5", "query.operationName", "GET /")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), traceA)
	require.NotContains(t, w.Body.String(), `"lonely"`)

	for _, tt := range []struct {
		w    *httptest.ResponseRecorder
		code int
		msg  string
	}{
		{ask(h, "/v3/traces/1234"), 404, "No traces found"},
		{ask(h, "/v3/traces/xyz"), 400, "malformed parameter trace_id"},
		{ask(h, "/v3/traces/1234", "startTime", "noon"), 400, "malformed parameter startTime"},
		{ask(h, "/v3/operations"), 400, "parameter 'service' is required"},
		{search(), 400, "parameter 'service' is required"},
		{search("query.service_name", "gw"), 400, "query.startTimeMin and query.startTimeMax are required"},
		{search("query.service_name", "gw", "query.startTimeMin", "2023-11-14T22:00:00Z", "query.startTimeMax", "2023-11-14T22:00:01Z"), 404, "No traces found"},
		{search("query.service_name", "gw", "query.startTimeMin", "2023-11-14T22:00:00Z", "query.startTimeMax", "2023-11-14T22:00:01Z", "query.durationMin", "x"), 400, "malformed parameter query.durationMin"},
		{search("query.service_name", "gw", "query.startTimeMin", "2023-11-14T22:00:00Z", "query.startTimeMax", "2023-11-14T22:00:01Z", "query.searchDepth", "x"), 400, "malformed parameter query.searchDepth"},
		{search("query.service_name", "gw", "query.startTimeMin", "2023-11-14T22:00:00Z", "query.startTimeMax", "2023-11-14T22:00:01Z", "query.attributes", "x"), 400, "malformed parameter query.attributes"},
	} {
		require.Equal(t, tt.code, tt.w.Code, tt.w.Body)
		var doc struct {
			Error struct {
				HTTPCode int
				Message  string
			}
		}
		require.NoError(t, json.Unmarshal(tt.w.Body.Bytes(), &doc))
		require.Equal(t, tt.code, doc.Error.HTTPCode)
		require.Contains(t, doc.Error.Message, tt.msg)
	}
}

func TestThereIsNoArchive(t *testing.T) {
	w := httptest.NewRecorder()
	server(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/jaeger/api/archive/"+traceA, nil))
	require.Equal(t, http.StatusNotImplemented, w.Code)
	require.Contains(t, w.Body.String(), "archive span storage was not configured")
}
