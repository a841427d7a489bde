// Package metrictest writes metric stores as they are after a long time, which
// no benchmark can wait for: samples as they came of the last days, and of all
// days what they were downsampled to.
//
// Series share the motions of a few. Those few are written and downsampled by
// the code that does it in a server; then each series gets the chunks of its
// motion under its own labels. So what a year of 50,000 series takes to write is
// little more than its size.
package metrictest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
	"github.com/oriel-obs/oriel/storage/metric/xorpack"
)

// An Old is a store that got a sample of each series at every scrape of its
// life.
type Old struct {
	Dir        string // of the metric store; made, or empty
	Start, End time.Time
	Scrape     time.Duration // between samples of a series

	Levels    []downsample.Level
	Retention time.Duration // of samples as they came

	// Motions return the value at the next scrape. Each is called once for each
	// scrape.
	Motions []func() float64

	Series []Series // no two with the same labels
}

// A Series is one of a store.
type Series struct {
	Labels labels.Labels
	Motion int // index into Old.Motions
}

// Lengths of blocks, all of whole even hours, in ms.
const (
	oldBlock   = 10 * 24 * 60 * 60 * 1000 // of samples that are gone in the end
	youngBlock = 6 * 60 * 60 * 1000       // of those that stay: no more than a tenth of 60 hours
)

// Write writes the store. Beside it there is, until Write returns, a folder with
// the motions alone.
func (o Old) Write(ctx context.Context) (err error) {
	motions := o.Dir + ".motions"
	if err := os.RemoveAll(motions); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(motions)) }()
	slices.SortFunc(o.Series, func(a, b Series) int { return labels.Compare(a.Labels, b.Labels) })
	if err := o.writeMotions(ctx, motions); err != nil {
		return fmt.Errorf("write motions: %w", err)
	}
	if err := o.downsample(ctx, motions); err != nil {
		return fmt.Errorf("downsample motions: %w", err)
	}
	parts := []string{""}
	for _, l := range o.Levels {
		parts = append(parts, filepath.Join(windowsDir, l.Resolution.String()))
	}
	for _, part := range parts {
		if err := o.multiplyAll(ctx, filepath.Join(motions, part), filepath.Join(o.Dir, part)); err != nil {
			return fmt.Errorf("multiply motions: %w", err)
		}
	}
	return nil
}

// windowsDir is where a metric store has its downsampled samples.
const windowsDir = "downsampled"

// young is the time, in ms, from which samples stay.
func (o Old) young() int64 {
	from := max(o.End.Add(-o.Retention).UnixMilli(), o.Start.UnixMilli())
	return from / youngBlock * youngBlock
}

// motionLabels names a motion; they are sorted as their indexes are.
func motionLabels(i int) labels.Labels {
	return labels.FromStrings("motion", fmt.Sprintf("%06d", i))
}

// writeMotions writes the samples of the motions.
func (o Old) writeMotions(ctx context.Context, dir string) error {
	named := make([]labels.Labels, len(o.Motions))
	for i := range named {
		named[i] = motionLabels(i)
	}
	young, end := o.young(), o.End.UnixMilli()
	for mint := o.Start.UnixMilli(); mint < end; {
		maxt := min(mint/oldBlock*oldBlock+oldBlock, young)
		if mint >= young {
			maxt = min(mint/youngBlock*youngBlock+youngBlock, end)
		}
		var packer *xorpack.Packer
		if mint >= young {
			packer = &xorpack.Packer{}
		}
		err := WriteBlock(ctx, dir, mint, maxt, named, func(i int) ([]chunks.Meta, error) {
			return o.chunks(i, mint, maxt, packer)
		})
		if err != nil {
			return err
		}
		mint = maxt
	}
	return nil
}

// chunkSamples is how many tsdb cuts chunks at.
const chunkSamples = 120

// chunks encodes the samples of motion i in [mint, maxt), packed as those of a
// store are unless packer is nil.
func (o Old) chunks(i int, mint, maxt int64, packer *xorpack.Packer) (all []chunks.Meta, err error) {
	every := o.Scrape.Milliseconds()
	phase := int64(i) * 1237 % every // not all at the same time
	t := mint + (phase-mint%every+every)%every
	for t < maxt {
		c := chunkenc.NewXORChunk()
		app, err := c.Appender()
		if err != nil {
			return nil, err
		}
		m := chunks.Meta{Chunk: c, MinTime: t}
		for n := 0; n < chunkSamples && t < maxt; n++ {
			app.Append(0, t, o.Motions[i]())
			m.MaxTime = t
			t += every
		}
		if packer != nil {
			packed, _, err := packer.Pack(c.Bytes(), math.MaxInt64)
			if err != nil {
				return nil, err
			}
			if m.Chunk, err = chunkenc.FromData(chunkenc.EncXOR, packed); err != nil {
				return nil, err
			}
		}
		all = append(all, m)
	}
	return all, nil
}

// downsample makes the windows of the motions, as a server would have by the
// end, and drops the samples that it would have dropped.
func (o Old) downsample(ctx context.Context, dir string) (err error) {
	opts := tsdb.DefaultOptions()
	opts.RetentionDuration, opts.NoLockfile = 0, true
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, opts, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.DisableCompactions()
	s, err := downsample.Open(downsample.Options{
		Dir: filepath.Join(dir, windowsDir), Levels: o.Levels, DB: db,
		Log: promslog.NewNopLogger(), Now: func() time.Time { return o.End },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Pass(ctx)
}
