package tap

import "sync"

// An audience is who follows, and how many batches are on their way to the
// store that will be shown to these followers and to no others.
type audience struct {
	followers []*follower   // never changed
	empty     chan struct{} // closed once the audience is retired and no batch is on its way

	mu        sync.Mutex
	appending int
	retired   bool
}

func newAudience(followers []*follower) *audience {
	return &audience{followers: followers, empty: make(chan struct{})}
}

// enter reports whether a batch may still have this audience.
func (a *audience) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.retired {
		return false
	}
	a.appending++
	return true
}

func (a *audience) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.appending--; a.retired && a.appending == 0 {
		close(a.empty)
	}
}

// retire lets no further batch in. It is called once.
func (a *audience) retire() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.retired = true; a.appending == 0 {
		close(a.empty)
	}
}

func (a *audience) gone() bool {
	select {
	case <-a.empty:
		return true
	default:
		return false
	}
}
