// Package fair lets so many pieces of work go on at once, and has those who
// wait take turns by whose work it is: one who asks for much waits for
// themselves, not the others for them.
package fair

import (
	"container/list"
	"context"
	"runtime"
	"sync"
	"time"
)

// A Gate has some places. It is safe for concurrent use.
type Gate struct {
	places int
	outer  bool // places are not what work goes on in
	alone  int  // most places of an owner with a name,
	among  int  // and while there are others

	mu       sync.Mutex
	taken    int
	everyone owner             // the one without a name
	owners   map[string]*owner // others who have places or wait
	waiting  list.List         // of *owner that wait: the first has the next turn
}

type owner struct {
	key   string
	taken int
	queue list.List     // of *ticket, first come first
	turn  *list.Element // in Gate.waiting; nil if nobody waits
}

type ticket struct {
	task    *Task
	granted chan struct{} // closed when the place is theirs
	given   bool          // the same, under Gate.mu
}

// New returns a Gate of n places, at least one, for work that may take long. An
// owner with a name gets at most three quarters of them, and not more than
// there are processors: what more it had at once would be no faster, but slow
// the others down. One who has more than others that were here lately leaves one
// processor to them. The owner "" is everybody and may have all.
func New(n int) *Gate {
	n = max(n, 1)
	most := min(n-n/4, runtime.GOMAXPROCS(0))
	return &Gate{places: n, alone: most, among: besides(most), owners: map[string]*owner{}}
}

// NewBrief returns a Gate of n places, at least one, for work in pieces of a few
// milliseconds. An owner may have all of them, until it has more than others that
// were here lately.
func NewBrief(n int) *Gate {
	n = max(n, 1)
	return &Gate{places: n, alone: n, among: besides(n - n/4), owners: map[string]*owner{}}
}

// NewOuter returns a Gate as New does, for work that needs places in other gates
// to go on. These alone are what a Crowd counts.
func NewOuter(n int) *Gate {
	g := New(n)
	g.outer = true
	return g
}

// besides returns how many of n places one may have while there are others.
func besides(n int) int { return max(1, min(n, runtime.GOMAXPROCS(0)-1)) }

// Places returns how many there are.
func (g *Gate) Places() int { return g.places }

// Taken returns how many of them are taken.
func (g *Gate) Taken() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken
}

// TryEnter takes a place for who is named key, if that takes no waiting.
func (g *Gate) TryEnter(ctx context.Context, key string) bool { return g.tryEnter(taskOf(ctx), key) }

func (g *Gate) tryEnter(t *Task, key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := g.owner(key)
	free := g.waiting.Len() == 0 && g.taken < g.places && g.may(o, t)
	if free {
		g.take(o, t, 1)
	}
	g.settle(o)
	return free
}

// Enter waits for a place for who is named key. It returns ctx's error if that
// ends before; a place that was got is given back by Leave with the same key, and
// a context with the same task.
func (g *Gate) Enter(ctx context.Context, key string) error { return g.enter(ctx, taskOf(ctx), key) }

func (g *Gate) enter(ctx context.Context, task *Task, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if g.tryEnter(task, key) {
		return nil
	}
	g.mu.Lock()
	o := g.owner(key)
	t := &ticket{task: task, granted: make(chan struct{})}
	at := o.queue.PushBack(t)
	if o.turn == nil {
		o.turn = g.waiting.PushBack(o)
	}
	g.mu.Unlock()
	if g.await(ctx, t) {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.given { // while ctx ended
		return nil
	}
	o.queue.Remove(at)
	g.settle(o)
	return ctx.Err()
}

// await returns when t has its place, or ctx ends. Places are free for t when
// others leave, which serve, or when the crowd lets its owner go on, which does not.
func (g *Gate) await(ctx context.Context, t *ticket) bool {
	var look <-chan time.Time
	if t.task != nil {
		ticker := time.NewTicker(glance)
		defer ticker.Stop()
		look = ticker.C
	}
	for {
		changed := t.task.change()
		g.mu.Lock()
		g.serve()
		g.mu.Unlock()
		select {
		case <-t.granted:
			return true
		case <-changed:
		case <-look:
		case <-ctx.Done():
			return false
		}
	}
}

// Leave gives a place back.
func (g *Gate) Leave(ctx context.Context, key string) { g.leave(taskOf(ctx), key) }

func (g *Gate) leave(t *Task, key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o := g.owner(key)
	g.take(o, t, -1)
	g.settle(o)
	g.serve()
}

// owner returns who is named key. g.mu is held.
func (g *Gate) owner(key string) *owner {
	if key == "" {
		return &g.everyone
	}
	o := g.owners[key]
	if o == nil {
		o = &owner{key: key}
		g.owners[key] = o
	}
	return o
}

// may reports whether o may have one place more, for t. g.mu is held.
func (g *Gate) may(o *owner, t *Task) bool {
	switch {
	case o.key == "":
		return true
	case o.taken >= g.alone, o.taken >= g.among && t.leads():
		return false
	}
	return g.outer || t.may(0)
}

// take gives o so many places more, for t. g.mu is held.
func (g *Gate) take(o *owner, t *Task, n int) {
	if !g.outer {
		t.count(n)
	}
	g.taken += n
	o.taken += n
}

// settle forgets o if it neither has places nor waits. g.mu is held.
func (g *Gate) settle(o *owner) {
	if o.queue.Len() == 0 && o.turn != nil {
		g.waiting.Remove(o.turn)
		o.turn = nil
	}
	if o.queue.Len() == 0 && o.taken == 0 && o.key != "" {
		delete(g.owners, o.key)
	}
}

// serve gives free places to those whose turn it is. g.mu is held.
func (g *Gate) serve() {
	for e := g.waiting.Front(); e != nil && g.taken < g.places; {
		o := e.Value.(*owner)
		next := e.Next()
		if t := o.queue.Front().Value.(*ticket); g.may(o, t.task) {
			o.queue.Remove(o.queue.Front())
			t.given = true
			close(t.granted)
			g.take(o, t.task, 1)
			g.waiting.MoveToBack(e)
			g.settle(o)
			next = g.waiting.Front()
		}
		e = next
	}
}

// Waiting returns how many wait, and how many places are taken.
func (g *Gate) Waiting() (waiting, taken int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for e := g.waiting.Front(); e != nil; e = e.Next() {
		waiting += e.Value.(*owner).queue.Len()
	}
	return waiting, g.taken
}
