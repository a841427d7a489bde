package otelmodel

import (
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// Spans converts td, of which it keeps no more than strings, and returns what
// limits refuse at now. A span's stream is its resource and scope as sent: a
// missing service.name is for readers to see. A span without a start begins
// at its end, one without both now.
func Spans(td ptrace.Traces, limits ingest.Limits, now time.Time) (*model.Batch, Refusals) {
	c := &spanConverter{limits: limits, now: now, bd: model.NewBuilder(model.Spans, td.SpanCount())}
	for _, rs := range td.ResourceSpans().All() {
		res := model.Stream{
			Attrs:        Attrs(rs.Resource().Attributes()),
			DroppedAttrs: rs.Resource().DroppedAttributesCount(),
			SchemaURL:    mend(rs.SchemaUrl()),
		}
		for _, ss := range rs.ScopeSpans().All() {
			c.scope(res, ss)
		}
	}
	return c.bd.Batch(), c.out
}

type spanConverter struct {
	limits ingest.Limits
	now    time.Time
	bd     *model.Builder
	out    Refusals
	attrs  []model.Attr // of one span; reused
}

// scope adds the spans of ss, whose resource is in s.
func (c *spanConverter) scope(s model.Stream, ss ptrace.ScopeSpans) {
	if ss.Spans().Len() == 0 {
		return
	}
	s.ScopeName = mend(ss.Scope().Name())
	s.ScopeVersion = mend(ss.Scope().Version())
	s.ScopeSchemaURL = mend(ss.SchemaUrl())
	s.ScopeAttrs = Attrs(ss.Scope().Attributes())
	s.ScopeDroppedAttrs = ss.Scope().DroppedAttributesCount()
	for _, attrs := range [][]model.Attr{s.Attrs, s.ScopeAttrs} {
		if reason, why := CheckAttrs(c.limits, attrs); reason != "" {
			c.out.Add(reason, ss.Spans().Len(), "resource or scope %s", why)
			return
		}
	}
	stream := c.bd.Stream(&s)
	for _, sp := range ss.Spans().All() {
		c.span(stream, sp)
	}
}

func (c *spanConverter) span(stream uint32, sp ptrace.Span) {
	if sp.TraceID().IsEmpty() || sp.SpanID().IsEmpty() {
		c.out.Add(ingest.ReasonNoID, 1, "span %q has trace id %q and span id %q", cut(sp.Name(), 256), sp.TraceID(), sp.SpanID())
		return
	}
	start, end := nanos(sp.StartTimestamp()), nanos(sp.EndTimestamp())
	if start == 0 {
		start = end
	}
	if start == 0 {
		start = c.now.UnixNano()
	}
	if reason := c.limits.CheckTime(start, c.now); reason != "" {
		c.out.Add(reason, 1, "span %q of %s", cut(sp.Name(), 256), timeText(start))
		return
	}
	c.attrs = AppendAttrs(c.attrs[:0], sp.Attributes())
	events, links := eventsOf(sp.Events()), linksOf(sp.Links())
	if reason, why := c.check(sp, events, links); reason != "" {
		c.out.Add(reason, 1, "span %q %s", cut(sp.Name(), 256), why)
		return
	}
	c.bd.Span(stream, model.Span{
		TraceID:       model.TraceID(sp.TraceID()),
		SpanID:        model.SpanID(sp.SpanID()),
		ParentID:      model.SpanID(sp.ParentSpanID()),
		Name:          mend(sp.Name()),
		Kind:          kindOf(sp.Kind()),
		Start:         start,
		Duration:      max(end-start, 0),
		Status:        statusCodeOf(sp.Status().Code()),
		StatusMessage: mend(sp.Status().Message()),
		TraceState:    mend(sp.TraceState().AsRaw()),
		Flags:         sp.Flags(),
		Events:        events,
		Links:         links,
		DroppedAttrs:  sp.DroppedAttributesCount(),
		DroppedEvents: sp.DroppedEventsCount(),
		DroppedLinks:  sp.DroppedLinksCount(),
	})
	for _, a := range c.attrs {
		c.bd.Attr(a.Key, a.Value)
	}
}
