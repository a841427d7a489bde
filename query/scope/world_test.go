package scope_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	prompromql "github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"
	v1 "github.com/prometheus/prometheus/web/api/v1"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/oriel-obs/oriel/ingest/tap"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/query/promapi"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/tempoapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/query/uiapi"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/metric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The time that everything happens in.
var (
	end   = time.Now().Truncate(time.Minute)
	start = end.Add(-10 * time.Minute)
)

// A place is where a row or series is from.
type place struct{ tenant, namespace, service string }

func places() (all []place) {
	for _, tenant := range []string{"a", "b"} {
		for _, namespace := range []string{"shop", "bank"} {
			for _, service := range []string{"web", "db"} {
				all = append(all, place{tenant, namespace, service})
			}
		}
	}
	return all
}

// A viewer is somebody, and what they are to see: as much as anybody sees of
// stores that hold nothing else.
type viewer struct {
	name   string
	id     *auth.Identity
	sees   func(place) bool
	tenant bool // they are shown whose it is
}

func selectors(ms ...*labels.Matcher) map[auth.Signal][]*labels.Matcher {
	return map[auth.Signal][]*labels.Matcher{auth.Metrics: ms, auth.Logs: ms, auth.Traces: ms}
}

func viewers() []viewer {
	read := []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces}
	shop := labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop")
	db := labels.MustNewMatcher(labels.MatchEqual, "service_name", "db")
	return []viewer{
		{
			name:   "a namespace",
			id:     &auth.Identity{Grants: []auth.Grant{{Scopes: read, Selectors: selectors(shop)}}},
			sees:   func(p place) bool { return p.namespace == "shop" },
			tenant: true,
		}, {
			name: "a tenant",
			id:   &auth.Identity{Tenants: []string{"a"}, Grants: []auth.Grant{{Scopes: read}}},
			sees: func(p place) bool { return p.tenant == "a" },
		}, {
			name: "a namespace of a tenant",
			id:   &auth.Identity{Tenants: []string{"b"}, Grants: []auth.Grant{{Scopes: read, Selectors: selectors(shop)}}},
			sees: func(p place) bool { return p.tenant == "b" && p.namespace == "shop" },
		}, {
			name: "a namespace of one tenant and all of another",
			id: &auth.Identity{Tenants: []string{"a", "b"}, Grants: []auth.Grant{
				{Scopes: read, Selectors: selectors(shop), Tenants: []string{"a"}}, {Scopes: read, Tenants: []string{"b"}},
			}},
			sees:   func(p place) bool { return p.tenant == "b" || p.namespace == "shop" },
			tenant: true,
		}, {
			name: "two roles whose parts overlap",
			id: &auth.Identity{Grants: []auth.Grant{
				{Scopes: read, Selectors: selectors(shop)}, {Scopes: read, Selectors: selectors(db)},
			}},
			sees:   func(p place) bool { return p.namespace == "shop" || p.service == "db" },
			tenant: true,
		}, {
			name: "what is not excluded",
			id: &auth.Identity{Grants: []auth.Grant{{Scopes: read, Selectors: selectors(
				labels.MustNewMatcher(labels.MatchNotEqual, "namespace", "bank"), labels.MustNewMatcher(labels.MatchRegexp, "service_name", "w.*"),
			)}}},
			sees:   func(p place) bool { return p.namespace != "bank" && p.service == "web" },
			tenant: true,
		}, {
			name: "nothing",
			id:   &auth.Identity{Tenants: []string{"a"}, Grants: []auth.Grant{{Scopes: read, Tenants: []string{"b"}}}},
			sees: func(place) bool { return false },
		},
	}
}

// A world is stores and the APIs above them, wired as the server does it.
type world struct {
	http.Handler
	calls   http.Handler // of gRPC
	metrics *metric.Store
	events  *event.Store
	tap     *tap.Tap
	reg     *prometheus.Registry
}

// newWorld has the rows and series of places that keep keeps, with the tenant's
// label or without.
func newWorld(t testing.TB, keep func(place) bool, tenant bool) *world {
	t.Helper()
	reg, log := prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	mc, ec := metric.DefaultConfig(), event.DefaultConfig()
	mc.Dir, ec.Dir = t.TempDir(), t.TempDir()
	w := &world{reg: reg}
	var err error
	w.metrics, err = metric.Open(mc, log, reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.metrics.Close()) })
	w.events, err = event.Open(ec, log, reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.events.Close()) })
	w.tap = tap.New(w.events, reg)

	f := filler{t, w, keep, tenant}
	f.series()
	for half := range 2 { // one in a part, one in the head
		f.lines(half)
		f.spans(half)
		if half == 0 {
			require.NoError(t, w.events.Flush(t.Context()))
		}
	}

	limits := query.DefaultLimits()
	rows, series := scope.Events(w.events), scope.Metrics(w.metrics)
	engine, err := promql.New(promql.Options{Limits: limits, Config: promql.DefaultConfig(), Data: w.metrics, Log: log, Registerer: reg})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	traces := traceql.NewEngine(rows, limits)
	r := chi.NewRouter()
	promapi.New(promapi.Options{
		Engine: engine, Parser: engine.Parser, Queryable: series, Exemplars: scope.Exemplars(w.metrics), Metadata: w.metrics.Families,
		Admin: w.metrics, DataDir: mc.Dir, Config: func() string { return "" }, Flags: map[string]string{}, Version: v1.PrometheusVersion{Version: "3"},
		Gatherer: reg, Registerer: reg, Log: log,
	}).Mount(r)
	lokiapi.New(lokiapi.Options{Source: rows, Limits: limits, Feed: scope.Feed(w.tap)}).Mount(r)
	tempo, jaeger := tempoapi.New(traces, tempoapi.Config{}), jaegerapi.New(traces, measurer{engine, series}, nil)
	tempo.Mount(r)
	jaeger.Mount(r)
	calls := grpc.NewServer(grpc.ForceServerCodecV2(rawgrpc.Codec{}))
	tempo.RegisterGRPC(calls)
	jaeger.RegisterGRPC(calls)
	jaeger.RegisterGRPCV2(calls)
	w.calls = calls
	own := uiapi.New(uiapi.Options{
		Logs: uiapi.LogSources{Paged: rows, Whole: rows, Limits: limits}, Cardinality: w.metrics,
		Services: services.New(services.Options{PromQL: engine, Metrics: series, Events: rows, Traces: traces}),
		Traces:   traces,
	})
	own.MountQueries(r)
	own.Mount(r)
	w.Handler = r
	return w
}

// ask answers a request as somebody sees it.
func (w *world) ask(t testing.TB, id *auth.Identity, path string, params url.Values) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodGet, path+"?"+params.Encode(), nil)
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec.Code, plain(rec.Body.String(), strings.HasPrefix(path, "/tempo"))
}

// plain returns a JSON answer without what it cost, its lists in one order and
// its numbers as exact as sums in any order are.
func plain(body string, tempo bool) string {
	var v any
	dec := json.NewDecoder(strings.NewReader(body))
	if dec.Decode(&v) != nil {
		return body
	}
	if doc, ok := v.(map[string]any); ok && tempo {
		delete(doc, "metrics")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(normal(v)); err != nil {
		return body
	}
	return b.String()
}

func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "stats")
		for k, member := range v {
			v[k] = normal(member)
		}
	case []any:
		keys := map[string]bool{}
		texts := make([]string, len(v))
		for i, e := range v {
			v[i] = normal(e)
			b, _ := json.Marshal(v[i])
			texts[i] = string(b)
			keys[texts[i]] = true
		}
		slices.Sort(texts)
		out := make([]any, len(texts))
		for i, text := range texts {
			out[i] = json.RawMessage(text)
		}
		return out
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil && strings.Contains(v, ".") {
			return strconv.FormatFloat(f, 'g', 9, 64)
		}
	case float64:
		f, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
		return f
	}
	return v
}

type measurer struct {
	engine *promql.Engine
	data   promstorage.Queryable
}

func (m measurer) Measure(ctx context.Context, expr string, start, end time.Time, step time.Duration, use func(prompromql.Matrix) error) error {
	q, err := m.engine.NewRangeQuery(ctx, m.data, nil, expr, start, end, step)
	if err != nil {
		return err
	}
	defer q.Close()
	res, err := q.Exec(ctx).Matrix()
	if err != nil {
		return err
	}
	return use(res)
}

// A filler fills a world.
type filler struct {
	testing.TB
	w      *world
	keep   func(place) bool
	tenant bool
}

// series adds metrics, whose values tell where they are from.
func (f filler) series() {
	app := f.w.metrics.AppenderV2(f.Context())
	for i, p := range places() {
		if !f.keep(p) {
			continue
		}
		add := func(name string, value func(step int) float64, pairs ...string) {
			b := labels.NewBuilder(labels.FromStrings(append(pairs, "__name__", name, "namespace", p.namespace, "service_name", p.service)...))
			if f.tenant {
				b.Set(auth.TenantLabel, p.tenant)
			}
			if p.namespace == "bank" {
				b.Set("branch", p.tenant+"-"+p.service) // a label that others have not
			}
			for step := range 41 {
				at := start.Add(time.Duration(step) * 15 * time.Second).UnixMilli()
				o := promstorage.AOptions{MetricFamilyName: name, Metadata: metadata.Metadata{Type: "counter", Help: "Help of " + name}}
				if step%10 == 5 {
					o.Exemplars = []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", fmt.Sprintf("%032x", 100+i)), Value: float64(i), Ts: at, HasTs: true}}
				}
				_, err := app.Append(0, b.Labels(), 0, at, value(step), nil, nil, o)
				require.NoError(f, err)
			}
		}
		rise := func(by int) func(int) float64 { return func(step int) float64 { return float64(by * step) } }
		for code, c := range []string{"200", "404", "500"} {
			add("requests_total", rise(1+3*i+code), "code", c)
		}
		for k, le := range []string{"0.1", "1", "+Inf"} {
			add("latency_bucket", rise((k+1)*(i+2)), "le", le)
		}
		add("up", func(step int) float64 { return float64((step + i) % 2) })
		add("only_of_"+p.tenant+"_"+p.namespace, rise(i+1))
		add("traces_spanmetrics_calls_total", rise(i+1), "service", p.service, "span_name", "GET /"+p.namespace, "span_kind", "SPAN_KIND_SERVER", "status_code", "STATUS_CODE_OK")
		add("traces_spanmetrics_latency_bucket", rise(i+1), "service", p.service, "span_name", "GET /"+p.namespace, "span_kind", "SPAN_KIND_SERVER", "le", "+Inf")
		add("traces_service_graph_request_total", rise(i+1), "client", "web", "server", p.service)
	}
	require.NoError(f, app.Commit())
	if !slices.ContainsFunc(places(), f.keep) {
		return
	}
	for _, name := range []string{"requests_total", "latency", "up"} {
		f.w.metrics.Families.Set(name, metadata.Metadata{Type: "counter", Help: "Help of " + name})
	}
	for _, p := range places() {
		name := "only_of_" + p.tenant + "_" + p.namespace
		if f.keep(p) {
			f.w.metrics.Families.Set(name, metadata.Metadata{Type: "counter", Help: "Help of " + name})
		}
	}
}

func (f filler) attrs(p place, service string, half int) []model.Attr {
	as := []model.Attr{{Key: "namespace", Value: model.String(p.namespace)}, {Key: service, Value: model.String(p.service)}}
	if service != "service_name" {
		as = append(as, model.Attr{Key: "service_name", Value: model.String(p.service)}, model.Attr{Key: "service.version", Value: model.String(fmt.Sprint(half, "-", p.tenant))})
	}
	if f.tenant {
		as = append(as, model.Attr{Key: auth.TenantLabel, Value: model.String(p.tenant)})
	}
	if p.namespace == "bank" {
		as = append(as, model.Attr{Key: "branch", Value: model.String(p.tenant + "-" + p.service)})
	}
	return model.SortAttrs(as)
}

// lines adds log lines, some in JSON and some in logfmt.
func (f filler) lines(half int) {
	b := model.NewBuilder(model.Logs, 200)
	for n := range 10 {
		for i, p := range places() {
			if !f.keep(p) {
				continue
			}
			s := b.Stream(&model.Stream{Attrs: f.attrs(p, "service_name", half)})
			line := fmt.Sprintf(`{"level":%q,"n":%d,"secret":"%s of %s","took":"%dms"}`, []string{"info", "error"}[n%2], n*7+i, p.namespace, p.tenant, n+i)
			if n%3 == 0 {
				line = fmt.Sprintf("level=warn n=%d secret_%s=%s took=%dms", n*7+i, p.namespace, p.tenant, n+i)
			}
			b.Row(s, start.Add(time.Duration(half*300+n*30+i)*time.Second).UnixNano(), line)
			b.Attr("trace_id", model.String(fmt.Sprintf("%032x", 1+n)))
			b.Attr("of_"+p.namespace, model.String(p.tenant))
		}
	}
	require.NoError(f, f.w.tap.Append(f.Context(), b.Batch()))
}

// spans adds traces that go across namespaces and, as their ids happen to be
// the same, tenants.
func (f filler) spans(half int) {
	b := model.NewBuilder(model.Spans, 200)
	for n := range 10 {
		trace := model.TraceID{15: byte(1 + n)}
		for i, p := range places() {
			if !f.keep(p) {
				continue
			}
			s := b.Stream(&model.Stream{Attrs: f.attrs(p, "service.name", half), ScopeName: "lib-" + p.namespace, ScopeAttrs: []model.Attr{{Key: "scope_of_" + p.namespace, Value: model.String("x")}}})
			sp := model.Span{
				Name: "GET /" + p.namespace, TraceID: trace, SpanID: model.SpanID{6: byte(1 + half), 7: byte(1 + n*8 + i)},
				Start: start.Add(time.Duration(half*300+n*30+i) * time.Second).UnixNano(), Duration: int64(time.Duration(1+n+i) * time.Millisecond),
				Kind: model.SpanServer, Status: model.StatusCode((n + i) % 3),
			}
			if i%2 == 1 {
				sp.ParentID = model.SpanID{6: byte(1 + half), 7: byte(n*8 + i)}
				sp.Kind = model.SpanClient
			}
			if i%3 == 0 {
				sp.Events = []model.Event{{Name: "event of " + p.namespace, Time: sp.Start, Attrs: []model.Attr{{Key: "exception.message", Value: model.String("broke in " + p.tenant)}}}}
			}
			b.Span(s, sp)
			b.Attr("n", model.Int(int64(n*7+i)))
			b.Attr("of."+p.namespace, model.String(p.tenant))
			b.Attr("http.url", model.String("/"+p.namespace+"/"+p.tenant))
		}
	}
	require.NoError(f, f.w.events.Append(f.Context(), b.Batch()))
}

// all keeps every place.
func all(place) bool { return true }

var (
	startNs = strconv.FormatInt(start.UnixNano(), 10)
	endNs   = strconv.FormatInt(end.Add(time.Minute).UnixNano(), 10)
	startS  = strconv.FormatInt(start.Unix(), 10)
	endS    = strconv.FormatInt(end.Unix()+60, 10)
)
