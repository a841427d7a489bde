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

// attrs costs as much as the picked rows have values, not keys times rows.
func (g *gathering) attrs(p *storage.Projection) {
	if p != nil && !p.EveryAttr && len(p.Attrs) == 0 {
		return
	}
	columns := map[string]*gathered{}
	bySource := g.bySource()
	var to []uint32 // of the source in hand, row of out by its own row; notPicked for those that are not
	for i, b := range g.srcs {
		rows := bySource[i]
		if len(rows) == 0 || len(b.Attrs) == 0 {
			continue
		}
		for len(to) < b.Len() {
			to = append(to, notPicked)
		}
		for _, row := range rows {
			to[g.picks[row].row] = row
		}
		for _, c := range b.Attrs {
			if !p.WantsAttr(c.Key) {
				continue
			}
			col := columns[c.Key]
			if col == nil {
				col = &gathered{rows: len(g.picks)}
				columns[c.Key] = col
			}
			if c.Rows == nil || len(c.Rows) == b.Len() { // every row has one
				col.expect(len(rows))
				for _, row := range rows {
					col.put(row, c.Vals[g.picks[row].row])
				}
				continue
			}
			col.expect(len(c.Vals) * len(rows) / b.Len())
			for j, v := range c.Vals {
				if row := to[c.Rows[j]]; row != notPicked {
					col.put(row, v)
				}
			}
		}
		for _, row := range rows {
			to[g.picks[row].row] = notPicked
		}
	}
	for key, col := range columns {
		if c := col.column(key); c != nil {
			g.out.Attrs = append(g.out.Attrs, c)
		}
	}
	slices.SortFunc(g.out.Attrs, func(a, b *model.Column) int { return strings.Compare(a.Key, b.Key) })
}

// notPicked stands for no row.
const notPicked = ^uint32(0)

// bySource returns the numbers of the picks of each source, ascending.
func (g *gathering) bySource() [][]uint32 {
	counts := make([]int, len(g.srcs))
	for _, k := range g.picks {
		counts[k.src]++
	}
	room := make([]uint32, 0, len(g.picks))
	of := make([][]uint32, len(g.srcs))
	for i, n := range counts {
		at := len(room)
		room = room[:at+n]
		of[i] = room[at:at:len(room)]
	}
	for row, k := range g.picks {
		of[k.src] = append(of[k.src], uint32(row))
	}
	return of
}

// A gathered column is one under construction. Its values come in any order of
// rows: a list that is to be sorted as long as they are few, and in the place
// of their rows once one row in placedShare can be expected to have one.
type gathered struct {
	rows   int // of the batch
	cells  []cell
	placed []model.Value // by row; nil as long as cells are listed
	n      int           // of placed
}

const placedShare = 8

// cell is one value of a sparse column under construction.
type cell struct {
	row uint32
	val model.Value
}

// expect makes room for about n more values.
func (g *gathered) expect(n int) {
	if g.placed != nil || (len(g.cells)+n)*placedShare < g.rows {
		return
	}
	g.placed = make([]model.Value, g.rows)
	for _, c := range g.cells {
		g.put(c.row, c.val)
	}
	g.cells = nil
}

// put gives a row, which has none yet, its value.
func (g *gathered) put(row uint32, v model.Value) {
	switch {
	case v.IsNone():
	case g.placed == nil:
		g.cells = append(g.cells, cell{row, v})
	default:
		g.placed[row] = v
		g.n++
	}
}

// column returns the column, or nil if no row has a value.
func (g *gathered) column(key string) *model.Column {
	if g.placed == nil && len(g.cells) == g.rows {
		g.expect(g.rows)
	}
	switch {
	case g.placed != nil && g.n == g.rows:
		return &model.Column{Key: key, Vals: g.placed}
	case g.placed != nil:
		c := newColumn(key, g.n)
		for row, v := range g.placed {
			if !v.IsNone() {
				c.Rows, c.Vals = append(c.Rows, uint32(row)), append(c.Vals, v)
			}
		}
		return c
	case len(g.cells) == 0:
		return nil
	}
	byRow := func(a, b cell) int { return cmp.Compare(a.row, b.row) }
	if !slices.IsSortedFunc(g.cells, byRow) {
		slices.SortFunc(g.cells, byRow)
	}
	c := newColumn(key, len(g.cells))
	for _, x := range g.cells {
		c.Rows, c.Vals = append(c.Rows, x.row), append(c.Vals, x.val)
	}
	return c
}

// newColumn returns an empty column with room for n values.
func newColumn(key string, n int) *model.Column {
	return &model.Column{Key: key, Rows: make([]uint32, 0, n), Vals: make([]model.Value, 0, n)}
}
