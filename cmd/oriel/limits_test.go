package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestARefusalIsInTheWayOfItsProtocol(t *testing.T) {
	err := errors.Join(errors.New("100% is\ntoo much, größer"), fault.ErrOverloaded)
	ask := func(contentType string) *http.Response {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", contentType)
		refuse(w, r, err)
		return w.Result()
	}
	plain := ask("application/json")
	require.Equal(t, http.StatusTooManyRequests, plain.StatusCode)
	require.Equal(t, "1", plain.Header.Get("Retry-After"))
	grpc := ask("application/grpc+proto")
	require.Equal(t, http.StatusOK, grpc.StatusCode)
	require.Equal(t, "8", grpc.Header.Get("Grpc-Status"))
	require.EqualValues(t, 8, codes.ResourceExhausted)
	message := grpc.Header.Get("Grpc-Message")
	require.NotRegexp(t, `[^!-~]`, message)
	text, err := url.PathUnescape(message)
	require.NoError(t, err)
	require.Equal(t, "100% is\ntoo much, größer\noverloaded", text)
}

func TestProcessorsAreSharedWhereThoseWhoAskAreToldApart(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	before := runtime.GOMAXPROCS(0)
	a := &app{}
	guardOf := func(tenants bool) *guard.Guard {
		g, err := guard.New(t.Context(), guard.Options{Config: auth.Config{Tenants: tenants}, Registerer: prometheus.NewRegistry()})
		require.NoError(t, err)
		return g
	}
	a.guard = guardOf(true)
	t.Setenv("GOGC", "")
	percent := func() int {
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		return now
	}
	often := percent()
	undo := a.shareProcessors()
	require.Equal(t, threadsPerProcessor*before, runtime.GOMAXPROCS(0))
	require.Greater(t, percent(), often)
	undo()
	require.Equal(t, before, runtime.GOMAXPROCS(0))
	require.Equal(t, often, percent())

	a.guard = guardOf(false)
	a.shareProcessors()
	require.Equal(t, before, runtime.GOMAXPROCS(0))
	a.guard = guardOf(true)
	t.Setenv("GOMAXPROCS", "3")
	a.shareProcessors()
	require.Equal(t, before, runtime.GOMAXPROCS(0), "it was given")
}
