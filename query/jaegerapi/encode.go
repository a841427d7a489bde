package jaegerapi

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

const nsPerMicro = 1000

// flushAt is how many bytes of an answer are gathered before they are sent.
const flushAt = 64 << 10

// writeTraces answers with traces, in an envelope, as they are encoded.
func writeTraces(w http.ResponseWriter, traces []*traceql.Trace, total int, errs []apiError) error {
	w.Header().Set("Content-Type", "application/json")
	e := encoder{b: make([]byte, 0, flushAt+flushAt/4), processes: map[*model.Stream]int{}}
	e.b = append(e.b, `{"data":[`...)
	for i, t := range traces {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		if err := e.trace(t, w); err != nil {
			return err
		}
	}
	e.b = append(e.b, `],"total":`...)
	e.b = strconv.AppendInt(e.b, int64(total), 10)
	e.b = append(e.b, `,"limit":0,"offset":0,"errors":`...)
	list, err := json.Marshal(errs)
	if err != nil {
		return err
	}
	e.b = append(e.b, list...)
	e.b = append(e.b, "}\n"...)
	_, err = w.Write(e.b)
	return err
}

// An encoder appends traces in the JSON of Jaeger's page, whose times are
// microseconds. It writes rather than builds: a search answers with whole
// traces, of thousands of tags.
type encoder struct {
	b         []byte
	processes map[*model.Stream]int // of one trace: the number of each stream's resource
	resources []*model.Stream       // one for each number
}

// trace appends a trace, and sends what is there whenever it is enough.
// Processes are the different resources, numbered in the order of their first
// spans.
func (e *encoder) trace(t *traceql.Trace, w http.ResponseWriter) error {
	clear(e.processes)
	e.resources = e.resources[:0]
	ids := t.SeparateIDs()
	id := t.ID.String()
	e.b = append(append(append(e.b, `{"traceID":"`...), id...), `","spans":[`...)
	for i, s := range t.Spans {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.span(s, id, ids, e.process(s.Stream))
		if len(e.b) >= flushAt {
			if _, err := w.Write(e.b); err != nil {
				return err
			}
			e.b = e.b[:0]
		}
	}
	e.b = append(e.b, `],"processes":{`...)
	for i, st := range e.resources {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.b = append(strconv.AppendInt(append(e.b, `"p`...), int64(i+1), 10), `":{"serviceName":`...)
		e.text(serviceOf(st))
		e.b = append(e.b, `,"tags":[`...)
		l := list{e: e}
		for _, a := range st.Attrs {
			if a.Key != serviceName {
				l.tag(a.Key, a.Value)
			}
		}
		e.b = append(e.b, "]}"...)
	}
	e.b = append(e.b, `},"warnings":null}`...)
	return nil
}

// process returns the number of a stream's resource, the first being 1.
func (e *encoder) process(st *model.Stream) int {
	if n := e.processes[st]; n > 0 {
		return n
	}
	n := 0
	for i, o := range e.resources {
		if slices.Equal(o.Attrs, st.Attrs) {
			n = i + 1
			break
		}
	}
	if n == 0 {
		e.resources = append(e.resources, st)
		n = len(e.resources)
	}
	e.processes[st] = n
	return n
}

func (e *encoder) span(s *traceql.Span, trace string, ids traceql.SpanIDs, process int) {
	id, parent := ids.Of(s)
	e.b = append(append(append(e.b, `{"traceID":"`...), trace...), `","spanID":"`...)
	e.b = append(append(e.b, id.String()...), '"')
	if flags := s.Flags & 1; flags != 0 {
		e.b = strconv.AppendUint(append(e.b, `,"flags":`...), uint64(flags), 10)
	}
	e.b = append(e.b, `,"operationName":`...)
	e.text(s.Name)
	e.b = append(e.b, `,"references":[`...)
	refs := list{e: e}
	if !parent.IsZero() {
		refs.reference("CHILD_OF", trace, parent)
	}
	for _, l := range s.Links {
		kind := "FOLLOWS_FROM"
		if model.FindAttr(l.Attrs, "opentracing.ref_type").Str() == "child_of" {
			kind = "CHILD_OF"
		}
		refs.reference(kind, l.TraceID.String(), l.SpanID)
	}
	e.b = strconv.AppendInt(append(e.b, `],"startTime":`...), s.Start/nsPerMicro, 10)
	e.b = strconv.AppendInt(append(e.b, `,"duration":`...), s.Duration/nsPerMicro, 10)
	e.b = append(e.b, `,"tags":[`...)
	tags := list{e: e}
	for _, a := range s.Attrs {
		tags.tag(a.Key, a.Value)
	}
	tags.columns(s)
	e.b = append(e.b, `],"logs":[`...)
	logs := list{e: e}
	for _, ev := range s.Events {
		logs.next()
		e.b = append(strconv.AppendInt(append(e.b, `{"timestamp":`...), ev.Time/nsPerMicro, 10), `,"fields":[`...)
		fields := list{e: e}
		fields.filled("event", ev.Name)
		for _, a := range ev.Attrs {
			fields.tag(a.Key, a.Value)
		}
		e.b = append(e.b, "]}"...)
	}
	e.b = append(strconv.AppendInt(append(e.b, `],"processID":"p`...), int64(process), 10), `","warnings":null}`...)
}

// text appends a string, with U+FFFD for what is not UTF-8.
func (e *encoder) text(s string) {
	e.b, _ = jsontext.AppendQuote(e.b, s) // the error tells of invalid UTF-8 only, which it replaces
}

// A list appends the elements of a JSON array with commas between them.
type list struct {
	e    *encoder
	some bool
}

func (l *list) next() {
	if l.some {
		l.e.b = append(l.e.b, ',')
	}
	l.some = true
}

func (l *list) reference(kind, trace string, span model.SpanID) {
	l.next()
	e := l.e
	e.b = append(append(append(e.b, `{"refType":"`...), kind...), `","traceID":"`...)
	e.b = append(append(append(e.b, trace...), `","spanID":"`...), span.String()...)
	e.b = append(e.b, `"}`...)
}

// columns appends the tags for what is not an attribute in OpenTelemetry.
func (l *list) columns(s *traceql.Span) {
	l.filled("otel.scope.name", s.Stream.ScopeName)
	l.filled("otel.scope.version", s.Stream.ScopeVersion)
	l.filled("span.kind", kindName(s.Kind))
	switch s.Status {
	case model.StatusError:
		l.filled("otel.status_code", "ERROR")
		l.tag("error", model.Bool(true))
	case model.StatusOK:
		l.filled("otel.status_code", "OK")
	}
	l.filled("otel.status_description", s.StatusMessage)
	l.filled("w3c.tracestate", s.TraceState)
}

// filled appends a tag unless its text is empty.
func (l *list) filled(key, text string) {
	if text != "" {
		l.tag(key, model.String(text))
	}
}

// safeInteger is the greatest integer a JSON reader in JavaScript keeps.
const safeInteger = 1<<53 - 1

// tag appends a tag. What JSON's numbers cannot hold is written as text.
func (l *list) tag(key string, v model.Value) {
	l.next()
	e := l.e
	e.b = append(e.b, `{"key":`...)
	e.text(key)
	e.b = append(e.b, `,"type":"`...)
	switch v.Kind() {
	case model.KindInt:
		e.b = append(e.b, `int64","value":`...)
		if n := v.Int64(); n > safeInteger || n < -safeInteger {
			e.b = append(strconv.AppendInt(append(e.b, '"'), n, 10), '"')
		} else {
			e.b = strconv.AppendInt(e.b, n, 10)
		}
	case model.KindFloat:
		e.b = append(e.b, `float64","value":`...)
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			e.b = append(strconv.AppendFloat(append(e.b, '"'), f, 'g', -1, 64), '"')
		} else {
			e.b = append(e.b, jsontext.Float(f).String()...)
		}
	case model.KindBool:
		e.b = strconv.AppendBool(append(e.b, `bool","value":`...), v.IsTrue())
	case model.KindBytes:
		e.b = append(e.b, `binary","value":"`...)
		e.b = append(base64.StdEncoding.AppendEncode(e.b, []byte(v.Str())), '"')
	default:
		e.b = append(e.b, `string","value":`...)
		e.text(v.Text())
	}
	e.b = append(e.b, '}')
}
