package tempoapi

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// flushAt is how many bytes of an answer are gathered before they are sent.
const flushAt = 64 << 10

// writeTraceJSON writes a trace between what an answer begins and ends with.
func writeTraceJSON(w http.ResponseWriter, before string, t *tracepb.TracesData, after string) error {
	w.Header().Set("Content-Type", "application/json")
	e := traceEncoder{w: w, b: append(make([]byte, 0, flushAt+flushAt/4), before...)}
	e.b = append(e.b, '[')
	for _, rs := range t.ResourceSpans {
		e.resource(rs)
	}
	e.b = append(append(e.b, ']'), after...)
	e.flush()
	return e.err
}

// A traceEncoder appends spans in protobuf's JSON, of which ids are base64: what
// protojson writes, without its walk by reflection, which takes longer than
// finding a trace of thousands of spans. What is not UTF-8 becomes U+FFFD.
type traceEncoder struct {
	w   http.ResponseWriter
	b   []byte
	err error // of w
}

func (e *traceEncoder) flush() {
	if e.err == nil {
		_, e.err = e.w.Write(e.b)
	}
	e.b = e.b[:0]
}

// next begins a member or an element. Nothing is left to look at where one was
// sent right before.
func (e *traceEncoder) next() {
	if n := len(e.b); n == 0 || e.b[n-1] != '{' && e.b[n-1] != '[' {
		e.b = append(e.b, ',')
	}
}

// key begins a member.
func (e *traceEncoder) key(name string) {
	e.next()
	e.b = append(append(append(e.b, '"'), name...), `":`...)
}

// open begins an element that is an object.
func (e *traceEncoder) open() {
	e.next()
	e.b = append(e.b, '{')
}

func (e *traceEncoder) close() { e.b = append(e.b, '}') }

func (e *traceEncoder) quote(s string) {
	e.b, _ = jsontext.AppendQuote(e.b, s) // the error tells of invalid UTF-8 only, which it replaces
}

func (e *traceEncoder) text(name, s string) {
	if s != "" {
		e.key(name)
		e.quote(s)
	}
}

func (e *traceEncoder) bytes(name string, b []byte) {
	if len(b) > 0 {
		e.key(name)
		e.b = append(base64.StdEncoding.AppendEncode(append(e.b, '"'), b), '"')
	}
}

func (e *traceEncoder) number(name string, n uint32) {
	if n != 0 {
		e.key(name)
		e.b = strconv.AppendUint(e.b, uint64(n), 10)
	}
}

// nanos appends a 64-bit integer, which is a string in protobuf's JSON.
func (e *traceEncoder) nanos(name string, n uint64) {
	if n != 0 {
		e.key(name)
		e.b = append(strconv.AppendUint(append(e.b, '"'), n, 10), '"')
	}
}

// enum appends the name of a value, or the number of one without a name.
func (e *traceEncoder) enum(name string, n int32, names map[int32]string) {
	if n == 0 {
		return
	}
	e.key(name)
	if known, ok := names[n]; ok {
		e.b = append(append(append(e.b, '"'), known...), '"')
		return
	}
	e.b = strconv.AppendInt(e.b, int64(n), 10)
}

// list appends a member that is an array, unless there are none.
func list[T any](e *traceEncoder, name string, all []T, each func(T)) {
	if len(all) == 0 {
		return
	}
	e.key(name)
	e.b = append(e.b, '[')
	for _, one := range all {
		each(one)
	}
	e.b = append(e.b, ']')
}

func (e *traceEncoder) resource(rs *tracepb.ResourceSpans) {
	e.open()
	if r := rs.Resource; r != nil {
		e.key("resource")
		e.b = append(e.b, '{')
		e.attributes(r.Attributes)
		e.number("droppedAttributesCount", r.DroppedAttributesCount)
		e.close()
	}
	list(e, "scopeSpans", rs.ScopeSpans, e.scope)
	e.text("schemaUrl", rs.SchemaUrl)
	e.close()
}

func (e *traceEncoder) scope(ss *tracepb.ScopeSpans) {
	e.open()
	if s := ss.Scope; s != nil {
		e.key("scope")
		e.b = append(e.b, '{')
		e.text("name", s.Name)
		e.text("version", s.Version)
		e.attributes(s.Attributes)
		e.number("droppedAttributesCount", s.DroppedAttributesCount)
		e.close()
	}
	list(e, "spans", ss.Spans, e.span)
	e.text("schemaUrl", ss.SchemaUrl)
	e.close()
}

func (e *traceEncoder) span(s *tracepb.Span) {
	e.open()
	e.bytes("traceId", s.TraceId)
	e.bytes("spanId", s.SpanId)
	e.text("traceState", s.TraceState)
	e.bytes("parentSpanId", s.ParentSpanId)
	e.number("flags", s.Flags)
	e.text("name", s.Name)
	e.enum("kind", int32(s.Kind), tracepb.Span_SpanKind_name)
	e.nanos("startTimeUnixNano", s.StartTimeUnixNano)
	e.nanos("endTimeUnixNano", s.EndTimeUnixNano)
	e.attributes(s.Attributes)
	e.number("droppedAttributesCount", s.DroppedAttributesCount)
	list(e, "events", s.Events, e.event)
	e.number("droppedEventsCount", s.DroppedEventsCount)
	list(e, "links", s.Links, e.link)
	e.number("droppedLinksCount", s.DroppedLinksCount)
	if st := s.Status; st != nil {
		e.key("status")
		e.b = append(e.b, '{')
		e.text("message", st.Message)
		e.enum("code", int32(st.Code), tracepb.Status_StatusCode_name)
		e.close()
	}
	e.close()
	if len(e.b) >= flushAt {
		e.flush()
	}
}

func (e *traceEncoder) event(ev *tracepb.Span_Event) {
	e.open()
	e.nanos("timeUnixNano", ev.TimeUnixNano)
	e.text("name", ev.Name)
	e.attributes(ev.Attributes)
	e.number("droppedAttributesCount", ev.DroppedAttributesCount)
	e.close()
}

func (e *traceEncoder) link(l *tracepb.Span_Link) {
	e.open()
	e.bytes("traceId", l.TraceId)
	e.bytes("spanId", l.SpanId)
	e.text("traceState", l.TraceState)
	e.attributes(l.Attributes)
	e.number("droppedAttributesCount", l.DroppedAttributesCount)
	e.number("flags", l.Flags)
	e.close()
}

func (e *traceEncoder) attributes(all []*commonpb.KeyValue) { list(e, "attributes", all, e.keyValue) }

func (e *traceEncoder) keyValue(kv *commonpb.KeyValue) {
	e.open()
	e.text("key", kv.Key)
	if kv.Value != nil {
		e.key("value")
		e.value(kv.Value)
	}
	e.close()
}

// value appends an AnyValue; one that is not set is an empty object.
func (e *traceEncoder) value(v *commonpb.AnyValue) {
	e.b = append(e.b, '{')
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		e.key("stringValue")
		e.quote(v.StringValue)
	case *commonpb.AnyValue_BoolValue:
		e.key("boolValue")
		e.b = strconv.AppendBool(e.b, v.BoolValue)
	case *commonpb.AnyValue_IntValue:
		e.key("intValue")
		e.b = append(strconv.AppendInt(append(e.b, '"'), v.IntValue, 10), '"')
	case *commonpb.AnyValue_DoubleValue:
		e.key("doubleValue")
		text, _ := jsonFloat(v.DoubleValue).MarshalJSON() // which leaves nothing to fail
		e.b = append(e.b, text...)
	case *commonpb.AnyValue_BytesValue:
		e.key("bytesValue")
		e.b = append(base64.StdEncoding.AppendEncode(append(e.b, '"'), v.BytesValue), '"')
	case *commonpb.AnyValue_ArrayValue:
		e.key("arrayValue")
		e.b = append(e.b, '{')
		list(e, "values", v.ArrayValue.GetValues(), func(one *commonpb.AnyValue) {
			e.next()
			e.value(one)
		})
		e.close()
	case *commonpb.AnyValue_KvlistValue:
		e.key("kvlistValue")
		e.b = append(e.b, '{')
		list(e, "values", v.KvlistValue.GetValues(), e.keyValue)
		e.close()
	}
	e.close()
}
