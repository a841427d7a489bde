package metric

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openIn(t testing.TB, dir string) *Store {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Dir = dir
	cfg.SyncInterval = model.Duration(5 * time.Millisecond)
	s, err := Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	return s
}

func open(t testing.TB) *Store {
	t.Helper()
	s := openIn(t, t.TempDir())
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func write(t testing.TB, s *Store, ls labels.Labels, at int64, v float64) promstorage.SeriesRef {
	t.Helper()
	app := s.AppenderV2(t.Context())
	ref, err := app.Append(0, ls, 0, at, v, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.NoError(t, app.Commit())
	return ref
}

func read(t testing.TB, s *Store) map[string][]float64 {
	t.Helper()
	q, err := s.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	out := map[string][]float64{}
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			_, v := it.At()
			name := set.At().Labels().Get(model.MetricNameLabel)
			out[name] = append(out[name], v)
		}
	}
	require.NoError(t, set.Err())
	return out
}

var up = labels.FromStrings(model.MetricNameLabel, "up")

func TestSamplesSurviveAStopAndAKill(t *testing.T) {
	now := time.Now().UnixMilli()
	dir, killed := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	s := openIn(t, dir)
	write(t, s, up, now, 1)
	write(t, s, up, now-1000, 0) // out of order, so in the other log
	require.NoError(t, os.CopyFS(killed, os.DirFS(dir)), "what a kill leaves")
	require.NoError(t, s.Close())

	for name, dir := range map[string]string{"stop": dir, "kill": killed} {
		s := openIn(t, dir)
		require.Equal(t, map[string][]float64{"up": {0, 1}}, read(t, s), name)
		require.NoError(t, s.Close())
	}
}

func TestOpenTellsHowManySegmentsItRead(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Dir, cfg.SyncInterval = t.TempDir(), model.Duration(5*time.Millisecond)
	for opened, segments := range []int{0, 1, 2} { // each time another is begun
		killed := filepath.Join(t.TempDir(), "copy")
		cfg.Replay = &storage.Replay{}
		s, err := Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
		require.NoError(t, err)
		write(t, s, up, time.Now().UnixMilli(), float64(opened))
		got := cfg.Replay.Status()
		require.Equal(t, storage.ReplayDone, got.State)
		require.Equal(t, segments, got.Segments, "opened %d times before", opened)
		require.NoError(t, os.CopyFS(killed, os.DirFS(cfg.Dir)), "what a kill leaves")
		require.NoError(t, s.Close())
		cfg.Dir = killed
	}

	status := &tsdb.WALReplayStatus{}
	dir := filepath.Join(cfg.Dir, "wal")
	at := replayed(dir, status)
	told := func(first, last, now int) [2]int {
		status.Min, status.Max, status.Current = first, last, now
		segment, segments := at()
		return [2]int{segment, segments}
	}
	require.Equal(t, [2]int{0, 3}, told(0, 0, 0), "not begun")
	require.Equal(t, [2]int{1, 3}, told(0, 3, 0))
	require.Equal(t, [2]int{3, 3}, told(0, 3, 3), "the one it writes to counts for none")
	require.Equal(t, [2]int{3, 3}, told(0, 1, 0), "the log of what was out of order")
}

func TestAnExemplarWithoutASampleIsCommittedWithTheTransaction(t *testing.T) {
	s := open(t)
	now := time.Now().UnixMilli()
	app := s.AppenderV2(t.Context())
	ref, err := app.Append(0, up, 0, now, 1, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	e := exemplar.Exemplar{Labels: labels.FromStrings("trace_id", "1"), Value: 1, Ts: now, HasTs: true}
	_, err = app.(promstorage.ExemplarAppender).AppendExemplar(ref, up, e)
	require.NoError(t, err)
	require.NoError(t, app.Commit())

	app = s.AppenderV2(t.Context())
	e.Ts++
	_, err = app.(promstorage.ExemplarAppender).AppendExemplar(ref, up, e)
	require.NoError(t, err)
	require.NoError(t, app.Rollback())

	q, err := s.ExemplarQuerier(t.Context())
	require.NoError(t, err)
	got, err := q.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, "up")})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Len(t, got[0].Exemplars, 1)
}

func TestNativeHistogramsAreStored(t *testing.T) {
	s := open(t)
	app := s.AppenderV2(t.Context())
	h := &histogram.Histogram{Count: 2, Sum: 3, Schema: 1, PositiveSpans: []histogram.Span{{Length: 1}}, PositiveBuckets: []int64{2}}
	_, err := app.Append(0, up, 0, time.Now().UnixMilli(), 0, h, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.NoError(t, app.Commit())
}

func TestRunFsyncsWhatWasWritten(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	now := time.Now().UnixMilli()
	write(t, s, up, now, 1)
	write(t, s, up, now-1000, 0) // out of order, so in the other log
	require.Eventually(t, func() bool { return syncs(t, s) >= 2 }, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	for _, y := range s.syncers {
		require.NoError(t, y.sync())
		info, err := y.file.Stat()
		require.NoError(t, err)
		require.Positive(t, y.synced, y.dir)
		require.Equal(t, info.Size(), y.synced, y.dir)
	}
	before := syncs(t, s)
	for _, y := range s.syncers {
		require.NoError(t, y.sync())
	}
	require.Equal(t, before, syncs(t, s), "nothing was written, nothing is to be fsynced")
}

func syncs(t *testing.T, s *Store) uint64 {
	var m dto.Metric
	require.NoError(t, s.metrics.syncDuration.Write(&m))
	return m.GetHistogram().GetSampleCount()
}

func TestTheSyncerFollowsTheNewestSegment(t *testing.T) {
	dir := t.TempDir()
	y := &segmentSyncer{dir: dir, metrics: newStoreMetrics(nil)}
	t.Cleanup(func() { require.NoError(t, y.close()) })
	require.NoError(t, y.sync(), "no segment yet")
	require.Nil(t, y.file)

	first, second := filepath.Join(dir, "00000000"), filepath.Join(dir, "00000001")
	require.NoError(t, os.WriteFile(first, []byte("abc"), 0o600))
	require.NoError(t, y.sync())
	require.EqualValues(t, 3, y.synced)
	require.NoError(t, os.WriteFile(second, nil, 0o600))
	require.NoError(t, y.sync())
	require.Equal(t, second, y.file.Name())
	require.EqualValues(t, 0, y.synced)

	missing := &segmentSyncer{dir: filepath.Join(dir, "none"), metrics: newStoreMetrics(nil)}
	require.NoError(t, missing.sync())
}

func TestRefsForgetWhatTheHeadDropped(t *testing.T) {
	s := open(t)
	start := time.Now().Add(-6 * time.Hour).UnixMilli()
	old, kept := labels.FromStrings(model.MetricNameLabel, "old"), labels.FromStrings(model.MetricNameLabel, "kept")
	s.Refs.Put(1, write(t, s, old, start, 1), old)
	s.Refs.Put(2, write(t, s, old, start, 1), old)
	s.Refs.Put(3, write(t, s, kept, time.Now().UnixMilli(), 1), kept)
	require.NoError(t, s.db.Compact(t.Context()))
	require.EqualValues(t, 1, s.NumSeries())

	s.Refs.sweep()
	any := func(labels.Labels) bool { return true }
	_, _, ok := s.Refs.Get(1, any)
	require.False(t, ok)
	_, _, ok = s.Refs.Get(2, any)
	require.False(t, ok)
	_, ls, ok := s.Refs.Get(3, any)
	require.True(t, ok)
	require.Equal(t, kept, ls)
	require.Empty(t, s.Refs.dead)
}

func TestADeadRefIsRevivedByItsLabels(t *testing.T) {
	s := open(t)
	start := time.Now().Add(-6 * time.Hour).UnixMilli()
	ref := write(t, s, up, start, 1)
	write(t, s, labels.FromStrings(model.MetricNameLabel, "other"), time.Now().UnixMilli(), 1)
	require.NoError(t, s.db.Compact(t.Context()))

	app := s.AppenderV2(t.Context())
	got, err := app.Append(ref, up, 0, time.Now().UnixMilli(), 2, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.NotEqual(t, ref, got)
	require.NoError(t, app.Commit())
	require.Equal(t, []float64{1, 2}, read(t, s)["up"])
}

func TestRefsCompareBeforeTheyTrust(t *testing.T) {
	r := newRefs(newStoreMetrics(nil))
	r.Put(1, 7, up)
	_, _, ok := r.Get(1, func(ls labels.Labels) bool { return ls.Get(model.MetricNameLabel) == "down" })
	require.False(t, ok)
	ref, ls, ok := r.Get(1, func(ls labels.Labels) bool { return ls.Get(model.MetricNameLabel) == "up" })
	require.True(t, ok)
	require.EqualValues(t, 7, ref)
	require.Equal(t, up, ls)
}

func TestMetadataOfAppendedSamplesIsKept(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	name := []byte("lat")
	app := s.AppenderV2(t.Context())
	for range 2 {
		_, err := app.Append(0, up, 0, time.Now().UnixMilli(), 1, nil, nil, promstorage.AOptions{
			MetricFamilyName: string(name), Metadata: metadata.Metadata{Type: model.MetricTypeHistogram, Help: "h"},
		})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	require.NoError(t, s.Close())

	s = openIn(t, dir)
	m, ok := s.Families.Get("lat")
	require.True(t, ok)
	require.Equal(t, metadata.Metadata{Type: model.MetricTypeHistogram, Help: "h"}, m)
	require.NoError(t, s.Close())
}

func TestASecondStoreOnTheFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	cfg := DefaultConfig()
	cfg.Dir = dir
	_, err := Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.ErrorContains(t, err, "lock DB directory")
	require.NoError(t, s.Close())
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	cfg := DefaultConfig()
	cfg.Dir = filepath.Join(file, "metric")
	_, err := Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.ErrorContains(t, err, cfg.Dir)
}
