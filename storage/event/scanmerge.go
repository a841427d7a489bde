package event

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// run decodes the units, several at once, and yields their rows in order. It
// returns when no goroutine of the scan is left.
func (x *scanner) run(ctx context.Context, yield func(*model.Batch, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()

	// Results arrive in the order of the units. A scan with a limit begins
	// with one unit ahead, since that is often all it needs.
	ahead := x.gate.room() + 1
	if x.sc.Limit > 0 {
		ahead = 1
	}
	var pending []chan result
	launched := 0
	next := func() (result, error) {
		for launched < len(x.units) && len(pending) < ahead {
			u, ch := x.units[launched], make(chan result, 1)
			launched++
			pending = append(pending, ch)
			wg.Go(func() {
				if err := x.gate.enter(ctx); err != nil {
					ch <- result{err: ctx.Err()}
					return
				}
				defer x.gate.leave(ctx)
				if err := ctx.Err(); err != nil {
					ch <- result{err: err}
					return
				}
				ch <- x.decodeOrPanicLater(u)
			})
		}
		ahead = min(ahead+1, x.gate.room()+1)
		res := <-pending[0]
		pending = pending[1:]
		if res.panicked != nil {
			panic(res.panicked)
		}
		return res, res.err
	}

	var open []*result // with rows left, in append order
	left := x.sc.Limit
	for taken := 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Whatever unit may hold the next row must be open.
		for taken < len(x.units) && x.needs(open, x.units[taken]) {
			taken++
			res, err := next()
			x.stats.Add(res.stats)
			if err != nil {
				return err
			}
			if most := x.sc.MaxBytes; most > 0 && x.stats.BytesScanned > most {
				return fmt.Errorf("more than %d: %w", most, storage.ErrTooManyBytes)
			}
			if res.batch != nil {
				at, _ := slices.BinarySearchFunc(open, res.order, func(r *result, o [2]uint64) int { return compareOrder(r.order, o) })
				open = slices.Insert(open, at, &res)
			}
		}
		if len(open) == 0 {
			return nil
		}
		var bound *unit
		if taken < len(x.units) {
			bound = &x.units[taken]
		}
		b := x.take(open, bound, left)
		open = slices.DeleteFunc(open, func(r *result) bool { return r.next == r.batch.Len() })
		x.stats.RowsYielded += int64(b.Len())
		if !yield(b, nil) {
			return nil
		}
		if x.sc.Limit > 0 {
			if left -= b.Len(); left == 0 {
				return nil
			}
		}
	}
}

// decodeOrPanicLater is decode, but hands a panic to the goroutine of the scan:
// there it fails one query, here it would end the process.
func (x *scanner) decodeOrPanicLater(u unit) (res result) {
	defer func() {
		if v := recover(); v != nil {
			res = result{panicked: fmt.Errorf("decode granule: %v\n%s", v, debug.Stack())}
		}
	}()
	return x.decode(u)
}

func compareOrder(a, b [2]uint64) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// needs reports whether u may hold a row that comes before one of those open,
// or ties with it.
func (x *scanner) needs(open []*result, u unit) bool {
	if len(open) == 0 {
		return true
	}
	first := x.first(open)
	t := first.batch.Time[first.next]
	if x.sc.Reverse {
		return u.maxTime >= t
	}
	return u.minTime <= t
}

// first returns the result with the next row: by time, then append order.
func (x *scanner) first(open []*result) *result {
	best := open[0]
	for _, r := range open[1:] {
		if x.before(r.batch.Time[r.next], best.batch.Time[best.next]) ||
			x.sc.Reverse && r.batch.Time[r.next] == best.batch.Time[best.next] {
			best = r
		}
	}
	return best
}

func (x *scanner) before(a, b int64) bool {
	if x.sc.Reverse {
		return a > b
	}
	return a < b
}

// take merges the rows that come before every row of bound, which is nil if
// no unit is left: at most a granule of them, and at most left unless 0.
func (x *scanner) take(open []*result, bound *unit, left int) *model.Batch {
	most := granuleRows
	if left > 0 {
		most = min(most, left)
	}
	ready := func(t int64) bool {
		switch {
		case bound == nil:
			return true
		case x.sc.Reverse:
			return t > bound.maxTime
		}
		return t < bound.minTime
	}
	if r := open[0]; len(open) == 1 && r.next == 0 && r.batch.Len() <= most && ready(r.batch.Time[r.batch.Len()-1]) {
		r.next = r.batch.Len()
		return r.batch
	}
	srcs := make([]*model.Batch, len(open))
	src := make(map[*result]uint32, len(open))
	for i, r := range open {
		srcs[i], src[r] = r.batch, uint32(i)
	}
	var picks []pick
	rest := slices.Clone(open)
	for len(rest) > 0 && len(picks) < most {
		r := x.first(rest)
		if !ready(r.batch.Time[r.next]) {
			break
		}
		picks = append(picks, pick{src[r], uint32(r.next)})
		if r.next++; r.next == r.batch.Len() {
			rest = slices.DeleteFunc(rest, func(o *result) bool { return o == r })
		}
	}
	return gather(x.sc.Signal, srcs, picks, x.sc.Project)
}
