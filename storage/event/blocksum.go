package event

import (
	"fmt"
	"hash/crc32"
	"io"
	"sync/atomic"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// sumBlock is the number of bytes of events.parquet that share a checksum.
// Parquet's own checksums leave out page headers and the footer, and a wrong
// size there can make a decoder ask for gigabytes.
const sumBlock = 64 << 10

// A summingWriter writes a file and sums it up, block by block.
type summingWriter struct {
	f    vfs.File
	n    int64
	crc  uint32   // of everything
	sums []uint32 // of each block
}

var _ io.Writer = (*summingWriter)(nil)

func (s *summingWriter) Write(b []byte) (int, error) {
	n, err := s.f.Write(b)
	s.crc = crc32.Update(s.crc, castagnoli, b[:n])
	for rest := b[:n]; len(rest) > 0; {
		if s.n%sumBlock == 0 {
			s.sums = append(s.sums, 0)
		}
		k := min(len(rest), int(sumBlock-s.n%sumBlock))
		last := &s.sums[len(s.sums)-1]
		*last = crc32.Update(*last, castagnoli, rest[:k])
		rest, s.n = rest[k:], s.n+int64(k)
	}
	return n, err
}

// A verifyingReader reads a file whose blocks it checks when they are first
// touched. It is safe for concurrent use.
type verifyingReader struct {
	f     vfs.File
	size  int64
	sums  []uint32
	sound []atomic.Bool
}

func newVerifyingReader(f vfs.File, fm fileMeta) (*verifyingReader, error) {
	if want := (fm.Size + sumBlock - 1) / sumBlock; int64(len(fm.Blocks)) != want {
		return nil, fmt.Errorf("%d block checksums; want %d", len(fm.Blocks), want)
	}
	return &verifyingReader{f: f, size: fm.Size, sums: fm.Blocks, sound: make([]atomic.Bool, len(fm.Blocks))}, nil
}

// ReadAt implements io.ReaderAt. Failures of the disk are ioErrors; a wrong
// checksum is not.
func (r *verifyingReader) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off >= r.size {
		return 0, io.EOF
	}
	end := min(off+int64(len(b)), r.size)
	for i := off / sumBlock; i*sumBlock < end; i++ {
		if err := r.verify(i); err != nil {
			return 0, err
		}
	}
	n, err := r.f.ReadAt(b[:end-off], off)
	if n == int(end-off) {
		err = nil
		if n < len(b) {
			err = io.EOF
		}
		return n, err
	}
	return n, ioError{err}
}

func (r *verifyingReader) verify(i int64) error {
	if r.sound[i].Load() {
		return nil
	}
	b := make([]byte, min(sumBlock, r.size-i*sumBlock))
	if n, err := r.f.ReadAt(b, i*sumBlock); n < len(b) {
		return ioError{err}
	}
	if checksum(b) != r.sums[i] {
		return fmt.Errorf("bytes from %d on: checksum mismatch", i*sumBlock)
	}
	r.sound[i].Store(true)
	return nil
}
