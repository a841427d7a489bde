package event

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// tinyConfig rotates heads every few batches and merges eagerly.
func tinyConfig(fsys vfs.FS) Config {
	cfg := DefaultConfig()
	cfg.Dir, cfg.FS, cfg.Retention, cfg.FlushRows = "data", fsys, 0, 40
	cfg.MaxPartRows = 300
	cfg.MergeEagerly()
	return cfg
}

func openTiny(fsys vfs.FS) (*Store, error) {
	return Open(tinyConfig(fsys), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

// tick does what Run would do in its next round.
func (s *Store) tick() error {
	var errs []error
	for _, t := range s.tables {
		errs = append(errs, t.recoverLog(), t.flushFrozen(context.Background()))
	}
	return errors.Join(errs...)
}

// deleteWith deletes the rows whose body has the needle.
func deleteWith(ctx context.Context, s *Store, needle string) error {
	_, err := s.Delete(ctx, storage.DeleteRequest{
		Signal: model.Logs, Range: model.AllTime(), Where: storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: needle},
	})
	return err
}

const someDay = int64(1_700_000_000_000_000_000)

// batchOf returns rows with the bodies given, over three days.
func batchOf(rnd *rand.Rand, ids []string) *model.Batch { return batchOver(rnd, 72*3600e9, ids) }

// batchOver returns rows with the bodies given, over a time in ns.
func batchOver(rnd *rand.Rand, span int64, ids []string) *model.Batch {
	bd := model.NewBuilder(model.Logs, len(ids))
	for _, id := range ids {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(id[:1])}}})
		bd.Row(st, someDay+rnd.Int64N(span), id)
		bd.Attr("id", model.String(id))
	}
	return bd.Batch()
}

// present returns how often each body is in the store, and fails if a scan
// does not come in order.
func present(t *testing.T, s *Store) map[string]int {
	t.Helper()
	got := map[string]int{}
	last := int64(0)
	for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i, body := range b.Body {
			got[body]++
			require.GreaterOrEqual(t, b.Time[i], last)
			last = b.Time[i]
		}
	}
	return got
}

// TestCrashLosesNothingAcknowledged cuts the power at random calls to the file
// system, several times in the life of a store.
func TestCrashLosesNothingAcknowledged(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { crashRun(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func crashRun(t *testing.T, rnd *rand.Rand) {
	disk := vfs.NewMem()
	acked := map[string]bool{}
	number := 0
	for range 4 {
		var (
			after     *vfs.Mem
			before    map[string]bool // acknowledged, and not deleted, when the power went
			flight    []string        // the batch under way then
			now       []string
			goes, nix string // the needle of the delete under way then, and now
		)
		left := 1 + rnd.IntN(200)
		fsys := vfs.Faulty{FS: disk, Fail: func(op vfs.Op, _ string) error {
			if !writes(op) { // they change nothing, and scans read concurrently
				return nil
			}
			if left--; left == 0 {
				after, before, flight, goes = disk.Crash(rnd), maps.Clone(acked), now, nix
			}
			return nil
		}}
		s, err := openTiny(fsys)
		require.NoError(t, err)
		for after == nil {
			switch n := rnd.IntN(16); {
			case n == 0:
				require.NoError(t, s.Flush(t.Context()))
			case n == 2 || n == 3:
				require.NoError(t, s.Merge(t.Context()))
			case n == 4:
				nix = fmt.Sprint(rnd.IntN(100))
				require.NoError(t, deleteWith(t.Context(), s, nix))
				maps.DeleteFunc(acked, func(id string, _ bool) bool { return strings.Contains(id, nix) })
				nix = ""
			case n == 1 || len(s.tables[0].frozen) > 1:
				require.NoError(t, s.tick())
			default:
				now = nil
				for range 1 + rnd.IntN(15) {
					number++
					now = append(now, fmt.Sprintf("%c%d", 'a'+number%3, number))
				}
				require.NoError(t, s.Append(t.Context(), batchOf(rnd, now)))
				for _, id := range now {
					acked[id] = true
				}
				now = nil
			}
		}
		require.NoError(t, s.Close())

		disk = after
		s, err = openTiny(disk)
		require.NoError(t, err)
		check := func(s *Store) {
			got := present(t, s)
			if goes != "" { // all or nothing of what was being deleted
				all := maps.Clone(before)
				maps.DeleteFunc(before, func(id string, _ bool) bool { return strings.Contains(id, goes) })
				if len(got) > len(before) {
					before = all
				}
				goes = ""
			}
			for id := range before {
				require.Equal(t, 1, got[id], "acknowledged row %s", id)
				delete(got, id)
			}
			if len(got) > 0 { // not acknowledged, so it may be there, but whole
				require.Len(t, got, len(flight))
				for _, id := range flight {
					require.Equal(t, 1, got[id], "row %s of the batch under way", id)
				}
			}
		}
		check(s)
		acked = map[string]bool{}
		for id := range present(t, s) {
			acked[id] = true
		}
		if rnd.IntN(2) == 0 {
			require.NoError(t, s.tick()) // replayed heads become parts
			check(s)
		}
		if rnd.IntN(2) == 0 {
			require.NoError(t, s.Merge(t.Context()))
			check(s)
		}
		require.Zero(t, s.tables[0].damaged, "a crash was taken for corruption")
		require.NoError(t, s.Close())
	}
}

func writes(op vfs.Op) bool { return op != vfs.OpRead && op != vfs.OpOpen && op != vfs.OpList }

// errNoSpace is what a full disk says.
var errNoSpace = syscall.ENOSPC

// faultScript appends, flushes, merges and deletes, and returns what was
// acknowledged, what was refused, and what a delete that failed may delete yet.
// It opens the store again if opening fails.
func faultScript(t *testing.T, fsys vfs.FS) (s *Store, acked, refused, unsure map[string]bool) {
	acked, refused, unsure = map[string]bool{}, map[string]bool{}, map[string]bool{}
	rnd := rand.New(rand.NewPCG(7, 7))
	var err error
	for s == nil {
		if s, err = openTiny(fsys); err != nil {
			require.ErrorIs(t, err, errNoSpace)
			s = nil
		}
	}
	for n := range 10 {
		var ids []string
		for i := range 12 {
			ids = append(ids, fmt.Sprintf("a%d-%d", n, i))
		}
		into := acked
		if err := s.Append(t.Context(), batchOver(rnd, 2*3600e9, ids)); err != nil { // around midnight
			require.ErrorIs(t, err, storage.ErrReadOnly)
			require.ErrorIs(t, err, errNoSpace)
			into = refused
		}
		for _, id := range ids {
			into[id] = true
		}
		if n%3 == 2 {
			_ = s.tick()
		}
		if n == 3 || n == 7 {
			needle := fmt.Sprintf("-%d", n/3)
			err := deleteWith(t.Context(), s, needle)
			for id := range acked {
				if strings.Contains(id, needle) {
					delete(acked, id)
					if err != nil {
						unsure[id] = true
					}
				}
			}
		}
		if n == 6 || n == 9 {
			was := s.tables[0].status().ReadOnly
			_ = s.Merge(t.Context())
			require.Equal(t, was, s.tables[0].status().ReadOnly, "a merge that fails must not stop writes")
		}
	}
	return s, acked, refused, unsure
}

// TestFailedWriteIsAllOrNothing makes each call that writes fail, once or until
// the disk is well again, and looks that acknowledged rows are there once,
// refused ones never, and that the store heals by itself.
func TestFailedWriteIsAllOrNothing(t *testing.T) {
	calls := 0
	s, acked, refused, _ := faultScript(t, vfs.Faulty{FS: vfs.NewMem(), Fail: func(op vfs.Op, _ string) error {
		if writes(op) {
			calls++
		}
		return nil
	}})
	require.NoError(t, s.Close())
	require.Empty(t, refused)
	require.Len(t, acked, 10*12-4*3-8)
	require.Greater(t, calls, 100)

	refusals := 0
	for at := range calls {
		for _, times := range []int{1, 25} {
			if times > 1 && at%8 != 0 {
				continue
			}
			disk := vfs.NewMem()
			n, healthy := 0, false
			fsys := vfs.Faulty{FS: disk, Fail: func(op vfs.Op, name string) error {
				if !writes(op) || healthy {
					return nil
				}
				n++
				if n > at && n <= at+times {
					return fmt.Errorf("%s %s: %w", op, name, errNoSpace)
				}
				return nil
			}}
			s, acked, refused, unsure := faultScript(t, fsys)
			refusals += len(refused)
			verify := func(s *Store, what string) {
				got := present(t, s)
				for id := range acked {
					require.Equal(t, 1, got[id], "call %d × %d: %s: acknowledged row %s", at, times, what, id)
				}
				maps.DeleteFunc(got, func(id string, n int) bool { return unsure[id] && n == 1 })
				require.Len(t, got, len(acked), "call %d × %d: %s: a refused or deleted row is there", at, times, what)
			}
			verify(s, "at once")
			healthy = true
			require.NoError(t, s.tick())
			verify(s, "healed")
			last := []string{"z1", "z2"}
			require.NoError(t, s.Append(t.Context(), batchOf(rand.New(rand.NewPCG(1, 1)), last)), "healed")
			acked["z1"], acked["z2"] = true, true
			crashed := disk.Crash(rand.New(rand.NewPCG(uint64(at), 3)))
			verify(s, "written again")
			require.NoError(t, s.Flush(t.Context()))
			verify(s, "flushed")
			require.NoError(t, s.Merge(t.Context()))
			verify(s, "merged")
			require.Empty(t, s.Deletes(t.Context()), "call %d × %d", at, times)
			require.Empty(t, s.tables[0].status().ReadOnly)
			require.NoError(t, s.Close())
			for what, disk := range map[string]vfs.FS{"opened again": disk, "opened after a crash": crashed} {
				s, err := openTiny(disk)
				require.NoError(t, err)
				verify(s, what)
				require.Zero(t, s.tables[0].damaged)
				require.NoError(t, s.Close())
			}
		}
	}
	require.Greater(t, refusals, 100, "no write was ever refused")
}

// TestReadOnlySaysWhy is what an operator with a full disk sees.
func TestReadOnlySaysWhy(t *testing.T) {
	var mu sync.Mutex
	full := false
	s, err := openTiny(vfs.Faulty{FS: vfs.NewMem(), Fail: func(op vfs.Op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		if full && op == vfs.OpWrite {
			return errNoSpace
		}
		return nil
	}})
	require.NoError(t, err)
	rnd := rand.New(rand.NewPCG(1, 2))
	require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{"a"})))
	mu.Lock()
	full = true
	mu.Unlock()

	err = s.Append(t.Context(), batchOf(rnd, []string{"b"}))
	require.ErrorIs(t, err, storage.ErrReadOnly)
	require.ErrorContains(t, err, "no space left on device")
	require.Contains(t, s.Status(t.Context())[0].ReadOnly, "no space left on device")
	require.Equal(t, map[string]int{"a": 1}, present(t, s), "queries go on")
	require.Error(t, s.tick(), "the disk is still full")
	mu.Lock()
	full = false
	mu.Unlock()
	require.NoError(t, s.tick())
	require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{"c"})))
	require.Equal(t, map[string]int{"a": 1, "c": 1}, present(t, s))
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Append(t.Context(), batchOf(rnd, []string{"d"})), storage.ErrClosed)
}
