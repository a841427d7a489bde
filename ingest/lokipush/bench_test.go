package lokipush_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/lokipush"
	"github.com/oriel-obs/oriel/model"
)

// discard is a store that keeps nothing.
type discard struct{}

func (discard) Append(context.Context, *model.Batch) error { return nil }

const benchLine = `level=info ts=2026-01-01T00:00:00Z caller=server.go:123 msg="request served" method=GET path=/api/v1/orders status=200 duration=12.3ms`

// poster returns a function that posts body to a handler over discard.
func poster(tb testing.TB, body, contentType string) func() {
	r := chi.NewRouter()
	lokipush.New(lokipush.Options{Events: discard{}, Limits: ingest.DefaultLimits(), Config: lokipush.DefaultConfig()}).Mount(r)
	return func() {
		req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/loki/api/v1/push", strings.NewReader(body))
		req.Header.Set("Content-Type", contentType)
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		require.Equal(tb, http.StatusNoContent, rec.Code, rec.Body)
	}
}

// bodies returns a request of n entries in both formats.
func bodies(n int) (js, proto string) {
	start := time.Now().UnixNano() - now
	entries := make([][]byte, 0, n)
	var b strings.Builder
	for i := range n {
		ts := start + int64(i)
		entries = append(entries, protoEntry(ts, benchLine, "trace_id", "0af7651916cd43dd8448eb211c80319c"))
		fmt.Fprintf(&b, `,["%d",%q,{"trace_id":"0af7651916cd43dd8448eb211c80319c"}]`, now+ts, benchLine)
	}
	js = `{"streams":[{"stream":{"app":"api"},"values":[` + b.String()[1:] + `]}]}`
	return js, snap(protoStream(`{app="api"}`, entries...))
}

func TestPushDoesNotAllocatePerEntry(t *testing.T) {
	const more = 4000
	smallJSON, smallProto := bodies(1000)
	bigJSON, bigProto := bodies(1000 + more)
	for name, c := range map[string]struct{ small, big, contentType string }{
		"json":     {smallJSON, bigJSON, "application/json"},
		"protobuf": {smallProto, bigProto, "application/x-protobuf"},
	} {
		small := testing.AllocsPerRun(10, poster(t, c.small, c.contentType))
		big := testing.AllocsPerRun(10, poster(t, c.big, c.contentType))
		require.Less(t, big-small, 0.05*more, name) // growth of slices, not entries
	}
}

func BenchmarkPush(b *testing.B) {
	const n = 5000
	js, proto := bodies(n)
	for name, body := range map[string]string{"application/json": js, "application/x-protobuf": proto} {
		b.Run(name, func(b *testing.B) {
			post := poster(b, body, name)
			b.SetBytes(int64(n * len(benchLine)))
			b.ReportAllocs()
			for b.Loop() {
				post()
			}
		})
	}
}
