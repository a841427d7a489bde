package relay

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
)

// A discreet handler leaves passwords out of the addresses of receivers, which
// Prometheus' queues add to every line as url.
type discreet struct{ slog.Handler }

// Handle implements slog.Handler.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(withoutPassword(a))
		return true
	})
	return d.Handler.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		attrs[i] = withoutPassword(a)
	}
	return discreet{d.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }

func withoutPassword(a slog.Attr) slog.Attr {
	if a.Key != "url" {
		return a
	}
	if u, err := url.Parse(a.Value.String()); err == nil {
		a.Value = slog.StringValue(u.Redacted())
	}
	return a
}
