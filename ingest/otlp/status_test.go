package otlp

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

func TestKindsOfFailureHaveOneCodeAndOneStatus(t *testing.T) {
	tests := []struct {
		err   error
		code  codes.Code
		http  int
		retry bool
	}{
		{fault.ErrInvalid, codes.InvalidArgument, 400, false},
		{fault.ErrUnauthenticated, codes.Unauthenticated, 401, false},
		{fault.ErrForbidden, codes.PermissionDenied, 403, false},
		{fault.ErrNotFound, codes.Unimplemented, 404, false},
		{fault.ErrTooLarge, codes.ResourceExhausted, 413, false},
		{fault.ErrOverloaded, codes.ResourceExhausted, 429, true},
		{fault.ErrUnavailable, codes.Unavailable, 503, true},
		{context.Canceled, codes.Canceled, 503, true},
		{context.DeadlineExceeded, codes.DeadlineExceeded, 504, true},
		{errors.New("bug"), codes.Internal, 500, false},
	}
	for _, tt := range tests {
		t.Run(tt.err.Error(), func(t *testing.T) {
			s := statusOf(tt.err)
			require.Equal(t, tt.code, s.Code())
			require.Equal(t, tt.retry, len(s.Details()) == 1)

			r := httptest.NewRequest(http.MethodPost, "/v1/logs", nil)
			r.Header.Set("Content-Type", mediaJSON)
			w := httptest.NewRecorder()
			httpx.Handler(func(http.ResponseWriter, *http.Request) error { return tt.err }, writeError).ServeHTTP(w, r)
			require.Equal(t, tt.http, w.Code)
			require.Equal(t, tt.http == 429 || tt.http == 503, w.Header().Get("Retry-After") != "")
		})
	}
}

func TestStatusMessageIsBoundedAndUTF8(t *testing.T) {
	s := statusOf(errors.New(strings.Repeat("\xffé", 5000)))
	require.LessOrEqual(t, len(s.Message()), maxMessage)
	require.True(t, strings.HasPrefix(s.Message(), "\uFFFDé"))
}
