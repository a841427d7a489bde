package traceql

import (
	"cmp"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// A Span is a span of an assembled Trace.
type Span struct {
	model.Span
	Stream *model.Stream
	Attrs  []model.Attr // sorted by key; those the query asked for

	trace    *Trace
	parent   *Span // nil at roots and orphans
	children []*Span
	// left and right number the spans of a depth-first walk, so that a
	// descendant's lie between its ancestor's; parentLeft is -1 at roots. All
	// are 0 below a span whose parent is missing: the tree there is unknown.
	left, right, parentLeft int
}

// End returns when the span ended, ns since the Unix epoch.
func (s *Span) End() int64 { return s.Start + s.Duration }

// Service returns the name of the span's service, "" if it has none.
func (s *Span) Service() string { return s.Stream.Attr(serviceName).Str() }

// A Trace is all the spans of one trace id, each once.
type Trace struct {
	ID    model.TraceID
	Spans []*Span // by start time, then span id
	Start int64   // earliest start, ns since the Unix epoch
	End   int64   // latest end

	root *Span
}

// Root returns the span without a parent, the one that began last if there are
// several (Tempo takes the one it received last), or nil.
func (t *Trace) Root() *Span { return t.root }

// RootService is the service name of the root, or "".
func (t *Trace) RootService() string {
	if t.root == nil {
		return ""
	}
	return t.root.Service()
}

// A spanKey tells spans of a trace apart. Zipkin's client and server share an
// id, hence the kind; a span sent twice has the same of both.
type spanKey struct {
	id   model.SpanID
	kind model.SpanKind
}

// newTrace drops duplicates and finds who is whose child.
func newTrace(id model.TraceID, spans []*Span) *Trace {
	t := &Trace{ID: id}
	seen := make(map[spanKey]bool, len(spans))
	for _, s := range spans {
		k := spanKey{s.SpanID, s.Kind}
		if seen[k] {
			continue
		}
		seen[k] = true
		s.trace = t
		t.Spans = append(t.Spans, s)
	}
	slices.SortStableFunc(t.Spans, func(a, b *Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), slices.Compare(a.SpanID[:], b.SpanID[:]))
	})
	t.Start, t.End = t.Spans[0].Start, t.Spans[0].End()
	for _, s := range t.Spans {
		t.Start, t.End = min(t.Start, s.Start), max(t.End, s.End())
	}
	t.link()
	return t
}

// link sets parents, children and numbers.
func (t *Trace) link() {
	owner := make(map[model.SpanID]*Span, len(t.Spans)) // who the children of an id belong to
	client := map[model.SpanID]*Span{}                  // of ids that a server shares with its client
	for _, s := range t.Spans {
		o := owner[s.SpanID]
		switch {
		case o == nil:
			owner[s.SpanID] = s
		case s.Kind == model.SpanServer && o.Kind != model.SpanServer:
			owner[s.SpanID], client[s.SpanID] = s, o
		case o.Kind == model.SpanServer && client[s.SpanID] == nil:
			client[s.SpanID] = s
		}
	}
	var roots []*Span
	for _, s := range t.Spans {
		switch p := owner[s.ParentID]; {
		case client[s.SpanID] != nil && owner[s.SpanID] == s:
			s.parent = client[s.SpanID]
		case s.ParentID.IsZero():
			roots = append(roots, s)
			t.root = s
		case p != nil && p != s:
			s.parent = p
		}
		if s.parent != nil {
			s.parent.children = append(s.parent.children, s)
		}
	}
	t.orderChildren()
	n := 0
	for _, r := range roots {
		r.parentLeft = -1
		n = number(r, n)
	}
}

// orderChildren puts children in the order in which their resource first
// occurs in the trace, then by time. Senders ship spans by resource, so this is
// the order in which Tempo would have stored them, and numbers them.
func (t *Trace) orderChildren() {
	first := map[*model.Stream]int{}
	ids := map[string]int{}
	for _, s := range t.Spans {
		if _, ok := first[s.Stream]; ok {
			continue
		}
		key := string(model.AppendAttrs(nil, s.Stream.Attrs))
		if _, ok := ids[key]; !ok {
			ids[key] = len(ids)
		}
		first[s.Stream] = ids[key]
	}
	for _, s := range t.Spans {
		slices.SortStableFunc(s.children, func(a, b *Span) int { return cmp.Compare(first[a.Stream], first[b.Stream]) })
	}
}

// number walks the tree below root without recursion, since traces may be as
// deep as they are long.
func number(root *Span, n int) int {
	type frame struct {
		s    *Span
		next int
	}
	n++
	root.left = n
	stack := []frame{{s: root}}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if f.next == len(f.s.children) {
			n++
			f.s.right = n
			stack = stack[:len(stack)-1]
			continue
		}
		c := f.s.children[f.next]
		f.next++
		if c.left != 0 {
			continue // a cycle of parents; it cannot hang from a root, but be safe
		}
		n++
		c.left, c.parentLeft = n, f.s.left
		stack = append(stack, frame{s: c})
	}
	return n
}

// Parent returns the span's parent, or nil if it has none or it is missing.
func (s *Span) Parent() *Span { return s.parent }
