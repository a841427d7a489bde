package fair

import (
	"math"
	"time"
)

const (
	// young is for how long from its begin a task is let go first. Whoever waits
	// longer than that does not wait for a few milliseconds.
	young = time.Second

	// company is for how long a member that was here is reckoned with: what
	// people look at is asked for again and again.
	company = 10 * time.Second

	// memory is in what time what somebody had fades to a third.
	memory = 2 * time.Second

	// much is how many processors a member must have on average to be one that is
	// held back for others.
	much = 0.25

	// known is how many members are remembered before those are forgotten that
	// have not been here lately.
	known = 64
)

// A member is somebody whose work shares the processors.
type member struct {
	taken int       // processors now: pieces of its work that go on
	had   float64   // processor-seconds until at, faded
	at    time.Time // of the last change
	seen  time.Time
	tasks map[*Task]struct{} // that have begun

	held   time.Time // back since then; zero if not
	spared time.Time // not held back until then
}

// until brings m up to now.
func (m *member) until(now time.Time) {
	if d := now.Sub(m.at).Seconds(); d > 0 {
		fade := math.Exp(-d / memory.Seconds())
		m.had = m.had*fade + float64(m.taken)*memory.Seconds()*(1-fade)
		m.at = now
	}
}

// gone reports whether m is not reckoned with any more.
func (m *member) gone(now time.Time) bool {
	return m.taken == 0 && len(m.tasks) == 0 && now.Sub(m.seen) >= company
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
