package evidence

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/services"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

const (
	tracesRead = 20 // those that failed, the newest, and the slowest, of which the most telling are shown
	maxSteps   = 6  // of a critical path
	slowWithin = 15 * time.Minute
	leastStep  = 0.01 // of the duration of a trace
)

// traces finds traces that failed, and the slowest.
func (s *search) traces(ctx context.Context) (set func(*Evidence), err error) {
	defer close(s.suspects)
	if s.c.opts.Engines.Traces == nil {
		return nil, nil
	}
	query, err := s.spansQuery(ctx)
	if err != nil || query == "" {
		return nil, err
	}
	r := s.recently()
	failed, where, err := s.failedTraces(ctx, query, r)
	if err != nil {
		return nil, err
	}
	s.suspects <- where
	out := &Traces{Query: query, Items: failed}
	if len(failed) > 0 {
		out.Query = failing(query)
	}
	out.URL = s.tracesURL(out.Query, r)
	slow, err := s.slowTraces(ctx, query, r, failed)
	out.Items = append(out.Items, slow...)
	out.Items = out.Items[:min(len(out.Items), s.c.opts.Config.Traces)]
	if len(out.Items) == 0 {
		return nil, err
	}
	return func(e *Evidence) { e.Traces = out }, err
}

// spansQuery returns TraceQL for the spans that the alerts are about: those
// that a rule over traces counts, or those of the services it names; "" if
// there is none of these.
func (s *search) spansQuery(ctx context.Context) (string, error) {
	for _, sub := range s.subjects {
		if !sub.over && sub.signal() == alerting.Traces && sub.err == nil && sub.expr != "" {
			return sub.countedSpans(), nil
		}
	}
	wanted := s.candidates()
	if len(wanted) == 0 {
		return "", nil
	}
	known, err := s.c.opts.Events.Values(ctx, storage.ValuesRequest{
		Signal: model.Spans, Range: s.recently(), Field: storage.Field{Place: storage.Stream, Key: "service.name"}, Limit: 1000,
	})
	if err != nil {
		return "", fmt.Errorf("find services: %w", err)
	}
	var names []string
	for _, v := range known {
		if name := v.Value.Text(); wanted[name] {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	slices.Sort(names)
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = "resource.service.name = " + strconv.Quote(name)
	}
	return "{ " + strings.Join(parts, " || ") + " }", nil
}

// countedSpans returns the search in a metrics query, narrowed to the labels of
// the alert that are text.
func (sub *subject) countedSpans() string {
	q, err := traceql.Parse(sub.cond.measured)
	if err != nil {
		return ""
	}
	m := q.Metrics
	if stages, ok := m.(*traceql.MetricStages); ok {
		m = stages.Expr
	}
	if math, ok := m.(*traceql.MetricMath); ok {
		m = math.L
	}
	pipeline, ok := m.(*traceql.MetricPipeline)
	if !ok {
		return ""
	}
	text := (&traceql.Query{Search: pipeline.Pipeline}).String()
	for _, by := range pipeline.Fn.By {
		if by.Intrinsic != traceql.NoIntrinsic {
			continue
		}
		name := alerting.LabelName(by.String())
		if v, ok := sub.series[name]; ok {
			narrowed := text + " | { " + by.String() + " = " + strconv.Quote(v) + " }"
			if _, err := traceql.Parse(narrowed); err == nil {
				text = narrowed
			}
		}
	}
	return text
}

// failing narrows a search to spans that failed.
func failing(query string) string { return query + " | { status = error }" }

// failedTraces returns traces in which query finds a span that failed, by how
// often traces fail as they do, and the services where that began.
func (s *search) failedTraces(ctx context.Context, query string, r model.Range) (out []Trace, where []string, err error) {
	q, err := traceql.Parse(failing(query))
	if err != nil {
		return nil, nil, err
	}
	hits, err := s.c.opts.Engines.Traces.Search(ctx, traceql.SearchRequest{Query: q, Range: r, Limit: tracesRead, SpansPerSet: 1, Partial: true})
	if err != nil {
		return nil, nil, err
	}
	type kind struct {
		trace Trace
		count int
	}
	kinds := map[string]*kind{}
	var order []*kind
	for _, hit := range hits.Traces {
		t, err := s.whole(ctx, hit.ID, r)
		if err != nil {
			return nil, nil, err
		}
		key := t.Failed.kind()
		if k := kinds[key]; k != nil {
			k.count++
			continue
		}
		k := &kind{t, 1}
		kinds[key] = k
		order = append(order, k)
	}
	slices.SortStableFunc(order, func(a, b *kind) int { return cmp.Compare(b.count, a.count) })
	for _, k := range order {
		out = append(out, k.trace)
		if f := k.trace.Failed; f != nil && f.Service != "" && !slices.Contains(where, f.Service) {
			where = append(where, f.Service)
		}
	}
	return out, where, nil
}

// kind is the same for failures that are alike.
func (sp *Span) kind() string {
	if sp == nil {
		return ""
	}
	return sp.Service + "\x00" + sp.Name + "\x00" + shape(sp.Message)
}

// slowTraces returns the slowest traces of the last minutes, but for those that
// failed as one of known.
func (s *search) slowTraces(ctx context.Context, query string, r model.Range, known []Trace) (out []Trace, err error) {
	room := s.c.opts.Config.Traces - len(known)
	if room <= 0 {
		return nil, nil
	}
	q, err := traceql.Parse(query)
	if err != nil {
		return nil, err
	}
	r.Start = max(r.Start, r.End-int64(slowWithin))
	hits, err := s.c.opts.Engines.Traces.Search(ctx, traceql.SearchRequest{
		Query: q, Range: r, Limit: tracesRead, SpansPerSet: 1, Order: traceql.ByDuration, Partial: true,
	})
	if err != nil {
		return nil, err
	}
	for _, hit := range hits.Traces {
		if len(out) == room {
			break
		}
		t, err := s.whole(ctx, hit.ID, r)
		if err != nil {
			return out, err
		}
		if slices.ContainsFunc(known, func(k Trace) bool { return k.ID == t.ID || t.Failed != nil && t.Failed.kind() == k.Failed.kind() }) {
			continue
		}
		out = append(out, t)
	}
	return out, nil
}

// whole reads a trace.
func (s *search) whole(ctx context.Context, id model.TraceID, r model.Range) (Trace, error) {
	t, err := s.c.opts.Engines.Traces.Trace(ctx, id, r)
	if err != nil {
		return Trace{}, err
	}
	out := Trace{
		ID: t.ID.String(), Service: s.c.clean(t.RootService(), maxName), Start: time.Unix(0, t.Start).UTC(),
		Duration: float64(t.End-t.Start) / 1e9, Spans: len(t.Spans), Failed: s.c.failure(t), Critical: s.c.steps(t),
	}
	if root := t.Root(); root != nil {
		out.Name = s.c.clean(root.Name, maxName)
	}
	span := ""
	if out.Failed != nil {
		span = out.Failed.ID
	}
	out.URL = s.traceURL(out.ID, span)
	return out, nil
}

// failure returns the span where the failure of a trace began: one that failed
// and none of whose children did, the earliest; nil if none failed.
func (c *Collector) failure(t *traceql.Trace) *Span {
	failed, passedOn := 0, map[*traceql.Span]bool{}
	for _, sp := range t.Spans {
		if sp.Status == model.StatusError {
			failed++
			passedOn[sp.Parent()] = true
		}
	}
	for _, sp := range t.Spans { // by their start
		if sp.Status == model.StatusError && !passedOn[sp] {
			return &Span{
				ID: sp.SpanID.String(), Service: c.clean(sp.Service(), maxName), Name: c.clean(sp.Name, maxName),
				Message: c.clean(message(sp), maxMessage), Errors: failed,
			}
		}
	}
	return nil
}

// message is what a span says of its failure.
func message(sp *traceql.Span) string {
	text, kind := sp.StatusMessage, ""
	for _, e := range sp.Events {
		if e.Name == "exception" {
			kind = model.FindAttr(e.Attrs, "exception.type").Text()
			text = cmp.Or(model.FindAttr(e.Attrs, "exception.message").Text(), text)
		}
	}
	if kind != "" && text != "" && !strings.Contains(text, kind) {
		return kind + ": " + text
	}
	return cmp.Or(text, kind)
}

// steps returns who has the most of the critical path, in the order in which
// they come.
func (c *Collector) steps(t *traceql.Trace) []Step {
	path := services.CriticalPathOf(t)
	place := map[string]int{}
	for i, seg := range path.Segments {
		if _, ok := place[seg.SpanID]; !ok {
			place[seg.SpanID] = i
		}
	}
	top := path.Spans[:min(len(path.Spans), maxSteps)]
	top = slices.DeleteFunc(slices.Clone(top), func(s services.Share) bool { return s.Part < leastStep })
	slices.SortFunc(top, func(a, b services.Share) int { return cmp.Compare(place[a.SpanID], place[b.SpanID]) })
	out := make([]Step, len(top))
	for i, sh := range top {
		out[i] = Step{c.clean(sh.Service, maxName), c.clean(sh.Name, maxName), float64(sh.Self) / 1e9, sh.Part}
	}
	return out
}
