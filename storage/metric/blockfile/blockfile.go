// Package blockfile writes blocks of tsdb of chunks that are encoded already, which
// tsdb itself makes of samples only. Their format is in Prometheus'
// tsdb/docs/format.
package blockfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// An Add writes a series with its chunks, of which there is at least one, in the
// order of time. Series are added in the order of their labels.
type Add func(ls labels.Labels, all []chunks.Meta) error

// Fill makes dir and writes into it the chunks and the index of what each adds.
// symbols are all names and values of labels. Series, chunks and their samples
// are counted in stats.
func Fill(ctx context.Context, dir string, symbols map[string]struct{}, stats *tsdb.BlockStats, each func(Add) error) (err error) {
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
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		if err := iw.AddSymbol(s); err != nil {
			return fmt.Errorf("write symbol: %w", err)
		}
	}
	return each(func(ls labels.Labels, all []chunks.Meta) error {
		if err := cw.WriteChunks(all...); err != nil {
			return fmt.Errorf("write chunks: %w", err)
		}
		if err := iw.AddSeries(promstorage.SeriesRef(stats.NumSeries), ls, all...); err != nil {
			return fmt.Errorf("write series %s: %w", ls, err)
		}
		stats.NumSeries++
		stats.NumChunks += uint64(len(all))
		for _, c := range all {
			stats.NumSamples += uint64(c.Chunk.NumSamples())
		}
		return nil
	})
}

// Finish writes meta.json, an empty file of tombstones, and others, by name and
// encoded as JSON, and makes all files of the block in dir durable.
func Finish(dir string, meta tsdb.BlockMeta, others map[string]any) error {
	files := map[string]any{"meta.json": meta}
	maps.Copy(files, others)
	for name, v := range files {
		text, err := json.MarshalIndent(v, "", "\t")
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		if err := vfs.WriteFile(vfs.Disk{}, filepath.Join(dir, name), text); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if _, err := tombstones.WriteFile(promslog.NewNopLogger(), dir, tombstones.NewMemTombstones()); err != nil {
		return fmt.Errorf("write tombstones: %w", err)
	}
	disk := vfs.Disk{}
	return errors.Join(disk.SyncDir(filepath.Join(dir, "chunks")), disk.SyncDir(dir))
}
