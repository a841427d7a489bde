package event

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Scan implements query.EventSource.
func (s *Store) Scan(ctx context.Context, sc storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		t := s.table(sc.Signal)
		if t == nil {
			yield(nil, fmt.Errorf("scan signal %v: %w", sc.Signal, fault.ErrInvalid))
			return
		}
		snap := t.snapshot()
		defer snap.release()
		for b, err := range s.scan(ctx, t, snap, sc) {
			if !yield(b, err) {
				return
			}
		}
	}
}

// scan is Scan of what is in a snapshot.
func (s *Store) scan(ctx context.Context, t *table, snap *snapshot, sc storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		ctx, done := t.observe(ctx, "event scan", sc.Where, sc.Stats)
		start := time.Now()
		x := &scanner{t: t, sc: sc, filter: newFilter(sc.Where), gate: s.gateFor(ctx), scratches: &s.scratches}
		err := x.plan(ctx, snap)
		x.stats.PlanTime = time.Since(start)
		if err == nil {
			err = x.run(ctx, yield)
		}
		done(x.stats, err)
		if err != nil {
			yield(nil, err)
		}
	}
}

// A unit is a granule or chunk that may hold rows of a scan.
type unit struct {
	order   [2]uint64 // append order among units: segment, then number within
	minTime int64
	maxTime int64
	keep    []bool // streams wanted; nil means all
	chunk   *chunk // of a head,
	streams []*model.Stream
	part    *part // or of a part
	number  int
	hidden  []hide // rows that are in no answer
	half    half   // other rows do not fit the predicate
	filter  *filter
}

// A scanner runs one scan.
type scanner struct {
	t         *table
	sc        storage.Scan
	filter    *filter
	gate      gate
	scratches *scratches
	units     []unit
	stats     storage.Stats
}

// A result is what a unit gave: its rows in the order of the scan.
type result struct {
	order [2]uint64
	batch *model.Batch
	stats storage.Stats
	err   error
	next  int // row to be yielded next

	panicked error // what a bug of ours said, and where; nil without one
}

// decode evaluates one unit.
func (x *scanner) decode(u unit) result {
	if u.part != nil {
		u.part.enter()
		defer u.part.leave()
	}
	start := time.Now()
	res := result{order: u.order}
	b, err := x.open(u)
	defer x.scratches.takeBack(b)
	var sel []uint32
	if err == nil {
		sel, err = u.filter.evaluate(b, x.sc.Range, u.keep)
	}
	if err == nil && len(sel) > 0 {
		res.batch, err = x.yielded(b, u, sel)
	}
	if b != nil {
		res.stats.BytesScanned = b.bytes
		res.stats.RowsScanned = int64(b.rows)
		res.stats.Granules = 1
		res.stats.ReadTime = b.reading
		res.stats.FilterTime = time.Since(start) - b.reading
	}
	if err != nil {
		res.batch, res.err = nil, x.t.corrupt(u.part, err)
	}
	return res
}

// yielded returns the rows of sel that the scan may yield, in its order.
func (x *scanner) yielded(b *block, u unit, sel []uint32) (*model.Batch, error) {
	if u.chunk != nil { // chunks are in append order
		slices.SortStableFunc(sel, func(i, j uint32) int { return cmp.Compare(b.batch.Time[i], b.batch.Time[j]) })
	}
	if most := x.sc.Limit; most > 0 && len(sel) > most {
		if x.sc.Reverse {
			sel = sel[len(sel)-most:]
		} else {
			sel = sel[:most]
		}
	}
	out, err := b.pick(sel, x.sc.Project)
	if err != nil || !x.sc.Reverse {
		return out, err
	}
	back := make([]pick, len(sel))
	for i := range back {
		back[i].row = uint32(len(sel) - 1 - i)
	}
	return gather(x.sc.Signal, []*model.Batch{out}, back, x.sc.Project), nil
}

func (x *scanner) open(u unit) (*block, error) {
	if u.chunk == nil {
		if u.part.unfit.Load() {
			return nil, errUnfit
		}
		b, err := newBlock(u.part, x.sc.Signal, u.number)
		if b != nil {
			b.hidden, b.half = u.hidden, u.half
			x.scratches.lend(b)
		}
		return b, err
	}
	b := chunkBlock(u.chunk, u.streams)
	b.hidden = u.hidden
	return b, nil
}
