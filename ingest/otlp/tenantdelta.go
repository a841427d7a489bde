package otlp

import (
	"context"
	"sync"
	"time"

	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/auth"
)

// tenantDeltas are the sums of each tenant: what one sends is never added to
// what another does, whatever the labels.
type tenantDeltas struct {
	config Config
	store  promstorage.Queryable

	mu  sync.Mutex
	all map[string]*deltas // by tenant
}

func newTenantDeltas(c Config, store promstorage.Queryable) *tenantDeltas {
	return &tenantDeltas{config: c, store: store, all: map[string]*deltas{}}
}

// of returns the sums of who writes in ctx.
func (t *tenantDeltas) of(ctx context.Context) *deltas {
	tenant := auth.From(ctx).Tenant()
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.all[tenant]
	if d == nil {
		d = newDeltas(t.config, t.store)
		t.all[tenant] = d
	}
	return d
}

// asTenant returns a context in which the store is read as it is of who writes
// in ctx: a sender need not be allowed to read.
func asTenant(ctx context.Context) context.Context {
	if id := auth.From(ctx); id != nil && id.Tenants != nil {
		return auth.With(ctx, auth.Own(id.Tenant()))
	}
	return auth.With(ctx, nil)
}

func (t *tenantDeltas) list() []*deltas {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*deltas, 0, len(t.all))
	for _, d := range t.all {
		out = append(out, d)
	}
	return out
}

func (t *tenantDeltas) len() (n int) {
	for _, d := range t.list() {
		n += d.len()
	}
	return n
}

// expire is that of each tenant's sums.
func (t *tenantDeltas) expire(now time.Time) (refused int) {
	for _, d := range t.list() {
		refused += d.expire(now)
	}
	return refused
}
