package tracediff

import (
	"fmt"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// An identity is what a span has in common with that of another trace.
type identity struct {
	service, name string
	kind          model.SpanKind
}

// A node is a span in its place.
type node struct {
	*traceql.Span
	id     identity
	parent *node // nil at the top
	index  int   // among its parent's children, or at the top
	depth  int   // 1 at the top
}

// under is the identity of a node and of its parent.
type under struct {
	id, parent identity
	top        bool // there is no parent
}

func (n *node) under() under {
	if n.parent == nil {
		return under{id: n.id, top: true}
	}
	return under{id: n.id, parent: n.parent.id}
}

// timed reports whether the span's times can be subtracted. A start of 0 was
// never set.
func (n *node) timed() bool { return n.Start > 0 && n.Duration >= 0 }

// length is the span's duration in ns, 0 if its times make no sense.
func (n *node) length() int64 {
	if !n.timed() {
		return 0
	}
	return n.Duration
}

// path returns the indexes from the top down to n.
func (n *node) path() []int {
	out := make([]int, n.depth)
	for at := n; at != nil; at = at.parent {
		out[at.depth-1] = at.index
	}
	return out
}

// maxPaths bounds the numbers in the paths of one trace: those of a chain grow
// with the square of its length.
const maxPaths = 16 << 20

// walk returns the spans of a trace, parents before their children, siblings
// by start. Spans whose parent is missing are at the top, and of those that
// are each other's parents, the one that began first.
func walk(t *traceql.Trace) ([]*node, error) {
	children := map[*traceql.Span][]*traceql.Span{}
	for _, s := range t.Spans { // which are in order of start, then id
		children[s.Parent()] = append(children[s.Parent()], s)
	}
	out := make([]*node, 0, len(t.Spans))
	placed := make(map[*traceql.Span]bool, len(t.Spans))
	var steps, tops int
	place := func(top *traceql.Span) {
		stack := []*node{{Span: top, index: tops, depth: 1}}
		tops++
		placed[top] = true
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			n.id = identityOf(n.Span)
			out = append(out, n)
			steps += n.depth
			first := len(stack)
			for _, s := range children[n.Span] {
				if !placed[s] {
					placed[s] = true
					stack = append(stack, &node{Span: s, parent: n, index: len(stack) - first, depth: n.depth + 1})
				}
			}
			slices.Reverse(stack[first:])
		}
	}
	for _, s := range children[nil] {
		place(s)
	}
	for _, s := range t.Spans {
		if !placed[s] {
			place(s)
		}
	}
	if steps > maxPaths {
		return nil, fmt.Errorf("spans of trace %v are nested too deeply to be compared: %w", t.ID, fault.ErrLimit)
	}
	return out, nil
}

// identityOf prefers the span's own attribute for the service.
func identityOf(s *traceql.Span) identity {
	service := model.FindAttr(s.Attrs, "service.name").Str()
	if service == "" {
		service = s.Service()
	}
	return identity{service, s.Name, s.Kind}
}
