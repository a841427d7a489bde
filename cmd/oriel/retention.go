package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/metric"
	"github.com/oriel-obs/oriel/storage/state"
)

// metricSignal is the name of metrics where signals are named; those of events
// have model's.
const metricSignal = "metrics"

// keptSignals are those that have a retention, in the order of answers.
var keptSignals = []string{metricSignal, model.Logs.String(), model.Spans.String()}

// retentions are those that an admin set, by signal; of the others oriel.yaml's
// are in force.
type retentions struct {
	change sync.Mutex // held while one is saved and put in force
	mu     sync.RWMutex
	set    map[string]state.Retention // guarded by mu
}

// A keptSignal is how long a signal is kept, and why.
type keptSignal struct {
	Signal     string     `json:"signal"`
	Period     string     `json:"period"`     // in force; 0s keeps all
	Configured string     `json:"configured"` // what oriel.yaml says
	Key        string     `json:"key"`        // where it says so
	Updated    *time.Time `json:"updated,omitempty"`
	UpdatedBy  string     `json:"updatedBy,omitempty"`
	Except     []keptRule `json:"except"` // what is kept for another time, as oriel.yaml says
}

type keptRule struct {
	Selector string `json:"selector"`
	Period   string `json:"period"`
}

// A retentionChange is what a change of a retention deletes.
type retentionChange struct {
	Signal string     `json:"signal"`
	Period string     `json:"period"` // from now on, or as asked with dry_run
	DryRun bool       `json:"dryRun"`
	Files  int        `json:"files"`
	Rows   int64      `json:"rows"` // or samples
	Bytes  int64      `json:"bytes"`
	Before *time.Time `json:"before,omitempty"` // all of it is older than this
}

// loadRetentions reads what admins set, before the stores open: opening deletes.
func (a *app) loadRetentions(ctx context.Context) error {
	saved, err := a.state.Retentions(ctx)
	if err != nil {
		return fmt.Errorf("read retentions: %w", err)
	}
	a.kept.set = map[string]state.Retention{}
	for _, r := range saved {
		a.kept.set[r.Signal] = r
		a.log.Info("a retention was set through the API; oriel.yaml's is not in force", "signal", r.Signal, "retention", promodel.Duration(r.Period), "by", r.Author)
	}
	return nil
}

// configuredRetention returns what oriel.yaml says, and under which key.
func (a *app) configuredRetention(signal string) (period time.Duration, key string) {
	if signal == metricSignal {
		return time.Duration(a.cfg.Storage.Metric.Retention), "storage.metric.retention"
	}
	return time.Duration(a.cfg.Storage.Event.Retention), "storage.event.retention"
}

// retention returns how long a signal is kept.
func (a *app) retention(signal string) time.Duration {
	a.kept.mu.RLock()
	defer a.kept.mu.RUnlock()
	if r, ok := a.kept.set[signal]; ok {
		return r.Period
	}
	period, _ := a.configuredRetention(signal)
	return period
}

// retentionTexts are those of all signals.
func (a *app) retentionTexts() map[string]string {
	texts := map[string]string{}
	for _, signal := range keptSignals {
		texts[signal] = promodel.Duration(a.retention(signal)).String()
	}
	return texts
}

// reach returns the age at which nothing of a signal is left, in milliseconds,
// for those that have one: what is kept longest counts.
func (a *app) reach() map[string]int64 {
	ages := map[string]int64{}
	for _, signal := range keptSignals {
		longest := a.retention(signal)
		for _, other := range a.longerKept(signal) {
			if longest == 0 || other == 0 {
				longest = 0
				break
			}
			longest = max(longest, other)
		}
		if longest > 0 {
			ages[signal] = longest.Milliseconds()
		}
	}
	return ages
}

// longerKept returns the periods of what may outlive a signal's retention.
func (a *app) longerKept(signal string) (periods []time.Duration) {
	if signal == metricSignal {
		for _, l := range a.cfg.Storage.Metric.Downsampling {
			periods = append(periods, time.Duration(l.Retention))
		}
		return periods
	}
	for _, s := range a.cfg.Storage.Event.Streams {
		periods = append(periods, time.Duration(s.Period))
	}
	return periods
}

// metricConfig is the configuration of the metric store with the retention in
// force.
func (a *app) metricConfig() metric.Config {
	c := a.cfg.Storage.Metric
	c.Retention = promodel.Duration(a.retention(metricSignal))
	return c
}

// retain puts the retention of a signal in force.
func (a *app) retain(signal string) error {
	if signal == metricSignal {
		return a.metrics.SetRetention(a.retention(signal))
	}
	a.events.SetRetention(eventSignal(signal), a.retention(signal))
	return nil
}

func eventSignal(name string) model.Signal {
	if name == model.Spans.String() {
		return model.Spans
	}
	return model.Logs
}

// aged returns what a retention of a signal is about.
func (a *app) aged(signal string, period time.Duration) retentionChange {
	c := retentionChange{Signal: signal, Period: promodel.Duration(period).String()}
	before := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	if signal == metricSignal {
		old := a.metrics.Aged(period)
		c.Files, c.Rows, c.Bytes, c.Before = old.Blocks, old.Samples, old.Bytes, before(old.Before)
		return c
	}
	old := a.events.Aged(eventSignal(signal), period, time.Now())
	c.Files, c.Rows, c.Bytes, c.Before = old.Files, old.Rows, old.Bytes, before(old.Before)
	return c
}

// mountRetention adds how long data is kept.
func (a *app) mountRetention(r chi.Router) {
	r.Method(http.MethodGet, "/oriel/api/v1/retention", httpx.Handler(a.getRetention, httpx.JSONError))
	r.Method(http.MethodPut, "/oriel/api/v1/retention/{signal}", httpx.Handler(a.putRetention, httpx.JSONError))
	r.Method(http.MethodDelete, "/oriel/api/v1/retention/{signal}", httpx.Handler(a.deleteRetention, httpx.JSONError))
}

// getRetention answers GET /retention.
func (a *app) getRetention(w http.ResponseWriter, _ *http.Request) error {
	a.kept.mu.RLock()
	defer a.kept.mu.RUnlock()
	signals := make([]keptSignal, len(keptSignals))
	for i, name := range keptSignals {
		period, key := a.configuredRetention(name)
		s := keptSignal{Signal: name, Configured: promodel.Duration(period).String(), Key: key, Except: a.keptRules(name)}
		s.Period = s.Configured
		if set, ok := a.kept.set[name]; ok {
			s.Period, s.Updated, s.UpdatedBy = promodel.Duration(set.Period).String(), &set.Updated, set.Author
		}
		signals[i] = s
	}
	return httpx.WriteJSON(w, map[string]any{"editable": a.cfg.Web.AdminAPI, "signals": signals})
}

// keptRules are what oriel.yaml says besides about a signal.
func (a *app) keptRules(signal string) []keptRule {
	rules := []keptRule{}
	if signal != metricSignal {
		for _, s := range a.cfg.Storage.Event.Streams {
			rules = append(rules, keptRule{s.Selector, s.Period.String()})
		}
		return rules
	}
	for _, r := range a.cfg.Storage.Metric.RetentionRules {
		rules = append(rules, keptRule{r.Matcher, r.Retention.String()})
	}
	for _, l := range a.cfg.Storage.Metric.Downsampling {
		rules = append(rules, keptRule{"downsampled to " + l.Resolution.String(), l.Retention.String()})
	}
	return rules
}

// shortestRetention is the least that can be set: a typing error should not
// take everything.
const shortestRetention = time.Hour

// maxRetentionBody bounds the body of a change.
const maxRetentionBody = 1 << 10

// putRetention answers PUT /retention/{signal} with what the change deletes, or
// would delete with dry_run=true.
func (a *app) putRetention(w http.ResponseWriter, r *http.Request) error {
	body, err := httpx.ReadBody(r, maxRetentionBody)
	if err != nil {
		return err
	}
	var asked struct{ Period string }
	if err := json.Unmarshal(body, &asked); err != nil {
		return fmt.Errorf("body: %w: %w", err, fault.ErrInvalid)
	}
	period, err := promodel.ParseDuration(asked.Period)
	if err != nil {
		return fmt.Errorf("period: %w: %w", err, fault.ErrInvalid)
	}
	if period != 0 && time.Duration(period) < shortestRetention {
		return fmt.Errorf("period: %v is shorter than %v; 0 keeps all: %w", period, promodel.Duration(shortestRetention), fault.ErrInvalid)
	}
	return a.changeRetention(w, r, func(string) (time.Duration, bool) { return time.Duration(period), true })
}

// deleteRetention answers DELETE /retention/{signal}: oriel.yaml's is in force
// again.
func (a *app) deleteRetention(w http.ResponseWriter, r *http.Request) error {
	return a.changeRetention(w, r, func(signal string) (time.Duration, bool) {
		period, _ := a.configuredRetention(signal)
		return period, false
	})
}

// changeRetention puts what to returns in force for a signal, and keeps it if it
// is not oriel.yaml's.
func (a *app) changeRetention(w http.ResponseWriter, r *http.Request, to func(signal string) (period time.Duration, keep bool)) error {
	signal, err := keptSignalOf(r)
	if err != nil {
		return err
	}
	dry := false
	if s := r.URL.Query().Get("dry_run"); s != "" {
		if dry, err = strconv.ParseBool(s); err != nil {
			return fmt.Errorf("dry_run: %q is not true or false: %w", s, fault.ErrInvalid)
		}
	}
	period, keep := to(signal)
	change := a.aged(signal, period)
	change.DryRun = dry
	if dry {
		return httpx.WriteJSON(w, change)
	}
	if !a.cfg.Web.AdminAPI {
		return fmt.Errorf("retention is changed here only with web: {admin_api: true}: %w", fault.ErrForbidden)
	}
	a.kept.change.Lock()
	defer a.kept.change.Unlock()
	set := state.Retention{Signal: signal, Period: period, Updated: time.Now().UTC(), Author: userName(r)}
	if keep {
		err = a.state.SaveRetention(r.Context(), set)
	} else {
		err = a.state.DeleteRetention(r.Context(), signal)
	}
	if err != nil {
		return fmt.Errorf("save the retention of %s: %w", signal, err)
	}
	a.kept.mu.Lock()
	if keep {
		a.kept.set[signal] = set
	} else {
		delete(a.kept.set, signal)
	}
	a.kept.mu.Unlock()
	if err := a.retain(signal); err != nil {
		return fmt.Errorf("the retention of %s is saved, but in force from the next start only: %w", signal, err)
	}
	a.log.Info("retention changed", "signal", signal, "retention", promodel.Duration(period), "by", set.Author)
	return httpx.WriteJSON(w, change)
}

func keptSignalOf(r *http.Request) (string, error) {
	name := chi.URLParam(r, "signal")
	for _, s := range keptSignals {
		if s == name {
			return s, nil
		}
	}
	return "", fmt.Errorf("signal %.40q: one of %v: %w", name, keptSignals, fault.ErrNotFound)
}
