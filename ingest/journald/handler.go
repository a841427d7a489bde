package journald

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// MediaType is that of the export format.
const MediaType = "application/vnd.fdo.journal"

// Handler serves the uploads. It is safe for concurrent use.
type Handler struct {
	sink     *logrecord.Sink
	stopping <-chan struct{}
}

// New returns a Handler that appends to o.Events. Uploads end when stopping is
// closed: some would go on for ever.
func New(o logrecord.Options, stopping <-chan struct{}) *Handler {
	return &Handler{sink: logrecord.NewSink("journald", o), stopping: stopping}
}

// Mount adds the route to r.
func (h *Handler) Mount(r chi.Router) {
	r.Method(http.MethodPost, "/upload", httpx.Handler(h.upload, httpx.PlainError))
}

// readBufferBytes is that of one upload.
const readBufferBytes = 64 << 10

func (h *Handler) upload(w http.ResponseWriter, r *http.Request) error {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != MediaType {
		return h.sink.Refuse(r.Context(), fmt.Errorf("Content-Type %q: want %s: %w", r.Header.Get("Content-Type"), MediaType, fault.ErrUnsupported))
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return h.sink.Refuse(r.Context(), fmt.Errorf("Content-Encoding %q: %w", enc, fault.ErrUnsupported))
	}
	records := logrecord.NewCollector(h.sink)
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		records.Store(ctx)
	}()
	go func() {
		select {
		case <-h.stopping:
			// The read that is waited for fails. Without deadlines there is
			// nothing to wait for: the body is in memory.
			_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0))
		case <-ctx.Done():
		}
	}()
	err := h.read(r.Context(), r.Body, records)
	stop()
	<-stored
	records.Flush(ctx)
	if failed := records.Err(); failed != nil {
		return failed // counted
	}
	if err != nil {
		select {
		case <-h.stopping:
			return fmt.Errorf("the server is stopping; what came is stored: %w", fault.ErrUnavailable)
		default:
		}
		if r.Context().Err() != nil {
			return r.Context().Err() // the sender left; what it sent is stored
		}
		return h.sink.Refuse(r.Context(), err)
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintln(w, "OK.")
	return nil
}

// read takes entries off body until its end, or until one cannot be stored.
func (h *Handler) read(ctx context.Context, body io.Reader, records *logrecord.Collector) error {
	limits := h.sink.Limits
	maxBytes := max(limits.MaxLineBytes, limits.MaxAttrBytes)
	if limits.MaxLineBytes == 0 || limits.MaxAttrBytes == 0 {
		maxBytes = int(limits.MaxBodyBytes)
	}
	rd := &reader{r: bufio.NewReaderSize(body, readBufferBytes), maxBytes: maxBytes, dropped: func(field string, n int64) {
		h.sink.Reject(ctx, ingest.ReasonTooLarge, 1, fmt.Sprintf("field %s of %d bytes is left out of its entry, limit %d", field, n, maxBytes))
	}}
	var rec logrecord.Record
	for records.Err() == nil {
		rec.Reset()
		rec.Label("job", "systemd-journal")
		size, err := rd.next(func(name, value []byte) { set(&rec, name, value) })
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		records.Add(&rec, size, true)
	}
	return nil
}

// levels are those of the journal's priorities, which are syslog's severities.
var levels = [...]string{
	ingest.LevelFatal, ingest.LevelFatal, ingest.LevelCritical, ingest.LevelError, ingest.LevelWarn, ingest.LevelInfo, ingest.LevelInfo, ingest.LevelDebug,
}

// set gives a field of an entry its place in rec.
func set(rec *logrecord.Record, name, value []byte) {
	text := string(value)
	switch key := string(name); key {
	case "MESSAGE":
		rec.Body = text
	case "__REALTIME_TIMESTAMP": // µs
		if us, err := strconv.ParseInt(text, 10, 64); err == nil && us > 0 && us < 1<<63/1000 {
			rec.Time = us * 1000
		}
	case "_HOSTNAME":
		rec.Label("hostname", text)
	case "_SYSTEMD_UNIT":
		rec.Label("unit", text)
	case "SYSLOG_IDENTIFIER":
		rec.Label("app_name", text)
	case "CONTAINER_NAME": // Docker's and Podman's journald drivers
		rec.Label("container_name", text)
	default:
		if strings.HasPrefix(key, "__") {
			return
		}
		if key == "PRIORITY" && len(text) == 1 && text[0] >= '0' && text[0] <= '7' {
			rec.Level = levels[text[0]-'0']
		}
		for i, a := range rec.Attrs { // a field may have several values
			if a.Key == key {
				rec.Attrs[i].Value = model.String(a.Value.Str() + ", " + text)
				return
			}
		}
		rec.Attr(key, text)
	}
}
