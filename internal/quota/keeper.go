package quota

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/pressure"
)

// A Keeper knows what everybody has sent. It is safe for concurrent use.
type Keeper struct {
	config atomic.Pointer[inForce]
	memory *pressure.Watch
	log    *slog.Logger
	now    func() time.Time

	warned, refused *prometheus.CounterVec

	mu      sync.Mutex
	sources map[source]*account
	tenants int // in sources
	near    map[warning]float64
}

// What is inForce is a configuration, with what is asked of it all the time.
type inForce struct {
	Config
	limited, shapes, costs bool // somebody's anything, rows, queries
}

func newInForce(c Config) *inForce {
	return &inForce{
		Config: c, limited: c.any(func(r Rates) bool { return r != Rates{} }),
		shapes: c.any(func(r Rates) bool { return r.Shape != Shape{} }), costs: c.any(func(r Rates) bool { return r.Cost != Cost{} }),
	}
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
	terms atomic.Pointer[terms]

	mu     sync.Mutex
	recent [2]map[uint64]struct{} // streams of this hour and the one before
	active int                    // streams in either
	since  time.Time
	asking int             // queries that run or wait
	meters map[Kind]*meter // of what has a limit
}

// Terms are what an account is held to. They are not changed; but their limiters
// go on in the next ones.
type terms struct {
	Rates
	hard, soft map[Kind]*rate.Limiter
}

type warning struct {
	source
	kind Kind
}

// New returns a Keeper. memory may be nil.
func New(c Config, memory *pressure.Watch, log *slog.Logger, reg prometheus.Registerer) *Keeper {
	labels := []string{"source", "name", "limit"}
	k := &Keeper{
		memory: memory, log: log, now: time.Now, sources: map[source]*account{}, near: map[warning]float64{},
		warned: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_limit_warnings_total",
			Help: "Batches and requests that brought a tenant or token near a limit of limits.rates.",
		}, labels),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_limit_refused_total",
			Help: "Batches and requests that were refused for a limit of limits.rates.",
		}, labels),
	}
	k.config.Store(newInForce(c))
	reg.MustRegister(k.warned, k.refused)
	return k
}

// Apply holds everybody to c from now on. What they have sent, and the queries
// that run, still count.
func (k *Keeper) Apply(c Config) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.config.Store(newInForce(c))
	now := k.now()
	for _, a := range k.sources {
		a.terms.Store(c.termsOf(a.source, a.terms.Load(), now))
		if a.terms.Load().Streams == 0 {
			a.forgetStreams()
		}
	}
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
	c := k.config.Load()
	return c.Tenant != (Rates{}) || auth.From(ctx) != nil && (c.limited || c.MaxTenants > 0)
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
	warnAt := k.config.Load().WarnAt
	for _, a := range accounts {
		most := a.terms.Load().Streams
		have, ok := a.streams(k.now(), hashes, most)
		switch {
		case !ok:
			k.refused.WithLabelValues(a.kind, a.name, "max_streams").Inc()
			return &overError{fmt.Sprintf("%v may have %d active streams (limits.rates max_streams): no new one", a.source, most), time.Minute}
		case most > 0 && warnAt > 0 && float64(have) > warnAt*float64(most):
			k.warn(ctx, a, "max_streams", float64(have)/float64(most))
		}
	}
	return nil
}

// accounts returns those that id's work is on: of the tenants that it is about,
// and of the token. There is none for the process.
func (k *Keeper) accounts(id *auth.Identity) ([]*account, error) {
	c := k.config.Load()
	if id == nil && c.Tenant == (Rates{}) {
		return nil, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	tenants := []string{""}
	if id != nil && id.Tenants != nil {
		tenants = id.Tenants
	}
	all := make([]*account, 0, len(tenants)+1)
	for _, name := range tenants {
		tenant := source{"tenant", name}
		a := k.sources[tenant]
		if a == nil {
			if c.MaxTenants > 0 && k.tenants >= c.MaxTenants && name != "" {
				return nil, &overError{fmt.Sprintf("there are %d tenants already (limits.rates.max_tenants): %v is refused", k.tenants, tenant), time.Minute}
			}
			a = k.open(tenant)
			k.tenants++
		}
		all = append(all, a)
	}
	if id != nil && id.Kind == auth.Token {
		token := source{"token", id.Name}
		t := k.sources[token]
		if t == nil {
			t = k.open(token)
		}
		all = append(all, t)
	}
	return all, nil
}

// open makes an account. k.mu is held.
func (k *Keeper) open(s source) *account {
	s.name = strings.Clone(s.name) // the request's memory
	now := k.now()
	a := &account{source: s, since: now}
	a.terms.Store(k.config.Load().termsOf(s, &terms{}, now))
	k.sources[s] = a
	return a
}

// termsOf returns what a source is held to that was held to other terms until
// now: what is left of a rate stays, but for what is more than a new burst.
func (c Config) termsOf(s source, before *terms, now time.Time) *terms {
	named, other := c.Tenants, c.Tenant
	if s.kind == "token" {
		named, other = c.Tokens, c.Token
	}
	rates, ok := named[s.name]
	if !ok {
		rates = other
	}
	t := &terms{Rates: rates, hard: map[Kind]*rate.Limiter{}, soft: map[Kind]*rate.Limiter{}}
	for _, kind := range []Kind{Bytes, Lines, Spans, Samples} {
		if r := rates.of(kind); r > 0 {
			t.hard[kind] = limiter(before.hard[kind], r, c.Burst, now)
			if w := c.WarnAt; w > 0 && w < 1 {
				t.soft[kind] = limiter(before.soft[kind], r*w, c.Burst, now)
			}
		}
	}
	return t
}

// limiter returns l with another rate and burst, or a full one if l is nil.
func limiter(l *rate.Limiter, perSecond float64, burst time.Duration, now time.Time) *rate.Limiter {
	most := max(1, int(math.Min(perSecond*burst.Seconds(), math.MaxInt32)))
	if l == nil {
		return rate.NewLimiter(rate.Limit(perSecond), most)
	}
	l.SetLimitAt(now, rate.Limit(perSecond))
	l.SetBurstAt(now, most)
	return l
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
		l := a.terms.Load().hard[kind]
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
	held := a.terms.Load()
	for kind, count := range n {
		if l := held.hard[kind]; l != nil {
			a.measure(kind, count, now)
			draw(l, now, count)
			soft := held.soft[kind]
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
// would be more than most. They are not counted if most is 0.
func (a *account) streams(now time.Time, hashes []uint64, most int) (active int, ok bool) {
	if most == 0 {
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
	if fresh > 0 && a.active+fresh > most {
		return a.active, false
	}
	for _, h := range hashes {
		a.recent[0][h] = struct{}{}
	}
	a.active += fresh
	return a.active, true
}

// forgetStreams ends counting them.
func (a *account) forgetStreams() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.recent, a.active = [2]map[uint64]struct{}{}, 0
}
