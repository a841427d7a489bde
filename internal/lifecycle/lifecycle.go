// Package lifecycle runs the components of a process: started in order,
// stopped in reverse, and all of them stopped when one fails.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Component is something that runs until its context ends.
type Component struct {
	Name string // for errors
	Run  func(ctx context.Context) error
}

// Run starts the components in order. When ctx ends, or when one component
// returns, they are stopped in reverse order, each one waited for before the
// next is told. It returns the errors of all, each with its component's name;
// context.Canceled is none.
func Run(ctx context.Context, components []Component) error {
	var (
		mu   sync.Mutex
		errs []error
	)
	ended := make(chan struct{}, len(components))
	stops := make([]func(), 0, len(components))
	for _, c := range components {
		// Not a child of ctx: the end of ctx must not stop all at once.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := c.Run(own); err != nil && !errors.Is(err, context.Canceled) {
				mu.Lock()
				errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
				mu.Unlock()
			}
			ended <- struct{}{}
		}()
		stops = append(stops, func() {
			cancel()
			<-done
		})
	}
	select {
	case <-ctx.Done():
	case <-ended:
	}
	for i := len(stops) - 1; i >= 0; i-- {
		stops[i]()
	}
	return errors.Join(errs...)
}
