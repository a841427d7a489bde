package metric

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

// aged is a store with three days of samples of two jobs, one a minute, the
// last of them at now.
func aged(t *testing.T, cfg Config) (s *Store, now time.Time) {
	t.Helper()
	cfg.Dir, cfg.OutOfOrderWindow = t.TempDir(), model.Duration(30*time.Minute)
	s, err := Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	now = time.UnixMilli(20_003 * 24 * time.Hour.Milliseconds())
	app := s.AppenderV2(t.Context())
	for at := now.Add(-72 * time.Hour).Add(time.Millisecond); !at.After(now); at = at.Add(time.Minute) {
		for _, job := range []string{"brief", "long"} {
			_, err := app.Append(0, labels.FromStrings(model.MetricNameLabel, "m", "job", job), 0, at.UnixMilli(), 1, nil, nil, promstorage.AOptions{})
			require.NoError(t, err)
		}
	}
	require.NoError(t, app.Commit())
	require.NoError(t, s.db.Compact(t.Context()))
	require.NotEmpty(t, s.db.Blocks())
	return s, now
}

// hours are the sums of each hour, by job.
func hours(t *testing.T, s *Store, most time.Duration) map[string]map[int64]float64 {
	t.Helper()
	q, err := s.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	hour := time.Hour.Milliseconds()
	hints := &promstorage.SelectHints{Start: 1, End: math.MaxInt64 / 2, Step: hour, Range: hour, Func: "sum_over_time"}
	set := q.Select(storage.WithMaxResolution(t.Context(), most), true, hints, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "m"))
	out := map[string]map[int64]float64{}
	for set.Next() {
		sums := map[int64]float64{}
		for it := set.At().Iterator(nil); it.Next() != chunkenc.ValNone; {
			at, v := it.At()
			sums[(at+hour-1)/hour] += v
		}
		out[set.At().Labels().Get("job")] = sums
	}
	require.NoError(t, set.Err())
	return out
}

func downsampling() Config {
	cfg := DefaultConfig()
	cfg.Retention = 0
	cfg.Downsampling = []downsample.Level{{Resolution: model.Duration(time.Hour), After: model.Duration(3 * time.Hour)}}
	return cfg
}

func TestWindowsAreReadLikeSamples(t *testing.T) {
	s, now := aged(t, downsampling())
	want := hours(t, s, 0)
	version := s.Version()
	require.NoError(t, s.windows.Pass(t.Context()))
	require.Equal(t, now.Add(-24*time.Hour).UTC(), s.Downsampled()[0].To, "the last day is still in memory in part")
	require.Equal(t, want, hours(t, s, time.Hour))
	require.Equal(t, want, hours(t, s, 0))
	require.LessOrEqual(t, s.ChangedSince(version), now.Add(-72*time.Hour).UnixMilli(), "answers from before are not the same any more")

	brief := labels.MustNewMatcher(labels.MatchEqual, "job", "brief")
	require.NoError(t, s.Delete(t.Context(), 0, now.UnixMilli(), brief))
	require.Empty(t, hours(t, s, time.Hour)["brief"])
	require.Equal(t, want["long"], hours(t, s, time.Hour)["long"])

	dir := filepath.Join(t.TempDir(), "snapshot")
	require.NoError(t, s.Snapshot(dir, true))
	blocks, err := os.ReadDir(filepath.Join(dir, windowsDir, "1h"))
	require.NoError(t, err)
	require.Len(t, blocks, 1)
}

func TestARetentionRuleIsForItsSeriesOnly(t *testing.T) {
	cfg := downsampling()
	cfg.RetentionRules = []RetentionRule{{Matcher: `{job="brief"}`, Retention: model.Duration(24 * time.Hour)}}
	cfg.Retention = model.Duration(7 * 24 * time.Hour) // for short blocks
	s, now := aged(t, cfg)
	require.NoError(t, s.windows.Pass(t.Context()))
	before := hours(t, s, 0)
	for range 2 { // the second time there is nothing left to do
		require.NoError(t, s.retain(t.Context(), now))
		cutoff := now.Add(-24 * time.Hour).UnixMilli()
		left := int64(math.MaxInt64) // of blocks of samples, which go as a whole
		for _, b := range s.db.Blocks() {
			if b.MaxTime() > cutoff {
				left = min(left, b.MinTime())
			}
		}
		require.Greater(t, left, s.db.Blocks()[0].MinTime())
		for most, from := range map[time.Duration]int64{0: left, time.Hour: cutoff} {
			after := hours(t, s, most)
			require.Equal(t, before["long"], after["long"])
			require.NotEmpty(t, after["brief"])
			for hour := range after["brief"] {
				require.Greater(t, hour*time.Hour.Milliseconds(), from, most)
			}
		}
	}
}

func TestARuleOfRetentionIsSound(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir = "data"
	cfg.RetentionRules = []RetentionRule{{Matcher: `{job="a"`, Retention: 1}, {Matcher: `up`}, {Matcher: `{}`, Retention: 1}}
	err := cfg.Validate()
	require.ErrorContains(t, err, `retention_rules[0].matcher: "{job=\"a\"": `)
	require.ErrorContains(t, err, "retention_rules[1].retention: must be set")
	require.ErrorContains(t, err, "retention_rules[2].matcher: ", "everything would go")
}

func TestWhatARetentionDeletesIsCountedBefore(t *testing.T) {
	cfg := downsampling()
	cfg.Retention = model.Duration(7 * 24 * time.Hour) // for short blocks
	s, _ := aged(t, cfg)
	for _, period := range []time.Duration{0, 12 * time.Hour, 24 * time.Hour, 30 * 24 * time.Hour} {
		old := s.Aged(period)
		require.NoError(t, s.SetRetention(period))
		deleted := tsdb.DefaultBlocksToDelete(s.db)(slices.Clone(s.db.Blocks()))
		require.Len(t, deleted, old.Blocks, period)
		var samples int64
		for _, b := range s.db.Blocks() {
			if _, ok := deleted[b.Meta().ULID]; ok {
				samples += int64(b.Meta().Stats.NumSamples)
				require.False(t, time.UnixMilli(b.MaxTime()).After(old.Before))
			}
		}
		require.Equal(t, samples, old.Samples, period)
		require.Equal(t, old.Blocks > 0, old.Bytes > 0, period)
	}
	require.Positive(t, s.Aged(24*time.Hour).Blocks)
	require.Zero(t, s.Aged(30*24*time.Hour))
}
