package quota

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/pressure"
)

// A Keeper knows what everybody has sent. It is safe for concurrent use.
type Keeper struct {
	config Config
	memory *pressure.Watch
	log    *slog.Logger
	now    func() time.Time

	warned, refused *prometheus.CounterVec
	shapes, costs   bool // some are limited

	mu      sync.Mutex
	sources map[source]*account
	tenants int // in sources
	near    map[warning]float64
}

// A source is a tenant or a token.
type source struct{ kind, name string }

func (s source) String() string {
	if s.kind == "tenant" && s.name == "" {
		return "the default tenant"
	}
	return fmt.Sprintf("%s %q", s.kind, s.name)
}

// An account is what a source has left.
type account struct {
	source
	rates  Rates
	mu     sync.Mutex
	hard   map[Kind]*rate.Limiter
	soft   map[Kind]*rate.Limiter
	recent [2]map[uint64]struct{} // streams of this hour and the one before
	active int                    // streams in either
	since  time.Time
	asking int // queries that run or wait
}

type warning struct {
	source
	kind Kind
}

// New returns a Keeper. memory may be nil.
func New(c Config, memory *pressure.Watch, log *slog.Logger, reg prometheus.Registerer) *Keeper {
	labels := []string{"source", "name", "limit"}
	k := &Keeper{
		config: c, memory: memory, log: log, now: time.Now, sources: map[source]*account{}, near: map[warning]float64{},
		warned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_limit_warnings_total",
			Help: "Batches and requests that brought a tenant or token near a limit of limits.rates.",
		}, labels),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_limit_refused_total",
			Help: "Batches and requests that were refused for a limit of limits.rates.",
		}, labels),
	}
	k.shapes = c.any(func(r Rates) bool { return r.Shape != Shape{} })
	k.costs = c.any(func(r Rates) bool { return r.Cost != Cost{} })
	reg.MustRegister(k.warned, k.refused)
	return k
}

// An overError is a refusal that passes.
type overError struct {
	text string
	wait time.Duration
}

func (e *overError) Error() string             { return e.text }
func (e *overError) Unwrap() error             { return fault.ErrOverloaded }
func (e *overError) RetryAfter() time.Duration { return e.wait }

// Watches reports whether anything is counted of who writes in ctx.
func (k *Keeper) Watches(ctx context.Context) bool {
	return k.config.Tenant != (Rates{}) || auth.From(ctx) != nil && (k.config.limits() || k.config.MaxTenants > 0)
}

// Take counts so many of some kinds for who writes in ctx, or returns why they
// are refused, when none is counted: fault.ErrOverloaded, with the time to wait,
// or fault.ErrUnavailable without memory.
func (k *Keeper) Take(ctx context.Context, n map[Kind]int) error {
	if err := k.memory.Check(); err != nil {
		return err
	}
	accounts, err := k.accounts(auth.From(ctx))
	if err != nil {
		return err
	}
	now := k.now()
	for _, a := range accounts {
		if err := a.check(now, n); err != nil {
			var over *limitError
			if asLimit(err, &over) {
				k.refused.WithLabelValues(a.kind, a.name, string(over.kind)).Inc()
			}
			return err
		}
	}
	for _, a := range accounts {
		for kind, share := range a.spend(now, n) {
			k.warn(ctx, a, kind, share)
		}
	}
	return nil
}

// Streams counts streams, by hashes of them, for who writes in ctx, or returns
// why they are refused.
func (k *Keeper) Streams(ctx context.Context, hashes []uint64) error {
	accounts, err := k.accounts(auth.From(ctx))
	if err != nil {
		return err
	}
	for _, a := range accounts {
		have, ok := a.streams(k.now(), hashes)
		switch {
		case !ok:
			k.refused.WithLabelValues(a.kind, a.name, "max_streams").Inc()
			return &overError{fmt.Sprintf("%v may have %d active streams (limits.rates max_streams): no new one", a.source, a.rates.Streams), time.Minute}
		case a.rates.Streams > 0 && k.config.WarnAt > 0 && float64(have) > k.config.WarnAt*float64(a.rates.Streams):
			k.warn(ctx, a, "max_streams", float64(have)/float64(a.rates.Streams))
		}
	}
	return nil
}

// accounts returns those that id's work is on: none for the process.
func (k *Keeper) accounts(id *auth.Identity) ([]*account, error) {
	if id == nil && k.config.Tenant == (Rates{}) {
		return nil, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]*account, 0, 2)
	tenant := source{"tenant", id.Tenant()}
	a := k.sources[tenant]
	if a == nil {
		if k.config.MaxTenants > 0 && k.tenants >= k.config.MaxTenants && tenant.name != "" {
			return nil, &overError{fmt.Sprintf("there are %d tenants already (limits.rates.max_tenants): %v is refused", k.tenants, tenant), time.Minute}
		}
		a = k.open(tenant, k.config.Tenants, k.config.Tenant)
		k.tenants++
	}
	all = append(all, a)
	if id != nil && id.Kind == auth.Token {
		token := source{"token", id.Name}
		t := k.sources[token]
		if t == nil {
			t = k.open(token, k.config.Tokens, k.config.Token)
		}
		all = append(all, t)
	}
	return all, nil
}

// open makes an account. k.mu is held.
func (k *Keeper) open(s source, named map[string]Rates, other Rates) *account {
	s.name = strings.Clone(s.name) // the request's memory
	rates, ok := named[s.name]
	if !ok {
		rates = other
	}
	a := &account{source: s, rates: rates, hard: map[Kind]*rate.Limiter{}, soft: map[Kind]*rate.Limiter{}, since: k.now()}
	for _, kind := range []Kind{Bytes, Lines, Spans, Samples} {
		if r := rates.of(kind); r > 0 {
			a.hard[kind] = limiter(r, k.config.Burst)
			if w := k.config.WarnAt; w > 0 && w < 1 {
				a.soft[kind] = limiter(r*w, k.config.Burst)
			}
		}
	}
	k.sources[s] = a
	return a
}

func limiter(perSecond float64, burst time.Duration) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(math.Min(perSecond*burst.Seconds(), math.MaxInt32))))
}

// A limitError is an overError of a rate.
type limitError struct {
	overError
	kind Kind
}

func asLimit(err error, to **limitError) bool {
	e, ok := err.(*limitError) //nolint:errorlint // made here
	*to = e
	return ok
}

// check returns why n may not be taken. What is more than a whole burst may
// come when there is a whole burst: it could never come otherwise.
func (a *account) check(now time.Time, n map[Kind]int) error {
	for kind, count := range n {
		l := a.hard[kind]
		if l == nil || count == 0 {
			continue
		}
		have, need := l.TokensAt(now), math.Min(float64(count), float64(l.Burst()))
		if have < need {
			wait := time.Duration((need - have) / float64(l.Limit()) * float64(time.Second))
			return &limitError{overError{
				fmt.Sprintf("%v sends more than its %s of %.0f (limits.rates): try again in %v", a.source, kind, float64(l.Limit()), wait.Round(10*time.Millisecond)), wait,
			}, kind}
		}
	}
	return nil
}

// spend takes n, into debt if it must, and returns the kinds that are near
// their limit with the share of the burst that is gone.
func (a *account) spend(now time.Time, n map[Kind]int) (near map[Kind]float64) {
	for kind, count := range n {
		if l := a.hard[kind]; l != nil {
			draw(l, now, count)
			soft := a.soft[kind]
			switch {
			case soft == nil:
			case soft.TokensAt(now) >= float64(count):
				draw(soft, now, count)
			default:
				if near == nil {
					near = map[Kind]float64{}
				}
				near[kind] = 1 - max(0, l.TokensAt(now)/float64(l.Burst()))
			}
		}
	}
	return near
}

// draw takes n of l, into debt if there are not as many.
func draw(l *rate.Limiter, now time.Time, n int) {
	for n > 0 {
		some := min(n, l.Burst())
		l.ReserveN(now, some)
		n -= some
	}
}

// generation is how long a stream is active after its last row, or twice that.
const generation = time.Hour

// streams notes streams, and returns how many are active; none is noted if they
// would be too many.
func (a *account) streams(now time.Time, hashes []uint64) (active int, ok bool) {
	if a.rates.Streams == 0 {
		return 0, true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.recent[0] == nil || now.Sub(a.since) > generation {
		a.active = len(a.recent[0])
		a.recent[0], a.recent[1], a.since = map[uint64]struct{}{}, a.recent[0], now
	}
	fresh := 0
	for _, h := range hashes {
		_, now := a.recent[0][h]
		if _, before := a.recent[1][h]; !now && !before {
			fresh++
		}
	}
	if fresh > 0 && a.active+fresh > a.rates.Streams {
		return a.active, false
	}
	for _, h := range hashes {
		a.recent[0][h] = struct{}{}
	}
	a.active += fresh
	return a.active, true
}
