package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// A shop is a stand with logs and traces.
type shop struct {
	*stand
	events *storagetest.Memory
	links  []string
}

func newShop(t *testing.T) *shop { return &shop{stand: newStand(t), events: &storagetest.Memory{}} }

// log stores a line of now.
func (s *shop) log(t *testing.T, app, line string) {
	t.Helper()
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}}), time.Now().UnixNano(), line)
	require.NoError(t, s.events.Append(t.Context(), bd.Batch()))
}

// span stores a span of now, of a service that failed or not.
func (s *shop) span(t *testing.T, service string, status model.StatusCode) {
	t.Helper()
	bd := model.NewBuilder(model.Spans, 1)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(service)}}})
	now := time.Now().UnixNano()
	bd.Span(st, model.Span{
		TraceID: model.TraceID{1, byte(now >> 32), byte(now >> 40)}, SpanID: model.SpanID{1, byte(now >> 32)}, Name: "GET /", Start: now, Duration: 1e6, Status: status,
	})
	bd.Attr("service.name", model.String("said by the span"))
	require.NoError(t, s.events.Append(t.Context(), bd.Batch()))
}

func (s *shop) options(files ...string) alerting.Options {
	conf := alerting.DefaultConfig()
	conf.ForGracePeriod = 30 * time.Second
	return alerting.Options{
		Settings: alerting.Settings{Files: files, Config: conf},
		Engines: alerting.Engines{
			Metrics: s.query, Logs: logql.NewEngine(s.events, query.DefaultLimits()), Traces: traceql.NewEngine(s.events, query.DefaultLimits()),
		},
		Appendable: s.store, Queryable: s.store,
		Notify: func(ctx context.Context, expr string, as ...*rules.Alert) {
			if len(as) > 0 {
				s.mu.Lock()
				s.links = append(s.links, alerting.Link(ctx, expr))
				s.mu.Unlock()
			}
			s.notify(ctx, expr, as...)
		},
		Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	}
}

func (s *shop) manager(t *testing.T, files ...string) *alerting.Manager {
	t.Helper()
	m, err := alerting.New(s.options(files...))
	require.NoError(t, err)
	return m
}

const logRules = `groups:
  - name: logs
    signal: logs
    interval: 10s
    rules:
      - record: app:errors:rate1m
        expr: sum by (app) (rate({app=~".+"} |= "error" [1m]))
        labels: {from: logs}
      - alert: Errors
        expr: sum by (app) (count_over_time({app=~".+"}   |= "error" [1m])) > 2
        for: 30s
        annotations:
          summary: '{{ $labels.app }} failed {{ $value }} times of {{ with query "sum(count_over_time({app=\"api\"}[1m]))" }}{{ . | first | value }}{{ end }}'
  - name: metrics
    interval: 10s
    rules:
      - record: twice
        expr: 2 * app:errors:rate1m
`

func TestRulesOverLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		m := s.manager(t, write(t, t.TempDir(), "rules.yml", logRules))
		stop := run(t, m)
		defer stop()
		for range 9 {
			s.log(t, "api", "error: no money")
			s.log(t, "api", "fine")
			s.log(t, "web", "fine")
			time.Sleep(10 * time.Second)
		}
		require.Equal(t, `{__name__="app:errors:rate1m", app="api", from="logs"} 0.1`, s.value(t, "app:errors:rate1m"))
		require.Equal(t, `{__name__="twice", app="api", from="logs"} 0.2`, s.value(t, "twice"), "a metric to other rules")
		require.Equal(t, rules.StateFiring, m.AlertingRules()[0].State())
		require.Contains(t, s.heard(), `firing {alertname="Errors", app="api"} api failed 6 times of 12`)
		require.Equal(t, `sum by (app) (count_over_time({app=~".+"}   |= "error" [1m])) > 2`, m.AlertingRules()[0].Query().String(), "as it was written")
		link, err := url.Parse(s.links[0])
		require.NoError(t, err)
		require.Equal(t, "/explore/logs", link.Path)
		require.Equal(t, m.AlertingRules()[0].Query().String(), link.Query().Get("q"))

		s.forget()
		time.Sleep(2 * time.Minute)
		require.Len(t, s.heard(), 2, "resolved, and told once more a minute later")
		require.Contains(t, s.heard()[0], `resolved {alertname="Errors", app="api"}`)
	})
}

func TestRulesOverTraces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		m := s.manager(t, write(t, t.TempDir(), "rules.yml", `groups:
  - name: traces
    signal: traces
    window: 1m
    interval: 10s
    rules:
      - record: service:failures:count
        expr: '{ status = error } | count_over_time() by (resource.service.name, span.service.name)'
      - record: failures
        expr: '{ status = error } | rate()'
      - alert: Failures
        expr: '{ status = error } | count_over_time() by (resource.service.name) > 2'
  - name: five minutes
    signal: traces
    interval: 10s
    rules:
      - record: spans
        expr: '{ } | count_over_time()'
`))
		stop := run(t, m)
		defer stop()
		for range 12 {
			s.span(t, "api", model.StatusError)
			s.span(t, "web", model.StatusOK)
			time.Sleep(10 * time.Second)
		}
		require.Equal(t, `{__name__="service:failures:count", service_name="api", span_service_name="said by the span"} 6`, s.value(t, "service:failures:count"))
		require.Equal(t, `{__name__="failures"} 0.1`, s.value(t, "failures"))
		require.Equal(t, `{__name__="spans"} 24`, s.value(t, "spans"))
		require.Contains(t, s.heard(), `firing {alertname="Failures", service_name="api"} `)
		require.Contains(t, s.links[0], "/explore/traces?q=%7B+status+%3D+error")
		for _, g := range m.RuleGroups() {
			for _, r := range g.Rules() {
				require.NoError(t, r.LastError())
			}
		}
	})
}

func TestPendingAlertsOverLogsGoOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		path := write(t, t.TempDir(), "rules.yml", "groups:\n  - name: g\n    signal: logs\n    interval: 10s\n    rules:\n"+
			"      - {alert: Errors, expr: 'count_over_time({app=\"api\"}[1m]) > 0', for: 10m}\n")
		fail := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Second) {
				s.log(t, "api", "error")
			}
		}
		stop := run(t, s.manager(t, path))
		fail(9 * time.Minute)
		require.Empty(t, s.heard())
		stop()

		m := s.manager(t, path)
		defer run(t, m)()
		fail(2 * time.Minute)
		require.Equal(t, rules.StateFiring, m.AlertingRules()[0].State())
	})
}

func TestOneTextIsAskedInTheLanguageOfItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		const text = "groups:\n  - name: g\n%s    interval: 10s\n    rules:\n      - {record: n, expr: 'count_over_time({app=\"api\"}[1m])'}\n"
		dir := t.TempDir()
		path := write(t, dir, "rules.yml", fmt.Sprintf(text, ""))
		m := s.manager(t, path)
		defer run(t, m)()
		s.set(t, 1, "__name__", "up", "app", "api")
		for range 3 {
			s.log(t, "api", "hello")
		}
		time.Sleep(11 * time.Second)
		require.Equal(t, `{__name__="n", app="api"} 1`, s.value(t, "n"))

		write(t, dir, "rules.yml", fmt.Sprintf(text, "    signal: logs\n"))
		require.NoError(t, m.Reload(s.options(path).Settings))
		time.Sleep(11 * time.Second)
		require.Equal(t, `{__name__="n", app="api"} 3`, s.value(t, "n"), "the signal alone has changed")
	})
}

func TestCheckFilesReadsEachGroupInItsLanguage(t *testing.T) {
	const head = "groups:\n  - name: g\n"
	for name, c := range map[string]struct {
		text string
		want []string // after the path
	}{
		"logs, and what else there is": {logRules, nil},
		"metrics by name":              {head + "    signal: metrics\n    rules:\n      - {record: a, expr: up}\n", nil},
		"flow style":                   {`groups: [{name: g, signal: traces, window: 1m, rules: [{record: a, expr: "{} | rate()"}]}]`, nil},
		"another signal": {
			head + "    signal: events\n    rules:\n      - {record: a, expr: '{'}\n",
			[]string{`:3:13: group "g": signal "events" is none of metrics, logs and traces`},
		},
		"PromQL about logs": {
			head + "    signal: logs\n    rules:\n      - {record: a, expr: up}\n",
			[]string{`:5:27: group "g", rule 1, "a": could not parse expression: parse error at line 1, col 1: syntax error: unexpected IDENTIFIER`},
		},
		"LogQL about metrics": {
			head + "    rules:\n      - {record: a, expr: 'rate({a=\"b\"} |= \"c\" [1m])'}\n",
			[]string{`:4:27: group "g", rule 1, "a": could not parse expression: 1:14: parse error: unexpected character: '|'`},
		},
		"lines": {
			head + "    signal: logs\n    rules:\n      - alert: A\n        expr: '{a=\"b\"}'\n",
			[]string{`:6:15: group "g", rule 1, "A": could not parse expression: the query selects log lines, and a rule needs numbers: count them, as in count_over_time(... [5m])`},
		},
		"a search": {
			head + "    signal: traces\n    rules:\n      - alert: A\n        expr: '{}'\n",
			[]string{`:6:15: group "g", rule 1, "A": could not parse expression: the query finds traces, and a rule needs numbers: add a metrics function, as in ... | rate()`},
		},
		"window of logs": {
			head + "    signal: logs\n    window: 5m\n    rules: []\n",
			[]string{`:4:13: group "g": window goes with signal: traces only; other expressions name their own ranges`},
		},
		"no window": {
			head + "    signal: traces\n    window: 0s\n    rules: []\n",
			[]string{`:4:13: group "g": window must be longer than 0`},
		},
		"a window that is no duration": {
			head + "    signal: traces\n    window: wide\n    rules: []\n",
			[]string{`:4:13: not a valid duration string: "wide"`},
		},
		"no name":              {"groups:\n  - rules: []\n", []string{`:2:5: Groupname must not be empty`}},
		"bad label of a group": {head + "    labels: {__name__: x}\n    rules: []\n", []string{`:2:5: group "g": invalid label name: __name__`}},
		"Prometheus' own checks": {
			head + "    signal: logs\n    rules:\n      - {record: a, for: 1m, expr: 'rate({a=\"b\"}[1m])'}\n",
			[]string{`:5:18: group "g", rule 1, "a": invalid field 'for' in recording rule`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), "rules.yml", c.text)
			var got []string
			for _, err := range alerting.CheckFiles([]string{path}, nil) {
				require.ErrorIs(t, err, fault.ErrInvalid)
				got = append(got, err.Error()[len(path):])
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestAskNamesWhatIsNotThere(t *testing.T) {
	for _, s := range []alerting.Signal{alerting.Logs, alerting.Traces} {
		_, err := alerting.Engines{}.Ask(t.Context(), alerting.Subject{Signal: s}, "x", time.Now())
		require.ErrorIs(t, err, fault.ErrUnavailable)
	}
}

func TestLinkOfPromQLIsPrometheus(t *testing.T) {
	require.Equal(t, "/graph?g0.expr=up&g0.tab=1", alerting.Link(t.Context(), "up"))
}

func TestLoadedGroupsAreEvaluatedByTheirCaller(t *testing.T) {
	s := newShop(t)
	s.log(t, "api", "error")
	groups, err := alerting.LoadGroups(t.Context(), s.options(write(t, t.TempDir(), "rules.yml", logRules)))
	require.NoError(t, err)
	require.Len(t, groups, 2)
	require.Equal(t, "logs", groups[0].Name())
	require.Implements(t, (*parser.Expr)(nil), groups[0].Rules()[0].Query())
	for _, g := range groups {
		g.Eval(t.Context(), time.Now())
	}
	require.Contains(t, s.value(t, "twice"), labels.FromStrings("__name__", "twice", "app", "api", "from", "logs").String())
}
