package otelmodel

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// check returns the reason to refuse sp, whose attributes are in c.attrs, for
// its size. Events and links weigh like attributes.
func (c *spanConverter) check(sp ptrace.Span, events []model.Event, links []model.Link) (reason, why string) {
	if reason, why := CheckAttrs(c.limits, c.attrs); reason != "" {
		return reason, why
	}
	if n := c.limits.MaxLineBytes; n > 0 && len(sp.Name()) > n {
		return ingest.ReasonTooLarge, fmt.Sprintf("has a name of %d bytes, limit %d", len(sp.Name()), n)
	}
	limit := c.limits.MaxAttrBytes
	if limit == 0 {
		return "", ""
	}
	n := attrBytes(c.attrs) + len(sp.Status().Message()) + len(sp.TraceState().AsRaw())
	for _, e := range events {
		n += len(e.Name) + attrBytes(e.Attrs)
	}
	for _, l := range links {
		n += len(l.TraceState) + attrBytes(l.Attrs)
	}
	if n > limit {
		return ingest.ReasonTooLarge, fmt.Sprintf("has attributes, events and links of %d bytes, limit %d", n, limit)
	}
	return "", ""
}

func eventsOf(es ptrace.SpanEventSlice) []model.Event {
	if es.Len() == 0 {
		return nil
	}
	out := make([]model.Event, es.Len())
	for i, e := range es.All() {
		out[i] = model.Event{
			Time:         nanos(e.Timestamp()),
			Name:         mend(e.Name()),
			Attrs:        Attrs(e.Attributes()),
			DroppedAttrs: e.DroppedAttributesCount(),
		}
	}
	return out
}

func linksOf(ls ptrace.SpanLinkSlice) []model.Link {
	if ls.Len() == 0 {
		return nil
	}
	out := make([]model.Link, ls.Len())
	for i, l := range ls.All() {
		out[i] = model.Link{
			TraceID:      model.TraceID(l.TraceID()),
			SpanID:       model.SpanID(l.SpanID()),
			TraceState:   mend(l.TraceState().AsRaw()),
			Attrs:        Attrs(l.Attributes()),
			DroppedAttrs: l.DroppedAttributesCount(),
			Flags:        l.Flags(),
		}
	}
	return out
}

// kindOf and statusCodeOf keep the protocol's numbers; ones it does not know
// are as good as none.
func kindOf(k ptrace.SpanKind) model.SpanKind {
	if k < ptrace.SpanKindUnspecified || k > ptrace.SpanKindConsumer {
		return model.SpanUnspecified
	}
	return model.SpanKind(k)
}

func statusCodeOf(c ptrace.StatusCode) model.StatusCode {
	if c < ptrace.StatusCodeUnset || c > ptrace.StatusCodeError {
		return model.StatusUnset
	}
	return model.StatusCode(c)
}
