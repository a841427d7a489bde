package datadog

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// A ddSpan is a span as tracers send it.
type ddSpan struct {
	Service  string             `json:"service"`
	Name     string             `json:"name"`     // of the operation, like web.request
	Resource string             `json:"resource"` // what it is done to, like GET /users
	TraceID  uint64             `json:"trace_id"` // the lower half; the upper one is in tagTraceIDHigh
	SpanID   uint64             `json:"span_id"`
	ParentID uint64             `json:"parent_id"`
	Start    int64              `json:"start"`    // ns since the Unix epoch
	Duration int64              `json:"duration"` // ns
	Error    int64              `json:"error"`    // not 0 if there was one
	Meta     map[string]string  `json:"meta"`
	Metrics  map[string]float64 `json:"metrics"`
	Type     string             `json:"type"` // web, http, sql and the like
	Links    []ddLink           `json:"span_links"`
	Events   []ddEvent          `json:"span_events"`
}

// A ddLink is a link to another span.
type ddLink struct {
	TraceID     uint64            `json:"trace_id"`
	TraceIDHigh uint64            `json:"trace_id_high"`
	SpanID      uint64            `json:"span_id"`
	Attributes  map[string]string `json:"attributes"`
	TraceState  string            `json:"tracestate"`
	Flags       uint32            `json:"flags"`
}

// A ddEvent is something that happened during a span.
type ddEvent struct {
	Name       string         `json:"name"`
	Time       uint64         `json:"time_unix_nano"`
	Attributes map[string]any `json:"attributes"`
}

// A reader takes MessagePack apart. After an error, which it keeps, every
// value is empty.
type reader struct {
	b   []byte
	err error
}

// read applies one of msgp's functions. A nil stands for the zero value.
func read[T any](r *reader, f func([]byte) (T, []byte, error)) T {
	var zero T
	if r.err != nil {
		return zero
	}
	if msgp.IsNil(r.b) {
		r.b, r.err = msgp.ReadNilBytes(r.b)
		return zero
	}
	v, rest, err := f(r.b)
	if err != nil {
		r.err = err
		return zero
	}
	r.b = rest
	return v
}

func (r *reader) text() string { return read(r, msgp.ReadStringBytes) }
func (r *reader) int() int64   { return read(r, msgp.ReadInt64Bytes) }
func (r *reader) id() uint64   { return read(r, msgp.ReadUint64Bytes) }

// number reads a number of any kind.
func (r *reader) number() float64 {
	switch msgp.NextType(r.b) {
	case msgp.IntType:
		return float64(read(r, msgp.ReadInt64Bytes))
	case msgp.UintType:
		return float64(read(r, msgp.ReadUint64Bytes))
	case msgp.Float32Type:
		return float64(read(r, msgp.ReadFloat32Bytes))
	}
	return read(r, msgp.ReadFloat64Bytes)
}

func (r *reader) skip() {
	if r.err == nil {
		r.b, r.err = msgp.Skip(r.b)
	}
}

// list calls f for each element of a list, which it must read.
func (r *reader) list(f func()) {
	for range read(r, msgp.ReadArrayHeaderBytes) {
		if r.err != nil {
			return
		}
		f()
	}
}

// fields calls f for each key of a map; it must read the value.
func (r *reader) fields(f func(key string)) {
	for range read(r, msgp.ReadMapHeaderBytes) {
		if r.err != nil {
			return
		}
		f(r.text())
	}
}

// decodeTraces reads traces of versions 0.3 and 0.4: lists of lists of maps.
func decodeTraces(body []byte) ([][]ddSpan, error) {
	r := &reader{b: body}
	var traces [][]ddSpan
	r.list(func() {
		var spans []ddSpan
		r.list(func() { spans = append(spans, r.span()) })
		traces = append(traces, spans)
	})
	return traces, r.err
}

func (r *reader) span() (s ddSpan) {
	r.fields(func(key string) {
		switch key {
		case "service":
			s.Service = r.text()
		case "name":
			s.Name = r.text()
		case "resource":
			s.Resource = r.text()
		case "trace_id":
			s.TraceID = r.id()
		case "span_id":
			s.SpanID = r.id()
		case "parent_id":
			s.ParentID = r.id()
		case "start":
			s.Start = r.int()
		case "duration":
			s.Duration = r.int()
		case "error":
			s.Error = r.int()
		case "type":
			s.Type = r.text()
		case "meta":
			s.Meta = r.texts()
		case "metrics":
			s.Metrics = map[string]float64{}
			r.fields(func(key string) { s.Metrics[key] = r.number() })
		case "span_links":
			r.list(func() { s.Links = append(s.Links, r.link()) })
		case "span_events":
			r.list(func() { s.Events = append(s.Events, r.event()) })
		default:
			r.skip()
		}
	})
	return s
}

func (r *reader) texts() map[string]string {
	m := map[string]string{}
	r.fields(func(key string) { m[key] = r.text() })
	return m
}

func (r *reader) link() (l ddLink) {
	r.fields(func(key string) {
		switch key {
		case "trace_id":
			l.TraceID = r.id()
		case "trace_id_high":
			l.TraceIDHigh = r.id()
		case "span_id":
			l.SpanID = r.id()
		case "attributes":
			l.Attributes = r.texts()
		case "tracestate":
			l.TraceState = r.text()
		case "flags":
			l.Flags = uint32(r.id())
		default:
			r.skip()
		}
	})
	return l
}

func (r *reader) event() (e ddEvent) {
	r.fields(func(key string) {
		switch key {
		case "name":
			e.Name = r.text()
		case "time_unix_nano":
			e.Time = r.id()
		case "attributes":
			e.Attributes = map[string]any{}
			r.fields(func(key string) { e.Attributes[key] = r.eventValue(true) })
		default:
			r.skip()
		}
	})
	return e
}

// eventValue reads a value of an event's attribute: a map of its type and the
// value under a key of that type.
func (r *reader) eventValue(arrays bool) (v any) {
	r.fields(func(key string) {
		switch key {
		case "string_value":
			v = r.text()
		case "bool_value":
			v = read(r, msgp.ReadBoolBytes)
		case "int_value":
			v = r.int()
		case "double_value":
			v = r.number()
		case "array_value":
			list := []any{}
			r.fields(func(key string) {
				if key != "values" || !arrays {
					r.skip()
					return
				}
				r.list(func() { list = append(list, r.eventValue(false)) })
			})
			v = list
		default:
			r.skip()
		}
	})
	return v
}

// decodeTracesV05 reads traces of version 0.5: a list of texts, and spans as
// lists of twelve values in which a text is its place in that list.
func decodeTracesV05(body []byte) ([][]ddSpan, error) {
	r := &reader{b: body}
	if n := read(r, msgp.ReadArrayHeaderBytes); r.err == nil && n != 2 {
		return nil, fmt.Errorf("%d parts, not texts and traces", n)
	}
	var texts []string
	r.list(func() { texts = append(texts, r.text()) })
	text := func() string {
		i := r.id()
		if r.err == nil && i >= uint64(len(texts)) {
			r.err = fmt.Errorf("text %d of %d", i, len(texts))
		}
		if r.err != nil {
			return ""
		}
		return texts[i]
	}
	var traces [][]ddSpan
	r.list(func() {
		var spans []ddSpan
		r.list(func() { spans = append(spans, r.spanV05(text)) })
		traces = append(traces, spans)
	})
	return traces, r.err
}

const spanValuesV05 = 12

func (r *reader) spanV05(text func() string) (s ddSpan) {
	if n := read(r, msgp.ReadArrayHeaderBytes); r.err == nil && n != spanValuesV05 {
		r.err = fmt.Errorf("span of %d values, not %d", n, spanValuesV05)
	}
	s.Service, s.Name, s.Resource = text(), text(), text()
	s.TraceID, s.SpanID, s.ParentID = r.id(), r.id(), r.id()
	s.Start, s.Duration, s.Error = r.int(), r.int(), r.int()
	pairs := func(f func(key string)) {
		for range read(r, msgp.ReadMapHeaderBytes) {
			if r.err != nil {
				return
			}
			f(text())
		}
	}
	s.Meta, s.Metrics = map[string]string{}, map[string]float64{}
	pairs(func(key string) { s.Meta[key] = text() })
	pairs(func(key string) { s.Metrics[key] = r.number() })
	s.Type = text()
	return s
}
