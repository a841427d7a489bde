package event

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// FuzzParseBatch looks that no bytes make parseBatch panic, and that what it
// accepts comes back the same from a second round.
func FuzzParseBatch(f *testing.F) {
	rnd := rand.New(rand.NewPCG(1, 1))
	f.Add(appendBatch(nil, batchOf(rnd, []string{"a", "bb", "ccc"})))
	f.Add(appendBatch(nil, spanBatch(3)))
	f.Add([]byte{})
	f.Add([]byte{1, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, p []byte) {
		b, err := parseBatch(string(p))
		if err != nil {
			return
		}
		again, err := parseBatch(string(appendBatch(nil, b)))
		require.NoError(t, err)
		require.Equal(t, appendBatch(nil, b), appendBatch(nil, again))
	})
}

// FuzzReplay opens a store on arbitrary bytes in place of a segment.
func FuzzReplay(f *testing.F) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(f, err)
	rnd := rand.New(rand.NewPCG(1, 1))
	for _, id := range []string{"a", "b"} {
		require.NoError(f, s.Append(context.Background(), batchOf(rnd, []string{id, id + id})))
	}
	require.NoError(f, s.Close())
	seed, err := vfs.ReadFile(disk, segmentName("data/logs/wal", 1))
	require.NoError(f, err)
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	f.Add([]byte(segmentMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := vfs.NewMem()
		require.NoError(t, disk.MkdirAll("data/logs/wal"))
		require.NoError(t, vfs.WriteFile(disk, segmentName("data/logs/wal", 1), b))
		s, err := openTiny(disk)
		require.NoError(t, err)
		before := present(t, s)
		require.NoError(t, s.tick())
		require.Equal(t, before, present(t, s))
		require.NoError(t, s.Close())
	})
}

// FuzzOpenPart replaces one file of a part by arbitrary bytes. For the files of
// our own format meta.json vouches for them, so that their decoders see them;
// events.parquet is kept from parquet's decoder by its checksums.
func FuzzOpenPart(f *testing.F) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(f, err)
	require.NoError(f, s.Append(context.Background(), spanBatch(5)))
	require.NoError(f, s.Flush(context.Background()))
	require.NoError(f, s.Close())
	dir := path.Join("data/spans", dayName(dayOf(someDay)), partName(1, 1))
	names := []string{eventsFile, bloomFile, wordsFile, streamsFile, metaFile}
	for i, name := range names {
		b, err := vfs.ReadFile(disk, path.Join(dir, name))
		require.NoError(f, err)
		f.Add(i, b)
	}
	meta, err := vfs.ReadFile(disk, path.Join(dir, metaFile))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, which int, b []byte) {
		if which < 0 || which >= len(names) {
			return
		}
		disk := disk.Crash(rand.New(rand.NewPCG(1, 1)))
		require.NoError(t, vfs.WriteFile(disk, path.Join(dir, names[which]), b))
		if name := names[which]; name != eventsFile && name != metaFile {
			m, err := decodeMeta(meta)
			require.NoError(t, err)
			m.Files[which] = fileMeta{Name: names[which], Size: int64(len(b)), CRC32C: checksum(b)}
			fresh, err := encodeMeta(m)
			require.NoError(t, err)
			require.NoError(t, vfs.WriteFile(disk, path.Join(dir, metaFile), fresh))
		}
		s, err := Open(tinyConfig(disk), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		require.NoError(t, err)
		id := storage.Compare{Field: storage.Field{Place: storage.TraceID}, Op: storage.Eq, Value: model.String(model.TraceID{15: 1}.String())}
		for _, where := range []storage.Predicate{nil, id} {
			for _, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Spans, Range: model.AllTime(), Where: where}) {
				require.NoError(t, err)
			}
		}
		for _, step := range []int64{0, 1} {
			_, err = s.Aggregate(t.Context(), storage.Aggregate{Signal: model.Spans, Range: model.AllTime(), ByStream: true, Step: step, Bytes: true})
			require.NoError(t, err)
		}
		_, err = s.Streams(t.Context(), storage.StreamsRequest{Signal: model.Spans, Range: model.AllTime()})
		require.NoError(t, err)
		require.NoError(t, s.Close())
	})
}
