package event

import (
	"errors"
	"math"

	"github.com/oriel-obs/oriel/model"
)

// A mergeReader yields the visible rows of parts in order: by time, ties in
// append order. It holds at most one granule of each part and the rows of one
// granule more.
type mergeReader struct {
	signal  model.Signal
	sources []*mergeSource // in append order

	srcs  []*model.Batch // of picks
	picks []pick

	scratches scratches
	spent     []*block // whose rows are picked or gone
}

// A mergeSource is a part that is being read.
type mergeSource struct {
	p      *part
	hidden []hide
	number int      // of the granule that is open, or the next one
	block  *block   // nil before the first
	rows   []uint32 // of block that are left; empty if none is open
	src    int      // of block's batch in mergeReader.srcs, plus one
	bytes  int64    // decoded
}

// newMergeReader starts on a job.
func newMergeReader(j *mergeJob) (*mergeReader, error) {
	m := &mergeReader{signal: j.t.signal}
	for _, p := range j.sources {
		hidden, err := p.hiddenBy(j.hidings)
		if err != nil {
			return nil, j.bad(p, err)
		}
		m.sources = append(m.sources, &mergeSource{p: p, hidden: hidden})
	}
	return m, nil
}

// time returns the time of s's next row, or a lower bound of it; ok is false
// at the end.
func (s *mergeSource) time() (t int64, ok bool) {
	switch {
	case len(s.rows) > 0:
		return s.block.batch.Time[s.rows[0]], true
	case s.number < len(s.p.meta.Granules):
		return s.p.meta.Granules[s.number].MinTime, true
	}
	return 0, false
}

// open decodes the next granule of s.
func (m *mergeReader) open(s *mergeSource) error {
	if s.block != nil {
		m.spent = append(m.spent, s.block)
	}
	b, err := newBlock(s.p, m.signal, s.number)
	if err != nil {
		return err
	}
	m.scratches.lend(b)
	b.hidden = s.hidden
	if err = errors.Join(b.loadTimes(), b.loadStreams()); err == nil {
		s.rows, err = b.visible(b.everyRow())
	}
	if err == nil && len(s.rows) > 0 {
		err = b.load(columnsOf(nil))
	}
	s.block, s.src = b, 0
	s.bytes += b.bytes
	s.number++
	return err
}

// next returns up to granuleRows rows, fewer only at the end, and nil after
// it. An error is of the part that is returned too.
func (m *mergeReader) next() (*model.Batch, *part, error) {
	m.srcs, m.picks = m.srcs[:0], m.picks[:0]
	for _, b := range m.spent {
		m.scratches.takeBack(b)
	}
	m.spent = m.spent[:0]
	for _, s := range m.sources {
		s.src = 0
	}
	for len(m.picks) < granuleRows {
		s, bound, tie := m.first()
		if s == nil {
			break
		}
		if len(s.rows) == 0 {
			if err := m.open(s); err != nil {
				return nil, s.p, err
			}
			continue
		}
		m.take(s, bound, tie)
	}
	if len(m.picks) == 0 {
		return nil, nil, nil
	}
	return gather(m.signal, m.srcs, m.picks, nil), nil, nil
}

// first returns the source with the next row, nil at the end. Rows of it before
// bound come before those of the others, and with tie those at bound too.
func (m *mergeReader) first() (s *mergeSource, bound int64, tie bool) {
	var least int64
	at := -1
	for i, o := range m.sources {
		if t, ok := o.time(); ok && (at < 0 || t < least) {
			at, least = i, t
		}
	}
	if at < 0 {
		return nil, 0, false
	}
	bound, tie = math.MaxInt64, true
	for i, o := range m.sources {
		t, ok := o.time()
		switch {
		case !ok || i == at:
		case t < bound:
			bound, tie = t, at < i
		case t == bound:
			tie = tie && at < i
		}
	}
	return m.sources[at], bound, tie
}

// take picks the rows of s that come first.
func (m *mergeReader) take(s *mergeSource, bound int64, tie bool) {
	if s.src == 0 {
		m.srcs = append(m.srcs, &s.block.batch)
		s.src = len(m.srcs)
	}
	for len(s.rows) > 0 && len(m.picks) < granuleRows {
		t := s.block.batch.Time[s.rows[0]]
		if t > bound || t == bound && !tie {
			return
		}
		m.picks = append(m.picks, pick{uint32(s.src - 1), s.rows[0]})
		s.rows = s.rows[1:]
	}
}
