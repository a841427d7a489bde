package traceql

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Scopes returns every scope that has tags, in the order of answers.
func Scopes() []Scope {
	return []Scope{ScopeSpan, ScopeResource, ScopeInstrumentation, ScopeEvent, ScopeLink}
}

// ScopeOf returns the scope a query spells so; ok is false for any other word.
func ScopeOf(name string) (s Scope, ok bool) {
	s, ok = scopeNames[name]
	return s, ok
}

var scopePlaces = map[Scope]storage.Place{
	ScopeSpan: storage.Attr, ScopeResource: storage.Stream, ScopeInstrumentation: storage.ScopeAttr,
	ScopeEvent: storage.EventAttr, ScopeLink: storage.LinkAttr,
}

// Tags returns the names of the attributes that spans have in a scope, sorted.
// f may be nil for all spans. whole says that the list is one of all scopes,
// which matters to WithBlockLists only.
func (e *Engine) Tags(ctx context.Context, f *Filter, r model.Range, scope Scope, whole bool) ([]string, error) {
	e = e.in(ctx)
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	n := filterNeeds(f)
	paired := e.blockLists && whole && f != nil && f.Expr != nil
	if where, exact := n.exact(f); exact && !paired {
		keys, err := e.src.Keys(ctx, storage.KeysRequest{Signal: model.Spans, Range: r, Where: where, Place: scopePlaces[scope]})
		if err != nil {
			return nil, fmt.Errorf("list %v attributes: %w", scope, err)
		}
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = k.Name
		}
		return names, nil
	}
	seen := map[string]bool{}
	add := func(attrs []model.Attr) {
		for _, a := range attrs {
			seen[a.Key] = true
		}
	}
	project := n.projection()
	project.EveryAttr, project.Events, project.Links = scope == ScopeSpan, true, true
	for s, err := range e.matching(ctx, f, n, r, project) {
		if err != nil {
			return nil, err
		}
		if paired && !pairedParts(s) {
			continue
		}
		switch scope {
		case ScopeSpan:
			add(s.Attrs)
		case ScopeResource:
			add(s.Stream.Attrs)
		case ScopeInstrumentation:
			add(s.Stream.ScopeAttrs)
		case ScopeEvent:
			for _, ev := range s.Events {
				add(ev.Attrs)
			}
		case ScopeLink:
			for _, l := range s.Links {
				add(l.Attrs)
			}
		}
	}
	if paired {
		names, err := e.columnTags(ctx, r, scope)
		if err != nil {
			return nil, fmt.Errorf("list %v attributes: %w", scope, err)
		}
		for _, k := range names {
			seen[k] = true
		}
	}
	names := make([]string, 0, len(seen))
	for k := range seen {
		names = append(names, k)
	}
	slices.Sort(names)
	return names, nil
}

// TagValues returns the values an attribute or intrinsic takes, each once, in
// the order of Static values; arrays count as their elements. f may be nil for
// all spans. The durations of spans are too many to list: they give none,
// unless they are asked for by trace:duration.
func (e *Engine) TagValues(ctx context.Context, f *Filter, r model.Range, a Attribute) ([]Static, error) {
	e = e.in(ctx)
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	if a.Intrinsic == IntrinsicDuration || a.Intrinsic == IntrinsicTraceDuration && a.Spelled == "traceDuration" {
		return nil, nil
	}
	if e.blockLists {
		if spans, ok := walks(f, a); ok {
			seen, err := e.walkValues(ctx, f, spans, r, a)
			return sorted(seen), err
		}
	}
	n := filterNeeds(f)
	where, exact := n.exact(f)
	fields := fieldsOf(a)
	if a.Intrinsic == NoIntrinsic && a.Scope == ScopeNone {
		fields = append(fields, storage.Field{Place: storage.ScopeAttr, Key: a.Name})
	}
	seen := map[Static]bool{}
	if exact && len(fields) > 0 && !mayBeEmpty(a) {
		for _, field := range fields {
			vals, err := e.src.Values(ctx, storage.ValuesRequest{Signal: model.Spans, Range: r, Where: where, Field: field})
			if err != nil {
				return nil, fmt.Errorf("list values of %v: %w", a, err)
			}
			for _, v := range vals {
				addValue(seen, a, v.Value)
			}
		}
		return sorted(seen), nil
	}
	n.use(a)
	for s, err := range e.matching(ctx, f, n, r, n.projection()) {
		if err != nil {
			return nil, err
		}
		n.subjects(s, func(sub *subject) bool {
			res := n.eval(a, sub)
			if res.many == nil && !res.one.IsNil() {
				seen[plainDuration(res.one)] = true
			}
			for i, v := range res.many {
				if i == 0 || a.Name != serviceName {
					seen[plainDuration(v)] = true
				}
			}
			return false
		})
	}
	return sorted(seen), nil
}

// plainDuration returns a duration as its nanoseconds, the form of tag values.
func plainDuration(s Static) Static {
	if s.typ == TypeDuration {
		return IntOf(s.n)
	}
	return s
}

// addValue adds a stored value, or the elements of an array.
func addValue(seen map[Static]bool, a Attribute, v model.Value) {
	switch a.Intrinsic {
	case IntrinsicStatus:
		seen[StatusOf(model.StatusCode(v.Int64()))] = true
	case IntrinsicKind:
		seen[KindOf(model.SpanKind(v.Int64()))] = true
	default:
		r := resultOf(v)
		r.any(func(s Static) bool {
			seen[s] = true
			return false
		})
	}
}

func sorted(seen map[Static]bool) []Static {
	out := make([]Static, 0, len(seen))
	for s := range seen {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Static) int {
		switch {
		case a.less(b):
			return -1
		case b.less(a):
			return 1
		}
		return 0
	})
	return out
}

func filterNeeds(f *Filter) *needs {
	n := &needs{attrs: map[Attribute]*sight{}}
	if f != nil {
		n.query(&Pipeline{Stages: []Stage{f}})
	}
	return n
}

// exact returns the predicate of a filter, and whether it keeps just the spans
// of which the filter is true.
func (n *needs) exact(f *Filter) (storage.Predicate, bool) {
	if f == nil || f.Expr == nil {
		return nil, true
	}
	return n.spans(f.Expr), n.isExact(f.Expr)
}

func (n *needs) isExact(e FieldExpr) bool {
	b, ok := e.(*Binary)
	if !ok {
		return false
	}
	if b.Op == OpAnd || b.Op == OpOr {
		return n.isExact(b.L) && n.isExact(b.R)
	}
	a, lit, op := b.literal()
	// Two conditions on events must hold of one event, which storage does not
	// know; and an unscoped attribute may hide another.
	if op == 0 || lit.IsNil() || a.ofEvent() || a.ofLink() || len(fieldsOf(a)) != 1 || b.re != nil && op == OpNotMatch {
		return false
	}
	if n.compare(a, op, lit, b.re) == nil {
		return false
	}
	switch n.compareField(a, fieldsOf(a)[0], condition{op: op, lit: lit, re: b.re}).(type) {
	case storage.Compare, storage.Match:
		return true
	}
	return false
}

// matching yields the spans that begin in r and of which f is true.
func (e *Engine) matching(ctx context.Context, f *Filter, n *needs, r model.Range, project *storage.Projection) iter.Seq2[*Span, error] {
	if f == nil {
		f = &Filter{}
	}
	stats := &storage.Stats{}
	if n.trace {
		return func(yield func(*Span, error) bool) {
			find := Find{Where: n.spans(f.Expr), Range: r, Project: project, Stats: stats, flat: !n.tree}
			for t, err := range e.Find(ctx, find) {
				if err != nil {
					yield(nil, err)
					return
				}
				for _, s := range t.Spans {
					if r.Contains(s.Start) && n.fetched(s) && n.matches(f, s) && !yield(s, nil) {
						return
					}
				}
			}
		}
	}
	return func(yield func(*Span, error) bool) {
		for s, err := range e.scanSpans(ctx, n.spans(f.Expr), r, project, stats) {
			if err != nil {
				yield(nil, err)
				return
			}
			if n.fetched(s) && n.matches(f, s) && !yield(s, nil) {
				return
			}
		}
	}
}

// scanSpans yields spans by time, as often as they came in.
func (e *Engine) scanSpans(ctx context.Context, where storage.Predicate, r model.Range, project *storage.Projection, stats *storage.Stats) iter.Seq2[*Span, error] {
	return func(yield func(*Span, error) bool) {
		scan := storage.Scan{Signal: model.Spans, Range: r, Where: where, Project: project, Stats: stats}
		for b, err := range e.src.Scan(ctx, scan) {
			if err == nil {
				err = e.checkRows(stats)
			}
			if err != nil {
				yield(nil, fmt.Errorf("scan spans: %w", err))
				return
			}
			spans := spansOf(b)
			for i := range spans {
				if !yield(&spans[i], nil) {
					return
				}
			}
		}
	}
}
