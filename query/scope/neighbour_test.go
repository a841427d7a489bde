package scope_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// BenchmarkNoisyNeighbour is one tenant's query alone, and while another keeps
// 64 heavy ones waiting at the same gate of 8 places, by turns and first come
// first served. The figures are of the quiet tenant.
func BenchmarkNoisyNeighbour(b *testing.B) {
	w := newWorld(b, all, true)
	tenants := map[string]*auth.Identity{}
	for _, name := range []string{"a", "b"} {
		tenants[name] = &auth.Identity{Tenants: []string{name}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
	}
	heavy := url.Values{"query": {`max_over_time(sum by (code) (rate(requests_total[5m]))[10m:100ms])`}, "start": {startS}, "end": {endS}, "step": {"1"}, "nocache": {"1"}}
	light := url.Values{"query": {`max_over_time(sum by (code) (rate(requests_total[5m]))[1m:1s])`}, "start": {startS}, "end": {endS}, "step": {"15"}, "nocache": {"1"}}
	for _, c := range []struct {
		name        string
		storm, fair bool
	}{{"alone", false, true}, {"fair", true, true}, {"first come first served", true, false}} {
		b.Run(c.name, func(b *testing.B) {
			h := httpx.Gate(8)(w)
			ask := func(ctx context.Context, tenant string, v url.Values) {
				id := tenants[tenant]
				if !c.fair { // the gate takes all for one
					id = nil
				}
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(auth.With(ctx, id), http.MethodGet, "/api/v1/query_range?"+v.Encode(), nil))
			}
			ctx, cancel := context.WithCancel(b.Context())
			var storm sync.WaitGroup
			if c.storm {
				for range 64 {
					storm.Go(func() {
						for ctx.Err() == nil {
							ask(ctx, "a", heavy)
						}
					})
				}
				time.Sleep(300 * time.Millisecond)
			}
			var took []time.Duration
			for b.Loop() {
				time.Sleep(5 * time.Millisecond) // somebody who looks at something
				began := time.Now()
				ask(b.Context(), "b", light)
				took = append(took, time.Since(began))
			}
			cancel()
			storm.Wait()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-us")
		})
	}
}
