package datadog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/datadog"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var traceNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type traceRig struct {
	http.Handler
	events  *storagetest.Memory
	account *ingest.Account
}

func newTraceRig(t testing.TB) *traceRig {
	t.Helper()
	r := &traceRig{events: &storagetest.Memory{}, account: ingest.NewAccount(prometheus.NewRegistry())}
	r.Handler = traceServer(r.events, r.account)
	return r
}

func traceServer(w ingest.EventWriter, account *ingest.Account) http.Handler {
	mux := chi.NewRouter()
	datadog.NewTraces(otelmodel.Options{
		Events: w, Limits: ingest.DefaultLimits(), Account: account, Now: func() time.Time { return traceNow },
	}).Mount(mux)
	return mux
}

func put(h http.Handler, path string, body []byte, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPut, "/datadog"+path, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/msgpack")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// A spanRow is a stored span in a form that is easy to compare.
type spanRow struct {
	model.Span
	Scope    string
	Resource map[string]string
	Attrs    map[string]model.Value
}

func (r *traceRig) rows(t testing.TB) []spanRow {
	t.Helper()
	var out []spanRow
	for b, err := range r.events.Scan(context.Background(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			st := b.Stream(i)
			x := spanRow{Span: b.SpanAt(i), Scope: st.ScopeName + " " + st.ScopeVersion, Resource: map[string]string{}, Attrs: map[string]model.Value{}}
			for _, a := range st.Attrs {
				x.Resource[a.Key] = a.Value.Text()
			}
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					x.Attrs[c.Key] = v
				}
			}
			out = append(out, x)
		}
	}
	return out
}

type (
	object = map[string]any
	list   = []any
)

func pack(t testing.TB, v any) []byte {
	t.Helper()
	b, err := msgp.AppendIntf(nil, v)
	require.NoError(t, err)
	return b
}

// buy is a span with a bit of everything. It failed.
func buy() object {
	return object{
		"service": "shop", "name": "web.request", "resource": "POST /buy", "type": "web",
		"trace_id": uint64(1<<63 + 2), "span_id": uint64(3), "parent_id": uint64(4),
		"start": traceNow.UnixNano(), "duration": int64(5000), "error": int32(1),
		"meta": object{
			"_dd.p.tid": "67a1", "env": "prod", "version": "1.2", "_dd.hostname": "h1", "span.kind": "server", "http.method": "POST", "http.status_code": "500",
			"error.type": "Boom", "error.message": "it broke", "error.stack": "at x", "team": "a",
			"_dd.span_links": `[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7","attributes":{"k":"v"}}]`,
		},
		"metrics":     object{"_sampling_priority_v1": 1.0, "items": 7},
		"meta_struct": object{"x": []byte("y")},
		"span_links":  list{object{"trace_id": uint64(9), "trace_id_high": uint64(8), "span_id": uint64(7), "attributes": object{"a": "b"}, "flags": uint32(1), "other": list{nil}}},
		"span_events": list{object{"name": "retry", "time_unix_nano": uint64(traceNow.UnixNano()), "attributes": object{
			"n": object{"type": 2, "int_value": 2}, "s": object{"type": 0, "string_value": "x"},
			"l": object{"type": 4, "array_value": object{"values": list{object{"type": 3, "double_value": 0.5}, object{"type": 1, "bool_value": true}}}},
		}}},
	}
}

var tracerHeader = []string{"Datadog-Meta-Lang", "nodejs", "Datadog-Meta-Lang-Version", "20", "Datadog-Meta-Tracer-Version", "5.1", "Datadog-Container-ID", "c1"}

func TestSpanOfATracer(t *testing.T) {
	r := newTraceRig(t)
	w := put(r, "/v0.4/traces", pack(t, list{list{buy()}}), tracerHeader...)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, `{"rate_by_service":{"service:,env:":1}}`, w.Body.String())
	rows := r.rows(t)
	require.Len(t, rows, 1)
	got := rows[0]
	require.Equal(t, "00000000000067a18000000000000002", got.TraceID.String())
	require.Equal(t, "0000000000000003", got.SpanID.String())
	require.Equal(t, "0000000000000004", got.ParentID.String())
	require.Equal(t, "web.request", got.Name)
	require.Equal(t, model.SpanServer, got.Kind)
	require.Equal(t, traceNow.UnixNano(), got.Start)
	require.EqualValues(t, 5000, got.Duration)
	require.Equal(t, model.StatusError, got.Status)
	require.Equal(t, "it broke", got.StatusMessage)
	require.Equal(t, "Datadog 5.1", got.Scope)
	require.Equal(t, map[string]string{
		"service.name": "shop", "deployment.environment.name": "prod", "service.version": "1.2", "host.name": "h1", "container.id": "c1",
		"telemetry.sdk.name": "Datadog", "telemetry.sdk.version": "Datadog-5.1", "telemetry.sdk.language": "nodejs", "process.runtime.version": "20",
	}, got.Resource)
	require.Equal(t, map[string]model.Value{
		"dd.span.Resource": model.String("POST /buy"), "dd.span.type": model.String("web"), "sampling.priority": model.String("1"), "team": model.String("a"),
		"http.request.method": model.String("POST"), "http.response.status_code": model.Int(500),
		"items": model.Float(7), "_sampling_priority_v1": model.Float(1),
	}, got.Attrs)
	require.Equal(t, []model.Event{
		{Time: traceNow.UnixNano(), Name: "retry", Attrs: []model.Attr{
			{Key: "l", Value: model.Array("[0.5,true]")}, {Key: "n", Value: model.Int(2)}, {Key: "s", Value: model.String("x")},
		}},
		{Time: traceNow.UnixNano() + 5000, Name: "exception", Attrs: []model.Attr{
			{Key: "exception.message", Value: model.String("it broke")}, {Key: "exception.stacktrace", Value: model.String("at x")}, {Key: "exception.type", Value: model.String("Boom")},
		}},
	}, got.Events)
	require.Len(t, got.Links, 2)
	require.Equal(t, "00000000000000080000000000000009", got.Links[0].TraceID.String())
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", got.Links[1].TraceID.String())
}

func TestUpperHalfOfATraceIDHoldsForTheWholeChunk(t *testing.T) {
	r := newTraceRig(t)
	child := object{"trace_id": uint64(1<<63 + 2), "span_id": 5, "parent_id": 3, "start": traceNow.UnixNano(), "duration": 1}
	other := object{"trace_id": 2, "span_id": 6, "start": traceNow.UnixNano()}
	require.Equal(t, http.StatusOK, put(r, "/v0.4/traces", pack(t, list{list{child, buy()}, list{other}})).Code)
	ids := map[string]string{}
	for _, x := range r.rows(t) {
		ids[x.SpanID.String()[15:]] = x.TraceID.String()
	}
	require.Equal(t, map[string]string{"3": "00000000000067a18000000000000002", "5": "00000000000067a18000000000000002", "6": "00000000000000000000000000000002"}, ids)
}

func TestKindIsOfTheTagOrTheType(t *testing.T) {
	for _, tt := range []struct {
		kind, typ string
		want      model.SpanKind
		kept      bool
	}{
		{"client", "web", model.SpanClient, false},
		{"producer", "", model.SpanProducer, false},
		{"consumer", "", model.SpanConsumer, false},
		{"internal", "", model.SpanInternal, false},
		{"", "web", model.SpanServer, false},
		{"", "http", model.SpanClient, false},
		{"odd", "sql", model.SpanUnspecified, true},
	} {
		r := newTraceRig(t)
		meta := object{}
		if tt.kind != "" {
			meta["span.kind"] = tt.kind
		}
		span := object{"trace_id": 1, "span_id": 2, "start": traceNow.UnixNano(), "type": tt.typ, "meta": meta, "metrics": nil, "service": nil}
		require.Equal(t, http.StatusOK, put(r, "/v0.4/traces", pack(t, list{list{span}})).Code)
		got := r.rows(t)[0]
		require.Equal(t, tt.want, got.Kind, tt)
		_, kept := got.Attrs["span.kind"]
		require.Equal(t, tt.kept, kept, tt)
	}
}

func TestVersions(t *testing.T) {
	texts := list{"", "shop", "web.request", "POST /buy", "env", "prod", "items", "web"}
	v05 := list{texts, list{list{list{1, 2, 3, uint64(1), uint64(2), uint64(0), traceNow.UnixNano(), 5000, 0, map[string]any{}, map[string]any{}, 7}}}}
	packed := pack(t, v05)
	for _, tt := range []struct{ name, path, mediaType, answer, body string }{
		{"0.3", "/v0.3/traces", "application/msgpack", "OK\n", string(pack(t, list{list{object{"service": "shop", "name": "web.request", "trace_id": 1, "span_id": 2, "start": traceNow.UnixNano()}}}))},
		{"0.4 in JSON", "/v0.4/traces", "application/json", `{"rate_by_service":{"service:,env:":1}}`, fmt.Sprintf(`[[{"service":"shop","name":"web.request","trace_id":1,"span_id":2,"start":%d}]]`, traceNow.UnixNano())},
		{"0.5", "/v0.5/traces", "application/msgpack", `{"rate_by_service":{"service:,env:":1}}`, string(packed)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newTraceRig(t)
			w := put(r, tt.path, []byte(tt.body), "Content-Type", tt.mediaType)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.Equal(t, tt.answer, w.Body.String())
			got := r.rows(t)
			require.Len(t, got, 1)
			require.Equal(t, "shop", got[0].Resource["service.name"])
			require.Equal(t, "web.request", got[0].Name)
		})
	}
}

// dictionary returns a span of version 0.5 with tags.
func dictionary(t testing.TB) []byte {
	t.Helper()
	b := pack(t, list{"", "shop", "web.request", "POST /buy", "env", "prod", "items", "web"})
	b = append(msgp.AppendArrayHeader(nil, 2), b...)
	b = msgp.AppendArrayHeader(b, 1)
	b = msgp.AppendArrayHeader(b, 1)
	b = msgp.AppendArrayHeader(b, 12)
	for _, n := range []uint64{1, 2, 3, 1, 2, 0, uint64(traceNow.UnixNano()), 5000, 0} {
		b = msgp.AppendUint64(b, n)
	}
	b = msgp.AppendUint64(msgp.AppendUint64(msgp.AppendMapHeader(b, 1), 4), 5)
	b = msgp.AppendFloat64(msgp.AppendUint64(msgp.AppendMapHeader(b, 1), 6), 7)
	return msgp.AppendUint64(b, 7)
}

func TestTagsOfVersion05(t *testing.T) {
	r := newTraceRig(t)
	require.Equal(t, http.StatusOK, put(r, "/v0.5/traces", dictionary(t)).Code)
	got := r.rows(t)[0]
	require.Equal(t, "prod", got.Resource["deployment.environment.name"])
	require.Equal(t, model.Float(7), got.Attrs["items"])
	require.Equal(t, model.SpanServer, got.Kind)
}

func TestTracesThatDoNotDecode(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		body       []byte
		says       string
	}{
		{"text", "/v0.4/traces", []byte("hello"), "decode traces"},
		{"nothing", "/v0.4/traces", nil, "decode traces"},
		{"cut short", "/v0.4/traces", pack(t, list{list{buy()}})[:100], "too few bytes"},
		{"a list that claims too much", "/v0.4/traces", msgp.AppendArrayHeader(nil, 1<<32-1), "too few bytes"},
		{"a text as a number", "/v0.4/traces", pack(t, list{list{object{"span_id": "x"}}}), "span_id"},
		{"0.5 with a text that is not there", "/v0.5/traces", bytes.Replace(dictionary(t), []byte{0xa3, 'w', 'e', 'b'}, nil, 1), "decode traces"},
		{"0.5 with three parts", "/v0.5/traces", pack(t, list{1, 2, 3}), "3 parts"},
		{"0.5 with a short span", "/v0.5/traces", pack(t, list{list{}, list{list{list{1}}}}), "span of 1 values"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newTraceRig(t)
			w := put(r, tt.path, tt.body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			if tt.says != "span_id" {
				require.Contains(t, w.Body.String(), tt.says)
			}
			require.Equal(t, ingest.ReasonMalformed, r.account.Rejections()[0].Reason)
		})
	}
}

func TestSpansOutsideTheLimitsAreCounted(t *testing.T) {
	r := newTraceRig(t)
	old := object{"trace_id": 1, "span_id": 2, "start": 1}
	noID := object{"trace_id": 1, "start": traceNow.UnixNano()}
	crowded := buy()
	for i := range 2000 {
		crowded["metrics"].(object)[fmt.Sprint("k", i)] = 1.0
	}
	require.Equal(t, http.StatusOK, put(r, "/v0.4/traces", pack(t, list{list{old, noID, buy(), crowded}})).Code)
	require.Len(t, r.rows(t), 1)
	reasons := map[string]int64{}
	for _, x := range r.account.Rejections() {
		reasons[x.Reason] = x.Rows
	}
	require.Equal(t, map[string]int64{ingest.ReasonTooOld: 1, ingest.ReasonNoID: 1, ingest.ReasonLabels: 1}, reasons)
}

// The recordings are what dd-trace 5.132.0 for Node sent on 2026-11-22: a trace
// of four spans, of which the last failed, and one that it links to.
func TestRecordingsOfATracer(t *testing.T) {
	for _, version := range []string{"v0.4", "v0.5"} {
		t.Run(version, func(t *testing.T) {
			body, err := os.ReadFile("testdata/dd-trace-js-5.132.0-" + version + ".msgpack")
			require.NoError(t, err)
			r := &traceRig{events: &storagetest.Memory{}, account: ingest.NewAccount(prometheus.NewRegistry())}
			mux := chi.NewRouter()
			datadog.NewTraces(otelmodel.Options{Events: r.events, Limits: ingest.Limits{MaxBodyBytes: 1 << 20}, Account: r.account}).Mount(mux)
			w := put(mux, "/"+version+"/traces", body, "Datadog-Meta-Lang", "nodejs", "Datadog-Meta-Tracer-Version", "5.132.0")
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.Empty(t, r.account.Rejections())
			names, failed := map[string]int{}, 0
			for _, x := range r.rows(t) {
				names[x.Name]++
				require.Equal(t, "e2e-dd", x.Resource["service.name"])
				require.Equal(t, "test", x.Resource["deployment.environment.name"])
				require.Equal(t, "1.2.3", x.Resource["service.version"])
				require.NotContains(t, x.Attrs, "service", "it is the resource's")
				switch x.Name {
				case "web.request":
					require.Equal(t, model.SpanServer, x.Kind)
					require.Equal(t, model.String("GET /buy"), x.Attrs["dd.span.Resource"])
					require.Equal(t, model.Int(500), x.Attrs["http.response.status_code"])
					require.Len(t, x.Links, 1)
					require.NotZero(t, x.TraceID[0], "the upper half of the id")
				case "step":
					require.NotZero(t, x.TraceID[0])
					require.False(t, x.ParentID.IsZero())
				}
				if x.Status == model.StatusError {
					failed++
					require.Equal(t, "it broke", x.StatusMessage)
					require.Equal(t, "exception", x.Events[0].Name)
				}
			}
			require.Equal(t, map[string]int{"web.request": 1, "step": 3, "other": 1}, names)
			require.Equal(t, 1, failed)
		})
	}
}

type failingWriter struct{}

func (failingWriter) Append(context.Context, *model.Batch) error { return errors.New("disk on fire") }

func TestTracesAreNotAcknowledgedUnstored(t *testing.T) {
	account := ingest.NewAccount(prometheus.NewRegistry())
	w := put(traceServer(failingWriter{}, account), "/v0.4/traces", pack(t, list{list{buy()}}))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Equal(t, ingest.ReasonStorage, account.Rejections()[0].Reason)
}

func TestInfoNamesTheVersions(t *testing.T) {
	w := httptest.NewRecorder()
	newTraceRig(t).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/datadog/info", nil))
	require.Equal(t, http.StatusOK, w.Code)
	for _, path := range []string{"/v0.3/traces", "/v0.4/traces", "/v0.5/traces"} {
		require.Contains(t, w.Body.String(), path)
	}
}

// Whatever comes is answered.
func FuzzTraces(f *testing.F) {
	f.Add(uint8(0), pack(f, list{list{buy()}}))
	f.Add(uint8(1), dictionary(f))
	f.Add(uint8(2), []byte(`[[{"trace_id":1,"span_id":2,"meta":{"_dd.span_links":"[{}]","events":"[{\"name\":\"x\",\"attributes\":{\"a\":[{}]}}]"}}]]`))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		r := newTraceRig(t)
		var w *httptest.ResponseRecorder
		switch which % 3 {
		case 0:
			w = put(r, "/v0.4/traces", body)
		case 1:
			w = put(r, "/v0.5/traces", body)
		case 2:
			w = put(r, "/v0.4/traces", body, "Content-Type", "application/json")
		}
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code)
		for _, x := range r.rows(t) {
			require.Empty(t, ingest.DefaultLimits().CheckTime(x.Start, traceNow))
		}
	})
}
