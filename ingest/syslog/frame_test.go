package syslog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// frames returns the messages of a stream that comes byte by byte, and how
// many lines were dropped.
func frames(t testing.TB, stream []byte, maxBytes int) (out []string, dropped int, err error) {
	f, err := newFrameReader(iotest.OneByteReader(bytes.NewReader(stream)), maxBytes, func() { dropped++ })
	for err == nil {
		var b []byte
		if b, err = f.next(); err == nil {
			out = append(out, string(b))
		}
	}
	return out, dropped, err
}

func TestFrames(t *testing.T) {
	for in, want := range map[string][]string{
		"":                               nil,
		"\n\r\x00 \n":                    nil,
		"<1>a\n<1>b":                     {"<1>a", "<1>b"},
		"4 <1>a4 <1>b":                   {"<1>a", "<1>b"},
		"6 <1>a\nb4 <1>c":                {"<1>a\nb", "<1>c"},
		"5 <1>a\n<1>b\n4 <1>c\n\n<1>d\n": {"<1>a\n", "<1>b", "<1>c", "<1>d"},
		"9 <1>a":                         {"<1>a"},
		"4 x\n12\n9":                     {"4 x", "12", "9"},
		"1234567890 <1>a\n":              {"1234567890 <1>a"},
		"raw\nlines\n":                   {"raw", "lines"},
		"xylophone\n":                    {"xylophone"},
		"(":                              {"("},
		"04 <1>a\n":                      {"04 <1>a"},
	} {
		got, dropped, err := frames(t, []byte(in), 100)
		require.Equal(t, want, got, "%q", in)
		require.ErrorIs(t, err, io.EOF)
		require.Zero(t, dropped)
	}
	_, _, err := frames(t, []byte("101 <1>"), 100)
	require.ErrorIs(t, err, errTooLong)
	got, dropped, _ := frames(t, []byte(strings.Repeat("x", 100)+"\n"+strings.Repeat("y", 101)+"\nz\n"+strings.Repeat("y", 200)), 100)
	require.Equal(t, []string{strings.Repeat("x", 100), "z"}, got)
	require.Equal(t, 2, dropped)
}

func TestStreamsThatInflateEnd(t *testing.T) {
	for name, compress := range map[string]func(io.Writer) io.WriteCloser{
		"zlib": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w, zstd.WithWindowSize(1<<20))
			require.NoError(t, err)
			return z
		},
	} {
		t.Run(name, func(t *testing.T) {
			pack := func(line string, times int) []byte {
				var z bytes.Buffer
				w := compress(&z)
				for range times {
					_, err := io.WriteString(w, line)
					require.NoError(t, err)
				}
				require.NoError(t, w.Close())
				return z.Bytes()
			}
			bomb := pack(strings.Repeat("x", 1<<20), 60)
			require.Less(t, len(bomb), 1<<20)
			_, _, err := frames(t, bomb, 100)
			require.ErrorIs(t, err, errInflates)
			got, _, err := frames(t, pack("<1>the same\n", 1<<15), 100)
			require.ErrorIs(t, err, io.EOF)
			require.Len(t, got, 1<<15)
		})
	}
}

func FuzzFrames(f *testing.F) {
	for _, s := range []string{"5 <1>a\n<1>b\n4 <1>c\n\n<1>d\n", "4 x\n12\n9", "101 <1>", "\x1f\x8b", "\x28\xb5\x2f\xfd"} {
		f.Add([]byte(s))
	}
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	io.WriteString(w, "4 <1>a")
	w.Close()
	f.Add(z.Bytes())
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 64
		got, _, err := frames(t, stream, limit)
		if err == nil {
			t.Fatal("a stream has an end")
		}
		for _, m := range got {
			if len(m) > limit+1 {
				t.Fatalf("message of %d bytes", len(m))
			}
		}
	})
}
