package quota

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// newKeeper has a clock that stands still until it is moved.
func newKeeper(c Config) (*Keeper, *time.Time) {
	now := time.Unix(1000, 0)
	k := New(c, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	k.now = func() time.Time { return now }
	return k, &now
}

func as(t *testing.T, tenant string) context.Context { return auth.With(t.Context(), auth.Own(tenant)) }

func token(t *testing.T, tenant, name string) context.Context {
	id := auth.Own(tenant)
	id.Kind, id.Name = auth.Token, name
	return auth.With(t.Context(), id)
}

func lines(n int) map[Kind]int { return map[Kind]int{Lines: n} }

func TestTenantsAreHeldToTheirRates(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Lines = 100
	c.Tenants = map[string]Rates{"big": {Lines: 10_000}, "free": {}}
	k, now := newKeeper(c)
	require.NoError(t, k.Take(as(t, "a"), lines(1000)), "a burst of ten seconds")
	err := k.Take(as(t, "a"), lines(50))
	require.ErrorIs(t, err, fault.ErrOverloaded)
	require.ErrorContains(t, err, `tenant "a" sends more than its lines_per_second of 100 (limits.rates): try again in 500ms`)
	var when interface{ RetryAfter() time.Duration }
	require.True(t, errors.As(err, &when))
	require.Equal(t, 500*time.Millisecond, when.RetryAfter())
	require.Equal(t, http.StatusTooManyRequests, httpx.Status(err))

	require.NoError(t, k.Take(as(t, "b"), lines(1000)), "others have their own")
	require.NoError(t, k.Take(as(t, "big"), lines(50_000)))
	require.NoError(t, k.Take(as(t, "free"), lines(1_000_000)))
	require.NoError(t, k.Take(as(t, "a"), map[Kind]int{Samples: 1_000_000}), "of samples there is no rate")
	require.Equal(t, 1., testutil.ToFloat64(k.refused.WithLabelValues("tenant", "a", string(Lines))))

	*now = now.Add(500 * time.Millisecond)
	require.NoError(t, k.Take(as(t, "a"), lines(50)))
}

func TestMoreThanABurstComesWhenThereIsAWholeBurst(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Lines = 100
	k, now := newKeeper(c)
	require.NoError(t, k.Take(as(t, "a"), lines(3000)))
	*now = now.Add(19 * time.Second) // 1,100 lines are owed still
	require.Error(t, k.Take(as(t, "a"), lines(1)))
	*now = now.Add(2 * time.Second)
	require.NoError(t, k.Take(as(t, "a"), lines(1)))
}

func TestNothingIsCountedOfWhatIsRefused(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Lines, c.Tenant.Bytes = 100, 10
	k, _ := newKeeper(c)
	require.NoError(t, k.Take(as(t, "a"), map[Kind]int{Bytes: 100}))
	require.Error(t, k.Take(as(t, "a"), map[Kind]int{Lines: 1000, Bytes: 1}))
	require.NoError(t, k.Take(as(t, "a"), lines(1000)))
}

func TestTokensAreHeldToTheirRatesWithinTheirTenants(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Lines, c.Token.Lines = 200, 100
	c.Tokens = map[string]Rates{"agent": {Lines: 150}}
	k, _ := newKeeper(c)
	require.NoError(t, k.Take(token(t, "a", "one"), lines(1000)))
	require.ErrorContains(t, k.Take(token(t, "a", "one"), lines(1)), `token "one"`)
	require.ErrorContains(t, k.Take(token(t, "a", "agent"), lines(1500)), `tenant "a"`)
	require.NoError(t, k.Take(token(t, "a", "agent"), lines(1000)))
}

func TestTheProcessHasNoRate(t *testing.T) {
	c := DefaultConfig()
	c.Token.Lines = 1
	k, _ := newKeeper(c)
	require.NoError(t, k.Take(t.Context(), lines(1_000_000)))
	require.False(t, New(Config{}, nil, k.log, prometheus.NewRegistry()).Watches(as(t, "a")))
}

func TestStreamsAreLimitedByWhatIsActive(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Streams = 3
	k, now := newKeeper(c)
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1, 2}))
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1, 3}))
	require.ErrorContains(t, k.Streams(as(t, "a"), []uint64{4}), "may have 3 active streams")
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1, 2, 3}))
	require.NoError(t, k.Streams(as(t, "b"), []uint64{4}))
	*now = now.Add(generation + time.Second)
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1}))
	require.Error(t, k.Streams(as(t, "a"), []uint64{4}), "2 and 3 may come again")
	*now = now.Add(generation + time.Second)
	require.NoError(t, k.Streams(as(t, "a"), []uint64{4, 5}))
}

func TestTenantsThatAnybodyCanMakeUpAreLimited(t *testing.T) {
	c := DefaultConfig()
	c.MaxTenants = 2
	k, _ := newKeeper(c)
	require.NoError(t, k.Take(as(t, "a"), lines(1)))
	require.NoError(t, k.Take(as(t, "b"), lines(1)))
	require.ErrorContains(t, k.Take(as(t, "c"), lines(1)), "there are 2 tenants already")
	require.NoError(t, k.Take(as(t, "a"), lines(1)))
	require.NoError(t, k.Take(as(t, ""), lines(1)), "the default one always is")
}

func TestWhoComesNearIsWarnedBeforeAnythingIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := DefaultConfig()
		c.Tenant.Lines, c.Burst = 100, time.Second
		var log safeText
		k := New(c, nil, slog.New(slog.NewTextHandler(&log, nil)), prometheus.NewRegistry())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- k.Run(ctx) }()
		h := k.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			require.NoError(t, k.Take(auth.With(r.Context(), auth.Own("a")), lines(9)))
			_, _ = io.WriteString(w, "ok")
		}))
		ask := func() string {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
			require.Equal(t, http.StatusOK, w.Code)
			return w.Header().Get(WarningHeader)
		}
		require.Empty(t, ask())
		warned := ""
		for range 100 { // 90 lines a second, which is more than 80
			time.Sleep(100 * time.Millisecond)
			warned = ask()
			if warned != "" {
				break
			}
		}
		require.Contains(t, warned, `tenant "a" is near its limit lines_per_second`)
		require.Empty(t, log.String())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 1, strings.Count(log.String(), "near a limit"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 1, strings.Count(log.String(), "near a limit"))
		require.Empty(t, ask(), "who is slow again is not warned")
		cancel()
		require.NoError(t, <-done)
	})
}

// A safeText is text that one writes while another reads.
type safeText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestConfig(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	c := DefaultConfig()
	c.Tenant.Lines, c.Tenants, c.Burst, c.WarnAt, c.MaxTenants = -1, map[string]Rates{"x": {Streams: -1}}, 0, 2, -1
	require.EqualError(t, c.Validate(), "tenant.lines_per_second: -1 is not a rate\ntenants.x.max_streams: -1 is negative\n"+
		"burst: 0s is less than a second\nwarn_at: 2 is not between 0 and 1\nmax_tenants: -1 is negative")
}

func TestOtherLimitsHoldAtOnceAndNothingIsForgotten(t *testing.T) {
	c := DefaultConfig()
	c.Tenant = Rates{Lines: 100, Streams: 3}
	k, now := newKeeper(c)
	require.NoError(t, k.Take(as(t, "a"), lines(900)))
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1, 2, 3}))
	refused := func() float64 {
		return testutil.ToFloat64(k.refused.WithLabelValues("tenant", "a", string(Lines)))
	}
	require.ErrorContains(t, k.Take(as(t, "a"), lines(200)), "of 100")

	c.Tenant = Rates{Lines: 200, Streams: 4}
	k.Apply(c)
	require.ErrorContains(t, k.Take(as(t, "a"), lines(200)), "of 200", "what was left is left: no new burst")
	require.Equal(t, 2., refused())
	*now = now.Add(500 * time.Millisecond)
	require.NoError(t, k.Take(as(t, "a"), lines(200)))
	require.NoError(t, k.Take(as(t, "b"), lines(2000)))
	require.NoError(t, k.Streams(as(t, "a"), []uint64{4}))
	require.Error(t, k.Streams(as(t, "a"), []uint64{5}))

	c.Tenants = map[string]Rates{"a": {Samples: 5}}
	k.Apply(c)
	require.NoError(t, k.Take(as(t, "a"), lines(1_000_000)), "of lines there is no rate any more")
	require.NoError(t, k.Streams(as(t, "a"), []uint64{5, 6, 7, 8}))
	require.NoError(t, k.Take(as(t, "a"), map[Kind]int{Samples: 50}))
	require.Error(t, k.Take(as(t, "a"), map[Kind]int{Samples: 1}))
	require.Error(t, k.Take(as(t, "b"), lines(1)), "who had no change goes on as before")

	k.Apply(DefaultConfig())
	for _, kind := range []Kind{Lines, Samples, Spans, Bytes} {
		require.NoError(t, k.Take(as(t, "a"), map[Kind]int{kind: 1_000_000}))
	}
}
