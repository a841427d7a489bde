package httpx_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// slow asks with the beginning of a body and returns how the handler's read of
// it ended, and the connection.
func slow(t *testing.T, endless bool) (ended chan error, conn net.Conn) {
	t.Helper()
	ended = make(chan error, 2)
	h := httpx.Patience(50*time.Millisecond, func(*http.Request) bool { return endless })(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		ended <- err
		if err == nil {
			fmt.Fprintf(w, "got %s, gone: %v", b, r.Context().Err())
		}
	}))
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
	require.NoError(t, err)
	return ended, conn
}

func TestABodyThatStopsComingEndsTheRequest(t *testing.T) {
	ended, _ := slow(t, false)
	require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
}

func TestABodyThatDripsEndsTheRequest(t *testing.T) {
	ended := make(chan error, 1)
	h := httpx.Patience(200*time.Millisecond, func(*http.Request) bool { return false })(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		ended <- err
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
	require.NoError(t, err)
	drip := time.NewTicker(20 * time.Millisecond)
	defer drip.Stop()
	for {
		select {
		case err := <-ended:
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			return
		case <-drip.C:
			_, _ = io.WriteString(conn, "x") // the server may have ended it
		}
	}
}

func TestAnEndlessBodyMayBeQuiet(t *testing.T) {
	ended, conn := slow(t, true)
	select {
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(150 * time.Millisecond):
	}
	_, err := io.WriteString(conn, "cd")
	require.NoError(t, err)
	require.NoError(t, <-ended)
}

// What is set for a body does not hold for the answer, nor for the next request
// of the connection.
func TestPatienceEndsWithTheBody(t *testing.T) {
	h := httpx.Patience(50*time.Millisecond, func(*http.Request) bool { return false })(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		time.Sleep(120 * time.Millisecond) // a query
		fmt.Fprint(w, errors.Join(err, r.Context().Err()))
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for range 2 {
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")
		require.NoError(t, err)
		resp, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, "<nil>", string(body))
	}
}

func TestAnswersAreNoMoreThanTheySay(t *testing.T) {
	w := httptest.NewRecorder()
	httpx.SafeHeaders(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'") // the page has its own
	})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", strings.NewReader("")))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Equal(t, "same-origin", w.Header().Get("Referrer-Policy"))
	require.Equal(t, "default-src 'self'", w.Header().Get("Content-Security-Policy"))
	w = httptest.NewRecorder()
	httpx.SafeHeaders(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
}
