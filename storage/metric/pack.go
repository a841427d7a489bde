package metric

import (
	"context"
	"fmt"
	"log/slog"
	"math"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"github.com/oriel-obs/oriel/storage/metric/xorpack"
)

// newCompactor returns tsdb's compactor, which packs the chunks of floats that
// go from memory into a block. Compacting blocks copies chunks as they are.
func newCompactor(ctx context.Context, r prometheus.Registerer, log *slog.Logger, ranges []int64, pool chunkenc.Pool, o *tsdb.Options) (tsdb.Compactor, error) {
	c, err := tsdb.NewLeveledCompactorWithOptions(ctx, r, log, ranges, pool, tsdb.LeveledCompactorOptions{
		MaxBlockChunkSegmentSize:    o.MaxBlockChunkSegmentSize,
		EnableOverlappingCompaction: o.EnableOverlappingCompaction,
		PD:                          o.PostingsDecoderFactory,
		UseUncachedIO:               o.UseUncachedIO,
		BlockExcludeFilter:          o.BlockCompactionExcludeFunc,
	})
	if err != nil {
		return nil, err
	}
	return packingCompactor{c}, nil
}

type packingCompactor struct{ tsdb.Compactor }

// Write implements tsdb.Compactor.
func (c packingCompactor) Write(dest string, b tsdb.BlockReader, mint, maxt int64, base *tsdb.BlockMeta) ([]ulid.ULID, error) {
	return c.Compactor.Write(dest, packedBlock{b, maxt - 1}, mint, maxt, base)
}

// packedBlock is a block of samples up to the time until, packed. The compactor
// would cut chunks that go on off at until by writing them anew, as those that
// series in memory are appended to, which are taken to have no end; and it
// would panic where samples were deleted around until, see package trim. So
// here they end at until, and are cut off while they are packed.
type packedBlock struct {
	tsdb.BlockReader
	until int64
}

// Index implements tsdb.BlockReader.
func (b packedBlock) Index() (tsdb.IndexReader, error) {
	r, err := b.BlockReader.Index()
	return endingIndex{r, b.until}, err
}

// Chunks implements tsdb.BlockReader.
func (b packedBlock) Chunks() (tsdb.ChunkReader, error) {
	r, err := b.BlockReader.Chunks()
	return &packingReader{ChunkReader: r, until: b.until}, err
}

type endingIndex struct {
	tsdb.IndexReader
	until int64
}

// Series implements tsdb.IndexReader.
func (r endingIndex) Series(ref promstorage.SeriesRef, b *labels.ScratchBuilder, chks *[]chunks.Meta) error {
	err := r.IndexReader.Series(ref, b, chks)
	for i := range *chks {
		if c := &(*chks)[i]; c.MaxTime > r.until && c.MinTime <= r.until {
			c.MaxTime = r.until
		}
	}
	return err
}

// packingReader hands out chunks up to the time until, packed.
type packingReader struct {
	tsdb.ChunkReader
	until  int64
	packer xorpack.Packer
}

// EnableChunkCache passes on what the compactor asks the head's reader for.
func (r *packingReader) EnableChunkCache() {
	if c, ok := r.ChunkReader.(interface{ EnableChunkCache() }); ok {
		c.EnableChunkCache()
	}
}

// ChunkOrIterable implements tsdb.ChunkReader.
func (r *packingReader) ChunkOrIterable(meta chunks.Meta) (chunkenc.Chunk, chunkenc.Iterable, error) {
	c, it, _, err := r.ChunkOrIterableWithCopy(meta)
	return c, it, err
}

// ChunkOrIterableWithCopy implements tsdb.ChunkReaderWithCopy.
func (r *packingReader) ChunkOrIterableWithCopy(meta chunks.Meta) (c chunkenc.Chunk, it chunkenc.Iterable, maxt int64, err error) {
	if inner, ok := r.ChunkReader.(tsdb.ChunkReaderWithCopy); ok {
		c, it, maxt, err = inner.ChunkOrIterableWithCopy(meta)
	} else {
		maxt = meta.MaxTime
		c, it, err = r.ChunkReader.ChunkOrIterable(meta)
	}
	switch {
	case err != nil || c == nil:
		return nil, it, maxt, err
	case c.Encoding() == chunkenc.EncXOR:
		var packed []byte
		if packed, maxt, err = r.packer.Pack(c.Bytes(), r.until); err != nil {
			return nil, nil, 0, fmt.Errorf("pack chunk: %w", err)
		}
		c, err = chunkenc.FromData(chunkenc.EncXOR, packed)
		return c, nil, maxt, err
	case maxt >= r.until: // and maybe goes on
		return nil, ending{c, r.until}, r.until, nil
	}
	return c, nil, maxt, nil
}

// ending is a chunk up to the time until.
type ending struct {
	chunk chunkenc.Chunk
	until int64
}

// Iterator implements chunkenc.Iterable.
func (e ending) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	return &tsdb.DeletedIterator{
		Iter:      e.chunk.Iterator(it),
		Intervals: tombstones.Intervals{{Mint: e.until + 1, Maxt: math.MaxInt64}},
	}
}
