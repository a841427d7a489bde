package event

import (
	"sync"

	"github.com/oriel-obs/oriel/model"
)

// A scratch is room for arrays by row of one block at a time, and the pages
// that it has read. All that is gone once the block gives it back: whatever
// leaves a block is copied.
type scratch struct {
	ints  []int32
	longs []int64
	rows  []uint32
	bytes []byte
	vals  []model.Value

	held []heldColumn

	// How many of them are taken.

	usedInts, usedLongs, usedRows, usedBytes, usedVals int
}

// maxScratch is how many bytes a scratch keeps for the next block, and the most
// that it gives out at once: pages of ordinary lines are much smaller.
const maxScratch = 8 << 20

// A heldColumn is a column with its pages.
type heldColumn struct {
	leaf  int
	pages []*page
}

// hold keeps the pages of a column until the block ends.
func (s *scratch) hold(leaf int, pages []*page) {
	if s != nil {
		s.held = append(s.held, heldColumn{leaf, pages})
	}
}

// pages returns the pages of a column, if they are held.
func (s *scratch) pages(leaf int) ([]*page, bool) {
	if s == nil {
		return nil, false
	}
	for _, h := range s.held {
		if h.leaf == leaf {
			return h.pages, true
		}
	}
	return nil, false
}

// takeBytes returns n bytes, not cleared, at an address that suits any type.
func (s *scratch) takeBytes(n int) []byte {
	if s == nil || n > maxScratch {
		return make([]byte, n)
	}
	return take(&s.bytes, &s.usedBytes, (n+7)&^7)[:n:n]
}

// takeInts returns n integers, not cleared.
func (s *scratch) takeInts(n int) []int32 {
	if s == nil {
		return make([]int32, n)
	}
	return take(&s.ints, &s.usedInts, n)
}

// takeLongs returns n integers, not cleared.
func (s *scratch) takeLongs(n int) []int64 {
	if s == nil {
		return make([]int64, n)
	}
	return take(&s.longs, &s.usedLongs, n)
}

// takeValues returns n values, not cleared.
func (s *scratch) takeValues(n int) []model.Value {
	if s == nil {
		return make([]model.Value, n)
	}
	return take(&s.vals, &s.usedVals, n)
}

// takeRows returns n numbers of rows, or the like, not cleared.
func (s *scratch) takeRows(n int) []uint32 {
	if s == nil {
		return make([]uint32, n)
	}
	return take(&s.rows, &s.usedRows, n)
}

// take cuts n values off what is not used of from.
func take[T any](from *[]T, used *int, n int) []T {
	if *used+n > len(*from) { // what was taken keeps the old array
		*from, *used = make([]T, max(2*len(*from), 2*n)), 0
	}
	start := *used
	*used += n
	return (*from)[start:*used:*used]
}

// scratches are those that no block uses.
type scratches struct{ pool sync.Pool }

// lend gives b a scratch until takeBack; without scratches b allocates.
func (s *scratches) lend(b *block) {
	if s == nil {
		return
	}
	var ok bool
	if b.scratch, ok = s.pool.Get().(*scratch); !ok {
		b.scratch = &scratch{}
	}
}

// takeBack ends what lend began; nothing of b is used any more.
func (s *scratches) takeBack(b *block) {
	if b == nil || b.scratch == nil {
		return
	}
	b.scratch.usedInts, b.scratch.usedLongs, b.scratch.usedRows, b.scratch.usedBytes, b.scratch.usedVals = 0, 0, 0, 0, 0
	if len(b.scratch.bytes) > maxScratch {
		b.scratch.bytes = nil
	}
	clear(b.scratch.held)
	b.scratch.held = b.scratch.held[:0]
	s.pool.Put(b.scratch)
	b.scratch = nil
}
