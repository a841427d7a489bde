package quota

import (
	"cmp"
	"slices"
	"time"
)

// A Use is how much a tenant or token uses of one of its limits.
type Use struct {
	Source string // tenant or token
	Name   string
	Limit  Kind    // max_streams too
	Used   float64 // of rates those of the last minute
	Most   float64
}

// maxStreams is the key of the limit on streams.
const maxStreams Kind = "max_streams"

// Uses returns what is used of each limit that somebody is held to who has
// sent something.
func (k *Keeper) Uses() (all []Use) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	for s, a := range k.sources {
		held := a.terms.Load()
		for kind := range held.hard {
			all = append(all, Use{s.kind, s.name, kind, a.rate(kind, now), held.of(kind)})
		}
		if held.Streams > 0 {
			all = append(all, Use{s.kind, s.name, maxStreams, float64(a.activeStreams(now)), float64(held.Streams)})
		}
	}
	slices.SortFunc(all, func(x, y Use) int {
		return cmp.Or(cmp.Compare(x.Source, y.Source), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Limit, y.Limit))
	})
	return all
}

// Tenants returns how many have sent something, and how many may; 0 is no limit.
func (k *Keeper) Tenants() (have, most int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tenants, k.config.Load().MaxTenants
}

// A meter knows what came in each ten seconds of the last minute.
type meter struct {
	counts [meterSteps]float64
	last   int64 // number of the step that counts now
}

const (
	meterSteps = 7 // the one that is not over, too
	meterStep  = 10 * time.Second
)

// turn makes the step of now the last one.
func (m *meter) turn(now time.Time) {
	step := now.UnixNano() / int64(meterStep)
	for gone := max(m.last+1, step-meterSteps+1); gone <= step; gone++ {
		m.counts[gone%meterSteps] = 0
	}
	m.last = max(m.last, step)
}

func (m *meter) add(now time.Time, n int) {
	m.turn(now)
	m.counts[m.last%meterSteps] += float64(n)
}

// perSecond is the rate of the steps that are known.
func (m *meter) perSecond(now time.Time) (sum float64) {
	m.turn(now)
	for _, n := range m.counts {
		sum += n
	}
	return sum / ((meterSteps-1)*meterStep + time.Duration(now.UnixNano()%int64(meterStep))).Seconds()
}

// rate is what came of a kind in the last minute, a second.
func (a *account) rate(kind Kind, now time.Time) float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.meters[kind]; m != nil {
		return m.perSecond(now)
	}
	return 0
}

// measure counts n of a kind.
func (a *account) measure(kind Kind, n int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.meters[kind]
	if m == nil {
		m = &meter{}
		if a.meters == nil {
			a.meters = map[Kind]*meter{}
		}
		a.meters[kind] = m
	}
	m.add(now, n)
}

// activeStreams is how many streams count at now.
func (a *account) activeStreams(now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch age := now.Sub(a.since); {
	case age > 2*generation:
		return 0
	case age > generation:
		return len(a.recent[0])
	}
	return a.active
}
