package login

import (
	"maps"
	"net/netip"
	"sync"
	"time"
)

// Wrong guesses that cost nothing, and the longest waits. A user's is short:
// whoever knows the name could keep them out with it.
const (
	freeByUser    = 5
	freeByAddress = 20
	maxByUser     = time.Minute
	maxByAddress  = 15 * time.Minute
	guessMemory   = time.Hour // without another one, a wrong guess is forgotten
	maxGuesses    = 10_000    // names and addresses remembered
)

// guesses slows down those who try passwords. Each wrong one beyond the free
// ones doubles the wait, from a second on. The zero value is ready.
type guesses struct {
	mu     sync.Mutex
	wrongs map[string]guess
}

type guess struct {
	n     int
	last  time.Time
	until time.Time
}

// wait returns how long from now on nothing is tried for the user or the
// address.
func (g *guesses) wait(user string, from netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(g.wrongs["user "+user].until.Sub(now), g.wrongs[addressKey(from)].until.Sub(now), 0)
}

func (g *guesses) wrong(user string, from netip.Addr, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.note("user "+user, freeByUser, maxByUser, now)
	g.note(addressKey(from), freeByAddress, maxByAddress, now)
}

func (g *guesses) note(key string, free int, most time.Duration, now time.Time) {
	if g.wrongs == nil {
		g.wrongs = map[string]guess{}
	}
	e, known := g.wrongs[key]
	if now.Sub(e.last) > guessMemory {
		e.n = 0
	}
	if !known && len(g.wrongs) >= maxGuesses {
		g.makeRoom(now)
	}
	e.n++
	e.last = now
	if over := e.n - free; over >= 0 {
		e.until = now.Add(min(time.Second<<min(over, 20), most))
	}
	g.wrongs[key] = e
}

// makeRoom forgets what is old, or else those with the fewest wrong guesses: to
// be forgotten costs more guesses than it saves.
func (g *guesses) makeRoom(now time.Time) {
	maps.DeleteFunc(g.wrongs, func(_ string, e guess) bool { return now.Sub(e.last) > guessMemory })
	for few := 1; len(g.wrongs) > maxGuesses/2; few++ {
		maps.DeleteFunc(g.wrongs, func(_ string, e guess) bool { return e.n <= few })
	}
}

// right forgets the wrong guesses of a user who logged in after all. Those of
// the address stay: one right password must not buy guesses at others.
func (g *guesses) right(user string, _ netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.wrongs, "user "+user)
}

// addressKey counts what one customer of a provider has as one.
func addressKey(a netip.Addr) string {
	bits := 32
	if a = a.Unmap(); a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "address"
	}
	return "address " + p.String()
}
