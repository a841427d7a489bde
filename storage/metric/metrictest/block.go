package metrictest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// WriteBlock writes a block of tsdb with samples of [mint, maxt), in ms, below
// dir. The labels are sorted, and of gives the chunks of the i-th of them, none
// for a series that is not in the block.
func WriteBlock(ctx context.Context, dir string, mint, maxt int64, series []labels.Labels, of func(i int) ([]chunks.Meta, error)) error {
	id, err := ulid.New(uint64(maxt), rand.Reader)
	if err != nil {
		return fmt.Errorf("name block: %w", err)
	}
	return writeBlock(ctx, filepath.Join(dir, id.String()), tsdb.BlockMeta{
		ULID: id, MinTime: mint, MaxTime: maxt, Version: 1,
		Compaction: tsdb.BlockMetaCompaction{Level: 3, Sources: []ulid.ULID{id}},
	}, series, of)
}

// writeBlock writes the block that meta, but for its Stats, describes.
func writeBlock(ctx context.Context, dir string, meta tsdb.BlockMeta, series []labels.Labels, of func(i int) ([]chunks.Meta, error)) (err error) {
	if err := os.MkdirAll(filepath.Join(dir, "chunks"), 0o777); err != nil {
		return fmt.Errorf("create block: %w", err)
	}
	cw, err := chunks.NewWriter(filepath.Join(dir, "chunks"))
	if err != nil {
		return fmt.Errorf("open chunk writer: %w", err)
	}
	defer func() { err = errors.Join(err, cw.Close()) }()
	iw, err := index.NewWriter(ctx, filepath.Join(dir, "index"))
	if err != nil {
		return fmt.Errorf("open index writer: %w", err)
	}
	defer func() { err = errors.Join(err, iw.Close()) }()
	symbols := map[string]struct{}{}
	for _, ls := range series {
		ls.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = struct{}{}, struct{}{} })
	}
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		if err := iw.AddSymbol(s); err != nil {
			return fmt.Errorf("write symbol: %w", err)
		}
	}
	meta.Stats = tsdb.BlockStats{}
	for i, ls := range series {
		all, err := of(i)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		if err := cw.WriteChunks(all...); err != nil {
			return fmt.Errorf("write chunks: %w", err)
		}
		if err := iw.AddSeries(promstorage.SeriesRef(meta.Stats.NumSeries), ls, all...); err != nil {
			return fmt.Errorf("write series %s: %w", ls, err)
		}
		meta.Stats.NumSeries++
		meta.Stats.NumChunks += uint64(len(all))
		for _, c := range all {
			meta.Stats.NumSamples += uint64(c.Chunk.NumSamples())
		}
	}
	meta.Stats.NumFloatSamples = meta.Stats.NumSamples
	if _, err := tombstones.WriteFile(promslog.NewNopLogger(), dir, tombstones.NewMemTombstones()); err != nil {
		return fmt.Errorf("write tombstones: %w", err)
	}
	text, err := json.MarshalIndent(meta, "", "\t")
	if err != nil {
		return fmt.Errorf("encode meta.json: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "meta.json"), text, 0o666)
}
