package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/silence/silencepb"
	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/storage/state"
)

// patience bounds every wait; nothing waits that long when all is well.
const patience = 10 * time.Second

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	require.Eventually(t, cond, patience, 5*time.Millisecond, what)
}

// A payload is what a webhook receiver reads of version 4.
type payload struct {
	Version     string            `json:"version"`
	Status      string            `json:"status"`
	Receiver    string            `json:"receiver"`
	GroupKey    string            `json:"groupKey"`
	ExternalURL string            `json:"externalURL"`
	GroupLabels map[string]string `json:"groupLabels"`
	Alerts      []struct {
		Status       string            `json:"status"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
		EndsAt       time.Time         `json:"endsAt"`
		GeneratorURL string            `json:"generatorURL"`
		Fingerprint  string            `json:"fingerprint"`
	} `json:"alerts"`
}

// hook is a webhook receiver.
type hook struct {
	url  string
	fail atomic.Int64 // requests to answer 500

	mu   sync.Mutex
	got  []payload
	last time.Time // of the newest
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p payload
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if h.fail.Add(-1) >= 0 {
			http.Error(w, "not now", http.StatusInternalServerError)
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got, h.last = append(h.got, p), time.Now()
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *hook) payloads() []payload {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]payload(nil), h.got...)
}

func (h *hook) statuses() []string {
	out := []string{}
	for _, p := range h.payloads() {
		out = append(out, p.Status)
	}
	return out
}

func (h *hook) source() notify.Source {
	return notify.Source{Name: "test", Text: fmt.Appendf(nil, `
global: {resolve_timeout: 2s}
route: {receiver: hook, group_by: [alertname], group_wait: 10ms, group_interval: 30ms, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: "%s"}]}]
inhibit_rules: [{source_matchers: [severity="page"], target_matchers: [severity="warn"], equal: [job]}]
`, h.url)}
}

// start runs a notify.Manager over dir until stop is called or the test ends.
func start(t *testing.T, dir string, s notify.Source) (m *notify.Manager, stop func()) {
	t.Helper()
	m, _, stop = startWith(t, dir, s, notify.DefaultConfig())
	return m, stop
}

func startWith(t *testing.T, dir string, s notify.Source, c notify.Config, change ...func(*notify.Options)) (m *notify.Manager, db *state.DB, stop func()) {
	t.Helper()
	db, err := state.Open(context.Background(), filepath.Join(dir, "state"))
	require.NoError(t, err)
	external, err := url.Parse("http://oriel.example:4319/")
	require.NoError(t, err)
	o := notify.Options{
		Source: s, Dir: dir, ExternalURL: external, ExternalLabels: func() labels.Labels { return labels.FromStrings("cluster", "c1") },
		State: db, Config: c, Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		Inhibitions: []notify.Inhibition{{Source: "Many", Target: "Each", Equal: []string{"kind"}}},
	}
	for _, f := range change {
		f(&o)
	}
	m, err = notify.New(o)
	require.NoError(t, err)
	return m, db, run(t, func(ctx context.Context) error { return errors.Join(m.Run(ctx), db.Close()) })
}

func run(t *testing.T, f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(stop)
	return stop
}

// world is a metric store with one series, up, and a rule on it.
type world struct {
	store *teststorage.TestStorage
	query rules.QueryFunc
	rules string
	down  atomic.Bool
}

func newWorld(t *testing.T) *world {
	w := &world{store: teststorage.New(t), rules: filepath.Join(t.TempDir(), "rules.yml")}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1000, Timeout: time.Minute})
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	query := rules.EngineQueryFunc(engine, w.store)
	w.query = func(ctx context.Context, q string, at time.Time) (promql.Vector, error) {
		v := 1.0
		if w.down.Load() {
			v = 0
		}
		app := w.store.Appender(ctx)
		if _, err := app.Append(0, labels.FromStrings("__name__", "up", "job", "api"), at.UnixMilli(), v); err != nil {
			return nil, err
		}
		if err := app.Commit(); err != nil {
			return nil, err
		}
		return query(ctx, q, at)
	}
	require.NoError(t, os.WriteFile(w.rules, []byte(`groups: [{name: g, interval: 40ms, rules: [{
  alert: Down, expr: 'up == 0', labels: {severity: page}, annotations: {summary: '{{ $labels.job }} is down'}}]}]`), 0o600))
	return w
}

// watch evaluates the rule and notifies through m.
func (w *world) watch(t *testing.T, m *notify.Manager) (stop func()) {
	conf := alerting.DefaultConfig()
	conf.ResendDelay = 500 * time.Millisecond // alerts live four times as long
	r, err := alerting.New(alerting.Options{
		Settings: alerting.Settings{Files: []string{w.rules}, Config: conf},
		Engines:  alerting.Engines{Metrics: w.query}, Appendable: w.store, Queryable: w.store, Notify: m.Notify,
		Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return run(t, r.Run)
}

func TestARuleThatFiresReachesTheWebhookAndSoDoesItsEnd(t *testing.T) {
	w, h := newWorld(t), newHook(t)
	m, _ := start(t, t.TempDir(), h.source())
	w.watch(t, m)
	w.down.Store(true)
	eventually(t, "firing", func() bool { return len(h.payloads()) > 0 })
	w.down.Store(false)
	eventually(t, "resolved", func() bool { return len(h.payloads()) > 1 })

	require.Equal(t, []string{"firing", "resolved"}, h.statuses())
	p := h.payloads()[0]
	require.Equal(t, "4", p.Version)
	require.Equal(t, "hook", p.Receiver)
	require.Equal(t, `{}:{alertname="Down"}`, p.GroupKey)
	require.Equal(t, map[string]string{"alertname": "Down"}, p.GroupLabels)
	require.Equal(t, "http://oriel.example:4319/", p.ExternalURL)
	require.Len(t, p.Alerts, 1)
	a := p.Alerts[0]
	require.Equal(t, map[string]string{"alertname": "Down", "job": "api", "severity": "page", "cluster": "c1"}, a.Labels)
	require.Equal(t, map[string]string{"summary": "api is down"}, a.Annotations)
	require.Equal(t, "http://oriel.example:4319/graph?g0.expr=up+%3D%3D+0&g0.tab=1", a.GeneratorURL)
	require.True(t, a.EndsAt.IsZero())
	require.False(t, h.payloads()[1].Alerts[0].EndsAt.IsZero())
}

func TestARestartNeitherRepeatsNorForgets(t *testing.T) {
	w, h, dir := newWorld(t), newHook(t), t.TempDir()
	m, stop := start(t, dir, h.source())
	stopRules := w.watch(t, m)
	w.down.Store(true)
	eventually(t, "firing", func() bool { return len(h.payloads()) == 1 })
	h.logged(t, dir)
	stopRules()
	stop()

	// Still down: the rule fires anew, and nobody is told again.
	again := time.Now()
	m, stop = start(t, dir, h.source())
	stopRules = w.watch(t, m)
	eventually(t, "the rule fires", func() bool { return toldSince(m, again) })
	w.down.Store(false)
	eventually(t, "resolved", func() bool { return len(h.payloads()) == 2 })
	require.Equal(t, []string{"firing", "resolved"}, h.statuses())

	// Down, stopped, and well again before the next start.
	w.down.Store(true)
	eventually(t, "firing again", func() bool { return len(h.payloads()) == 3 })
	h.logged(t, dir)
	stopRules()
	stop()
	w.down.Store(false)
	m, _ = start(t, dir, h.source())
	w.watch(t, m)
	eventually(t, "the end is told after the resolve timeout", func() bool { return len(h.payloads()) == 4 })
	require.Equal(t, []string{"firing", "resolved", "firing", "resolved"}, h.statuses())
}

// logged waits until the newest notification is in the log on disk: stopped
// before, Alertmanager would send it again rather than maybe never.
func (h *hook) logged(t *testing.T, dir string) {
	t.Helper()
	h.mu.Lock()
	received := h.last
	h.mu.Unlock()
	eventually(t, "logged", func() bool {
		info, err := os.Stat(filepath.Join(dir, "nflog"))
		return err == nil && info.Size() > 0 && !info.ModTime().Before(received)
	})
}

// toldSince reports whether m has an alert that came in after at.
func toldSince(m *notify.Manager, at time.Time) bool {
	it := m.Alerts().GetPending()
	defer it.Close()
	found := false
	for a := range it.Next() {
		found = found || a.Data.UpdatedAt.After(at)
	}
	return found
}

func TestACrashAfterANotificationDoesNotRepeatIt(t *testing.T) {
	w, h, dir := newWorld(t), newHook(t), t.TempDir()
	m, _ := start(t, dir, h.source())
	stopRules := w.watch(t, m)
	w.down.Store(true)
	eventually(t, "firing", func() bool { return len(h.payloads()) == 1 })
	h.logged(t, dir)
	stopRules()
	again := time.Now()
	crashed := t.TempDir()
	require.NoError(t, os.CopyFS(crashed, os.DirFS(dir))) // as the disk is at this moment

	m, _ = start(t, crashed, h.source())
	w.watch(t, m)
	eventually(t, "the rule fires", func() bool { return toldSince(m, again) })
	w.down.Store(false)
	eventually(t, "resolved", func() bool { return len(h.payloads()) > 1 })
	require.Equal(t, "resolved", h.statuses()[1])
}

// fire puts an alert that lasts a minute.
func fire(t *testing.T, m *notify.Manager, ls promodel.LabelSet) {
	t.Helper()
	now := time.Now()
	require.NoError(t, m.Alerts().Put(t.Context(), &amalert.Alert{
		Alert: promodel.Alert{Labels: ls, StartsAt: now, EndsAt: now.Add(time.Minute)}, UpdatedAt: now,
	}))
}

func TestASilenceMutesUntilItEnds(t *testing.T) {
	h := newHook(t)
	m, _ := start(t, t.TempDir(), h.source())
	sil := &silencepb.Silence{
		MatcherSets: []*silencepb.MatcherSet{{Matchers: []*silencepb.Matcher{{Name: "alertname", Pattern: "Quiet"}}}},
		StartsAt:    timestamppb.Now(), EndsAt: timestamppb.New(time.Now().Add(time.Hour)),
	}
	require.NoError(t, m.Silences().Set(t.Context(), sil))
	fire(t, m, promodel.LabelSet{"alertname": "Quiet"})
	fire(t, m, promodel.LabelSet{"alertname": "Loud"})
	eventually(t, "the other alert", func() bool { return len(h.payloads()) == 1 })
	require.Equal(t, "Loud", h.payloads()[0].GroupLabels["alertname"])

	require.NoError(t, m.Silences().Expire(t.Context(), sil.Id))
	eventually(t, "the silenced alert", func() bool { return len(h.payloads()) == 2 })
	require.Equal(t, "Quiet", h.payloads()[1].GroupLabels["alertname"])
}

func TestSilencesOutliveARestart(t *testing.T) {
	h, dir := newHook(t), t.TempDir()
	m, stop := start(t, dir, h.source())
	sil := &silencepb.Silence{
		MatcherSets: []*silencepb.MatcherSet{{Matchers: []*silencepb.Matcher{{Name: "alertname", Pattern: "Quiet"}}}},
		StartsAt:    timestamppb.Now(), EndsAt: timestamppb.New(time.Now().Add(time.Hour)),
	}
	require.NoError(t, m.Silences().Set(t.Context(), sil))
	stop()
	m, _ = start(t, dir, h.source())
	sils, _, err := m.Silences().Query(t.Context())
	require.NoError(t, err)
	require.Len(t, sils, 1)
	require.Equal(t, sil.Id, sils[0].Id)
}

func TestASourceInhibitsItsTargets(t *testing.T) {
	h := newHook(t)
	m, _ := start(t, t.TempDir(), h.source())
	fire(t, m, promodel.LabelSet{"alertname": "Cause", "severity": "page", "job": "api"})
	fire(t, m, promodel.LabelSet{"alertname": "Effect", "severity": "warn", "job": "api"})
	fire(t, m, promodel.LabelSet{"alertname": "Other", "severity": "warn", "job": "db"})
	eventually(t, "two alerts", func() bool { return len(h.payloads()) == 2 })
	for _, p := range h.payloads() {
		require.NotEqual(t, "Effect", p.GroupLabels["alertname"])
	}
}

func TestAFailingReceiverIsTriedAgain(t *testing.T) {
	h := newHook(t)
	h.fail.Store(2)
	m, _ := start(t, t.TempDir(), h.source())
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "delivered", func() bool { return len(h.payloads()) == 1 })
}

func TestABadConfigurationLeavesTheOldAtWork(t *testing.T) {
	old, next := newHook(t), newHook(t)
	m, _ := start(t, t.TempDir(), old.source())
	bad := next.source()
	bad.Text = bytes.ReplaceAll(bad.Text, []byte("receiver: hook"), []byte("receiver: nobody"))
	require.EqualError(t, m.Reload(t.Context(), bad), `test: undefined receiver "nobody" used in route`)
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "delivered to the old", func() bool { return len(old.payloads()) == 1 })

	require.NoError(t, m.Reload(t.Context(), next.source()))
	fire(t, m, promodel.LabelSet{"alertname": "B"})
	eventually(t, "delivered to the new", func() bool { return len(next.payloads()) == 1 })
	require.Equal(t, "B", next.payloads()[0].GroupLabels["alertname"], "A has been told already")
	require.Len(t, old.payloads(), 1)
}

func TestAlertsAreSeenWithoutAConfiguration(t *testing.T) {
	m, _ := start(t, t.TempDir(), notify.Source{})
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "grouped", func() bool {
		groups, receivers, err := m.Groups(t.Context(), func(*dispatch.Route) bool { return true }, func(*amalert.Alert, time.Time) bool { return true })
		return err == nil && len(groups) == 1 && len(receivers) == 1
	})
}

func TestDamagedStateIsSetAside(t *testing.T) {
	h, dir := newHook(t), t.TempDir()
	for _, name := range []string{"silences", "nflog", "alerts.json"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("\x05damaged"), 0o600))
	}
	m, _ := start(t, dir, h.source())
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "delivered", func() bool { return len(h.payloads()) == 1 })
	for _, name := range []string{"silences", "nflog", "alerts.json"} {
		b, err := os.ReadFile(filepath.Join(dir, name+".corrupt"))
		require.NoError(t, err)
		require.Equal(t, "\x05damaged", string(b))
	}
}

func TestReloadAfterTheEndSaysSo(t *testing.T) {
	m, stop := start(t, t.TempDir(), notify.Source{})
	stop()
	require.EqualError(t, m.Reload(t.Context(), notify.Source{}), "notifications have stopped")
}
