package sampling

import (
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// WeightAttr is the span attribute that says how many spans a kept one stands
// for.
const WeightAttr = "sampling.weight"

// compact removes the rows of b that keep does not have, in place, with the
// streams and columns that are then empty. weights are those of the rows left.
func compact(b *model.Batch, keep []bool, weights []float64) {
	s := b.Spans
	b.Time, b.Body, b.StreamOf = kept(b.Time, keep), kept(b.Body, keep), kept(b.StreamOf, keep)
	s.TraceID, s.SpanID, s.ParentID = kept(s.TraceID, keep), kept(s.SpanID, keep), kept(s.ParentID, keep)
	s.Kind, s.Status, s.StatusMessage = kept(s.Kind, keep), kept(s.Status, keep), kept(s.StatusMessage, keep)
	s.Duration, s.TraceState, s.Flags = kept(s.Duration, keep), kept(s.TraceState, keep), kept(s.Flags, keep)
	s.Events, s.Links = kept(s.Events, keep), kept(s.Links, keep)
	s.DroppedAttrs, s.DroppedEvents, s.DroppedLinks = kept(s.DroppedAttrs, keep), kept(s.DroppedEvents, keep), kept(s.DroppedLinks, keep)

	at := make([]uint32, len(keep)) // the new number of each row
	n := uint32(0)
	for i, k := range keep {
		at[i] = n
		if k {
			n++
		}
	}
	b.Attrs = slices.DeleteFunc(b.Attrs, func(c *model.Column) bool {
		if c.Key == WeightAttr {
			return true
		}
		compactColumn(c, keep, at)
		return len(c.Vals) == 0
	})
	compactStreams(b)
	addWeights(b, weights)
}

// kept removes the values of xs that keep does not have.
func kept[T any](xs []T, keep []bool) []T {
	out := xs[:0]
	for i, x := range xs {
		if keep[i] {
			out = append(out, x)
		}
	}
	clear(xs[len(out):])
	return out
}

func compactColumn(c *model.Column, keep []bool, at []uint32) {
	if c.Rows == nil {
		c.Vals = kept(c.Vals, keep)
		return
	}
	rows, vals := c.Rows[:0], c.Vals[:0]
	for j, r := range c.Rows {
		if keep[r] {
			rows, vals = append(rows, at[r]), append(vals, c.Vals[j])
		}
	}
	c.Rows, c.Vals = rows, vals
}

// compactStreams drops the streams that no row refers to.
func compactStreams(b *model.Batch) {
	const unused = ^uint32(0)
	at := slices.Repeat([]uint32{unused}, len(b.Streams))
	var streams []*model.Stream
	for i, s := range b.StreamOf {
		if at[s] == unused {
			at[s] = uint32(len(streams))
			streams = append(streams, b.Streams[s])
		}
		b.StreamOf[i] = at[s]
	}
	b.Streams = streams
}

// addWeights adds the attribute, where columns stay sorted.
func addWeights(b *model.Batch, weights []float64) {
	c := &model.Column{Key: WeightAttr, Vals: make([]model.Value, len(weights))}
	for i, w := range weights {
		c.Vals[i] = model.Float(w)
	}
	i, _ := slices.BinarySearchFunc(b.Attrs, WeightAttr, func(c *model.Column, k string) int { return strings.Compare(c.Key, k) })
	b.Attrs = slices.Insert(b.Attrs, i, c)
}
