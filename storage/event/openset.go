package event

import (
	"container/list"
	"sync"
)

// openBytes bounds the memory that open parts take beside the token
// dictionaries, and openParts their number: each has three files open.
const (
	openBytes = 96 << 20
	openParts = 1000
)

// An openSet closes the parts that were not used for longest, so that neither
// memory nor open files grow with the store. It is safe for concurrent use.
type openSet struct {
	maxBytes int64
	maxParts int
	streams  *streamPool // of open parts
	pages    *pageCache  // of parts, open or not

	mu    sync.Mutex // guards what follows; taken before the mutex of a part
	bytes int64
	order *list.List // of *openPart, the one used last in front
	of    map[*part]*list.Element
}

type openPart struct {
	p     *part
	bytes int64
}

func newOpenSet(maxBytes int64, maxParts int) *openSet {
	return &openSet{maxBytes: maxBytes, maxParts: maxParts, streams: newStreamPool(), pages: newPageCache(pageCacheBytes), order: list.New(), of: map[*part]*list.Element{}}
}

// used notes that p, which takes so many bytes, was used just now.
func (o *openSet) used(p *part, bytes int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.of[p]
	if e == nil {
		if p.closed() { // by another's use, since p was left
			return
		}
		e = o.order.PushFront(&openPart{p: p})
		o.of[p] = e
	}
	o.order.MoveToFront(e)
	op := e.Value.(*openPart)
	o.bytes += bytes - op.bytes
	op.bytes = bytes
	for e := o.order.Back(); e != nil && (o.bytes > o.maxBytes || o.order.Len() > o.maxParts); {
		prev := e.Prev()
		if e.Value.(*openPart).p.closeIdle() {
			o.drop(e)
		}
		e = prev
	}
}

// remove forgets p, which is closed.
func (o *openSet) remove(p *part) {
	o.pages.remove(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	if e := o.of[p]; e != nil {
		o.drop(e)
	}
}

func (o *openSet) drop(e *list.Element) {
	op := o.order.Remove(e).(*openPart)
	delete(o.of, op.p)
	o.bytes -= op.bytes
}
