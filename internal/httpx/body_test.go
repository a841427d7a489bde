package httpx_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// compressed returns b through the writer that wrap makes.
func compressed(t *testing.T, b []byte, wrap func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := wrap(&buf)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.Bytes()
}

func encodings(t *testing.T, plain []byte) map[string][]byte {
	return map[string][]byte{
		"":         plain,
		"identity": plain,
		"gzip":     compressed(t, plain, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"zstd": compressed(t, plain, func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			require.NoError(t, err)
			return z
		}),
		"deflate": compressed(t, plain, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"zlib": compressed(t, plain, func(w io.Writer) io.WriteCloser {
			z, err := flate.NewWriter(w, 5)
			require.NoError(t, err)
			return z // raw, as some senders have it
		}),
		"snappy":          s2.EncodeSnappy(nil, plain),
		"x-snappy-framed": compressed(t, plain, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) }),
	}
}

func request(encoding string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Encoding", encoding)
	return r
}

func TestEveryEncodingIsUndone(t *testing.T) {
	plain := bytes.Repeat([]byte("the same line again; "), 500)
	for enc, body := range encodings(t, plain) {
		t.Run(enc, func(t *testing.T) {
			got, err := httpx.ReadBody(request(enc, body), int64(len(plain)))
			require.NoError(t, err)
			require.Equal(t, plain, got)
		})
	}
}

func TestTheLimitHoldsAfterDecompression(t *testing.T) {
	plain := make([]byte, 1<<20)
	for enc, body := range encodings(t, plain) {
		t.Run(enc, func(t *testing.T) {
			_, err := httpx.ReadBody(request(enc, body), 1<<20-1)
			require.ErrorIs(t, err, fault.ErrTooLarge)
			require.ErrorContains(t, err, "1048575 bytes")
		})
	}
}

func TestABrokenBodyIsTheSendersFault(t *testing.T) {
	plain := bytes.Repeat([]byte("0123456789"), 200)
	for enc, body := range encodings(t, plain) {
		if enc == "" || enc == "identity" {
			continue
		}
		t.Run(enc+" truncated", func(t *testing.T) {
			_, err := httpx.ReadBody(request(enc, body[:len(body)/2]), 1<<20)
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
		t.Run(enc+" of something else", func(t *testing.T) {
			_, err := httpx.ReadBody(request(enc, []byte("\x05\xfe\xfd not compressed at all")), 1<<20)
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
	}
}

func TestUnknownEncodingIsNamed(t *testing.T) {
	_, err := httpx.ReadBody(request("br", []byte("x")), 10)
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.ErrorContains(t, err, "unsupported Content-Encoding: br")
}

func TestAnAnnouncedSnappyLengthIsCheckedBeforeAllocation(t *testing.T) {
	bomb := []byte("\xff\xff\xff\xff\x0f") // a block that claims 4 GiB
	_, err := httpx.ReadBody(request("snappy", bomb), 1<<20)
	require.ErrorIs(t, err, fault.ErrTooLarge)
}

func FuzzReadBody(f *testing.F) {
	for enc, body := range encodings(&testing.T{}, []byte("seed")) {
		f.Add(enc, body)
	}
	f.Fuzz(func(t *testing.T, enc string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header["Content-Encoding"] = []string{enc}
		const limit = 1 << 16
		got, err := httpx.ReadBody(r, limit)
		if err == nil && len(got) > limit {
			t.Fatalf("%d bytes from a limit of %d", len(got), limit)
		}
		if err != nil && httpx.Status(err) >= 500 {
			t.Fatalf("the sender's bytes are our fault: %v", err)
		}
	})
}

// The size at the end of a gzip file is of its last member, and may be a lie.
func TestTheSizeThatAGzipBodyTellsIsAHint(t *testing.T) {
	zip := func(plain []byte) []byte {
		return compressed(t, plain, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	}
	read := func(body []byte, most int64) ([]byte, error) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Encoding", "gzip")
		return httpx.ReadBody(r, most)
	}
	first, second := bytes.Repeat([]byte("one "), 1000), []byte("two")
	got, err := read(append(zip(first), zip(second)...), 1<<20)
	require.NoError(t, err)
	require.Equal(t, append(first, second...), got)

	for _, size := range []byte{0, 0xff} {
		lie := zip(first)
		copy(lie[len(lie)-4:], bytes.Repeat([]byte{size}, 4))
		_, err = read(lie, 1<<20)
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
	_, err = read(zip(first), int64(len(first))-1)
	require.ErrorIs(t, err, fault.ErrTooLarge)
	_, err = read([]byte{1, 2}, 1<<20)
	require.ErrorIs(t, err, fault.ErrInvalid)
}
