package traceql

import (
	"context"
	"errors"
	"fmt"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A SearchRequest asks for the traces a query finds.
type SearchRequest struct {
	Query       *Query      // required
	Range       model.Range // traces that overlap it; required
	Limit       int         // of traces; 0 means no limit
	SpansPerSet int         // spans shown of a spanset; 0 means all

	// Order chooses which traces are the first Limit. After, a position in
	// that order, skips those up to it; AnyOrder has no positions.
	Order Order
	After *Position

	// Partial asks for what was found, rather than an error, where a search
	// takes too long or scans too much.
	Partial bool

	// Keep, if not nil, drops traces of which it is false. Parameters that are
	// no part of the language, as a least duration of the trace, use it.
	Keep func(*Trace) bool

	// Show, if not nil, is told of every trace that is found as soon as it is,
	// whether or not it will be among the first Limit.
	Show func(TraceHit)
}

// A SearchResult is the traces found, the newest first unless the request says
// otherwise.
type SearchResult struct {
	Traces    []TraceHit
	Inspected int // traces evaluated
	Stats     storage.Stats

	Found int       // traces with a hit, shown or not; with AnyOrder those shown
	Next  *Position // what to go on after; nil if there is no more, and with AnyOrder

	// Partial says why there may be traces that were not looked at; "" if
	// there are none.
	Partial string
}

// A TraceHit is a trace in which a query found something.
type TraceHit struct {
	ID          model.TraceID
	RootService string // "" if the root has not been received, or names no service
	RootName    string
	Start       int64 // ns since the Unix epoch
	Duration    int64 // ns
	Sets        []SpansetHit
	Services    map[string]ServiceStats // of the whole trace
}

// A SpansetHit is a spanset of an answer.
type SpansetHit struct {
	Spans   []SpanHit // in order of their start
	Matched int       // before the cut to SpansPerSet
	Attrs   []SetAttr
}

// A SpanHit is a span of an answer.
type SpanHit struct {
	ID       model.SpanID
	Name     string // only if the query uses it
	Start    int64  // ns since the Unix epoch
	Duration int64  // ns
	Attrs    []model.Attr
}

// ServiceStats counts a service's spans in a trace.
type ServiceStats struct{ Spans, Errors int }

// Search finds traces; of a metrics query, those it would measure.
func (e *Engine) Search(ctx context.Context, r SearchRequest) (*SearchResult, error) {
	e = e.in(ctx)
	out := &SearchResult{}
	pipeline := r.Query.Search
	if pipeline == nil {
		m, ok := r.Query.Metrics.(*MetricPipeline)
		if !ok {
			return out, nil
		}
		pipeline = m.Pipeline
	}
	ctx, cancel := e.deadline(ctx)
	defer cancel()
	n := needsOf(r.Query)
	where, also := n.candidates(pipeline)
	find := Find{Where: where, also: also, Range: r.Range, Project: n.projection(), Stats: &out.Stats, flat: !n.tree}
	if r.Order == AnyOrder {
		find.Likely = r.Limit
	}
	best := &bestHits{most: r.Limit}
	for t, err := range e.Find(ctx, find) {
		if err != nil {
			if out.Partial = e.shortfall(err); r.Partial && out.Partial != "" {
				break
			}
			return nil, err
		}
		out.Inspected++
		if r.Keep != nil && !r.Keep(t) {
			continue
		}
		sets := n.runPipeline(pipeline, n.begin(t))
		if len(sets) == 0 {
			continue
		}
		out.Found++
		if r.Show != nil {
			r.Show(n.hit(t, sets, r.SpansPerSet))
		}
		if at := r.Order.of(t); r.After == nil || at.compare(*r.After) > 0 {
			best.add(at, func() TraceHit { return n.hit(t, sets, r.SpansPerSet) })
		}
		if r.Order == AnyOrder && out.Found == r.Limit {
			out.Partial = fmt.Sprintf("the search ended at its limit of %d traces", r.Limit)
			break
		}
	}
	if out.Traces = best.take(); best.dropped {
		out.Next = &best.last
	}
	return out, nil
}

// shortfall says why a search that failed has looked at a part of the traces
// only; "" if that is not how it failed.
func (e *Engine) shortfall(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("the search took longer than query.timeout, %v", e.limits.Timeout)
	case errors.Is(err, fault.ErrLimit):
		return err.Error()
	}
	return ""
}

func (n *needs) hit(t *Trace, sets []*Spanset, perSet int) TraceHit {
	h := TraceHit{ID: t.ID, RootService: t.RootService(), Start: t.Start, Duration: t.End - t.Start, Services: map[string]ServiceStats{}}
	if t.root != nil {
		h.RootName = t.root.Name
	}
	for _, s := range t.Spans {
		c := h.Services[s.Service()]
		c.Spans++
		if s.Status == model.StatusError {
			c.Errors++
		}
		h.Services[s.Service()] = c
	}
	for _, set := range sets {
		sh := SpansetHit{Matched: len(set.Spans), Attrs: set.Attrs}
		shown := set.Spans
		if perSet > 0 && len(shown) > perSet {
			shown = shown[:perSet]
		}
		for _, s := range shown {
			sh.Spans = append(sh.Spans, n.spanHit(s))
		}
		h.Sets = append(h.Sets, sh)
	}
	return h
}

// spanHit returns a span with the attributes that the query names.
func (n *needs) spanHit(s *Span) SpanHit {
	h := SpanHit{ID: s.SpanID, Start: s.Start, Duration: s.Duration}
	for _, a := range n.shown {
		switch a.Intrinsic {
		case IntrinsicName:
			h.Name = s.Name
		case IntrinsicDuration, IntrinsicTraceDuration, IntrinsicRootName, IntrinsicRootService, IntrinsicSpanID, IntrinsicTraceID:
		case NoIntrinsic:
			h.Attrs = append(h.Attrs, n.shownValues(a, s)...)
		default:
			h.Attrs = append(h.Attrs, model.Attr{Key: intrinsicNames[a.Intrinsic], Value: n.shownIntrinsic(a, s)})
		}
	}
	return h
}

func (n *needs) shownIntrinsic(a Attribute, s *Span) model.Value {
	if a.Intrinsic == IntrinsicParentID && s.ParentID.IsZero() {
		return model.String("0000000000000000")
	}
	v := zero(intrinsicTypes[a.Intrinsic])
	n.subjects(s, func(sub *subject) bool {
		if last := sub.intrinsic(a.Intrinsic); !last.IsNil() {
			v = last
		}
		return false
	})
	if v.typ == TypeDuration {
		return model.String(v.Text())
	}
	return v.Value()
}

// shownValues returns an attribute's stored values; an unscoped one may have
// two, of the span and of the resource.
func (n *needs) shownValues(a Attribute, s *Span) []model.Attr {
	var out []model.Attr
	sight := n.attrs[a.key()]
	column := columnOf(a)
	filled := column != TypeNil && (sight.read || sight.whole && !sight.conditional())
	add := func(v model.Value) {
		if filled {
			v = columnValue(column, v)
		}
		if v = sight.shows(v); !v.IsNone() {
			out = append(out, model.Attr{Key: a.Name, Value: v})
		}
	}
	switch a.Scope {
	case ScopeNone:
		add(model.FindAttr(s.Attrs, a.Name))
		add(s.Stream.Attr(a.Name))
	case ScopeSpan:
		add(model.FindAttr(s.Attrs, a.Name))
	case ScopeResource:
		add(s.Stream.Attr(a.Name))
	case ScopeInstrumentation:
		add(model.FindAttr(s.Stream.ScopeAttrs, a.Name))
	default:
		var last model.Value
		n.subjects(s, func(sub *subject) bool {
			v := model.Value{}
			if sub.event != nil && a.Scope == ScopeEvent {
				v = model.FindAttr(sub.event.Attrs, a.Name)
			}
			if sub.link != nil && a.Scope == ScopeLink {
				v = model.FindAttr(sub.link.Attrs, a.Name)
			}
			if !v.IsNone() {
				last = v
			}
			return false
		})
		add(last)
	}
	if len(out) == 0 && (sight.isNil || filled) {
		out = append(out, model.Attr{Key: a.Name, Value: model.String("nil")})
	}
	return out
}

// shows returns what an answer shows of a stored value: nothing the query does
// not see, and of an array the element it asked for.
func (s *sight) shows(v model.Value) model.Value {
	r := resultOf(v)
	switch {
	case r.opaque:
		return model.Value{}
	case s.whole || s.read || s.exists:
		return v
	case len(r.many) == 0:
		if r.one.IsNil() || s.sees(r.one) {
			return v
		}
		return model.Value{}
	}
	for _, e := range r.many {
		if s.sees(e) {
			return e.Value()
		}
	}
	return model.Value{}
}
