package services

import (
	"context"
	"fmt"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

// A Structure is some traces laid over each other: spans of one operation that
// were reached over the same operations are one path.
type Structure struct {
	Traces int  `json:"traces"` // that were laid over each other
	More   bool `json:"more"`   // there are more that match
	// Omitted is how many spans have no place in Paths: there were too many, or
	// their parents form a ring.
	Omitted int     `json:"omitted"`
	Paths   []*Path `json:"paths"` // parents before their children
}

// A Path is what the spans at one place of a Structure have in common.
type Path struct {
	Parent  int    `json:"parent"` // index in Structure.Paths; -1 at the top
	Service string `json:"service"`
	Name    string `json:"name"`
	Traces  int    `json:"traces"` // with such a span
	Spans   int    `json:"spans"`
	Errors  int    `json:"errors"`
	Total   int64  `json:"total,string"` // ns, of all spans
	Self    int64  `json:"self,string"`  // ns in which no child was running
}

// maxPaths bounds a Structure: names that hold ids would make one of each span.
const maxPaths = 2000

// Structure lays the traces over each other that q finds in r, of more than
// limit those with the newest matching spans.
func (s *Services) Structure(ctx context.Context, r model.Range, q *traceql.Query, limit int) (*Structure, error) {
	found, err := s.opts.Traces.Search(ctx, traceql.SearchRequest{Query: q, Range: r, Limit: limit + 1, SpansPerSet: 1})
	if err != nil {
		return nil, err
	}
	out := &Structure{Paths: []*Path{}, More: len(found.Traces) > limit}
	ids := make([]model.TraceID, min(limit, len(found.Traces)))
	for i := range ids {
		ids[i] = found.Traces[i].ID
	}
	traces, err := s.opts.Traces.Traces(ctx, ids, r, &storage.Projection{Body: true, Tree: true})
	if err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	at := map[place]int{}
	for _, t := range traces {
		out.add(t, at)
	}
	return out, nil
}

// A place is where in a Structure an operation is.
type place struct {
	parent        int
	service, name string
}

// add lays one more trace over the others; at has the index of each path.
func (s *Structure) add(t *traceql.Trace, at map[place]int) {
	s.Traces++
	children := map[*traceql.Span][]*traceql.Span{}
	for _, sp := range t.Spans { // by start
		children[sp.Parent()] = append(children[sp.Parent()], sp)
	}
	type visit struct {
		span   *traceql.Span
		parent int
	}
	var stack []visit
	for _, top := range children[nil] {
		stack = append(stack, visit{top, -1})
	}
	seen, placed := map[int]bool{}, 0
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		where := place{v.parent, v.span.Service(), v.span.Name}
		i, ok := at[where]
		if !ok {
			if len(s.Paths) == maxPaths {
				continue // and all that is below
			}
			i = len(s.Paths)
			at[where] = i
			s.Paths = append(s.Paths, &Path{Parent: v.parent, Service: where.service, Name: where.name})
		}
		p := s.Paths[i]
		placed++
		if !seen[i] {
			seen[i] = true
			p.Traces++
		}
		p.Spans++
		if v.span.Status == model.StatusError {
			p.Errors++
		}
		p.Total += v.span.Duration
		p.Self += self(v.span, children[v.span])
		for _, kid := range children[v.span] {
			stack = append(stack, visit{kid, i})
		}
	}
	s.Omitted += len(t.Spans) - placed
}

// self returns how long a span ran without any of its children, which are in
// order of their start.
func self(sp *traceql.Span, children []*traceql.Span) int64 {
	busy, until := int64(0), sp.Start
	for _, kid := range children {
		if from, to := max(until, kid.Start), min(sp.End(), kid.End()); to > from {
			busy += to - from
			until = to
		}
	}
	return sp.Duration - busy
}
