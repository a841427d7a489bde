package fair

import (
	"math"
	"time"
)

const (
	// company is for how long somebody who had a place is reckoned with: what
	// people look at is asked for again and again.
	company = 10 * time.Second

	// memory is in what time what somebody had fades to a third.
	memory = 2 * time.Second

	// much is what an owner must have on average, in places, to be one who is
	// held back for others.
	much = 0.25

	// known is how many owners are remembered before those are forgotten who
	// have not been here lately.
	known = 64
)

// A usage is what an owner has had lately.
type usage struct {
	taken int       // places now
	had   float64   // place-seconds until at, faded
	at    time.Time // of the last change
	seen  time.Time
}

// until brings u up to now.
func (u *usage) until(now time.Time) {
	if d := now.Sub(u.at).Seconds(); d > 0 {
		fade := math.Exp(-d / memory.Seconds())
		u.had = u.had*fade + float64(u.taken)*memory.Seconds()*(1-fade)
		u.at = now
	}
}

// gone reports whether u is of one who is not reckoned with any more.
func (u *usage) gone(now time.Time) bool { return u.taken == 0 && now.Sub(u.seen) >= company }

// usageOf returns what key has had. g.mu is held.
func (g *Gate) usageOf(key string, now time.Time) *usage {
	u := g.used[key]
	if u == nil {
		if len(g.used) >= known {
			for other, v := range g.used {
				if v.gone(now) {
					delete(g.used, other)
				}
			}
		}
		u = &usage{at: now}
		g.used[key] = u
	}
	u.until(now)
	u.seen = now
	return u
}

// most returns how many places an owner with a name may have now: one who has
// more than others do, which have been here lately, leaves some to them.
// g.mu is held.
func (g *Gate) most(u *usage, now time.Time) int {
	if u.had < much*memory.Seconds() {
		return g.alone
	}
	all, n := 0., 0
	for _, v := range g.used {
		if !v.gone(now) {
			v.until(now)
			all += v.had
			n++
		}
	}
	if n > 1 && u.had*float64(n) > all {
		return g.among
	}
	return g.alone
}
