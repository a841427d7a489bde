package fair

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestOwnersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		require.NoError(t, g.Enter(t.Context(), "first"))
		var order []string
		var mu sync.Mutex
		for _, key := range []string{"a", "a", "a", "b", "b", "c"} {
			go func() {
				if g.Enter(t.Context(), key) == nil {
					mu.Lock()
					order = append(order, key)
					mu.Unlock()
					g.Leave(key)
				}
			}()
			synctest.Wait()
		}
		g.Leave("first")
		synctest.Wait()
		require.Equal(t, []string{"a", "b", "c", "a", "b", "a"}, order)
		require.Empty(t, g.owners)
	})
}

func TestThereIsAPlaceForOthersWhateverOneHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(4)
		g.most = 3 // whatever the machine
		var storm atomic.Int32
		stop := make(chan struct{})
		for range 100 {
			go func() {
				if g.Enter(t.Context(), "noisy") == nil {
					storm.Add(1)
					<-stop
					g.Leave("noisy")
				}
			}()
		}
		synctest.Wait()
		require.EqualValues(t, 3, storm.Load())
		require.NoError(t, g.Enter(t.Context(), "quiet"), "without waiting")
		g.Leave("quiet")
		waiting, taken := g.Waiting()
		require.Equal(t, []int{97, 3}, []int{waiting, taken})
		close(stop)
		synctest.Wait()
		require.EqualValues(t, 100, storm.Load())
	})
}

func TestEverybodyMayHaveAllPlaces(t *testing.T) {
	g := New(4)
	for range 4 {
		require.NoError(t, g.Enter(t.Context(), ""))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, g.Enter(ended, ""), context.Canceled)
}

func TestWhoLeavesWhileWaitingTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(1)
		require.NoError(t, g.Enter(t.Context(), "a"))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- g.Enter(ctx, "b") }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		g.Leave("a")
		require.NoError(t, g.Enter(t.Context(), "c"))
		g.Leave("c")
		require.Empty(t, g.owners)
		require.Zero(t, g.waiting.Len())
	})
}

func TestPlacesAreNeitherLostNorMade(t *testing.T) {
	g := New(5)
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if r.IntN(4) == 0 {
					go cancel()
				}
				key := fmt.Sprint(r.IntN(4))
				if g.Enter(ctx, key) == nil {
					most.Store(max(most.Load(), inside.Add(1)))
					inside.Add(-1)
					g.Leave(key)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, most.Load(), int32(5))
	require.Zero(t, g.taken)
	require.Empty(t, g.owners)
	require.Zero(t, g.waiting.Len())
}
