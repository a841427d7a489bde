package downsample

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
	if err := os.MkdirAll(filepath.Join(tmp, "chunks"), 0o777); err != nil {
		return "", fmt.Errorf("create block: %w", err)
	}
	meta := tsdb.BlockMeta{
		ULID: id, MinTime: in.End, MaxTime: in.End + 1, Version: 1,
		Compaction: tsdb.BlockMetaCompaction{Level: 1, Sources: []ulid.ULID{id}},
	}
	if err = fillBlock(ctx, tmp, in.Resolution, src, &meta, rest); err == nil && meta.Stats.NumSeries > 0 {
		if err = finishBlock(tmp, meta, in); err == nil {
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

	w := newWindower(resolution)
	w.oldest = meta.MinTime
	var metas []chunks.Meta
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
		if err := cw.WriteChunks(metas...); err != nil {
			return fmt.Errorf("write chunks: %w", err)
		}
		if err := iw.AddSeries(promstorage.SeriesRef(meta.Stats.NumSeries), ls, metas...); err != nil {
			return fmt.Errorf("write series %s: %w", ls, err)
		}
		stats := &meta.Stats
		stats.NumSeries++
		stats.NumChunks += uint64(len(metas))
		stats.NumSamples, stats.NumHistogramSamples = w.samples, w.hists
		stats.NumFloatSamples = w.samples - w.hists
		meta.MinTime = w.oldest
		rest()
		return nil
	})
}

// finishBlock writes the small files, and makes all of them durable.
func finishBlock(dir string, meta tsdb.BlockMeta, in info) error {
	in.Format = 1
	for name, v := range map[string]any{"meta.json": meta, infoFile: in} {
		text, err := json.MarshalIndent(v, "", "\t")
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		if err := writeSynced(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	if _, err := tombstones.WriteFile(promslog.NewNopLogger(), dir, tombstones.NewMemTombstones()); err != nil {
		return fmt.Errorf("write tombstones: %w", err)
	}
	return errors.Join(syncDir(filepath.Join(dir, "chunks")), syncDir(dir))
}

func writeSynced(path string, text []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create file: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory to fsync it: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
