package event

import (
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// evaluate returns the rows of b in r that f keeps, ascending. keep says which
// streams f wants; nil means all. Columns are decoded step by step, and not at
// all once no row is left.
func (f *filter) evaluate(b *block, r model.Range, keep []bool) ([]uint32, error) {
	sel, err := f.rows(b, r, keep, b.within(r))
	if err != nil {
		return nil, err
	}
	return b.visible(sel)
}

// rows is evaluate, with rows that are hidden. inRange says that all times are
// in r.
func (f *filter) rows(b *block, r model.Range, keep []bool, inRange bool) ([]uint32, error) {
	sel, steps, err := f.narrowCut(b)
	if err != nil || sel != nil && len(sel) == 0 {
		return nil, err
	}
	if sel == nil {
		sel = b.everyRow()
	}
	if !inRange {
		if err := b.loadTimes(); err != nil {
			return nil, err
		}
		n := 0
		for _, i := range sel {
			if r.Contains(b.batch.Time[i]) {
				sel[n] = i
				n++
			}
		}
		sel = sel[:n]
	}
	if keep != nil && len(sel) > 0 {
		if err := b.loadStreams(); err != nil {
			return nil, err
		}
		n := 0
		for _, i := range sel {
			sel[n] = i
			if keep[b.batch.StreamOf[i]] {
				n++
			}
		}
		sel = sel[:n]
	}
	if len(sel) == 0 || len(steps) == 0 {
		return sel, nil
	}
	return narrowSteps(b, steps, sel)
}

// within reports whether all times of b are known to be in r.
func (b *block) within(r model.Range) bool {
	if b.part == nil {
		return false
	}
	g := b.part.meta.Granules[b.number]
	return r.Contains(g.MinTime) && r.Contains(g.MaxTime)
}

// narrowSteps returns the rows of sel that every step keeps.
func narrowSteps(b *block, steps []step, sel []uint32) ([]uint32, error) {
	sel, err := b.ofHalf(sel)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		if len(sel) == 0 {
			break
		}
		if s.ids != nil && b.batch.Spans != nil {
			if sel, err = b.ofTraces(s.ids, sel); err != nil {
				return nil, err
			}
			continue
		}
		if s.coded && b.part != nil {
			var err error
			if sel, err = b.narrowCoded(s.field, s.p, sel); err != nil {
				return nil, err
			}
			continue
		}
		if kept, ok, err := s.narrowBoth(b, sel); err != nil {
			return nil, err
		} else if ok {
			sel = kept
			continue
		}
		if s.streams {
			if err := b.loadStreams(); err != nil {
				return nil, err
			}
		}
		reads := s.reads
		reads.Body = false // predicates on bodies read no more of them than they must
		if err := b.load(reads); err != nil {
			return nil, err
		}
		if sel = narrow(b, s.p, sel); b.err != nil {
			return nil, b.err
		}
	}
	return sel, nil
}

// narrow returns the rows of sel, which is ascending, that p keeps. It gives
// the same answers as storage.Matcher, a column at a time. An error is left in
// b.
func narrow(b *block, p storage.Predicate, sel []uint32) []uint32 {
	if len(sel) == 0 {
		return sel
	}
	switch p := p.(type) {
	case storage.And:
		for _, q := range p {
			sel = narrow(b, q, sel)
		}
		return sel
	case storage.Or:
		if ids, ok := traceIDs(p); ok && b.batch.Spans != nil {
			if len(ids) == 0 { // the column may not have been read
				return nil
			}
			return sift(sel, isOneOf(ids, b.batch.Spans.TraceID))
		}
		var kept []uint32
		for _, q := range p {
			more := narrow(b, q, sel)
			kept = union(kept, more)
			sel = minus(sel, more)
		}
		return kept
	case storage.Not:
		return minus(sel, narrow(b, p.P, sel))
	}
	if streamOnly(p) {
		keep := matchStreams(p, b.batch.Streams)
		return sift(sel, func(i uint32) bool { return keep[b.batch.StreamOf[i]] })
	}
	if f := fieldOf(p); f.Place == storage.Body || ofBody(f.Place) {
		kept, err := b.narrowBody(f, p, sel)
		if err != nil && b.err == nil {
			b.err = err
		}
		return kept
	}
	if p, ok := p.(storage.Compare); ok {
		switch p.Field.Place {
		case storage.TraceID:
			if p.Op == storage.Eq && b.batch.Spans != nil {
				ids, _ := traceIDs(p)
				return sift(sel, func(i uint32) bool { return slices.Contains(ids, b.batch.Spans.TraceID[i]) })
			}
		case storage.Duration:
			if p.Value.Kind() == model.KindInt && b.batch.Spans != nil {
				want := p.Value.Int64()
				return sift(sel, func(i uint32) bool { return p.Op.Holds(compareInt(b.batch.Spans.Duration[i], want)) })
			}
		}
	}
	m := storage.NewMatcher(p)
	return sift(sel, func(i uint32) bool { return m.Keep(&b.batch, int(i)) })
}

// isOneOf returns whether a row's trace is one of ids: TraceQL asks for
// hundreds at once.
func isOneOf(ids, rows []model.TraceID) func(uint32) bool {
	set := make(map[model.TraceID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return func(i uint32) bool { return set[rows[i]] }
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sift(sel []uint32, keep func(uint32) bool) []uint32 {
	out := make([]uint32, 0, min(len(sel), 256)) // most predicates keep few
	for _, i := range sel {
		if keep(i) {
			out = append(out, i)
		}
	}
	return out
}

// bodiesContain looks for the needle in all bodies at once when most are
// wanted, which for a rare needle is one pass at the speed of memory.
func bodiesContain(b *block, needle string, sel []uint32) []uint32 {
	body := b.batch.Body
	if b.bodies == "" || needle == "" || 2*len(sel) < len(body) {
		return sift(sel, func(i uint32) bool { return strings.Contains(body[i], needle) })
	}
	var hits []uint32
	row, end := 0, len(body[0]) // end of row's body
	for at := 0; ; {
		i := strings.Index(b.bodies[at:], needle)
		if i < 0 {
			break
		}
		at += i
		for at >= end {
			row++
			end += len(body[row])
		}
		if at+len(needle) > end { // across two bodies
			at++
			continue
		}
		hits = append(hits, uint32(row))
		if at = end; row+1 == len(body) {
			break
		}
		row++
		end += len(body[row])
	}
	if len(sel) == len(body) {
		return hits
	}
	return intersect(sel, hits)
}

// The sets below are ascending lists of rows.

func union(a, b []uint32) []uint32 {
	if len(a) == 0 {
		return b
	}
	out := make([]uint32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func minus(a, b []uint32) []uint32 {
	out := make([]uint32, 0, len(a))
	for _, x := range a {
		for len(b) > 0 && b[0] < x {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != x {
			out = append(out, x)
		}
	}
	return out
}

func intersect(a, b []uint32) []uint32 {
	out := make([]uint32, 0, min(len(a), len(b)))
	for _, x := range a {
		for len(b) > 0 && b[0] < x {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == x {
			out = append(out, x)
		}
	}
	return out
}
