package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/backtest"
	"github.com/oriel-obs/oriel/alerting/history"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage/state"
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
		State: a.state, Config: a.cfg.notifySettings(), Dial: a.cfg.Egress.Dial, MayReach: a.cfg.Egress.Check, Sealer: a.sealer, Happened: a.history.Wake, Tenants: a.cfg.Auth.Tenants,
		Inhibitions: silentOnce(),
	})
	if err != nil {
		return &usageError{err}
	}
	return nil
}

// desk serves what people do about alerts.
func (a *app) desk(external *url.URL) *alertapi.Desk {
	tester := backtest.New(backtest.Options{
		Engines: a.asks(), Range: a.askRange, Appendable: a.metrics, Queryable: a.series, Parser: a.promql.Parser, ExternalURL: external,
	}.DefaultLimits())
	return alertapi.NewDesk(alertapi.DeskOptions{State: a.state, Notifications: a.notify, Happened: a.history.Wake, Backtest: tester.Run, MayRoute: a.mayRoute})
}

// mayRoute keeps those whom nobody knows from having Oriel send what it likes to
// whom they like, unless they are on this machine.
func (a *app) mayRoute(r *http.Request) error {
	if a.guard.Enabled() || a.cfg.Web.ConfigFile != "" || a.cfg.Web.AdminAPI || local(r) {
		return nil
	}
	return fmt.Errorf("while nobody signs in, who is notified is changed from this machine alone, or with web: {admin_api: true}: %w", fault.ErrForbidden)
}

// alert returns an alert that fires or, of one that does not, what the history
// says of the last time. It is an evidence.Find.
func (a *app) alert(ctx context.Context, fingerprint string) (*promodel.Alert, error) {
	firing, err := a.notify.Firing(fingerprint)
	if err == nil {
		return &firing.Alert, nil
	}
	if !errors.Is(err, fault.ErrNotFound) {
		return nil, err
	}
	past, pastErr := a.state.AlertChanges(ctx, state.AlertChangeFilter{Fingerprint: fingerprint, Limit: 100}) // newest first
	if pastErr != nil {
		return nil, pastErr
	}
	out := &promodel.Alert{}
	for _, c := range past {
		switch c.State {
		case state.AlertResolved, state.AlertInactive:
			if out.StartsAt.IsZero() && out.EndsAt.IsZero() {
				out.EndsAt = c.At
			} else if !out.StartsAt.IsZero() {
				return out, nil // of the time before
			}
		case state.AlertFiring, state.AlertPending:
			out.StartsAt = c.At // at last the first of them
		default:
			continue
		}
		if out.Labels == nil {
			out.Labels, out.Annotations = labelSet(c.Labels), labelSet(c.Annotations)
		}
	}
	if out.StartsAt.IsZero() {
		return nil, fmt.Errorf("%w, and the history has none either", err)
	}
	return out, nil
}

func labelSet(of map[string]string) promodel.LabelSet {
	out := promodel.LabelSet{}
	for k, v := range of {
		out[promodel.LabelName(k)] = promodel.LabelValue(v)
	}
	return out
}

// asks are the engines that answer rules.
func (a *app) asks() alerting.Engines {
	return alerting.Engines{
		Metrics: rules.EngineQueryFunc(a.promql, a.reads),
		Logs:    logql.NewEngine(a.budgeted(), a.cfg.Query), Traces: a.traceql,
	}
}

// askRange answers a PromQL expression at every step of a range. It implements
// backtest.RangeFunc.
func (a *app) askRange(ctx context.Context, expr string, start, end time.Time, interval time.Duration) (promql.Matrix, error) {
	q, err := a.promql.NewRangeQuery(ctx, a.reads, nil, expr, start, end, interval)
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
