package syslog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// errTooLong ends a connection whose next message is announced with more bytes
// than may be: nothing after it could be told apart.
var errTooLong = errors.New("message is announced with more bytes than the limit")

// A frameReader takes messages off a stream, in either framing of RFC 6587:
// each message shows its own.
type frameReader struct {
	r        *bufio.Reader
	maxBytes int
	dropped  func() // is told of a line that was too long
	line     []byte
}

const readBufferBytes = 64 << 10

// newFrameReader returns a reader of conn, decompressed if its first bytes
// say so. It reads from conn.
func newFrameReader(conn io.Reader, maxBytes int, dropped func()) (*frameReader, error) {
	taken := &counted{r: conn}
	br := bufio.NewReaderSize(taken, readBufferBytes)
	plain, err := decompress(br)
	if err != nil {
		return nil, err
	}
	if plain != nil {
		br = bufio.NewReaderSize(&inflating{from: plain, taken: &taken.n}, readBufferBytes)
	}
	return &frameReader{r: br, maxBytes: maxBytes, dropped: dropped}, nil
}

// decompress returns a reader of what r holds compressed; nil if it does not.
// No text begins like any of these.
func decompress(r *bufio.Reader) (io.Reader, error) {
	first, err := r.Peek(1)
	if err != nil || first[0] != 0x78 && first[0] != 0x1f && first[0] != 0x28 {
		return nil, nil // an empty stream is the caller's to see
	}
	magic, err := r.Peek(2)
	if err != nil {
		return nil, nil
	}
	switch {
	case magic[0] == 0x78 && (magic[1] == 0x01 || magic[1] >= 0x80 && (0x7800|int(magic[1]))%31 == 0):
		return zlib.NewReader(r)
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return gzip.NewReader(r)
	case magic[0] == 0x28 && magic[1] == 0xb5:
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderLowmem(true))
	}
	return nil, nil
}

// next returns the next message, which is valid until the one after. The error
// is io.EOF at the end of the stream.
func (f *frameReader) next() ([]byte, error) {
	for {
		c, err := f.r.ReadByte()
		if err != nil {
			return nil, err
		}
		switch c {
		case '\n', '\r', 0, ' ':
			continue
		}
		if err := f.r.UnreadByte(); err != nil {
			return nil, err
		}
		if c >= '1' && c <= '9' {
			if n, digits := f.announced(); digits > 0 {
				return f.counted(n, digits)
			}
		}
		line, err := f.readLine()
		if err != nil || len(line) > 0 {
			return line, err
		}
	}
}

// maxDigits bounds the announced length of a message.
const maxDigits = 9

// announced reads ahead. It returns the length that is announced by digits, a
// blank and the start of a message; digits is 0 for a line that just starts
// with a digit.
func (f *frameReader) announced() (n, digits int) {
	for i := range maxDigits + 1 {
		head, err := f.r.Peek(i + 1)
		if err != nil {
			return 0, 0
		}
		switch c := head[i]; {
		case isDigit(c):
			n = n*10 + int(c-'0')
		case c == ' ':
			head, err = f.r.Peek(i + 2)
			if err != nil || head[i+1] != '<' {
				return 0, 0
			}
			return n, i
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// counted reads a message of n bytes after its announcement.
func (f *frameReader) counted(n, digits int) ([]byte, error) {
	if n > f.maxBytes {
		return nil, fmt.Errorf("%w: %d, limit %d", errTooLong, n, f.maxBytes)
	}
	if _, err := f.r.Discard(digits + 1); err != nil {
		return nil, err
	}
	if cap(f.line) < n {
		f.line = make([]byte, n)
	}
	f.line = f.line[:n]
	got, err := io.ReadFull(f.r, f.line)
	if err != nil && got > 0 {
		return f.line[:got], nil // the stream broke off; the next call says so
	}
	return f.line, err
}

// readLine reads to a line feed or the end of the stream. A line that is too
// long is read, told of, and empty.
func (f *frameReader) readLine() ([]byte, error) {
	f.line = f.line[:0]
	tooLong := false
	for {
		part, err := f.r.ReadSlice('\n')
		if !tooLong && len(f.line)+len(part) > f.maxBytes+1 { // the line feed is not counted
			tooLong = true
			f.line = f.line[:0]
			f.dropped()
		}
		if !tooLong && err == nil && len(f.line) == 0 {
			return bytes.TrimRight(part, "\n"), nil // the usual case: no copy
		}
		if !tooLong {
			f.line = append(f.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(f.line) == 0:
			return nil, err
		}
		return bytes.TrimRight(f.line, "\n"), nil
	}
}
