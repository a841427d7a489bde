package event

import (
	"container/list"
	"hash/maphash"
	"sync"

	"github.com/parquet-go/parquet-go/encoding"
)

// pageCacheBytes bounds the memory for pages that are kept decoded.
const pageCacheBytes = 16 << 20

// maxCachedColumn is the most that a column of a granule may take in its file:
// decoded it may take several times that.
const maxCachedColumn = 256 << 10

// A pageCache keeps decoded columns of granules of which few rows are wanted:
// whoever asks for the newest traces asks again, and then as much as all of a
// granule is decompressed for some of its rows. A column gets in when it is
// asked for a second time, and into a full cache when it is asked for more often
// than what it drives out: queries that come once, or read more than there is
// room for, neither cost more nor harm others. It is safe for concurrent use.
type pageCache struct {
	max  int64
	seed maphash.Seed

	mu    sync.Mutex // guards what follows
	used  int64
	order *list.List // of *sharedColumn, the one asked for last in front
	of    map[pageKey]*list.Element
	asked [countedColumns]uint8 // how often, of late, by the column's slot
	asks  int                   // since the counts were halved
}

// countedColumns is how many counts there are; columns may share one. They are
// halved after agingAsks, so that what was popular once does not stay: a search
// asks for some hundred columns.
const (
	countedColumns = 1 << 16
	agingAsks      = 1 << 14
)

// mostAsked is where counting ends: whatever is asked for that often is popular.
const mostAsked = 15

type pageKey struct {
	p             *part
	granule, leaf int
}

// A sharedColumn is a column whose pages are decoded for good: nobody changes
// them.
type sharedColumn struct {
	key   pageKey
	pages []*page
	bytes int64 // decoded
	slot  int   // in asked
}

func newPageCache(maxBytes int64) *pageCache {
	return &pageCache{max: maxBytes, seed: maphash.MakeSeed(), order: list.New(), of: map[pageKey]*list.Element{}}
}

// get returns a column. Of one that is not kept it returns nil and, if it is
// worth to be put, in fill what to fill in.
func (c *pageCache) get(key pageKey) (col, fill *sharedColumn) {
	slot := int(maphash.Comparable(c.seed, key) % countedColumns)
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.count(slot)
	if e := c.of[key]; e != nil {
		c.order.MoveToFront(e)
		return e.Value.(*sharedColumn), nil
	}
	full := c.used > c.max-c.max/16
	if n < 2 || full && c.order.Len() > 0 && n <= c.asked[c.order.Back().Value.(*sharedColumn).slot] {
		return nil, nil
	}
	return nil, &sharedColumn{key: key, slot: slot}
}

// count counts a column, and returns how often it was asked for.
func (c *pageCache) count(slot int) uint8 {
	if c.asks++; c.asks > agingAsks {
		c.asks = 0
		for i := range c.asked {
			c.asked[i] /= 2
		}
	}
	c.asked[slot] = min(c.asked[slot]+1, mostAsked)
	return c.asked[slot]
}

// put keeps a column in place of those not asked for longest. Blocks that use
// these go on doing so.
func (c *pageCache) put(col *sharedColumn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if col.bytes > c.max/4 || c.of[col.key] != nil { // another was faster
		return
	}
	c.of[col.key] = c.order.PushFront(col)
	for c.used += col.bytes; c.used > c.max; {
		c.drop(c.order.Back())
	}
}

// remove forgets the columns of p.
func (c *pageCache) remove(p *part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*sharedColumn).key.p == p {
			c.drop(e)
		}
		e = next
	}
}

func (c *pageCache) drop(e *list.Element) {
	col := c.order.Remove(e).(*sharedColumn)
	delete(c.of, col.key)
	c.used -= col.bytes
}

// fewRows is how many rows of a granule there are for each that is wanted, at
// least, where its pages are worth to be kept.
const fewRows = 16

// pagesOf reads the pages of a column, or has them from others that wanted
// only few rows of the granule as well.
func (b *block) pagesOf(leaf int) ([]*page, error) {
	if !b.few || b.columns.chunk(b.number, leaf).size > maxCachedColumn {
		return b.readPages(leaf, b.scratch)
	}
	cache := b.part.opens.pages
	key := pageKey{b.part, b.number, leaf}
	col, fill := cache.get(key)
	switch {
	case col == nil && fill == nil:
		return b.readPages(leaf, b.scratch)
	case col == nil:
		if err := b.share(fill); err != nil {
			return nil, err
		}
		cache.put(fill)
		col = fill
	}
	b.bytes += col.bytes // as if it had decoded them
	return col.pages, nil
}

// share decodes all of a column into memory of its own.
func (b *block) share(col *sharedColumn) (err error) {
	counted := b.bytes
	defer func() { b.bytes = counted }()
	if col.pages, err = b.readPages(col.key.leaf, nil); err != nil {
		return err
	}
	var words *encoding.Values
	for _, pg := range col.pages {
		data, err := pg.data()
		if err != nil {
			return err
		}
		col.bytes += data.Size() + int64(len(pg.levels))
		if pg.words != nil && pg.words != words { // which the pages of a column share
			words = pg.words
			col.bytes += words.Size()
		}
		pg.packed, pg.bytes = nil, nil
	}
	return nil
}
