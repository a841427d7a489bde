package traceql

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/oriel-obs/oriel/model"
)

// An assembler makes traces of spans. Its slices serve one trace after the
// other, which are many and mostly small.
type assembler struct {
	flat bool // parents and children are not needed

	number map[model.TraceID]int32 // of a trace, in the order asked for
	ids    []model.TraceID
	spans  []*Span
	of     []int32 // number of each span's trace

	byID  []int32 // of one trace: its spans, by id
	ranks map[*model.Stream]int
	known []*model.Stream // one for each rank
	stack []frame
}

func (a *assembler) begin(ids []model.TraceID) {
	a.ids, a.number = ids, make(map[model.TraceID]int32, len(ids))
	for i, id := range ids {
		a.number[id] = int32(i)
	}
}

func (a *assembler) add(spans []Span) {
	for i := range spans {
		if n, ok := a.number[spans[i].TraceID]; ok {
			a.spans = append(a.spans, &spans[i])
			a.of = append(a.of, n)
		}
	}
}

// traces returns the traces that have spans, in the order asked for.
func (a *assembler) traces() []*Trace {
	ends := make([]int, len(a.ids)+1)
	for _, n := range a.of {
		ends[n+1]++
	}
	for i := range a.ids {
		ends[i+1] += ends[i]
	}
	sorted := make([]*Span, len(a.spans))
	next := slices.Clone(ends)
	for i, s := range a.spans {
		sorted[next[a.of[i]]] = s
		next[a.of[i]]++
	}
	var out []*Trace
	for i, id := range a.ids {
		if from, to := ends[i], ends[i+1]; from < to {
			out = append(out, a.trace(id, sorted[from:to:to]))
		}
	}
	return out
}

func sortSpans(spans []*Span) {
	slices.SortStableFunc(spans, func(x, y *Span) int {
		if x.Start != y.Start {
			return cmp.Compare(x.Start, y.Start)
		}
		return compareIDs(x.SpanID, y.SpanID)
	})
}

// trace unites duplicates and parts, and finds who is whose child. It keeps spans.
func (a *assembler) trace(id model.TraceID, spans []*Span) *Trace {
	sortSpans(spans)
	t := &Trace{ID: id, Spans: spans}
	a.index(t)
	if t.unite(a.byID) {
		a.index(t)
	}
	t.Start, t.End = t.Spans[0].Start, t.Spans[0].End()
	for i, s := range t.Spans {
		t.Start, t.End = min(t.Start, s.Start), max(t.End, s.End())
		s.trace, s.index = t, i
		if s.ParentID.IsZero() {
			if owner, client := a.sharingOf(t, s); client == nil || owner != s {
				t.root = s
			}
		}
	}
	if !a.flat {
		a.link(t)
	}
	return t
}

// index sorts the spans by id; those that share one stay in order of time.
func (a *assembler) index(t *Trace) {
	a.byID = a.byID[:0]
	for i := range t.Spans {
		a.byID = append(a.byID, int32(i))
	}
	slices.SortFunc(a.byID, func(i, j int32) int {
		if c := compareIDs(t.Spans[i].SpanID, t.Spans[j].SpanID); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
}

func compareIDs(x, y model.SpanID) int {
	return cmp.Compare(binary.BigEndian.Uint64(x[:]), binary.BigEndian.Uint64(y[:]))
}

// sharing returns the spans with an id: who its children belong to, which is
// the server if there is one, and that server's client.
func (a *assembler) sharing(t *Trace, id model.SpanID) (owner, client *Span) {
	at, ok := slices.BinarySearchFunc(a.byID, id, func(i int32, id model.SpanID) int {
		return compareIDs(t.Spans[i].SpanID, id)
	})
	if !ok {
		return nil, nil
	}
	owner = t.Spans[a.byID[at]]
	for _, i := range a.byID[at:] {
		s := t.Spans[i]
		if s.SpanID != id {
			break
		}
		if s.Kind == model.SpanServer {
			owner = s
		} else if client == nil {
			client = s
		}
	}
	if owner.Kind != model.SpanServer {
		client = nil
	}
	return owner, client
}

// link sets parents, children and numbers.
func (a *assembler) link(t *Trace) {
	links := 0
	for _, s := range t.Spans {
		switch owner, client := a.sharingOf(t, s); {
		case client != nil && owner == s:
			s.parent = client
		case !s.ParentID.IsZero():
			if p, _ := a.sharing(t, s.ParentID); p != s {
				s.parent = p
			}
		}
		if s.parent != nil {
			s.parent.degree++
			links++
		}
	}
	all := make([]*Span, links)
	for _, s := range t.Spans {
		s.children, all = all[:0:s.degree], all[s.degree:]
	}
	for _, s := range t.Spans {
		if s.parent != nil {
			s.parent.children = append(s.parent.children, s)
		}
	}
	a.orderChildren(t)
	n := 0
	for _, s := range t.Spans {
		if s.ParentID.IsZero() && s.parent == nil {
			s.parentLeft = -1
			n = a.count(s, n)
		}
	}
}

// sharingOf is sharing of a span's own id. Only servers have a client.
func (a *assembler) sharingOf(t *Trace, s *Span) (owner, client *Span) {
	if s.Kind == model.SpanServer {
		return a.sharing(t, s.SpanID)
	}
	return nil, nil
}

// orderChildren puts children in the order in which their resource first
// occurs in the trace, then by time. Senders ship spans by resource, so this is
// the order in which Tempo would have stored them, and numbers them.
func (a *assembler) orderChildren(t *Trace) {
	if a.ranks == nil {
		a.ranks = map[*model.Stream]int{}
	}
	clear(a.ranks)
	a.known = a.known[:0]
	for _, s := range t.Spans {
		if _, ok := a.ranks[s.Stream]; ok {
			continue
		}
		rank := slices.IndexFunc(a.known, func(o *model.Stream) bool { return slices.Equal(o.Attrs, s.Stream.Attrs) })
		if rank < 0 {
			rank = len(a.known)
			a.known = append(a.known, s.Stream)
		}
		a.ranks[s.Stream] = rank
	}
	if len(a.known) == 1 {
		return
	}
	for _, s := range t.Spans {
		if len(s.children) > 1 {
			slices.SortStableFunc(s.children, func(x, y *Span) int { return cmp.Compare(a.ranks[x.Stream], a.ranks[y.Stream]) })
		}
	}
}

type frame struct {
	s    *Span
	next int
}

// count numbers the tree below root, without recursion, since traces may be as
// deep as they are long.
func (a *assembler) count(root *Span, n int) int {
	n++
	root.left = n
	stack := a.stack[:0]
	stack = append(stack, frame{s: root})
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
	a.stack = stack
	return n
}
