package self

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/oriel-obs/oriel/internal/redact"
	"github.com/oriel-obs/oriel/model"
)

// ExportSpans implements sdktrace.SpanExporter.
func (t *Telemetry) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	q := t.spans.Load()
	if q == nil {
		return nil
	}
	for _, s := range spans {
		q.add(len(s.Name()), func(b *model.Builder) { addSpan(b, s) })
	}
	return nil
}

// Shutdown implements sdktrace.SpanExporter.
func (t *Telemetry) Shutdown(context.Context) error { return nil }

func addSpan(b *model.Builder, s sdktrace.ReadOnlySpan) {
	scope := s.InstrumentationScope()
	st := b.Stream(&model.Stream{
		Attrs: attrs(s.Resource().Attributes()), SchemaURL: s.Resource().SchemaURL(),
		ScopeName: scope.Name, ScopeVersion: scope.Version, ScopeSchemaURL: scope.SchemaURL,
	})
	sp := model.Span{
		TraceID: model.TraceID(s.SpanContext().TraceID()), SpanID: model.SpanID(s.SpanContext().SpanID()),
		ParentID: model.SpanID(s.Parent().SpanID()), Name: s.Name(), Kind: model.SpanKind(s.SpanKind()),
		Start: s.StartTime().UnixNano(), Duration: max(0, int64(s.EndTime().Sub(s.StartTime())/time.Nanosecond)),
		Status: status(s.Status().Code), StatusMessage: redact.Addresses(s.Status().Description),
		TraceState: s.SpanContext().TraceState().String(), Flags: uint32(s.SpanContext().TraceFlags()),
		DroppedAttrs: uint32(s.DroppedAttributes()), DroppedEvents: uint32(s.DroppedEvents()), DroppedLinks: uint32(s.DroppedLinks()),
	}
	for _, e := range s.Events() {
		sp.Events = append(sp.Events, model.Event{Time: e.Time.UnixNano(), Name: e.Name, Attrs: attrs(e.Attributes), DroppedAttrs: uint32(e.DroppedAttributeCount)})
	}
	for _, l := range s.Links() {
		sp.Links = append(sp.Links, model.Link{
			TraceID: model.TraceID(l.SpanContext.TraceID()), SpanID: model.SpanID(l.SpanContext.SpanID()),
			TraceState: l.SpanContext.TraceState().String(), Attrs: attrs(l.Attributes), DroppedAttrs: uint32(l.DroppedAttributeCount),
		})
	}
	b.Span(st, sp)
	for _, a := range attrs(s.Attributes()) {
		b.Attr(a.Key, a.Value)
	}
}

func status(c codes.Code) model.StatusCode {
	switch c {
	case codes.Ok:
		return model.StatusOK
	case codes.Error:
		return model.StatusError
	}
	return model.StatusUnset
}

// text returns a text attribute. Of the addresses that are asked, and of those in
// errors, the host is told: the rest lets one in at some receivers.
func text(kv attribute.KeyValue) string {
	v := kv.Value.AsString()
	switch kv.Key {
	case "url.full", "http.url", "exception.message", "error.message":
		return redact.Addresses(v)
	}
	return v
}

// attrs converts and sorts SDK attributes; lists become JSON text.
func attrs(kvs []attribute.KeyValue) []model.Attr {
	out := make([]model.Attr, 0, len(kvs))
	for _, kv := range kvs {
		a := model.Attr{Key: string(kv.Key)}
		switch kv.Value.Type() {
		case attribute.BOOL:
			a.Value = model.Bool(kv.Value.AsBool())
		case attribute.INT64:
			a.Value = model.Int(kv.Value.AsInt64())
		case attribute.FLOAT64:
			a.Value = model.Float(kv.Value.AsFloat64())
		case attribute.STRING:
			a.Value = model.String(text(kv))
		default:
			a.Value = model.Array(kv.Value.String())
		}
		out = append(out, a)
	}
	return model.SortAttrs(out)
}
