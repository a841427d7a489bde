package query

import "context"

// A Narrowing is what the queries of one tenant or token may cost, within what
// everybody's may.
type Narrowing struct {
	Limits // fields that are 0 narrow nothing

	// Used is told, often and maybe by several goroutines, how much a query has
	// used so far of what bounds it.
	Used func(Usage)
}

// A Usage is what a query has used; what is not told is 0.
type Usage struct {
	Rows, Bytes, Memory, Samples int64 // as in Limits.MaxRows and so on
}

type narrowKey struct{}

// WithNarrowing returns a context whose queries are held to n, too.
func WithNarrowing(ctx context.Context, n *Narrowing) context.Context {
	return context.WithValue(ctx, narrowKey{}, n)
}

// In returns the limits of a query in ctx.
func (l Limits) In(ctx context.Context) Limits {
	n, _ := ctx.Value(narrowKey{}).(*Narrowing)
	if n == nil {
		return l
	}
	l.narrowing = n
	narrow(&l.Timeout, n.Timeout)
	narrow(&l.MaxSamples, n.MaxSamples)
	narrow(&l.MaxRows, n.MaxRows)
	narrow(&l.MaxBytes, n.MaxBytes)
	narrow(&l.MaxMemory, n.MaxMemory)
	return l
}

func narrow[N ~int | ~int64](n *N, to N) {
	if to > 0 && (*n == 0 || to < *n) {
		*n = to
	}
}

// Used tells whoever narrows l what a query has used.
func (l Limits) Used(u Usage) {
	if l.narrowing != nil {
		l.narrowing.Used(u)
	}
}
