package event

import (
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A hiding takes rows out of every answer while their bytes are still there: a
// delete, or what is over the retention of its stream.
type hiding struct {
	// Of a delete: its number, which is the last segment whose rows it is
	// about, when it was made, and what it said. A retention has number 0 and
	// is about every segment.
	number  uint64
	created time.Time
	where   storage.Predicate

	over   model.Range
	filter *filter // of where
}

// concerns reports whether h may hide rows of segments up to last, from which
// the rows of deletes up to done are gone.
func (h *hiding) concerns(last, done uint64, minTime, maxTime int64) bool {
	return (h.number == 0 || last <= h.number && done < h.number) && h.over.Overlaps(minTime, maxTime)
}

// A hide is a hiding as far as it concerns one part or head.
type hide struct {
	*hiding
	keep []bool // streams that it hides rows of; nil means all
}

// drop removes from sel, which is ascending, the rows of b that h hides.
func (h hide) drop(b *block, sel []uint32) ([]uint32, error) {
	if err := b.loadTimes(); err != nil {
		return nil, err
	}
	if h.keep != nil {
		if err := b.loadStreams(); err != nil {
			return nil, err
		}
	}
	mine := sift(sel, func(i uint32) bool {
		return h.over.Contains(b.batch.Time[i]) && (h.keep == nil || h.keep[b.batch.StreamOf[i]])
	})
	mine, err := narrowSteps(b, h.filter.steps, mine)
	if err != nil {
		return nil, err
	}
	return minus(sel, mine), nil
}

// visible removes from sel the rows of b that are hidden.
func (b *block) visible(sel []uint32) ([]uint32, error) {
	var err error
	for _, h := range b.hidden {
		if len(sel) == 0 {
			break
		}
		if sel, err = h.drop(b, sel); err != nil {
			return nil, err
		}
	}
	return sel, nil
}

// A verdict is what is known of a hiding and a part.
type verdict struct {
	nothing bool   // it hides no row of the part
	some    bool   // it hides at least one
	keep    []bool // see hide
	rows    int64  // of these streams in the part
}

// hiddenBy returns what the hidings hide of p; nothing means that the numbers
// in p's files are exact. p is entered.
func (p *part) hiddenBy(hidings []*hiding) ([]hide, error) {
	var out []hide
	for _, h := range hidings {
		if !h.concerns(p.meta.Segments[1], p.meta.Deletes, p.meta.MinTime, p.meta.MaxTime) {
			continue
		}
		v, known := p.verdict(h)
		if !known {
			t, err := p.streams()
			if err != nil {
				return nil, err
			}
			v.keep, v.nothing = h.filter.keepStreams(t.streams)
			for i, n := range t.rows {
				if v.keep == nil || v.keep[i] {
					v.rows += n
				}
			}
			p.judge(h, v)
		}
		if !v.nothing {
			out = append(out, hide{h, v.keep})
		}
	}
	return out, nil
}

func (p *part) verdict(h *hiding) (verdict, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.verdicts[h]
	return v, ok
}

// judge notes what is known of h and p, and forgets hidings that are no more.
func (p *part) judge(h *hiding, v verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verdicts == nil || len(p.verdicts) > 1000 {
		p.verdicts = map[*hiding]verdict{}
	}
	p.verdicts[h] = v
}

// hiddenBy returns what the hidings hide of the head.
func (h headView) hiddenBy(hidings []*hiding) []hide {
	var out []hide
	for _, hd := range hidings {
		if h.rows > 0 && hd.concerns(h.segment, 0, h.minTime, h.maxTime) {
			if keep, none := hd.filter.keepStreams(h.streams); !none {
				out = append(out, hide{hd, keep})
			}
		}
	}
	return out
}

// exact reports whether nothing of the parts and heads that overlap r is
// hidden, so that the keys that they list are those of rows that answers have.
func (t *table) exact(s *snapshot, r model.Range) (bool, error) {
	for _, h := range s.heads {
		if r.Overlaps(h.minTime, h.maxTime) && len(h.hiddenBy(s.hidings)) > 0 {
			return false, nil
		}
	}
	for _, p := range s.parts {
		if p.unfit.Load() || !r.Overlaps(p.meta.MinTime, p.meta.MaxTime) {
			continue
		}
		p.enter()
		hidden, err := p.hiddenBy(s.hidings)
		p.leave()
		if err = t.corrupt(p, err); err != nil || len(hidden) > 0 {
			return false, err
		}
	}
	return true, nil
}

// visibleStreams returns the stream table of p, and of each stream the rows
// that are not hidden.
func (t *table) visibleStreams(p *part, hidings []*hiding) (*streamTable, []int64, error) {
	p.enter()
	defer p.leave()
	table, err := p.streams()
	if err != nil {
		return nil, nil, err
	}
	hidden, err := p.hiddenBy(hidings)
	if err != nil || len(hidden) == 0 {
		return table, table.rows, err
	}
	rows, err := t.visibleRows(p, hidden, table.rows)
	return table, rows, err
}

// visibleRows returns the rows of each stream that are not hidden, of a part
// with so many. p is entered.
func (t *table) visibleRows(p *part, hidden []hide, rows []int64) ([]int64, error) {
	var slow []hide
	gone := make([]bool, len(rows))
	for _, h := range hidden {
		if len(h.filter.steps) > 0 || !h.over.Contains(p.meta.MinTime) || !h.over.Contains(p.meta.MaxTime) {
			slow = append(slow, h)
			continue
		}
		for i := range gone {
			gone[i] = gone[i] || h.keep == nil || h.keep[i]
		}
	}
	rows = slices.Clone(rows)
	for i, g := range gone {
		if g {
			rows[i] = 0
		}
	}
	for g, m := range p.meta.Granules {
		if !slices.ContainsFunc(slow, func(h hide) bool { return h.over.Overlaps(m.MinTime, m.MaxTime) }) {
			continue
		}
		b, err := openBlock(p, t.signal, g)
		if err != nil {
			return nil, err
		}
		b.hidden = slow
		if err := subtractHidden(b, gone, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// visibleRows returns the rows of each stream that are not hidden.
func (h headView) visibleRows(hidden []hide) ([]int64, error) {
	if len(hidden) == 0 {
		return h.perRow, nil
	}
	rows := slices.Clone(h.perRow)
	gone := make([]bool, len(rows))
	for _, c := range h.chunks {
		b := chunkBlock(c, h.streams)
		b.hidden = hidden
		if err := subtractHidden(b, gone, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// subtractHidden takes the hidden rows of b off the count of their streams,
// but for streams that are gone already.
func subtractHidden(b *block, gone []bool, rows []int64) error {
	all := make([]uint32, b.rows)
	for i := range all {
		all[i] = uint32(i)
	}
	left, err := b.visible(all)
	if err != nil {
		return err
	}
	for _, i := range minus(all, left) {
		if s := b.batch.StreamOf[i]; !gone[s] {
			rows[s]--
		}
	}
	return nil
}
