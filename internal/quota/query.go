package quota

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
)

// queryRetry is when a client may ask again that has too many queries.
const queryRetry = time.Second

// A Query is one of somebody whose queries are limited.
type Query struct {
	Cost // the least of all that they are held to

	keep     *Keeper
	ctx      context.Context //nolint:containedctx // the request's
	accounts []*account

	mu     sync.Mutex
	warned map[warning]struct{}
}

// Ask counts a query of who asks in ctx, until Done: of each of the tenants that it
// is about, and of the token. Its limits are the least of any of these. It returns nil if nothing
// limits it, or fault.ErrOverloaded if they have too many.
func (k *Keeper) Ask(ctx context.Context) (*Query, error) {
	if !k.config.Load().costs {
		return nil, nil
	}
	accounts, err := k.accounts(auth.From(ctx))
	if err != nil {
		return nil, err
	}
	q := &Query{keep: k, ctx: ctx}
	for _, a := range accounts {
		cost := a.terms.Load().Cost
		q.narrow(cost)
		have, ok := a.ask(cost.Concurrent)
		if !ok {
			q.Done()
			k.refused.WithLabelValues(a.kind, a.name, "max_concurrent_queries").Inc()
			return nil, &overError{fmt.Sprintf("%v has %d queries already (limits.rates max_concurrent_queries): try again in %v", a.source, cost.Concurrent, queryRetry), queryRetry}
		}
		q.accounts = append(q.accounts, a)
		q.near(a, "max_concurrent_queries", int64(have), int64(cost.Concurrent))
	}
	return q, nil
}

// Done gives the query's place back.
func (q *Query) Done() {
	for _, a := range q.accounts {
		a.mu.Lock()
		a.asking--
		a.mu.Unlock()
	}
}

// Uses tells how much of something the query has used, for a warning to be in
// its answer once that is much. limit is the key of a Cost.
func (q *Query) Uses(limit Kind, n int64) {
	for _, a := range q.accounts {
		q.near(a, limit, n, a.terms.Load().Cost.of(limit))
	}
}

// The limits of a query that Uses knows.
const (
	QueryTime    Kind = "query_timeout" // ns
	QueryRows    Kind = "max_query_rows"
	QueryBytes   Kind = "max_query_bytes"
	QueryMemory  Kind = "max_query_memory"
	QuerySamples Kind = "max_query_samples"
)

func (c Cost) of(limit Kind) int64 {
	switch limit {
	case QueryTime:
		return int64(c.Timeout)
	case QueryRows:
		return c.Rows
	case QueryBytes:
		return c.Bytes
	case QueryMemory:
		return c.Memory
	case QuerySamples:
		return int64(c.Samples)
	}
	return 0
}

func (q *Query) near(a *account, limit Kind, n, most int64) {
	at := q.keep.config.Load().WarnAt
	if most == 0 || at == 0 || at == 1 || float64(n) <= at*float64(most) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	w := warning{a.source, limit}
	if _, told := q.warned[w]; told {
		return
	}
	if q.warned == nil {
		q.warned = map[warning]struct{}{}
	}
	q.warned[w] = struct{}{}
	q.keep.warn(q.ctx, a, limit, float64(n)/float64(most))
}

// ask takes one of most places for a query, 0 for as many as there are wanted,
// and returns how many are taken.
func (a *account) ask(most int) (have int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if most > 0 && a.asking >= most {
		return a.asking, false
	}
	a.asking++
	return a.asking, true
}
