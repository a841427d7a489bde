package promql

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage/metric/bulk"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
	"github.com/oriel-obs/oriel/storage/metric/metrictest"
)

// oldStore has 40 series of forty days that end at end: of windows of six hours, of
// an hour and of five minutes, and of samples, which read reads.
func oldStore(t *testing.T, end time.Time, read tsdb.BlockQuerierFunc) *downsample.Store {
	t.Helper()
	day := 24 * time.Hour
	levels := []downsample.Level{
		{Resolution: model.Duration(5 * time.Minute), After: model.Duration(2 * day), Retention: model.Duration(12 * day)},
		{Resolution: model.Duration(time.Hour), After: model.Duration(4 * day), Retention: model.Duration(400 * day)},
		{Resolution: model.Duration(6 * time.Hour), After: model.Duration(6 * day), Retention: model.Duration(400 * day)},
	}
	o := metrictest.Old{
		Dir: filepath.Join(t.TempDir(), "metric"), Start: end.Add(-40 * day), End: end, Scrape: 2 * time.Minute, Levels: levels, Retention: 3 * day,
	}
	for i := range 10 {
		rnd := rand.New(rand.NewPCG(7, uint64(i)))
		var v float64
		o.Motions = append(o.Motions, func() float64 {
			switch {
			case i < 6 && rnd.IntN(2000) == 0:
				v = 0
			case i < 6:
				v += float64(rnd.IntN(50)) / 8
			case rnd.IntN(500) == 0:
				return math.NaN()
			case i == 9 && rnd.IntN(100) == 0:
				return math.Float64frombits(value.StaleNaN)
			default:
				v = rnd.NormFloat64() * 100
			}
			return v
		})
	}
	for i := range 40 {
		name := "calls_total"
		if i%10 >= 6 {
			name = "heat"
		}
		o.Series = append(o.Series, metrictest.Series{Motion: i % 10, Labels: labels.FromStrings("__name__", name, "host", fmt.Sprint(i), "job", fmt.Sprint(i%3))})
	}
	require.NoError(t, o.Write(t.Context()))
	opts := tsdb.DefaultOptions()
	opts.RetentionDuration, opts.NoLockfile, opts.BlockQuerierFunc = 0, true, read
	db, err := tsdb.Open(o.Dir, promslog.NewNopLogger(), nil, opts, nil)
	require.NoError(t, err)
	db.DisableCompactions()
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s, err := downsample.Open(downsample.Options{
		Dir: filepath.Join(o.Dir, "downsampled"), Levels: levels, DB: db, Log: promslog.NewNopLogger(), Now: func() time.Time { return end },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Folding decodes windows many at a time and several series at once; the engine
// asks for one sample after the other.
func TestFoldedQueriesOfWindowsAnswerAsTheEngineDoes(t *testing.T) {
	end := time.Date(2025, 6, 1, 5, 0, 0, 0, time.UTC)
	plain := newEngine(t, Options{Limits: query.DefaultLimits(), Config: Config{NoFolding: true}})
	folding := newEngine(t, Options{Limits: query.DefaultLimits()})
	stores := map[*Engine]*downsample.Store{plain: oldStore(t, end, nil), folding: oldStore(t, end, bulk.Querier)}
	answer := func(e *Engine, expr string, from, to time.Time, step time.Duration) *promql.Result {
		q, err := e.NewRangeQuery(t.Context(), stores[e], nil, expr, from, to, step)
		require.NoError(t, err)
		t.Cleanup(q.Close)
		return q.Exec(t.Context())
	}
	exprs := []string{`sum by (job) (heat)`, `count(calls_total)`, `avg by (job) (calls_total offset 1d)`, `max(last_over_time({job="1"}[6h]))`}
	for _, f := range []string{"rate", "increase", "delta", "irate", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "count_over_time", "changes"} {
		for _, r := range []string{"6h", "12h", "24h", "45m", "21615s"} {
			exprs = append(exprs, fmt.Sprintf(`sum by (job) (%s(calls_total[%s]))`, f, r), fmt.Sprintf(`max by (job) (%s(heat[%s]))`, f, r))
		}
	}
	for _, grid := range []struct {
		to   time.Time
		step time.Duration
	}{
		{end.Truncate(12 * time.Hour), 12 * time.Hour},
		{end.Truncate(12 * time.Hour), 6 * time.Hour},
		{end, 6 * time.Hour},
		{end.Add(-1234567 * time.Millisecond), 7 * time.Hour},
	} {
		from := grid.to.Add(-39 * 24 * time.Hour).Add((39 * 24 * time.Hour) % grid.step)
		for _, expr := range exprs {
			compare(t, fmt.Sprint(expr, " every ", grid.step), answer(plain, expr, from, grid.to, grid.step), answer(folding, expr, from, grid.to, grid.step), true)
		}
	}
}
