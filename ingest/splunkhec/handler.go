package splunkhec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// The collector's codes.
const (
	codeSuccess     = 0
	codeNoData      = 5
	codeInvalid     = 6
	codeInternal    = 8
	codeBusy        = 9
	codeNoEvent     = 12
	codeBlankEvent  = 13
	codeAckDisabled = 14
	codeHealthy     = 17
	codeTooLarge    = 27
)

// metadata are the members of an event, and parameters of raw lines, that are
// stream labels of the same name.
var metadata = [...]string{"host", "source", "sourcetype", "index"}

// bytesPerEvent is a low guess, to make room.
const bytesPerEvent = 256

// Handler serves the collector's paths. It is safe for concurrent use.
type Handler struct {
	sink   *logrecord.Sink
	reader *logrecord.Reader
}

// New returns a Handler that appends to o.Events.
func New(o logrecord.Options) *Handler {
	m := logrecord.Mapping{
		Time: []string{"time"}, Body: []string{"event"}, Whole: []string{"event"}, Strip: "fields.",
		Labels: map[string]string{},
		Rename: map[string]string{"fields.trace.id": "trace_id", "fields.span.id": "span_id"},
	}
	for _, name := range metadata {
		m.Labels[name] = name
	}
	for field, label := range logrecord.OriginFields() {
		m.Labels["fields."+field] = label
	}
	return &Handler{sink: logrecord.NewSink("splunk", o), reader: logrecord.NewReader(m)}
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	for _, path := range []string{"", "/event", "/event/1.0"} {
		r.Method(http.MethodPost, "/services/collector"+path, httpx.Handler(h.events, writeError))
	}
	for _, path := range []string{"/raw", "/raw/1.0"} {
		r.Method(http.MethodPost, "/services/collector"+path, httpx.Handler(h.raw, writeError))
	}
	for _, path := range []string{"/health", "/health/1.0"} {
		r.Get("/services/collector"+path, func(w http.ResponseWriter, _ *http.Request) {
			write(w, http.StatusOK, answer{Text: "HEC is healthy", Code: codeHealthy})
		})
	}
	r.Post("/services/collector/ack", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusBadRequest, answer{Text: "ACK is disabled", Code: codeAckDisabled})
	})
}

// An answer is the body of every response.
type answer struct {
	Text   string `json:"text"`
	Code   int    `json:"code"`
	Number *int   `json:"invalid-event-number,omitempty"` // from 0
}

func write(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a)
}

// noEventNumber is of errors that are no event's.
const noEventNumber = -1

// A requestError is an error with the collector's own code.
type requestError struct {
	text   string
	code   int
	number int // of the event at fault, or noEventNumber
}

func (e *requestError) Error() string { return e.text }

// Unwrap makes it the sender's fault.
func (e *requestError) Unwrap() error { return fault.ErrInvalid }

func writeError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	a := answer{Text: err.Error(), Code: codeInternal}
	var re *requestError
	switch {
	case errors.As(err, &re):
		a.Code = re.code
		if re.number != noEventNumber {
			a.Number = &re.number
		}
	case status == http.StatusRequestEntityTooLarge:
		a.Code = codeTooLarge
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		a.Code, status = codeBusy, http.StatusServiceUnavailable // senders know no 429
	case status < http.StatusInternalServerError:
		a.Code = codeInvalid
	}
	write(w, status, a)
}

var errNoData = &requestError{"No data", codeNoData, noEventNumber}

// finish stores b and answers. refused is the first event at fault; nil for
// none.
func finish(w http.ResponseWriter, r *http.Request, b *logrecord.Batch, size int, refused *requestError) error {
	if err := b.Store(r.Context(), size); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	write(w, http.StatusOK, answer{Text: "Success", Code: codeSuccess})
	return nil
}

// events takes objects that follow one another.
func (h *Handler) events(w http.ResponseWriter, r *http.Request) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	var (
		b       = h.sink.Begin(len(body)/bytesPerEvent+1, time.Now())
		d       = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		refused *requestError
		rec     logrecord.Record
	)
	for n := 0; ; n++ {
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				return h.sink.Refuse(r.Context(), errNoData)
			}
			return finish(w, r, b, len(body), refused)
		}
		var refusal *logrecord.Refusal
		code := codeInvalid
		if err != nil {
			refusal = logrecord.Malformed("not JSON: %v", err)
		} else {
			end := int(d.InputOffset()) // the decoder's own slice is only lent
			refusal, code = h.event(body[end-len(v):end:end], &rec)
		}
		if refusal != nil { // what follows is not read
			_ = b.Refuse(refusal)
			if refused == nil {
				refused = &requestError{refusal.Text, code, n}
			}
			return finish(w, r, b, len(body), refused)
		}
		if refusal := b.Add(&rec); refusal != nil && refused == nil {
			refused = &requestError{refusal.Text, codeInvalid, n}
		}
	}
}

// event reads one event into rec; the code goes with a refusal.
func (h *Handler) event(text []byte, rec *logrecord.Record) (refusal *logrecord.Refusal, code int) {
	if refusal := h.reader.Read(text, rec); refusal != nil {
		return refusal, codeInvalid
	}
	switch {
	case rec.Bare:
		return logrecord.Malformed("Event field is required"), codeNoEvent
	case rec.Body == "":
		return logrecord.Malformed("Event field cannot be blank"), codeBlankEvent
	}
	return nil, codeSuccess
}

// raw takes a line as an event; what an object would say of it is in the
// parameters.
func (h *Handler) raw(w http.ResponseWriter, r *http.Request) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	var rec logrecord.Record
	query := r.URL.Query()
	for _, label := range metadata {
		rec.Label(label, query.Get(label))
	}
	var ok bool
	if rec.Time, ok = logrecord.ParseTime(query.Get("time")); !ok {
		return h.sink.Refuse(r.Context(), &requestError{fmt.Sprintf("time: %q is not a time", query.Get("time")), codeInvalid, noEventNumber})
	}
	b := h.sink.Begin(len(body)/bytesPerEvent+1, time.Now())
	var refused *requestError
	lines := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if line = bytes.TrimRight(line, "\r"); len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		rec.Body = string(line)
		if refusal := b.Add(&rec); refusal != nil && refused == nil {
			refused = &requestError{refusal.Text, codeInvalid, lines}
		}
		lines++
	}
	if lines == 0 {
		return h.sink.Refuse(r.Context(), errNoData)
	}
	return finish(w, r, b, len(body), refused)
}
