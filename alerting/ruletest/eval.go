package ruletest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A run is one test on its way.
type run struct {
	*file
	*test
	parser  parser.Parser
	metrics *promqltest.LazyLoader
	engines alerting.Engines
	groups  []alerting.Group
}

// evaluate runs one test and returns what is not as it should be.
func (f *file) evaluate(ctx context.Context, t *test) (errs []error) {
	r := &run{file: f, test: t, parser: parser.NewParser(parser.Options{})}
	events, err := t.events(r.parser)
	if err != nil {
		return []error{err}
	}
	r.metrics, err = promqltest.NewLazyLoader(t.loadText(), promqltest.LazyLoaderOpts{
		EnableAtModifier: true, EnableNegativeOffset: true, StartTime: t.StartTimestamp.Time,
	})
	if err != nil {
		return []error{err}
	}
	defer func() {
		if err := r.metrics.Close(); err != nil {
			errs = append(errs, err)
		}
	}()
	r.metrics.SubqueryInterval = time.Duration(f.EvaluationInterval)
	limits := query.DefaultLimits()
	r.engines = alerting.Engines{
		Metrics: rules.EngineQueryFunc(r.metrics.QueryEngine(), r.metrics.Storage()),
		Logs:    logql.NewEngine(events, limits), Traces: traceql.NewEngine(events, limits),
	}
	if err := r.load(ctx); err != nil {
		return []error{err}
	}
	errs, ok := r.alerts(ctx)
	if !ok {
		return errs
	}
	return append(errs, r.expressions(ctx)...)
}

// load reads the rules.
func (r *run) load(ctx context.Context) error {
	external, err := url.Parse(r.ExternalURL)
	if err != nil {
		return fmt.Errorf("external_url: %w", err)
	}
	conf := alerting.DefaultConfig()
	conf.EvaluationInterval = time.Duration(r.Interval)
	r.groups, err = alerting.LoadGroups(ctx, alerting.Options{
		Settings: alerting.Settings{Files: r.RuleFiles, ExternalLabels: r.ExternalLabels, Config: conf},
		Engines:  r.engines, Appendable: r.metrics.Storage(), Queryable: r.metrics.Storage(),
		ExternalURL: external, Parser: r.parser, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.groups, func(a, b alerting.Group) int { return r.order(a) - r.order(b) })
	for _, a := range r.alertingRules() {
		a.SetRestored(true) // else there is no series ALERTS
	}
	return nil
}

// order is the place of a group among those that wait for each other; the
// others are first, as promtool has it.
func (r *run) order(g alerting.Group) int { return max(0, slices.Index(r.GroupEvalOrder, g.Name())) }

func (r *run) alertingRules() (out []*rules.AlertingRule) {
	for _, g := range r.groups {
		for _, rule := range g.Rules() {
			if a, ok := rule.(*rules.AlertingRule); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// alerts evaluates the groups from the start to the last moment asked for, and
// compares the alerts on the way. It is not ok if rules could not be evaluated.
func (r *run) alerts(ctx context.Context) (errs []error, ok bool) {
	asked := slices.Clone(r.AlertRuleTests)
	for _, a := range asked {
		if a.Alertname == "" {
			return []error{fmt.Errorf("an item under alert_rule_test misses required attribute alertname at eval_time %v%s", a.EvalTime, r.inGroup())}, false
		}
	}
	slices.SortStableFunc(asked, func(a, b alertTest) int { return int(max(-1, min(1, a.EvalTime-b.EvalTime))) })
	start, step := r.StartTimestamp.Time, time.Duration(r.EvaluationInterval)
	for at := time.Duration(0); at <= r.end(); at += step {
		if err := ctx.Err(); err != nil {
			return append(errs, err), false
		}
		failed := r.evalGroups(ctx, start.Add(at))
		if errs = append(errs, failed...); len(failed) > 0 {
			return errs, false
		}
		// An alert is as the evaluation before its moment left it.
		for len(asked) > 0 && time.Duration(asked[0].EvalTime) < at+step {
			if err := r.compareAlerts(asked[0]); err != nil {
				errs = append(errs, err)
			}
			asked = asked[1:]
		}
	}
	return errs, true
}

func (r *run) inGroup() string {
	if r.Name == "" {
		return ""
	}
	return fmt.Sprintf(" (in TestGroup %s)", r.Name)
}

func (r *run) evalGroups(ctx context.Context, at time.Time) (errs []error) {
	r.metrics.WithSamplesTill(at, func(err error) {
		if err != nil {
			errs = append(errs, err)
			return
		}
		for _, g := range r.groups {
			g.Eval(ctx, at)
			for _, rule := range g.Rules() {
				if err := rule.LastError(); err != nil {
					errs = append(errs, fmt.Errorf("    rule: %s, time: %s, err: %w", rule.Name(), at.Sub(r.StartTimestamp.Time), err))
				}
			}
		}
	})
	return errs
}

// compareAlerts returns how the alerts that fire differ from a.
func (r *run) compareAlerts(a alertTest) error {
	var got, want alerts
	for _, rule := range r.alertingRules() {
		if rule.Name() != a.Alertname {
			continue
		}
		for _, active := range rule.ActiveAlerts() {
			if active.State == rules.StateFiring {
				got = append(got, alert{active.Labels, active.Annotations})
			}
		}
	}
	for _, e := range a.ExpAlerts {
		ls := labels.NewBuilder(labels.FromMap(e.Labels))
		ls.Set(labels.AlertName, a.Alertname)
		want = append(want, alert{ls.Labels(), labels.FromMap(e.Annotations)})
	}
	got.sort()
	want.sort()
	if want.equal(got) {
		return nil
	}
	name := ""
	if r.Name != "" {
		name = fmt.Sprintf("    name: %s,\n", r.Name)
	}
	return fmt.Errorf("%s    alertname: %s, time: %s, \n        exp:%v, \n        got:%v",
		name, a.Alertname, a.EvalTime, indent(want.String()), indent(got.String()))
}

// expressions compares the answers to expressions.
func (r *run) expressions(ctx context.Context) (errs []error) {
	for _, l := range []struct {
		signal alerting.Signal
		tests  []exprTest
	}{{alerting.Metrics, r.PromQLExprTests}, {alerting.Logs, r.LogQLExprTests}, {alerting.Traces, r.TraceQLExprTests}} {
		for _, e := range l.tests {
			if err := r.compareSamples(ctx, l.signal, e); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errs
}

func (r *run) compareSamples(ctx context.Context, signal alerting.Signal, e exprTest) error {
	failed := func(err error) error {
		return fmt.Errorf("    expr: %q, time: %s, err: %w", e.Expr, e.EvalTime, err)
	}
	if e.Window != 0 && signal != alerting.Traces {
		return failed(errors.New("window goes with traceql_expr_test only"))
	}
	vector, err := r.engines.Ask(ctx, alerting.Subject{Signal: signal, Window: time.Duration(e.Window)}, e.Expr, r.StartTimestamp.Add(time.Duration(e.EvalTime)))
	if err != nil {
		return failed(err)
	}
	var got, want samples
	for _, s := range vector {
		got = append(got, sample{s.Metric, s.F, promqltest.HistogramTestExpression(s.H)})
	}
	for _, s := range e.ExpSamples {
		one, err := r.sample(s.Labels, s.Value, s.Histogram)
		if err != nil {
			return failed(fmt.Errorf("labels %q: %w", s.Labels, err))
		}
		want = append(want, one)
	}
	got.sort()
	want.sort()
	if want.equal(got, r.FuzzyCompare) {
		return nil
	}
	return fmt.Errorf("    expr: %q, time: %s,\n        exp: %v\n        got: %v", e.Expr, e.EvalTime, want, got)
}

func (r *run) sample(metric string, value float64, histogram string) (sample, error) {
	ls, err := r.parser.ParseMetric(metric)
	if err != nil || histogram == "" {
		return sample{ls, value, ""}, err
	}
	_, values, err := r.parser.ParseSeriesDesc("{} " + histogram)
	switch {
	case err != nil:
		return sample{}, err
	case len(values) != 1:
		return sample{}, fmt.Errorf("expected 1 value, got %d", len(values))
	case values[0].Histogram == nil:
		return sample{}, fmt.Errorf("expected histogram, got %v", values[0])
	}
	return sample{ls, value, promqltest.HistogramTestExpression(values[0].Histogram)}, nil
}
