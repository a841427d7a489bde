package metric

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage"
)

// fill gives the store 4 pods of two metrics, and one series of a third.
func fill(t testing.TB, s *Store, at time.Time) {
	t.Helper()
	for i := range 4 {
		pod := fmt.Sprint("pod-", i)
		write(t, s, named("requests", "pod", pod, "code", "200", "job", "api"), at.UnixMilli(), 1)
		if i < 2 {
			write(t, s, named("requests", "pod", pod, "code", "500", "job", "api"), at.UnixMilli(), 1)
		}
		write(t, s, named("memory", "pod", pod, "job", "api"), at.UnixMilli(), 1)
	}
	write(t, s, named("up", "job", "api"), at.UnixMilli(), 1)
}

func selector(pairs ...string) [][]*labels.Matcher {
	var ms []*labels.Matcher
	for i := 0; i < len(pairs); i += 2 {
		ms = append(ms, labels.MustNewMatcher(labels.MatchEqual, pairs[i], pairs[i+1]))
	}
	return [][]*labels.Matcher{ms}
}

func metricsOf(t *testing.T, s *Store, r storage.CardinalityRequest) *storage.MetricList {
	t.Helper()
	list, err := s.Metrics(t.Context(), r)
	require.NoError(t, err)
	return list
}

func TestMetricsBySeries(t *testing.T) {
	s := open(t)
	fill(t, s, time.Now())
	list := metricsOf(t, s, storage.CardinalityRequest{Limit: 2, Sort: storage.BySeries})
	require.Equal(t, []string{"requests", "memory"}, names(list.List))
	require.EqualValues(t, 3, list.Metrics)
	require.EqualValues(t, 11, list.Series)
	require.EqualValues(t, 6, list.List[0].Series)
	require.EqualValues(t, 6, list.List[0].CreatedHour)
	require.EqualValues(t, 6, list.List[0].CreatedDay)
	require.Nil(t, list.List[0].LastSelected)
	require.Nil(t, list.ComparedWith)
	require.Positive(t, list.List[0].HeadBytes)
	require.Zero(t, list.List[0].DiskBytes)

	list = metricsOf(t, s, storage.CardinalityRequest{Limit: 10, Sort: storage.BySeries, Select: append(selector("code", "500"), selector("pod", "pod-3")...)})
	require.Equal(t, []string{"requests", "memory"}, names(list.List))
	require.EqualValues(t, 3, list.List[0].Series)
	require.EqualValues(t, 1, list.List[1].Series)
	require.EqualValues(t, 4, list.Series)
}

func TestBytesOnDiskAddUpToTheBlock(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	start := time.Now().Add(-6 * time.Hour)
	for i := range 200 {
		fill(t, s, start.Add(time.Duration(i)*15*time.Second))
	}
	write(t, s, named("now"), time.Now().UnixMilli(), 1)
	require.NoError(t, s.db.Compact(t.Context()))
	require.NotEmpty(t, s.db.Blocks())
	require.NoError(t, s.count(t.Context(), time.Now()))

	total := int64(0)
	for _, n := range s.bytes.onDisk() {
		total += n
	}
	want := int64(0)
	for _, b := range s.db.Blocks() {
		for _, name := range []string{"index", "chunks/000001"} {
			info, err := os.Stat(filepath.Join(b.Dir(), name))
			require.NoError(t, err)
			want += info.Size()
		}
		want -= 8 // the header of the file of chunks
	}
	require.InDelta(t, want, total, float64(len(s.bytes.onDisk())*len(s.db.Blocks())), "but for shares of bytes")
	onDisk := s.bytes.onDisk()
	require.Greater(t, onDisk["requests"], onDisk["memory"])
	require.Greater(t, onDisk["memory"], onDisk["up"])
	require.NoError(t, s.Close())

	s = openIn(t, dir)
	require.Equal(t, onDisk, s.bytes.onDisk(), "it is not counted again")
	require.NoError(t, s.db.Delete(t.Context(), 0, time.Now().UnixMilli()+1, selector("job", "api")[0]...))
	require.NoError(t, s.CleanTombstones())
	require.NoError(t, s.count(t.Context(), time.Now()))
	require.Empty(t, s.bytes.onDisk())
	require.NoError(t, s.Close())
}

func TestGrowthIsAgainstTheCountNearestToADayAgo(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	fill(t, s, time.Now())
	now := time.Now()
	require.NoError(t, s.count(t.Context(), now.Add(-48*time.Hour)))
	write(t, s, named("memory", "pod", "another"), now.UnixMilli(), 1)
	require.NoError(t, s.count(t.Context(), now.Add(-24*time.Hour)))
	require.NoError(t, s.count(t.Context(), now.Add(-24*time.Hour)), "not due")
	require.Len(t, s.history.counts, 2)
	write(t, s, named("memory", "pod", "one more"), now.UnixMilli(), 1)
	write(t, s, named("new"), now.UnixMilli(), 1)
	require.NoError(t, s.Close())

	s = openIn(t, dir)
	require.Len(t, s.history.counts, 2)
	list := metricsOf(t, s, storage.CardinalityRequest{Limit: 2, Sort: storage.ByGrowth})
	require.Equal(t, []string{"memory", "new"}, names(list.List))
	require.EqualValues(t, 1, list.List[0].Growth)
	require.EqualValues(t, 1, list.List[1].Growth)
	require.WithinDuration(t, now.Add(-24*time.Hour), *list.ComparedWith, time.Second)
	require.NoError(t, s.Close())
}

func TestOnlyTheLargestMetricsAreKeptInHistory(t *testing.T) {
	h, err := openHistory(t.TempDir(), nil)
	require.NoError(t, err)
	var all []headcount
	for i := range historyNames + 5 {
		all = append(all, headcount{name: fmt.Sprint(i), active: int64(historyNames + 5 - i)})
	}
	require.NoError(t, h.add(time.Now(), all))
	c := h.dayBefore(time.Now())
	require.Len(t, c.Names, historyNames)
	require.EqualValues(t, 0, c.growth(fmt.Sprint(historyNames+1), 3), "it may have had as many")
	require.EqualValues(t, 4, c.growth(fmt.Sprint(historyNames+1), 9), "it had 5 at most")
	for i := range historyLength + 3 {
		require.NoError(t, h.add(time.Now().Add(time.Duration(i)*time.Hour), nil))
	}
	require.Len(t, h.counts, historyLength)
}

func labelsOf(t *testing.T, s *Store, r storage.CardinalityRequest) *storage.LabelList {
	t.Helper()
	list, err := s.Labels(t.Context(), r)
	require.NoError(t, err)
	return list
}

func TestLabelsOfAllSeries(t *testing.T) {
	s := open(t)
	fill(t, s, time.Now())
	list := labelsOf(t, s, storage.CardinalityRequest{Limit: 2})
	require.Equal(t, &storage.LabelList{
		Series: 11, Labels: 4, Pairs: 10,
		List: []storage.LabelCardinality{{Label: "pod", Values: 4, Series: 10}, {Label: model.MetricNameLabel, Values: 3, Series: 11}},
		Top:  []storage.PairCardinality{{Label: "job", Value: "api", Series: 11}, {Label: model.MetricNameLabel, Value: "requests", Series: 6}},
	}, list)
}

func TestLabelsOfSomeSeriesSayWhatDroppingOneWouldLeave(t *testing.T) {
	s := open(t)
	fill(t, s, time.Now())
	list := labelsOf(t, s, storage.CardinalityRequest{Limit: 3, Select: selector(model.MetricNameLabel, "requests")})
	n := func(n int64) *int64 { return &n }
	require.Equal(t, &storage.LabelList{
		Series: 6, Labels: 4, Pairs: 8,
		List: []storage.LabelCardinality{
			{Label: "pod", Values: 4, Series: 6, SeriesWithout: n(2), Top: []storage.ValueCardinality{{Value: "pod-0", Series: 2}, {Value: "pod-1", Series: 2}, {Value: "pod-2", Series: 1}}},
			{Label: "code", Values: 2, Series: 6, SeriesWithout: n(4), Top: []storage.ValueCardinality{{Value: "200", Series: 4}, {Value: "500", Series: 2}}},
			{Label: model.MetricNameLabel, Values: 1, Series: 6, SeriesWithout: n(6), Top: []storage.ValueCardinality{{Value: "requests", Series: 6}}},
		},
		Top: []storage.PairCardinality{{Label: model.MetricNameLabel, Value: "requests", Series: 6}, {Label: "job", Value: "api", Series: 6}, {Label: "code", Value: "200", Series: 4}},
	}, list)
	require.Zero(t, labelsOf(t, s, storage.CardinalityRequest{Limit: 3, Select: selector("x", "y")}).Series)
}

// BenchmarkCardinality has 200k series of 200 metrics with 12 labels.
func BenchmarkCardinality(b *testing.B) {
	s := open(b)
	now := time.Now().UnixMilli()
	app := s.AppenderV2(b.Context())
	for i := range 200_000 {
		ls := named(fmt.Sprintf("metric_%d", i%200), "cluster", "eu-west-1", "container", "app", "endpoint", "http", "instance", fmt.Sprintf("10.4.%d.%d:80", i/200%250, i%200),
			"job", fmt.Sprint("service-", i%50), "le", fmt.Sprint(i%11), "method", "GET", "namespace", fmt.Sprint("team-", i%7), "pod", fmt.Sprint("pod-", i/200), "route", fmt.Sprint("/items/", i%30), "status", "200")
		_, err := app.Append(0, ls, 0, now, 1, nil, nil, promstorage.AOptions{})
		require.NoError(b, err)
	}
	require.NoError(b, app.Commit())
	all := storage.CardinalityRequest{Limit: 10}
	b.Run("metrics", func(b *testing.B) {
		for b.Loop() {
			s.head.mean = nil // as if for the first time
			_, err := s.Metrics(b.Context(), all)
			require.NoError(b, err)
		}
	})
	b.Run("labels", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Labels(b.Context(), all)
			require.NoError(b, err)
		}
	})
	b.Run("labels of 1000 series", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Labels(b.Context(), storage.CardinalityRequest{Limit: 10, Select: selector(model.MetricNameLabel, "metric_7")})
			require.NoError(b, err)
		}
	})
	b.Run("labels of 200k series", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Labels(b.Context(), storage.CardinalityRequest{Limit: 10, Select: selector("cluster", "eu-west-1")})
			require.NoError(b, err)
		}
	})
	b.Run("unused", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Unused(b.Context(), time.Time{}, 10)
			require.NoError(b, err)
		}
	})
}
