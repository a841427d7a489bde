package fair

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var bg = context.Background()

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
					g.Leave(bg, key)
				}
			}()
			synctest.Wait()
		}
		g.Leave(bg, "first")
		synctest.Wait()
		require.Equal(t, []string{"a", "b", "c", "a", "b", "a"}, order)
		require.Empty(t, g.owners)
	})
}

func TestThereIsAPlaceForOthersWhateverOneHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(4)
		g.alone, g.among = 3, 2 // whatever the machine
		var storm atomic.Int32
		stop := make(chan struct{})
		for range 100 {
			go func() {
				if g.Enter(t.Context(), "noisy") == nil {
					storm.Add(1)
					<-stop
					g.Leave(bg, "noisy")
				}
			}()
		}
		synctest.Wait()
		require.EqualValues(t, 3, storm.Load())
		require.NoError(t, g.Enter(t.Context(), "quiet"), "without waiting")
		g.Leave(bg, "quiet")
		waiting, taken := g.Waiting()
		require.Equal(t, []int{97, 3}, []int{waiting, taken})
		close(stop)
		synctest.Wait()
		require.EqualValues(t, 100, storm.Load())
	})
}

// A testGate has four places; who has had much leaves two of them to others.
type testGate struct {
	*Gate
	crowd *Crowd
}

func newTestGate() testGate {
	g := testGate{NewBrief(4), NewCrowd()}
	g.among = 2
	return g
}

func (g testGate) takeAll(key string) (n int) {
	ctx, _ := g.crowd.Task(bg, key)
	for g.TryEnter(ctx, key) {
		n++
	}
	return n
}

func (g testGate) leaveAll(key string, n int) {
	ctx, _ := g.crowd.Task(bg, key)
	for range n {
		g.Leave(ctx, key)
	}
}

func TestWhoHasMuchLeavesSomeToThoseWhoWereHereLately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newTestGate()
		require.Equal(t, 4, g.takeAll("noisy"), "nobody else is there")
		time.Sleep(time.Second)
		g.leaveAll("noisy", 4)
		require.Equal(t, 4, g.takeAll("noisy"))
		g.leaveAll("noisy", 3)
		require.Equal(t, 3, g.takeAll("quiet"))
		time.Sleep(10 * time.Millisecond)
		g.leaveAll("quiet", 3)
		require.Equal(t, 1, g.takeAll("noisy"), "another may come again any moment")
		require.Equal(t, 2, g.takeAll("quiet"), "and has all that is left")
		g.leaveAll("quiet", 2)
		g.leaveAll("noisy", 2)
		for range 4 { // it goes on so, for longer than the other is remembered
			require.Equal(t, 2, g.takeAll("noisy"))
			time.Sleep(company / 4)
			g.leaveAll("noisy", 2)
		}
		require.Equal(t, 4, g.takeAll("noisy"), "who has not come again")
		g.leaveAll("noisy", 4)
		require.Equal(t, 4, g.takeAll(""), "everybody")
		g.leaveAll("", 4)
		require.Empty(t, g.owners)
	})
}

func TestThoseWhoHaveLittleAreNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newTestGate()
		for range 100 {
			for _, key := range []string{"a", "b"} {
				require.Equal(t, 4, g.takeAll(key))
				time.Sleep(time.Millisecond)
				g.leaveAll(key, 4)
				time.Sleep(50 * time.Millisecond)
			}
		}
	})
}

func TestWhoWaitsForThemselvesHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewBrief(2)
		g.alone, g.among = 1, 1
		require.NoError(t, g.Enter(t.Context(), "noisy"))
		go func() {
			if g.Enter(t.Context(), "noisy") == nil { // with a place free
				g.Leave(bg, "noisy")
			}
		}()
		synctest.Wait()
		waiting, taken := g.Waiting()
		require.Equal(t, []int{1, 1}, []int{waiting, taken})
		require.NoError(t, g.Enter(t.Context(), "quiet"), "at once")
		g.Leave(bg, "quiet")
		g.Leave(bg, "noisy")
	})
}

func TestAPassIsForOnePlaceFromWhenTheWorkBegins(t *testing.T) {
	g := New(2)
	ctx, pass := g.Issue(t.Context(), "a")
	taken := func() int {
		_, n := g.Waiting()
		return n
	}
	require.Zero(t, taken())
	require.NoError(t, Begin(ctx))
	require.NoError(t, Begin(ctx))
	require.Equal(t, 1, taken())
	End(ctx)
	pass.End()
	require.Zero(t, taken())
	require.NoError(t, Begin(t.Context()), "without a pass nobody waits")
	End(t.Context())

	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, Begin(ended), context.Canceled)
	pass.End()
	require.Zero(t, taken())
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
		g.Leave(bg, "a")
		require.NoError(t, g.Enter(t.Context(), "c"))
		g.Leave(bg, "c")
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
					g.Leave(bg, key)
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
