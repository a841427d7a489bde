package slo

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/ruletest"
	"github.com/oriel-obs/oriel/internal/apidoc"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var promqlParser = parser.NewParser(parser.Options{})

func one(t *testing.T, text string) Objective {
	t.Helper()
	all, errs := Parse([]byte("slos: [{"+text+"}]"), promqlParser)
	require.Empty(t, errs)
	require.Len(t, all, 1)
	return all[0]
}

const byPromQL = `name: api, service: shop, objective: 99.9, indicator: {promql: {bad: 'sum(rate(errors_total[$window]))', total: 'sum(rate(events_total[$window]))'}}`

func TestObjectivesBecomeTheseRules(t *testing.T) {
	for name, text := range map[string]string{
		"promql":  byPromQL + `, description: "Money {{ comes in }}", labels: {team: pay}, alerts: {page: {labels: {to: pager}, annotations: {runbook: "https://wiki/x"}}}`,
		"spans":   `name: checkout, objective: 99.5, window: 7d, indicator: {span_metrics: {service: checkout, operation: "POST /pay"}}`,
		"latency": `name: fast, objective: 95, indicator: {span_metrics: {service: checkout, latency: 300ms}}, alerts: {ticket: {disabled: true}}`,
		"logs":    `name: lines, objective: 99, window: 1h, indicator: {logql: {bad: 'sum(rate({app="x"} |= "error" [$window]))', total: 'sum(rate({app="x"}[$window]))'}}`,
	} {
		t.Run(name, func(t *testing.T) {
			o := one(t, text)
			got := o.Rules()
			path := filepath.Join("testdata", name+".yml")
			if *update {
				require.NoError(t, os.WriteFile(path, got, 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			_, errs := alerting.ParseRules(got, promqlParser)
			require.Empty(t, errs)
		})
	}
}

func TestFaultsOfObjectivesAreNamed(t *testing.T) {
	const rest = `, indicator: {span_metrics: {service: x}}`
	for want, text := range map[string]string{
		"the name has":              `name: "a b", objective: 99` + rest,
		"objective 100":             `name: a, objective: 100` + rest,
		"objective 0":               `name: a` + rest,
		"window 30m":                `name: a, objective: 99, window: 30m` + rest,
		"set, not 0":                `name: a, objective: 99`,
		"set, not 2":                `name: a, objective: 99, indicator: {span_metrics: {service: x}, promql: {bad: x, total: y}}`,
		"which service":             `name: a, objective: 99, indicator: {span_metrics: {}}`,
		"bad: write $window":        `name: a, objective: 99, indicator: {promql: {bad: 'rate(x[5m])', total: 'rate(x[$window])'}}`,
		"promql.total: 1:":          `name: a, objective: 99, indicator: {promql: {bad: 'rate(x[$window])', total: 'rate(x[$window]'}}`,
		"logql.bad":                 `name: a, objective: 99, indicator: {logql: {bad: 'rate(x[$window])', total: 'rate({a="b"}[$window])'}}`,
		`label "slo"`:               `name: a, objective: 99, labels: {slo: x}` + rest,
		"field objektive not found": `name: a, objektive: 99` + rest,
		"template":                  `name: a, objective: 99, alerts: {page: {annotations: {x: "{{ nonsense }}"}}}` + rest,
		"there twice":               `name: a, objective: 99` + rest + `}, {name: a, objective: 99` + rest,
	} {
		_, errs := Parse([]byte("slos: [{"+text+"}]"), promqlParser)
		require.NotEmpty(t, errs, want)
		require.ErrorContains(t, errs[len(errs)-1], want)
		require.ErrorIs(t, errs[len(errs)-1], fault.ErrInvalid)
		require.NotContains(t, errs[0].Error(), "\n")
	}
}

// Each burn rate fires the alert it is for, and no other; see table 5-8 of the
// workbook.
func TestABurnFiresItsAlert(t *testing.T) {
	for name, c := range map[string]struct {
		percent float64 // of events that are bad, of which 0.1 % may be
		after   string
		page    bool
		ticket  bool
	}{
		"nothing at all":                     {0, "1h", false, false},
		"within the budget":                  {0.05, "1d", false, false},
		"14.4 times, for long enough":        {1.6, "1h10m", true, false},
		"14.4 times, but not long":           {1.6, "30m", false, false},
		"6 times, for long enough":           {0.7, "6h40m", true, false},
		"6 times, but not long":              {0.7, "2h", false, false},
		"3 times, for a day":                 {0.4, "1d2h", false, true},
		"as fast as the budget, for days":    {0.12, "3d7h", false, true},
		"as fast as the budget, for a while": {0.12, "2d", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := one(t, byPromQL)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yml"), o.Rules(), 0o600))
			quiet := 24 * time.Hour // before the trouble all is well
			if c.after == "6h40m" {
				quiet *= 3 // else that would be a lot for the first days
			}
			after, err := promodel.ParseDuration(c.after)
			require.NoError(t, err)
			at := promodel.Duration(quiet + time.Duration(after))
			var samples []string
			for alert, fires := range map[string]bool{"SLOBurnPage": c.page, "SLOBurnTicket": c.ticket} {
				if fires {
					samples = append(samples, fmt.Sprintf("{labels: '{alertname=%q, slo=\"api\", service=\"shop\"}', value: 1}", alert))
				}
			}
			path := filepath.Join(dir, "test.yml")
			require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `
rule_files: [rules.yml]
evaluation_interval: 5m
tests:
  - interval: 1m
    input_series:
      - {series: 'events_total', values: '0+60000x10500'}
      - {series: 'errors_total', values: '0x%d 0+%vx6000'}
    promql_expr_test:
      - expr: count by (alertname, slo, service) (ALERTS{alertstate="firing"})
        eval_time: %s
        exp_samples: [%s]
`, int(quiet/time.Minute), 600*c.percent, at, strings.Join(samples, ", ")), 0o600))
			var out, faults bytes.Buffer
			passed, err := ruletest.Run(t.Context(), ruletest.Options{Files: []string{path}, Out: &out, Err: &faults})
			require.NoError(t, err)
			require.True(t, passed, faults.String()+out.String())
		})
	}
}

func TestTheForecast(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := func(v float64) *float64 { return &v }
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		remaining, burn *float64
		state           string
		in              time.Duration
	}{
		"nothing known":               {nil, nil, "unknown", 0},
		"burn not known":              {f(0.5), nil, "unknown", 0},
		"used up":                     {f(-0.2), f(1), "exhausted", 0},
		"not burning":                 {f(0.5), f(0), "not in this window", 0},
		"slower than it comes back":   {f(0.5), f(0.4), "not in this window", 0},
		"half left at twice the rate": {f(0.5), f(2), "at", 30 * day / 4},
		"all left at the fast rate":   {f(1), f(14.4), "at", 50 * time.Hour},
	} {
		got := forecast(c.remaining, c.burn, 30*day, now)
		require.Equal(t, c.state, got.State, name)
		if c.state == "at" {
			require.Equal(t, now.Add(c.in), *got.At, name)
		}
	}
}

type api struct {
	t       *testing.T
	m       *Manager
	reloads int
	http    http.Handler
}

func serve(t *testing.T, files ...string) *api {
	t.Helper()
	a := &api{t: t}
	dir := t.TempDir()
	m, err := New(Options{
		Files: files, Dir: filepath.Join(dir, "slos"), Rules: filepath.Join(dir, "rules"), Parser: promqlParser, Log: slog.New(slog.DiscardHandler),
		Ask: func(_ context.Context, expr string, _ time.Time) (promql.Vector, error) {
			require.Contains(t, expr, errorRatio)
			sample := func(v float64, ls ...string) promql.Sample {
				return promql.Sample{F: v, Metric: labels.FromStrings(ls...)}
			}
			return promql.Vector{
				sample(0.0005, "__name__", errorRatio, "slo", "api", "window", "30d"), sample(0.002, "__name__", errorRatio, "slo", "api", "window", "1h"),
				sample(2, "__name__", burnRate, "slo", "api"), sample(0.5, "__name__", budgetRemaining, "slo", "api"),
				sample(7, "__name__", burnRate, "slo", "somebody else's"),
			}, nil
		},
		Reload: func() error { a.reloads++; return nil },
	})
	require.NoError(t, err)
	r := chi.NewRouter()
	m.Mount(r)
	a.m, a.http = m, r
	return a
}

func (a *api) ask(want int, method, path, body string) string {
	a.t.Helper()
	w := httptest.NewRecorder()
	a.http.ServeHTTP(w, httptest.NewRequest(method, "/oriel/api/v1/slos"+path, strings.NewReader(body)))
	require.Equal(a.t, want, w.Code, w.Body)
	return w.Body.String()
}

func TestObjectivesComeThroughTheAPI(t *testing.T) {
	a := serve(t)
	require.JSONEq(t, `{"slos":[]}`, a.ask(200, "GET", "", ""))
	const body = `{"objective":99.9,"indicator":{"span_metrics":{"service":"shop","latency":"300ms"}}}`
	got := a.ask(200, "PUT", "/api", body)
	require.Contains(t, got, `"service":"shop"`)
	require.Contains(t, got, `"good":0.9995`)
	require.Contains(t, got, `"errors":{"1h":0.002,"30d":0.0005}`)
	require.Contains(t, got, `"budgetRemaining":0.5,"burnRate":2`)
	require.Contains(t, got, `"state":"at"`)
	require.Contains(t, got, `"editable":true`)
	require.Equal(t, 1, a.reloads)
	o, err := a.m.get("api", "")
	require.NoError(t, err)
	rules, err := os.ReadFile(filepath.Join(a.m.opts.Rules, "api.yml"))
	require.NoError(t, err)
	require.Equal(t, string(o.Rules()), string(rules))
	require.Equal(t, string(rules), a.ask(200, "GET", "/api/rules.yaml", ""))

	a.ask(200, "PUT", "/api", body)
	require.Equal(t, 1, a.reloads, "nothing has changed")
	for _, bad := range []string{`{`, `{"objective":99}`, `{"name":"b","objective":99}`, `{"unknown":1}`} {
		a.ask(400, "PUT", "/api", bad)
	}
	a.ask(400, "PUT", "/a%20b", body)
	a.ask(204, "DELETE", "/api", "")
	a.ask(404, "DELETE", "/api", "")
	require.NoFileExists(t, filepath.Join(a.m.opts.Rules, "api.yml"))
	require.Equal(t, 2, a.reloads)
}

func TestObjectivesOfFilesAreChangedThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slo.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("slos: [{" + byPromQL + "}]")
	a := serve(t, path)
	require.Contains(t, a.ask(200, "GET", "/api", ""), `"editable":false`)
	require.Contains(t, a.ask(409, "DELETE", "/api", ""), "is changed there")
	a.ask(409, "PUT", "/api", `{"objective":99.9,"indicator":{"span_metrics":{"service":"shop"}}}`)

	write("slos: [{name: broken}]")
	require.Error(t, a.m.Load())
	require.Contains(t, a.ask(200, "GET", "/api", ""), `"objective":99.9`, "the old ones stay in force")
	write("slos: [{" + strings.Replace(byPromQL, "99.9", "99", 1) + "}]")
	require.NoError(t, a.m.Load())
	require.Contains(t, a.ask(200, "GET", "/api", ""), `"objective":99,`)
	require.Equal(t, 1, a.reloads)

	_, err := New(Options{Files: []string{path + ".none"}, Dir: t.TempDir(), Rules: t.TempDir(), Parser: promqlParser, Log: slog.New(slog.DiscardHandler)})
	require.ErrorContains(t, err, "does not exist")
}

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	r := chi.NewRouter()
	(&Manager{}).Mount(r)
	var served []string
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		served = append(served, method+" "+strings.TrimPrefix(route, "/oriel/api/v1"))
		return nil
	}))
	described, err := apidoc.Operations(Document)
	require.NoError(t, err)
	require.ElementsMatch(t, served, described)
}

func TestObjectivesAreTheirTenants(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slo.yaml")
	require.NoError(t, os.WriteFile(file, []byte("slos: [{"+byPromQL+"}]"), 0o600))
	homes := alerting.Homes{Dir: t.TempDir()}
	options := Options{
		Files: []string{file}, Dir: homes.Objectives(""), Rules: filepath.Join(homes.Rules(""), "slo"), FileRules: filepath.Join(homes.Dir, "of-files"),
		Homes: &homes, Parser: promqlParser, Log: slog.New(slog.DiscardHandler),
		Ask: func(ctx context.Context, _ string, _ time.Time) (promql.Vector, error) {
			var out promql.Vector
			for i, tenant := range auth.From(ctx).Tenants {
				ls := []string{"__name__", burnRate, "slo", "mine"}
				if len(auth.From(ctx).Tenants) > 1 {
					ls = append(ls, auth.TenantLabel, tenant)
				}
				out = append(out, promql.Sample{F: float64(i + 1), Metric: labels.FromStrings(ls...)})
			}
			return out, nil
		},
	}
	m, err := New(options)
	require.NoError(t, err)
	r := chi.NewRouter()
	m.Mount(r)
	ask := func(want int, tenants, method, path, body string) string {
		t.Helper()
		id := &auth.Identity{Tenants: strings.Split(tenants, "|"), Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequestWithContext(auth.With(t.Context(), id), method, "/oriel/api/v1/slos"+path, strings.NewReader(body)))
		require.Equal(t, want, w.Code, w.Body)
		return w.Body.String()
	}
	const body = `{"objective":%s,"indicator":{"span_metrics":{"service":"shop"}}}`
	for tenant, objective := range map[string]string{"": "97", "a": "98", "b": "99"} {
		ask(200, tenant, "PUT", "/mine", fmt.Sprintf(body, objective))
	}
	require.Contains(t, ask(200, "a", "GET", "/mine", ""), `"objective":98,`)
	require.Contains(t, ask(200, "a", "GET", "/mine", ""), `"burnRate":1,`)
	require.NotContains(t, ask(200, "a", "GET", "", ""), `"name":"api"`)
	require.Contains(t, ask(200, "", "GET", "", ""), `"name":"api"`, "files are the operator's")
	ask(404, "a", "GET", "/api", "")
	ask(200, "a", "PUT", "/api", fmt.Sprintf(body, "98")) // whatever others call theirs
	ask(409, "", "DELETE", "/api", "")
	both := ask(200, "a|b", "GET", "", "")
	require.Regexp(t, `"objective":98,.*"burnRate":1,.*"tenant":"a".*"objective":99,.*"burnRate":2,.*"tenant":"b"`, both)

	require.FileExists(t, filepath.Join(options.FileRules, "api.yml"))
	require.NoFileExists(t, filepath.Join(options.Rules, "api.yml"))
	require.FileExists(t, filepath.Join(homes.Rules("a"), "slo", "mine.yml"))
	ask(204, "a", "DELETE", "/mine", "")
	ask(404, "a", "DELETE", "/mine", "")
	require.NoFileExists(t, filepath.Join(homes.Rules("a"), "slo", "mine.yml"))
	require.FileExists(t, filepath.Join(homes.Rules("b"), "slo", "mine.yml"))

	// Without tenants there are those of the files and the default one's, at one
	// place.
	options.Homes = nil
	_, err = New(options)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(options.Rules, "api.yml"))
	require.FileExists(t, filepath.Join(options.Rules, "mine.yml"))
	require.NoFileExists(t, filepath.Join(options.FileRules, "api.yml"))
}
