package fold

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/fair"
)

// A filler finds the values of one stored series after the other. It belongs to
// one goroutine.
type filler interface {
	// fill sets each of values, and reports whether some are not absent.
	fill(ev *evaluation, stored promstorage.Series, values []float64) (some bool, err error)
}

// A concurrent set of series may be one whose series are read at the same time.
type concurrent interface{ Concurrent() bool }

// A filled series has its values.
type filled struct {
	stored promstorage.Series
	values []float64
	some   bool
	err    error
}

const (
	batchValues = 1 << 16 // most values that wait to be taken in order
	batchSeries = 256
	fewSeries   = 16 // for fewer nobody else is called
)

// eachFilled calls visit with each series that matches and has values, in the
// order of storage. If their set says that they may be read at the same time,
// they are decoded by as many goroutines as there are processors to spare, a
// batch at a time, while the next batch is looked up. What is done with their
// values depends on the order, and is done by one.
func eachFilled(ev *evaluation, h *promstorage.SelectHints, matchers []*labels.Matcher, newFiller func() filler, visit func(promstorage.Series, []float64) error) error {
	set := ev.querier.Select(ev.ctx, false, h, matchers...)
	f := filling{ev: ev, newFiller: newFiller, visit: visit, most: 1, next: &batch{}, current: &batch{}}
	defer f.stop()
	if c, ok := set.(concurrent); ok && c.Concurrent() && ev.workers() > 1 {
		f.most = min(max(batchValues/max(ev.steps, 1), fewSeries), batchSeries)
	}
	if err := eachStored(ev, set, f.add); err != nil {
		return err
	}
	if err := f.turn(); err != nil {
		return err
	}
	return f.finish()
}

// A filling is under way: of one batch series are filled, of the next they are
// collected.
type filling struct {
	ev        *evaluation
	newFiller func() filler
	visit     func(promstorage.Series, []float64) error
	most      int // series in a batch

	current, next *batch
	shares        []share
}

// A batch is series to be filled.
type batch struct {
	series []filled // their values are used again
	n      int      // of series
	begun  atomic.Int64
	others sync.WaitGroup
	broken atomic.Pointer[error] // a panic, which in a goroutine would end the process
}

// A share is what one goroutine needs for its part of a batch.
type share struct {
	filler filler
	ev     evaluation // its own counts and annotations
}

func (f *filling) add(stored promstorage.Series) error {
	b := f.next
	if b.n == len(b.series) {
		b.series = append(b.series, filled{values: make([]float64, f.ev.steps)})
	}
	b.series[b.n].stored = stored
	if b.n++; b.n < f.most {
		return nil
	}
	return f.turn()
}

// turn ends with the current batch and begins with the next.
func (f *filling) turn() error {
	if err := f.finish(); err != nil {
		return err
	}
	f.current, f.next = f.next, f.current
	b := f.current
	b.begun.Store(0)
	workers := 1
	if b.n >= fewSeries {
		workers = f.ev.workers()
	}
	for len(f.shares) < workers {
		f.shares = append(f.shares, share{filler: f.newFiller()})
	}
	for i := range f.shares {
		s := &f.shares[i]
		s.ev = *f.ev
		s.ev.annos, s.ev.read, s.ev.seen = nil, 0, 0
		if i > 0 && i < workers {
			b.others.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						err := fmt.Errorf("unexpected error: %v\n%s", v, debug.Stack())
						b.broken.Store(&err)
					}
				}()
				if leave, ok := fair.Join(s.ev.ctx); ok {
					defer leave()
					b.fill(s, func() {}) // a batch is a few milliseconds
				}
			})
		}
	}
	return nil
}

// finish fills what is left of the current batch, and has its series visited.
func (f *filling) finish() error {
	b := f.current
	if b.n == 0 {
		return nil
	}
	b.fill(&f.shares[0], func() { fair.Pause(f.ev.ctx) })
	b.others.Wait()
	if err := b.broken.Load(); err != nil {
		return *err
	}
	for i := range f.shares {
		f.ev.merge(&f.shares[i].ev)
	}
	n := b.n
	b.n = 0
	for i := range b.series[:n] {
		s := &b.series[i]
		stored := s.stored
		s.stored = nil
		if s.err != nil {
			return s.err
		}
		if !s.some {
			continue
		}
		if err := f.visit(stored, s.values); err != nil {
			return err
		}
	}
	return nil
}

// stop has the others end, if the evaluation ends early.
func (f *filling) stop() {
	f.current.begun.Store(int64(f.current.n))
	f.current.others.Wait()
}

// fill fills one series after the other until there are no more, and lets others
// go first now and then.
func (b *batch) fill(s *share, pause func()) {
	for n := 1; ; n++ {
		if n%stopEvery == 0 {
			pause()
		}
		i := int(b.begun.Add(1)) - 1
		if i >= b.n {
			return
		}
		f := &b.series[i]
		f.some, f.err = s.filler.fill(&s.ev, f.stored, f.values)
	}
}

// merge adds what another has counted, which began as a copy.
func (ev *evaluation) merge(o *evaluation) {
	ev.annos.Merge(o.annos)
	ev.read += o.read
	ev.seen += o.seen
	ev.peak = max(ev.peak, o.peak) // as if there were no others
}
