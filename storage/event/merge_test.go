package event

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestWindowThatPays(t *testing.T) {
	k := func(rows ...int64) (out []size) {
		for _, n := range rows {
			out = append(out, size{rows: n, bytes: n})
		}
		return out
	}
	same := func(n int, rows int64) []size {
		out := make([]size, n)
		for i := range out {
			out[i] = size{rows: rows, bytes: rows}
		}
		return out
	}
	tests := []struct {
		name     string
		parts    []size
		gain     int
		from, to int
	}{
		{"nothing of nothing", nil, 8, 0, 0},
		{"one part is never merged", k(1), 2, 0, 0},
		{"too few of one size", same(7, 100), 8, 0, 0},
		{"enough of one size", same(8, 100), 8, 0, 8},
		{"as many as may be", same(40, 10), 8, 0, 15},
		{"small ones beside a large one", append(k(5000), same(8, 100)...), 8, 1, 9},
		{"small ones on both sides of a large one", append(append(same(5, 100), k(5000)...), same(5, 100)...), 8, 0, 0},
		{"too large to be merged", same(8, 9000), 8, 0, 0},
		{"no room for more, so half the gain will do", same(8, 2000), 8, 0, 5},
		{"cold: two of one size", same(2, 100), 2, 0, 2},
		{"cold: a large one is left alone", k(5000, 100), 2, 0, 0},
		{"cold: no room for both", same(2, 9000), 2, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := bestWindow(tt.parts, tt.gain, 10_000)
			require.Equal(t, [2]int{tt.from, tt.to}, [2]int{w.from, w.to})
		})
	}
	huge := []size{{1, mergeBytes}, {1, 1}, {1, 1}}
	w := bestWindow(huge, 2, 100)
	require.Equal(t, [2]int{1, 3}, [2]int{w.from, w.to}, "bytes are bounded too")
}

// TestWriteAmplification plays a day of flushes and looks how often a row is
// written after its flush, and how many parts the day has then and once it is
// cold.
func TestWriteAmplification(t *testing.T) {
	maxRows := DefaultConfig().MaxPartRows
	tests := []struct {
		name              string
		flushes           int
		rows              int64
		rewrites          float64
		most, atEnd, cold int
	}{
		{"full heads", 80, 1<<18 + 1000, 1.01, 17, 10, 10},
		{"eight full heads", 8, 1<<18 + 1000, 1.01, 8, 1, 1},
		{"idle heads", 2880, 1000, 4.01, 32, 24, 4},
		{"tiny heads", 2880, 1, 4.01, 32, 24, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var parts []size
			var written int64
			merge := func(gain int) {
				for {
					w := bestWindow(parts, gain, maxRows)
					if w.to == 0 {
						return
					}
					written += w.rows
					merged := size{w.rows, w.rows * 50}
					parts = append(append(parts[:w.from:w.from], merged), parts[w.to:]...)
				}
			}
			most := 0
			for range tt.flushes {
				parts = append(parts, size{tt.rows, tt.rows * 50})
				merge(mergeGain)
				most = max(most, len(parts))
			}
			hot := float64(written) / float64(int64(tt.flushes)*tt.rows)
			atEnd := len(parts)
			merge(mergeGainCold)
			cold := float64(written) / float64(int64(tt.flushes)*tt.rows)
			t.Logf("each row is written anew %.2f times, %.2f once the day is cold; at most %d parts, %d in the end, %d cold", hot, cold, most, atEnd, len(parts))
			require.LessOrEqual(t, cold, tt.rewrites+1)
			require.LessOrEqual(t, hot, tt.rewrites)
			require.LessOrEqual(t, most, tt.most)
			require.LessOrEqual(t, atEnd, tt.atEnd)
			require.LessOrEqual(t, len(parts), tt.cold)
		})
	}
}

// appendParts appends batches of rows and flushes each. Their ids are unique.
func appendParts(t testing.TB, s *Store, parts, rows int) (ids []string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 1))
	for n := range parts {
		var batch []string
		for i := range rows {
			batch = append(batch, fmt.Sprintf("a%d-%d", n, i))
		}
		require.NoError(t, s.Append(context.Background(), batchOf(rnd, batch)))
		require.NoError(t, s.Flush(context.Background()))
		ids = append(ids, batch...)
	}
	return ids
}

func partNames(t testing.TB, fsys vfs.FS) (out []string) {
	t.Helper()
	days, err := fsys.List("data/logs")
	require.NoError(t, err)
	for _, d := range days {
		if _, ok := parseDay(d.Name); ok {
			es, err := fsys.List(path.Join("data/logs", d.Name))
			require.NoError(t, err)
			for _, e := range es {
				out = append(out, d.Name[8:]+"/"+e.Name)
			}
		}
	}
	return out
}

func TestMergeMakesOnePartOfADay(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	ids := appendParts(t, s, 5, 30)
	require.Greater(t, len(partNames(t, disk)), 15, "of four days")
	require.NoError(t, s.Merge(t.Context()))
	whole := partName(1, 5)
	require.Subset(t, partNames(t, disk), []string{"15/" + whole, "16/" + whole, "17/" + whole})
	require.LessOrEqual(t, len(partNames(t, disk)), 5, "the few rows of the first day may not pay")
	require.Len(t, present(t, s), len(ids))
	require.NoError(t, s.Close())
	s, err = openTiny(disk)
	require.NoError(t, err)
	require.Len(t, present(t, s), len(ids))
	require.NoError(t, s.Close())
}

// A scan that began before a merge goes on with what it saw; what is on disk
// then supersedes it after a crash.
func TestReadersKeepTheSourcesOfAMerge(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	ids := appendParts(t, s, 3, 30)
	snap := s.tables[0].snapshot()
	require.NoError(t, s.Merge(t.Context()))
	require.Greater(t, len(partNames(t, disk)), 10)
	rows := 0
	for b, err := range s.tables[0].scan(t.Context(), s.gateFor(t.Context()), snap, storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(t, err)
		rows += b.Len()
	}
	require.Equal(t, len(ids), rows)
	crashed := disk.Crash(rand.New(rand.NewPCG(1, 1)))
	snap.release()
	merged := len(partNames(t, disk))
	require.LessOrEqual(t, merged, 5)
	require.NoError(t, s.Close())

	s, err = openTiny(crashed)
	require.NoError(t, err)
	require.Len(t, present(t, s), len(ids))
	require.Len(t, partNames(t, crashed), merged, "the sources are leftovers")
	require.Zero(t, s.tables[0].damaged)
	require.NoError(t, s.Close())
}

func TestMergeStopsAtOnceAndLeavesNothing(t *testing.T) {
	disk := vfs.NewMem()
	ctx, cancel := context.WithCancel(t.Context())
	merging := func(name string) bool {
		id, ok := parsePartID(strings.TrimSuffix(path.Base(path.Dir(name)), tmpSuffix))
		return ok && id.first < id.last
	}
	s, err := openTiny(vfs.Faulty{FS: disk, Fail: func(op vfs.Op, name string) error {
		if op == vfs.OpWrite && merging(name) {
			cancel()
		}
		return nil
	}})
	require.NoError(t, err)
	ids := appendParts(t, s, 4, 30)
	before := partNames(t, disk)
	require.ErrorIs(t, s.Merge(ctx), context.Canceled)
	require.Equal(t, before, partNames(t, disk)[:len(before)])
	for _, name := range partNames(t, disk) {
		require.NotContains(t, name, tmpSuffix)
	}
	require.Len(t, present(t, s), len(ids))
	require.NoError(t, s.Close())
}

func TestMergeSetsADamagedSourceAside(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 4, 30)
	victim := s.tables[0].parts[4] // segment 2's first day
	require.EqualValues(t, 2, victim.meta.Segments[0])
	rewrite(t, disk, path.Join(victim.dir, eventsFile), func(b []byte) []byte { b[len(b)/3] ^= 1; return b })
	require.NoError(t, s.Merge(t.Context()))
	require.LessOrEqual(t, len(partNames(t, disk)), 5)
	require.Equal(t, 1, s.Status(t.Context())[0].Quarantined)
	require.Len(t, present(t, s), 4*30-int(victim.meta.Rows))
	require.NoError(t, s.Close())
}

func TestMergeBacksOffFromAFullDisk(t *testing.T) {
	disk := vfs.NewMem()
	full, tries := true, 0
	s, err := openTiny(vfs.Faulty{FS: disk, Fail: func(op vfs.Op, name string) error {
		id, ok := parsePartID(strings.TrimSuffix(path.Base(path.Dir(name)), tmpSuffix))
		if full && op == vfs.OpWrite && ok && id.first < id.last {
			tries++
			return errNoSpace
		}
		return nil
	}})
	require.NoError(t, err)
	ids := appendParts(t, s, 4, 30)
	before := partNames(t, disk)
	now := time.Now()
	s.mergeRound(t.Context(), now)
	once := tries
	require.NotZero(t, once)
	s.mergeRound(t.Context(), now.Add(mergeBackOff-1))
	require.Equal(t, once, tries, "it rests")
	s.mergeRound(t.Context(), now.Add(mergeBackOff))
	require.Greater(t, tries, once)
	require.NoError(t, s.Append(t.Context(), batchOf(rand.New(rand.NewPCG(1, 1)), []string{"b"})), "writes go on")
	require.Len(t, present(t, s), len(ids)+1, "queries go on")
	require.Empty(t, s.Status(t.Context())[0].ReadOnly)
	require.Equal(t, before, partNames(t, disk), "nothing is left of the attempts")

	full = false
	s.mergeRound(t.Context(), now.Add(2*mergeBackOff))
	require.LessOrEqual(t, len(partNames(t, disk)), 5)
	require.Len(t, present(t, s), len(ids)+1)
	require.NoError(t, s.Close())
}

// roomyDisk has so many bytes free.
type roomyDisk struct {
	vfs.FS
	free int64
}

func (d *roomyDisk) Free(string) (int64, error) { return d.free, nil }

func TestMergeLeavesRoomForWrites(t *testing.T) {
	disk := &roomyDisk{vfs.NewMem(), spareRoom}
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 4, 30)
	before := partNames(t, disk)
	require.ErrorIs(t, s.Merge(t.Context()), errNoSpace)
	require.Equal(t, before, partNames(t, disk))
	disk.free += 1 << 20
	require.NoError(t, s.Merge(t.Context()))
	require.LessOrEqual(t, len(partNames(t, disk)), 5)
	require.NoError(t, s.Close())
}

// A segment that is still to be flushed must not be in the name of a part.
func TestMergeDoesNotSpanWhatIsNotFlushed(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 3, 5)
	tb := s.tables[0]
	stuck := newHead(model.Logs, 2)
	tb.mu.Lock()
	tb.frozen = append([]*head{stuck}, tb.frozen...)
	tb.mu.Unlock()
	require.Nil(t, tb.nextMerge(time.Now(), true))
	tb.mu.Lock()
	tb.frozen = tb.frozen[1:]
	tb.mu.Unlock()
	j := tb.nextMerge(time.Now(), true)
	require.NotNil(t, j)
	j.release()
	require.NoError(t, s.Close())
}

func TestColdDayIsMergedToFewParts(t *testing.T) {
	cfg := tinyConfig(vfs.NewMem())
	cfg.gain = 0
	tb := &table{cfg: cfg}
	now := time.Unix(0, someDay).Add(48 * time.Hour)
	for i := range uint64(3) {
		p := &part{day: dayOf(someDay), born: now.Add(-59 * time.Minute), meta: &partMeta{Rows: 100, Segments: [2]uint64{i, i}}}
		p.refs.Store(1)
		tb.parts = append(tb.parts, p)
	}
	require.Nil(t, tb.nextMerge(now, false), "something may still be added")
	j := tb.nextMerge(now.Add(2*time.Minute), false)
	require.NotNil(t, j)
	require.Len(t, j.sources, 3)
	require.Nil(t, tb.nextMerge(time.Unix(0, someDay), false), "the day is not over")
}
