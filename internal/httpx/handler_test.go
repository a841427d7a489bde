package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

func TestStatusOfEveryKind(t *testing.T) {
	for err, want := range map[error]int{
		fault.ErrInvalid:            400,
		fault.ErrLimit:              400,
		fault.ErrUnauthenticated:    401,
		fault.ErrForbidden:          403,
		fault.ErrNotFound:           404,
		fault.ErrConflict:           409,
		fault.ErrTooLarge:           413,
		fault.ErrUnsupported:        415,
		fault.ErrUnprocessable:      422,
		fault.ErrOverloaded:         429,
		context.Canceled:            499,
		fault.ErrUnavailable:        503,
		fault.ErrTimeout:            504,
		context.DeadlineExceeded:    504,
		errors.New("a bug of ours"): 500,
	} {
		require.Equal(t, want, httpx.Status(fmt.Errorf("deep inside: %w", err)), err.Error())
	}
}

func TestOverloadSaysWhenToComeBack(t *testing.T) {
	h := httpx.Handler(func(http.ResponseWriter, *http.Request) error { return fault.ErrOverloaded }, httpx.PlainError)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
}

func TestAPanicIsOneRequestsProblem(t *testing.T) {
	h := httpx.Recover(slog.New(slog.DiscardHandler))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("bug") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusInternalServerError, w.Code)
}

func TestRequestsAreCountedByRouteNotByPath(t *testing.T) {
	reg := prometheus.NewRegistry()
	r := chi.NewRouter()
	r.Use(httpx.Observe(slog.New(slog.DiscardHandler), reg, noop.NewTracerProvider().Tracer("")))
	r.Get("/label/{name}/values", func(http.ResponseWriter, *http.Request) {})
	for i := range 100 {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, fmt.Sprintf("/label/l%d/values", i), nil))
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(fmt.Sprintf("VERB%d", i), fmt.Sprintf("/nowhere/%d", i), nil))
	}
	n, err := testutil.GatherAndCount(reg, "oriel_http_request_duration_seconds")
	require.NoError(t, err)
	require.LessOrEqual(t, n, 3)
}

func TestAFailingRouteDoesNotFloodTheLog(t *testing.T) {
	var lines bytes.Buffer
	r := chi.NewRouter()
	r.Use(httpx.Observe(slog.New(slog.NewTextHandler(&lines, nil)), prometheus.NewRegistry(), noop.NewTracerProvider().Tracer("")))
	fail := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	r.Get("/a", fail)
	r.Get("/b", fail)
	for range 1000 {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/a", nil))
	}
	r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/b", nil))
	require.Equal(t, 1, strings.Count(lines.String(), "route=/a "), lines.String())
	require.Equal(t, 1, strings.Count(lines.String(), "route=/b "), "another route is heard of")
}
