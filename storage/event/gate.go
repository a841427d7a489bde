package event

import (
	"context"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
)

// A gate bounds the granules decoded at once, over all queries. Queries take
// turns by whose they are.
type gate struct {
	places *fair.Gate
	payer  string
}

// gateFor returns the store's gate as it is for a query in ctx.
func (s *Store) gateFor(ctx context.Context) gate { return gate{s.gate, auth.From(ctx).Payer()} }

// room is how many granules are decoded at once.
func (g gate) room() int { return g.places.Places() }

func (g gate) enter(ctx context.Context) error {
	if g.places.Enter(ctx, g.payer) != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (g gate) tryEnter(ctx context.Context) bool { return g.places.TryEnter(ctx, g.payer) }

func (g gate) leave(ctx context.Context) { g.places.Leave(ctx, g.payer) }
