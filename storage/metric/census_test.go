package metric

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage"
)

func named(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}

// try appends one sample of a series.
func try(t testing.TB, s *Store, ls labels.Labels) error {
	t.Helper()
	app := s.AppenderV2(t.Context())
	_, err := app.Append(0, ls, 0, time.Now().UnixMilli(), 1, nil, nil, promstorage.AOptions{})
	require.NoError(t, app.Commit())
	return err
}

func TestNewSeriesAreHeldToLimits(t *testing.T) {
	long := strings.Repeat("x", 11)
	for _, tt := range []struct {
		name   string
		limits storage.SeriesLimits
		ls     labels.Labels
		want   error
		text   string
	}{
		{"none", storage.SeriesLimits{}, named(long, long, long), nil, ""},
		{"of all", storage.SeriesLimits{MaxSeries: 2}, named("c"), storage.ErrSeriesLimit, `metric "c": no new series, as there are 2 active ones and limits.metric.max_series is 2`},
		{"of a metric", storage.SeriesLimits{MaxSeriesPerMetric: 1}, named("a", "x", "2"), storage.ErrSeriesLimit, `metric "a": no new series, as it has 1 active ones and limits.metric.max_series_per_metric is 1`},
		{"of another metric", storage.SeriesLimits{MaxSeriesPerMetric: 1}, named("c"), nil, ""},
		{"labels", storage.SeriesLimits{MaxLabels: 2}, named("c", "x", "1", "y", "1"), storage.ErrLabelLimit, `metric "c": a series of 3 labels, but limits.max_labels is 2`},
		{"names", storage.SeriesLimits{MaxLabelNameBytes: 10}, named("c", long, "1"), storage.ErrLabelLimit, `label "` + long + `" has 11 bytes, but limits.max_label_name_bytes is 10`},
		{"values", storage.SeriesLimits{MaxLabelValueBytes: 10}, named("c", "x", long), storage.ErrLabelLimit, `label "x" has 11 bytes, but limits.max_label_value_bytes is 10`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			require.NoError(t, try(t, s, named("a", "x", "1")))
			require.NoError(t, try(t, s, named("b")))
			s.SetLimits(tt.limits)
			require.NoError(t, try(t, s, named("a", "x", "1")), "it exists")
			err := try(t, s, tt.ls)
			require.ErrorIs(t, err, tt.want)
			if tt.want != nil {
				require.ErrorContains(t, err, tt.text)
				require.ErrorIs(t, err, fault.ErrInvalid)
			}
			s.SetLimits(storage.SeriesLimits{})
			require.NoError(t, try(t, s, tt.ls))
		})
	}
}

func TestWhatIsStoredComesBackWhateverTheLimits(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	for i := range 5 {
		require.NoError(t, try(t, s, named("a", "x", fmt.Sprint(i))))
	}
	require.NoError(t, s.Close())
	s = openIn(t, dir)
	s.SetLimits(storage.SeriesLimits{MaxSeries: 5, MaxSeriesPerMetric: 3})
	require.EqualValues(t, 5, s.NumSeries())
	require.ErrorIs(t, try(t, s, named("a", "x", "5")), storage.ErrSeriesLimit)
	require.NoError(t, s.Close())
}

func TestTenantsAreHeldToLimitsOfTheirOwn(t *testing.T) {
	s := open(t)
	s.SetLimits(storage.SeriesLimits{MaxSeriesPerTenant: 2})
	for _, tenant := range []string{"a", "b"} {
		for i := range 2 {
			require.NoError(t, try(t, s, named("m", auth.TenantLabel, tenant, "x", fmt.Sprint(i))))
		}
		err := try(t, s, named("m", auth.TenantLabel, tenant, "x", "2"))
		require.ErrorIs(t, err, storage.ErrSeriesLimit)
		require.ErrorContains(t, err, "its tenant has 2 active ones and limits.metric.max_series_per_tenant is 2")
	}
	for i := range 5 {
		require.NoError(t, try(t, s, named("m", "x", fmt.Sprint(i))), "the default tenant")
	}
	s.SetLimits(storage.SeriesLimits{MaxSeriesPerTenant: 2, MaxSeriesOfTenants: map[string]int{"b": 3, "c": 0}})
	require.Error(t, try(t, s, named("m", auth.TenantLabel, "a", "x", "2")))
	require.NoError(t, try(t, s, named("m", auth.TenantLabel, "b", "x", "2")))
	require.ErrorContains(t, try(t, s, named("m", auth.TenantLabel, "b", "x", "3")), "has 3 active ones")
	for i := range 5 {
		require.NoError(t, try(t, s, named("m", auth.TenantLabel, "c", "x", fmt.Sprint(i))), "0 is no limit")
	}
}

func TestALimitThatIsNearIsToldOnce(t *testing.T) {
	s := open(t)
	s.SetLimits(storage.SeriesLimits{MaxSeriesPerMetric: 10, WarnAt: 0.8})
	for i := range 11 {
		err := try(t, s, named("a", "x", fmt.Sprint(i)))
		require.Equal(t, i == 10, err != nil, i)
	}
	require.Equal(t, []warning{{keyPerMetric, "a"}}, s.census.warnings.take())
	require.Empty(t, s.census.warnings.take())
	require.EqualValues(t, 2, testutil.ToFloat64(s.metrics.seriesWarned.WithLabelValues(keyPerMetric)), "the ninth and tenth")
	require.EqualValues(t, 1, testutil.ToFloat64(s.metrics.seriesRefused.WithLabelValues(keyPerMetric)))
}

func TestSeriesThatLeaveTheHeadMakeRoom(t *testing.T) {
	s := open(t)
	write(t, s, named("old", "x", "1"), time.Now().Add(-6*time.Hour).UnixMilli(), 1)
	write(t, s, named("kept"), time.Now().UnixMilli(), 1)
	s.SetLimits(storage.SeriesLimits{MaxSeries: 2, MaxSeriesPerMetric: 1})
	require.Error(t, try(t, s, named("old", "x", "2")))
	require.NoError(t, s.db.Compact(t.Context()))
	require.NoError(t, try(t, s, named("old", "x", "2")))
}

func TestAHeadThatBeganAgainIsCountedAgain(t *testing.T) {
	s := open(t)
	for _, ls := range []labels.Labels{named("a"), named("b", "x", "1"), named("b", "x", "2"), labels.FromStrings("x", "1")} {
		require.NoError(t, try(t, s, ls))
	}
	want := map[string]int64{"a": 1, "b": 2, "": 1} // of names that were heard of, as all are
	for range 2 {
		got := map[string]int64{}
		for _, h := range s.census.all() {
			got[h.name] = h.active
		}
		require.Equal(t, want, got)
		require.EqualValues(t, 4, s.census.active.Load())
		s.census.PostCreation(named("b", "x", "1")) // the head says it a second time
		s.census.PostCreation(named("gone"))
		require.NoError(t, s.census.recount(t.Context(), s.db.Head()))
	}
}

func TestBirthsAreOfTheLastHourAndDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBirths()
		count := func(hour, day int64) {
			t.Helper()
			h, d := b.count(time.Now())
			require.Equal(t, []int64{hour, day}, []int64{h, d})
		}
		count(0, 0)
		b.add(time.Now())
		b.add(time.Now())
		count(2, 2)
		time.Sleep(55 * time.Minute)
		b.add(time.Now())
		count(3, 3)
		time.Sleep(30 * time.Minute)
		count(1, 3)
		time.Sleep(23 * time.Hour)
		count(0, 3)
		time.Sleep(2 * time.Hour)
		count(0, 0)
		time.Sleep(400 * 24 * time.Hour)
		b.add(time.Now())
		count(1, 1)
		b.add(time.Now().Add(-3 * time.Hour)) // the clock was put back
		count(2, 2)
	})
}

// names returns the metrics of a list.
func names(list []storage.MetricCardinality) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Metric)
	}
	return out
}

func unused(t *testing.T, s *Store, since time.Time) *storage.UnusedList {
	t.Helper()
	list, err := s.Unused(t.Context(), since, 100)
	require.NoError(t, err)
	return list
}

func TestWhatQueriesSelectIsUsed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		query  func(*testing.T, *Store)
		unused []string
	}{
		{"nothing", func(*testing.T, *Store) {}, []string{"a", "b", "c"}},
		{"by name", func(t *testing.T, s *Store) { sel(t, s, nil, labels.MatchEqual, "a") }, []string{"b", "c"}},
		{"by a list of names", func(t *testing.T, s *Store) { sel(t, s, nil, labels.MatchRegexp, "a|b") }, []string{"c"}},
		{"by a pattern", func(t *testing.T, s *Store) { sel(t, s, nil, labels.MatchRegexp, "[bc].*") }, []string{"a"}},
		{"by exclusion", func(t *testing.T, s *Store) { sel(t, s, nil, labels.MatchNotEqual, "b") }, []string{"b"}},
		{"a name that nothing has", func(t *testing.T, s *Store) { sel(t, s, nil, labels.MatchEqual, "d") }, []string{"a", "b", "c"}},
		{"listing series", func(t *testing.T, s *Store) {
			sel(t, s, &promstorage.SelectHints{Func: "series"}, labels.MatchEqual, "a")
		}, []string{"a", "b", "c"}},
		{"chunks", func(t *testing.T, s *Store) {
			q, err := s.ChunkQuerier(math.MinInt64, math.MaxInt64)
			require.NoError(t, err)
			set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, "[ab]+"))
			for set.Next() {
			}
			require.NoError(t, q.Close())
		}, []string{"c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := openIn(t, dir)
			for _, name := range []string{"a", "b", "c"} {
				require.NoError(t, try(t, s, named(name)))
			}
			tt.query(t, s)
			require.Equal(t, tt.unused, names(unused(t, s, time.Time{}).List))
			require.NoError(t, s.Close())

			s = openIn(t, dir)
			list := unused(t, s, time.Time{})
			require.Equal(t, tt.unused, names(list.List), "after a restart")
			require.EqualValues(t, len(tt.unused), list.Series)
			require.EqualValues(t, 3, list.Of)
			require.True(t, list.Complete)
			require.NoError(t, s.Close())
		})
	}
}

func sel(t *testing.T, s *Store, hints *promstorage.SelectHints, typ labels.MatchType, name string) {
	t.Helper()
	q, err := s.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(t, err)
	set := q.Select(t.Context(), true, hints, labels.MustNewMatcher(typ, model.MetricNameLabel, name))
	for set.Next() {
	}
	require.NoError(t, set.Err())
	require.NoError(t, q.Close())
}

func TestUnusedMeansThatItCouldHaveBeenUsed(t *testing.T) {
	s := open(t)
	require.NoError(t, try(t, s, named("a")))
	require.NoError(t, try(t, s, named("b")))
	now, day := time.Now(), int64(24*3600)
	set := func(name string, firstDay, selectedDay int64) {
		sh := s.census.shard(name)
		sh.names[name].first, sh.names[name].selected = now.Unix()-firstDay*day, now.Unix()-selectedDay*day
	}
	week := now.Add(-7 * 24 * time.Hour)

	set("a", 100, 30)
	set("b", 100, 3)
	list := unused(t, s, week)
	require.Empty(t, list.List, "selections are noted since just now")
	require.False(t, list.Complete)

	s.census.noted = now.Unix() - 10*day
	list = unused(t, s, week)
	require.Equal(t, []string{"a"}, names(list.List))
	require.True(t, list.Complete)
	set("a", 2, 2)
	require.Empty(t, unused(t, s, week).List, "it is not a week old")
}

func TestIdleNamesAreForgottenOldestFirst(t *testing.T) {
	c := newCensus(newRefs(newStoreMetrics(nil)), newStoreMetrics(nil))
	for i := range 10 {
		name := fmt.Sprint(i)
		c.shard(name).names[name] = &tally{first: int64(i)}
	}
	c.shard("0").names["0"].selected = 100
	c.shard("1").names["1"].active = 1
	c.sweep(3)
	left := map[string]bool{}
	for i := range c.shards {
		for name := range maps.Keys(c.shards[i].names) {
			left[name] = true
		}
	}
	require.Equal(t, map[string]bool{"0": true, "1": true, "8": true, "9": true}, left)
}
