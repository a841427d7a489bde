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
	return CriticalPathOf(t), nil
}

// CriticalPathOf returns that of a whole trace. The page computes the same:
// both are held to testdata/criticalpath.json.
func CriticalPathOf(t *traceql.Trace) *Critical {
	c := &Critical{Segments: []Segment{}, Spans: []Share{}}
	root := beginning(t)
	if root == nil {
		return c
	}
	children := map[*traceql.Span][]*traceql.Span{}
	for _, sp := range t.Spans {
		if p := sp.Parent(); p != nil && sp.Duration > 0 {
			children[p] = append(children[p], sp)
		}
	}
	self := map[*traceql.Span]int64{}
	step := func(sp *traceql.Span, from, to int64) {
		if from < to {
			c.Segments = append(c.Segments, Segment{sp.SpanID.String(), from, to})
			self[sp] += to - from
		}
	}
	// What was waited for is found from the end backwards. A stack instead of
	// recursion: traces may be deep.
	type visit struct {
		span        *traceql.Span
		from, until int64           // what of the span is still to be gone through
		atEnd       bool            // nothing of it has been gone through
		kids        []*traceql.Span // still to be looked at, by their ends, the last first
	}
	enter := func(sp *traceql.Span, from, until int64) visit {
		kids := children[sp]
		slices.SortStableFunc(kids, func(a, b *traceql.Span) int {
			return cmp.Or(cmp.Compare(b.End(), a.End()), cmp.Compare(b.Start, a.Start))
		})
		return visit{sp, from, until, true, kids}
	}
	stack := []visit{enter(root, root.Start, root.End())}
	for len(stack) > 0 {
		v := &stack[len(stack)-1]
		if len(v.kids) == 0 {
			step(v.span, v.from, v.until)
			stack = stack[:len(stack)-1]
			continue
		}
		kid := v.kids[0]
		v.kids = v.kids[1:]
		start, end := max(kid.Start, v.from), kid.End()
		if v.atEnd {
			end = min(end, v.until) // it goes on after its parent
		}
		if end > v.until || start >= end {
			continue // it was running when what came next began, which hence did not wait for it
		}
		step(v.span, end, v.until)
		v.until, v.atEnd = start, false
		stack = append(stack, enter(kid, start, end))
	}
	slices.SortFunc(c.Segments, func(a, b Segment) int { return cmp.Compare(a.Start, b.Start) })
	total := float64(max(root.Duration, 1))
	for sp, ns := range self {
		c.Spans = append(c.Spans, Share{sp.SpanID.String(), sp.Service(), sp.Name, ns, float64(ns) / total})
	}
	slices.SortFunc(c.Spans, func(a, b Share) int { return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(a.SpanID, b.SpanID)) })
	return c
}

// beginning returns the root that began first, the longest of several; or if
// there is none, such a span whose parent is missing.
func beginning(t *traceql.Trace) *traceql.Span {
	var first *traceql.Span
	better := func(sp *traceql.Span) bool {
		if first == nil || sp.ParentID.IsZero() != first.ParentID.IsZero() {
			return first == nil || sp.ParentID.IsZero()
		}
		return sp.Start == first.Start && sp.Duration > first.Duration // they are in order of start
	}
	for _, sp := range t.Spans {
		if sp.Parent() == nil && better(sp) {
			first = sp
		}
	}
	return first
}
