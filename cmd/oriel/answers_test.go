package main

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// ask returns the status and the body of the answer to a GET; status 0 says
// that there was none.
func (s *killed) ask(path string) (int, []byte) {
	resp, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, bytes.TrimSpace(body)
}

// beforeAndAfterRestart compares the answers about what was sent, once there is
// all of it.
func beforeAndAfterRestart(t *testing.T, s *killed, there func() error, compare func(*testing.T)) {
	t.Helper()
	require.NoError(t, await(there))
	t.Run("as sent", compare)
	s.restart()
	require.NoError(t, await(there))
	t.Run("restarted", compare)
}
