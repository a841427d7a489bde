package lines_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/internal/lines"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A record keeps what all readers were given.
type record struct {
	mu      sync.Mutex
	lines   []string
	tooLong []string
}

func (r *record) all() (lines, tooLong []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines), slices.Clone(r.tooLong)
}

// A reader passes its lines on at a Flush.
type reader struct {
	to   *record
	held []string
}

func (r *reader) Line(line []byte) { r.held = append(r.held, string(line)) }

func (r *reader) TooLong(start []byte) {
	r.to.mu.Lock()
	defer r.to.mu.Unlock()
	r.to.tooLong = append(r.to.tooLong, string(start[:5]))
}

func (r *reader) Flush() {
	r.to.mu.Lock()
	defer r.to.mu.Unlock()
	r.to.lines = append(r.to.lines, r.held...)
	r.held = nil
}

func serve(t *testing.T, path string) (*lines.Sockets, *record) {
	t.Helper()
	s, err := lines.Listen("127.0.0.1:0", path)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	got := &record{}
	done := make(chan error, 1)
	go func() {
		done <- s.Serve(ctx, lines.Options{
			Conns: conns.Limits{Max: 10, MaxPerPeer: 10}, MaxLineBytes: 100,
			NewReader: func() lines.Reader { return &reader{to: got} }, Refused: func(string) {},
		})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return s, got
}

func dial(t *testing.T, network, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (r *record) require(t *testing.T, want ...string) {
	t.Helper()
	require.Eventually(t, func() bool { got, _ := r.all(); return len(got) >= len(want) }, 10*time.Second, time.Millisecond)
	got, _ := r.all()
	require.Equal(t, want, got)
}

func TestLinesOfAStreamArriveWhole(t *testing.T) {
	s, got := serve(t, "")
	c := dial(t, "tcp", s.Addrs()[0].String())
	_, err := fmt.Fprint(c, "one\r\n\ntwo\nthr")
	require.NoError(t, err)
	got.require(t, "one", "two")
	_, err = fmt.Fprint(c, "ee\nthe end")
	require.NoError(t, err)
	require.NoError(t, c.Close())
	got.require(t, "one", "two", "three", "the end")
}

func TestALineOverTheLimitIsToldOnceAndTheNextIsRead(t *testing.T) {
	for _, length := range []int{102, 500, 200_000} {
		s, got := serve(t, "")
		c := dial(t, "tcp", s.Addrs()[0].String())
		_, err := fmt.Fprint(c, "a\n"+strings.Repeat("x", length)+"\nb\n"+strings.Repeat("y", 100)+"\n")
		require.NoError(t, err)
		got.require(t, "a", "b", strings.Repeat("y", 100))
		_, tooLong := got.all()
		require.Equal(t, []string{"xxxxx"}, tooLong)
	}
}

func TestADatagramIsLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sock")
	s, got := serve(t, path)
	require.Len(t, s.Addrs(), 3)
	_, err := fmt.Fprint(dial(t, "udp", s.Addrs()[1].String()), "one\ntwo\n")
	require.NoError(t, err)
	got.require(t, "one", "two")
	_, err = fmt.Fprint(dial(t, "unixgram", path), "three")
	require.NoError(t, err)
	got.require(t, "one", "two", "three")
}

func TestTheSocketOfAnEndedProcessIsReplacedAndAFileIsNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sock")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	_, err = lines.Listen("", path)
	require.ErrorContains(t, err, "another program listens on")
	require.NoError(t, l.Close())
	require.FileExists(t, path)
	s, err := lines.Listen("", path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoFileExists(t, path)
	require.NoError(t, s.Close())

	require.NoError(t, os.WriteFile(path, nil, 0o644))
	_, err = lines.Listen("", path)
	require.Error(t, err)
	require.FileExists(t, path)
}
