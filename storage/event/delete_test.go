package event

import (
	"context"
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

func bodyHas(needle string) storage.Predicate {
	return storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: needle}
}

func appIs(app string) storage.Predicate {
	return storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String(app)}
}

func streamNames(t *testing.T, s *Store) (out []string) {
	t.Helper()
	vals, err := s.Values(t.Context(), storage.ValuesRequest{Signal: model.Logs, Range: model.AllTime(), Field: storage.Field{Place: storage.Stream, Key: "app"}})
	require.NoError(t, err)
	for _, v := range vals {
		out = append(out, v.Value.Str())
	}
	return out
}

// TestDeletedRowsAreGone goes through the life of a delete, with rows in parts
// and heads, over restarts.
func TestDeletedRowsAreGone(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	rnd := rand.New(rand.NewPCG(1, 1))
	require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{"a1", "a2", "b1", "c1"})))
	require.NoError(t, s.Flush(t.Context()))
	require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{"a3", "b2"})))

	ctx := t.Context()
	where := appIs("a")
	res, err := s.Delete(ctx, storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime(), Where: where, DryRun: true})
	require.NoError(t, err)
	require.Equal(t, storage.DeleteResult{Rows: 3}, res)
	require.Len(t, present(t, s), 6, "a dry run only counts")

	res, err = s.Delete(ctx, storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime(), Where: where})
	require.NoError(t, err)
	require.EqualValues(t, 3, res.Rows)
	require.NotZero(t, res.Number)
	left := map[string]int{"b1": 1, "b2": 1, "c1": 1}
	check := func(what string) {
		require.Equal(t, left, present(t, s), what)
		want := map[string]bool{}
		for id := range left {
			want[id[:1]] = true
		}
		require.Len(t, streamNames(t, s), len(want), what)
		keys, err := s.Keys(ctx, storage.KeysRequest{Signal: model.Logs, Range: model.AllTime(), Place: storage.Attr})
		require.NoError(t, err)
		require.Len(t, keys, 1, what)
		groups, err := s.Aggregate(ctx, storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), ByStream: true})
		require.NoError(t, err)
		require.Len(t, groups, len(want), what)
		groups, err = s.Aggregate(ctx, storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), By: []storage.Field{{Place: storage.Attr, Key: "id"}}})
		require.NoError(t, err)
		require.Len(t, groups, len(left), what)
	}
	check("at once")
	require.NoError(t, s.Append(ctx, batchOf(rnd, []string{"a4"})))
	left["a4"] = 1
	check("a later row is not concerned")
	require.Len(t, s.Deletes(ctx), 1)
	require.Equal(t, 1, s.Status(ctx)[0].Deletes)
	require.NoError(t, s.Close())

	s, err = openTiny(disk)
	require.NoError(t, err)
	check("after a restart")
	require.NoError(t, s.Flush(ctx))
	check("flushed")
	require.Positive(t, s.Deletes(ctx)[0].Pending)
	require.NoError(t, s.Merge(ctx))
	check("merged")
	require.Empty(t, s.Deletes(ctx))
	require.EqualValues(t, len(left), s.Status(ctx)[0].PartRows, "the bytes are gone")
	require.Empty(t, files(t, disk, "data/logs/deletes"))
	require.NoError(t, s.Close())
	s, err = openTiny(disk)
	require.NoError(t, err)
	check("after another restart")
	require.NoError(t, s.Close())
}

func TestDeleteOfAllRowsLeavesNoPart(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 3, 30)
	_, err = s.Delete(t.Context(), storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime()})
	require.NoError(t, err)
	require.Empty(t, present(t, s))
	require.NoError(t, s.Flush(t.Context()))
	require.NoError(t, s.Merge(t.Context()))
	require.Empty(t, partNames(t, disk))
	require.Empty(t, s.Deletes(t.Context()))
	require.NoError(t, s.Close())
	s, err = openTiny(disk)
	require.NoError(t, err)
	require.Empty(t, present(t, s))
	require.NoError(t, s.Close())
}

// A part without a row to delete is not written anew.
func TestDeleteRewritesOnlyWhatItMust(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	s.tables[0].cfg.gain = 100
	appendParts(t, s, 3, 30)
	before := partNames(t, disk)
	res, err := s.Delete(t.Context(), storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime(), Where: bodyHas("a1-7")})
	require.NoError(t, err)
	require.EqualValues(t, 1, res.Rows)
	_, err = s.Delete(t.Context(), storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime(), Where: bodyHas("nowhere")})
	require.NoError(t, err)
	require.Len(t, s.Deletes(t.Context()), 2)
	require.NoError(t, s.Flush(t.Context()))
	require.NoError(t, s.Merge(t.Context()))
	require.Empty(t, s.Deletes(t.Context()))
	after := partNames(t, disk)
	require.Len(t, after, len(before))
	changed := 0
	for i := range before {
		if before[i] != after[i] {
			changed++
			require.Equal(t, before[i]+"-1", after[i])
		}
	}
	require.Equal(t, 1, changed)
	require.Len(t, present(t, s), 89)
	require.NoError(t, s.Close())
}

func TestDeletesGatherBeforeBytesGo(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	appendParts(t, s, 1, 30)
	require.NoError(t, deleteWith(t.Context(), s, "a0-7"))
	require.NoError(t, s.Flush(t.Context()))
	now := time.Now()
	s.mergeRound(t.Context(), now)
	require.EqualValues(t, 30, s.Status(t.Context())[0].PartRows)
	s.mergeRound(t.Context(), now.Add(deleteDelay))
	require.EqualValues(t, 29, s.Status(t.Context())[0].PartRows)
	require.Empty(t, s.Deletes(t.Context()))
	require.NoError(t, s.Close())
}

// While a scan may still read the rows of a part, the record of their delete
// stays: a crash would bring the part back.
func TestDeleteIsRememberedWhileItsPartIsOnDisk(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 1, 30)
	_, err = s.Delete(t.Context(), storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime()})
	require.NoError(t, err)
	require.NoError(t, s.Flush(t.Context()))
	snap := s.tables[0].snapshot()
	require.NoError(t, s.Merge(t.Context()))
	require.Len(t, s.Deletes(t.Context()), 1)
	crashed, err := openTiny(disk.Crash(rand.New(rand.NewPCG(1, 1))))
	require.NoError(t, err)
	require.NotZero(t, crashed.Status(t.Context())[0].PartRows)
	require.Empty(t, present(t, crashed))
	require.NoError(t, crashed.Close())
	snap.release()
	require.NoError(t, s.Merge(t.Context()))
	require.Empty(t, s.Deletes(t.Context()))
	require.NoError(t, s.Close())
}

func TestDamagedTombstoneIsSetAside(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	appendParts(t, s, 1, 3)
	require.NoError(t, deleteWith(t.Context(), s, "a0-1"))
	require.NoError(t, s.Close())
	name := files(t, disk, "data/logs/deletes")[0]
	rewrite(t, disk, name, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	s, err = openTiny(disk)
	require.NoError(t, err)
	require.Equal(t, 1, s.Status(t.Context())[0].Quarantined)
	require.Len(t, present(t, s), 3, "which is why it is logged as an error")
	require.Equal(t, []string{"data/logs/quarantine/delete_" + path.Base(name)}, files(t, disk, "data/logs/quarantine"))
	require.NoError(t, s.Close())
}

func TestDeleteIsRefused(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	_, err = s.Delete(t.Context(), storage.DeleteRequest{})
	require.ErrorContains(t, err, "signal")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Delete(ctx, storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime()})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, s.Deletes(t.Context()), "nothing was recorded")
	require.NoError(t, s.Close())
	_, err = s.Delete(t.Context(), storage.DeleteRequest{Signal: model.Logs, Range: model.AllTime()})
	require.ErrorIs(t, err, storage.ErrClosed)
}

// FuzzParseTombstone looks that no bytes make it panic, and that what is
// accepted can be written again.
func FuzzParseTombstone(f *testing.F) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(f, err)
	require.NoError(f, deleteWith(context.Background(), s, "x"))
	require.NoError(f, s.Close())
	b, err := vfs.ReadFile(disk, "data/logs/deletes/0000000001.json")
	require.NoError(f, err)
	f.Add(string(b[len(seal)+10:]))
	f.Add(`"format":1}`)
	f.Fuzz(func(t *testing.T, body string) {
		h, err := parseTombstone(append(appendSeal(nil, []byte(body)), body...))
		if err != nil {
			return
		}
		tb := &table{fs: vfs.NewMem(), dir: "data/logs"}
		require.NoError(t, tb.fs.MkdirAll(tb.dir))
		require.NoError(t, tb.writeTombstone(h))
		again, err := vfs.ReadFile(tb.fs, tb.tombstoneName(h.number))
		require.NoError(t, err)
		back, err := parseTombstone(again)
		require.NoError(t, err)
		require.Equal(t, h.over, back.over)
		require.True(t, h.created.Equal(back.created))
		require.Equal(t, strings.ToValidUTF8(predicateText(h.where), "?"), strings.ToValidUTF8(predicateText(back.where), "?"))
	})
}

func predicateText(p storage.Predicate) string {
	if p == nil {
		return ""
	}
	return p.String()
}
