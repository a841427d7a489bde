package pressure

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func TestWhatBeganLastEndsFirstWhenRefusingIsNotEnough(t *testing.T) {
	w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	var used int64
	w.read = func() (int64, int64) { return used, 100 }
	var ctxs []context.Context
	for range 5 {
		ctx, done := w.Bear(t.Context())
		defer done()
		ctxs = append(ctxs, ctx)
	}
	_, done := w.Bear(t.Context())
	done()
	done() // which changes nothing
	for _, step := range []struct {
		used int64
		left int
		why  string
	}{
		{95, 5, "new work is refused only"},
		{96, 2, "the younger half"},
		{96, 2, "nothing has been collected since"},
		{97, 1, "and again"},
		{50, 1, "there is enough"},
		{99, 0, "the last"},
		{100, 0, "nothing is left to end"},
	} {
		used = step.used
		w.look()
		for i, ctx := range ctxs {
			if i < step.left {
				require.NoError(t, ctx.Err(), step.why)
			} else {
				require.ErrorIs(t, context.Cause(ctx), ErrMemory, step.why)
			}
		}
	}
	require.EqualValues(t, 5, testutil.ToFloat64(w.ended))

	ctx, done := (*Watch)(nil).Bear(t.Context())
	done()
	require.NoError(t, ctx.Err())
}

func TestMemoryIsLookedAtMoreOftenWhenMuchIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		var used, looks atomic.Int64
		w.read = func() (int64, int64) { looks.Add(1); return used.Load(), 100 }
		w.release = func() error { return nil }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		in := func(d time.Duration) int64 {
			synctest.Wait()
			before := looks.Load()
			time.Sleep(d)
			synctest.Wait()
			return looks.Load() - before
		}
		require.EqualValues(t, 10, in(time.Second))
		used.Store(80)
		in(period)
		require.EqualValues(t, 50, in(time.Second))
		cancel()
		require.NoError(t, <-done)
	})
}
