package metrictest

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/oriel-obs/oriel/storage/metric/blockfile"
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
	}, nil, series, of)
}

// writeBlock writes the block that meta, but for its Stats, describes, with other
// files beside tsdb's.
func writeBlock(ctx context.Context, dir string, meta tsdb.BlockMeta, others map[string]any, series []labels.Labels, of func(i int) ([]chunks.Meta, error)) error {
	symbols := map[string]struct{}{}
	for _, ls := range series {
		ls.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = struct{}{}, struct{}{} })
	}
	meta.Stats = tsdb.BlockStats{}
	err := blockfile.Fill(ctx, dir, symbols, &meta.Stats, func(add blockfile.Add) error {
		for i, ls := range series {
			all, err := of(i)
			if err == nil && len(all) > 0 {
				err = add(ls, all)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	meta.Stats.NumFloatSamples = meta.Stats.NumSamples
	return blockfile.Finish(dir, meta, others)
}
