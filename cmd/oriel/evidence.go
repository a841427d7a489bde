package main

import (
	"net/url"
	"path/filepath"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/evidence"
	"github.com/oriel-obs/oriel/query/services"
)

// openEvidence builds what looks for the evidence of notifications, in the
// stores and with the engines that rules use.
func (a *app) openEvidence(external *url.URL, asks alerting.Engines) (err error) {
	events := a.budgeted()
	a.evidence, err = evidence.New(evidence.Options{
		Config: a.cfg.Evidence, Dir: filepath.Join(a.flags.DataDir, "alerting", "evidence"), ExternalURL: external,
		Rule: func(tenant, name, expr string) (alerting.Definition, bool) {
			return a.rules.Definition(tenant, name, expr) // which begin after this, and before anything is notified of
		},
		Tenants: a.cfg.Auth.Tenants,
		Engines: asks, PromQL: a.promql, Metrics: a.reads, Parser: a.promql.Parser, Events: events,
		Services:   services.New(services.Options{PromQL: a.promql, Metrics: a.series, Events: events, Traces: a.traceql}),
		Registerer: a.reg, Log: a.log,
	})
	return err
}
