package traceql

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Tempo makes lists of names and values that a query narrows by walking through
// a block, where the spans of a trace lie together and traces by their ids. The
// walk leaves out some of what is there. An engine of WithBlockLists lists what
// Tempo does for spans that are all in one block; every other engine lists
// everything. The two rules:
//
//   - Names of all scopes at once come from events and links side by side: of
//     spans that have events but no links, or links but no events, none is seen.
//   - Behind the last span of a resource that the query selects, the walk looks
//     at one span more before it goes on to the next such resource. The value of
//     that span counts as listed, though it is not in the list.

// WithBlockLists returns an engine that answers Tags and TagValues with a filter
// as Tempo does. It reads every span of the range.
func (e *Engine) WithBlockLists() *Engine {
	out := *e
	out.blockLists = true
	return &out
}

// pairedParts cuts a span's events and links to those with the same positions,
// and reports whether a walk through all scopes sees the span.
func pairedParts(s *Span) bool {
	n := min(len(s.Events), len(s.Links))
	if n == 0 {
		return len(s.Events) == len(s.Links)
	}
	s.Events, s.Links = s.Events[:n], s.Links[:n]
	return true
}

// columnTags returns the attributes of a scope that have columns: Tempo lists
// these whatever the filter is, if any span has them.
func (e *Engine) columnTags(ctx context.Context, r model.Range, scope Scope) ([]string, error) {
	keys, err := e.src.Keys(ctx, storage.KeysRequest{Signal: model.Spans, Range: r, Place: scopePlaces[scope]})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, k := range keys {
		if columnOf(Attribute{Scope: scope, Name: k.Name}) != TypeNil || scope == ScopeResource && k.Name == serviceName {
			names = append(names, k.Name)
		}
	}
	return names, nil
}

// A walked is a span on the walk through a block.
type walked struct {
	trace    model.TraceID
	stream   *model.Stream
	start    int64
	rank     int // of its resource and scope in the trace
	value    Static
	selected bool // the query selects its resource
}

// walks reports whether the values of an attribute come from a walk: of a span's
// own column, narrowed by the resource. It returns the part of the filter that
// is about spans, which is nil if none is.
func walks(f *Filter, a Attribute) (spans FieldExpr, ok bool) {
	column := columnOf(a) != TypeNil && a.Scope == ScopeSpan
	switch a.Intrinsic {
	case IntrinsicName, IntrinsicStatus, IntrinsicKind, IntrinsicStatusMessage:
		column = true
	}
	if !column || f == nil || f.Expr == nil {
		return nil, false
	}
	return spanPart(f.Expr)
}

// spanPart splits the conditions of a filter; ok is false unless some are about
// resources and the others about spans.
func spanPart(e FieldExpr) (spans FieldExpr, ok bool) {
	b, isBinary := e.(*Binary)
	if !isBinary {
		return nil, false
	}
	if b.Op == OpAnd {
		l, lok := spanPart(b.L)
		r, rok := spanPart(b.R)
		switch {
		case l == nil && !lok || r == nil && !rok:
			return nil, false
		case l != nil && r != nil:
			return &Binary{Op: OpAnd, L: l, R: r}, lok || rok
		case l != nil:
			return l, lok || rok
		}
		return r, lok || rok
	}
	switch a, _, op := b.literal(); {
	case op == 0 || a.ofTrace() || a.ofEvent() || a.ofLink() || a.Scope == ScopeInstrumentation || a.Scope == ScopeNone && a.Intrinsic == NoIntrinsic:
		return nil, false
	case a.Scope == ScopeResource:
		return nil, true
	}
	return b, false
}

// walkValues returns the values of an attribute that a walk lists.
func (e *Engine) walkValues(ctx context.Context, f *Filter, spans FieldExpr, r model.Range, a Attribute) (map[Static]bool, error) {
	inner := &Filter{Expr: spans}
	n, all := filterNeeds(inner), filterNeeds(f)
	n.use(a)
	project := n.projection()
	project.TraceID = true
	var rows []walked
	for s, err := range e.scanSpans(ctx, n.spans(spans), r, project, &storage.Stats{}) {
		if err != nil {
			return nil, err
		}
		if !n.matches(inner, s) {
			continue
		}
		w := walked{trace: s.TraceID, stream: s.Stream, start: s.Start, selected: all.matches(f, s)}
		n.subjects(s, func(sub *subject) bool {
			w.value = n.eval(a, sub).one
			return true
		})
		rows = append(rows, w)
	}
	orderWalk(rows)
	listed, seen := map[Static]bool{}, map[Static]bool{}
	for i, w := range rows {
		switch {
		case w.value.IsNil() || seen[w.value]:
		case w.selected:
			seen[w.value], listed[w.value] = true, true
		case i > 0 && rows[i-1].selected:
			seen[w.value] = true
		}
	}
	return listed, nil
}

// orderWalk puts spans into the order of a block: by trace, then by resource
// and scope, as these first occur in the trace.
func orderWalk(rows []walked) {
	slices.SortStableFunc(rows, func(x, y walked) int {
		return cmp.Or(bytes.Compare(x.trace[:], y.trace[:]), cmp.Compare(x.start, y.start))
	})
	for from := 0; from < len(rows); {
		to := from
		var resources []*model.Stream
		scopes := map[*model.Stream]int{}
		for ; to < len(rows) && rows[to].trace == rows[from].trace; to++ {
			st := rows[to].stream
			at := slices.IndexFunc(resources, func(o *model.Stream) bool { return slices.Equal(o.Attrs, st.Attrs) })
			if at < 0 {
				at = len(resources)
				resources = append(resources, st)
			}
			if _, ok := scopes[st]; !ok {
				scopes[st] = len(scopes)
			}
			rows[to].rank = at<<16 | scopes[st]
		}
		slices.SortStableFunc(rows[from:to], func(x, y walked) int { return cmp.Compare(x.rank, y.rank) })
		from = to
	}
}
