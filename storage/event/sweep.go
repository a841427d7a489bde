package event

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// A task is a piece of a query that one goroutine does; worker is the number
// of the goroutine, below the size of the gate.
type task func(worker int) error

// sweep does tasks, several at once, within the gate that all queries share.
// It returns when no goroutine of it is left. The first error ends it.
func sweep(ctx context.Context, gate gate, tasks []task) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var panicked atomic.Pointer[error]
	var wg sync.WaitGroup
	for worker := range min(gate.room(), len(tasks)) {
		wg.Go(func() {
			// A panic fails this query; in a goroutine it would end the process.
			defer func() {
				if v := recover(); v != nil {
					err := fmt.Errorf("sweep granules: %v\n%s", v, debug.Stack())
					panicked.Store(&err)
					cancel(err)
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(tasks)); i = next.Add(1) - 1 {
				if err := within(ctx, gate, func() error { return tasks[i](worker) }); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := panicked.Load(); err != nil {
		panic(*err)
	}
	return context.Cause(ctx)
}

// within does f when the gate lets it.
func within(ctx context.Context, gate gate, f func() error) error {
	if err := gate.enter(ctx); err != nil {
		return err
	}
	defer gate.leave(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return f()
}
