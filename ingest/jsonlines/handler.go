package jsonlines

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// Handler serves the endpoint. It is safe for concurrent use.
type Handler struct {
	sink    *logrecord.Sink
	readers *logrecord.Readers
}

// New returns a Handler that appends to o.Events.
func New(o logrecord.Options) *Handler {
	return &Handler{sink: logrecord.NewSink("json", o), readers: logrecord.NewReaders(logrecord.Mapping{
		Time:   []string{"@timestamp", "_time", "timestamp", "time", "ts", "date"},
		Body:   []string{"message", "msg", "_msg", "log", "body", "line"},
		Labels: logrecord.OriginFields(),
		Rename: map[string]string{"trace.id": "trace_id", "span.id": "span_id"},
	})}
}

// Mount adds the route to r.
func (h *Handler) Mount(r chi.Router) {
	r.Method(http.MethodPost, "/oriel/api/v1/logs", httpx.Handler(h.push, httpx.JSONError))
}

// An outcome is the answer.
type outcome struct {
	Accepted int    `json:"accepted"`
	Rejected int    `json:"rejected"`
	Error    string `json:"error,omitempty"` // of the first record that was rejected
}

func (h *Handler) push(w http.ResponseWriter, r *http.Request) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	labels, refusal := labelsOf(r.URL.Query().Get("_labels"))
	if refusal != nil {
		return h.sink.Refuse(r.Context(), refusal)
	}
	const bytesPerRecord = 128 // a low guess, to make room
	p := &push{rows: h.sink.Begin(len(body)/bytesPerRecord+1, time.Now()), reader: h.readers.Of(r), labels: labels}
	p.decode(body)
	if p.number == 0 {
		return h.sink.Refuse(r.Context(), logrecord.Malformed("no record in the body: want JSON objects"))
	}
	out := outcome{Accepted: p.rows.Len(), Rejected: p.rows.Refused()}
	if p.first != nil {
		out.Error = p.first.Error()
	}
	if err := p.rows.Store(r.Context(), len(body)); err != nil {
		return err
	}
	if out.Accepted == 0 {
		return p.first
	}
	return httpx.WriteJSON(w, out)
}

// labelsOf reads name=value pairs with commas between them.
func labelsOf(param string) ([]model.Attr, *logrecord.Refusal) {
	var out []model.Attr
	for pair := range strings.SplitSeq(param, ",") {
		if pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, logrecord.Malformed("_labels: %q is not of the form name=value", pair)
		}
		out = append(out, model.Attr{Key: name, Value: model.String(value)})
	}
	return out, nil
}

// A push is one request.
type push struct {
	rows   *logrecord.Batch
	reader *logrecord.Reader
	labels []model.Attr // of every record

	rec    logrecord.Record
	number int   // of the record being read, from 1
	first  error // why the first one rejected was
}

// decode takes the records of body: objects one a line, or in an array, or one
// after the other in any layout.
func (p *push) decode(body []byte) {
	body = bytes.TrimSpace(body)
	firstLine, _, _ := bytes.Cut(body, []byte("\n"))
	switch {
	case bytes.HasPrefix(body, []byte("[")):
		p.array(body)
	case bytes.HasSuffix(bytes.TrimSpace(firstLine), []byte("}")):
		for len(body) > 0 {
			var line []byte
			line, body, _ = bytes.Cut(body, []byte("\n"))
			if line = bytes.TrimSpace(line); len(line) > 0 {
				p.record(line)
			}
		}
	default:
		p.values(newDecoder(body), body)
	}
}

func newDecoder(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

func (p *push) array(body []byte) {
	d := newDecoder(body)
	if _, err := d.ReadToken(); err != nil {
		p.refuse(logrecord.Malformed("not JSON: %v", err))
		return
	}
	if !p.values(d, body) {
		return
	}
	if _, err := d.ReadToken(); err != nil { // the array's end
		p.refuse(logrecord.Malformed("not JSON: %v", err))
		return
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		p.refuse(logrecord.Malformed("not JSON: text after the end of the array, at byte %d", d.InputOffset()))
	}
}

// values takes the values that follow, up to the end of an array or of body.
// It returns false at text that is no JSON: what comes after cannot be told
// apart.
func (p *push) values(d *jsontext.Decoder, body []byte) bool {
	for d.PeekKind() != jsontext.KindEndArray {
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			p.refuse(logrecord.Malformed("not JSON: %v", err))
			return false
		}
		end := int(d.InputOffset()) // the decoder's own slice is only lent
		p.record(body[end-len(v) : end : end])
	}
	return true
}

func (p *push) record(text []byte) {
	p.number++
	refusal := p.reader.Read(text, &p.rec)
	if refusal == nil {
		p.rec.Labels = append(p.rec.Labels, p.labels...)
		refusal = p.rows.Add(&p.rec)
	} else {
		_ = p.rows.Refuse(refusal)
	}
	p.note(refusal)
}

// refuse counts a record that could not be told apart.
func (p *push) refuse(refusal *logrecord.Refusal) {
	p.number++
	p.note(p.rows.Refuse(refusal))
}

func (p *push) note(refusal *logrecord.Refusal) {
	if refusal != nil && p.first == nil {
		p.first = fmt.Errorf("record %d: %w", p.number, refusal)
	}
}
