package httpx

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
)

// ReadBody returns r's body with its Content-Encoding undone. Neither the body
// nor what it decompresses to may exceed maxBytes: that is fault.ErrTooLarge,
// and no more than maxBytes is ever held. Known encodings are identity, gzip,
// zstd, deflate (zlib or raw), lz4 frames, and snappy in block or framed form; another is
// fault.ErrInvalid, as is a body that does not decompress.
//
// Once the body has come, whoever r's context has a pass for waits for their
// turn, see fair.Begin.
func ReadBody(r *http.Request, maxBytes int64) ([]byte, error) {
	if r.ContentLength > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	raw, err := readAll(http.MaxBytesReader(nil, r.Body, maxBytes), r.ContentLength, maxBytes)
	if err != nil {
		return nil, err
	}
	if err := fair.Begin(r.Context()); err != nil {
		return nil, fmt.Errorf("wait for a turn: %w", err)
	}
	enc := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	size := int64(-1)
	switch enc {
	case "", "identity":
		return raw, nil
	case "snappy", "x-snappy-framed":
		return Unsnap(raw, maxBytes)
	case "gzip", "x-gzip":
		size = unzippedSize(raw)
	}
	d, err := decompressor(enc, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	b, err := readAll(&pausing{ctx: r.Context(), r: d}, size, maxBytes)
	if err != nil && Status(err) == http.StatusInternalServerError {
		err = fmt.Errorf("decompress %s body: %w: %w", enc, err, fault.ErrInvalid)
	}
	return b, err
}

// pauseEvery is after how many bytes of a body others go first.
const pauseEvery = 512 << 10

// A pausing reader takes time to make what is read of it.
type pausing struct {
	ctx  context.Context
	r    io.Reader
	read int // since the last pause
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.read >= pauseEvery {
		p.read = 0
		fair.Pause(p.ctx)
	}
	n, err := p.r.Read(b)
	p.read += n
	return n, err
}

// maxHint is how many times its own size a gzip file may announce to be
// believed: it only saves growing room step by step.
const maxHint = 32

// unzippedSize returns the size that a gzip file says its content has (RFC
// 1952, ISIZE), or -1.
func unzippedSize(b []byte) int64 {
	if len(b) < 4 {
		return -1
	}
	size := int64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	if size > maxHint*int64(len(b)) {
		return -1
	}
	return size
}

func decompressor(enc string, r io.Reader) (io.ReadCloser, error) {
	switch enc {
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("decompress gzip body: %w", kindOf(err))
		}
		return z, nil
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, fmt.Errorf("decompress zstd body: %w", kindOf(err))
		}
		return z.IOReadCloser(), nil
	case "deflate", "zlib":
		// "deflate" is zlib by the RFC, raw deflate by some senders' habit.
		br := bufio.NewReader(r)
		head, _ := br.Peek(2)
		if len(head) == 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
			z, err := zlib.NewReader(br)
			if err != nil {
				return nil, fmt.Errorf("decompress deflate body: %w", kindOf(err))
			}
			return z, nil
		}
		// The standard library's: klauspost's takes a raw stream that ends
		// too early for a whole one.
		return flate.NewReader(br), nil
	case "lz4":
		return io.NopCloser(lz4.NewReader(r)), nil
	}
	return nil, fmt.Errorf("unsupported Content-Encoding: %s: %w", enc, fault.ErrInvalid)
}

// kindOf makes a decoder's complaint the sender's fault, unless the error has
// a kind already.
func kindOf(err error) error {
	if Status(err) != http.StatusInternalServerError {
		return err
	}
	return fmt.Errorf("%w: %w", err, fault.ErrInvalid)
}

// framedMagic opens every stream in snappy's framing format.
var framedMagic = []byte("\xff\x06\x00\x00sNaPpY")

// Unsnap decompresses snappy, block or framed, of at most maxBytes. A block's
// announced length is checked before anything is allocated.
func Unsnap(b []byte, maxBytes int64) ([]byte, error) {
	if bytes.HasPrefix(b, framedMagic) {
		out, err := readAll(s2.NewReader(bytes.NewReader(b)), -1, maxBytes)
		if err != nil {
			return nil, fmt.Errorf("decompress snappy body: %w", kindOf(err))
		}
		return out, nil
	}
	n, err := s2.DecodedLen(b)
	if err != nil {
		return nil, fmt.Errorf("decompress snappy body: %w: %w", err, fault.ErrInvalid)
	}
	if int64(n) > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	out, err := s2.Decode(nil, b)
	if err != nil {
		return nil, fmt.Errorf("decompress snappy body: %w: %w", err, fault.ErrInvalid)
	}
	return out, nil
}

func tooLarge(maxBytes int64) error {
	return fmt.Errorf("body is larger than the limit of %d bytes: %w", maxBytes, fault.ErrTooLarge)
}

// readAll reads r to its end, size bytes if it is not negative.
func readAll(r io.Reader, size, maxBytes int64) ([]byte, error) {
	var buf bytes.Buffer
	if size > 0 && size <= maxBytes {
		buf.Grow(int(size) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r, maxBytes+1))
	if errors.Is(err, io.ErrUnexpectedEOF) { // the sender broke off
		err = fmt.Errorf("%w: %w", fault.ErrInvalid, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if n > maxBytes {
		return nil, tooLarge(maxBytes)
	}
	return buf.Bytes(), nil
}
