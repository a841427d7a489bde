package event

import "sync"

// A scratch is room for arrays by row of one block at a time. What is in them
// is gone once the block gives it back: whatever leaves a block is copied.
type scratch struct {
	ints []int32
	rows []uint32

	// How many of them are taken.

	usedInts, usedRows int
}

// takeInts returns n integers, not cleared.
func (s *scratch) takeInts(n int) []int32 {
	if s == nil {
		return make([]int32, n)
	}
	return take(&s.ints, &s.usedInts, n)
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
	b.scratch.usedInts, b.scratch.usedRows = 0, 0
	s.pool.Put(b.scratch)
	b.scratch = nil
}
