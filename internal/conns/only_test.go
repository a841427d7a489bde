package conns_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/conns"
)

func TestOthersAreClosedUnread(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	turn := 0
	only := conns.Only(l, func(a net.Addr) bool {
		turn++
		require.Equal(t, "tcp", a.Network())
		return turn > 1
	})
	refused, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	taken, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	c, err := only.Accept()
	require.NoError(t, err)
	require.Equal(t, taken.LocalAddr().String(), c.RemoteAddr().String())
	_, err = refused.Read(make([]byte, 1))
	require.Error(t, err)
	require.NoError(t, only.Close())
	_, err = only.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	require.NoError(t, c.Close())
	require.NoError(t, taken.Close())
}

func TestDatagramsOfOthersAreSkipped(t *testing.T) {
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	turn := 0
	only := conns.OnlyPackets(p, func(net.Addr) bool { turn++; return turn > 1 })
	out, err := net.Dial("udp", p.LocalAddr().String())
	require.NoError(t, err)
	for _, text := range []string{"skipped", "read"} {
		_, err = out.Write([]byte(text))
		require.NoError(t, err)
	}
	b := make([]byte, 10)
	n, _, err := only.ReadFrom(b)
	require.NoError(t, err)
	require.Equal(t, "read", string(b[:n]))
	require.NoError(t, out.Close())
	require.NoError(t, only.Close())
}
