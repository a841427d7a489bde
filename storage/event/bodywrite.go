package event

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/shred"
)

// The columns of shredded bodies besides those of their keys.
const (
	colTemplate = "body.template" // of rows that are shredded
	colValues   = "body.values"   // of keys without a column: of each its length as uvarint, and its bytes
)

// sampledBodies is how many bodies are looked at to find what they share.
const sampledBodies = 1 << 15

// planBodies returns how to shred the bodies of the picked rows, or nil to keep
// them whole.
func (t *table) planBodies(ctx context.Context, srcs []*model.Batch, picks []pick) *shred.Plan {
	if t.signal != model.Logs {
		return nil // span names are few
	}
	p := shred.NewPlanner()
	looked := 0
	for i := range strides(len(picks), sampledBodies) {
		if looked++; looked%granuleRows == 0 {
			fair.Pause(ctx)
		}
		b, row := srcs[picks[i].src], picks[i].row
		p.Look(b.Body[row], b.Time[row])
	}
	return p.Plan()
}

// strides yields about most of the numbers below n, or all. The steps between
// them vary, since streams may take turns.
func strides(n, most int) iter.Seq[int] {
	return func(yield func(int) bool) {
		stride := uint64((n + most - 1) / most)
		for i, random := 0, uint32(1); i < n && yield(i); {
			random = random*1664525 + 1013904223
			i += 1 + int(uint64(random)*(2*stride-1)>>32)
		}
	}
}

// A bodyWriter writes bodies: the columns of their plan, and whole those that
// do not fit it.
type bodyWriter struct {
	plan    *shred.Plan
	cutter  shred.Cutter
	columns []bodyColumn
	hints   []int  // by stream of the batch, the template of the row before
	arena   []byte // what values refer to

	whole, template, rest bodyColumn
}

// A bodyColumn is a column of the values of a granule.
type bodyColumn struct {
	*shred.Column
	name   string
	leaf   int
	null   parquet.Value
	values []parquet.Value // by row
}

func (c *bodyColumn) clear(rows int) {
	c.values = slices.Grow(c.values[:0], rows)[:rows]
	for i := range c.values {
		c.values[i] = c.null
	}
}

// nodes returns the types of the plan's columns by name.
func bodyNodes(plan *shred.Plan) map[string]parquet.Node {
	nodes := map[string]parquet.Node{
		colTemplate: parquet.Optional(parquet.Encoded(parquet.Int(32), &parquet.RLEDictionary)),
		colValues:   parquet.Optional(bytesNode(false, false)),
	}
	for i, name := range plan.Names() {
		nodes[name] = parquet.Optional(valueNode(&plan.Columns[i]))
	}
	return nodes
}

func valueNode(c *shred.Column) parquet.Node {
	switch {
	case c.Type == shred.UUID:
		return unpacked(parquet.UUID())
	case c.Width() > 0:
		return unpacked(parquet.Leaf(parquet.FixedLenByteArrayType(c.Width())))
	case c.Type == shred.Decimal:
		return parquet.Encoded(parquet.Decimal(c.Digits, 18, parquet.Int64Type), &parquet.DeltaBinaryPacked)
	case c.Numeric() && c.Dict:
		return parquet.Encoded(parquet.Int(64), &parquet.RLEDictionary)
	case c.Numeric():
		return deltaInt(64)
	}
	return bytesNode(c.UTF8, c.Dict)
}

// newBodyWriter returns a writer of bodies by plan; leaf numbers the columns.
func newBodyWriter(plan *shred.Plan, leaf map[string]int) *bodyWriter {
	column := func(name string, c *shred.Column) bodyColumn {
		return bodyColumn{Column: c, name: name, leaf: leaf[name], null: parquet.NullValue().Level(0, 0, leaf[name])}
	}
	w := &bodyWriter{plan: plan, whole: column(colBody, nil), template: column(colTemplate, nil), rest: column(colValues, nil)}
	for i, name := range plan.Names() {
		w.columns = append(w.columns, column(name, &plan.Columns[i]))
	}
	return w
}

// shred fills the columns from the bodies of b.
func (w *bodyWriter) shred(b *model.Batch) {
	n := b.Len()
	w.whole.clear(n)
	w.template.clear(n)
	w.rest.clear(n)
	for i := range w.columns {
		w.columns[i].clear(n)
	}
	w.hints = slices.Grow(w.hints[:0], len(b.Streams))[:len(b.Streams)]
	for i := range w.hints {
		w.hints[i] = -1
	}
	w.arena = w.arena[:0]
	for i, body := range b.Body {
		hint := &w.hints[b.StreamOf[i]]
		t := w.cutter.Cut(w.plan, body, *hint)
		if t >= 0 {
			*hint = t
		}
		if t >= 0 && w.put(i, t, body, b.Time[i]) {
			w.template.values[i] = parquet.Int32Value(int32(t)).Level(0, 1, w.template.leaf)
		} else {
			w.whole.values[i] = parquet.ByteArrayValue(bytesOf(body)).Level(0, 1, w.whole.leaf)
		}
	}
}

// put puts the values of a row into their columns. If one does not fit, none
// is.
func (w *bodyWriter) put(row, template int, body string, at int64) bool {
	holes := w.plan.Templates[template].Holes
	rest := false
	for i, h := range holes {
		v := w.cutter.Values[i]
		if h.Column == shred.Rest {
			rest = true
			continue
		}
		c := &w.columns[h.Column]
		x, ok := w.value(c, body[v.Start:v.End], at)
		if !ok {
			for _, h := range holes[:i] {
				if h.Column != shred.Rest {
					c := &w.columns[h.Column]
					c.values[row] = c.null
				}
			}
			return false
		}
		c.values[row] = x.Level(0, 1, c.leaf)
	}
	if rest {
		start := len(w.arena)
		for i, h := range holes {
			if v := w.cutter.Values[i]; h.Column == shred.Rest {
				w.arena = binary.AppendUvarint(w.arena, uint64(v.End-v.Start))
				w.arena = append(w.arena, body[v.Start:v.End]...)
			}
		}
		w.rest.values[row] = parquet.ByteArrayValue(w.arena[start:]).Level(0, 1, w.rest.leaf)
	}
	return true
}

func (w *bodyWriter) value(c *bodyColumn, text string, at int64) (v parquet.Value, ok bool) {
	switch {
	case c.Numeric():
		n, ok := c.ParseInt(text, at)
		return parquet.Int64Value(n), ok
	case c.Width() > 0:
		start := len(w.arena)
		w.arena, ok = c.ParseFixed(w.arena, text)
		return parquet.FixedLenByteArrayValue(w.arena[start:]), ok
	}
	if ok = c.TakesText(text); ok {
		c.Note(text)
	}
	return parquet.ByteArrayValue(bytesOf(text)), ok
}

// bodies writes the bodies of a granule.
func (w *partWriter) bodies(b *model.Batch) error {
	if w.body == nil {
		return w.strings(colBody, b.Body)
	}
	w.body.shred(b)
	errs := []error{w.column1(&w.body.whole), w.column1(&w.body.template), w.column1(&w.body.rest)}
	for i := range w.body.columns {
		errs = append(errs, w.column1(&w.body.columns[i]))
	}
	return errors.Join(errs...)
}

// column1 writes a column of the values of a granule.
func (w *partWriter) column1(c *bodyColumn) error {
	return w.write(c.name, len(c.values), func(i int) (parquet.Value, int) {
		v := c.values[i]
		if v.Kind() == parquet.ByteArray {
			return v, len(v.ByteArray())
		}
		return v, 16
	})
}
