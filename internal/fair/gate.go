// Package fair lets so many pieces of work go on at once, and has those who
// wait take turns by whose work it is: one who asks for much waits for
// themselves, not the others for them.
package fair

import (
	"container/list"
	"context"
	"runtime"
	"sync"
)

// A Gate has some places. It is safe for concurrent use.
type Gate struct {
	places int
	most   int // places of one owner, if there can be others

	mu      sync.Mutex
	taken   int
	owners  map[string]*owner // those who have places or wait
	waiting *list.List        // of *owner that wait: the first has the next turn
}

type owner struct {
	key   string
	taken int
	queue list.List     // of *ticket, first come first
	turn  *list.Element // in Gate.waiting; nil if nobody waits
}

type ticket struct {
	granted chan struct{} // closed when the place is theirs
	given   bool          // the same, under Gate.mu
}

// New returns a Gate of n places, at least one. An owner with a name gets at
// most three quarters of them, and not more than there are processors: what more
// it had at once would be no faster, but slow the others down. The owner "" is
// everybody and may have all.
func New(n int) *Gate {
	n = max(n, 1)
	return &Gate{places: n, most: min(n-n/4, runtime.GOMAXPROCS(0)), owners: map[string]*owner{}, waiting: list.New()}
}

// Enter waits for a place for who is named key. It returns ctx's error if that
// ends before; a place that was got is given back by Leave with the same key.
func (g *Gate) Enter(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	o := g.owners[key]
	if o == nil {
		o = &owner{key: key}
		g.owners[key] = o
	}
	t := &ticket{granted: make(chan struct{})}
	at := o.queue.PushBack(t)
	if o.turn == nil {
		o.turn = g.waiting.PushBack(o)
	}
	g.serve()
	g.mu.Unlock()

	select {
	case <-t.granted:
		return nil
	case <-ctx.Done():
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

// Leave gives a place back.
func (g *Gate) Leave(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
	o := g.owners[key]
	o.taken--
	g.settle(o)
	g.serve()
}

// settle forgets o if it neither has places nor waits. g.mu is held.
func (g *Gate) settle(o *owner) {
	if o.queue.Len() == 0 && o.turn != nil {
		g.waiting.Remove(o.turn)
		o.turn = nil
	}
	if o.queue.Len() == 0 && o.taken == 0 {
		delete(g.owners, o.key)
	}
}

// serve gives free places to those whose turn it is. g.mu is held.
func (g *Gate) serve() {
	for e := g.waiting.Front(); e != nil && g.taken < g.places; {
		o := e.Value.(*owner)
		next := e.Next()
		if o.key == "" || o.taken < g.most {
			t := o.queue.Remove(o.queue.Front()).(*ticket)
			t.given = true
			close(t.granted)
			g.taken++
			o.taken++
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
