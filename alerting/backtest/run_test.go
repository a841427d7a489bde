package backtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/backtest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var began = time.Unix(1_700_000_000, 0).UTC()

// past is an hour of metrics, logs and spans that come and go.
type past struct {
	opts backtest.Options
}

func newPast(t *testing.T) *past {
	store := teststorage.New(t)
	events := &storagetest.Memory{}
	rng := rand.New(rand.NewPCG(1, 2))
	app := store.Appender(t.Context())
	logs, spans := model.NewBuilder(model.Logs, 0), model.NewBuilder(model.Spans, 0)
	for i := range 5 {
		job := fmt.Sprintf("job%d", i)
		stream := &model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(job)}}}
		service := &model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(job)}}}
		up := true
		for at := began; at.Before(began.Add(time.Hour)); at = at.Add(15 * time.Second) {
			if rng.IntN(8) == 0 {
				up = !up
			}
			if rng.IntN(30) == 0 {
				continue // a gap
			}
			v := 1.0
			if !up {
				v = 0
				logs.Row(logs.Stream(stream), at.UnixNano(), "error")
				spans.Span(spans.Stream(service), model.Span{Start: at.UnixNano(), Duration: int64(time.Second), Name: "x", Status: model.StatusError, TraceID: model.TraceID{1, byte(i)}, SpanID: model.SpanID{2}})
			}
			_, err := app.Append(0, labels.FromStrings("__name__", "up", "job", job), at.UnixMilli(), v)
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	require.NoError(t, events.Append(t.Context(), logs.Batch()))
	require.NoError(t, events.Append(t.Context(), spans.Batch()))
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	limits := query.DefaultLimits()
	return &past{opts: backtest.Options{
		Engines: alerting.Engines{Metrics: rules.EngineQueryFunc(engine, store), Logs: logql.NewEngine(events, limits), Traces: traceql.NewEngine(events, limits)},
		Range: func(ctx context.Context, expr string, start, end time.Time, interval time.Duration) (promql.Matrix, error) {
			q, err := engine.NewRangeQuery(ctx, store, nil, expr, start, end, interval)
			if err != nil {
				return nil, err
			}
			return q.Exec(ctx).Matrix() // left open, so that its memory stays
		},
		Appendable: store, Queryable: store, Parser: parser.NewParser(parser.Options{}),
	}.DefaultLimits()}
}

// periods are those of alerts that fired, by labels.
type periods map[string][]backtest.Period

// evaluated are the periods that the rule groups find, step by step.
func (p *past) evaluated(t *testing.T, file string, steps int, interval time.Duration) periods {
	path := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	groups, err := alerting.LoadGroups(t.Context(), alerting.Options{
		Settings: alerting.Settings{Files: []string{path}, Config: alerting.DefaultConfig()}, Engines: p.opts.Engines,
		Appendable: teststorage.New(t), Queryable: teststorage.New(t), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	out, since := periods{}, map[string]time.Time{}
	var at time.Time
	for i := range steps {
		at = began.Add(time.Duration(i) * interval)
		groups[0].Eval(t.Context(), at)
		firing := map[string]bool{}
		rule := groups[0].Rules()[0].(*rules.AlertingRule)
		require.NoError(t, rule.LastError())
		for _, a := range rule.ActiveAlerts() {
			if a.State == rules.StateFiring {
				firing[a.Labels.String()] = true
			}
		}
		for ls := range firing {
			if _, ok := since[ls]; !ok {
				since[ls] = at
			}
		}
		for ls, begin := range since {
			if !firing[ls] {
				out[ls] = append(out[ls], backtest.Period{Start: begin, End: at})
				delete(since, ls)
			}
		}
	}
	for ls, begin := range since {
		out[ls] = append(out[ls], backtest.Period{Start: begin, End: at, Open: true})
	}
	return out
}

func TestABacktestFindsWhatTheRuleManagerWouldHaveFound(t *testing.T) {
	p := newPast(t)
	for name, c := range map[string]struct {
		group string // keys of the group
		rule  string // keys of the rule
	}{
		"at once":        {"", "alert: A, expr: 'up == 0'"},
		"for":            {"", "alert: A, expr: 'up == 0', for: 1m"},
		"keeps firing":   {"", "alert: A, expr: 'up == 0', for: 30s, keep_firing_for: 2m"},
		"own labels":     {"", "alert: A, expr: 'sum(up)', labels: {severity: '{{ if gt $value 3.0 }}low{{ else }}high{{ end }}', all: '{{ with query \"count(up)\" }}{{ . | first | value }}{{ end }}'}"},
		"over a window":  {"", "alert: A, expr: 'avg_over_time(up[3m]) < 0.6', for: 45s"},
		"absence":        {"", "alert: A, expr: 'absent(up{job=\"job0\"} == 1)', for: 1m"},
		"scalar":         {"", "alert: A, expr: 'vector(1)', for: 5m"},
		"logs":           {"signal: logs, ", "alert: A, expr: 'sum by (app) (count_over_time({app=~\".+\"} |= \"error\" [1m])) > 2', for: 30s"},
		"traces":         {"signal: traces, window: 1m, ", "alert: A, expr: '{ status = error } | count_over_time() by (resource.service.name) > 2', for: 30s"},
		"no such metric": {"", "alert: A, expr: nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, interval := range []time.Duration{15 * time.Second, 50 * time.Second} {
				steps := int(time.Hour/interval) + 1
				req := backtest.Request{Start: began, End: began.Add(time.Hour)}
				require.NoError(t, req.Interval.Set(interval.String()))
				req.Rule = "{" + c.rule + "}"
				switch name {
				case "logs":
					req.Signal = alerting.Logs
				case "traces":
					req.Signal = alerting.Traces
					require.NoError(t, req.Window.Set("1m"))
				}
				res, err := backtest.New(p.opts).Run(t.Context(), req)
				require.NoError(t, err)
				got := periods{}
				total, count := 0.0, 0
				for _, a := range res.Alerts {
					got[a.Labels.String()] = a.Periods
					total, count = total+a.Total, count+a.Count
				}
				want := p.evaluated(t, "groups: [{name: g, "+c.group+"rules: [{"+c.rule+"}]}]", steps, interval)
				require.Empty(t, cmp.Diff(want, got))
				require.Equal(t, name == "no such metric", len(want) == 0, "the case tests something")
				require.Equal(t, steps, res.Evaluations)
				require.InDelta(t, total, res.Total, 1e-6)
				require.Equal(t, count, res.Count)
			}
		})
	}
}

func TestTextsAreFilledInWithTheValuesOfTheTime(t *testing.T) {
	p := newPast(t)
	req := backtest.Request{
		Expr: "sum by (job) (up) * 0 + 7", Start: began, End: began.Add(time.Minute), Labels: map[string]string{"severity": "page"},
		Annotations: map[string]string{"summary": "{{ $labels.job }} is at {{ $value }}", "bad": "{{ nothing }}"},
	}
	_, err := backtest.New(p.opts).Run(t.Context(), req)
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.ErrorContains(t, err, "nothing")
	delete(req.Annotations, "bad")
	res, err := backtest.New(p.opts).Run(t.Context(), req)
	require.NoError(t, err)
	require.NotEmpty(t, res.Alerts)
	for _, a := range res.Alerts {
		require.Equal(t, a.Labels.Get("job")+" is at 7", a.Annotations.Get("summary"))
	}
}

func TestABacktestIsBounded(t *testing.T) {
	p := newPast(t)
	hour := func(change func(*backtest.Request)) backtest.Request {
		r := backtest.Request{Expr: "up == 0", Start: began, End: began.Add(time.Hour)}
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		req  backtest.Request
		opts func(*backtest.Options)
		kind error
		text string
	}{
		"no rule":           {hour(func(r *backtest.Request) { r.Expr = "" }), nil, fault.ErrInvalid, "set one of rule and expr"},
		"two rules":         {hour(func(r *backtest.Request) { r.Rule = "expr: up" }), nil, fault.ErrInvalid, "set one of rule and expr"},
		"not an expression": {hour(func(r *backtest.Request) { r.Expr = "sum(" }), nil, fault.ErrInvalid, "could not parse expression"},
		"another language":  {hour(func(r *backtest.Request) { r.Signal = "smoke" }), nil, fault.ErrInvalid, "smoke"},
		"a recording rule":  {hour(func(r *backtest.Request) { r.Expr, r.Rule = "", "{record: a, expr: up}" }), nil, fault.ErrInvalid, "it records"},
		"an unknown key":    {hour(func(r *backtest.Request) { r.Expr, r.Rule = "", "{alert: a, expr: up, fro: 1m}" }), nil, fault.ErrInvalid, "fro"},
		"backwards":         {hour(func(r *backtest.Request) { r.End = r.Start.Add(-time.Minute) }), nil, fault.ErrInvalid, "not after start"},
		"too many steps":    {hour(func(*backtest.Request) {}), func(o *backtest.Options) { o.MaxSteps = 60 }, fault.ErrLimit, "61 evaluations, of which 60 are allowed"},
		"too many queries":  {hour(func(r *backtest.Request) { r.Signal, r.Expr = alerting.Traces, "{ } | rate()" }), func(o *backtest.Options) { o.MaxInstant = 3 }, fault.ErrLimit, "61 evaluations, of which 3 are allowed"},
		"too many samples":  {hour(func(*backtest.Request) {}), func(o *backtest.Options) { o.MaxSamples = 10 }, fault.ErrLimit, "of which 10 are allowed"},
		"too long":          {hour(func(*backtest.Request) {}), func(o *backtest.Options) { o.Timeout = time.Nanosecond }, fault.ErrTimeout, "longer than 1ns"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := p.opts
			if c.opts != nil {
				c.opts(&opts)
			}
			_, err := backtest.New(opts).Run(t.Context(), c.req)
			require.ErrorIs(t, err, c.kind)
			require.ErrorContains(t, err, c.text)
		})
	}
	opts := p.opts
	opts.MaxSeries, opts.MaxPeriods = 2, 3
	res, err := backtest.New(opts).Run(t.Context(), hour(func(*backtest.Request) {}))
	require.NoError(t, err)
	require.True(t, res.Truncated)
	require.Len(t, res.Alerts, 2)
	require.LessOrEqual(t, len(res.Alerts[0].Periods)+len(res.Alerts[1].Periods), 3)
	require.Greater(t, res.Count, 10, "counted all the same")
}
