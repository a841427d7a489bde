package traceql

import "github.com/oriel-obs/oriel/model"

// A Span is a span of an assembled Trace.
type Span struct {
	model.Span
	Stream *model.Stream
	Attrs  []model.Attr // sorted by key; those the query asked for

	trace    *Trace
	index    int   // in Trace.Spans
	parent   *Span // nil at roots and orphans
	children []*Span
	degree   int // how many children there are
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

// Parent returns the span's parent, or nil if it has none or it is missing.
func (s *Span) Parent() *Span { return s.parent }
