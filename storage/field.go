package storage

import "fmt"

// A Place says where in a row a field lives.
type Place uint8

// The places of fields. Those marked (key) need Field.Key.
const (
	Body   Place = iota + 1 // log line, or span name; string
	Stream                  // stream label, or resource attribute (key)
	Attr                    // the row's own attribute (key)

	// Only spans have the following.

	ScopeName     // instrumentation scope; string
	ScopeVersion  // string
	ScopeAttr     // instrumentation scope attribute (key)
	TraceID       // string of 32 lower-case hex digits
	SpanID        // string of 16 lower-case hex digits
	ParentID      // string of 16 lower-case hex digits; absent at roots
	Kind          // integer; see model.SpanKind
	Status        // integer; see model.StatusCode
	StatusMessage // string
	Duration      // integer, ns
	TraceState    // string
	EventName     // string; many values a row
	EventAttr     // attribute of an event (key); many values a row
	EventTime     // integer, ns since the span's start; many values a row
	LinkTraceID   // string; many values a row
	LinkSpanID    // string; many values a row
	LinkAttr      // attribute of a link (key); many values a row

	// What LogQL's parsers find in a body, by package internal/linefield;
	// string. With the empty key it is the parser's error, which only bodies
	// that the parser refuses have.

	JSON      // the label that `| json` makes (key)
	JSONPath  // the label that `| json x="path"` makes; the key is the elements of the path, joined by PathSeparator
	Logfmt    // the label that `| logfmt` makes (key)
	LogfmtKey // the label that `| logfmt x="key"` makes; the key is that of a pair as it is written, the last of which counts
)

// PathSeparator stands between the elements of the key of a JSONPath field; an
// element that is an index is written [0].
const PathSeparator = "\x00"

var placeNames = [...]string{
	Body: "body", Stream: "stream", Attr: "attr", ScopeName: "scope_name", ScopeVersion: "scope_version",
	ScopeAttr: "scope_attr", TraceID: "trace_id", SpanID: "span_id", ParentID: "parent_id", Kind: "kind",
	Status: "status", StatusMessage: "status_message", Duration: "duration", TraceState: "trace_state",
	EventName: "event_name", EventAttr: "event_attr", EventTime: "event_time",
	LinkTraceID: "link_trace_id", LinkSpanID: "link_span_id", LinkAttr: "link_attr",
	JSON: "json", JSONPath: "json_path", Logfmt: "logfmt", LogfmtKey: "logfmt_key",
}

// String returns the place's name in explanations and errors.
func (p Place) String() string {
	if int(p) < len(placeNames) && placeNames[p] != "" {
		return placeNames[p]
	}
	return fmt.Sprintf("place(%d)", p)
}

// A Field names one thing a row may have. Fields are comparable with ==.
type Field struct {
	Place Place
	Key   string // only for places marked (key)
}

// String returns the field as explanations show it: body, stream["app"].
func (f Field) String() string {
	if f.Key == "" {
		return f.Place.String()
	}
	return fmt.Sprintf("%v[%q]", f.Place, f.Key)
}
