package traceql

import (
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/oriel-obs/oriel/model"
)

// OTLP returns the trace in OpenTelemetry's protocol, its spans grouped by
// resource and scope. A server's span
// that shares its id with the client's, as Zipkin has it, gets an id of its
// own, and the children of the shared id become its children.
func (t *Trace) OTLP() *tracepb.TracesData {
	ids := t.SeparateIDs()
	out := &tracepb.TracesData{}
	resources := map[string]*tracepb.ResourceSpans{}
	scopes := map[*model.Stream]*tracepb.ScopeSpans{}
	for _, s := range t.Spans {
		ss := scopes[s.Stream]
		if ss == nil {
			ss = &tracepb.ScopeSpans{
				Scope: &commonpb.InstrumentationScope{
					Name: s.Stream.ScopeName, Version: s.Stream.ScopeVersion, Attributes: keyValues(s.Stream.ScopeAttrs),
					DroppedAttributesCount: s.Stream.ScopeDroppedAttrs,
				},
				SchemaUrl: s.Stream.ScopeSchemaURL,
			}
			scopes[s.Stream] = ss
			rs := resourceOf(out, resources, s.Stream)
			rs.ScopeSpans = append(rs.ScopeSpans, ss)
		}
		ss.Spans = append(ss.Spans, encodeSpan(s, ids))
	}
	return out
}

func resourceOf(out *tracepb.TracesData, known map[string]*tracepb.ResourceSpans, st *model.Stream) *tracepb.ResourceSpans {
	key := string(model.AppendAttrs(nil, st.Attrs)) + "\x00" + st.SchemaURL
	rs := known[key]
	if rs == nil {
		rs = &tracepb.ResourceSpans{
			Resource:  &resourcepb.Resource{Attributes: keyValues(st.Attrs), DroppedAttributesCount: st.DroppedAttrs},
			SchemaUrl: st.SchemaURL,
		}
		known[key] = rs
		out.ResourceSpans = append(out.ResourceSpans, rs)
	}
	return rs
}

func encodeSpan(s *Span, ids SpanIDs) *tracepb.Span {
	id, parent := ids.Of(s)
	out := &tracepb.Span{
		TraceId: s.TraceID[:], SpanId: id[:], TraceState: s.TraceState, Flags: s.Flags, Name: valid(s.Name),
		Kind: tracepb.Span_SpanKind(s.Kind), StartTimeUnixNano: uint64(s.Start), EndTimeUnixNano: uint64(s.End()),
		Attributes: keyValues(s.Attrs), DroppedAttributesCount: s.DroppedAttrs,
		DroppedEventsCount: s.DroppedEvents, DroppedLinksCount: s.DroppedLinks,
		Status: &tracepb.Status{Code: tracepb.Status_StatusCode(s.Status), Message: valid(s.StatusMessage)},
	}
	if !parent.IsZero() {
		out.ParentSpanId = parent[:]
	}
	for i := range s.Events {
		e := &s.Events[i]
		out.Events = append(out.Events, &tracepb.Span_Event{
			TimeUnixNano: uint64(e.Time), Name: valid(e.Name), Attributes: keyValues(e.Attrs), DroppedAttributesCount: e.DroppedAttrs,
		})
	}
	for i := range s.Links {
		l := &s.Links[i]
		out.Links = append(out.Links, &tracepb.Span_Link{
			TraceId: l.TraceID[:], SpanId: l.SpanID[:], TraceState: l.TraceState, Attributes: keyValues(l.Attrs),
			DroppedAttributesCount: l.DroppedAttrs, Flags: l.Flags,
		})
	}
	return out
}

// valid replaces what is not UTF-8, which protobuf refuses.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
