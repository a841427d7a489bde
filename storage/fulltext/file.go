package fulltext

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrCorrupt means that bytes of an index are not what a Builder wrote.
// Failures to read are passed on as they are.
var ErrCorrupt = errors.New("token index is corrupt")

// A File is one of the two files of an index, as *io.SectionReader and
// *bytes.Reader are.
type File interface {
	io.ReaderAt
	Size() int64
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrCorrupt}, args...)...)
}

// readAt returns size bytes of f at off, in b if that has room for them.
func readAt(f File, off, size int64, b []byte) ([]byte, error) {
	if off < 0 || size < 0 || off > f.Size()-size {
		return nil, corrupt("%d bytes at %d are outside of a file of %d", size, off, f.Size())
	}
	if int64(cap(b)) < size {
		b = make([]byte, size)
	}
	b = b[:size]
	if n, err := f.ReadAt(b, off); n < len(b) {
		return nil, fmt.Errorf("read token index: %w", err)
	}
	return b, nil
}

// verify checks the CRC-32C in the last four bytes of b, and returns the bytes
// before it.
func verify(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, corrupt("%d bytes where a checksum should be", len(b))
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.Checksum(body, castagnoli) != sum {
		return nil, corrupt("checksum mismatch")
	}
	return body, nil
}
