package event

import (
	"cmp"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A pick is one row of one of several batches.
type pick struct{ src, row uint32 }

// gather builds a batch of the picked rows, in the order of picks, with the
// columns that p names and the sources have. Streams that no row refers to are
// left out.
func gather(sig model.Signal, srcs []*model.Batch, picks []pick, p *storage.Projection) *model.Batch {
	out := &model.Batch{Signal: sig, StreamOf: make([]uint32, len(picks)), Time: make([]int64, len(picks))}
	g := gathering{srcs: srcs, picks: picks, out: out}
	g.streams()
	for i, k := range picks {
		out.Time[i] = srcs[k.src].Time[k.row]
	}
	if p == nil || p.Body {
		out.Body = column(&g, func(b *model.Batch) []string { return b.Body })
	}
	if sig == model.Spans {
		g.spans(p)
	}
	g.attrs(p)
	return out
}

type gathering struct {
	srcs  []*model.Batch
	picks []pick
	out   *model.Batch
}

// column picks the values of one plain column.
func column[T any](g *gathering, of func(*model.Batch) []T) []T {
	from := make([][]T, len(g.srcs))
	for i, b := range g.srcs {
		from[i] = of(b)
	}
	out := make([]T, len(g.picks))
	for i, k := range g.picks {
		out[i] = from[k.src][k.row]
	}
	return out
}

func (g *gathering) streams() {
	refs := make([][]uint32, len(g.srcs)) // new reference plus one, by old
	for i, b := range g.srcs {
		refs[i] = make([]uint32, len(b.Streams))
	}
	byStream := map[*model.Stream]uint32{}
	for i, k := range g.picks {
		b := g.srcs[k.src]
		old := b.StreamOf[k.row]
		ref := refs[k.src][old]
		if ref == 0 {
			s := b.Streams[old]
			if ref = byStream[s]; ref == 0 {
				g.out.Streams = append(g.out.Streams, s)
				ref = uint32(len(g.out.Streams))
				byStream[s] = ref
			}
			refs[k.src][old] = ref
		}
		g.out.StreamOf[i] = ref - 1
	}
}

func (g *gathering) spans(p *storage.Projection) {
	s := &model.SpanColumns{}
	g.out.Spans = s
	if p == nil || p.Span || p.Tree || p.TraceID {
		s.TraceID = column(g, func(b *model.Batch) []model.TraceID { return b.Spans.TraceID })
	}
	if p == nil || p.Span || p.Tree {
		s.SpanID = column(g, func(b *model.Batch) []model.SpanID { return b.Spans.SpanID })
		s.ParentID = column(g, func(b *model.Batch) []model.SpanID { return b.Spans.ParentID })
		s.Kind = column(g, func(b *model.Batch) []model.SpanKind { return b.Spans.Kind })
		s.Status = column(g, func(b *model.Batch) []model.StatusCode { return b.Spans.Status })
		s.Duration = column(g, func(b *model.Batch) []int64 { return b.Spans.Duration })
	}
	if p == nil || p.Span {
		s.StatusMessage = column(g, func(b *model.Batch) []string { return b.Spans.StatusMessage })
		s.TraceState = column(g, func(b *model.Batch) []string { return b.Spans.TraceState })
		s.Flags = column(g, func(b *model.Batch) []uint32 { return b.Spans.Flags })
		s.DroppedAttrs = column(g, func(b *model.Batch) []uint32 { return b.Spans.DroppedAttrs })
		s.DroppedEvents = column(g, func(b *model.Batch) []uint32 { return b.Spans.DroppedEvents })
		s.DroppedLinks = column(g, func(b *model.Batch) []uint32 { return b.Spans.DroppedLinks })
	}
	if p == nil || p.Events {
		s.Events = column(g, func(b *model.Batch) [][]model.Event { return b.Spans.Events })
	}
	if p == nil || p.Links {
		s.Links = column(g, func(b *model.Batch) [][]model.Link { return b.Spans.Links })
	}
}

// cell is one value of a sparse column under construction.
type cell struct {
	row uint32
	val model.Value
}

// attrs costs as much as the sources have values, not keys times rows.
func (g *gathering) attrs(p *storage.Projection) {
	if p != nil && !p.EveryAttr && len(p.Attrs) == 0 {
		return
	}
	const absent = ^uint32(0)
	cells := map[string][]cell{}
	for i, b := range g.srcs {
		if len(b.Attrs) == 0 {
			continue
		}
		to := make([]uint32, b.Len())
		for j := range to {
			to[j] = absent
		}
		for j, k := range g.picks {
			if int(k.src) == i {
				to[k.row] = uint32(j)
			}
		}
		for _, c := range b.Attrs {
			if !p.WantsAttr(c.Key) {
				continue
			}
			cs := cells[c.Key]
			for j, v := range c.Vals {
				row := uint32(j)
				if c.Rows != nil {
					row = c.Rows[j]
				}
				if to[row] != absent {
					cs = append(cs, cell{to[row], v})
				}
			}
			if len(cs) > 0 {
				cells[c.Key] = cs
			}
		}
	}
	var places []uint32
	for key, cs := range cells {
		byRow := func(a, b cell) int { return cmp.Compare(a.row, b.row) }
		switch {
		case slices.IsSortedFunc(cs, byRow):
		case len(cs) > len(g.picks)/8: // most rows have one: placing is cheaper than sorting
			if places == nil {
				places = make([]uint32, len(g.picks))
			}
			cs = inPlace(cs, places)
		default:
			slices.SortFunc(cs, byRow)
		}
		c := &model.Column{Key: key, Vals: make([]model.Value, len(cs))}
		if len(cs) < len(g.picks) {
			c.Rows = make([]uint32, len(cs))
		}
		for j, x := range cs {
			c.Vals[j] = x.val
			if c.Rows != nil {
				c.Rows[j] = x.row
			}
		}
		g.out.Attrs = append(g.out.Attrs, c)
	}
	slices.SortFunc(g.out.Attrs, func(a, b *model.Column) int { return strings.Compare(a.Key, b.Key) })
}

// inPlace returns cs, of which no two have one row, by row. places has room
// for every row; it is zero before and after.
func inPlace(cs []cell, places []uint32) []cell {
	for i, c := range cs {
		places[c.row] = uint32(i) + 1
	}
	out := make([]cell, 0, len(cs))
	for row, at := range places {
		if at > 0 {
			out = append(out, cs[at-1])
			places[row] = 0
		}
	}
	return out
}
