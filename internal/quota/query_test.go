package quota

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestQueriesAreHeldToTheLeastOfTenantAndToken(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Cost = Cost{Timeout: time.Minute, Rows: 1000, Memory: 10}
	c.Tenants = map[string]Rates{"big": {Cost: Cost{Rows: 1_000_000}}}
	c.Token.Cost = Cost{Timeout: time.Second, Rows: 5000, Samples: 7}
	k, _ := newKeeper(c)
	cost := func(ctx context.Context) Cost {
		q, err := k.Ask(ctx)
		require.NoError(t, err)
		defer q.Done()
		return q.Cost
	}
	require.Equal(t, Cost{Timeout: time.Minute, Rows: 1000, Memory: 10}, cost(as(t, "a")))
	require.Equal(t, Cost{Timeout: time.Second, Rows: 1000, Memory: 10, Samples: 7}, cost(token(t, "a", "one")))
	require.Equal(t, Cost{Rows: 1_000_000}, cost(as(t, "big")))

	k, _ = newKeeper(DefaultConfig())
	q, err := k.Ask(as(t, "a"))
	require.NoError(t, err)
	require.Nil(t, q, "nothing limits it")
}

func TestAQueryTooManyIsRefusedUntilOneIsDone(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Concurrent, c.Token.Concurrent = 3, 2
	k, _ := newKeeper(c)
	ask := func(ctx context.Context) *Query {
		q, err := k.Ask(ctx)
		require.NoError(t, err)
		return q
	}
	first := ask(token(t, "a", "one"))
	ask(token(t, "a", "one"))
	_, err := k.Ask(token(t, "a", "one"))
	require.ErrorIs(t, err, fault.ErrOverloaded)
	require.ErrorContains(t, err, `token "one" has 2 queries already (limits.rates max_concurrent_queries)`)
	var when interface{ RetryAfter() time.Duration }
	require.True(t, errors.As(err, &when))
	require.Equal(t, queryRetry, when.RetryAfter())

	third := ask(token(t, "a", "two")) // what the token was refused was not the tenant's
	_, err = k.Ask(token(t, "a", "two"))
	require.ErrorContains(t, err, `tenant "a" has 3 queries already`)
	third.Done()
	first.Done()
	ask(token(t, "a", "one"))
	ask(token(t, "b", "three"))
	require.Equal(t, 1., testutil.ToFloat64(k.refused.WithLabelValues("token", "one", "max_concurrent_queries")))
	require.Equal(t, 1., testutil.ToFloat64(k.refused.WithLabelValues("tenant", "a", "max_concurrent_queries")))
}

func TestWhoseQueryComesNearALimitIsWarned(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Cost = Cost{Rows: 1000, Bytes: 1000, Memory: 1000, Samples: 1000, Timeout: 1000}
	k, _ := newKeeper(c)
	for _, limit := range []Kind{QueryRows, QueryBytes, QueryMemory, QuerySamples, QueryTime} {
		told := 0.
		for n, warned := range map[int64]bool{800: false, 801: true, 2000: true} {
			h := k.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q, err := k.Ask(auth.With(r.Context(), auth.Own("a")))
				require.NoError(t, err)
				q.Uses(limit, n)
				q.Uses(limit, n) // which is told once
				w.WriteHeader(http.StatusNoContent)
				q.Done()
			}))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
			require.Equal(t, warned, rec.Header().Get(WarningHeader) != "", "%s %d", limit, n)
			if warned {
				told++
				require.Contains(t, rec.Header().Get(WarningHeader), `tenant "a" is near its limit `+string(limit))
			}
		}
		require.Equal(t, told, testutil.ToFloat64(k.warned.WithLabelValues("tenant", "a", string(limit))))
	}
}

var errKind = errors.New("of a series")

func TestWhatSomebodySendsIsHeldToItsShape(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Shape, c.Token.Shape = Shape{Labels: 3, LabelValue: 5}, Shape{LabelName: 4}
	k, _ := newKeeper(c)
	ms, err := k.Measures(token(t, "a", "one"))
	require.NoError(t, err)
	require.Len(t, ms, 2)
	tenant, tok := ms[0], ms[1]
	require.NoError(t, tenant.Over(Labels, "labels of a stream", 3, tenant.Labels, nil))
	require.NoError(t, tenant.Over(Attrs, "attributes of a row", 1000, tenant.Attrs, nil), "there is no limit")
	err = tenant.Over(Labels, "labels of a stream", 4, tenant.Labels, nil)
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.ErrorContains(t, err, `labels of a stream: 4, but tenant "a" may have 3 (limits.rates max_labels)`)
	require.NoError(t, tenant.Label("a stream", "long_name", 5, nil))
	require.ErrorContains(t, tenant.Label("a stream", "x", 6, nil), `a stream: bytes of label "x": 6, but tenant "a" may have 5 (limits.rates max_label_value_bytes)`)
	err = tok.Label(`metric "m"`, "names", 1, errKind)
	require.ErrorIs(t, err, errKind)
	require.ErrorContains(t, err, `bytes of the name of label "names": 5, but token "one" may have 4`)
	require.Equal(t, 1., testutil.ToFloat64(k.refused.WithLabelValues("token", "one", string(LabelName))))

	c.Token, c.Tenant = Rates{}, Rates{Lines: 5}
	k, _ = newKeeper(c)
	ms, err = k.Measures(as(t, "a"))
	require.NoError(t, err)
	require.Empty(t, ms)
}

func TestAQueryAcrossTenantsIsHeldToTheLeastOfAny(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Cost = Cost{Rows: 1000, Concurrent: 2}
	c.Tenants = map[string]Rates{"big": {Cost: Cost{Rows: 1_000_000, Samples: 5}}, "free": {}}
	k, _ := newKeeper(c)
	across := func(names ...string) context.Context {
		id := auth.Own("")
		id.Tenants = names
		return auth.With(t.Context(), id)
	}
	for _, names := range [][]string{{"big", "small"}, {"small", "big"}, {"free", "small", "big"}} {
		q, err := k.Ask(across(names...))
		require.NoError(t, err)
		require.Equal(t, Cost{Rows: 1000, Samples: 5}, q.Cost, "%v", names)
		q.Done()
	}

	// It has a place of each.
	var running []*Query
	for range 2 {
		q, err := k.Ask(across("big", "small"))
		require.NoError(t, err)
		running = append(running, q)
	}
	_, err := k.Ask(as(t, "small"))
	require.ErrorContains(t, err, `tenant "small" has 2 queries already`)
	_, err = k.Ask(across("big", "small"))
	require.ErrorContains(t, err, `tenant "small" has 2 queries already`)
	q, err := k.Ask(as(t, "big"))
	require.NoError(t, err)
	for _, q := range append(running, q) {
		q.Done()
	}
	q, err = k.Ask(as(t, "small"))
	require.NoError(t, err)
	q.Done()
}

func TestLimitsOfQueriesHoldOnceTheyAreApplied(t *testing.T) {
	k, _ := newKeeper(DefaultConfig())
	q, err := k.Ask(as(t, "a"))
	require.NoError(t, err)
	require.Nil(t, q)
	c := DefaultConfig()
	c.Tenant.Concurrent, c.Tenant.Labels = 1, 3
	k.Apply(c)
	first, err := k.Ask(as(t, "a"))
	require.NoError(t, err)
	_, err = k.Ask(as(t, "a"))
	require.Error(t, err)
	ms, err := k.Measures(as(t, "a"))
	require.NoError(t, err)
	require.Len(t, ms, 1)
	k.Apply(DefaultConfig())
	first.Done()
	k.Apply(c)
	q, err = k.Ask(as(t, "a"))
	require.NoError(t, err, "what began before gave its place back")
	q.Done()
}
