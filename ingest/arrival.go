package ingest

import (
	"context"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
)

// An arrival is one request on its way in: what of it the stores have taken, by
// source. It belongs to one goroutine.
type arrival struct {
	protocol string
	shares   []share
}

type share struct {
	source *source
	rows   int64
}

type arrivalKey struct{}

// Arrive returns a context in which rows that protocol brings go to the stores:
// what a writes then knows where they come from. Accept, in that context, ends
// it.
func (a *Account) Arrive(ctx context.Context, protocol string) context.Context {
	if a == nil {
		return ctx
	}
	return context.WithValue(ctx, arrivalKey{}, &arrival{protocol: protocol})
}

// inside is the protocol of rows that nobody sends.
const inside = "internal"

// arrivalOf returns that of ctx, a new one if nothing arrives there.
func arrivalOf(ctx context.Context) *arrival {
	if x, ok := ctx.Value(arrivalKey{}).(*arrival); ok {
		return x
	}
	return &arrival{protocol: inside}
}

// weigh shares the bytes of a request out among the sources whose rows it
// brought, by their rows.
func (x *arrival) weigh(size int64, now time.Time) {
	rows := int64(0)
	for _, s := range x.shares {
		rows += s.rows
	}
	for _, s := range x.shares {
		part := size * s.rows / max(rows, 1)
		size -= part
		rows -= s.rows
		s.source.mu.Lock()
		s.source.flow.take(0, part, now)
		s.source.mu.Unlock()
	}
	x.shares = x.shares[:0]
}

// A tally is what one transaction brings of one source.
type tally struct {
	source *source
	rows   int64

	followed, late int64
	newest         int64 // ms
	refused        []Refusal
}

func (t *tally) refuse(reason string, rows int64, example func() string) {
	at := slices.IndexFunc(t.refused, func(r Refusal) bool { return r.Reason == reason })
	if at < 0 {
		at = len(t.refused)
		t.refused = append(t.refused, Refusal{Reason: reason, Example: cut(example())})
	}
	t.refused[at].Rows += rows
}

// enter counts what a transaction has brought.
func (a *Account) enter(x *arrival, tallies []tally, now time.Time) {
	for i := range tallies {
		t := &tallies[i]
		src := t.source
		if src.gone.Load() {
			src = a.sources.find(src.key, now)
		}
		src.last.Store(now.Unix())
		src.mu.Lock()
		f := &src.flow
		if t.rows > 0 {
			f.take(t.rows, 0, now)
			f.followed += t.followed
			f.late += t.late
			f.newest = max(f.newest, t.newest)
		}
		for _, r := range t.refused {
			r.Last = now
			f.refuse(r)
		}
		src.mu.Unlock()
		if t.rows > 0 {
			x.shares = append(x.shares, share{src, t.rows})
		}
	}
}

// tenantOf is whose rows are that somebody sends.
func tenantOf(ctx context.Context) string { return auth.From(ctx).Tenant() }
