package downsample_test

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

// staged are levels of which each is behind the one before: of four days, the
// first two get windows of 1h, the third windows of 5m, the fourth none.
func staged() []downsample.Level {
	return []downsample.Level{
		{Resolution: model.Duration(5 * time.Minute), After: model.Duration(57 * 24 * time.Hour)},
		{Resolution: model.Duration(time.Hour), After: model.Duration(58 * 24 * time.Hour)},
	}
}

func seamed(t testing.TB) *fixture {
	f := dataset(t, staged())
	st := f.store.Status()
	require.Equal(t, time.UnixMilli(origin+3*day).UTC(), st[0].To)
	require.Equal(t, time.UnixMilli(origin+2*day).UTC(), st[1].To)
	return f
}

func TestAnswersHaveNeitherGapsNorDoublesAtSeams(t *testing.T) {
	f := seamed(t)
	tests := []struct {
		expr      string
		step      int64
		shift     int64 // of the steps against whole hours
		tolerance float64
	}{
		{`sum_over_time(m_total[6h])`, hour, 0, 1e-12},
		{`count_over_time(m_total[6h])`, hour, 0, 0},
		{`max_over_time(m_total[3h])`, hour, 0, 0},
		{`sum by (kind) (m_total)`, hour, 0, 0},
		{`increase(m_total{kind=~"plain_total|reset_total"}[3h])`, hour, 0, 0.01},
		{`avg_over_time(m_total{kind=~"plain_total|gauge"}[6h])`, hour, 0, 1e-3},
		// A little more than aligned.
		{`count_over_time(m_total{kind="plain_total"}[6h1m])`, hour, 0, 5e-3},
		{`increase(m_total{kind=~"plain_total|reset_total"}[3h1m])`, hour, 0, 0.01},
		{`avg_over_time(m_total{kind=~"plain_total|gauge"}[6h1m])`, hour, 0, 1e-2},
		// Nothing is aligned: a window more or less.
		{`count_over_time(m_total{kind="plain_total"}[12h])`, 2 * hour, 17 * minute, 1e-2},
		{`sum_over_time(m_total{kind="gauge"}[12h])`, 2 * hour, 17 * minute, 0.05},
		{`increase(m_total{kind=~"plain_total"}[12h])`, 2 * hour, 17 * minute, 0.1},
		{`avg_over_time(m_total{kind="gauge"}[12h])`, 2 * hour, 17 * minute, 0.03},
		{`m_total{kind="plain_total"}`, 5 * hour, 17 * minute, 0.25},
		{`m_total{kind="plain_total"}`, 11 * minute, 0, 0.25},
		{`last_over_time(m_total{kind="plain_total"}[7m])`, 11 * minute, 0, 0.25},
		{`rate(m_total{kind="plain_total"}[10m])`, 11 * minute, 0, 0.02},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			start, end := origin+6*hour+tt.shift, origin+4*day-hour+tt.shift
			want := query(t.Context(), t, f.db, tt.expr, start, end, tt.step)
			got := query(at(time.Hour), t, f.store, tt.expr, start, end, tt.step)
			require.NotEmpty(t, want.series)
			require.Empty(t, diff(want, got, tt.tolerance))
			require.Len(t, got.infos, 2)
		})
	}
}

func TestTheStepDecidesOnTheResolution(t *testing.T) {
	f := seamed(t)
	tests := []struct {
		expr        string
		start, step int64
		infos       int // resolutions read
	}{
		{`m_total`, 0, 10 * minute, 1},                        // aligned to 5m
		{`m_total`, 3 * minute, 10 * minute, 0},               // not aligned, and too fine
		{`m_total`, 3 * minute, 25 * minute, 1},               // five times 5m
		{`m_total`, 0, hour, 2},                               // aligned to 1h
		{`m_total`, 3 * minute, 5 * hour, 2},                  // five times 1h
		{`rate(m_total[5m])`, 0, 5 * minute, 1},               // aligned
		{`rate(m_total[5m])`, minute, hour, 0},                // the range is too short
		{`rate(m_total[50m])`, minute, hour, 1},               // ten times 5m
		{`rate(m_total[10h])`, minute, hour, 2},               // ten times 1h
		{`rate(m_total[10h])`, minute, minute, 0},             // the step is too short
		{`rate(m_total[1h])`, 0, 12 * hour, 2},                // aligned
		{`rate(m_total[3h3m])`, 0, hour, 2},                   // aligned but for a little
		{`rate(m_total[3h3m])`, minute, hour, 1},              // not aligned
		{`rate(m_total[3h5m])`, 0, hour, 1},                   // that is too much
		{`quantile_over_time(0.5, m_total[10h])`, 0, hour, 0}, // needs samples
		{`timestamp(m_total)`, 0, hour, 0},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			start := origin + 11*hour + tt.start
			got := query(t.Context(), t, f.store, tt.expr, start, start+70*hour/tt.step*tt.step, tt.step)
			require.Len(t, got.infos, tt.infos)
			raw := query(at(0), t, f.store, tt.expr, start, start+70*hour/tt.step*tt.step, tt.step)
			require.Empty(t, raw.infos, "samples are there, and were asked for")
		})
	}
}

func TestWindowsAnswerWhereSamplesAreGone(t *testing.T) {
	f := seamed(t)
	start, end := origin+6*hour, origin+4*day-hour
	exact := []struct {
		expr string
		step int64
	}{
		{`sum_over_time(m_total{kind=~"plain_total|gauge"}[1h])`, hour},
		{`count_over_time(m_total[1h])`, hour},
		{`sum by (kind) (m_total)`, hour},
	}
	var want []answer
	for _, tt := range exact {
		want = append(want, query(t.Context(), t, f.db, tt.expr, start, end, tt.step))
	}
	fine := query(t.Context(), t, f.db, `rate(m_total{kind="plain_total"}[5m])`, start+7*second, end, minute)
	value := query(t.Context(), t, f.db, `m_total{kind="plain_total"}`, start+7*second, end, minute)
	f.dropSamples(origin+3*day, staged())

	for i, tt := range exact {
		require.Empty(t, diff(want[i], query(t.Context(), t, f.store, tt.expr, start, end, tt.step), 1e-12), tt.expr)
	}
	// Finer than windows: what a window says of the time in it.
	got := query(t.Context(), t, f.store, `rate(m_total{kind="plain_total"}[5m])`, start+7*second, end, minute)
	inTime := func(a answer) answer { return within(a, origin+6*hour, origin+3*day) }
	require.Empty(t, diff(inTime(fine), inTime(got), 0.06))
	got = query(t.Context(), t, f.store, `m_total{kind="plain_total"}`, start+7*second, end, minute)
	require.Empty(t, diff(inTime(value), inTime(got), 0.2))

	got = query(t.Context(), t, f.store, `quantile_over_time(0.5, m_total[10h])`, start, end, hour)
	require.Len(t, got.infos, 1, "the finest windows are nearest to samples")
	require.Contains(t, got.infos[0], "quantile_over_time needs the samples, which are gone up to")
	require.NotEmpty(t, got.series)

	q, err := f.store.Querier(origin, origin+2*day)
	require.NoError(t, err)
	kinds, _, err := q.LabelValues(t.Context(), "kind", nil)
	require.NoError(t, err)
	require.Len(t, kinds, 9)
	names, _, err := q.LabelNames(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{model.MetricNameLabel, "kind"}, names)
	require.NoError(t, q.Close())
}

func within(a answer, from, to int64) answer {
	out := answer{series: map[string]map[int64]float64{}}
	for name, points := range a.series {
		out.series[name] = map[int64]float64{}
		for t, v := range points {
			if t >= from && t <= to && !math.IsNaN(v) {
				out.series[name][t] = v
			}
		}
	}
	return out
}
