package self

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/oriel-obs/oriel/model"
)

// Logs is a slog.Handler that passes records on and keeps a copy for the event
// store: the message and its attributes in logfmt as the line, and the
// attributes once more as structured metadata.
type Logs struct {
	next   slog.Handler
	tele   *Telemetry
	attrs  []slog.Attr
	prefix string // open groups, "a.b."
}

// Handler returns a slog.Handler that copies what next handles.
func (t *Telemetry) Handler(next slog.Handler) *Logs { return &Logs{next: next, tele: t} }

// Enabled implements slog.Handler.
func (h *Logs) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// WithAttrs implements slog.Handler.
func (h *Logs) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.next = h.next.WithAttrs(attrs)
	c.attrs = append(c.attrs[:len(c.attrs):len(c.attrs)], qualify(h.prefix, attrs)...)
	return &c
}

// WithGroup implements slog.Handler.
func (h *Logs) WithGroup(name string) slog.Handler {
	c := *h
	c.next = h.next.WithGroup(name)
	c.prefix += name + "."
	return &c
}

// Handle implements slog.Handler.
func (h *Logs) Handle(ctx context.Context, r slog.Record) error {
	h.keep(ctx, r)
	return h.next.Handle(ctx, r)
}

func qualify(prefix string, attrs []slog.Attr) []slog.Attr {
	if prefix == "" {
		return attrs
	}
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = slog.Attr{Key: prefix + a.Key, Value: a.Value}
	}
	return out
}

func (h *Logs) keep(ctx context.Context, r slog.Record) {
	q := h.tele.logs.Load()
	if q == nil {
		return
	}
	attrs := h.attrs[:len(h.attrs):len(h.attrs)]
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, slog.Attr{Key: h.prefix + a.Key, Value: a.Value})
		return true
	})
	var line strings.Builder
	line.WriteString("msg=")
	writeLogfmt(&line, r.Message)
	for _, a := range attrs {
		line.WriteByte(' ')
		line.WriteString(a.Key)
		line.WriteByte('=')
		writeLogfmt(&line, a.Value.Resolve().String())
	}
	span := trace.SpanContextFromContext(ctx)
	q.add(line.Len(), func(b *model.Builder) {
		b.Row(b.Stream(h.tele.logStream), r.Time.UnixNano(), line.String())
		b.Attr("detected_level", model.String(strings.ToLower(r.Level.String())))
		for _, a := range attrs {
			b.Attr(strings.ReplaceAll(a.Key, ".", "_"), model.String(a.Value.Resolve().String()))
		}
		if span.IsValid() {
			b.Attr("trace_id", model.String(span.TraceID().String()))
			b.Attr("span_id", model.String(span.SpanID().String()))
		}
	})
}

// writeLogfmt writes v as a logfmt value, quoted as JSON if it must be.
func writeLogfmt(b *strings.Builder, v string) {
	plain := v != "" && strings.IndexFunc(v, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || r == 0x7f || r == 0xfffd }) < 0
	if plain {
		b.WriteString(v)
		return
	}
	q, _ := json.Marshal(v) // a string always encodes
	b.Write(q)
}
