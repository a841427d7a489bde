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
	now := usage{limit: 100}
	w.read = func() usage { return now }
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
		used        int64
		collections uint64
		left        int
		why         string
	}{
		{95, 1, 5, "new work is refused only"},
		{96, 2, 2, "the younger half"},
		{97, 2, 2, "nothing has been collected since"},
		{97, 3, 1, "and again"},
		{50, 4, 1, "there is enough"},
		{99, 5, 0, "the last"},
		{100, 6, 0, "nothing is left to end"},
	} {
		now.used, now.collections = step.used, step.collections
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

func TestADutyEndsAfterWhatWasAskedFor(t *testing.T) {
	w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	query, done := w.Bear(t.Context())
	defer done()
	duty, done := w.BearDuty(t.Context())
	defer done()
	w.shed()
	require.ErrorIs(t, context.Cause(query), ErrMemory)
	require.NoError(t, duty.Err())
	w.shed()
	require.ErrorIs(t, context.Cause(duty), ErrMemory)
}

func TestWhatHasComeGoesOn(t *testing.T) {
	w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	here, come := w.BearComing(t.Context())
	come()
	come() // which changes nothing
	onItsWay, come := w.BearComing(t.Context())
	defer come()
	w.shed()
	require.NoError(t, here.Err())
	require.ErrorIs(t, context.Cause(onItsWay), ErrMemory)
}

func TestMemoryIsLookedAtMoreOftenWhenMuchIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		var used, looks atomic.Int64
		w.read = func() usage { looks.Add(1); return usage{used: used.Load(), limit: 100} }
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
