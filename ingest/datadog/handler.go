package datadog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// Handler serves the intake of logs. It is safe for concurrent use.
type Handler struct {
	sink   *logrecord.Sink
	reader *logrecord.Reader
}

// New returns a Handler that appends to o.Events.
func New(o logrecord.Options) *Handler {
	labels := logrecord.OriginFields()
	labels["ddsource"] = "source"
	return &Handler{sink: logrecord.NewSink("datadog", o), reader: logrecord.NewReader(logrecord.Mapping{
		Time: []string{"timestamp", "date", "@timestamp"}, Body: []string{"message", "msg"}, Labels: labels,
		Rename: map[string]string{"dd.trace_id": "trace_id", "dd.span_id": "span_id"},
	})}
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	for path, status := range map[string]int{
		"/api/v2/logs":    http.StatusAccepted,
		"/v1/input":       http.StatusOK,
		"/v1/input/{key}": http.StatusOK,
	} {
		r.Method(http.MethodPost, path, httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
			return h.push(w, r, status)
		}, writeError))
	}
}

// writeError is an httpx.ErrorWriter of the intake's errors.
func writeError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	type problem struct {
		Status string `json:"status"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]problem{"errors": {{strconv.Itoa(status), http.StatusText(status), err.Error()}}})
}

func (h *Handler) push(w http.ResponseWriter, r *http.Request, status int) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	const bytesPerRecord = 256 // a low guess, to make room
	p := &push{h: h, rows: h.sink.Begin(len(body)/bytesPerRecord+1, time.Now())}
	for _, param := range []string{"hostname", "service", "ddsource", "ddtags"} {
		p.params = append(p.params, r.URL.Query().Get(param))
	}
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType == "text/plain" {
		p.lines(body)
	} else {
		p.decode(body)
	}
	if err := p.rows.Store(r.Context(), len(body)); err != nil {
		return err
	}
	if p.refused != nil {
		return p.refused
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, "{}")
	return nil
}

// A push is one request.
type push struct {
	h       *Handler
	rows    *logrecord.Batch
	params  []string // hostname, service, source and tags of records without
	rec     logrecord.Record
	number  int
	refused error // the first
}

// lines takes each line as a record.
func (p *push) lines(body []byte) {
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
			p.rec.Reset()
			p.rec.Body = string(line)
			p.add()
		}
	}
}

// decode takes an array of records, or one record. An empty object is the
// agent's question whether somebody is there.
func (p *push) decode(body []byte) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == "{}" {
		return
	}
	if body[0] != '[' {
		p.record(body)
		return
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != jsontext.KindEndArray {
		var v jsontext.Value
		if v, err = d.ReadValue(); err == nil {
			end := int(d.InputOffset()) // the decoder's own slice is only lent
			p.record(body[end-len(v) : end : end])
		}
	}
	if err == nil {
		if _, err = d.ReadToken(); err == nil {
			if _, err = d.ReadToken(); err == nil {
				err = errors.New("text after the end of the array")
			} else if errors.Is(err, io.EOF) {
				return
			}
		}
	}
	p.refuse(p.rows.Refuse(logrecord.Malformed("not JSON: %v", err)))
}

func (p *push) record(text []byte) {
	if refusal := p.h.reader.Read(text, &p.rec); refusal != nil {
		p.refuse(p.rows.Refuse(refusal))
		return
	}
	p.add()
}

// add takes p.rec.
func (p *push) add() {
	p.number++
	rec := &p.rec
	for i, label := range []string{"hostname", "service", "source"} {
		if v := p.params[i]; v != "" && !has(rec.Labels, label) {
			rec.Label(label, v)
		}
	}
	tags := p.params[3]
	rec.Attrs = slices.DeleteFunc(rec.Attrs, func(a model.Attr) bool {
		isText := a.Value.Kind() == model.KindString
		if a.Key == "status" && isText {
			rec.Level = level(a.Value.Str())
		}
		if a.Key == "ddtags" && isText {
			tags = a.Value.Str()
			return true
		}
		return false
	})
	addTags(rec, tags)
	if refusal := p.rows.Add(rec); refusal != nil {
		p.number--
		p.refuse(refusal)
	}
}

func (p *push) refuse(refusal *logrecord.Refusal) {
	p.number++
	if p.refused == nil {
		p.refused = fmt.Errorf("record %d: %w", p.number, refusal)
	}
}

func has(attrs []model.Attr, key string) bool {
	for _, a := range attrs {
		if a.Key == key {
			return true
		}
	}
	return false
}

// tagLabels are the tags that say where a record comes from, by stream label.
var tagLabels = map[string]string{
	"env":                 "deployment_environment",
	"kube_namespace":      "k8s_namespace_name",
	"kube_container_name": "k8s_container_name",
	"kube_deployment":     "k8s_deployment_name",
	"pod_name":            "k8s_pod_name",
	"container_name":      "container_name",
}

// addTags adds tags such as `env:prod,version:5.1,canary`; one without a value
// is true, and the values of one name are joined.
func addTags(rec *logrecord.Record, tags string) {
	start := len(rec.Attrs)
next:
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "" {
			continue
		}
		name, value, ok := strings.Cut(tag, ":")
		if !ok {
			value = "true"
		}
		if label := tagLabels[name]; label != "" {
			rec.Label(label, value)
			continue
		}
		for i, a := range rec.Attrs[start:] {
			if a.Key == name {
				rec.Attrs[start+i].Value = model.String(a.Value.Str() + ", " + value)
				continue next
			}
		}
		rec.Attr(name, value)
	}
}

// level reads a status as Datadog's status remapper does: by how it begins.
// "" is for what it would call unknown.
func level(status string) string {
	s := strings.ToLower(status)
	begins := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(s, p) {
				return true
			}
		}
		return false
	}
	switch {
	case begins("emerg", "f", "a"):
		return ingest.LevelFatal
	case begins("c"):
		return ingest.LevelCritical
	case begins("e"):
		return ingest.LevelError
	case begins("w"):
		return ingest.LevelWarn
	case begins("trace"):
		return ingest.LevelTrace
	case begins("d", "verbose"):
		return ingest.LevelDebug
	case begins("n", "i", "o", "s"):
		return ingest.LevelInfo
	}
	return ""
}
