package downsample_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

const sums = `sum_over_time(m_total[1h])`

func ofKind(kind string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, "kind", kind)
}

func TestWhatIsDeletedIsGoneAtOnceAndTheRestComesBack(t *testing.T) {
	f := dataset(t, levels())
	from, to := origin+30*hour+20*minute, origin+40*hour+1
	gone := func() {
		t.Helper()
		for _, r := range []time.Duration{5 * time.Minute, time.Hour} {
			got := query(at(r), t, f.store, sums, origin+hour, origin+3*day, hour)
			for at := range got.series[`{kind="gauge"}`] {
				require.False(t, at > from+hour && at < to, "deleted at %d", at)
			}
			require.NotEmpty(t, got.series[`{kind="gauge"}`])
			require.Contains(t, got.series[`{kind="nan"}`], origin+35*hour)
		}
	}
	require.NoError(t, f.db.Delete(t.Context(), from, to, ofKind("gauge")))
	require.NoError(t, f.store.Delete(t.Context(), from, to, ofKind("gauge")))
	gone()
	f.close()
	f.reopen(levels())
	gone()
	f.pass() // windows at the edges are made of the samples left
	want := query(t.Context(), t, f.db, sums, origin+hour, origin+3*day, hour)
	for _, r := range []time.Duration{5 * time.Minute, time.Hour} {
		require.Empty(t, diff(want, query(at(r), t, f.store, sums, origin+hour, origin+3*day, hour), 1e-12))
	}
	require.Empty(t, f.marked())

	// Without samples whole windows go, and their space.
	f.dropSamples(origin+3*day, levels())
	require.NoError(t, f.store.Delete(t.Context(), origin, origin+20*hour, ofKind("nan")))
	before := f.bytes()
	f.pass()
	require.Less(t, f.bytes(), before)
	got := query(t.Context(), t, f.store, sums, origin+hour, origin+3*day, hour)
	require.NotContains(t, got.series[`{kind="nan"}`], origin+20*hour)
	require.Contains(t, got.series[`{kind="nan"}`], origin+21*hour)
	require.Contains(t, got.series[`{kind="gauge"}`], origin+20*hour)
}

// marked are the blocks to be renewed.
func (f *fixture) marked() []string {
	found, err := filepath.Glob(f.dir + "/downsampled/*/*/rebuild")
	require.NoError(f, err)
	return found
}

func (f *fixture) bytes() (n int64) {
	for _, st := range f.store.Status() {
		n += st.Bytes
	}
	return n
}

func (f *fixture) blocks(resolution string) []string {
	entries, err := os.ReadDir(filepath.Join(f.dir, "downsampled", resolution))
	require.NoError(f, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// weeks is 12 days of one series, with a day in which it has no samples.
func weeks(t testing.TB, l []downsample.Level) *fixture {
	f := open(t, t.TempDir(), l)
	f.now = origin + 20*day
	v := func(t int64) (float64, bool) { return float64(t / minute % 1000), (t-origin)/day != 5 }
	f.write(origin+1, origin+12*day, 10*minute, series{labels: named("gauge"), at: v}, series{labels: named("other"), at: v})
	f.compact()
	return f
}

func TestDaysAreMergedToLongerBlocks(t *testing.T) {
	l := levels()
	f := weeks(t, l)
	want := query(t.Context(), t, f.db, `increase(m_total[1h])+sum_over_time(m_total[1h])`, origin+hour, origin+11*day, hour)
	f.pass()
	// A stretch of 8 days begins at the origin: 20000 is a multiple of 8.
	require.Len(t, f.blocks("5m"), 2, "of days 0-7, and what there is of the next 8")
	require.Len(t, f.blocks("1h"), 2)
	for _, r := range []time.Duration{5 * time.Minute, time.Hour} {
		got := query(at(r), t, f.store, `increase(m_total[1h])+sum_over_time(m_total[1h])`, origin+hour, origin+11*day, hour)
		require.Empty(t, diff(want, got, 0.2))
	}
	before := f.blocks("1h")
	f.pass()
	require.Equal(t, before, f.blocks("1h"), "nothing is left to do")
	f.close()
	f.reopen(l)
	f.pass()
	require.Equal(t, before, f.blocks("1h"))
}

func TestEachResolutionHasARetention(t *testing.T) {
	l := levels()
	l[0].Retention = model.Duration(12 * 24 * time.Hour)
	f := weeks(t, l)
	f.pass()
	st := f.store.Status()
	require.Equal(t, time.UnixMilli(origin+7*day).UTC(), st[0].From, "20 days after the origin")
	require.Equal(t, time.UnixMilli(origin).UTC(), st[1].From)
	f.now += 2 * day
	f.pass()
	require.Equal(t, time.UnixMilli(origin+9*day).UTC(), f.store.Status()[0].From)
}

func TestCoarseWindowsAreMadeOfFinerOnesWithoutSamples(t *testing.T) {
	l := staged()
	f := dataset(t, l)
	want := query(t.Context(), t, f.db, sums, origin+hour, origin+3*day, hour)
	f.dropSamples(origin+3*day, l)
	f.now += 3 * day
	f.pass()
	require.Equal(t, time.UnixMilli(origin+3*day).UTC(), f.store.Status()[1].To)
	require.Empty(t, diff(want, query(at(time.Hour), t, f.store, sums, origin+hour, origin+3*day, hour), 1e-12))
}

func TestSamplesThatComeLateAreDownsampled(t *testing.T) {
	f := dataset(t, levels())
	f.write(origin+10*hour+1, origin+12*hour, minute, series{labels: named("late"), at: func(int64) (float64, bool) { return 1, true }})
	require.NoError(t, f.db.CompactOOOHead(t.Context()))
	f.compact()
	f.pass()
	want := query(t.Context(), t, f.db, sums, origin+hour, origin+3*day, hour)
	require.Contains(t, want.series, `{kind="late"}`)
	for _, r := range []time.Duration{5 * time.Minute, time.Hour} {
		require.Empty(t, diff(want, query(at(r), t, f.store, sums, origin+hour, origin+3*day, hour), 1e-12))
	}
}

// TestACrashAnywhereLeavesAWholeStore puts directories into each state that
// there is between two steps of writing, replacing or deleting a block.
func TestACrashAnywhereLeavesAWholeStore(t *testing.T) {
	f := weeks(t, levels()[1:])
	unmerged := filepath.Join(t.TempDir(), "unmerged")
	f.now = origin + 7*day // nothing to merge yet
	f.pass()
	require.NoError(t, os.CopyFS(unmerged, os.DirFS(f.dir)))
	f.now = origin + 20*day
	f.pass()
	want := query(at(time.Hour), t, f.store, sums, origin+hour, origin+10*day, hour)
	merged := filepath.Join(f.dir, "downsampled")

	// big is a merged block.
	big := func(t *testing.T) string {
		all, err := filepath.Glob(merged + "/1h/*/downsample.json")
		require.NoError(t, err)
		i := slices.IndexFunc(all, func(p string) bool {
			text, err := os.ReadFile(p)
			require.NoError(t, err)
			return strings.Contains(string(text), "replaces")
		})
		require.GreaterOrEqual(t, i, 0)
		return filepath.Dir(all[i])
	}
	put := func(t *testing.T, from, to string) {
		require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	}
	tests := []struct {
		name  string
		crash func(t *testing.T, dir string)
	}{
		{"before anything", func(*testing.T, string) {}},
		{"while chunks are written", func(t *testing.T, dir string) {
			put(t, filepath.Join(big(t), "chunks"), filepath.Join(dir, "1h", filepath.Base(big(t))+".tmp", "chunks"))
		}},
		{"before the block gets its name", func(t *testing.T, dir string) {
			put(t, big(t), filepath.Join(dir, "1h", filepath.Base(big(t))+".tmp"))
		}},
		{"before the blocks it replaces go", func(t *testing.T, dir string) {
			put(t, big(t), filepath.Join(dir, "1h", filepath.Base(big(t))))
		}},
		{"while one of them goes", func(t *testing.T, dir string) {
			put(t, big(t), filepath.Join(dir, "1h", filepath.Base(big(t))))
			old, err := filepath.Glob(dir + "/1h/*")
			require.NoError(t, err)
			require.NoError(t, os.Rename(old[0], old[0]+".tmp"))
			require.NoError(t, os.RemoveAll(filepath.Join(old[0]+".tmp", "index")))
		}},
		{"with a block that is damaged", func(t *testing.T, dir string) {
			old, err := filepath.Glob(dir + "/1h/*")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(old[0], "index"), []byte("?"), 0o666))
		}},
		{"with the mark of a delete", func(t *testing.T, dir string) {
			old, err := filepath.Glob(dir + "/1h/*")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(old[0], "rebuild"), nil, 0o666))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS(unmerged)))
			tt.crash(t, filepath.Join(dir, "downsampled"))
			c := open(t, dir, levels()[1:])
			c.now = f.now
			require.Empty(t, diff(want, query(at(time.Hour), t, c.store, sums, origin+hour, origin+10*day, hour), 1e-12), "at once")
			c.pass()
			require.Empty(t, diff(want, query(at(time.Hour), t, c.store, sums, origin+hour, origin+10*day, hour), 1e-12), "after a pass")
			whole := 0
			for _, name := range c.blocks("1h") {
				require.NotContains(t, name, ".tmp")
				if !strings.Contains(name, ".broken") {
					whole++
				}
			}
			require.Equal(t, 2, whole)
		})
	}
}

func TestQueriesGoOnWhileBlocksAreReplaced(t *testing.T) {
	f := weeks(t, levels()[1:])
	want := query(t.Context(), t, f.db, sums, origin+hour, origin+11*day, hour)
	ctx, done := context.WithCancel(t.Context())
	var g errgroup.Group
	for range 3 {
		g.Go(func() error {
			for ctx.Err() == nil {
				if d := diff(want, query(at(time.Hour), t, f.store, sums, origin+hour, origin+11*day, hour), 1e-12); d != "" {
					t.Error(d)
				}
			}
			return nil
		})
	}
	for now := origin + 7*day; now < origin+40*day; now += 8 * day {
		f.now = now
		f.pass()
	}
	done()
	require.NoError(t, g.Wait())
	require.Len(t, f.blocks("1h"), 1, "what was replaced is deleted once nobody reads it")
}

func TestASnapshotIsAStore(t *testing.T) {
	f := dataset(t, levels())
	dir := t.TempDir()
	require.NoError(t, f.db.Snapshot(dir, true))
	require.NoError(t, f.store.Snapshot(filepath.Join(dir, "downsampled")))
	c := open(t, dir, levels())
	require.Equal(t, f.store.Status(), c.store.Status())
	require.NotZero(t, c.store.Status()[0].Blocks)
}
