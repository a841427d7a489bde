package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A columnTable says where each column of each granule is in events.parquet,
// and what its statistics say: what we need of the file's footer, in a
// twentieth of the memory that the library's form of it takes. It does not
// change once it is read.
type columnTable struct {
	leaves  []leaf         // columns, in the order of the file
	numbers map[string]int // of leaves, by name
	chunks  []columnChunk  // of granule 0 by leaf, then of granule 1, ...
	values  []string       // what columnChunk.same refers to
	bytes   int64          // of memory
}

// A leaf is a column.
type leaf struct {
	name string
	typ  parquet.Type // physical, whatever it stands for
	kind format.Type  // of typ
	text bool         // annotated as valid UTF-8
	dict bool         // encoded with a dictionary in the first granule
}

// A columnChunk is a column of a granule. Its pages, one after the other, are
// within the file.
type columnChunk struct {
	first int64  // where the first page begins
	size  int64  // of all pages
	words uint32 // of the dictionary's page, which is then the first; 0 without
	same  uint32 // of columnTable.values, plus one: the value of all rows; 0 if unknown
	codec uint8  // a format.CompressionCodec
	flags uint8
}

const (
	chunkNull  = 1 << iota // no row has a value
	chunkCoded             // all pages are of indexes into the dictionary
)

const (
	columnChunkSize = 32  // bytes of a columnChunk
	leafSize        = 128 // of a leaf and its number, about
	maxSame         = 64  // bytes of a value that is kept
)

// footprint returns about what t takes in memory.
func (t *columnTable) footprint() int64 {
	n := int64(cap(t.chunks)) * columnChunkSize
	for i := range t.leaves {
		n += int64(len(t.leaves[i].name)) + leafSize
	}
	for _, v := range t.values {
		n += int64(len(v)) + 16
	}
	return n
}

// chunk returns a column of a granule.
func (t *columnTable) chunk(granule, leaf int) *columnChunk {
	return &t.chunks[granule*len(t.leaves)+leaf]
}

// The end of a parquet file: the footer, its length, the magic.
const (
	parquetMagic   = "PAR1"
	parquetTrailer = 4 + len(parquetMagic)
)

// readColumnTable reads the footer of a file of so many bytes with a row group
// for each granule.
func readColumnTable(f io.ReaderAt, size int64, granules []granuleMeta) (*columnTable, error) {
	if size < int64(parquetTrailer) {
		return nil, errTruncated
	}
	var tail [parquetTrailer]byte
	if err := readFull(f, tail[:], size-int64(parquetTrailer)); err != nil {
		return nil, err
	}
	if magic := string(tail[4:]); magic != parquetMagic {
		return nil, fmt.Errorf("ends in %q, want %q", magic, parquetMagic)
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > size-int64(parquetTrailer) {
		return nil, fmt.Errorf("footer of %d bytes in a file of %d", length, size)
	}
	raw := make([]byte, length)
	if err := readFull(f, raw, size-int64(parquetTrailer)-length); err != nil {
		return nil, err
	}
	return parseFooter(raw, size, granules)
}

// readFull reads all of b, or says why it cannot.
func readFull(f io.ReaderAt, b []byte, off int64) error {
	n, err := f.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errTruncated
	}
	return err
}
