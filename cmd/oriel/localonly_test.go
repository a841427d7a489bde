package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoIsOnThisMachine(t *testing.T) {
	for from, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "10.0.0.1:1": false, "[2001:db8::1]:1": false, "": false, "@": false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		require.Equal(t, want, local(r), from)
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
		require.False(t, local(r), "behind a proxy")
	}
}
