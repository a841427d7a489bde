package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A reloader reads the configuration again while the process runs: rules and
// the Alertmanager configuration change at once, all or nothing.
type reloader struct {
	app     *app
	success prometheus.Gauge
	when    prometheus.Gauge

	mu     sync.Mutex
	cfg    *config // in force
	last   time.Time
	worked bool
}

func newReloader(a *app) *reloader {
	r := &reloader{
		app: a, cfg: a.cfg, last: time.Now(), worked: true,
		success: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_config_last_reload_successful", Help: "Whether the last attempt to read the configuration worked.",
		}),
		when: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "oriel_config_last_reload_success_timestamp_seconds", Help: "Time of the last successful reading of the configuration.",
		}),
	}
	a.reg.MustRegister(r.success, r.when)
	r.success.Set(1)
	r.when.SetToCurrentTime()
	return r
}

// reload applies the configuration file as it now is. After an error the old
// configuration is in force as a whole.
func (r *reloader) reload(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, err := r.apply(ctx)
	r.last, r.worked = time.Now(), err == nil
	if err != nil {
		r.success.Set(0)
		return err
	}
	r.success.Set(1)
	r.when.SetToCurrentTime()
	if keys := needRestart(r.app.cfg, next); len(keys) > 0 {
		r.app.log.Warn("some changed settings take effect at the next start", "keys", strings.Join(keys, " "))
	}
	r.cfg = next
	return nil
}

func (r *reloader) apply(ctx context.Context) (*config, error) {
	f := r.app.flags
	next, err := loadConfig(f.Config, f.DataDir)
	if err != nil {
		return nil, err
	}
	source, err := next.alertmanagerSource()
	if err != nil {
		return nil, err
	}
	if err := r.app.rules.Reload(append(next.ruleFiles(), f.extraRules...)); err != nil {
		return nil, err
	}
	if err := r.app.notify.Reload(ctx, source); err != nil {
		// The rules were fine and are in: put the old ones back.
		if back := r.app.rules.Reload(append(r.cfg.ruleFiles(), f.extraRules...)); back != nil {
			err = fmt.Errorf("%w; and the rules of the old configuration no longer load: %w", err, back)
		}
		return nil, err
	}
	return next, nil
}

// needRestart names the sections that differ and that a reload cannot change.
func needRestart(running, next *config) []string {
	var keys []string
	a, b := reflect.ValueOf(*running), reflect.ValueOf(*next)
	for i := range a.NumField() {
		key, ok := a.Type().Field(i).Tag.Lookup("yaml")
		switch key {
		case "rule_files", "alertmanager", "alertmanager_file":
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

// text returns the configuration in force.
func (r *reloader) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg.text
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
