package datadog

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/model"
)

// Tags that mean more than their text.
const (
	tagTraceIDHigh = "_dd.p.tid" // on the first span of a chunk, hex
	tagLinks       = "_dd.span_links"
	tagEvents      = "events"
	tagKind        = "span.kind"
	tagHost        = "_dd.hostname"
)

// translate turns traces into OpenTelemetry's, mostly as the collector's
// Datadog receiver does: the resource is an attribute, and tags that
// OpenTelemetry has a name for get that. A span's name is its operation's.
func translate(traces [][]ddSpan, header http.Header, limits ingest.Limits) (td ptrace.Traces, refused otelmodel.Refusals) {
	td = ptrace.NewTraces()
	for _, spans := range traces {
		high := highHalf(spans)
		for i := range spans {
			s := &spans[i]
			// Before the work, which grows with the square of their number.
			if n := len(s.Meta) + len(s.Metrics); limits.MaxAttrs > 0 && n > limits.MaxAttrs {
				refused.Add(ingest.ReasonLabels, 1, "span has %d tags and metrics, limit %d", n, limits.MaxAttrs)
				continue
			}
			rs := td.ResourceSpans().AppendEmpty() // equal ones become one stream
			resource(rs.Resource().Attributes(), s, header)
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName("Datadog")
			ss.Scope().SetVersion(header.Get("Datadog-Meta-Tracer-Version"))
			fill(ss.Spans().AppendEmpty(), s, high[s.TraceID])
		}
	}
	return td, refused
}

// highHalf returns the upper halves of trace ids by the lower ones.
func highHalf(spans []ddSpan) map[uint64]uint64 {
	var high map[uint64]uint64
	for i := range spans {
		if n, err := strconv.ParseUint(spans[i].Meta[tagTraceIDHigh], 16, 64); err == nil {
			if high == nil {
				high = map[uint64]uint64{}
			}
			high[spans[i].TraceID] = n
		}
	}
	return high
}

func traceID(high, low uint64) (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[:8], high)
	binary.BigEndian.PutUint64(id[8:], low)
	return id
}

func spanID(n uint64) (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], n)
	return id
}

// resourceTags are the tags of a span that are of its process, and what
// OpenTelemetry calls them.
var resourceTags = map[string]string{"env": "deployment.environment.name", "version": "service.version", tagHost: "host.name"}

func resource(attrs pcommon.Map, s *ddSpan, header http.Header) {
	put := func(key, value string) {
		if value != "" {
			attrs.PutStr(key, value)
		}
	}
	put("service.name", s.Service)
	for tag, name := range resourceTags {
		put(name, s.Meta[tag])
	}
	put("telemetry.sdk.name", "Datadog")
	if v := header.Get("Datadog-Meta-Tracer-Version"); v != "" {
		put("telemetry.sdk.version", "Datadog-"+v)
	}
	lang := header.Get("Datadog-Meta-Lang")
	if lang == ".NET" {
		lang = "dotnet"
	}
	put("telemetry.sdk.language", lang)
	put("process.runtime.version", header.Get("Datadog-Meta-Lang-Version"))
	put("container.id", header.Get("Datadog-Container-ID"))
}

func fill(out ptrace.Span, s *ddSpan, high uint64) {
	out.SetTraceID(traceID(high, s.TraceID))
	out.SetSpanID(spanID(s.SpanID))
	out.SetParentSpanID(spanID(s.ParentID))
	out.SetName(s.Name)
	out.SetKind(kindOf(s))
	if s.Start > 0 {
		out.SetStartTimestamp(pcommon.Timestamp(s.Start))
		out.SetEndTimestamp(pcommon.Timestamp(s.Start) + pcommon.Timestamp(max(s.Duration, 0)))
	}
	attrs := out.Attributes()
	attrs.PutStr("dd.span.Resource", s.Resource)
	if s.Type != "" {
		attrs.PutStr("dd.span.type", s.Type)
	}
	if p, ok := s.Metrics["_sampling_priority_v1"]; ok {
		attrs.PutStr("sampling.priority", strconv.FormatFloat(p, 'f', -1, 64))
	}
	links, events := links(out, s), events(out, s)
	failed := exception(out, s)
	for key, value := range s.Meta {
		switch {
		case resourceTags[key] != "", key == tagTraceIDHigh, key == tagKind && out.Kind() != ptrace.SpanKindUnspecified,
			key == "service" && value == s.Service, key == tagLinks && links, key == tagEvents && events, failed && errorTags[key] != "":
		default:
			putText(attrs, attributeName(key), value)
		}
	}
	for key, value := range s.Metrics {
		attrs.PutDouble(attributeName(key), value)
	}
}

// putText puts a tag. Status codes are numbers in OpenTelemetry.
func putText(attrs pcommon.Map, name, value string) {
	if name == "http.response.status_code" {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			attrs.PutInt(name, n)
			return
		}
	}
	attrs.PutStr(name, value)
}

func kindOf(s *ddSpan) ptrace.SpanKind {
	switch s.Meta[tagKind] {
	case "server":
		return ptrace.SpanKindServer
	case "client":
		return ptrace.SpanKindClient
	case "producer":
		return ptrace.SpanKindProducer
	case "consumer":
		return ptrace.SpanKindConsumer
	case "internal":
		return ptrace.SpanKindInternal
	}
	switch s.Type {
	case "web":
		return ptrace.SpanKindServer
	case "http":
		return ptrace.SpanKindClient
	}
	return ptrace.SpanKindUnspecified
}

// errorTags describe an error, which is an event in OpenTelemetry.
var errorTags = map[string]string{
	"error.type": "exception.type", "error.message": "exception.message", "error.msg": "exception.message",
	"error.stack": "exception.stacktrace", "error.stacktrace": "exception.stacktrace",
}

// exception sets the status of a span that failed, and adds the event. It
// reports whether it did.
func exception(out ptrace.Span, s *ddSpan) bool {
	if s.Error == 0 {
		return false
	}
	out.Status().SetCode(ptrace.StatusCodeError)
	described := pcommon.NewMap()
	for tag, name := range errorTags {
		if v := s.Meta[tag]; v != "" {
			described.PutStr(name, v)
		}
	}
	if described.Len() == 0 {
		return true
	}
	if v, ok := described.Get("exception.message"); ok {
		out.Status().SetMessage(v.Str())
	}
	e := out.Events().AppendEmpty()
	e.SetName("exception")
	e.SetTimestamp(out.EndTimestamp())
	described.MoveTo(e.Attributes())
	return true
}

// links adds the span's links. It reports whether the tag of links, if there
// is one, is among them.
func links(out ptrace.Span, s *ddSpan) bool {
	for _, l := range s.Links {
		to := out.Links().AppendEmpty()
		to.SetTraceID(traceID(l.TraceIDHigh, l.TraceID))
		to.SetSpanID(spanID(l.SpanID))
		to.TraceState().FromRaw(l.TraceState)
		to.SetFlags(l.Flags)
		attrs := make(map[string]any, len(l.Attributes))
		for k, v := range l.Attributes {
			attrs[k] = v
		}
		_ = to.Attributes().FromRaw(attrs) // texts all
	}
	// A link in a tag has its ids in hex.
	var inTag []struct {
		TraceID    string         `json:"trace_id"`
		SpanID     string         `json:"span_id"`
		TraceState string         `json:"tracestate"`
		Attributes map[string]any `json:"attributes"`
	}
	if json.Unmarshal([]byte(s.Meta[tagLinks]), &inTag) != nil {
		return false
	}
	for _, l := range inTag {
		trace, err := model.ParseTraceID(l.TraceID)
		if err != nil {
			return false
		}
		span, err := model.ParseSpanID(l.SpanID)
		if err != nil {
			return false
		}
		to := out.Links().AppendEmpty()
		to.SetTraceID(pcommon.TraceID(trace))
		to.SetSpanID(pcommon.SpanID(span))
		to.TraceState().FromRaw(l.TraceState)
		_ = to.Attributes().FromRaw(l.Attributes) // JSON's values all have a kind there
	}
	return true
}

// events adds the span's events, and reports likewise.
func events(out ptrace.Span, s *ddSpan) bool {
	add := func(es []ddEvent) {
		for _, e := range es {
			to := out.Events().AppendEmpty()
			to.SetName(e.Name)
			to.SetTimestamp(pcommon.Timestamp(e.Time))
			_ = to.Attributes().FromRaw(e.Attributes)
		}
	}
	add(s.Events)
	var inTag []ddEvent
	if json.Unmarshal([]byte(s.Meta[tagEvents]), &inTag) != nil {
		return false
	}
	add(inTag)
	return true
}

// attributeNames are OpenTelemetry's names of tags.
var attributeNames = map[string]string{
	"http.method": "http.request.method", "http.status_code": "http.response.status_code", "http.url": "url.full",
	"http.useragent": "user_agent.original", "http.client_ip": "client.address", "http.version": "network.protocol.version",
	"http.server_name": "server.address", "http.referer": "http.request.header.referer",
	"http.request.content_length": "http.request.body.size", "http.response.content_length": "http.response.body.size",
	"db.type": "db.system.name", "db.operation": "db.operation.name", "db.instance": "db.namespace",
	"db.sql.table": "db.collection.name", "db.pool.name": "db.client.connection.pool.name", "db.statement": "db.query.text",
	"process_id": "process.pid",
}

func attributeName(tag string) string {
	if name := attributeNames[tag]; name != "" {
		return name
	}
	if rest, ok := strings.CutPrefix(tag, "http.request.headers."); ok {
		return "http.request.header." + rest
	}
	if rest, ok := strings.CutPrefix(tag, "http.response.headers."); ok {
		return "http.response.header." + rest
	}
	return tag
}
