package services

import (
	"cmp"
	"context"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A Critical is the critical path of a trace: at each moment of its root, the
// span that the end was waiting for.
type Critical struct {
	Segments []Segment `json:"segments"` // ascending and without gaps
	// Spans are those on the path, by how much of it is theirs.
	Spans []Share `json:"spans"`
}

// A Segment is a stretch of the path.
type Segment struct {
	SpanID string `json:"spanId"`
	Start  int64  `json:"start,string"` // ns since the Unix epoch
	End    int64  `json:"end,string"`
}

// A Share is the time that a span itself has of the path.
type Share struct {
	SpanID  string  `json:"spanId"`
	Service string  `json:"service"`
	Name    string  `json:"name"`
	Self    int64   `json:"self,string"` // ns
	Part    float64 `json:"part"`        // of the root's duration
}

// CriticalPath returns that of the trace with an id, or fault.ErrNotFound.
func (s *Services) CriticalPath(ctx context.Context, id model.TraceID, r model.Range) (*Critical, error) {
	t, err := s.opts.Traces.Trace(ctx, id, r)
	if err != nil {
		return nil, err
	}
	return criticalPath(t), nil
}

func criticalPath(t *traceql.Trace) *Critical {
	c := &Critical{Segments: []Segment{}, Spans: []Share{}}
	root := t.Root()
	if root == nil && len(t.Spans) > 0 {
		root = t.Spans[0] // of a trace whose beginning is missing, what is left
	}
	if root == nil {
		return c
	}
	children := map[*traceql.Span][]*traceql.Span{}
	for _, sp := range t.Spans {
		if p := sp.Parent(); p != nil {
			children[p] = append(children[p], sp)
		}
	}
	self := map[*traceql.Span]int64{}
	// A stack instead of recursion: traces may be deep. What was waited for is
	// found from the end backwards.
	type visit struct {
		span        *traceql.Span
		from, until int64 // what of the span is still to be gone through
		rest        []*traceql.Span
	}
	ended := func(sp *traceql.Span, from, until int64) visit {
		kids := children[sp]
		slices.SortFunc(kids, func(a, b *traceql.Span) int { return cmp.Compare(b.End(), a.End()) })
		return visit{sp, max(from, sp.Start), until, kids}
	}
	stack := []visit{ended(root, root.Start, root.End())}
	step := func(sp *traceql.Span, from, to int64) {
		if from < to {
			c.Segments = append(c.Segments, Segment{sp.SpanID.String(), from, to})
			self[sp] += to - from
		}
	}
	for len(stack) > 0 {
		v := &stack[len(stack)-1]
		var next *traceql.Span
		for len(v.rest) > 0 && next == nil {
			// The child that ended last before now; one that ended later was
			// waited for no longer, or not at all.
			if kid := v.rest[0]; kid.Start < v.until && kid.End() > v.from {
				next = kid
			}
			v.rest = v.rest[1:]
		}
		if next == nil {
			step(v.span, v.from, v.until)
			stack = stack[:len(stack)-1]
			continue
		}
		end := min(next.End(), v.until)
		step(v.span, end, v.until)
		v.until = max(next.Start, v.from)
		stack = append(stack, ended(next, v.from, end))
	}
	slices.SortFunc(c.Segments, func(a, b Segment) int { return cmp.Compare(a.Start, b.Start) })
	total := float64(max(root.Duration, 1))
	for sp, ns := range self {
		c.Spans = append(c.Spans, Share{sp.SpanID.String(), sp.Service(), sp.Name, ns, float64(ns) / total})
	}
	slices.SortFunc(c.Spans, func(a, b Share) int { return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(a.SpanID, b.SpanID)) })
	return c
}
