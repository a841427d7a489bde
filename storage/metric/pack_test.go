package metric

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
)

// contents are the samples up to until of all series, as text.
func contents(t *testing.T, q promstorage.Queryable, until int64) map[string][]string {
	t.Helper()
	from, err := q.Querier(math.MinInt64, until)
	require.NoError(t, err)
	defer func() { require.NoError(t, from.Close()) }()
	out := map[string][]string{}
	set := from.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	for set.Next() {
		name := set.At().Labels().String()
		it := set.At().Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			switch kind {
			case chunkenc.ValFloat:
				at, v := it.At()
				out[name] = append(out[name], fmt.Sprintf("%d %x", at, math.Float64bits(v)))
			default:
				at, h := it.AtFloatHistogram(nil)
				out[name] = append(out[name], fmt.Sprintf("%d %v", at, h))
			}
		}
		require.NoError(t, it.Err())
	}
	require.NoError(t, set.Err())
	return out
}

// mixed is a store with six hours of samples of all kinds, some of them late
// and some deleted. It returns the time of the last.
func mixed(t *testing.T) (s *Store, last int64) {
	t.Helper()
	s = open(t)
	s.db.DisableCompactions()
	rnd := rand.New(rand.NewPCG(7, 8))
	start := time.UnixMilli(20_003 * 24 * time.Hour.Milliseconds())
	name := func(n string) labels.Labels { return labels.FromStrings(model.MetricNameLabel, n) }
	put := func(app promstorage.AppenderV2, n string, at int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram) {
		_, err := app.Append(0, name(n), 0, at, v, h, fh, promstorage.AOptions{})
		require.NoError(t, err)
	}
	counter, seconds := 0.0, 0.0
	for i := range int64(6 * 240) {
		app := s.AppenderV2(t.Context())
		last = start.UnixMilli() + i*15_000
		counter += float64(rnd.IntN(5000))
		seconds += rnd.Float64()
		if i == 700 {
			counter = 0
		}
		put(app, "counter", last, counter, nil, nil)
		put(app, "seconds", last+rnd.Int64N(50), math.Round(seconds*1000)/1000, nil, nil)
		put(app, "constant", last, 1, nil, nil)
		put(app, "brief", last, seconds, nil, nil)
		if i > 300 && i%50 == 0 {
			put(app, "brief", last-1_000_000, -1, nil, nil) // late
			put(app, "seconds", last+100, math.Float64frombits(value.StaleNaN), nil, nil)
		}
		h := &histogram.Histogram{
			Count: uint64(i) + 2, Sum: seconds, Schema: 1, ZeroThreshold: 1e-9,
			PositiveSpans: []histogram.Span{{Length: 2}}, PositiveBuckets: []int64{1, i},
		}
		put(app, "histogram", last, 0, h, nil)
		put(app, "gauge_histogram", last, 0, nil, h.ToFloat(nil))
		if i%400 < 200 {
			put(app, "both", last, 0, h, nil)
		} else {
			put(app, "both", last, seconds, nil, nil)
		}
		require.NoError(t, app.Commit())
	}
	for _, n := range []string{"counter", "histogram"} { // of the chunks that are written to
		for _, before := range []int64{7_200_000, 110_000, 40_000} {
			require.NoError(t, s.Delete(t.Context(), last-before, last-before+20_000, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, n)))
		}
	}
	return s, last
}

func TestBlocksHaveTheSamplesThatMemoryHad(t *testing.T) {
	s, last := mixed(t)
	before := contents(t, s, math.MaxInt64)
	require.Len(t, before, 7)

	dir := filepath.Join(t.TempDir(), "snapshot")
	require.NoError(t, s.Snapshot(dir, true))
	copied := openIn(t, dir)
	require.Equal(t, before, contents(t, copied, math.MaxInt64), "a snapshot")
	require.NoError(t, copied.Close())

	s.db.EnableCompactions()
	require.NoError(t, s.db.Compact(t.Context()))
	require.NoError(t, s.db.CompactOOOHead(t.Context()))
	require.NotEmpty(t, s.db.Blocks())
	require.Equal(t, before, contents(t, s, math.MaxInt64), "compaction")

	require.NoError(t, s.db.CompactHead(tsdb.NewRangeHead(s.db.Head(), s.db.Head().MinTime(), last+1000)))
	require.NoError(t, s.CleanTombstones())
	require.Equal(t, before, contents(t, s, math.MaxInt64), "and of what is written to")
}

func TestSamplesLaterThanABlockAreNotInIt(t *testing.T) {
	s, last := mixed(t)
	for _, until := range []int64{last - 1, last - 100_000, last - 3_600_000} {
		c, err := newCompactor(t.Context(), nil, promslog.NewNopLogger(), []int64{1}, nil, tsdb.DefaultOptions())
		require.NoError(t, err)
		dir := t.TempDir()
		_, err = c.Write(dir, s.db.Head(), math.MinInt64, until+1, nil)
		require.NoError(t, err)
		block := openIn(t, dir)
		want := contents(t, s, until)
		got := contents(t, block, math.MaxInt64)
		delete(want, `{__name__="brief"}`) // late samples are written apart
		delete(got, `{__name__="brief"}`)
		require.Equal(t, want, got)
		require.NoError(t, block.Close())
	}
}

func TestChunksAreSmallerInABlock(t *testing.T) {
	s := open(t)
	rnd := rand.New(rand.NewPCG(9, 10))
	v := 0.0
	for i := range int64(240) {
		v += float64(rnd.IntN(5000))
		write(t, s, up, i*15_000, v)
	}
	size := func(newCompactor tsdb.NewCompactorFunc) int64 {
		c, err := newCompactor(t.Context(), nil, promslog.NewNopLogger(), []int64{1}, nil, tsdb.DefaultOptions())
		require.NoError(t, err)
		dir := t.TempDir()
		ids, err := c.Write(dir, s.db.Head(), 0, 3_600_000, nil)
		require.NoError(t, err)
		file, err := os.Stat(filepath.Join(dir, ids[0].String(), "chunks", "000001"))
		require.NoError(t, err)
		return file.Size()
	}
	packed := size(newCompactor)
	plain := size(func(ctx context.Context, r prometheus.Registerer, l *slog.Logger, ranges []int64, pool chunkenc.Pool, _ *tsdb.Options) (tsdb.Compactor, error) {
		return tsdb.NewLeveledCompactor(ctx, r, l, ranges, pool, nil)
	})
	require.Less(t, float64(packed), 0.95*float64(plain))
}
