package otlp

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/grpc/encoding"
)

// registerCompressors makes zstd and snappy known to gRPC, whose registry is
// global and not safe for concurrent use.
var registerCompressors = sync.OnceFunc(func() {
	encoding.RegisterCompressor(&compressor[*zstd.Encoder, *zstd.Decoder]{
		name: "zstd",
		writer: func() (*zstd.Encoder, error) {
			return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		},
		reader: func() (*zstd.Decoder, error) {
			return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(64<<20))
		},
		resetReader: func(d *zstd.Decoder, r io.Reader) error { return d.Reset(r) },
	})
	encoding.RegisterCompressor(&compressor[*s2.Writer, *s2.Reader]{
		name: "snappy", // framed
		writer: func() (*s2.Writer, error) {
			return s2.NewWriter(nil, s2.WriterSnappyCompat(), s2.WriterConcurrency(1)), nil
		},
		reader:      func() (*s2.Reader, error) { return s2.NewReader(nil), nil },
		resetReader: func(d *s2.Reader, r io.Reader) error { d.Reset(r); return nil },
	})
})

type resettableWriter interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// A compressor is a gRPC compressor that reuses its writers and readers, whose
// tables are costly. The server bounds what it reads of the output.
type compressor[W resettableWriter, R io.Reader] struct {
	name        string
	writer      func() (W, error)
	reader      func() (R, error)
	resetReader func(R, io.Reader) error

	writers, readers sync.Pool
}

// Name implements encoding.Compressor.
func (c *compressor[W, R]) Name() string { return c.name }

// Compress implements encoding.Compressor.
func (c *compressor[W, R]) Compress(w io.Writer) (io.WriteCloser, error) {
	if z, ok := c.writers.Get().(W); ok {
		z.Reset(w)
		return &pooledWriter[W]{z, &c.writers}, nil
	}
	z, err := c.writer()
	if err != nil {
		return nil, err
	}
	z.Reset(w)
	return &pooledWriter[W]{z, &c.writers}, nil
}

// Decompress implements encoding.Compressor.
func (c *compressor[W, R]) Decompress(r io.Reader) (io.Reader, error) {
	z, ok := c.readers.Get().(R)
	if !ok {
		var err error
		if z, err = c.reader(); err != nil {
			return nil, err
		}
	}
	if err := c.resetReader(z, r); err != nil {
		return nil, err
	}
	return &pooledReader[R]{z: z, pool: &c.readers}, nil
}

type pooledWriter[W resettableWriter] struct {
	z    W
	pool *sync.Pool
}

func (w *pooledWriter[W]) Write(b []byte) (int, error) { return w.z.Write(b) }

func (w *pooledWriter[W]) Close() error {
	defer w.pool.Put(w.z)
	return w.z.Close()
}

// A pooledReader gives its reader back at the end of the data, as gRPC does
// not close readers; one that is left earlier is garbage.
type pooledReader[R io.Reader] struct {
	z    R
	done bool
	pool *sync.Pool
}

func (r *pooledReader[R]) Read(b []byte) (int, error) {
	if r.done {
		return 0, io.EOF
	}
	n, err := r.z.Read(b)
	if errors.Is(err, io.EOF) {
		r.done = true
		r.pool.Put(r.z)
	}
	return n, err
}
