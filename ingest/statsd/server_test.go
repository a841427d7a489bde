package statsd

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/lines"
)

func TestEverySocketIsReadAndTheRestStoredAtTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dsd.socket")
	sockets, err := lines.Listen("127.0.0.1:0", path)
	require.NoError(t, err)
	s := samplestest.New()
	c := DefaultConfig()
	c.FlushInterval = 100 * time.Millisecond
	srv, err := New(sockets, c, s.Options())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx) }()
	send := func(network, addr, text string) {
		conn, err := net.Dial(network, addr)
		require.NoError(t, err)
		_, err = fmt.Fprint(conn, text)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
	}
	send("udp", sockets.Addrs()[1].String(), "hits:1|c\nhits:1|c")
	send("tcp", sockets.Addrs()[0].String(), "hits:1|c\nhits:1|c\n")
	send("unixgram", path, "hits:1|c")
	require.Eventually(t, func() bool {
		for _, row := range s.Rows() {
			if strings.HasPrefix(row, "hits 5 ") {
				return true
			}
		}
		return false
	}, 10*time.Second, 5*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
	require.NoFileExists(t, path)
}
