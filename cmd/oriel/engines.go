package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// engines are what stands on the stores and below the handlers.
type engines struct {
	account *ingest.Account
	otlp    *otlp.Receiver
	promql  *promql.Engine
	traceql *traceql.Engine
	notify  *notify.Manager
	rules   *alerting.Manager
	reload  *reloader
}

// openEngines builds the receivers, the languages and the rules.
func (a *app) openEngines() (err error) {
	a.otlp, err = otlp.New(otlp.Options{
		Events: a.events, Metrics: a.metrics, Limits: a.cfg.Limits, Account: a.account,
		Log: a.log.With("component", "otlp"), Config: a.cfg.Ingest.OTLP, Registerer: a.reg,
	})
	if err != nil {
		return fmt.Errorf("set up OTLP: %w", err)
	}
	a.promql = promql.New(a.cfg.Query, a.log.With("component", "promql"), a.reg)
	a.traceql = traceql.NewEngine(a.events, a.cfg.Query)

	external, err := a.externalURL()
	if err != nil {
		return err
	}
	source, err := a.cfg.alertmanagerSource()
	if err != nil {
		return &usageError{err}
	}
	a.notify, err = notify.New(notify.Options{
		Source: source, Dir: filepath.Join(a.flags.DataDir, "alerting"), ExternalURL: external,
		Log: a.log, Registerer: a.reg,
	})
	if err != nil {
		return &usageError{err}
	}
	a.rules, err = alerting.New(alerting.Options{
		Files: append(a.cfg.ruleFiles(), a.flags.extraRules...),
		Query: rules.EngineQueryFunc(a.promql, a.metrics), Appendable: a.metrics, Queryable: a.metrics,
		Notify: a.notify.Notify, ExternalURL: external, Parser: a.promql.Parser,
		Registerer: a.reg, Log: a.log, Config: a.cfg.Rules,
	})
	if err != nil {
		return &usageError{err}
	}
	a.reload = newReloader(a)
	return nil
}

// externalURL is how people reach the page, for links in notifications.
func (a *app) externalURL() (*url.URL, error) {
	text := a.cfg.Web.ExternalURL
	if text == "" {
		text = "http://" + a.main.Addr().String()
	}
	return url.Parse(text)
}

func (a *app) engineComponents() []lifecycle.Component {
	return []lifecycle.Component{
		{Name: "delta conversion", Run: a.otlp.Run},
		{Name: "notifications", Run: a.notify.Run},
		{Name: "rules", Run: a.rules.Run},
		{Name: "reload on SIGHUP", Run: func(ctx context.Context) error { return a.reload.onHangup(ctx) }},
	}
}
