package promql

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
)

// behindFlags are the scripts with cases that need delayed name removal or start
// timestamps, which Prometheus, and so Oriel, leaves off unless asked.
var behindFlags = []string{
	"testdata/histograms.test",
	"testdata/name_label_dropping.test",
	"testdata/native_histograms.test",
	"testdata/start_timestamps.test",
	"testdata/type_and_unit.test",
}

// scripts runs the built-in scripts that run says yes to.
type scripts struct {
	*testing.T
	run func(name string) bool
}

func (s scripts) Run(name string, f func(*testing.T)) bool {
	if !s.run(name) {
		return true
	}
	return s.T.Run(name, f)
}

func TestBuiltinScriptsPassWithOurSettings(t *testing.T) {
	o := options(query.DefaultLimits(), parser.NewParser(promqltest.TestParserOpts))
	e := promqltest.NewTestEngineWithOpts(t, o)
	promqltest.RunBuiltinTests(scripts{t, func(name string) bool { return !slices.Contains(behindFlags, name) }}, e)
}

func TestBuiltinScriptsBehindFlagsPassWithTheFlags(t *testing.T) {
	o := options(query.DefaultLimits(), parser.NewParser(promqltest.TestParserOpts))
	o.EnableDelayedNameRemoval, o.UseStartTimestamps = true, true
	e := promqltest.NewTestEngineWithOpts(t, o)
	promqltest.RunBuiltinTests(scripts{t, func(name string) bool { return slices.Contains(behindFlags, name) }}, e)
}

func TestQueryOverASampleLimitFails(t *testing.T) {
	limits := query.DefaultLimits()
	limits.MaxSamples = 2
	e := newEngine(t, Options{Limits: limits})
	res := eval(t.Context(), t, e, `vector(1) or label_replace(vector(2), "a", "1", "", "") or label_replace(vector(3), "a", "2", "", "")`)
	require.ErrorContains(t, res.Err, "query processing would load too many samples into memory")
}

func TestExperimentalFunctionsAreOff(t *testing.T) {
	e := newEngine(t, Options{Limits: query.DefaultLimits()})
	_, err := e.NewInstantQuery(t.Context(), nothing{}, nil, `sort_by_label(up, "a")`, time.Now())
	require.ErrorContains(t, err, "is not enabled")
}

func TestQueriesOverTheLimitWaitTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, time.Minute)
		require.NoError(t, q.enter(t.Context()))

		done := make(chan error, 1)
		go func() { done <- q.enter(t.Context()) }()
		synctest.Wait()
		require.Empty(t, done, "the second query started beside the first")

		q.leave(t.Context())
		require.NoError(t, <-done)
	})
}

func TestAQueuedQueryTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := query.DefaultLimits()
		limits.MaxConcurrent = 1
		e := newEngine(t, Options{Limits: limits})
		require.NoError(t, e.queue.enter(t.Context())) // and never leaves
		res := eval(t.Context(), t, e, `vector(1)`)
		var timeout promql.ErrQueryTimeout
		require.ErrorAs(t, res.Err, &timeout)
	})
}

func TestAQueuedQueryLeavesWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, time.Minute)
		require.NoError(t, q.enter(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- q.enter(ctx) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-done, promql.ErrQueryCanceled("query queue"))
	})
}

func TestExperimentalFunctionsAreOnIfAskedFor(t *testing.T) {
	o := Options{Limits: query.DefaultLimits()}
	o.Config.ExperimentalFunctions = true
	e := newEngine(t, o)
	res := eval(t.Context(), t, e, `sort_by_label(vector(1), "a")`)
	require.NoError(t, res.Err)
	for name, q := range map[string]string{
		"duration expressions":     `rate(up[5m * 2])`,
		"extended range selectors": `rate(up[5m] anchored)`,
		"fill modifiers":           `up + fill(0) up`,
	} {
		_, err := e.Parser.ParseExpr(q)
		require.Error(t, err, "%s have a switch of their own", name)
	}
	all := Config{
		ExperimentalFunctions: true, DurationExpressions: true, ExtendedRangeSelectors: true, FillModifiers: true, DelayedNameRemoval: true,
	}.Parser()
	for _, q := range []string{`info(up)`, `rate(up[5m * 2])`, `rate(up[5m] anchored)`, `up + fill(0) up`} {
		_, err := all.ParseExpr(q)
		require.NoError(t, err, q)
	}
}

func TestRangeQueriesHaveAtMostMaxPoints(t *testing.T) {
	limits := query.DefaultLimits()
	limits.MaxPoints = 10
	e := newEngine(t, Options{Limits: limits})
	start := time.Unix(1_700_000_000, 0)
	_, err := e.NewRangeQuery(t.Context(), nothing{}, nil, "up", start, start.Add(10*time.Minute), time.Minute)
	require.NoError(t, err)
	_, err = e.NewRangeQuery(t.Context(), nothing{}, nil, "up", start, start.Add(11*time.Minute), time.Minute)
	require.ErrorContains(t, err, "exceeded maximum resolution of 10 points per timeseries (query.max_points)")
}

func TestQueriesAreLoggedWhileThereIsALog(t *testing.T) {
	e := newEngine(t, Options{Limits: query.DefaultLimits()})
	path := filepath.Join(t.TempDir(), "query.log")
	require.NoError(t, e.LogQueries(path))
	require.NoError(t, eval(t.Context(), t, e, "vector(1)").Err)
	require.NoError(t, e.LogQueries(""))
	require.NoError(t, eval(t.Context(), t, e, "vector(2)").Err)

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), `"query":"vector(1)"`)
	require.Equal(t, 1, strings.Count(string(text), "\n"))

	require.ErrorContains(t, e.LogQueries(filepath.Join(path, "below-a-file")), "open query log")
}

func TestAQueryIsOnFileWhileItRuns(t *testing.T) {
	dir := t.TempDir()
	o := Options{Limits: query.DefaultLimits(), Dir: dir}
	o.Limits.MaxConcurrent = 1
	e := newEngine(t, o)
	onFile := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "queries.active"))
		require.NoError(t, err)
		return string(text)
	}
	for range 3 { // more than there are places
		var during string
		q, err := e.NewInstantQuery(t.Context(), watched{func() { during = onFile() }}, nil, "watched_metric", time.Now())
		require.NoError(t, err)
		require.NoError(t, q.Exec(t.Context()).Err)
		q.Close()
		require.Contains(t, during, "watched_metric")
		require.NotContains(t, onFile(), "watched_metric")
	}
}

func TestWhatADeadProcessWasEvaluatingIsLogged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "queries.active"), []byte(`[{"query":"sum(everything)","timestamp_sec":1},`), 0o644))
	var log strings.Builder
	newEngine(t, Options{Limits: query.DefaultLimits(), Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.Contains(t, log.String(), "sum(everything)")
}

// newEngine fills in what tests do not care for.
func newEngine(t *testing.T, o Options) *Engine {
	t.Helper()
	if o.Log == nil {
		o.Log = promslog.NewNopLogger()
	}
	o.Registerer = prometheus.NewRegistry()
	e, err := New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func eval(ctx context.Context, t *testing.T, e *Engine, expr string) *promql.Result {
	t.Helper()
	q, err := e.NewInstantQuery(ctx, nothing{}, nil, expr, time.Now())
	require.NoError(t, err)
	t.Cleanup(q.Close)
	return q.Exec(ctx)
}

// nothing is a Queryable without series.
type nothing struct{}

func (nothing) Querier(_, _ int64) (promstorage.Querier, error) {
	return promstorage.NoopQuerier(), nil
}

// watched is a Queryable without series that tells when it is asked.
type watched struct{ asked func() }

func (w watched) Querier(_, _ int64) (promstorage.Querier, error) {
	w.asked()
	return promstorage.NoopQuerier(), nil
}
