package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/features"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/evidence"
	"github.com/oriel-obs/oriel/alerting/forward"
	"github.com/oriel-obs/oriel/alerting/history"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/alerting/ruleapi"
	"github.com/oriel-obs/oriel/alerting/slo"
	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/admission"
	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/ingest/freshness"
	"github.com/oriel-obs/oriel/ingest/jaeger"
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/ingest/pipeline"
	"github.com/oriel-obs/oriel/ingest/relay"
	"github.com/oriel-obs/oriel/ingest/scrape"
	"github.com/oriel-obs/oriel/ingest/tenancy"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/query/dashapi"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/query/remoteread"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/traceql"
)

// engines are what stands on the stores and below the handlers.
type engines struct {
	trust
	account    *ingest.Account
	able       features.Collector // what /api/v1/features answers
	intake     ingest.EventWriter // where receivers put logs and spans; ends in the tap
	samples    *admission.Gate    // where receivers put samples; ends in the metric store
	signals    spanSignals
	lines      *pipeline.Writer
	otlp       *otlp.Receiver
	jaeger     *jaeger.Receiver
	promql     *promql.Engine
	read       *remoteread.Reader // what PromQL is about: the metric store, and other servers
	traceql    *traceql.Engine
	scrape     *scrape.Manager
	relay      *relay.Manager
	evidence   *evidence.Collector
	history    *history.History
	notify     *notify.Manager
	forward    *forward.Manager
	rules      *alerting.Manager
	boards     *dashapi.Files
	sources    *dashapi.Sources
	sealer     *lateSealer // of the sources' credentials
	objectives *slo.Manager
	fresh      *freshness.Watch // nil if nobody wants to know
	reload     *reloader
	senders
}

// openEngines builds the receivers, the languages and the rules.
func (a *app) openEngines() (err error) {
	a.metrics.SetLimits(a.cfg.Limits.Series())
	a.openFairness()
	if err := a.openDashboards(); err != nil {
		return &usageError{err}
	}
	if a.samples, err = admission.New(a.taken, a.cfg.Ingest.Relabel, a.metrics.Refs.Clear, a.reg); err != nil {
		return &usageError{err}
	}
	if a.cfg.Auth.Tenants {
		a.samples.KeepTenants()
	}
	if a.signals, err = a.newSpanSignals(audit.Guard(a.tap)); err != nil {
		return err
	}
	a.lines, err = pipeline.New(pipeline.Options{
		Config: a.cfg.Ingest.Pipelines, Next: a.signals.intake, Metrics: a.samples.Derived(), Account: a.account, Registerer: a.reg,
	})
	if err != nil {
		return &usageError{err}
	}
	if err := a.openAbsence(a.lines); err != nil {
		return err
	}
	if a.cfg.Auth.Tenants {
		a.intake = tenancy.New(a.intake, a.reg)
	}
	a.intake = a.account.Events(tenancy.Limit(a.intake, a.quota))
	a.otlp, err = otlp.New(otlp.Options{
		Events: a.intake, Metrics: a.samples, Refs: a.metrics.Refs, Recall: scope.Metrics(a.metrics), Limits: a.cfg.Limits, Account: a.account,
		Log: a.log.With("component", "otlp"), Config: a.cfg.Ingest.OTLP, Registerer: a.reg,
	})
	if err != nil {
		return fmt.Errorf("set up OTLP: %w", err)
	}
	a.jaeger = jaeger.New(a.spans())
	if err := a.openSenders(); err != nil {
		return err
	}
	a.able = features.NewRegistry()
	a.promql, err = promql.New(promql.Options{
		Limits: a.cfg.Query, Config: a.cfg.PromQL, Dir: a.flags.DataDir, Data: a.metrics, Features: a.able, Log: a.log.With("component", "promql"), Registerer: a.reg,
	})
	if err != nil {
		return err
	}
	if err := a.promql.LogQueries(a.cfg.prometheus.GlobalConfig.QueryLogFile); err != nil {
		return &usageError{err}
	}
	if a.read, err = remoteread.New(a.metrics, a.cfg.prometheus); err != nil {
		return &usageError{err}
	}
	a.openViews()
	a.traceql = traceql.NewEngine(a.budgeted(), a.cfg.Query)

	external, err := a.externalURL()
	if err != nil {
		return err
	}
	a.reload = newReloader(a)
	discoveries, err := discovery.CreateAndRegisterSDMetrics(a.reg)
	if err != nil {
		return fmt.Errorf("set up service discovery: %w", err)
	}
	a.scrape, err = scrape.New(scrape.Options{
		Config: a.cfg.prometheus, Store: a.samples, Discovery: discoveries, Account: a.account, Registerer: a.reg, Log: a.log,
	})
	if err != nil {
		return &usageError{err}
	}
	a.relay, err = relay.New(relay.Options{
		Config: a.cfg.prometheus, Dir: a.cfg.Storage.Metric.Dir, Targets: a.scrape.Manager, Registerer: a.reg, Log: a.log,
	})
	if err != nil {
		return &usageError{err}
	}
	a.metrics.Follow(a.relay)
	asks := a.asks()
	if err := a.openEvidence(external, asks); err != nil {
		return err
	}
	if err := a.openNotifications(external); err != nil {
		return err
	}
	a.forward, err = forward.New(forward.Options{
		Config: a.cfg.prometheus, Discovery: discoveries, ExternalURL: external, Tenants: a.cfg.Auth.Tenants, Registerer: a.reg, Log: a.log,
	})
	if err != nil {
		return &usageError{err}
	}
	if err := a.openObjectives(asks.Metrics); err != nil {
		return err
	}
	settings, err := a.ruleSettings(a.cfg)
	if err != nil {
		return err
	}
	a.rules, err = alerting.New(alerting.Options{
		Settings:   settings,
		Engines:    asks,
		Appendable: a.metrics, Queryable: a.metrics,
		Notify: a.tell, Evaluated: a.history.Evaluated, Bear: a.memory.BearDuty, ExternalURL: external, Parser: a.promql.Parser,
		Registerer: a.reg, Log: a.log,
	})
	if err != nil {
		return &usageError{err}
	}
	return nil
}

func (a *app) ruleSettings(c *config) (s alerting.Settings, err error) {
	s = alerting.Settings{
		Files:          slices.Concat(c.ruleFiles(), a.flags.extraRules),
		BuiltIn:        a.cfg.builtInRules(),
		ExternalLabels: c.prometheus.GlobalConfig.ExternalLabels,
		Config:         c.Rules,
	}
	own := ruleapi.Globs(a.homes().Rules(""))
	if !a.cfg.Auth.Tenants {
		s.Files = append(s.Files, own...)
		return s, nil
	}
	s.Files = append(s.Files, filepath.Join(a.sloRulesDir(), "*.yml"))
	s.Tenants = map[string][]string{"": own}
	tenants, err := a.homes().Tenants()
	for _, name := range tenants {
		s.Tenants[name] = ruleapi.Globs(a.homes().Rules(name))
	}
	for name, files := range c.TenantRuleFiles {
		for _, f := range files {
			s.Tenants[name] = append(s.Tenants[name], c.relative(f))
		}
	}
	return s, err
}

// homes has the rules and objectives that came through APIs.
func (a *app) homes() alerting.Homes { return alerting.Homes{Dir: a.flags.DataDir} }

// tell passes alerts on to the Alertmanager inside and to those elsewhere.
func (a *app) tell(ctx context.Context, expr string, as ...*rules.Alert) {
	a.notify.Notify(ctx, expr, as...)
	a.forward.Notify(ctx, expr, as...)
}

// closeEngines closes what is open, once no query runs any more.
func (a *app) closeEngines() error {
	err := a.signals.close()
	if a.promql == nil {
		return err
	}
	defer func() { a.promql = nil }()
	return errors.Join(err, a.promql.Close())
}

// externalURL is how people reach the page, for links in notifications.
func (a *app) externalURL() (*url.URL, error) {
	text := a.cfg.Web.ExternalURL
	if text == "" {
		text = a.scheme() + "://" + a.main.Addr().String()
	}
	return url.Parse(text)
}

func (a *app) engineComponents() []lifecycle.Component {
	return append(slices.Concat(a.fairnessComponents(), a.senderComponents(), a.absenceComponents()), []lifecycle.Component{
		{Name: "authentication", Run: a.guard.Run},
		{Name: "remote write", Run: a.relay.Run},
		{Name: "metrics from spans", Run: a.signals.run},
		{Name: "delta conversion", Run: a.otlp.Run},
		{Name: "metrics of log lines", Run: a.lines.Run},
		{Name: "evidence", Run: a.evidence.Run},
		{Name: "history of alerts", Run: a.history.Run},
		{Name: "notifications", Run: a.notify.Run},
		{Name: "other Alertmanagers", Run: a.forward.Run},
		{Name: "rules", Run: a.behind(a.rules.Run)},
		{Name: "objectives", Run: a.behind(a.objectives.Run)},
		{Name: "scraping", Run: a.scrape.Run},
		{Name: "dashboard files", Run: a.boards.Run},
		{Name: "Prometheus API", Run: func(ctx context.Context) error {
			a.prometheus.Prepare()
			<-ctx.Done()
			return nil
		}},
		{Name: "reload on SIGHUP", Run: func(ctx context.Context) error { return a.reload.onHangup(ctx) }},
	}...)
}
