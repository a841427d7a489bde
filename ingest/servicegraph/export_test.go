package servicegraph

import (
	"context"
	"time"
)

// Write writes all metrics, as Run does at each interval.
func (g *Graph) Write(ctx context.Context, now time.Time) error {
	_, err := g.book.Write(ctx, now)
	return err
}

// Pass lets those go who have waited in vain at now.
func (g *Graph) Pass(now time.Time) {
	g.book.Lock()
	defer g.book.Unlock()
	g.expire(now.UnixNano())
}
