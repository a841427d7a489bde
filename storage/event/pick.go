package event

import (
	"errors"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// pick returns a batch of the rows of sel, which is ascending, with what p
// names. Of columns that the block does not hold yet no more is decoded than
// these rows take.
func (b *block) pick(sel []uint32, p *storage.Projection) (*model.Batch, error) {
	b.few = fewRows*len(sel) <= b.rows
	if err := errors.Join(b.loadTimes(), b.loadStreams()); err != nil {
		return nil, err
	}
	picks := make([]pick, len(sel))
	for i, row := range sel {
		picks[i] = pick{0, row}
	}
	if b.part == nil {
		return gather(b.batch.Signal, []*model.Batch{&b.batch}, picks, p), nil
	}
	c := columnsOf(p)
	out := &model.Batch{Signal: b.batch.Signal, StreamOf: make([]uint32, len(sel)), Time: rowsOf(b.batch.Time, sel)}
	g := gathering{srcs: []*model.Batch{&b.batch}, picks: picks, out: out}
	g.streams()
	var err error
	if c.Body {
		if out.Body, err = b.bodiesOf(sel); err != nil {
			return nil, err
		}
	}
	if b.batch.Spans != nil {
		if out.Spans, err = b.pickSpans(c, sel); err != nil {
			return nil, err
		}
	}
	if c.EveryAttr || len(c.Attrs) > 0 {
		out.Attrs, err = b.readAttrs(&c.Projection, nil, sel)
		sortColumns(out.Attrs)
	}
	return out, err
}

func (b *block) pickSpans(c columns, sel []uint32) (*model.SpanColumns, error) {
	s, held := &model.SpanColumns{}, b.batch.Spans
	err := b.readSpans(s, c.spans, sel)
	switch {
	case err != nil || !c.Events:
	case b.loaded.Events:
		s.Events = rowsOf(held.Events, sel)
	default:
		s.Events, err = b.readEvents(sel)
	}
	switch {
	case err != nil || !c.Links:
	case b.loaded.Links:
		s.Links = rowsOf(held.Links, sel)
	default:
		s.Links, err = b.readLinks(sel)
	}
	return s, err
}

// rowsOf returns the values of the rows of sel.
func rowsOf[T any](values []T, sel []uint32) []T {
	out := make([]T, len(sel))
	for k, row := range sel {
		out[k] = values[row]
	}
	return out
}
