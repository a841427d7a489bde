package storage

import (
	"context"
	"time"
)

type maxResolutionKey struct{}

// WithMaxResolution has metric queries of ctx read samples downsampled to d at
// most, and to that wherever they are; 0 has them read the samples as they came,
// wherever these are left. It rides in the context because Prometheus' API and
// engine stand between a request and the store.
func WithMaxResolution(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, maxResolutionKey{}, d)
}

// MaxResolution is what WithMaxResolution set, or negative: the store chooses
// by the step and the range of a query.
func MaxResolution(ctx context.Context) time.Duration {
	if d, ok := ctx.Value(maxResolutionKey{}).(time.Duration); ok {
		return d
	}
	return -time.Second
}
