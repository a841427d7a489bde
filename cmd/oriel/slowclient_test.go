package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/pressure"
)

// served is a listener as every HTTP port has it.
func served(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	l, err := listen("127.0.0.1:0", "--listen")
	require.NoError(t, err)
	s := startHTTP("test", l, h, "", slog.New(slog.DiscardHandler))
	t.Cleanup(func() { require.NoError(t, s.stop()) })
	conn, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// drip writes a byte from time to time until the other side has had enough.
func drip(conn net.Conn, stop <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if _, err := conn.Write([]byte("x")); err != nil {
			return
		}
	}
}

func TestHeadersThatDripEndTheConnection(t *testing.T) {
	t.Parallel() // it takes ten seconds
	conn := served(t, http.NotFoundHandler())
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	require.NoError(t, err)
	stop := make(chan struct{})
	defer close(stop)
	go drip(conn, stop)
	began := time.Now()
	_, err = io.ReadAll(conn)
	require.False(t, errors.Is(err, os.ErrDeadlineExceeded), "the server has not ended it")
	require.Less(t, time.Since(began), 15*time.Second)
}

func TestHeadersThatAreTooLargeAreRefused(t *testing.T) {
	conn := served(t, http.NotFoundHandler())
	go func() {
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", maxHeaderBytes+8<<10)+"\r\n\r\n") // the server may stop reading
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, resp.StatusCode)
}

func TestBodiesThatStopComingEndTheRequest(t *testing.T) {
	ended := make(chan error, 1)
	conn := served(t, httpx.Patience(200*time.Millisecond, endlessBody)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := httpx.ReadBody(r, 1<<20)
		ended <- err
	})))
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
	require.NoError(t, err)
	stop := make(chan struct{})
	defer close(stop)
	go drip(conn, stop)
	require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
}

func TestABodyThatComesIsNotWaitedForWithoutMemory(t *testing.T) {
	ended := make(chan error, 1)
	end := make(chan context.CancelCauseFunc, 1)
	conn := served(t, httpx.Patience(time.Minute, endlessBody)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancelCause(r.Context())
		defer coming(ctx, w, r, func() {})()
		end <- cancel
		_, err := httpx.ReadBody(r, 1<<20)
		ended <- err
	})))
	_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
	require.NoError(t, err)
	(<-end)(pressure.ErrMemory)
	require.ErrorIs(t, <-ended, pressure.ErrMemory)
}

func TestABodyThatHasComeIsNotEnded(t *testing.T) {
	conn := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancelCause(r.Context())
		come := false
		end := coming(ctx, w, r, func() { come = true })
		body, err := httpx.ReadBody(r, 1<<20)
		assert.NoError(t, err)
		assert.True(t, come)
		cancel(pressure.ErrMemory)
		end()
		_, _ = w.Write(body)
	}))
	answers := bufio.NewReader(conn)
	for range 2 { // on one connection
		_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
		require.NoError(t, err)
		resp, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, "abc", string(body))
	}
}

func TestBodiesThatAreTooLargeAreNotRead(t *testing.T) {
	for name, head := range map[string]string{"announced": "Content-Length: 1000000000", "in chunks": "Transfer-Encoding: chunked"} {
		t.Run(name, func(t *testing.T) {
			conn := served(t, httpx.Handler(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := httpx.ReadBody(r, 1<<10)
				return err
			}, httpx.PlainError))
			_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+head+"\r\n\r\n")
			require.NoError(t, err)
			go func() {
				chunk := append(append([]byte("400\r\n"), bytes.Repeat([]byte("x"), 1<<10)...), "\r\n"...)
				for range 1000 {
					if _, err := conn.Write(chunk); err != nil {
						return
					}
				}
			}()
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
		})
	}
}
