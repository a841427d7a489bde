package fair

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// young is for how long from its begin a task is let go first. Whoever waits
	// longer than that does not wait for a few milliseconds.
	young = time.Second

	// patience is for how long a member is held back at most, and stint how long
	// it then is not.
	patience = 20 * time.Millisecond
	stint    = 5 * time.Millisecond

	// glance is how often those look whether they may go on who are held back, if
	// nothing tells them before.
	glance = 5 * time.Millisecond

	// outweighed is how many times as much as others one must have had to be held
	// back for them.
	outweighed = 2
)

// A Crowd is everyone with a name whose work shares the processors. A member that
// has had much of them lately lets those go first who have had little: while
// these have tasks that began a moment ago, it goes on with no more pieces of work
// than there are processors to spare, and may have to wait before it takes a place
// in a gate, and where long work calls Pause. That is fair queueing by what was
// used, with pieces of a few milliseconds. It is safe for concurrent use.
type Crowd struct {
	processors int
	tasks      atomic.Int64 // that have begun

	mu      sync.Mutex
	members map[string]*member
	changed chan struct{} // closed when a task ends
}

type member struct {
	usage // of processors: it has taken as many as pieces of its work go on
	tasks map[*Task]struct{}

	held   time.Time // back since then; zero if not
	spared time.Time // not held back until then
}

// NewCrowd returns a Crowd that shares the processors Go uses now.
func NewCrowd() *Crowd {
	return &Crowd{processors: runtime.GOMAXPROCS(0), members: map[string]*member{}, changed: make(chan struct{})}
}

type taskKey struct{}

// A Task is something that a member wants to have done, such as a request.
type Task struct {
	crowd *Crowd
	key   string
	begun time.Time // zero before and after
}

// Task returns a context with a task of who is named key. It has not begun.
func (c *Crowd) Task(ctx context.Context, key string) (context.Context, *Task) {
	t := &Task{crowd: c, key: key}
	return context.WithValue(ctx, taskKey{}, t), t
}

// taskOf returns the task of ctx, or nil, which is nobody's and never held back.
func taskOf(ctx context.Context) *Task {
	t, _ := ctx.Value(taskKey{}).(*Task)
	return t
}

// Begin says that the task waits for nothing but processors from now on.
func (t *Task) Begin() {
	if t == nil {
		return
	}
	t.crowd.mu.Lock()
	defer t.crowd.mu.Unlock()
	if t.begun.IsZero() {
		t.begun = time.Now()
		t.crowd.member(t.key, t.begun).tasks[t] = struct{}{}
		t.crowd.tasks.Add(1)
	}
}

// End says that the task is done, or waits for something else.
func (t *Task) End() {
	if t == nil {
		return
	}
	c := t.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.begun.IsZero() {
		t.begun = time.Time{}
		delete(c.member(t.key, time.Now()).tasks, t)
		c.tasks.Add(-1)
		close(c.changed)
		c.changed = make(chan struct{})
	}
}

// member returns who is named key. c.mu is held.
func (c *Crowd) member(key string, now time.Time) *member {
	m := c.members[key]
	if m == nil {
		if len(c.members) >= known {
			for other, v := range c.members {
				if len(v.tasks) == 0 && v.gone(now) {
					delete(c.members, other)
				}
			}
		}
		m = &member{usage: usage{at: now}, tasks: map[*Task]struct{}{}}
		c.members[key] = m
	}
	m.until(now)
	m.seen = now
	return m
}

// count notes n more pieces of work of t's that go on.
func (t *Task) count(n int) {
	if t != nil {
		t.crowd.mu.Lock()
		defer t.crowd.mu.Unlock()
		t.crowd.member(t.key, time.Now()).taken += n
	}
}

// may reports whether a piece of work of t's may go on, beside those that are
// counted but for so many.
func (t *Task) may(but int) bool {
	if t == nil || t.crowd.tasks.Load() == 0 {
		return true
	}
	c, now := t.crowd, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.member(t.key, now)
	if m.had < much*memory.Seconds() || now.Before(m.spared) {
		return true
	}
	first, going := 0, -but
	for _, v := range c.members {
		n := 0
		if v != m && len(v.tasks) > 0 {
			if v.until(now); v.had*outweighed < m.had {
				n = v.young(now)
			}
		}
		if n > 0 {
			first += n
		} else {
			going += v.taken
		}
	}
	switch {
	case first == 0 || going < c.processors-first:
	case m.held.IsZero():
		m.held = now
		return false
	case now.Sub(m.held) < patience:
		return false
	default:
		m.spared = now.Add(stint)
	}
	m.held = time.Time{}
	return true
}

// young returns how many tasks began a moment ago.
func (m *member) young(now time.Time) (n int) {
	for t := range m.tasks {
		if now.Sub(t.begun) < young {
			n++
		}
	}
	return n
}

// change returns a channel that is closed when a task ends.
func (t *Task) change() <-chan struct{} {
	if t == nil {
		return nil
	}
	t.crowd.mu.Lock()
	defer t.crowd.mu.Unlock()
	return t.crowd.changed
}

// Pause holds the work of ctx's task up while others go first. Work that holds
// one place in a gate for long calls it every few milliseconds.
func Pause(ctx context.Context) {
	t := taskOf(ctx)
	if t == nil || t.crowd.tasks.Load() < 2 || t.may(1) {
		return
	}
	t.count(-1)
	defer t.count(1)
	look := time.NewTicker(glance)
	defer look.Stop()
	for changed := t.change(); !t.may(0); changed = t.change() {
		select {
		case <-changed:
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}
