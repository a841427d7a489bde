package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/backtest"
	"github.com/oriel-obs/oriel/alerting/history"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
)

// openNotifications builds what routes and delivers alerts, and what remembers
// that.
func (a *app) openNotifications(external *url.URL) (err error) {
	source, err := a.cfg.alertmanagerSource()
	if err != nil {
		return &usageError{err}
	}
	a.history, err = history.Open(context.Background(), history.Options{
		Config: a.cfg.AlertHistory, State: a.state, Events: a.tap, ExternalLabels: a.reload.externalLabels,
		Groups: func() []*rules.Group { return a.rules.RuleGroups() }, // which begin after this
		Log:    a.log,
	})
	if err != nil {
		return err
	}
	a.notify, err = notify.New(notify.Options{
		Source: source, Dir: filepath.Join(a.flags.DataDir, "alerting"), ExternalURL: external,
		ExternalLabels: a.reload.externalLabels, Evidence: a.evidence, Log: a.log, Registerer: a.reg,
		State: a.state, Config: a.cfg.notifySettings(), Happened: a.history.Wake,
	})
	if err != nil {
		return &usageError{err}
	}
	return nil
}

// desk serves what people do about alerts.
func (a *app) desk(external *url.URL) *alertapi.Desk {
	tester := backtest.New(backtest.Options{
		Engines: a.asks(), Range: a.askRange, Appendable: a.metrics, Queryable: a.metrics, Parser: a.promql.Parser, ExternalURL: external,
	}.DefaultLimits())
	return alertapi.NewDesk(alertapi.DeskOptions{State: a.state, Notifications: a.notify, Happened: a.history.Wake, Backtest: tester.Run})
}

// asks are the engines that answer rules.
func (a *app) asks() alerting.Engines {
	return alerting.Engines{
		Metrics: rules.EngineQueryFunc(a.promql, a.read),
		Logs:    logql.NewEngine(query.WithBudget(a.events, a.cfg.Query), a.cfg.Query), Traces: a.traceql,
	}
}

// askRange answers a PromQL expression at every step of a range. It implements
// backtest.RangeFunc.
func (a *app) askRange(ctx context.Context, expr string, start, end time.Time, interval time.Duration) (promql.Matrix, error) {
	q, err := a.promql.NewRangeQuery(ctx, a.read, nil, expr, start, end, interval)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, fault.ErrInvalid)
	}
	defer q.Close() // takes the memory of the result back
	m, err := q.Exec(ctx).Matrix()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, fault.ErrUnprocessable)
	}
	out := make(promql.Matrix, len(m))
	for i, s := range m {
		out[i] = promql.Series{Metric: s.Metric, Floats: slices.Clone(s.Floats)}
		for _, h := range s.Histograms {
			out[i].Histograms = append(out[i].Histograms, promql.HPoint{T: h.T, H: h.H.Copy()})
		}
	}
	return out, nil
}

// builtInRules are Oriel's own, about what its own metrics tell.
func (c *config) builtInRules() map[string]string {
	if !c.Rules.BuiltIn || !c.Self.Enabled {
		return nil
	}
	files := map[string]string{"oriel-notifications.yml": notify.Rules}
	if c.watchesAbsence() {
		files["oriel-absence.yml"] = c.Absence.Rules()
	}
	return files
}

// notifySettings returns the section `notify`, its paths resolved.
func (c *config) notifySettings() notify.Config {
	s := c.Notify
	s.Sign = slices.Clone(s.Sign)
	for i := range s.Sign {
		s.Sign[i].SecretFile = c.relative(s.Sign[i].SecretFile)
	}
	return s
}

// hideSecrets replaces the values of the keys `secret` in a document.
func hideSecrets(doc *yaml.Node) {
	for i, n := range doc.Content {
		if doc.Kind == yaml.MappingNode && i%2 == 0 && n.Value == "secret" {
			doc.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Value: "<secret>"}
		}
		hideSecrets(n)
	}
}
