package services_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/servicegraph"
	"github.com/oriel-obs/oriel/ingest/spanmetrics"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is stores with spans and what ingest derives from them.
type world struct {
	*services.Services
	store *storagetest.Memory
	now   time.Time
	ids   uint64
	batch *model.Builder
}

// newWorld takes in the spans and lines that fill adds.
func newWorld(t *testing.T, fill func(w *world)) *world {
	t.Helper()
	metrics := teststorage.New(t)
	w := &world{store: &storagetest.Memory{}, now: time.Now(), batch: model.NewBuilder(model.Spans, 100)}
	reg, account := prometheus.NewRegistry(), ingest.NewAccount(prometheus.NewRegistry())
	red := spanmetrics.New(spanmetrics.Options{Config: spanmetrics.DefaultConfig(), Metrics: metrics, Account: account, Registerer: reg})
	graph := servicegraph.New(servicegraph.Options{Config: servicegraph.DefaultConfig(), Metrics: metrics, Account: account, Registerer: reg})
	fill(w)
	require.NoError(t, red.Writer(graph.Writer(w.store), spanmetrics.Count).Append(t.Context(), w.batch.Batch()))
	for began := time.Now().UnixMilli(); time.Now().UnixMilli() < began+2; { // samples of one millisecond would be one
		runtime.Gosched()
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, red.Run(ended)) // writes at its end
	require.NoError(t, graph.Run(ended))

	engine, err := promql.New(promql.Options{Limits: query.DefaultLimits(), Log: slog.New(slog.DiscardHandler), Registerer: reg})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	w.Services = services.New(services.Options{
		PromQL: engine, Metrics: metrics, Events: w.store, Traces: traceql.NewEngine(w.store, query.DefaultLimits()),
	})
	return w
}

// within is the range that all of a world is in.
func (w *world) within() model.Range {
	return model.Range{Start: w.now.Add(-10 * time.Minute).UnixNano(), End: time.Now().Add(time.Second).UnixNano()}
}

// span adds a span and returns its ids.
func (w *world) span(service string, sp model.Span, attrs ...model.Attr) model.Span {
	w.ids++
	sp.SpanID = model.SpanID{6: byte(w.ids >> 8), 7: byte(w.ids)}
	if sp.TraceID.IsZero() {
		sp.TraceID = model.TraceID{14: byte(w.ids >> 8), 15: byte(w.ids)}
	}
	if sp.Start == 0 {
		sp.Start = w.now.UnixNano()
	}
	st := &model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(service)}}}
	for _, a := range attrs {
		if a.Key == "service.version" {
			st.Attrs = append(st.Attrs, a)
		}
	}
	w.batch.Span(w.batch.Stream(st), sp)
	for _, a := range attrs {
		if a.Key != "service.version" {
			w.batch.Attr(a.Key, a.Value)
		}
	}
	return sp
}

const ms = int64(time.Millisecond)

func TestServicesHaveRatesErrorsAndDurations(t *testing.T) {
	w := newWorld(t, func(w *world) {
		for i := range 10 {
			status := model.StatusUnset
			if i < 3 {
				status = model.StatusError
			}
			w.span("shop", model.Span{Name: "GET /", Kind: model.SpanServer, Status: status, Duration: int64(i+1) * 100 * ms})
			w.span("shop", model.Span{Name: "SELECT", Kind: model.SpanClient, Duration: 5 * ms})
		}
		w.span("cron", model.Span{Name: "tidy", Kind: model.SpanInternal, Duration: 3000 * ms})
		w.span("broken", model.Span{Name: "GET /", Kind: model.SpanServer, Status: model.StatusError, Duration: ms})
	})
	l, err := w.List(t.Context(), w.within(), 500*time.Millisecond)
	require.NoError(t, err)
	list := l.Services
	require.Len(t, list, 3)
	shop, broken, cron := list[0], list[1], list[2]
	require.Zero(t, *broken.Apdex, "failing fast satisfies nobody")
	require.Equal(t, "shop", shop.Name)
	require.True(t, shop.Entry, "the calls of clients are no entries")
	require.Equal(t, 10.0, shop.Calls)
	require.Equal(t, 3.0, shop.Errors)
	require.Equal(t, 0.3, shop.ErrorRatio)
	require.InDelta(t, 10.0/601, shop.Rate, 0.001)
	require.InDelta(t, 0.5, *shop.P50, 0.1)
	require.InDelta(t, 1.0, *shop.P99, 0.1)
	require.InDelta(t, 0.45, *shop.Apdex, 0.06, "2 of 10 satisfied, 5 tolerated, 3 failed however fast they did")
	require.Equal(t, "cron", cron.Name)
	require.False(t, cron.Entry)
	require.InDelta(t, 0.0, *cron.Apdex, 1e-9)

	ops, err := w.Operations(t.Context(), w.within(), "shop", 500*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, ops, 2)
	require.Equal(t, "GET / server 10, SELECT client 10", fmt.Sprintf("%s %s %v, %s %s %v", ops[0].Name, ops[0].Kind, ops[0].Calls, ops[1].Name, ops[1].Kind, ops[1].Calls))
	require.InDelta(t, 0.005, *ops[1].P95, 0.001)
	require.InDelta(t, 0.55, *ops[0].Mean, 1e-9, "100 to 1000 ms")

	none, err := w.List(t.Context(), model.Range{Start: 1, End: 2}, time.Second)
	require.NoError(t, err)
	require.Empty(t, none.Services)
}

func TestTheMapHasWhoCallsWhom(t *testing.T) {
	w := newWorld(t, func(w *world) {
		for i := range 4 {
			in := w.span("web", model.Span{Name: "GET /", Kind: model.SpanServer, Duration: 50 * ms})
			out := w.span("web", model.Span{TraceID: in.TraceID, ParentID: in.SpanID, Name: "call", Kind: model.SpanClient, Duration: 40 * ms})
			status := model.StatusUnset
			if i == 0 {
				status = model.StatusError
			}
			cart := w.span("cart", model.Span{TraceID: in.TraceID, ParentID: out.SpanID, Name: "add", Kind: model.SpanServer, Status: status, Duration: 30 * ms})
			w.span("cart", model.Span{TraceID: in.TraceID, ParentID: cart.SpanID, Name: "SELECT", Kind: model.SpanClient, Duration: 10 * ms},
				model.Attr{Key: "db.name", Value: model.String("carts")})
		}
	})
	m, err := w.Map(t.Context(), w.within(), "")
	require.NoError(t, err)
	var edges []string
	for _, e := range m.Edges {
		edges = append(edges, fmt.Sprintf("%s>%s %s %v/%v", e.Client, e.Server, e.Type, e.Errors, e.Calls))
	}
	require.Equal(t, []string{"cart>carts database 0/4", "user>web virtual_node 0/4", "web>cart  1/4"}, edges)
	require.Equal(t, []services.Node{{"cart", "service"}, {"carts", "database"}, {"user", "virtual_node"}, {"web", "service"}}, m.Nodes)
	require.InDelta(t, 0.030, *m.Edges[2].P95, 0.003)
	require.InDelta(t, 0.030, *m.Edges[2].Mean, 1e-9)

	require.Zero(t, m.FromTraces)
	m, err = w.Map(t.Context(), w.within(), "cart")
	require.NoError(t, err)
	require.Len(t, m.Edges, 2)
}

func TestTheMapIsMadeOfTracesWhereNoMetricsTellOfCalls(t *testing.T) {
	w := newWorld(t, func(w *world) {
		for i := range byte(3) {
			id := model.TraceID{15: 100 + i}
			root := w.span("shop", model.Span{TraceID: id, Name: "order", Duration: 100 * ms}) // no kinds: the service graph counts none
			pay := w.span("payment", model.Span{TraceID: id, ParentID: root.SpanID, Name: "charge", Duration: 60 * ms, Status: model.StatusError})
			w.span("payment", model.Span{TraceID: id, ParentID: pay.SpanID, Name: "check", Duration: 10 * ms})
			w.span("bank", model.Span{TraceID: id, ParentID: pay.SpanID, Name: "debit", Duration: 20 * ms})
			w.span("bank", model.Span{TraceID: id, ParentID: pay.SpanID, Name: "log", Duration: 40 * ms})
		}
	})
	edgesOf := func(service string) []string {
		m, err := w.Map(t.Context(), w.within(), service)
		require.NoError(t, err)
		require.Equal(t, 3, m.FromTraces)
		var edges []string
		for _, e := range m.Edges {
			edges = append(edges, fmt.Sprintf("%s>%s %v/%v mean %.0fms", e.Client, e.Server, e.Errors, e.Calls, *e.Mean*1000))
		}
		return edges
	}
	require.Equal(t, []string{"payment>bank 0/6 mean 30ms", "shop>payment 3/3 mean 60ms"}, edgesOf(""))
	require.Equal(t, []string{"payment>bank 0/6 mean 30ms"}, edgesOf("bank"))

	m, err := w.Map(t.Context(), w.within(), "nobody")
	require.NoError(t, err)
	require.Empty(t, m.Edges)
	require.Zero(t, m.FromTraces)
}

func TestErrorsAreGroupedByWhatTheySay(t *testing.T) {
	w := newWorld(t, func(w *world) {
		at := w.now.UnixNano()
		exception := func(typ, message, stack string) []model.Event {
			return []model.Event{{Name: "exception", Attrs: model.SortAttrs([]model.Attr{
				{Key: "exception.type", Value: model.String(typ)}, {Key: "exception.message", Value: model.String(message)}, {Key: "exception.stacktrace", Value: model.String(stack)},
			})}}
		}
		for i := range 7 {
			w.span("pay", model.Span{Name: "charge", Status: model.StatusError, Start: at + int64(i), Duration: 1, Events: exception("Declined", fmt.Sprintf("card %d of 'bob' declined", 1000+i), "Declined: x\n    at charge (pay.js:3:1)\n    at main (pay.js:9:1)")})
		}
		w.span("pay", model.Span{Name: "charge", Status: model.StatusError, Start: at, Duration: 1, StatusMessage: "timeout after 30s\nsecond line"})
		w.span("web", model.Span{Name: "GET /", Status: model.StatusError, Start: at, Duration: 1})
		w.span("web", model.Span{Name: "GET /cart", Status: model.StatusError, Start: at, Duration: 1})
		w.span("web", model.Span{Name: "GET /", Status: model.StatusOK, Start: at, Duration: 1})
	})
	e, err := w.Errors(t.Context(), w.within(), "")
	require.NoError(t, err)
	require.False(t, e.Partial)
	require.Len(t, e.Groups, 4)
	g := e.Groups[0]
	require.Equal(t, "pay charge Declined|card <_> of <_> declined|card 1006 of 'bob' declined|charge (pay.js:3:1)|7",
		fmt.Sprintf("%s %s %s|%s|%s|%s|%d", g.Service, g.Operation, g.Type, g.Message, g.Example, g.At, g.Count))
	require.Equal(t, w.now.UnixNano(), g.First)
	require.Equal(t, w.now.UnixNano()+6, g.Last)
	require.Len(t, g.Traces, 5)
	require.Equal(t, model.TraceID{15: 7}.String(), g.Traces[0], "the newest first")
	require.Len(t, g.Trend, 30)
	require.Equal(t, 7, g.Trend[29], "they were at the end of the range")

	e, err = w.Errors(t.Context(), w.within(), "web")
	require.NoError(t, err)
	require.Len(t, e.Groups, 2, "without a message, operations tell errors apart")
}

func TestProfilesAreWhatServicesSayOfThemselves(t *testing.T) {
	attrs := func(pairs ...string) (out []model.Attr) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, model.Attr{Key: pairs[i], Value: model.String(pairs[i+1])})
		}
		return model.SortAttrs(out)
	}
	w := newWorld(t, func(w *world) {
		add := func(pairs ...string) {
			w.ids++
			w.batch.Span(w.batch.Stream(&model.Stream{Attrs: attrs(pairs...)}), model.Span{
				TraceID: model.TraceID{15: byte(w.ids)}, SpanID: model.SpanID{7: byte(w.ids)}, Name: "x", Start: w.now.UnixNano(), Duration: 1,
			})
		}
		add("service.name", "shop", "service.version", "2", "service.instance.id", "b", "telemetry.sdk.language", "go", "k8s.pod.name", "p1", "service.namespace", "eu", "k8s.namespace.name", "k")
		add("service.name", "shop", "service.version", "1", "service.instance.id", "a", "telemetry.sdk.language", "go", "k8s.pod.name", "p1")
		add("service.name", "bare", "host.name", "h1")
		add("other", "x")
		lines := model.NewBuilder(model.Logs, 10)
		for _, pairs := range [][]string{{"service_name", "shop", "k8s_pod_name", "p2"}, {"service_name", "quiet", "deployment_environment", "prod"}} {
			lines.Row(lines.Stream(&model.Stream{Attrs: attrs(pairs...)}), w.now.UnixNano(), "hello")
		}
		require.NoError(t, w.store.Append(t.Context(), lines.Batch()))
	})
	all, err := w.Profiles(t.Context(), w.within(), "")
	require.NoError(t, err)
	none := []string{}
	require.Equal(t, []services.Profile{
		{"bare", true, false, none, none, none, none, 1, none, []string{"h1"}},
		{"quiet", false, true, none, []string{"prod"}, none, none, 0, none, none},
		{"shop", true, true, []string{"eu"}, none, []string{"go"}, []string{"1", "2"}, 2, []string{"p1", "p2"}, none},
	}, all)

	own, err := w.Profiles(t.Context(), w.within(), "quiet")
	require.NoError(t, err)
	require.Equal(t, all[1:2], own)
}

func TestDeploysAreVersionsThatBeganInTheRange(t *testing.T) {
	w := newWorld(t, func(w *world) {
		version := func(service, v string, minutesAgo ...int) {
			for _, m := range minutesAgo {
				w.span(service, model.Span{Name: "x", Start: w.now.Add(-time.Duration(m) * time.Minute).UnixNano(), Duration: 1}, model.Attr{Key: "service.version", Value: model.String(v)})
			}
		}
		version("shop", "1.0", 9, 8, 5, 4)
		version("shop", "1.1", 5, 4, 3)
		version("new", "7", 2, 1)
		w.span("plain", model.Span{Name: "x", Duration: 1})
	})
	d, err := w.Deploys(t.Context(), w.within(), "")
	require.NoError(t, err)
	require.Len(t, d, 1)
	require.Equal(t, "shop 1.0 to 1.1", fmt.Sprintf("%s %s to %s", d[0].Service, d[0].Previous, d[0].Version))
	require.InDelta(t, float64(w.now.Add(-5*time.Minute).UnixNano()), float64(d[0].Time), float64(4*time.Second))
}

func TestTheCriticalPathIsWhatTheEndWaitedFor(t *testing.T) {
	id := model.TraceID{15: 1}
	text, err := os.ReadFile("testdata/criticalpath.json") // which the page's tests read, too
	require.NoError(t, err)
	var table []struct {
		Name  string
		Spans [][4]any // name, parent's name, start, end
		Want  [][3]any // name, start, end
	}
	require.NoError(t, json.Unmarshal(text, &table))
	for _, tt := range table {
		t.Run(tt.Name, func(t *testing.T) {
			base := time.Now().UnixNano()
			names := map[string]string{}
			w := newWorld(t, func(w *world) {
				ids := map[string]model.SpanID{"": {}, "gone": {7: 0xff}}
				for _, s := range tt.Spans {
					start, end := int64(s[2].(float64)), int64(s[3].(float64))
					sp := w.span("x", model.Span{TraceID: id, ParentID: ids[s[1].(string)], Name: s[0].(string), Start: base + start, Duration: end - start})
					ids[sp.Name], names[sp.SpanID.String()] = sp.SpanID, sp.Name
				}
			})
			c, err := w.CriticalPath(t.Context(), id, w.within())
			require.NoError(t, err)
			got, total := [][3]any{}, int64(0)
			for _, s := range c.Segments {
				got = append(got, [3]any{names[s.SpanID], float64(s.Start - base), float64(s.End - base)})
				total += s.End - s.Start
			}
			require.Equal(t, tt.Want, got)
			self := int64(0)
			for _, s := range c.Spans {
				self += s.Self
			}
			require.Equal(t, total, self)
		})
	}
	w := newWorld(t, func(*world) {})
	_, err = w.CriticalPath(t.Context(), id, w.within())
	require.ErrorIs(t, err, fault.ErrNotFound)
}

func TestComparingFindsTheAttributeThatDiffers(t *testing.T) {
	w := newWorld(t, func(w *world) {
		for i := range 40 {
			status, region := model.StatusUnset, "eu"
			if i%4 == 0 {
				status, region = model.StatusError, "us"
			}
			attrs := []model.Attr{{Key: "region", Value: model.String(region)}, {Key: "same", Value: model.String("x")}, {Key: "id", Value: model.Int(int64(i))}}
			if i%8 == 0 {
				attrs = append(attrs, model.Attr{Key: "flag", Value: model.Bool(true)})
			}
			w.span("x", model.Span{Name: "op", Status: status, Duration: int64(3+i%2) * ms}, attrs...)
		}
	})
	failed, err := traceql.ParsePredicate(`{status=error}`)
	require.NoError(t, err)
	c, err := w.Compare(t.Context(), w.within(), failed, nil, 3)
	require.NoError(t, err)
	require.Equal(t, 10, c.Selected)
	require.Equal(t, 30, c.Baseline)
	got, err := json.Marshal(c.Attributes[:2])
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"attribute":"span.region","score":1,"values":[{"value":"eu","selected":0,"baseline":1},{"value":"us","selected":1,"baseline":0}]},
		{"attribute":"status","score":1,"values":[{"value":"error","selected":1,"baseline":0},{"value":"unset","selected":0,"baseline":1}]}
	]`, string(got))
	require.Contains(t, []string{"span.flag", "duration"}, c.Attributes[2].Attribute)
	for _, a := range c.Attributes {
		require.NotEqual(t, "span.id", a.Attribute)
		require.NotEqual(t, "span.same", a.Attribute)
	}
}

func TestWhatBelongsToATrace(t *testing.T) {
	id := model.TraceID{15: 9}
	var inner model.Span
	w := newWorld(t, func(w *world) {
		root := w.span("web", model.Span{TraceID: id, Name: "GET /", Kind: model.SpanServer, Start: w.now.UnixNano(), Duration: 10 * ms})
		inner = w.span("cart", model.Span{TraceID: id, ParentID: root.SpanID, Name: "add", Kind: model.SpanServer, Status: model.StatusError, Start: w.now.UnixNano() + ms, Duration: ms})
	})
	bd := model.NewBuilder(model.Logs, 4)
	line := func(service, text string, attrs ...string) {
		bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service_name", Value: model.String(service)}}}), w.now.UnixNano()+int64(bd.Len()), text)
		for i := 0; i < len(attrs); i += 2 {
			bd.Attr(attrs[i], model.String(attrs[i+1]))
		}
	}
	line("cart", "by attribute", "trace_id", id.String(), "span_id", inner.SpanID.String(), "detected_level", "error")
	line("web", "in the text: "+id.String())
	line("web", "of nobody")
	require.NoError(t, w.store.Append(t.Context(), bd.Batch()))

	c, err := w.OfTrace(t.Context(), id, model.SpanID{}, w.within())
	require.NoError(t, err)
	require.Equal(t, "web GET / 2 spans 1 errors", fmt.Sprintf("%s %s %d spans %d errors", c.Trace.RootService, c.Trace.RootOperation, c.Trace.Spans, c.Trace.Errors))
	require.Equal(t, []string{"web", "cart"}, c.Services)
	require.EqualValues(t, 2, c.Logs.Count)
	require.Equal(t, map[string]int64{"error": 1, "unknown": 1}, c.Logs.Level)
	require.Equal(t, "by attribute", c.Logs.Lines[0].Line)
	require.Contains(t, c.Metrics[1].Names, "traces_spanmetrics_calls_total")
	require.Equal(t, []string{`{service="cart"}`}, c.Metrics[1].Selectors)
	require.Equal(t, services.TracesPart{Service: "cart", Query: `{ resource.service.name="cart" }`, Failed: `{ resource.service.name="cart" && status=error }`}, c.Traces[1])

	c, err = w.OfTrace(t.Context(), id, inner.SpanID, w.within())
	require.NoError(t, err)
	require.Equal(t, []string{"cart"}, c.Services)
	require.EqualValues(t, 1, c.Logs.Count)

	_, err = w.OfTrace(t.Context(), model.TraceID{15: 77}, model.SpanID{}, w.within())
	require.ErrorIs(t, err, fault.ErrNotFound)

	s, err := w.OfService(t.Context(), "cart", w.within())
	require.NoError(t, err)
	require.Equal(t, []string{"cart"}, s.Services[:1])
	require.EqualValues(t, 1, s.Logs.Count)
	require.Equal(t, `{service_name="cart"}`, s.Logs.Query)
}

func TestServicesThatMetricsHaveNoRoomForAreCountedFromSpans(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.span("shop", model.Span{Name: "GET /", Kind: model.SpanServer, Duration: ms})
	})
	// What comes in past the metrics, as over their limit.
	w.batch = model.NewBuilder(model.Spans, 100)
	for i := range 4 {
		status := model.StatusUnset
		if i == 0 {
			status = model.StatusError
		}
		w.span("late", model.Span{Name: "GET /", Kind: model.SpanServer, Status: status, Duration: 100 * ms})
		w.span("late", model.Span{Name: "SELECT", Kind: model.SpanClient, Duration: 5 * ms})
	}
	w.span("batch", model.Span{Name: "tidy", Kind: model.SpanInternal, Duration: 3000 * ms})
	require.NoError(t, w.store.Append(t.Context(), w.batch.Batch()))

	l, err := w.List(t.Context(), w.within(), 500*time.Millisecond)
	require.NoError(t, err)
	require.Empty(t, l.Partial)
	require.Len(t, l.Services, 3)
	late, batch := l.Services[0], l.Services[1]
	require.Equal(t, "late", late.Name)
	require.True(t, late.Entry, "the calls of clients are no entries")
	require.InDelta(t, 4.0, late.Calls, 1e-6)
	require.InDelta(t, 0.25, late.ErrorRatio, 1e-6)
	require.InDelta(t, 0.1, *late.P50, 0.05)
	require.Nil(t, late.Apdex)
	require.Equal(t, "batch", batch.Name)
	require.False(t, batch.Entry)
	require.InDelta(t, 3.0, *batch.P95, 1.5)

	w.batch = model.NewBuilder(model.Spans, 200)
	for i := range 150 {
		w.span(fmt.Sprintf("many-%03d", i), model.Span{Name: "GET /", Kind: model.SpanServer, Duration: ms})
	}
	require.NoError(t, w.store.Append(t.Context(), w.batch.Batch()))
	l, err = w.List(t.Context(), w.within(), 500*time.Millisecond)
	require.NoError(t, err)
	require.Len(t, l.Services, 153)
	require.Contains(t, l.Partial, "152 services are in no span metrics: their calls are counted from stored spans")
	require.Contains(t, l.Partial, "max_label_sets")
	require.Nil(t, l.Services[0].P50)
}
