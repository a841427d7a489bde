// Package bulk reads the series of a tsdb a chunk at a time. tsdb's own iterators
// decode a sample each time they are asked for one, through two or three
// interfaces; here a chunk of floats is decoded at once, which takes a fraction of
// the time, and whoever knows of it takes the samples out as slices, see Iterator.
//
// What is read is what tsdb reads: all that the isolation of the head lets a query
// see, and nothing deleted. Where that takes more than the bytes of a chunk, tsdb's
// iterators are asked.
//
// Series of a set may be read at the same time, each by one goroutine: the cache
// that tsdb's reader of the head has for chunks, which may not, is left off.
package bulk

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// Querier reads [mint, maxt], milliseconds, of a block or of the head. It is a
// tsdb.BlockQuerierFunc.
func Querier(b tsdb.BlockReader, mint, maxt int64) (promstorage.Querier, error) {
	o := &opened{BlockReader: b}
	q, err := tsdb.NewBlockQuerier(o, mint, maxt)
	if err != nil {
		return nil, err
	}
	return querier{q, q.(promstorage.Searcher), o}, nil
}

// opened is a block that keeps the readers that tsdb's querier opens, and closes,
// of it.
type opened struct {
	tsdb.BlockReader
	index      tsdb.IndexReader
	chunks     tsdb.ChunkReader
	tombstones tombstones.Reader
}

// Index implements tsdb.BlockReader.
func (o *opened) Index() (r tsdb.IndexReader, err error) {
	o.index, err = o.BlockReader.Index()
	return o.index, err
}

// Chunks implements tsdb.BlockReader.
func (o *opened) Chunks() (r tsdb.ChunkReader, err error) {
	o.chunks, err = o.BlockReader.Chunks()
	return o.chunks, err
}

// Tombstones implements tsdb.BlockReader.
func (o *opened) Tombstones() (r tombstones.Reader, err error) {
	if o.tombstones, err = o.BlockReader.Tombstones(); o.tombstones == nil && err == nil {
		o.tombstones = tombstones.NewMemTombstones()
	}
	return o.tombstones, err
}

type querier struct {
	promstorage.Querier
	promstorage.Searcher
	from *opened
}

// Select implements promstorage.Querier. Series that are to be cut off at the ends
// of the time, of a shard only, or without samples are tsdb's.
func (q querier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	if hints == nil || !hints.DisableTrimming || hints.ShardCount > 0 || hints.Func == "series" {
		return q.Querier.Select(ctx, sorted, hints, ms...)
	}
	p, err := tsdb.PostingsForMatchers(ctx, q.from.index, ms...)
	if err != nil {
		return promstorage.ErrSeriesSet(err)
	}
	if sorted {
		p = q.from.index.SortedPostings(p)
	}
	return &seriesSet{from: q.from, postings: p, mint: hints.Start, maxt: hints.End}
}
