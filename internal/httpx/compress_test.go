package httpx_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/httpx"
)

func TestAnswersOfTextAreCompressedWhereTheClientTakesThem(t *testing.T) {
	body := strings.Repeat(`{"a":1},`, 1000)
	for _, tt := range []struct {
		kind, accept, want string
	}{
		{"application/json", "gzip, deflate, br", "gzip"},
		{"text/csv; charset=utf-8", "gzip", "gzip"},
		{"application/json", "", ""},
		{"application/json", "identity", ""},
		{"application/protobuf", "gzip", ""},
	} {
		h := httpx.Compress()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", tt.kind)
			_, _ = io.WriteString(w, body)
		}))
		for range 2 { // encoders are used again
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, tt.want, w.Header().Get("Content-Encoding"), "%s for %q", tt.kind, tt.accept)
			if tt.want == "" {
				require.Equal(t, body, w.Body.String())
				continue
			}
			require.Less(t, w.Body.Len(), len(body)/10)
			z, err := gzip.NewReader(w.Body)
			require.NoError(t, err)
			got, err := io.ReadAll(z)
			require.NoError(t, err)
			require.Equal(t, body, string(got))
		}
	}
}
