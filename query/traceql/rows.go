package traceql

import (
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// spansOf copies a batch's rows, which are valid only until the scan goes on.
func spansOf(b *model.Batch) []Span {
	out := make([]Span, b.Len())
	for i := range out {
		fillSpan(&out[i].Span, b, i)
		out[i].Stream = b.Stream(i)
	}
	// All attributes lie in one slice, those of a span side by side.
	ends := make([]int, len(out))
	total := 0
	for _, c := range b.Attrs {
		total += len(c.Vals)
		eachRow(c, func(i int, _ model.Value) { ends[i]++ })
	}
	if total == 0 {
		return out
	}
	all := make([]model.Attr, total)
	at := 0
	for i, n := range ends {
		out[i].Attrs = all[at : at : at+n]
		at += n
	}
	for _, c := range b.Attrs {
		eachRow(c, func(i int, v model.Value) { out[i].Attrs = append(out[i].Attrs, model.Attr{Key: c.Key, Value: v}) })
	}
	return out
}

func eachRow(c *model.Column, f func(i int, v model.Value)) {
	if c.Rows == nil {
		for i, v := range c.Vals {
			f(i, v)
		}
		return
	}
	for j, i := range c.Rows {
		f(int(i), c.Vals[j])
	}
}

// fillSpan sets what the batch has of a row; only projected columns are there.
func fillSpan(to *model.Span, b *model.Batch, i int) {
	s := b.Spans
	to.TraceID, to.SpanID, to.ParentID, to.Kind = s.TraceID[i], s.SpanID[i], s.ParentID[i], s.Kind[i]
	to.Start, to.Duration, to.Status = b.Time[i], s.Duration[i], s.Status[i]
	if b.Body != nil {
		to.Name = b.Body[i]
	}
	if s.StatusMessage != nil {
		to.StatusMessage, to.TraceState, to.Flags = s.StatusMessage[i], s.TraceState[i], s.Flags[i]
		to.DroppedAttrs, to.DroppedEvents, to.DroppedLinks = s.DroppedAttrs[i], s.DroppedEvents[i], s.DroppedLinks[i]
	}
	if s.Events != nil {
		to.Events = slices.Clone(s.Events[i])
		for j := range to.Events {
			to.Events[j].Attrs = slices.Clone(to.Events[j].Attrs)
		}
	}
	if s.Links != nil {
		to.Links = slices.Clone(s.Links[i])
		for j := range to.Links {
			to.Links[j].Attrs = slices.Clone(to.Links[j].Attrs)
		}
	}
}
