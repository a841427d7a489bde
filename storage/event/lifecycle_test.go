package event

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// running calls f with a store whose Run is running, on a clock of its own.
func running(t *testing.T, fsys vfs.FS, f func(t *testing.T, s *Store)) {
	synctest.Test(t, func(t *testing.T) {
		s, err := openTiny(fsys)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		f(t, s)
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, s.Close())
	})
}

func TestIdleHeadIsFlushed(t *testing.T) {
	running(t, vfs.NewMem(), func(t *testing.T, s *Store) {
		require.NoError(t, s.Append(t.Context(), spanBatch(5)))
		time.Sleep(29 * time.Second)
		st := s.Status(t.Context())[1]
		require.Equal(t, 5, st.HeadRows)
		require.Zero(t, st.Parts)
		time.Sleep(3 * time.Second)
		st = s.Status(t.Context())[1]
		require.Zero(t, st.HeadRows)
		require.Equal(t, 1, st.Parts)
		require.EqualValues(t, 5, st.PartRows)
		require.NotZero(t, st.PartBytes)
		require.EqualValues(t, segmentHeader, st.WALBytes, "the flushed segment is gone")
		require.Equal(t, time.Unix(0, someDay).UTC(), st.Oldest)
		require.Equal(t, time.Unix(0, someDay+4).UTC(), st.Newest)
	})
}

func TestFullHeadIsFlushedAtOnce(t *testing.T) {
	running(t, vfs.NewMem(), func(t *testing.T, s *Store) {
		require.NoError(t, s.Append(t.Context(), spanBatch(41)))
		synctest.Wait()
		require.Equal(t, 1, s.Status(t.Context())[1].Parts)
	})
}

func TestReadOnlySpellEndsByItself(t *testing.T) {
	var mu sync.Mutex
	full := false
	set := func(v bool) { mu.Lock(); full = v; mu.Unlock() }
	running(t, vfs.Faulty{FS: vfs.NewMem(), Fail: func(op vfs.Op, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		if full && (op == vfs.OpWrite || op == vfs.OpCreate) {
			return errNoSpace
		}
		return nil
	}}, func(t *testing.T, s *Store) {
		set(true)
		require.ErrorIs(t, s.Append(t.Context(), spanBatch(1)), storage.ErrReadOnly)
		time.Sleep(time.Minute)
		require.ErrorIs(t, s.Append(t.Context(), spanBatch(1)), storage.ErrReadOnly)
		set(false)
		time.Sleep(2 * time.Second)
		require.NoError(t, s.Append(t.Context(), spanBatch(1)))
		require.Equal(t, 1, s.Status(t.Context())[1].HeadRows)
	})
}

func TestMemoryIsBoundedWhenFlushingStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := openTiny(vfs.NewMem()) // nothing runs
		require.NoError(t, err)
		for err == nil {
			err = s.Append(t.Context(), spanBatch(20))
		}
		require.ErrorIs(t, err, storage.ErrBusy)
		require.LessOrEqual(t, s.Status(t.Context())[1].HeadRows, 4*40)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Append(ctx, spanBatch(1)), context.DeadlineExceeded)

		waits := make(chan error)
		go func() { waits <- s.Append(t.Context(), spanBatch(1)) }()
		synctest.Wait()
		require.NoError(t, s.tick())
		require.NoError(t, <-waits, "room was made in time")
		require.NoError(t, s.Close())
	})
}

func TestRetentionDropsWholeDays(t *testing.T) {
	disk := vfs.NewMem()
	cfg := tinyConfig(disk)
	cfg.Retention = Duration(2 * 24 * time.Hour)
	s, err := openTiny(disk)
	require.NoError(t, err)
	logs := s.tables[0]
	logs.cfg = cfg
	bd := model.NewBuilder(model.Logs, 4)
	st := bd.Stream(&model.Stream{})
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"18", "19", "20", "21"} {
		bd.Row(st, midnight.AddDate(0, 0, i-2).UnixNano(), name)
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.NoError(t, s.Flush(t.Context()))
	days := func() (out []string) {
		es, err := disk.List(logs.dir)
		require.NoError(t, err)
		for _, e := range es {
			if _, ok := parseDay(e.Name); ok {
				out = append(out, e.Name)
			}
		}
		return out
	}
	require.Len(t, days(), 4)

	logs.expire(midnight.AddDate(0, 0, 2).Add(-time.Nanosecond))
	require.Equal(t, []string{"2026-11-19", "2026-11-20", "2026-11-21"}, days())

	// A scan under way keeps what it has seen.
	snap := logs.snapshot()
	logs.expire(midnight.AddDate(0, 0, 3))
	require.Equal(t, []string{"2026-11-19", "2026-11-20", "2026-11-21"}, days())
	require.Equal(t, map[string]int{"21": 1}, present(t, s))
	_, err = openBlock(snap.parts[0], model.Logs, 0)
	require.NoError(t, err)
	snap.release()
	logs.expire(midnight.AddDate(0, 0, 3))
	require.Equal(t, []string{"2026-11-21"}, days())
	require.NoError(t, s.Close())
}

// TestScansAndWritesTogether is for the race detector.
func TestScansAndWritesTogether(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	run := make(chan error, 1)
	go func() { run <- s.Run(ctx) }()
	for w := range 3 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for i := range 40 {
				id := string(rune('a'+w)) + string(rune('A'+i))
				if err := s.Append(ctx, batchOf(rnd, []string{id + "0", id + "1", id + "2"})); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				seen := map[string]bool{}
				for b, err := range s.Scan(ctx, storage.Scan{Signal: model.Logs, Range: model.AllTime(), Reverse: w == 1}) {
					if err != nil {
						t.Error(err)
						return
					}
					for _, body := range b.Body {
						if seen[body] {
							t.Errorf("row %q twice", body)
						}
						seen[body] = true
					}
				}
				for body := range seen { // a batch is visible whole
					for _, c := range []string{"0", "1", "2"} {
						if !seen[body[:len(body)-1]+c] {
							t.Errorf("row %q without its batch", body)
						}
					}
				}
				if _, err := s.Keys(ctx, storage.KeysRequest{Signal: model.Logs, Range: model.AllTime(), Place: storage.Attr}); err != nil {
					t.Error(err)
				}
				s.Status(ctx)
			}
		})
	}
	wg.Wait()
	require.Len(t, present(t, s), 3*40*3)
	cancel()
	require.NoError(t, <-run)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Append(t.Context(), spanBatch(1)), storage.ErrClosed)
}

func TestSearchAcrossGranules(t *testing.T) {
	s, err := Open(func() Config { c := tinyConfig(vfs.NewMem()); c.FlushRows = 1 << 20; return c }(), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	const rows = 3*granuleRows + 100
	bd := model.NewBuilder(model.Spans, rows)
	for i := range rows {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "n", Value: model.Int(int64(i / granuleRows))}}})
		bd.Span(st, model.Span{TraceID: model.TraceID{14: byte(i >> 8), 15: byte(i)}, SpanID: model.SpanID{7: 1}, Name: "n", Start: someDay + int64(i)})
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.NoError(t, s.Flush(t.Context()))
	scan := func(sc storage.Scan) (rows int, st storage.Stats) {
		sc.Signal, sc.Stats = model.Spans, &st
		if sc.Range == (model.Range{}) {
			sc.Range = model.AllTime()
		}
		for b, err := range s.Scan(t.Context(), sc) {
			require.NoError(t, err)
			rows += b.Len()
		}
		return rows, st
	}
	n, st := scan(storage.Scan{})
	require.Equal(t, rows, n)
	require.EqualValues(t, 4, st.Granules)

	n, st = scan(storage.Scan{Where: storage.Compare{
		Field: storage.Field{Place: storage.TraceID}, Op: storage.Eq, Value: model.String(model.TraceID{14: 0x20, 15: 5}.String()),
	}})
	require.Equal(t, 1, n)
	require.EqualValues(t, 1, st.Granules, "a trace is found by the index")

	n, st = scan(storage.Scan{Where: storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "n"}, Op: storage.Eq, Value: model.Int(1)}})
	require.Equal(t, granuleRows, n)
	require.EqualValues(t, 1, st.Granules, "a stream is found by the stream table")

	n, st = scan(storage.Scan{Range: model.Range{Start: someDay + rows - 50, End: someDay + rows}})
	require.Equal(t, 50, n)
	require.EqualValues(t, 1, st.Granules, "a time is found by meta.json")

	n, st = scan(storage.Scan{Reverse: true, Limit: 10})
	require.Equal(t, 10, n)
	require.LessOrEqual(t, st.Granules, int64(2), "a limit stops early")
	require.NoError(t, s.Close())
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	require.NoError(t, tinyConfig(nil).Validate())
	err := Config{
		Retention: -1, SyncDelay: Duration(time.Hour), MaxBytes: -1, MergeCPU: math.NaN(),
		Streams: []StreamRetention{{Where: bodyHas("x"), Period: -1}},
	}.Validate()
	for _, key := range []string{
		"dir", "retention", "flush_rows", "flush_bytes", "flush_idle", "sync_delay", "max_bytes", "max_part_rows", "merge_cpu",
		"streams[0].selector", "streams[0].period",
	} {
		require.ErrorContains(t, err, key+":")
	}
}
