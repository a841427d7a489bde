package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
)

// stand is a metric store, an engine over it, and an ear for alerts.
type stand struct {
	store *teststorage.TestStorage
	query rules.QueryFunc

	mu   sync.Mutex
	told []string
}

func newStand(t *testing.T) *stand {
	s := &stand{store: teststorage.New(t)}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1000, Timeout: time.Minute})
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	s.query = rules.EngineQueryFunc(engine, s.store)
	return s
}

func (s *stand) notify(_ context.Context, _ string, as ...*rules.Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range as {
		state := "firing"
		if !a.ResolvedAt.IsZero() {
			state = "resolved"
		}
		s.told = append(s.told, state+" "+a.Labels.String()+" "+a.Annotations.Get("summary"))
	}
}

func (s *stand) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.told)
}

func (s *stand) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = nil
}

// set stores a sample of now.
func (s *stand) set(t *testing.T, v float64, series ...string) {
	t.Helper()
	app := s.store.Appender(context.Background())
	_, err := app.Append(0, labels.FromStrings(series...), time.Now().UnixMilli(), v)
	require.NoError(t, err)
	require.NoError(t, app.Commit())
}

func (s *stand) value(t *testing.T, query string) string {
	t.Helper()
	v, err := s.query(context.Background(), query, time.Now())
	require.NoError(t, err)
	var out []string
	for _, x := range v {
		out = append(out, fmt.Sprintf("%v %v", x.Metric, x.F))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func (s *stand) manager(t *testing.T, files ...string) *alerting.Manager {
	t.Helper()
	conf := alerting.DefaultConfig()
	conf.ForGracePeriod = 30 * time.Second
	m, err := alerting.New(alerting.Options{
		Settings: alerting.Settings{Files: files, Config: conf},
		Engines:  alerting.Engines{Metrics: s.query}, Appendable: s.store, Queryable: s.store, Notify: s.notify,
		Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return m
}

// run runs m until the returned function is called.
func run(t *testing.T, m *alerting.Manager) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

func TestRulesAreRecordedFireAndResolve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		m := s.manager(t, write(t, t.TempDir(), "rules.yml", goodRules))
		require.Empty(t, m.RuleGroups(), "nothing is evaluated before Run")
		stop := run(t, m)
		defer stop()
		require.Len(t, m.RuleGroups(), 1)
		require.Len(t, m.AlertingRules(), 1)

		down := func(v float64, d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Second) {
				s.set(t, v, "__name__", "up", "job", "api")
			}
		}
		down(0, 30*time.Second)
		require.Equal(t, `{__name__="job:up:sum", job="api", team="shop"} 0`, s.value(t, "job:up:sum"))
		require.Equal(t, rules.StatePending, m.AlertingRules()[0].State())
		require.Empty(t, s.heard())

		down(0, time.Minute)
		require.Equal(t, rules.StateFiring, m.AlertingRules()[0].State())
		require.Equal(t, []string{`firing {alertname="Down", job="api", severity="page", team="shop"} api is down: 0`}, s.heard())
		require.Contains(t, s.value(t, "ALERTS"), `alertstate="firing"`)

		s.forget()
		down(1, 90*time.Second) // keep_firing_for, and a little
		require.Contains(t, s.heard(), `resolved {alertname="Down", job="api", severity="page", team="shop"} api is down: 0`)
		require.Empty(t, s.value(t, "ALERTS"))
	})
}

func TestPendingAlertsGoOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		path := write(t, t.TempDir(), "rules.yml", "groups:\n  - name: g\n    interval: 10s\n    rules:\n      - {alert: Down, expr: up == 0, for: 10m}\n")
		down := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Second) {
				s.set(t, 0, "__name__", "up")
			}
		}
		stop := run(t, s.manager(t, path))
		down(9 * time.Minute)
		require.Empty(t, s.heard())
		stop()

		m := s.manager(t, path)
		stop = run(t, m)
		defer stop()
		down(2 * time.Minute)
		require.NotEmpty(t, s.heard(), "11 minutes in all: fires though the process is 2 minutes old")
		require.Equal(t, rules.StateFiring, m.AlertingRules()[0].State())
	})
}

func TestReloadIsWholeOrNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		dir := t.TempDir()
		a := write(t, dir, "a.yml", goodRules)
		m := s.manager(t, a)
		stop := run(t, m)
		defer stop()
		names := func() (out []string) {
			for _, g := range m.RuleGroups() {
				out = append(out, g.Name())
			}
			return out
		}

		settings := func(files ...string) alerting.Settings {
			return alerting.Settings{Files: files, Config: alerting.DefaultConfig()}
		}
		b := write(t, dir, "b.yml", "groups:\n  - name: h\n    rules:\n      - {record: one, expr: '1'}\n")
		bad := write(t, dir, "bad.yml", "groups:\n  - name: i\n    rules:\n      - {record: one, expr: 'sum('}\n")
		require.ErrorContains(t, m.Reload(settings(b, bad)), bad+":4:")
		require.Equal(t, []string{"g"}, names())

		require.NoError(t, m.Reload(settings(a, b)))
		require.Equal(t, []string{"g", "h"}, names())

		require.NoError(t, m.Reload(settings()))
		require.Empty(t, names())
	})
}

func TestChangedFilesAreLoadedWholeOrNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		dir := t.TempDir()
		write(t, dir, "a.yml", goodRules)
		reg := prometheus.NewRegistry()
		m, err := alerting.New(alerting.Options{
			Settings: alerting.Settings{Files: []string{filepath.Join(dir, "*.yml")}, Config: alerting.DefaultConfig()},
			Engines:  alerting.Engines{Metrics: s.query}, Appendable: s.store, Queryable: s.store,
			Registerer: reg, Log: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		defer run(t, m)()
		state := func() (out []string) {
			for _, g := range m.RuleGroups() {
				out = append(out, g.Name())
			}
			return append(out, fmt.Sprint(testutil.GatherAndCompare(reg, strings.NewReader("# TYPE oriel_rules_last_load_successful gauge\n"+
				"# HELP oriel_rules_last_load_successful Whether the rule files were good when they were last read.\noriel_rules_last_load_successful 1\n"), "oriel_rules_last_load_successful") == nil))
		}
		time.Sleep(22 * time.Second) // between two looks at the files
		unchanged := m.RuleGroups()[0]

		write(t, dir, "b.yml", "groups:\n  - name: h\n    rules:\n      - {record: one, expr: '1'}\n")
		time.Sleep(6 * time.Second)
		require.Equal(t, []string{"g", "true"}, state(), "it may not be complete")
		time.Sleep(5 * time.Second)
		require.Equal(t, []string{"g", "h", "true"}, state())
		require.Same(t, unchanged, m.RuleGroups()[0], "keeps its state and its rhythm")

		write(t, dir, "b.yml", "groups:\n  - name: h\n    rules:\n      - {record: one, expr: 'sum('}\n")
		require.NoError(t, os.Remove(filepath.Join(dir, "a.yml")))
		time.Sleep(15 * time.Second)
		require.Equal(t, []string{"g", "h", "false"}, state())

		require.NoError(t, os.Remove(filepath.Join(dir, "b.yml")))
		time.Sleep(15 * time.Second)
		require.Equal(t, []string{"true"}, state())
	})
}

func TestNewRefusesBadFilesAndSettings(t *testing.T) {
	s := newStand(t)
	o := alerting.Options{
		Engines: alerting.Engines{Metrics: s.query}, Appendable: s.store, Queryable: s.store,
		Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	}
	o.Config = alerting.DefaultConfig()
	o.Files = []string{write(t, t.TempDir(), "bad.yml", "groups: 1")}
	_, err := alerting.New(o)
	require.ErrorContains(t, err, "bad.yml:1: cannot unmarshal")

	o.Files, o.Config = nil, alerting.Config{QueryOffset: -1}
	_, err = alerting.New(o)
	require.EqualError(t, err, "rules: evaluation_interval: 0s is not positive\nquery_offset: -1ns is negative")
}

func TestManagerWithoutRulesRunsAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run(t, newStand(t).manager(t))()
	})
}
