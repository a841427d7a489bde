package metric

import (
	"container/heap"
	"slices"
)

// A top keeps the largest of what it is shown.
type top[T any] struct {
	most    int
	compare func(a, b T) int
	kept    []T // a heap, the smallest first
}

func newTop[T any](most int, compare func(a, b T) int) *top[T] {
	return &top[T]{most: most, compare: compare}
}

func (t *top[T]) add(x T) {
	switch {
	case len(t.kept) < t.most:
		heap.Push(t, x)
	case t.most > 0 && t.compare(x, t.kept[0]) > 0:
		t.kept[0] = x
		heap.Fix(t, 0)
	}
}

// sorted returns what was kept, the largest first. t is used up.
func (t *top[T]) sorted() []T {
	slices.SortFunc(t.kept, func(a, b T) int { return t.compare(b, a) })
	return t.kept
}

// Len implements heap.Interface, as the four methods below it do.
func (t *top[T]) Len() int           { return len(t.kept) }
func (t *top[T]) Less(i, j int) bool { return t.compare(t.kept[i], t.kept[j]) < 0 }
func (t *top[T]) Swap(i, j int)      { t.kept[i], t.kept[j] = t.kept[j], t.kept[i] }
func (t *top[T]) Push(x any)         { t.kept = append(t.kept, x.(T)) }
func (t *top[T]) Pop() any {
	x := t.kept[len(t.kept)-1]
	t.kept = t.kept[:len(t.kept)-1]
	return x
}
