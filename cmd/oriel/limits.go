package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"

	promstorage "github.com/prometheus/prometheus/storage"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/oriel-obs/oriel/ingest/tenancy"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
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
	turns  *fair.Gate               // requests that bring something
	crowd  *fair.Crowd              // whose requests share the processors
}

// atOnce is how many requests that bring something are decoded and stored at
// once, of all tenants, or users and tokens: enough for those who are alone to
// share the disk's time between many.
const atOnce = 32

// openFairness is called once the metric store is open.
func (a *app) openFairness() {
	a.memory = pressure.New(a.log.With("component", "memory"), a.reg)
	a.quota = quota.New(a.cfg.Limits.Rates, a.memory, a.log.With("component", "limits"), a.reg)
	a.taken = a.account.Samples(tenancy.LimitSamples(a.metrics, a.quota))
	a.turns = fair.NewBrief(atOnce)
	a.crowd = fair.NewCrowd()
}

// threadsPerProcessor is how many threads run Go code for each processor where
// work takes turns.
const threadsPerProcessor = 4

// shareProcessors lets the kernel share out the processors among those whose
// work takes turns. Go's scheduler changes between goroutines every 10 ms, and
// with a long one on each of its threads a short one waits for that at every
// step; the kernel lets a thread that has slept run at once. What uses the
// processors for long is bounded by the gates, so that there are not more
// threads at work than before. It is called once these are made, and undone when
// nothing runs any more.
//
// The collector of garbage uses a quarter of the threads whenever it is at work,
// which is as many as there are processors then. So it is at work less often.
func (a *app) shareProcessors() (undo func()) {
	if !a.guard.Apart() || os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	before := runtime.GOMAXPROCS(threadsPerProcessor * runtime.GOMAXPROCS(0))
	rarer := pressure.CollectRarely()
	return func() {
		rarer()
		runtime.GOMAXPROCS(before)
	}
}

// behind is for components whose work no request waits for.
func (a *app) behind(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return run(a.crowd.Behind(ctx)) }
}

func (a *app) fairnessComponents() []lifecycle.Component {
	return []lifecycle.Component{{Name: "memory watch", Run: a.memory.Run}, {Name: "limits", Run: a.quota.Run}}
}

// memoryRetry is when clients may ask again, in seconds.
const memoryRetry = "5"

// ifMemory refuses requests that bring data or ask for some while memory is
// nearly used up. What people need to see why goes on. All take their turns.
func (a *app) ifMemory(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, pattern := httpx.Route(r)
		if need, ok := a.needs.Of(method, pattern, r.URL.Path); ok && (need.Brings() || need.Asks() && !need.Whole) {
			if err := a.memory.Check(); err != nil {
				w.Header().Set("Retry-After", memoryRetry)
				refuse(w, r, err)
				return
			}
			if need.Asks() && r.Header.Get("Upgrade") == "" { // a live tail holds little
				ctx, done := a.memory.Bear(r.Context())
				defer done()
				ended := &endedWriter{ResponseWriter: w, ctx: ctx}
				defer ended.tell(r)
				w, r = ended, r.WithContext(ctx)
			}
			if need.Brings() && r.Body != nil && r.Body != http.NoBody && !endlessBody(r) {
				ctx, come := a.memory.BearComing(r.Context())
				defer coming(ctx, w, r, come)()
			}
			if payer := auth.From(r.Context()).Payer(); payer != "" {
				ctx, task := a.crowd.Task(r.Context(), payer)
				if need.Brings() { // it has not come yet
					var pass *fair.Pass
					ctx, pass = a.turns.Issue(ctx, payer)
					defer pass.End()
				} else {
					task.Begin()
					defer task.End()
				}
				r = r.WithContext(ctx)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// errSlowCall ends calls that take too long.
var errSlowCall = fmt.Errorf("the call did not end within %v: %w", grpcCall, fault.ErrTimeout)

// letCall is ifMemory for calls by gRPC, ahead of the guard.
func (a *app) letCall(ctx context.Context, info *tap.Info) (context.Context, error) {
	if err := a.memory.Check(); err != nil {
		return nil, status.Error(codes.ResourceExhausted, err.Error())
	}
	ctx, err := a.guard.Tap(ctx, info)
	if err != nil {
		return nil, err
	}
	call := ctx
	ctx, end := context.WithTimeoutCause(call, grpcCall, errSlowCall) // its message must have come by then
	context.AfterFunc(call, end)
	ctx = a.letCome(ctx)
	if payer := auth.From(ctx).Payer(); payer != "" {
		ctx, _ = a.crowd.Task(ctx, payer)
		ctx, _ = a.turns.Issue(ctx, payer) // ended by the method, which begins it
	}
	return ctx, nil
}
