package main

import (
	"context"
	"net/http"

	promstorage "github.com/prometheus/prometheus/storage"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/oriel-obs/oriel/ingest/tenancy"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/internal/pressure"
	"github.com/oriel-obs/oriel/internal/quota"
)

// fairness keeps anybody from taking what others need: memory, and the rates
// at which things come in.
type fairness struct {
	memory *pressure.Watch
	quota  *quota.Keeper
	taken  promstorage.AppendableV2 // the metric store, within the rates
}

// openFairness is called once the metric store is open.
func (a *app) openFairness() {
	pressure.SetLimit(a.log)
	a.memory = pressure.New(a.log.With("component", "memory"), a.reg)
	a.quota = quota.New(a.cfg.Limits.Rates, a.memory, a.log.With("component", "limits"), a.reg)
	a.taken = tenancy.LimitSamples(a.metrics, a.quota)
}

func (a *app) fairnessComponents() []lifecycle.Component {
	return []lifecycle.Component{{Name: "memory watch", Run: a.memory.Run}, {Name: "limits", Run: a.quota.Run}}
}

// memoryRetry is when clients may ask again, in seconds.
const memoryRetry = "5"

// ifMemory refuses requests that bring data or ask for some while memory is
// nearly used up. What people need to see why goes on.
func (a *app) ifMemory(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, pattern := httpx.Route(r)
		if need, ok := a.needs.Of(method, pattern, r.URL.Path); ok && (need.Brings() || need.Asks() && !need.Whole) {
			if err := a.memory.Check(); err != nil {
				w.Header().Set("Retry-After", memoryRetry)
				httpx.JSONError(w, r, httpx.Status(err), err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// letCall is ifMemory for calls by gRPC, ahead of the guard.
func (a *app) letCall(ctx context.Context, call *tap.Info) (context.Context, error) {
	if err := a.memory.Check(); err != nil {
		return nil, status.Error(codes.ResourceExhausted, err.Error())
	}
	return a.guard.Tap(ctx, call)
}
