package promql

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage/metric"
)

const cacheStart = int64(1_700_000_000_000)

// A fixture is an engine with a cache over a store.
type fixture struct {
	*testing.T
	store  *metric.Store
	engine *Engine
}

func newFixture(t *testing.T, change ...func(*Config)) fixture {
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	store, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	o := Options{Limits: query.DefaultLimits(), Config: DefaultConfig(), Data: store}
	o.Config.ExperimentalFunctions, o.Config.DurationExpressions, o.Config.ExtendedRangeSelectors, o.Config.FillModifiers = true, true, true, true
	for _, f := range change {
		f(&o.Config)
	}
	return fixture{t, store, newEngine(t, o)}
}

// scrape appends a sample of each of some series at ms.
func (f fixture) scrape(ms int64, i int) {
	f.Helper()
	app := f.store.AppenderV2(f.Context())
	add := func(v float64, h *histogram.Histogram, kv ...string) {
		_, err := app.Append(0, labels.FromStrings(kv...), 0, ms, v, h, nil, promstorage.AOptions{})
		require.NoError(f, err)
	}
	for n, job := range []string{"api", "web"} {
		for k, instance := range []string{"a:1", "b:2", "c:3"} {
			if (i+k)%40 < 3 && n == 1 {
				continue // a gap
			}
			for _, code := range []string{"200", "500"} {
				add(float64((i+k)%60*(n+1)), nil, "__name__", "requests_total", "job", job, "instance", instance, "code", code, "method", "GET")
			}
			add(math.Sin(float64(i+k)), nil, "__name__", "load", "job", job, "instance", instance)
			for b, le := range []string{"0.1", "1", "+Inf"} {
				add(float64(i*(b+1)), nil, "__name__", "duration_seconds_bucket", "job", job, "instance", instance, "le", le)
			}
		}
		add(1, nil, "__name__", "build_info", "job", job, "instance", "a:1", "version", fmt.Sprint(i/30))
		c := int64(i%45 + 1)
		add(0, &histogram.Histogram{Count: uint64(3 * c), Sum: float64(c), PositiveSpans: []histogram.Span{{Length: 2}}, PositiveBuckets: []int64{c, c}},
			"__name__", "native_seconds", "job", job)
	}
	if i%50 == 49 {
		add(math.Float64frombits(value.StaleNaN), nil, "__name__", "temperature_celsius", "room", "roof")
	} else {
		add(float64(i%7-3), nil, "__name__", "temperature_celsius", "room", "roof")
	}
	require.NoError(f, app.Commit())
}

// ask returns the answer to a range query as text.
func (f fixture) ask(ctx context.Context, q string, start, end, step int64) string {
	f.Helper()
	x, err := f.engine.NewRangeQuery(ctx, f.store, nil, q, time.UnixMilli(start), time.UnixMilli(end), time.Duration(step)*time.Millisecond)
	if err != nil {
		return err.Error()
	}
	defer x.Close()
	res := x.Exec(f.Context())
	if res.Err != nil {
		return res.Err.Error()
	}
	return fmt.Sprint(res.Value, res.Warnings)
}

func (f fixture) asked(result string) float64 {
	return testutil.ToFloat64(f.engine.results.metrics.asked.WithLabelValues(result))
}

// comparedQueries are those of the end-to-end comparison with Prometheus.
func comparedQueries(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../cmd/oriel/e2e/testdata/promql_queries.txt")
	require.NoError(t, err)
	var all []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && line[0] != '!' && line[0] != '#' {
			all = append(all, line)
		}
	}
	require.Greater(t, len(all), 300)
	return all
}

// While samples come in, some of them late and some of them deleted, a
// dashboard refreshes: whatever the cache has a part in is what the engine
// computes anew.
func TestAnswersOfTheCacheAreTheEngines(t *testing.T) {
	f := newFixture(t)
	queries := comparedQueries(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	const every = 15_000
	i := 0
	for ; i < 120; i++ {
		f.scrape(cacheStart+int64(i)*every, i)
	}
	for round := range 6 {
		for range 1 + rnd.IntN(8) {
			f.scrape(cacheStart+int64(i)*every, i)
			i++
		}
		now := cacheStart + int64(i)*every
		switch round {
		case 2: // late by some minutes
			f.scrape(now-400_000+3, i)
		case 4:
			require.NoError(t, f.store.Delete(t.Context(), now-200_000, now-100_000, labels.MustNewMatcher(labels.MatchEqual, "job", "api")))
		}
		for n, q := range queries {
			step := []int64{15_000, 60_000, 7_000}[n%3]
			end := now/step*step + 2*step
			start := end - 60*step
			want := f.ask(WithoutCache(t.Context()), q, start, end, step)
			for range 2 {
				require.Equal(t, want, f.ask(t.Context(), q, start, end, step), "round %d: %s", round, q)
			}
		}
	}
	require.Greater(t, f.asked("part"), 1000.0, "answers in part")
	require.Greater(t, f.asked("hit"), 100.0)
	t.Logf("%v hits, %v parts, %v misses", f.asked("hit"), f.asked("part"), f.asked("miss"))
}

func TestWhatTheCacheIsGoodFor(t *testing.T) {
	minute := int64(60_000)
	at := cacheStart / minute * minute
	tests := []struct {
		name    string
		query   string
		first   [2]int64 // range of the first query in minutes after at
		then    [2]int64 // and of the second
		between func(f fixture)
		want    string
	}{
		{name: "the same again", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "hit"},
		{name: "a part of it", first: [2]int64{2, 10}, then: [2]int64{5, 9}, want: "hit"},
		{name: "what follows", first: [2]int64{2, 10}, then: [2]int64{5, 12}, want: "part"},
		{name: "what was before", first: [2]int64{5, 10}, then: [2]int64{2, 10}, want: "miss"},
		{name: "something else", first: [2]int64{2, 4}, then: [2]int64{5, 9}, want: "miss"},
		{name: "newer samples change nothing before them", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "hit", between: func(f fixture) { f.scrape(at+25*minute, 1) }},
		{name: "samples in the range end it there", first: [2]int64{5, 20}, then: [2]int64{5, 20}, want: "part", between: func(f fixture) { f.scrape(at+19*minute+20_000, 1) }},
		{name: "late samples before the range end it all", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "miss", between: func(f fixture) { f.scrape(at+3*minute+1, 1) }},
		{name: "rules write too", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "miss", between: func(f fixture) {
			app := f.store.Appender(f.Context())
			_, err := app.Append(0, labels.FromStrings("__name__", "rule"), at, 1)
			require.NoError(f, err)
			require.NoError(f, app.Commit())
		}},
		{name: "deletes", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "miss", between: func(f fixture) {
			require.NoError(f, f.store.Delete(f.Context(), at, at+minute, labels.MustNewMatcher(labels.MatchEqual, "__name__", "nothing")))
		}},
		{name: "a rollback changes nothing", first: [2]int64{5, 10}, then: [2]int64{5, 10}, want: "hit", between: func(f fixture) {
			app := f.store.AppenderV2(f.Context())
			_, err := app.Append(0, labels.FromStrings("__name__", "x"), 0, at, 1, nil, nil, promstorage.AOptions{})
			require.NoError(f, err)
			require.NoError(f, app.Rollback())
		}},
		{name: "values ahead of the step", query: "load offset -3m", first: [2]int64{5, 18}, then: [2]int64{5, 18}, want: "part", between: func(f fixture) { f.scrape(at+20*minute, 1) }},
		{name: "a moment of its own", query: "load @ 1700000900", first: [2]int64{1, 5}, then: [2]int64{1, 5}, want: "miss", between: func(f fixture) { f.scrape(at+12*minute, 1) }},
		{name: "@ end() is for the range alone", query: "load @ end()", first: [2]int64{1, 5}, then: [2]int64{1, 4}, want: "miss"},
		{name: "label_replace is for the range alone", query: `label_replace(load, "a", "b", "", "")`, first: [2]int64{1, 5}, then: [2]int64{1, 4}, want: "miss"},
		{name: "start() is for none", query: "load + start()", first: [2]int64{1, 5}, then: [2]int64{1, 5}, want: "bypass"},
		{name: "annotations are not kept", query: `rate(load[5m])`, first: [2]int64{1, 5}, then: [2]int64{1, 5}, want: "miss"},
		{name: "another phase", first: [2]int64{1, 5}, then: [2]int64{-1, -1}, want: "miss"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			for i := range 20 * 4 {
				f.scrape(at+int64(i)*15_000, i)
			}
			q := tt.query
			if q == "" {
				q = "load"
			}
			f.ask(t.Context(), q, at+tt.first[0]*minute, at+tt.first[1]*minute, minute)
			if tt.between != nil {
				tt.between(f)
			}
			start, end := at+tt.then[0]*minute, at+tt.then[1]*minute
			if tt.then[0] < 0 {
				start, end = at+tt.first[0]*minute+1000, at+tt.first[1]*minute+1000
			}
			before := f.asked(tt.want)
			got := f.ask(t.Context(), q, start, end, minute)
			require.Equal(t, before+1, f.asked(tt.want))
			require.Equal(t, f.ask(WithoutCache(t.Context()), q, start, end, minute), got)
		})
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.ResultCache.MaxBytes = 64 << 10 })
	for i := range 200 {
		f.scrape(cacheStart+int64(i)*15_000, i)
	}
	for i := range 300 {
		f.ask(t.Context(), fmt.Sprintf("load{instance='a:1'} + %d", i), cacheStart, cacheStart+600_000, 15_000)
		_, bytes := f.engine.results.size()
		require.LessOrEqual(t, bytes, int64(64<<10))
	}
	n, _ := f.engine.results.size()
	require.Greater(t, n, 10)
	require.Less(t, n, 300)

	f.ask(t.Context(), `{__name__=~".+"}`, cacheStart, cacheStart+600_000, 15_000)
	require.Nil(t, f.engine.results.get("15000 5000 5m0s {__name__=~\".+\"}"), "one answer takes an eighth at most")
}

func TestAQueryLogHasEveryQuery(t *testing.T) {
	f := newFixture(t)
	f.scrape(cacheStart, 1)
	path := t.TempDir() + "/query.log"
	require.NoError(t, f.engine.LogQueries(path))
	for range 2 {
		f.ask(t.Context(), "load", cacheStart, cacheStart+60_000, 15_000)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(text), "\n"))
	require.NoError(t, f.engine.LogQueries(""))
}

var _ promql.Query = (*cachedRange)(nil)

// shared is a store together with others, as while there is a remote_read.
type shared struct{ *metric.Store }

func (shared) Elsewhere() bool { return true }

func TestNothingIsKeptOfWhatOtherServersHave(t *testing.T) {
	f := newFixture(t)
	f.scrape(cacheStart, 0)
	from := time.UnixMilli(cacheStart)
	for _, source := range []promstorage.Queryable{shared{f.store}, f.store} {
		for range 2 {
			q, err := f.engine.NewRangeQuery(t.Context(), source, nil, "sum(load)", from, from.Add(time.Minute), time.Minute)
			require.NoError(t, err)
			require.NoError(t, q.Exec(t.Context()).Err)
			q.Close()
		}
	}
	asked := f.engine.results.metrics.asked
	require.Equal(t, map[string]float64{"bypass": 2, "miss": 1, "hit": 1}, map[string]float64{
		"bypass": testutil.ToFloat64(asked.WithLabelValues("bypass")),
		"miss":   testutil.ToFloat64(asked.WithLabelValues("miss")),
		"hit":    testutil.ToFloat64(asked.WithLabelValues("hit")),
	})
}

func TestNothingIsFoldedOfWhatOtherServersHave(t *testing.T) {
	f := newFixture(t)
	f.scrape(cacheStart, 0)
	for source, want := range map[promstorage.Queryable]float64{shared{f.store}: 0, f.store: 2} {
		before := testutil.ToFloat64(f.engine.folds.folded)
		q, err := f.engine.NewInstantQuery(t.Context(), source, nil, "sum(load) / count(load)", time.UnixMilli(cacheStart))
		require.NoError(t, err)
		require.NoError(t, q.Exec(t.Context()).Err)
		q.Close()
		require.Equal(t, want, testutil.ToFloat64(f.engine.folds.folded)-before)
	}
}
