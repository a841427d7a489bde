package downsample

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/oriel-obs/oriel/storage/metric/blockfile"
)

// infoFile stands in a block's directory beside tsdb's own files.
const infoFile = "downsample.json"

// An info is what a block of windows says of itself beyond tsdb's meta.json.
type info struct {
	Format     int         `json:"format"`        // 1
	Resolution int64       `json:"resolution_ms"` // of its windows
	Start      int64       `json:"start"`         // its windows are those that end in (Start, End]
	End        int64       `json:"end"`
	Replaces   []ulid.ULID `json:"replaces,omitempty"` // blocks that it stands for, to be deleted
}

// tmpSuffix marks a block that is not complete, or not wanted any more.
const tmpSuffix = ".tmp"

// A source has series to make windows of.
type source interface {
	// symbols collects the names and values of the labels.
	symbols(ctx context.Context, into map[string]struct{}) error

	// series calls visit for each series in the order of their labels; feed
	// gives the samples of the series to a windower.
	series(ctx context.Context, visit func(ls labels.Labels, feed func(*windower) error) error) error
}

// writeBlock writes the windows of src as a block below dir, durably. Its
// directory ends in tmpSuffix, without which it is a block. If there are no
// series nothing is written, and tmp is empty.
func writeBlock(ctx context.Context, dir string, in info, src source, rest func()) (tmp string, err error) {
	id, err := ulid.New(ulid.Now(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("name block: %w", err)
	}
	tmp = filepath.Join(dir, id.String()+tmpSuffix)
	meta := tsdb.BlockMeta{
		ULID: id, MinTime: in.End, MaxTime: in.End + 1, Version: 1,
		Compaction: tsdb.BlockMetaCompaction{Level: 1, Sources: []ulid.ULID{id}},
	}
	if err = fillBlock(ctx, tmp, in.Resolution, src, &meta, rest); err == nil && meta.Stats.NumSeries > 0 {
		in.Format = 1
		if err = blockfile.Finish(tmp, meta, map[string]any{infoFile: in}); err == nil {
			return tmp, nil
		}
	}
	return "", errors.Join(err, os.RemoveAll(tmp))
}

func fillBlock(ctx context.Context, dir string, resolution int64, src source, meta *tsdb.BlockMeta, rest func()) (err error) {
	symbols := map[string]struct{}{}
	if err := src.symbols(ctx, symbols); err != nil {
		return fmt.Errorf("collect labels: %w", err)
	}
	w := newWindower(resolution)
	w.oldest = meta.MinTime
	var metas []chunks.Meta
	return blockfile.Fill(ctx, dir, symbols, &meta.Stats, func(add blockfile.Add) error {
		return src.series(ctx, func(ls labels.Labels, feed func(*windower) error) error {
			w.begin()
			if err := feed(w); err != nil {
				return err
			}
			w.flush()
			if w.err != nil {
				return w.err
			}
			metas = metas[:0]
			for l := range w.out {
				metas = append(metas, w.out[l].chunks...)
			}
			if len(metas) == 0 {
				return nil
			}
			if err := add(ls, metas); err != nil {
				return err
			}
			meta.Stats.NumSamples, meta.Stats.NumHistogramSamples = w.samples, w.hists
			meta.Stats.NumFloatSamples = w.samples - w.hists
			meta.MinTime = w.oldest
			rest()
			return nil
		})
	})
}
