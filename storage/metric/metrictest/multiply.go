package metrictest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// multiplyAll multiplies the blocks in from that have something that stays.
func (o Old) multiplyAll(ctx context.Context, from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	for _, e := range entries {
		if _, err := ulid.ParseStrict(e.Name()); err != nil {
			continue
		}
		if err := o.multiply(ctx, filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return fmt.Errorf("block %s: %w", e.Name(), err)
		}
	}
	return nil
}

// multiply writes a block of motions as one of series. What else is in its
// folder than a block of tsdb has is copied.
func (o Old) multiply(ctx context.Context, from, to string) (err error) {
	b, err := tsdb.OpenBlock(nil, from, nil, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	info, infoErr := os.ReadFile(filepath.Join(from, "downsample.json"))
	if infoErr != nil && b.MaxTime() <= o.young() {
		return nil // samples that are gone
	}
	motions, err := readMotions(ctx, b, len(o.Motions))
	if err != nil {
		return fmt.Errorf("read motions: %w", err)
	}
	series := make([]labels.Labels, len(o.Series))
	for i, s := range o.Series {
		series[i] = s.Labels
	}
	others := map[string]any{}
	if infoErr == nil {
		others["downsample.json"] = json.RawMessage(info)
	}
	return writeBlock(ctx, to, b.Meta(), others, series, func(i int) ([]chunks.Meta, error) {
		return motions[o.Series[i].Motion], ctx.Err()
	})
}

// readMotions returns the chunks of each motion in a block. They are its memory
// until it is closed.
func readMotions(ctx context.Context, b *tsdb.Block, n int) (all [][]chunks.Meta, err error) {
	ir, err := b.Index()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ir.Close()) }()
	cr, err := b.Chunks()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cr.Close()) }()
	all = make([][]chunks.Meta, n)
	var builder labels.ScratchBuilder
	p := tsdb.AllSortedPostings(ctx, ir)
	for p.Next() {
		var metas []chunks.Meta
		if err := ir.Series(p.At(), &builder, &metas); err != nil {
			return nil, err
		}
		for i := range metas {
			var c chunkenc.Chunk
			if c, _, err = cr.ChunkOrIterable(metas[i]); err != nil {
				return nil, err
			}
			metas[i].Chunk = c
		}
		i, err := strconv.Atoi(builder.Labels().Get("motion"))
		if err != nil {
			return nil, err
		}
		all[i] = metas
	}
	return all, p.Err()
}
