package fair

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
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

// behind is the name of who does what no request waits for.
const behind = ""

// Behind returns a context for work that no request waits for, such as tidying up
// what was sent. It is done for those, in the main, who have had most, and is held
// back as they are.
func (c *Crowd) Behind(ctx context.Context) context.Context {
	ctx, _ = c.Task(ctx, behind)
	return ctx
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
				if v.gone(now) {
					delete(c.members, other)
				}
			}
		}
		m = &member{at: now, tasks: map[*Task]struct{}{}}
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
	m, had, heavy := c.standing(t.key, now)
	if !heavy || now.Before(m.spared) {
		return true
	}
	first, going := 0, -but
	for _, v := range c.members {
		n := 0
		if v != m && len(v.tasks) > 0 {
			if v.until(now); v.had*outweighed < had {
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

// leads reports whether t's member has had more than those have on average who
// were here lately.
func (t *Task) leads() bool {
	if t == nil {
		return false
	}
	c, now := t.crowd, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	m, had, heavy := c.standing(t.key, now)
	if !heavy {
		return false
	}
	all, n := 0., 0
	for key, v := range c.members {
		if (key != behind || v == m) && !v.gone(now) {
			v.until(now)
			all += v.had
			n++
		}
	}
	return had*float64(n) > all
}

// standing returns the member with a key, what it has had, or counts as having
// had, and whether that is much. c.mu is held.
func (c *Crowd) standing(key string, now time.Time) (m *member, had float64, heavy bool) {
	m = c.member(key, now)
	had = m.had
	if key == behind {
		for _, v := range c.members {
			v.until(now)
			had = max(had, v.had)
		}
	}
	return m, had, had >= much*memory.Seconds()
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

// Work counts work outside of gates that is about to begin as ctx's task's, until
// done is called, once those have gone first who may.
func Work(ctx context.Context) (done func()) {
	t := taskOf(ctx)
	t.hold(ctx)
	t.count(1)
	return func() { t.count(-1) }
}

// Join counts more work as ctx's task's, beside what it does already, until leave
// is called. It does not wait: others who go first leave no room for it.
func Join(ctx context.Context) (leave func(), ok bool) {
	t := taskOf(ctx)
	if !t.may(0) {
		return nil, false
	}
	t.count(1)
	return func() { t.count(-1) }, true
}

// Pause holds the work of ctx's task up while others go first. Work that goes on
// in one piece for long calls it every few milliseconds.
func Pause(ctx context.Context) {
	if t := taskOf(ctx); !t.may(1) {
		t.count(-1)
		defer t.count(1)
		t.hold(ctx)
	}
}

// hold returns when t's work may go on, or ctx ends.
func (t *Task) hold(ctx context.Context) {
	for changed := t.change(); !t.may(0); changed = t.change() {
		look := time.NewTimer(glance)
		select {
		case <-changed:
		case <-look.C:
		case <-ctx.Done():
		}
		look.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}
