package servicegraph

import "github.com/oriel-obs/oriel/model"

// A meeting is where two halves find each other: the span of the calling side.
type meeting struct {
	trace  model.TraceID
	span   model.SpanID
	tenant string // whose spans they are: ids may be the same by chance
}

// A waitingRoom holds halves until their other side comes or their time is
// over. All wait equally long, so those that came first leave first.
type waitingRoom struct {
	max   int
	seats []seat
	free  []int32           // numbers of empty seats
	at    map[meeting]int32 // the newest half of each meeting
	first int32             // in order of coming; none if nobody waits
	last  int32
	n     int
}

type seat struct {
	half
	until      int64 // ns
	prev, next int32 // in order of coming
	older      int32 // half of the same meeting
	met        bool  // a producer that some consumer has found
}

const none = int32(-1)

func newWaitingRoom(max int) *waitingRoom {
	return &waitingRoom{max: max, at: map[meeting]int32{}, first: none, last: none}
}

// enter lets h wait, unless the room is full.
func (w *waitingRoom) enter(h half, until int64, met bool) bool {
	if w.n >= w.max {
		return false
	}
	var i int32
	if k := len(w.free); k > 0 {
		i, w.free = w.free[k-1], w.free[:k-1]
	} else {
		i, w.seats = int32(len(w.seats)), append(w.seats, seat{})
	}
	older, ok := w.at[h.meeting]
	if !ok {
		older = none
	}
	w.seats[i] = seat{half: h, until: until, prev: w.last, next: none, older: older, met: met}
	w.at[h.meeting] = i
	if w.last != none {
		w.seats[w.last].next = i
	} else {
		w.first = i
	}
	w.last = i
	w.n++
	return true
}

// find returns the first half at m that is on the calling side, or is not; or
// none.
func (w *waitingRoom) find(m meeting, calling bool) int32 {
	i, ok := w.at[m]
	if !ok {
		return none
	}
	for i != none && w.seats[i].calling() != calling {
		i = w.seats[i].older
	}
	return i
}

// leave empties seat i.
func (w *waitingRoom) leave(i int32) {
	s := &w.seats[i]
	if newest := w.at[s.meeting]; newest == i {
		if s.older == none {
			delete(w.at, s.meeting)
		} else {
			w.at[s.meeting] = s.older
		}
	} else {
		j := newest
		for w.seats[j].older != i {
			j = w.seats[j].older
		}
		w.seats[j].older = s.older
	}
	if s.prev != none {
		w.seats[s.prev].next = s.next
	} else {
		w.first = s.next
	}
	if s.next != none {
		w.seats[s.next].prev = s.prev
	} else {
		w.last = s.prev
	}
	*s = seat{}
	w.free = append(w.free, i)
	w.n--
}
