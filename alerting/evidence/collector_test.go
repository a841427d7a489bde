package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is stores, and a metric that is 0.4 for shop/payment.
type world struct {
	events query.EventSource
	ask    func(ctx context.Context, expr string) error // before each answer about metrics
	asked  atomic.Int64
	rule   alerting.Definition
	conf   Config

	tenants bool
}

func newWorld() *world {
	w := &world{events: &storagetest.Memory{}, conf: DefaultConfig()}
	w.ask = func(context.Context, string) error { return nil }
	w.conf.Picture = false // of metrics, which these tests have no engine for
	return w
}

func (w *world) collector(t *testing.T) *Collector {
	t.Helper()
	external, err := url.Parse("http://oriel.example/o/")
	require.NoError(t, err)
	limits := query.DefaultLimits()
	limits.Timeout = time.Hour
	traces := traceql.NewEngine(w.events, limits)
	c, err := New(Options{
		Config: w.conf, Dir: t.TempDir(), ExternalURL: external, Tenants: w.tenants,
		Rule: func(_, _, expr string) (alerting.Definition, bool) {
			d := w.rule
			d.Expr = expr
			return d, w.rule.Labels != nil
		},
		Engines: alerting.Engines{
			Metrics: func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
				w.asked.Add(1)
				if err := w.ask(ctx, expr); err != nil {
					return nil, err
				}
				return promql.Vector{{T: at.UnixMilli(), F: 0.4, Metric: labels.FromStrings("job", "shop/payment")}}, nil
			},
			Logs: logql.NewEngine(w.events, limits), Traces: traces,
		},
		PromQL: noEngine{}, Parser: parser.NewParser(parser.Options{}), Events: w.events,
		Services:   services.New(services.Options{Events: w.events, Traces: traces}),
		Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return c
}

type noEngine struct{}

var errNoEngine = errors.New("no engine here")

func (noEngine) NewInstantQuery(context.Context, promstorage.Queryable, promql.QueryOpts, string, time.Time) (promql.Query, error) {
	return nil, errNoEngine
}

func (noEngine) NewRangeQuery(context.Context, promstorage.Queryable, promql.QueryOpts, string, time.Time, time.Time, time.Duration) (promql.Query, error) {
	return nil, errNoEngine
}

// stop ends what is still at work.
func (c *Collector) stop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, c.Run(ctx))
}

func firing(link string, ls ...string) *promodel.Alert {
	a := &promodel.Alert{Labels: promodel.LabelSet{"alertname": "A"}, StartsAt: time.Now().Add(-time.Minute), EndsAt: time.Now().Add(time.Hour), GeneratorURL: link}
	for i := 0; i < len(ls); i += 2 {
		a.Labels[promodel.LabelName(ls[i])] = promodel.LabelValue(ls[i+1])
	}
	return a
}

const ratioLink = "http://oriel.example/o/graph?g0.expr=errors_ratio+%3E+0.05&g0.tab=1"

func payment() *promodel.Alert { return firing(ratioLink, "job", "shop/payment") }

func TestEvidenceIsGatheredOnceForANotification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c := w.collector(t)
		at := time.Now()
		over := payment()
		over.Labels["x"], over.EndsAt = "y", at.Add(-time.Second)
		first := c.Collect(t.Context(), at, []*promodel.Alert{payment()})
		require.EqualValues(t, 1, w.asked.Load())
		require.Equal(t, 0.4, *first.Alerts[0].Value)
		require.Equal(t, "40 %", first.Alerts[0].ValueText)
		require.Equal(t, "> 5 %", first.Alerts[0].Threshold.Text)
		require.Equal(t, "A of shop/payment: 40 % (> 5 %)", first.Summary)

		require.Same(t, first, c.Collect(t.Context(), at, []*promodel.Alert{payment()}), "an attempt more")
		require.Same(t, first, c.Collect(t.Context(), at, []*promodel.Alert{over, payment()}), "a receiver that hears of what is over, too")
		require.Same(t, first, c.Collect(t.Context(), at.Add(time.Second), []*promodel.Alert{payment()}), "another route")
		require.EqualValues(t, 1, w.asked.Load())
		require.NotSame(t, first, c.Collect(t.Context(), at.Add(5*time.Minute), []*promodel.Alert{payment()}), "the next notification")
		require.NotSame(t, first, c.Collect(t.Context(), at, []*promodel.Alert{over}))
		require.NotSame(t, first, c.Collect(t.Context(), at, []*promodel.Alert{payment(), firing(ratioLink, "job", "shop/cart")}))

		w.ask = func(context.Context, string) error { time.Sleep(time.Second); return nil }
		before, begin := w.asked.Load(), time.Now()
		got := make(chan *Evidence)
		for range 5 {
			go func() { got <- c.Collect(t.Context(), at.Add(time.Hour), []*promodel.Alert{payment()}) }()
		}
		one := <-got
		for range 4 {
			require.Same(t, one, <-got)
		}
		require.Equal(t, time.Second, time.Since(begin))
		require.Equal(t, before+1, w.asked.Load(), "those who come at the same time wait for it")
		for i := range 3 * keepRecent {
			c.Collect(t.Context(), at.Add(time.Duration(i)*time.Hour), []*promodel.Alert{payment()})
		}
		require.LessOrEqual(t, len(c.recent), keepRecent)
		c.stop(t)
	})
}

func TestNoNotificationWaitsLongerThanTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.ask = func(context.Context, string) error { time.Sleep(time.Minute); return nil } // whatever its context says
		w.events = stuck{w.events}
		c := w.collector(t)
		begin := time.Now()
		e := c.Collect(t.Context(), begin, []*promodel.Alert{payment()})
		require.Equal(t, w.conf.Timeout, time.Since(begin))
		parts := map[string]string{}
		for _, p := range e.Errors {
			parts[p.Part] = p.Error
		}
		late := "not found within 5s"
		require.Equal(t, map[string]string{"rule": late, "logs": late, "traces": late, "deploys": late}, parts)
		require.Equal(t, "errors_ratio > 0.05", e.Alerts[0].Expression, "what is known without asking is there")
		require.Equal(t, 0.05, e.Alerts[0].Threshold.Value)

		begin = time.Now()
		c.stop(t)
		require.Equal(t, time.Minute-w.conf.Timeout, time.Since(begin), "a stop waits for what is at work")
	})
}

// stuck is a source that answers when its caller has given up.
type stuck struct{ query.EventSource }

func (stuck) Scan(ctx context.Context, _ storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		<-ctx.Done()
		yield(nil, ctx.Err())
	}
}

func (stuck) Streams(ctx context.Context, _ storage.StreamsRequest) ([]*model.Stream, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (stuck) Values(ctx context.Context, _ storage.ValuesRequest) ([]storage.ValueCount, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (stuck) Aggregate(ctx context.Context, _ storage.Aggregate) ([]storage.Group, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestManyNotificationsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.ask = func(context.Context, string) error { time.Sleep(time.Hour); return nil }
		c := w.collector(t)
		begin := time.Now()
		done := make(chan *Evidence)
		const many = 20
		for i := range many {
			go func() {
				done <- c.Collect(t.Context(), begin, []*promodel.Alert{firing(ratioLink, "i", fmt.Sprint(i))})
			}()
		}
		waited := 0
		for range many {
			if e := <-done; e.Errors[0].Error == "other notifications were looked into for 5s" {
				waited++
			}
		}
		require.Equal(t, w.conf.Timeout, time.Since(begin), "all at the same time")
		require.Equal(t, many-atOnce, waited)
		require.EqualValues(t, atOnce, w.asked.Load(), "a store that hangs is not asked ever more")
		c.stop(t)
	})
}

func TestAPartThatFailsIsNamedAndHidesNoOther(t *testing.T) {
	w := newWorld()
	w.conf.Picture = true
	w.ask = func(_ context.Context, expr string) error {
		if strings.Contains(expr, "errors") {
			return errors.New("the disk says password=hunter2")
		}
		panic("a bug")
	}
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service_name", Value: model.String("payment")}}}), time.Now().Add(-time.Second).UnixNano(), "bob@example.org has no money")
	bd.Attr("detected_level", model.String("error"))
	require.NoError(t, w.events.(*storagetest.Memory).Append(t.Context(), bd.Batch()))
	c := w.collector(t)
	e := c.Collect(t.Context(), time.Now(), []*promodel.Alert{payment()})
	require.Equal(t, []PartError{{"rule", "the disk says password=<secret>"}, {"picture", "no engine here"}}, e.Errors)
	require.Equal(t, "<email> has no money", e.Logs.Lines[0].Line)
	require.Contains(t, e.Logs.URL, "http://oriel.example/o/explore/logs?from=")

	other := firing(ratioLink, "job", "shop/payment", "another", "alert")
	other.GeneratorURL = "http://prom/graph?g0.expr=x+%3E+1"
	e = c.Collect(t.Context(), time.Now(), []*promodel.Alert{other})
	require.Equal(t, PartError{"rule", "failed inside; the log has more"}, e.Errors[0])
	require.Len(t, e.Logs.Lines, 1)
	c.stop(t)
}

func TestEvidenceIsNoLargerThanItMayBe(t *testing.T) {
	w := newWorld()
	w.conf.MaxBytes, w.conf.LogLines = minBytes, maxLogLines
	bd := model.NewBuilder(model.Logs, 50)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service_name", Value: model.String("payment")}}})
	for i := range 50 {
		bd.Row(st, time.Now().Add(-time.Second).UnixNano(), strings.Repeat(string(rune('a'+i%26)), i+500)+" failed\xff")
		bd.Attr("detected_level", model.String("error"))
	}
	require.NoError(t, w.events.(*storagetest.Memory).Append(t.Context(), bd.Batch()))
	c := w.collector(t)
	long := payment()
	long.Labels["long"] = promodel.LabelValue(strings.Repeat("x", 100_000))
	for _, alerts := range [][]*promodel.Alert{{payment()}, {payment(), long}, {long}} {
		e := c.Collect(t.Context(), time.Now(), alerts)
		b, err := json.Marshal(e)
		require.NoError(t, err)
		require.LessOrEqual(t, len(b), minBytes)
		require.Equal(t, "keeping", e.Errors[len(e.Errors)-1].Part)
		require.NotEmpty(t, e.Alerts)
		require.NotNil(t, e.Logs)
	}
	c.stop(t)
}

func TestLinksLeadToTheTenantOfTheAlert(t *testing.T) {
	for _, c := range []struct {
		on     bool
		tenant string
		has    bool
	}{{true, "a(1)", true}, {true, "", false}, {false, "a(1)", false}} {
		w := newWorld()
		w.tenants = c.on
		a := payment()
		if c.tenant != "" {
			a.Labels[auth.TenantLabel] = promodel.LabelValue(c.tenant)
		}
		collector := w.collector(t)
		s := collector.newSearch(time.Now(), collector.subjects([]*promodel.Alert{a}, time.Now()))
		r := model.Range{Start: 1e9, End: 2e9}
		for name, link := range map[string]string{
			"page": s.pageURL(s.main()), "query": s.alertURL(s.main()), "logs": s.logsURL("{}", r), "traces": s.tracesURL("{}", r), "trace": s.traceURL("0a", ""), "span": s.traceURL("0a", "0b"),
		} {
			u, err := url.Parse(link)
			require.NoError(t, err)
			require.Equal(t, c.has, u.Query().Has("tenant"), "%s: %s", name, link)
			if c.has {
				require.Equal(t, c.tenant, u.Query().Get("tenant"), name)
			}
		}
	}
}

func TestEvidenceCanBeOff(t *testing.T) {
	w := newWorld()
	w.conf.Enabled = false
	c := w.collector(t)
	require.Nil(t, c.Collect(t.Context(), time.Now(), []*promodel.Alert{payment()}))
	require.Zero(t, w.asked.Load())
	c.stop(t)
}

func TestRulesAboutLogsAndTracesShowWhatTheyCount(t *testing.T) {
	w := newWorld()
	w.conf.Picture = true
	events := w.events.(*storagetest.Memory)
	now := time.Now()
	logs := model.NewBuilder(model.Logs, 10)
	for _, app := range []string{"pay", "cart"} {
		st := logs.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}})
		for i := range 3 {
			logs.Row(st, now.Add(-time.Duration(i+1)*time.Second).UnixNano(), fmt.Sprintf("order %d of %s: card declined", i, app))
		}
		logs.Row(st, now.Add(-time.Second).UnixNano(), "all is well")
	}
	require.NoError(t, events.Append(t.Context(), logs.Batch()))
	spans := model.NewBuilder(model.Spans, 10)
	for i, name := range []string{"payment", "cart"} {
		st := spans.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(name)}}})
		for j := range 3 {
			spans.Span(st, model.Span{
				TraceID: model.TraceID{1, byte(i), byte(j)}, SpanID: model.SpanID{1, byte(i), byte(j)}, Name: "GET /", Kind: model.SpanServer,
				Start: now.Add(-time.Duration(j+5) * time.Second).UnixNano(), Duration: int64(j+1) * 1e8, Status: model.StatusError, StatusMessage: fmt.Sprintf("no money: %d", j),
			})
		}
	}
	require.NoError(t, events.Append(t.Context(), spans.Batch()))
	c := w.collector(t)

	w.rule = alerting.Definition{Subject: alerting.Subject{Signal: alerting.Logs}, Labels: map[string]bool{"severity": true}}
	expr := `sum by (app) (count_over_time({app=~".+"} |= "declined" [5m])) > 2`
	e := c.Collect(t.Context(), now, []*promodel.Alert{firing("http://x/explore/logs?q="+url.QueryEscape(expr), "app", "pay", "severity", "page")})
	require.Empty(t, e.Errors)
	require.Equal(t, 3.0, *e.Alerts[0].Value)
	require.Equal(t, `{app=~".+"} |= "declined" | app="pay"`, e.Logs.Query)
	require.Len(t, e.Logs.Lines, 1)
	require.Equal(t, 3, e.Logs.Lines[0].Count)
	require.Equal(t, "order 0 of pay: card declined", e.Logs.Lines[0].Line, "the newest")
	require.NotEmpty(t, e.PNG)
	require.NotEmpty(t, e.Picture.URL)

	w.rule.Subject = alerting.Subject{Signal: alerting.Traces}
	expr = `{ status = error } | count_over_time() by (resource.service.name) > 2`
	e = c.Collect(t.Context(), now, []*promodel.Alert{firing("http://x/explore/traces?q="+url.QueryEscape(expr), "service_name", "payment")})
	require.Empty(t, e.Errors)
	require.Equal(t, 3.0, *e.Alerts[0].Value)
	require.Equal(t, `{ status = error } | { resource.service.name = "payment" } | { status = error }`, e.Traces.Query)
	require.Equal(t, "payment", e.Traces.Items[0].Failed.Service)
	require.Equal(t, "no money: 0", e.Traces.Items[0].Failed.Message)
	require.Len(t, e.Traces.Items, 1, "failures that are alike are shown once")
	require.NotEmpty(t, e.PNG)
	c.stop(t)
}

func TestTheConfigIsChecked(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	bad := Config{Timeout: time.Minute, LogLines: -1, Traces: 1000}
	bad.Redact.Patterns = []string{"nose"}
	err := bad.Validate()
	for _, text := range []string{
		"timeout: 1m0s is longer than 8s", "log_lines: -1 is not", "traces: 1000 is not", "max_bytes: 0 is less", "retention: 0s is not", "keep_bytes: 0 is not",
		`redact.patterns[0]: "nose" is not one of card`,
	} {
		require.ErrorContains(t, err, text)
	}
}
