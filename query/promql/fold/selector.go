package fold

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A selector is a vector selector: the value of a series at a moment is that of
// its newest sample, if that is younger than lookback.
type selector struct {
	matchers []*labels.Matcher
	hints    *promstorage.SelectHints
	offset   int64
	lookback int64
	named    bool // the matchers say which metric
}

func (s *selector) distinct() bool { return s.named }

func (s *selector) each(ev *evaluation, yield func(*series) error) error {
	out := series{values: make([]float64, ev.steps)}
	var r reader
	missed := 0
	return eachStored(ev, s.hints, s.matchers, func(stored promstorage.Series) error {
		r.open(stored)
		count, whole := s.fill(ev, &r, out.values, missed < mostMissed)
		if !whole {
			missed++
			r.open(stored)
			count, _ = s.fill(ev, &r, out.values, false)
		}
		ev.seen += count
		ev.read += count
		if count == 0 || r.err != nil {
			return r.err
		}
		out.view = view{base: stored.Labels()}
		return yield(&out)
	})
}

// mostMissed is after how many series that leaping did not do for it is not tried
// with the next.
const mostMissed = 16

// fill finds the values of the series that r reads, and how many there are. It may
// leap over samples when there are several for each step, and then it has not seen
// the whole series if one is not where the distance of those before had it.
func (s *selector) fill(ev *evaluation, r *reader, values []float64, leap bool) (count int64, whole bool) {
	at := ev.grid.start - s.offset
	r.seek(at - s.lookback + 1)
	lastT, last := int64(-farAway), 0.0
	apart := int64(0) // a sample is taken to be in each time of that length
	for i := range values {
		switch {
		case r.t <= at-s.lookback:
			r.seek(at - s.lookback + 1)
		case apart > 0 && r.t < at-2*apart:
			if r.seek(at - apart + 1); r.t > at {
				return 0, false
			}
		}
		for r.t <= at {
			if leap && lastT > -farAway {
				if d := (r.t - lastT) * 5 / 4; apart == 0 || d < apart {
					apart = d
				}
			}
			lastT, last = r.t, r.v
			r.next()
		}
		if lastT > at-s.lookback && !value.IsStaleNaN(last) {
			values[i] = last
			count++
		} else {
			values[i] = absent
		}
		at += ev.grid.step
	}
	return count, true
}

// eachStored calls visit with each series that matches.
func eachStored(ev *evaluation, h *promstorage.SelectHints, matchers []*labels.Matcher, visit func(promstorage.Series) error) error {
	set := ev.querier.Select(ev.ctx, false, h, matchers...)
	for n := 0; set.Next(); n++ {
		if err := ev.stopped(n); err != nil {
			return err
		}
		s := set.At()
		if ls := s.Labels(); ls.Has(model.MetricTypeLabel) || ls.Has(model.MetricUnitLabel) {
			return errUnfit // these go with the name, and may be all that tells two series apart
		}
		if err := visit(s); err != nil {
			return err
		}
	}
	ev.annos.Merge(set.Warnings())
	if err := set.Err(); err != nil {
		return fmt.Errorf("expanding series: %w", err)
	}
	return nil
}

// A reader reads the floats of a series, and those of the next.
type reader struct {
	it  chunkenc.Iterator
	t   int64 // of the sample it is at, farAway after the last
	v   float64
	err error // errUnfit at a histogram
}

// open goes to before the first sample of a series.
func (r *reader) open(s promstorage.Series) {
	r.it = s.Iterator(r.it)
	r.t, r.err = -farAway, nil
}

func (r *reader) next()        { r.found(r.it.Next()) }
func (r *reader) seek(t int64) { r.found(r.it.Seek(t)) }

func (r *reader) found(kind chunkenc.ValueType) {
	if kind == chunkenc.ValFloat {
		r.t, r.v = r.it.At()
		return
	}
	r.t = farAway
	r.err = errUnfit
	if kind == chunkenc.ValNone {
		r.err = r.it.Err()
	}
}
