package fair

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A stage has two processors, a gate with room for all, and a noisy member that
// has used much.
type stage struct {
	*testing.T
	crowd *Crowd
	gate  *Gate
	noisy context.Context
}

func newStage(t *testing.T) *stage {
	s := &stage{T: t, crowd: NewCrowd(), gate: NewBrief(8)}
	s.crowd.processors, s.gate.among = 2, 8
	s.noisy = s.begun("noisy")
	for range 4 {
		require.NoError(t, s.gate.Enter(s.noisy, "noisy"))
	}
	time.Sleep(time.Second)
	for range 4 {
		s.gate.Leave(s.noisy, "noisy")
	}
	return s
}

func (s *stage) begun(key string) context.Context {
	ctx, task := s.crowd.Task(s.Context(), key)
	task.Begin()
	return ctx
}

// waits returns how long f takes.
func waits(f func()) time.Duration {
	begin := time.Now()
	f()
	return time.Since(begin)
}

func (s *stage) enter(ctx context.Context, key string) time.Duration {
	return waits(func() { require.NoError(s, s.gate.Enter(ctx, key)) })
}

func TestWhoHasHadMuchLeavesProcessorsToWorkThatJustBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		require.Zero(t, s.enter(s.noisy, "noisy"), "nobody else is there")
		require.Zero(t, s.enter(s.noisy, "noisy"))
		s.gate.Leave(s.noisy, "noisy")

		one := s.begun("quiet")
		require.Zero(t, s.enter(one, "quiet"), "who has had little never waits")
		require.False(t, s.gate.TryEnter(s.noisy, "noisy"), "one of two processors is its, one the other's")
		s.gate.Leave(s.noisy, "noisy")
		require.True(t, s.gate.TryEnter(s.noisy, "noisy"))
		s.gate.Leave(s.noisy, "noisy")

		go func() {
			time.Sleep(3 * time.Millisecond)
			s.gate.Leave(one, "quiet")
			taskOf(one).End()
		}()
		s.begun("quiet")
		two := taskOf(s.begun("quiet"))
		go func() {
			time.Sleep(7 * time.Millisecond)
			two.End()
		}()
		require.Equal(t, 7*time.Millisecond, s.enter(s.noisy, "noisy"), "until only one of three is left")
	})
}

func TestMoreWorkJoinsWhereThereIsRoomForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		defer Work(s.noisy)()
		quiet := s.begun("quiet")
		require.Zero(t, waits(func() {
			_, ok := Join(s.noisy)
			require.False(t, ok, "one of two processors is the other's")
		}))
		leave, ok := Join(quiet)
		require.True(t, ok)
		leave()
		taskOf(quiet).End()
		leave, ok = Join(s.noisy)
		require.True(t, ok, "nobody else is there")
		require.Equal(t, 2, s.crowd.members["noisy"].taken)
		leave()
		require.Equal(t, 1, s.crowd.members["noisy"].taken)
	})
}

func TestNobodyIsHeldBackForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		for range 2 {
			s.begun("quiet")
		}
		require.Equal(t, patience, s.enter(s.noisy, "noisy"))
		require.Zero(t, s.enter(s.noisy, "noisy"), "and has its stint then")
		time.Sleep(stint)
		require.Equal(t, patience, waits(func() { Pause(s.noisy) }))
		time.Sleep(young)
		require.Zero(t, waits(func() { Pause(s.noisy) }), "what has gone on for long does not wait for milliseconds")
	})
}

func TestWhatPausesIsNoWorkThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		require.Zero(t, s.enter(s.noisy, "noisy"))
		other := s.begun("noisy")
		require.Zero(t, s.enter(other, "noisy"))
		taskOf(s.begun("quiet")).Begin() // again, which counts once
		paused := make(chan time.Duration)
		go func() { paused <- waits(func() { Pause(s.noisy) }) }()
		synctest.Wait()
		require.Zero(t, waits(func() { Pause(other) }), "the one that is left may use a processor")
		time.Sleep(time.Millisecond)
		s.gate.Leave(other, "noisy")
		require.Equal(t, glance, <-paused)
		require.Equal(t, 1, s.crowd.members["noisy"].taken)
	})
}

func TestWhatNoRequestWaitsForIsHeldBackAsWhoHasHadMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		behind := s.crowd.Behind(t.Context())
		var done func()
		for range 2 {
			s.begun("noisy")
		}
		require.Zero(t, waits(func() { done = Work(behind) }), "it is the work of that member")
		require.Equal(t, 1, s.crowd.members[""].taken)
		quiet := []*Task{taskOf(s.begun("quiet")), taskOf(s.begun("quiet"))}
		require.Equal(t, patience, waits(func() { Pause(behind) }))
		done()
		require.Zero(t, s.crowd.members[""].taken)
		time.Sleep(stint)
		go func() {
			time.Sleep(time.Millisecond)
			for _, task := range quiet {
				task.End()
			}
		}()
		require.Equal(t, time.Millisecond, waits(func() { done = Work(behind) }))
		done()
		Work(t.Context())() // nobody's
	})
}

func TestWhatNoRequestWaitsForIsNoCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newTestGate()
		done := Work(g.crowd.Behind(t.Context()))
		require.Equal(t, 4, g.takeAll("noisy"))
		time.Sleep(time.Second)
		g.leaveAll("noisy", 4)
		require.Equal(t, 4, g.takeAll("noisy"))
		g.leaveAll("noisy", 4)
		done()
	})
}

func TestThoseWhoHaveHadAboutAsMuchShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		other := s.begun("other")
		for range 3 {
			require.Zero(t, s.enter(other, "other"))
		}
		time.Sleep(time.Second)
		require.Zero(t, waits(func() { Pause(other) }))
		require.Zero(t, s.enter(s.noisy, "noisy"))
	})
}

func TestWhoeverLeavesWhileHeldBackIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		for range 2 {
			s.begun("quiet")
		}
		ctx, cancel := context.WithTimeout(s.noisy, time.Millisecond)
		defer cancel()
		require.ErrorIs(t, s.gate.Enter(ctx, "noisy"), context.DeadlineExceeded)
		require.Zero(t, s.gate.waiting.Len())
		require.Zero(t, s.crowd.members["noisy"].taken)
		require.LessOrEqual(t, waits(func() { Pause(ctx) }), time.Duration(0))
	})
}

func TestATaskWithAPassBeginsWhenItsWorkDoes(t *testing.T) {
	s := NewCrowd()
	g := NewBrief(1)
	ctx, _ := s.Task(t.Context(), "a")
	ctx, pass := g.Issue(ctx, "a")
	require.Zero(t, s.tasks.Load())
	for range 2 { // it may go on after it has waited for something else
		require.NoError(t, Begin(ctx))
		require.EqualValues(t, 1, s.tasks.Load())
		require.Equal(t, 1, s.members["a"].taken)
		End(ctx)
		pass.End()
		require.Zero(t, s.tasks.Load())
		require.Zero(t, s.members["a"].taken)
	}
}

func TestPlacesInAnOuterGateAreNotWork(t *testing.T) {
	s := NewCrowd()
	g := NewOuter(1)
	ctx, task := s.Task(t.Context(), "a")
	task.Begin()
	require.NoError(t, g.Enter(ctx, "a"))
	require.Zero(t, s.members["a"].taken)
	g.Leave(ctx, "a")
	require.Zero(t, s.members["a"].taken)
}

func TestMembersWhoAreGoneAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCrowd()
		for range 10 * known {
			_, task := c.Task(t.Context(), time.Now().String())
			task.Begin()
			task.End()
			time.Sleep(company / known)
		}
		require.LessOrEqual(t, len(c.members), 2*known)
	})
}
