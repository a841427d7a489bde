package conns_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/internal/conns"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConnectionsBeyondTheLimitAreClosedAndTold(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	told := make(chan string, 1)
	s := conns.New(conns.Limits{Max: 1, MaxPerPeer: 5}, func(why string) { told <- why })
	served := make(chan error, 1)
	go func() {
		served <- s.Serve(l, func(c net.Conn) { _, _ = io.Copy(c, c) })
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		return c
	}
	echoed := func(c net.Conn) {
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
		_, err = io.ReadFull(c, make([]byte, 1))
		require.NoError(t, err)
	}
	first := dial()
	echoed(first)
	second := dial()
	_, err = second.Read(make([]byte, 1))
	require.Error(t, err)
	require.Equal(t, "max_connections: 1 connections are open", <-told)
	require.NoError(t, second.Close())

	// A connection that ends makes room.
	require.NoError(t, first.Close())
	require.Eventually(t, func() bool {
		c := dial()
		defer c.Close()
		if _, err := c.Write([]byte("x")); err != nil {
			return false
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		if err != nil {
			<-told
		}
		return err == nil
	}, 10*time.Second, time.Millisecond)

	// Those that are open when the server stops are closed.
	require.NoError(t, l.Close())
	require.NoError(t, <-served)
	s.Close()
	s.Wait()
}

func TestASilentConnectionEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := conns.New(conns.Limits{Max: 1, MaxPerPeer: 1, Idle: 10 * time.Millisecond}, func(string) {})
	failed := make(chan error, 1)
	served := make(chan error, 1)
	go func() {
		served <- s.Serve(l, func(c net.Conn) {
			_, err := c.Read(make([]byte, 1))
			failed <- err
		})
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	var ne net.Error
	require.ErrorAs(t, <-failed, &ne)
	require.True(t, ne.Timeout())
	require.NoError(t, c.Close())
	require.NoError(t, l.Close())
	require.NoError(t, <-served)
	s.Close()
	s.Wait()
}
