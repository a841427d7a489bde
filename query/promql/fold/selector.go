package fold

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
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
	var out series
	newFiller := func() filler { return &moments{selector: s} }
	return eachFilled(ev, s.hints, s.matchers, newFiller, func(stored promstorage.Series, values []float64) error {
		out.view, out.values = view{base: stored.Labels()}, values
		return yield(&out)
	})
}

// moments are those of one series after the other.
type moments struct {
	*selector
	reader reader
	missed int // series that leaping did not do for
}

// fill implements filler.
func (m *moments) fill(ev *evaluation, stored promstorage.Series, values []float64) (some bool, err error) {
	r := &m.reader
	r.open(stored)
	count, whole := m.read(ev, r, values, m.missed < mostMissed)
	if !whole {
		m.missed++
		r.open(stored)
		count, _ = m.read(ev, r, values, false)
	}
	ev.seen += count
	ev.read += count
	return count > 0, r.err
}

// mostMissed is after how many series that leaping did not do for it is not tried
// with the next.
const mostMissed = 16

// read finds the values of the series that r reads, and how many there are. It may
// leap over samples when there are several for each step, and then it has not seen
// the whole series if one is not where the distance of those before had it.
func (s *selector) read(ev *evaluation, r *reader, values []float64, leap bool) (count int64, whole bool) {
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
func eachStored(ev *evaluation, set promstorage.SeriesSet, visit func(promstorage.Series) error) error {
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
