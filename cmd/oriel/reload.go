package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
)

// A reloader reads the configuration again while the process runs: what is
// Prometheus' and the Alertmanager configuration change at once, all or
// nothing.
type reloader struct {
	app     *app
	success prometheus.Gauge
	when    prometheus.Gauge

	inForce atomic.Pointer[config]
	turn    sync.Mutex // held by the one reload that is going on

	mu     sync.Mutex
	last   time.Time
	worked bool
}

func newReloader(a *app) *reloader {
	r := &reloader{
		app: a, last: time.Now(), worked: true,
		success: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_config_last_reload_successful", Help: "Whether the last attempt to read the configuration worked.",
		}),
		when: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_config_last_reload_success_timestamp_seconds", Help: "Time of the last successful reading of the configuration.",
		}),
	}
	r.inForce.Store(a.cfg)
	a.reg.MustRegister(r.success, r.when)
	r.success.Set(1)
	r.when.SetToCurrentTime()
	return r
}

// reload applies the configuration file as it now is. After an error the old
// configuration is in force as a whole.
func (r *reloader) reload(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	next, err := r.app.flags.load()
	if err == nil {
		err = r.replace(ctx, next)
	}
	r.note(err)
	if err != nil {
		return err
	}
	if keys := needRestart(r.app.cfg, next); len(keys) > 0 {
		r.app.log.Warn("some changed settings take effect at the next start", "keys", strings.Join(keys, " "))
	}
	return nil
}

// rules reads the rule files of the configuration in force anew.
func (r *reloader) rules() error {
	r.turn.Lock()
	defer r.turn.Unlock()
	return r.app.applyRules(r.inForce.Load())
}

// applyRules reads the rule files of a configuration.
func (a *app) applyRules(c *config) error {
	settings, err := a.ruleSettings(c)
	if err != nil {
		return err
	}
	return a.rules.Reload(settings)
}

// replace puts next in force. If a part refuses it, the parts before get the
// old configuration back.
func (r *reloader) replace(ctx context.Context, next *config) error {
	old := r.inForce.Load()
	r.inForce.Store(next)
	steps := r.steps()
	for i, step := range steps {
		err := step(ctx, next)
		if err == nil {
			continue
		}
		r.inForce.Store(old)
		for _, done := range slices.Backward(steps[:i]) {
			if back := done(ctx, old); back != nil {
				err = fmt.Errorf("%w; and a part of the old configuration no longer loads: %w", err, back)
			}
		}
		return err
	}
	return nil
}

// steps apply a configuration to the parts that can take one while they run,
// each wholly or not at all.
func (r *reloader) steps() []func(context.Context, *config) error {
	a := r.app
	return []func(context.Context, *config) error{
		func(_ context.Context, c *config) error { return a.samples.Apply(c.Ingest.Relabel) },
		func(_ context.Context, c *config) error {
			limits := a.cfg.Limits
			limits.Metric = c.Limits.Metric
			a.metrics.SetLimits(limits.Series())
			a.quota.Apply(c.Limits.Rates)
			return nil
		},
		func(ctx context.Context, c *config) error { return a.lines.Apply(ctx, c.Ingest.Pipelines) },
		func(_ context.Context, c *config) error { return a.objectives.Reload(c.sloFiles()) },
		func(_ context.Context, c *config) error { return a.applyRules(c) },
		func(_ context.Context, c *config) error { return a.scrape.Apply(c.prometheus) },
		func(_ context.Context, c *config) error { return a.forward.Apply(c.prometheus) },
		func(_ context.Context, c *config) error { return a.relay.Apply(c.prometheus) },
		func(_ context.Context, c *config) error { return a.read.Apply(c.prometheus) },
		func(_ context.Context, c *config) error {
			return a.promql.LogQueries(c.prometheus.GlobalConfig.QueryLogFile)
		},
		func(ctx context.Context, c *config) error {
			source, err := c.alertmanagerSource()
			if err != nil {
				return err
			}
			return a.notify.Reload(ctx, source)
		},
	}
}

func (r *reloader) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.worked = time.Now(), err == nil
	if err != nil {
		r.success.Set(0)
		return
	}
	r.success.Set(1)
	r.when.SetToCurrentTime()
}

// needRestart names the sections that differ and that a reload cannot change.
func needRestart(running, next *config) []string {
	was, is := *running, *next
	was.Rules.EvaluationInterval, was.Rules.QueryOffset = is.Rules.EvaluationInterval, is.Rules.QueryOffset
	was.Ingest.Relabel, was.Limits.Metric, was.Limits.Rates = is.Ingest.Relabel, is.Limits.Metric, is.Limits.Rates
	was.Ingest.Pipelines = is.Ingest.Pipelines
	var keys []string
	a, b := reflect.ValueOf(was), reflect.ValueOf(is)
	for i := range a.NumField() {
		key, ok := a.Type().Field(i).Tag.Lookup("yaml")
		switch key {
		case "rule_files", "tenant_rule_files", "alertmanager", "alertmanager_file", "prometheus_config_file",
			"global", "scrape_configs", "scrape_config_files", "alerting", "remote_write", "remote_read":
			continue
		}
		if ok && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			keys = append(keys, key)
		}
	}
	return keys
}

// status returns when the configuration was last read, and whether it worked.
func (r *reloader) status() (time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.worked
}

// text returns the configuration in force, for people to see.
func (r *reloader) text() string { return r.inForce.Load().shown() }

// externalLabels returns those of the configuration in force.
func (r *reloader) externalLabels() labels.Labels {
	return r.inForce.Load().prometheus.GlobalConfig.ExternalLabels
}

// onHangup reloads at each SIGHUP until ctx ends.
func (r *reloader) onHangup(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
		}
		if err := r.reload(ctx); err != nil {
			r.app.log.Error("configuration not reloaded; the old one stays in force", "err", err)
			continue
		}
		r.app.log.Info("configuration reloaded")
	}
}

// ServeHTTP reloads for POST /-/reload.
func (r *reloader) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := r.reload(req.Context()); err != nil {
		http.Error(w, "configuration not reloaded; the old one stays in force: "+err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, "configuration reloaded")
}
