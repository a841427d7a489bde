package downsample

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/fileutil"
	"github.com/prometheus/prometheus/tsdb/index"
)

// A seriesIndex reads the entries of series in a block's index. tsdb's reader
// walks through up to 31 symbols for each that a label has, which for a query
// over dozens of blocks is more work than all samples; here symbols are in a list
// from the first query on.
type seriesIndex struct {
	file    *fileutil.MmapFile
	decoder index.Decoder

	once    sync.Once
	symbols []string // memory of the block's own reader
	err     error
}

func openSeriesIndex(dir string) (*seriesIndex, error) {
	f, err := fileutil.OpenMmapFile(filepath.Join(dir, "index"))
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &seriesIndex{file: f}
	x.decoder.LookupSymbol = func(_ context.Context, i uint32) (string, error) {
		if int(i) >= len(x.symbols) {
			return "", fmt.Errorf("unknown symbol %d", i)
		}
		return x.symbols[i], nil
	}
	return x, nil
}

// load lists the symbols that r has.
func (x *seriesIndex) load(r tsdb.IndexReader) error {
	x.once.Do(func() {
		it := r.Symbols()
		for it.Next() {
			x.symbols = append(x.symbols, it.At())
		}
		x.err = it.Err()
	})
	return x.err
}

var (
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
	errChecksum = errors.New("series in the index is damaged")
)

// seriesAlign is what positions of series are multiples of.
const seriesAlign = 16

// series reads the series at ref. The index must be loaded.
func (x *seriesIndex) series(ref promstorage.SeriesRef, b *labels.ScratchBuilder, metas *[]chunks.Meta) error {
	data := x.file.Bytes()
	if uint64(ref) >= uint64(len(data))/seriesAlign {
		return errChecksum
	}
	data = data[ref*seriesAlign:]
	n, k := binary.Uvarint(data)
	if k <= 0 || uint64(len(data)-k) < n || len(data)-k-int(n) < crc32.Size {
		return errChecksum
	}
	entry, sum := data[k:k+int(n)], data[k+int(n):]
	if crc32.Checksum(entry, castagnoli) != binary.BigEndian.Uint32(sum) {
		return errChecksum
	}
	return x.decoder.Series(entry, b, metas)
}
