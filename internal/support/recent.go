package support

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
)

// keepRecent is how many lines of the log are kept.
const keepRecent = 500

// Recent keeps the newest warnings and errors of the process's log. Its methods
// may be called from any goroutine.
type Recent struct {
	mu    sync.Mutex
	lines [keepRecent][]byte
	next  int // where the next line goes; the oldest are from there on
}

// Handler returns next, with what it handles kept as well if it is a warning or
// worse.
func (r *Recent) Handler(next slog.Handler) slog.Handler {
	return &recentHandler{next: next, keep: slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelWarn})}
}

// Write keeps a line. It is for the handler, and never fails.
func (r *Recent) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines[r.next%keepRecent] = bytes.Clone(line)
	r.next++
	return len(line), nil
}

// WriteTo writes the lines, the oldest first. It is a Part's Write.
func (r *Recent) WriteTo(_ context.Context, w io.Writer) error {
	r.mu.Lock()
	lines := make([][]byte, 0, keepRecent)
	for i := range keepRecent {
		if line := r.lines[(r.next+i)%keepRecent]; line != nil {
			lines = append(lines, line)
		}
	}
	r.mu.Unlock()
	_, err := w.Write(bytes.Join(lines, nil))
	return err
}

// A recentHandler hands records on to two handlers.
type recentHandler struct{ next, keep slog.Handler }

// Enabled implements slog.Handler.
func (h *recentHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, l) || h.keep.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *recentHandler) Handle(ctx context.Context, rec slog.Record) error {
	if h.keep.Enabled(ctx, rec.Level) {
		_ = h.keep.Handle(ctx, rec.Clone()) // Recent takes all
	}
	if !h.next.Enabled(ctx, rec.Level) {
		return nil
	}
	return h.next.Handle(ctx, rec)
}

// WithAttrs implements slog.Handler.
func (h *recentHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &recentHandler{h.next.WithAttrs(attrs), h.keep.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *recentHandler) WithGroup(name string) slog.Handler {
	return &recentHandler{h.next.WithGroup(name), h.keep.WithGroup(name)}
}
