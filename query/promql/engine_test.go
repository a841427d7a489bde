package promql

import (
	"context"
	"slices"
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
	e := New(limits, promslog.NewNopLogger(), prometheus.NewRegistry())
	res := eval(t.Context(), t, e, `vector(1) or label_replace(vector(2), "a", "1", "", "") or label_replace(vector(3), "a", "2", "", "")`)
	require.ErrorContains(t, res.Err, "query processing would load too many samples into memory")
}

func TestExperimentalFunctionsAreOff(t *testing.T) {
	e := New(query.DefaultLimits(), promslog.NewNopLogger(), prometheus.NewRegistry())
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

		q.leave()
		require.NoError(t, <-done)
	})
}

func TestAQueuedQueryTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := query.DefaultLimits()
		limits.MaxConcurrent = 1
		e := New(limits, promslog.NewNopLogger(), prometheus.NewRegistry())
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
