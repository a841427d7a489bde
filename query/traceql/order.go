package traceql

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// An Order says which traces of a search come first.
type Order uint8

// The orders. Traces that are equal in one follow by id. All but AnyOrder look
// at every trace of the range.
const (
	// AnyOrder stops at Limit traces, those with the newest matching spans,
	// and gives them by start, newest first.
	AnyOrder   Order = iota
	ByStart          // newest first
	ByDuration       // longest first
)

// A Position is where a trace stands in an Order.
type Position struct {
	Key int64 // start or duration, ns
	ID  model.TraceID
}

// of returns where a trace stands in the order.
func (o Order) of(t *Trace) Position {
	if o == ByDuration {
		return Position{t.End - t.Start, t.ID}
	}
	return Position{t.Start, t.ID}
}

// compare is negative if p comes before q.
func (p Position) compare(q Position) int {
	if p.Key != q.Key {
		return cmp.Compare(q.Key, p.Key)
	}
	return slices.Compare(p.ID[:], q.ID[:])
}

// bestHits keeps the first hits of an order.
type bestHits struct {
	most    int // hits kept; 0 means all
	hits    hitHeap
	dropped bool     // there were more
	last    Position // of the last hit taken
}

type placedHit struct {
	at  Position
	hit TraceHit
}

// add keeps a hit if it is among the first; it is made only then.
func (b *bestHits) add(at Position, hit func() TraceHit) {
	if b.most == 0 || len(b.hits) < b.most {
		heap.Push(&b.hits, placedHit{at, hit()})
		return
	}
	b.dropped = true
	if at.compare(b.hits[0].at) < 0 {
		b.hits[0] = placedHit{at, hit()}
		heap.Fix(&b.hits, 0)
	}
}

// take returns the hits in order.
func (b *bestHits) take() []TraceHit {
	slices.SortFunc(b.hits, func(x, y placedHit) int { return x.at.compare(y.at) })
	var out []TraceHit
	for _, h := range b.hits {
		out = append(out, h.hit)
		b.last = h.at
	}
	return out
}

// A hitHeap has the last of its hits on top.
type hitHeap []placedHit

func (h hitHeap) Len() int           { return len(h) }
func (h hitHeap) Less(i, j int) bool { return h[i].at.compare(h[j].at) > 0 }
func (h hitHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *hitHeap) Push(x any)        { *h = append(*h, x.(placedHit)) }

func (h *hitHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
