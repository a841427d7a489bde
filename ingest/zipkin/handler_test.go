package zipkin_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/go-chi/chi/v5"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/zipkincore"
	"github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/ingest/zipkin"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// micros is a time of the tests, d after now, as Zipkin writes it.
func micros(d time.Duration) int64 { return now.Add(d).UnixMicro() }

type rig struct {
	http.Handler
	events  *storagetest.Memory
	account *ingest.Account
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{events: &storagetest.Memory{}, account: ingest.NewAccount(prometheus.NewRegistry())}
	r.Handler = serve(r.events, r.account)
	return r
}

func serve(w ingest.EventWriter, account *ingest.Account) http.Handler {
	mux := chi.NewRouter()
	zipkin.New(otelmodel.Options{
		Events: w, Limits: ingest.DefaultLimits(), Account: account, Now: func() time.Time { return now },
	}).Mount(mux)
	return mux
}

// post sends body; header holds pairs.
func post(h http.Handler, path string, body []byte, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/zipkin"+path, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// A row is a stored span in a form that is easy to compare.
type row struct {
	model.Span
	Resource map[string]string
	Attrs    map[string]string
}

func (r *rig) rows(t testing.TB) []row {
	t.Helper()
	var out []row
	for b, err := range r.events.Scan(context.Background(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			x := row{Span: b.SpanAt(i), Resource: map[string]string{}, Attrs: map[string]string{}}
			for _, a := range b.Stream(i).Attrs {
				x.Resource[a.Key] = a.Value.Text()
			}
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					x.Attrs[c.Key] = v.Text()
				}
			}
			out = append(out, x)
		}
	}
	return out
}

// only posts one span of version 2 in JSON and returns what became of it.
func only(t *testing.T, span string) row {
	t.Helper()
	r := newRig(t)
	w := post(r, "/api/v2/spans", []byte("["+span+"]"))
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	require.Empty(t, w.Body.String())
	rows := r.rows(t)
	require.Len(t, rows, 1)
	return rows[0]
}

// span returns a span of JSON with members besides the ids.
func span(members string) string {
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(`{"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2"%s}`, members)
}

func at(d time.Duration) string { return fmt.Sprintf(`"timestamp":%d`, micros(d)) }

func TestSpanKeepsEverything(t *testing.T) {
	got := only(t, span(at(0)+`,"parentId":"6b221d5bc9e6496c","kind":"CLIENT","name":"get /api","duration":207000,
		"localEndpoint":{"serviceName":"front","ipv4":"10.0.0.1","port":3306},
		"remoteEndpoint":{"serviceName":"back","ipv6":"2001:db8::c001","port":9000},
		"annotations":[{"timestamp":`+fmt.Sprint(micros(time.Millisecond))+`,"value":"cache.miss"}],
		"tags":{"http.path":"/api","error":"timeout","host.name":"h1","otel.scope.name":"lib","otel.scope.version":"2","w3c.tracestate":"a=1"},
		"debug":false,"shared":false,"unknown":{"x":[1]}`))
	require.Equal(t, "00000000000000005af7183fb1d4cf5f", got.TraceID.String())
	require.Equal(t, "352bff9a74ca9ad2", got.SpanID.String())
	require.Equal(t, "6b221d5bc9e6496c", got.ParentID.String())
	require.Equal(t, "get /api", got.Name)
	require.Equal(t, model.SpanClient, got.Kind)
	require.Equal(t, now.UnixNano(), got.Start)
	require.Equal(t, int64(207*time.Millisecond), got.Duration)
	require.Equal(t, model.StatusError, got.Status)
	require.Equal(t, "a=1", got.TraceState)
	require.Equal(t, []model.Event{{Time: now.Add(time.Millisecond).UnixNano(), Name: "cache.miss"}}, got.Events)
	require.Equal(t, map[string]string{"service.name": "front", "host.name": "h1"}, got.Resource)
	require.Equal(t, map[string]string{
		"http.path": "/api", "error": "timeout", "peer.service": "back", "net.peer.ip": "2001:db8::c001", "net.peer.port": "9000",
		"net.host.ip": "10.0.0.1", "net.host.port": "3306",
	}, got.Attrs)
}

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		name, tags string
		status     model.StatusCode
		message    string
		attrs      map[string]string
	}{
		{"none", `{"a":"b"}`, model.StatusUnset, "", map[string]string{"a": "b"}},
		{"error=true says no more than that", `{"error":"true"}`, model.StatusError, "", map[string]string{}},
		{"another error is kept", `{"error":"boom"}`, model.StatusError, "", map[string]string{"error": "boom"}},
		{"an empty error is one", `{"error":""}`, model.StatusError, "", map[string]string{"error": ""}},
		{"OpenTelemetry's status", `{"otel.status_code":"ERROR","otel.status_description":"boom"}`, model.StatusError, "boom", map[string]string{}},
		{"in its newer spelling", `{"otel.status_code":"OK"}`, model.StatusOK, "", map[string]string{}},
		{"and its older one", `{"otel.status_code":"STATUS_CODE_OK"}`, model.StatusOK, "", map[string]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := only(t, span(at(0)+`,"tags":`+tt.tags))
			require.Equal(t, tt.status, got.Status)
			require.Equal(t, tt.message, got.StatusMessage)
			require.Equal(t, tt.attrs, got.Attrs)
		})
	}
}

func TestKinds(t *testing.T) {
	for member, want := range map[string]model.SpanKind{
		`"kind":"CLIENT"`: model.SpanClient, `"kind":"SERVER"`: model.SpanServer, `"kind":"PRODUCER"`: model.SpanProducer,
		`"kind":"CONSUMER"`: model.SpanConsumer, `"name":"x"`: model.SpanUnspecified, `"tags":{"span.kind":"internal"}`: model.SpanInternal,
	} {
		require.Equal(t, want, only(t, span(at(0)+","+member)).Kind, member)
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		name, members string
		start         time.Duration // after now
		took          time.Duration
		absent        string
	}{
		{"as sent", at(-time.Minute) + `,"duration":5`, -time.Minute, 5 * time.Microsecond, ""},
		{"without a duration", at(-time.Minute), -time.Minute, 0, ""},
		{"no timestamp is now", `"duration":7`, 0, 7 * time.Microsecond, "true"},
		{
			"or the earliest annotation",
			fmt.Sprintf(`"annotations":[{"timestamp":%d,"value":"b"},{"timestamp":%d,"value":"a"}]`, micros(-time.Second), micros(-time.Minute)),
			-time.Minute, 0, "true",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := only(t, span(tt.members))
			require.Equal(t, now.Add(tt.start).UnixNano(), got.Start)
			require.Equal(t, int64(tt.took), got.Duration)
			require.Equal(t, tt.absent, got.Attrs["otel.zipkin.absentField.startTime"])
		})
	}
}

func TestServiceNames(t *testing.T) {
	for _, tt := range []struct{ name, members, want string }{
		{"as sent", `"localEndpoint":{"serviceName":"Front"}`, "Front"},
		{"none", `"name":"x"`, ingest.UnknownService},
		{"an empty one", `"localEndpoint":{"serviceName":"","port":1}`, ingest.UnknownService},
		{"from a tag", `"tags":{"service.name":"tagged"}`, "tagged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, only(t, span(at(0)+","+tt.members)).Resource["service.name"])
		})
	}
}

func TestEachSpanHasTheResourceOfItsOwnTags(t *testing.T) {
	r := newRig(t)
	body := `[{"traceId":"1","id":"1",` + at(0) + `,"localEndpoint":{"serviceName":"a"},"tags":{"host.name":"h1"}},
		{"traceId":"1","id":"2",` + at(0) + `,"localEndpoint":{"serviceName":"a"},"tags":{"host.name":"h2"}}]`
	require.Equal(t, http.StatusAccepted, post(r, "/api/v2/spans", []byte(body)).Code)
	var hosts []string
	for _, x := range r.rows(t) {
		hosts = append(hosts, x.Resource["host.name"])
	}
	require.ElementsMatch(t, []string{"h1", "h2"}, hosts)
}

func TestAnnotations(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        model.Event
	}{
		{"a word", "ws", model.Event{Name: "ws"}},
		{"an event with attributes", `retry|{\"n\":2}|1`, model.Event{Name: "retry", Attrs: []model.Attr{{Key: "n", Value: model.Int(2)}}, DroppedAttrs: 1}},
		{"a bar is no event", "a|b", model.Event{Name: "a|b"}},
		{"nor are two", "a|b|c", model.Event{Name: "a|b|c"}},
		{"nor is a number", "a|b|3", model.Event{Name: "a|b|3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Time = now.UnixNano()
			got := only(t, span(at(0)+`,"annotations":[{"timestamp":`+fmt.Sprint(micros(0))+`,"value":"`+tt.value+`"}]`))
			require.Equal(t, []model.Event{tt.want}, got.Events)
		})
	}
}

func TestLinksComeFromTags(t *testing.T) {
	got := only(t, span(at(0)+`,"tags":{"otlp.link.0":"0af7651916cd43dd8448eb211c80319c|00f067aa0ba902b7|b=2|{\"k\":\"v\"}|0"}`))
	require.Len(t, got.Links, 1)
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", got.Links[0].TraceID.String())
	require.Empty(t, got.Attrs)
}

func TestParentThatIsTheSpanItselfIsNone(t *testing.T) {
	require.True(t, only(t, span(at(0)+`,"parentId":"352bff9a74ca9ad2"`)).ParentID.IsZero())
}

func TestSharedSpansAreTwo(t *testing.T) {
	r := newRig(t)
	body := "[" + span(at(0)+`,"kind":"CLIENT","localEndpoint":{"serviceName":"a"}`) + "," +
		span(at(0)+`,"kind":"SERVER","shared":true,"localEndpoint":{"serviceName":"b"}`) + "]"
	require.Equal(t, http.StatusAccepted, post(r, "/api/v2/spans", []byte(body)).Code)
	require.Len(t, r.rows(t), 2)
}

func TestPartsOfASpanAreUnited(t *testing.T) {
	r := newRig(t)
	body := "[" + span(at(0)+`,"kind":"CLIENT","tags":{"a":"1"},"annotations":[{"timestamp":`+fmt.Sprint(micros(0))+`,"value":"x"}]`) + "," +
		span(at(-time.Second)+`,"name":"get","parentId":"1","duration":9,"tags":{"b":"2"},"remoteEndpoint":{"port":80},"annotations":[{"timestamp":`+fmt.Sprint(micros(0))+`,"value":"x"}]`) + "]"
	require.Equal(t, http.StatusAccepted, post(r, "/api/v2/spans", []byte(body)).Code)
	rows := r.rows(t)
	require.Len(t, rows, 1)
	got := rows[0]
	require.Equal(t, "get", got.Name)
	require.Equal(t, model.SpanClient, got.Kind)
	require.Equal(t, now.Add(-time.Second).UnixNano(), got.Start)
	require.Equal(t, int64(9*time.Microsecond), got.Duration)
	require.False(t, got.ParentID.IsZero())
	require.Equal(t, map[string]string{"a": "1", "b": "2", "net.peer.port": "80"}, got.Attrs)
	require.Len(t, got.Events, 1)
}

func TestBadSpansAreRefusedAlone(t *testing.T) {
	good := `{"traceId":"2","id":"3",` + at(0) + `}`
	for _, tt := range []struct{ name, bad, reason, says string }{
		{"no trace id", `{"id":"1",` + at(0) + `}`, ingest.ReasonMalformed, "valid traceId required"},
		{"no id", `{"traceId":"1",` + at(0) + `}`, ingest.ReasonMalformed, "valid span id required"},
		{"an id that is none", `{"traceId":"xyz","id":"1"}`, ingest.ReasonMalformed, "xyz"},
		{"a long trace id", `{"traceId":"` + strings.Repeat("1", 33) + `","id":"1"}`, ingest.ReasonMalformed, "value out of range"},
		{"null", `null`, ingest.ReasonMalformed, "no JSON object"},
		{"a number", `1`, ingest.ReasonMalformed, "no JSON object"},
		{"tags that are no strings", span(`"tags":{"a":1}`), ingest.ReasonMalformed, "tags"},
		{"a broken link", span(`"tags":{"otlp.link.0":"zz|1|||0"}`), ingest.ReasonMalformed, "invalid length for ID"},
		{"1970", span(`"timestamp":1`), ingest.ReasonTooOld, "1970"},
		{"2100", span(`"timestamp":4102444800000000`), ingest.ReasonTooNew, "2100"},
		{"a large tag", span(at(0) + `,"tags":{"a":"` + strings.Repeat("x", 1<<20) + `"}`), ingest.ReasonTooLarge, "limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := post(r, "/api/v2/spans", []byte("["+tt.bad+","+good+"]"))
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), "1 of 2 spans refused")
			require.Contains(t, w.Body.String(), tt.says)
			rejections := r.account.Rejections()
			require.Len(t, rejections, 1)
			require.Equal(t, tt.reason, rejections[0].Reason)
			require.EqualValues(t, 1, rejections[0].Rows)
			require.Len(t, r.rows(t), 1)
			require.EqualValues(t, 1, r.account.Accepted()[0].Rows)
		})
	}
}

// many returns a JSON object of n members.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":"v"`, i)
	}
	return "{" + b.String()[1:] + "}"
}

// The translators' work grows with the square of the number of attributes.
func TestSpansOfTooManyAttributesAreRefusedUntranslated(t *testing.T) {
	attrs := strings.ReplaceAll(many(5000), `"`, `\"`)
	var binary []string
	for i := range 5000 {
		binary = append(binary, fmt.Sprintf(`{"key":"k%d","value":"v"}`, i))
	}
	for _, tt := range []struct{ name, path, span string }{
		{"tags", "/api/v2/spans", span(at(0) + `,"tags":` + many(5000))},
		{"a link's", "/api/v2/spans", span(at(0) + `,"tags":{"otlp.link.0":"0af7651916cd43dd8448eb211c80319c|00f067aa0ba902b7||` + attrs + `|0"}`)},
		{"an event's", "/api/v2/spans", span(at(0) + `,"annotations":[{"timestamp":1,"value":"a|` + attrs + `|0"}]`)},
		{"of version 1", "/api/v1/spans", span(`"binaryAnnotations":[` + strings.Join(binary, ",") + `]`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := post(r, tt.path, []byte("["+tt.span+"]"), "Content-Type", "application/json")
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), "span has 5000 tags or attributes, limit 1024")
			require.Equal(t, ingest.ReasonLabels, r.account.Rejections()[0].Reason)
		})
	}
}

func TestRequestOfNothingButNonsenseIsGivenUp(t *testing.T) {
	for mediaType, body := range map[string]string{
		"application/json":       "[" + strings.Repeat("0,", 20_000) + "0]",
		"application/x-protobuf": strings.Repeat("\x0a\x00", 20_000),
	} {
		r := newRig(t)
		w := post(r, "/api/v2/spans", []byte(body), "Content-Type", mediaType)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.Contains(t, w.Body.String(), "more than 10000 spans cannot be read, the first: ")
	}
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	for _, tt := range []struct{ name, path, mediaType, body string }{
		{"one object", "/api/v2/spans", "application/json", span("")},
		{"no JSON", "/api/v2/spans", "", "hello"},
		{"nothing", "/api/v2/spans", "", ""},
		{"an array without an end", "/api/v2/spans", "", "["},
		{"two arrays", "/api/v2/spans", "", "[][]"},
		{"no protobuf", "/api/v2/spans", "application/x-protobuf", "\x0a\xff"},
		{"no thrift", "/api/v1/spans", "application/x-thrift", "\x0c\x00\x00\x00\x01"},
		{"thrift that claims too much", "/api/v1/spans", "application/x-thrift", "\x0c\x7f\xff\xff\xff"},
		{"a list of numbers", "/api/v1/spans", "application/x-thrift", "\x08\x00\x00\x00\x00"},
		{"version 1, one object", "/api/v1/spans", "application/json", span("")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			w := post(r, tt.path, []byte(tt.body), "Content-Type", tt.mediaType)
			require.Equal(t, http.StatusBadRequest, w.Code, w.Body)
			require.Equal(t, ingest.ReasonMalformed, r.account.Rejections()[0].Reason)
		})
	}
}

func TestEmptyListIsAccepted(t *testing.T) {
	r := newRig(t)
	require.Equal(t, http.StatusAccepted, post(r, "/api/v2/spans", []byte("[]")).Code)
	require.Empty(t, r.account.Rejections())
}

func TestGzip(t *testing.T) {
	r := newRig(t)
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	_, _ = z.Write([]byte("[" + span(at(0)) + "]"))
	require.NoError(t, z.Close())
	require.Equal(t, http.StatusAccepted, post(r, "/api/v2/spans", body.Bytes(), "Content-Encoding", "gzip").Code)
	require.Len(t, r.rows(t), 1)
}

func TestProtobuf(t *testing.T) {
	body, err := proto.Marshal(&zipkin_proto3.ListOfSpans{Spans: []*zipkin_proto3.Span{{
		TraceId: bytes.Repeat([]byte{1}, 16), Id: []byte("12345678"), Name: "get", Kind: zipkin_proto3.Span_SERVER,
		Timestamp: uint64(micros(0)), Duration: 7, LocalEndpoint: &zipkin_proto3.Endpoint{ServiceName: "front"}, Tags: map[string]string{"a": "b"},
	}, {
		TraceId: []byte("shortone"), Id: []byte("12345678"), // no timestamp
	}, {
		TraceId: []byte("bad"), Id: []byte("12345678"),
	}}})
	require.NoError(t, err)
	r := newRig(t)
	w := post(r, "/api/v2/spans", body, "Content-Type", "application/x-protobuf")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "1 of 3 spans refused (malformed: invalid TraceID")
	rows := r.rows(t)
	require.Len(t, rows, 2)
	for _, got := range rows {
		require.Equal(t, now.UnixNano(), got.Start)
		if got.Name != "get" {
			require.Equal(t, "000000000000000073686f72746f6e65", got.TraceID.String())
			require.Equal(t, "true", got.Attrs["otel.zipkin.absentField.startTime"])
			continue
		}
		require.Equal(t, "front", got.Resource["service.name"])
		require.Equal(t, model.SpanServer, got.Kind)
		require.Equal(t, map[string]string{"a": "b"}, got.Attrs)
	}
}

func TestVersion1JSON(t *testing.T) {
	endpoint := `"endpoint":{"serviceName":"front","ipv4":"10.0.0.1","port":80}`
	body := fmt.Sprintf(`[{"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","name":"get","timestamp":%d,"duration":5,
		"annotations":[{"timestamp":%d,"value":"sr",%s},{"timestamp":%d,"value":"cache.miss",%s}],
		"binaryAnnotations":[{"key":"http.path","value":"/api",%s},{"key":"error","value":"true",%s}]},
		{"traceId":"1","id":"2"},
		{"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad3","binaryAnnotations":[null]}]`,
		micros(0), micros(0), endpoint, micros(time.Second), endpoint, endpoint, endpoint)
	r := newRig(t)
	w := post(r, "/api/v1/spans", []byte(body), "Content-Type", "application/json")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "2 of 3 spans refused")
	rows := r.rows(t)
	require.Len(t, rows, 1)
	require.Equal(t, model.SpanServer, rows[0].Kind)
	require.Equal(t, model.StatusError, rows[0].Status)
	require.Equal(t, "front", rows[0].Resource["service.name"])
	require.Equal(t, "/api", rows[0].Attrs["http.path"])
	require.Equal(t, "cache.miss", rows[0].Events[0].Name)
	require.Equal(t, int64(5*time.Microsecond), rows[0].Duration)
}

func TestVersion1Thrift(t *testing.T) {
	r := newRig(t)
	w := post(r, "/api/v1/spans", thriftBody(t), "Content-Type", "application/x-thrift")
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	rows := r.rows(t)
	require.Len(t, rows, 1)
	require.Equal(t, "get", rows[0].Name)
	require.Equal(t, model.SpanClient, rows[0].Kind)
	require.Equal(t, "front", rows[0].Resource["service.name"])
	require.Equal(t, "/api", rows[0].Attrs["http.path"])
}

func thriftBody(t testing.TB) []byte {
	t.Helper()
	ctx := context.Background()
	begin, took := micros(0), int64(5)
	host := &zipkincore.Endpoint{ServiceName: "front", Ipv4: 10<<24 + 1}
	buf := thrift.NewTMemoryBuffer()
	p := thrift.NewTBinaryProtocolConf(buf, nil)
	require.NoError(t, p.WriteListBegin(ctx, thrift.STRUCT, 1))
	require.NoError(t, (&zipkincore.Span{
		TraceID: 1, ID: 2, Name: "get", Timestamp: &begin, Duration: &took,
		Annotations:       []*zipkincore.Annotation{{Timestamp: begin, Value: "cs", Host: host}},
		BinaryAnnotations: []*zipkincore.BinaryAnnotation{{Key: "http.path", Value: []byte("/api"), AnnotationType: zipkincore.AnnotationType_STRING}},
	}).Write(ctx, p))
	return buf.Bytes()
}

type failing struct{ err error }

func (f failing) Append(context.Context, *model.Batch) error { return f.err }

func TestStoreThatFailsIsForTheClientToRetry(t *testing.T) {
	account := ingest.NewAccount(prometheus.NewRegistry())
	w := post(serve(failing{errors.New("disk on fire")}, account), "/api/v2/spans", []byte("["+span(at(0))+"]"))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, ingest.ReasonStorage, account.Rejections()[0].Reason)
}

func TestHealth(t *testing.T) {
	w := httptest.NewRecorder()
	newRig(t).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/zipkin/health", nil))
	require.Equal(t, http.StatusOK, w.Code)
}

// Whatever comes, it is answered, and what is stored is within the limits.
func FuzzSpans(f *testing.F) {
	list, err := proto.Marshal(&zipkin_proto3.ListOfSpans{Spans: []*zipkin_proto3.Span{{
		TraceId: []byte("shortone"), Id: []byte("12345678"), Timestamp: uint64(micros(0)), Tags: map[string]string{"a": "b"},
		Annotations: []*zipkin_proto3.Annotation{{Timestamp: 1, Value: "a|b|c"}}, LocalEndpoint: &zipkin_proto3.Endpoint{Ipv4: []byte{1}},
	}}})
	require.NoError(f, err)
	f.Add(uint8(0), []byte("["+span(at(0)+`,"annotations":[{"timestamp":1,"value":"a|b"}],"tags":{"otlp.link.0":"a|b|c|d|e"}`)+"]"))
	f.Add(uint8(0), []byte("["+span(`"timestamp":18446744073709551615,"duration":18446744073709551615`)+"]"))
	f.Add(uint8(1), list)
	f.Add(uint8(2), []byte(`[{"traceId":"5af7183fb1d4cf5f","id":"352bff9a74ca9ad2","annotations":[null,{"timestamp":1,"value":"sr"}],"binaryAnnotations":[{"key":"sa"}]}]`))
	f.Add(uint8(3), thriftBody(f))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		way := [][2]string{
			{"/api/v2/spans", "application/json"},
			{"/api/v2/spans", "application/x-protobuf"},
			{"/api/v1/spans", "application/json"},
			{"/api/v1/spans", "application/x-thrift"},
		}[which%4]
		r := newRig(t)
		w := post(r, way[0], body, "Content-Type", way[1])
		require.Contains(t, []int{http.StatusAccepted, http.StatusBadRequest}, w.Code)
		for _, x := range r.rows(t) {
			require.Empty(t, ingest.DefaultLimits().CheckTime(x.Start, now))
			require.GreaterOrEqual(t, x.Duration, int64(0))
		}
	})
}
