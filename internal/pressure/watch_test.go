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
		w.read = func() (int64, int64) { return used.Load(), limit.Load() }
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

func TestTheRefusalPasses(t *testing.T) {
	w := New(slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	w.over.Store(true)
	require.ErrorIs(t, w.Check(), fault.ErrUnavailable)
	require.NoError(t, (*Watch)(nil).Check())
}

// keep is what a test holds on to.
var keep []byte

func TestWhatIsAliveCounts(t *testing.T) {
	before, _ := inUse()
	keep = make([]byte, 64<<20)
	debug.FreeOSMemory() // collects
	with, _ := inUse()
	require.Greater(t, with-before, int64(40<<20))
	keep = nil
	debug.FreeOSMemory()
	after, _ := inUse()
	require.Less(t, after, with-(40<<20))
}
