package jaegerapi

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// The objects of Jaeger's page; times are microseconds.
type (
	traceJSON struct {
		TraceID   string                 `json:"traceID"`
		Spans     []spanJSON             `json:"spans"`
		Processes map[string]processJSON `json:"processes"`
		Warnings  []string               `json:"warnings"`
	}
	spanJSON struct {
		TraceID       string          `json:"traceID"`
		SpanID        string          `json:"spanID"`
		Flags         uint32          `json:"flags,omitempty"`
		OperationName string          `json:"operationName"`
		References    []referenceJSON `json:"references"`
		StartTime     int64           `json:"startTime"`
		Duration      int64           `json:"duration"`
		Tags          []tagJSON       `json:"tags"`
		Logs          []logJSON       `json:"logs"`
		ProcessID     string          `json:"processID"`
		Warnings      []string        `json:"warnings"`
	}
	referenceJSON struct {
		RefType string `json:"refType"`
		TraceID string `json:"traceID"`
		SpanID  string `json:"spanID"`
	}
	tagJSON struct {
		Key   string `json:"key"`
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	logJSON struct {
		Timestamp int64     `json:"timestamp"`
		Fields    []tagJSON `json:"fields"`
	}
	processJSON struct {
		ServiceName string    `json:"serviceName"`
		Tags        []tagJSON `json:"tags"`
	}
)

const nsPerMicro = 1000

// encodeTrace turns a trace into Jaeger's form. Processes are the different
// resources, numbered in the order of their first spans.
func encodeTrace(t *traceql.Trace) traceJSON {
	out := traceJSON{TraceID: t.ID.String(), Spans: make([]spanJSON, 0, len(t.Spans)), Processes: map[string]processJSON{}}
	ids := t.SeparateIDs()
	processes := map[string]string{}
	for _, s := range t.Spans {
		key := string(model.AppendAttrs(nil, s.Stream.Attrs))
		pid := processes[key]
		if pid == "" {
			pid = "p" + strconv.Itoa(len(processes)+1)
			processes[key] = pid
			out.Processes[pid] = encodeProcess(s.Stream)
		}
		out.Spans = append(out.Spans, encodeSpan(s, ids, pid))
	}
	return out
}

func encodeProcess(st *model.Stream) processJSON {
	p := processJSON{ServiceName: serviceOf(st), Tags: []tagJSON{}}
	for _, a := range st.Attrs {
		if a.Key != serviceName {
			p.Tags = append(p.Tags, encodeTag(a.Key, a.Value))
		}
	}
	return p
}

func encodeSpan(s *traceql.Span, ids traceql.SpanIDs, process string) spanJSON {
	id, parent := ids.Of(s)
	out := spanJSON{
		TraceID: s.TraceID.String(), SpanID: id.String(), Flags: s.Flags & 1, OperationName: s.Name, References: []referenceJSON{},
		StartTime: s.Start / nsPerMicro, Duration: s.Duration / nsPerMicro, Tags: []tagJSON{}, Logs: []logJSON{}, ProcessID: process,
	}
	if !parent.IsZero() {
		out.References = append(out.References, referenceJSON{"CHILD_OF", s.TraceID.String(), parent.String()})
	}
	for _, l := range s.Links {
		ref := referenceJSON{"FOLLOWS_FROM", l.TraceID.String(), l.SpanID.String()}
		if model.FindAttr(l.Attrs, "opentracing.ref_type").Str() == "child_of" {
			ref.RefType = "CHILD_OF"
		}
		out.References = append(out.References, ref)
	}
	for _, a := range s.Attrs {
		out.Tags = append(out.Tags, encodeTag(a.Key, a.Value))
	}
	out.Tags = append(out.Tags, columnTags(s)...)
	for _, e := range s.Events {
		l := logJSON{Timestamp: e.Time / nsPerMicro, Fields: []tagJSON{}}
		if e.Name != "" {
			l.Fields = append(l.Fields, encodeTag("event", model.String(e.Name)))
		}
		for _, a := range e.Attrs {
			l.Fields = append(l.Fields, encodeTag(a.Key, a.Value))
		}
		out.Logs = append(out.Logs, l)
	}
	return out
}

// columnTags returns the tags for what is not an attribute in OpenTelemetry.
func columnTags(s *traceql.Span) []tagJSON {
	var out []tagJSON
	add := func(key, text string) {
		if text != "" {
			out = append(out, tagJSON{key, "string", text})
		}
	}
	add("otel.scope.name", s.Stream.ScopeName)
	add("otel.scope.version", s.Stream.ScopeVersion)
	add("span.kind", kindName(s.Kind))
	switch s.Status {
	case model.StatusError:
		add("otel.status_code", "ERROR")
		out = append(out, tagJSON{"error", "bool", true})
	case model.StatusOK:
		add("otel.status_code", "OK")
	}
	add("otel.status_description", s.StatusMessage)
	add("w3c.tracestate", s.TraceState)
	return out
}

// safeInteger is the greatest integer a JSON reader in JavaScript keeps.
const safeInteger = 1<<53 - 1

func encodeTag(key string, v model.Value) tagJSON {
	switch v.Kind() {
	case model.KindInt:
		n := v.Int64()
		if n > safeInteger || n < -safeInteger {
			return tagJSON{key, "int64", strconv.FormatInt(n, 10)}
		}
		return tagJSON{key, "int64", n}
	case model.KindFloat:
		f := v.Float64()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return tagJSON{key, "float64", strconv.FormatFloat(f, 'g', -1, 64)}
		}
		return tagJSON{key, "float64", f}
	case model.KindBool:
		return tagJSON{key, "bool", v.IsTrue()}
	case model.KindBytes:
		return tagJSON{key, "binary", base64.StdEncoding.EncodeToString([]byte(v.Str()))}
	}
	text := v.Text()
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return tagJSON{key, "string", text}
}
