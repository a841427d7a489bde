package pressure

import (
	"context"
	"log/slog"
	"math"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func TestWorkIsRefusedAboveTheMarkAndTakenAgainBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		var used, limit atomic.Int64
		limit.Store(100)
		w.read = func() usage { return usage{used: used.Load(), limit: limit.Load()} }
		ctx, cancel := context.WithCancel(t.Context())
		var released atomic.Int64
		w.release = func() error { released.Add(1); return nil }
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		for _, step := range []struct {
			used    int64
			refused bool
		}{{50, false}, {85, false}, {86, true}, {80, true}, {75, true}, {74, false}, {80, false}, {99, true}, {10, false}} {
			synctest.Wait()
			used.Store(step.used)
			time.Sleep(period) // of the bubble's clock
			synctest.Wait()
			require.Equal(t, step.refused, w.Check() != nil, step.used)
		}
		used.Store(99)
		limit.Store(math.MaxInt64)
		time.Sleep(period)
		synctest.Wait()
		require.NoError(t, w.Check(), "without a limit there is none to come near")
		require.EqualValues(t, 1, released.Load(), "when the first work may come")
		time.Sleep(2 * started)
		synctest.Wait()
		require.EqualValues(t, 2, released.Load(), "when starting up is over, and never again")
		cancel()
		require.NoError(t, <-done)
	})
}

func TestWorkIsTakenAgainThoughNothingCallsForACollection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		var used, collections atomic.Int64
		w.read = func() usage {
			return usage{used: used.Load(), limit: 100, collections: uint64(collections.Load())}
		}
		w.collect = func() {
			used.Store(50) // all else was garbage
			collections.Add(1)
		}
		w.release = func() error { return nil }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		in := func(d time.Duration) int64 {
			time.Sleep(d) // of the bubble's clock
			synctest.Wait()
			return collections.Load()
		}
		used.Store(80)
		require.Zero(t, in(time.Minute), "no work is refused")
		used.Store(90)
		collections.Add(1)
		require.EqualValues(t, 1, in(stale/2), "it was just collected")
		require.Error(t, w.Check())
		require.EqualValues(t, 2, in(stale))
		require.NoError(t, w.Check())
		require.EqualValues(t, 2, in(time.Minute), "and never without need")
		cancel()
		require.NoError(t, <-done)
	})
}

func TestTheRefusalPasses(t *testing.T) {
	w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	w.over.Store(true)
	require.ErrorIs(t, w.Check(), fault.ErrUnavailable)
	require.NoError(t, (*Watch)(nil).Check())
}

// keep is what a test holds on to.
var keep []byte

func TestWhatIsAliveCounts(t *testing.T) {
	before := inUse().used
	keep = make([]byte, 64<<20)
	debug.FreeOSMemory() // collects
	with := inUse().used
	require.Greater(t, with-before, int64(40<<20))
	keep = nil
	debug.FreeOSMemory()
	after := inUse().used
	require.Less(t, after, with-(40<<20))
}
