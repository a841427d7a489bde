package metrictest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
	"github.com/oriel-obs/oriel/storage/metric/metrictest"
)

const (
	days   = 24
	scrape = 5 * time.Minute
)

var (
	start = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	end   = start.Add(days*24*time.Hour + 7*time.Hour)
	keeps = 3 * 24 * time.Hour
)

func levels() []downsample.Level {
	day := 24 * time.Hour
	return []downsample.Level{
		{Resolution: model.Duration(5 * time.Minute), After: model.Duration(40 * time.Hour), Retention: model.Duration(10 * day)},
		{Resolution: model.Duration(time.Hour), After: model.Duration(4 * day), Retention: model.Duration(400 * day)},
	}
}

// motions are a counter that is reset now and then, and a gauge.
func motions() []func() float64 {
	rnd, other := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
	var counter float64
	return []func() float64{
		func() float64 {
			if rnd.IntN(500) == 0 {
				counter = 0
			}
			counter += float64(rnd.IntN(100))
			return counter
		},
		func() float64 { return math.Round(other.NormFloat64() * 1000) },
	}
}

// allSeries returns some that share the motions, and are not sorted.
func allSeries() (all []metrictest.Series) {
	for i := range 6 {
		all = append(all, metrictest.Series{Motion: i % 2, Labels: labels.FromStrings(
			"__name__", []string{"calls_total", "heat"}[i%2], "host", fmt.Sprint("h", (i*5)%7),
		)})
	}
	return all
}

// opened is a database with its windows.
func opened(t *testing.T, dir string) *downsample.Store {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.RetentionDuration, o.NoLockfile = 0, true
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, o, nil)
	require.NoError(t, err)
	db.DisableCompactions()
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s, err := downsample.Open(downsample.Options{
		Dir: filepath.Join(dir, "downsampled"), Levels: levels(), DB: db, Log: promslog.NewNopLogger(), Now: func() time.Time { return end },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// appended is a store that got every sample one by one, and downsampled them.
func appended(t *testing.T, dir string) {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.RetentionDuration, o.NoLockfile = 0, true
	o.MinBlockDuration, o.MaxBlockDuration = (12 * time.Hour).Milliseconds(), (48 * time.Hour).Milliseconds() // few files
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, o, nil)
	require.NoError(t, err)
	moves := motions()
	all := allSeries()
	for step := range int(end.Sub(start) / scrape) {
		app := db.Appender(t.Context())
		for i, move := range moves {
			v := move()
			for _, s := range all {
				if s.Motion == i {
					_, err := app.Append(0, s.Labels, start.Add(time.Duration(step)*scrape).UnixMilli()+int64(i)*1237, v)
					require.NoError(t, err)
				}
			}
		}
		require.NoError(t, app.Commit())
	}
	require.NoError(t, db.Compact(t.Context()))
	require.NoError(t, db.Close())
	require.NoError(t, opened(t, dir).Pass(t.Context()))
}

func TestAnOldStoreAnswersAsOneThatGotEverySample(t *testing.T) {
	whole, written := t.TempDir(), filepath.Join(t.TempDir(), "metric")
	appended(t, whole)
	o := metrictest.Old{
		Dir: written, Start: start, End: end, Scrape: scrape, Levels: levels(), Retention: keeps, Motions: motions(), Series: allSeries(),
	}
	require.NoError(t, o.Write(t.Context()))
	want, got := opened(t, whole), opened(t, written)
	for i, level := range got.Status() {
		of := want.Status()[i]
		require.Equal(t, []any{of.Resolution, of.Blocks, of.From, of.To}, []any{level.Resolution, level.Blocks, level.From, level.To})
	}

	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e7, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	ask := func(s *downsample.Store, expr string, from, to time.Time, step time.Duration) (string, []string) {
		q, err := engine.NewRangeQuery(t.Context(), s, nil, expr, from, to, step)
		require.NoError(t, err)
		defer q.Close()
		r := q.Exec(t.Context())
		require.NoError(t, r.Err)
		_, infos := r.Warnings.AsStrings("", 0, 0)
		slices.Sort(infos)
		return r.String(), infos
	}
	for _, expr := range []string{
		`rate(calls_total[6h])`, `increase(calls_total[12h])`, `heat`, `calls_total`, `max_over_time(heat[6h])`, `min_over_time(heat[6h])`,
		`sum_over_time(heat[6h])`, `avg_over_time(heat[6h])`, `count_over_time(heat[6h])`,
	} {
		for _, asked := range []struct {
			from, to time.Time
			step     time.Duration
		}{
			{start.Add(24 * time.Hour), end.Truncate(6 * time.Hour), 6 * time.Hour}, // windows of an hour
			{end.Add(-keeps), end, 10 * time.Minute},
		} {
			wanted, wantedInfos := ask(want, expr, asked.from, asked.to, asked.step)
			answer, infos := ask(got, expr, asked.from, asked.to, asked.step)
			require.NotEmpty(t, wanted)
			require.True(t, wanted == answer, expr) // as a difference it would be long
			require.Equal(t, wantedInfos, infos, expr)
		}
	}
}

func TestSamplesOlderThanTheirRetentionAreNotWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "metric")
	o := metrictest.Old{
		Dir: dir, Start: start, End: end, Scrape: scrape, Levels: levels(), Retention: keeps, Motions: motions(), Series: allSeries(),
	}
	require.NoError(t, o.Write(t.Context()))
	db, err := tsdb.OpenDBReadOnly(dir, "", promslog.NewNopLogger())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	blocks, err := db.Blocks()
	require.NoError(t, err)
	oldest := end.UnixMilli()
	for _, b := range blocks {
		oldest = min(oldest, b.Meta().MinTime)
		require.Equal(t, uint64(len(allSeries())), b.Meta().Stats.NumSeries)
	}
	require.Equal(t, end.Add(-keeps).Truncate(6*time.Hour).UnixMilli(), oldest)
	require.NoDirExists(t, dir+".motions")
}
