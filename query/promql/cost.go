package promql

import (
	"context"
	"sync"
)

// A Cost tells what the range queries under a context took, and what of their
// answers was kept from before. It is safe for concurrent use.
type Cost struct {
	mu sync.Mutex
	c  Spent
}

// Spent is what a Cost has counted.
type Spent struct {
	// Cache is what the cache had of the answer: hit, part, miss, or bypass for
	// an answer that it is not for. "" if there is no cache.
	Cache string `json:"cache,omitempty"`

	Steps   int64 `json:"steps"`   // of the answer; 0 if the cache is not for it
	Kept    int64 `json:"kept"`    // steps that were taken from the cache
	Samples int64 `json:"samples"` // read to evaluate the others
}

// costKey is the key of WithCost in a context.
type costKey struct{}

// WithCost has queries under the context it returns told to the Cost. It is a
// request's wish, as with WithoutCache.
func WithCost(ctx context.Context) (context.Context, *Cost) {
	c := &Cost{}
	return context.WithValue(ctx, costKey{}, c), c
}

// Spent returns what was counted so far.
func (c *Cost) Spent() Spent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.c
}

// costIn counts in the Cost of ctx, if there is one.
func costIn(ctx context.Context, count func(*Spent)) {
	c, ok := ctx.Value(costKey{}).(*Cost)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.c)
}
