package fulltext

import (
	"container/list"
	"sync"
)

// A Cache keeps the dictionaries of the indexes asked last in memory, up to a
// number of bytes, so that what they take does not grow with the store. It is
// safe for concurrent use; one serves all indexes of a store.
type Cache struct {
	max   int64
	rooms sync.Pool // of *[]byte: where blocks of blooms are read

	mu    sync.Mutex // guards what follows
	used  int64
	order *list.List // of *cached, the one asked last in front
	of    map[*Index]*list.Element
}

type cached struct {
	x *Index
	w *words
}

// NewCache returns a Cache of maxBytes. A dictionary takes about one byte for
// every hundred of text; one that is larger than the cache is read for every
// query.
func NewCache(maxBytes int64) *Cache {
	return &Cache{max: maxBytes, order: list.New(), of: map[*Index]*list.Element{}}
}

// get returns x's dictionary, or nil.
func (c *Cache) get(x *Index) *words {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.of[x]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).w
}

// put keeps x's dictionary in place of those not asked for longest. Searches
// that use them go on doing so.
func (c *Cache) put(x *Index, w *words) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(c.of[x])
	c.of[x] = c.order.PushFront(&cached{x, w})
	for c.used += w.size(); c.used > c.max; {
		c.drop(c.order.Back())
	}
}

func (c *Cache) takeRoom() *[]byte {
	if room, ok := c.rooms.Get().(*[]byte); ok {
		return room
	}
	return new([]byte)
}

func (c *Cache) putRoom(room *[]byte) { c.rooms.Put(room) }

func (c *Cache) remove(x *Index) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(c.of[x])
}

// drop removes e, which may be nil. c.mu is held.
func (c *Cache) drop(e *list.Element) {
	if e == nil {
		return
	}
	d := c.order.Remove(e).(*cached)
	delete(c.of, d.x)
	c.used -= d.w.size()
}
