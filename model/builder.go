package model

import (
	"slices"
	"strings"
)

// A Builder assembles a Batch row by row. The zero Builder is not usable; make
// one with NewBuilder.
type Builder struct {
	b       *Batch
	columns map[string]int // index into b.Attrs by key
	next    int            // column after the one set last: rows name keys in the same order, as a rule
	streams map[string]uint32
	scratch []byte
}

// NewBuilder returns a Builder for rows of s, with room for rows of them.
func NewBuilder(s Signal, rows int) *Builder {
	b := &Batch{
		Signal:   s,
		StreamOf: make([]uint32, 0, rows),
		Time:     make([]int64, 0, rows),
		Body:     make([]string, 0, rows),
	}
	if s == Spans {
		b.Spans = &SpanColumns{}
	}
	return &Builder{b: b, columns: map[string]int{}, streams: map[string]uint32{}}
}

// Stream returns the reference of s for Row, adding it if no equal stream is
// known. The Builder keeps s.
func (bd *Builder) Stream(s *Stream) uint32 {
	bd.scratch, _ = s.AppendBinary(bd.scratch[:0])
	if i, ok := bd.streams[string(bd.scratch)]; ok {
		return i
	}
	i := uint32(len(bd.b.Streams))
	bd.b.Streams = append(bd.b.Streams, s)
	bd.streams[string(bd.scratch)] = i
	return i
}

// Row starts a log record. Attributes set afterwards belong to it.
func (bd *Builder) Row(stream uint32, unixNano int64, body string) {
	bd.b.StreamOf = append(bd.b.StreamOf, stream)
	bd.b.Time = append(bd.b.Time, unixNano)
	bd.b.Body = append(bd.b.Body, body)
	bd.next = 0
}

// A Span is one row of a Batch of spans, without stream and attributes.
type Span struct {
	TraceID       TraceID
	SpanID        SpanID
	ParentID      SpanID
	Name          string
	Kind          SpanKind
	Start         int64 // ns since the Unix epoch
	Duration      int64 // ns
	Status        StatusCode
	StatusMessage string
	TraceState    string
	Flags         uint32
	Events        []Event
	Links         []Link
	DroppedAttrs  uint32
	DroppedEvents uint32
	DroppedLinks  uint32
}

// Span starts a span. Attributes set afterwards belong to it.
func (bd *Builder) Span(stream uint32, sp Span) {
	bd.Row(stream, sp.Start, sp.Name)
	s := bd.b.Spans
	s.TraceID = append(s.TraceID, sp.TraceID)
	s.SpanID = append(s.SpanID, sp.SpanID)
	s.ParentID = append(s.ParentID, sp.ParentID)
	s.Kind = append(s.Kind, sp.Kind)
	s.Status = append(s.Status, sp.Status)
	s.StatusMessage = append(s.StatusMessage, sp.StatusMessage)
	s.Duration = append(s.Duration, sp.Duration)
	s.TraceState = append(s.TraceState, sp.TraceState)
	s.Flags = append(s.Flags, sp.Flags)
	s.Events = append(s.Events, sp.Events)
	s.Links = append(s.Links, sp.Links)
	s.DroppedAttrs = append(s.DroppedAttrs, sp.DroppedAttrs)
	s.DroppedEvents = append(s.DroppedEvents, sp.DroppedEvents)
	s.DroppedLinks = append(s.DroppedLinks, sp.DroppedLinks)
}

// fullColumns is how many of the first row's columns get room for all rows:
// what the first row has, the others have as a rule.
const fullColumns = 16

// Attr sets an attribute of the row started last. A second value for one key
// replaces the first; an absent value is ignored.
func (bd *Builder) Attr(key string, v Value) {
	if v.IsNone() {
		return
	}
	at := bd.next
	if at >= len(bd.b.Attrs) || bd.b.Attrs[at].Key != key {
		var ok bool
		if at, ok = bd.columns[key]; !ok {
			at = len(bd.b.Attrs)
			c := &Column{Key: key}
			if rows := cap(bd.b.Time); bd.b.Len() == 1 && at < fullColumns {
				c.Rows, c.Vals = make([]uint32, 0, rows), make([]Value, 0, rows)
			}
			bd.columns[key] = at
			bd.b.Attrs = append(bd.b.Attrs, c)
		}
	}
	bd.b.Attrs[at].Set(bd.b.Len()-1, v)
	bd.next = at + 1
}

// Len returns the number of rows so far.
func (bd *Builder) Len() int { return bd.b.Len() }

// Batch returns the batch, its columns sorted by key. The Builder must not be
// used afterwards.
func (bd *Builder) Batch() *Batch {
	b := bd.b
	slices.SortFunc(b.Attrs, func(x, y *Column) int { return strings.Compare(x.Key, y.Key) })
	for _, c := range b.Attrs {
		if len(c.Rows) == b.Len() {
			c.Rows = nil
		}
	}
	bd.b, bd.columns, bd.streams = nil, nil, nil
	return b
}

// SpanAt returns row i of a batch of spans whose columns are all present.
func (b *Batch) SpanAt(i int) Span {
	s := b.Spans
	return Span{
		TraceID: s.TraceID[i], SpanID: s.SpanID[i], ParentID: s.ParentID[i], Name: b.Body[i], Kind: s.Kind[i],
		Start: b.Time[i], Duration: s.Duration[i], Status: s.Status[i], StatusMessage: s.StatusMessage[i],
		TraceState: s.TraceState[i], Flags: s.Flags[i], Events: s.Events[i], Links: s.Links[i],
		DroppedAttrs: s.DroppedAttrs[i], DroppedEvents: s.DroppedEvents[i], DroppedLinks: s.DroppedLinks[i],
	}
}
