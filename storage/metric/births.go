package metric

import "time"

// births counts what came in the last hour and day.
type births struct{ tens, hours ring } // of ten minutes, of hours

func newBirths() *births {
	return &births{
		tens:  ring{slots: make([]uint32, 7), width: 600},
		hours: ring{slots: make([]uint32, 25), width: 3600},
	}
}

func (b *births) add(now time.Time) {
	*b.tens.at(now)++
	*b.hours.at(now)++
}

// count returns what came in the last 60 to 70 minutes and 24 to 25 hours.
func (b *births) count(now time.Time) (hour, day int64) {
	return b.tens.sum(now), b.hours.sum(now)
}

// A ring counts by spans of width seconds, as many as it has slots, of which
// the newest is the one that goes on.
type ring struct {
	slots []uint32
	width int64
	last  int64 // number of the newest span since the Unix epoch
}

// at returns the counter of now, having cleared those that now lie too far
// back. A clock that was put back counts in the newest span.
func (r *ring) at(now time.Time) *uint32 {
	n := int64(len(r.slots))
	i := max(now.Unix()/r.width, r.last)
	r.last = max(r.last, i-n) // all slots are cleared then
	for r.last < i {
		r.last++
		r.slots[r.last%n] = 0
	}
	return &r.slots[i%n]
}

func (r *ring) sum(now time.Time) int64 {
	r.at(now)
	total := int64(0)
	for _, n := range r.slots {
		total += int64(n)
	}
	return total
}
