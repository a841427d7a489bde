package elastic

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/model"
)

// bulk serves _bulk; index is the path's, for actions that name none.
func (h *Handler) bulk(w http.ResponseWriter, r *http.Request, index string) error {
	start := time.Now()
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	b := &bulk{rows: h.begin(len(body)), reader: h.readers.Of(r), index: index}
	if err := b.decode(body); err != nil {
		return h.sink.Refuse(r.Context(), err)
	}
	if err := b.rows.Store(r.Context(), len(body)); err != nil {
		return err
	}
	const bytesPerItem = 64
	room := make([]byte, 0, (len(b.items)+1)*bytesPerItem)
	reply(w, r, http.StatusOK, b.appendReply(room, time.Since(start), newFilter(r.URL.Query().Get("filter_path"))))
	return nil
}

// A bulk is one request to _bulk.
type bulk struct {
	rows   *logrecord.Batch
	reader *logrecord.Reader
	index  string // of the path
	items  []item

	rec     logrecord.Record
	actions actionReader
	labels  indexLabels
}

// An item is the outcome of one action, for the answer at its position.
type item struct {
	action
	status  int
	refusal *logrecord.Refusal // nil when the document was taken
}

// decode reads pairs of lines: an action, and unless that is delete its
// document. A bad document is an item's error; a bad action is the request's,
// since nobody can say which line the next one would be.
func (b *bulk) decode(body []byte) error {
	lines := 0
	next := func() (line []byte) {
		if i := bytes.IndexByte(body, '\n'); i >= 0 {
			line, body = body[:i], body[i+1:]
		} else {
			line, body = body, nil
		}
		lines++
		return line[:len(line):len(line)]
	}
	for len(body) > 0 {
		line := bytes.TrimSpace(next())
		if len(line) == 0 {
			continue
		}
		a, err := b.actions.read(line)
		if err != nil {
			return badAction("Malformed action/metadata line [%d], %v", lines, err)
		}
		if a.index == "" {
			a.index = b.index
		}
		if a.op == opDelete {
			b.refuse(a, http.StatusNotFound, logrecord.Malformed("delete of index %q: records are only appended", a.index))
			continue
		}
		if len(body) == 0 {
			return badAction("Malformed action/metadata line [%d], no document follows it", lines)
		}
		b.add(a, next())
	}
	if lines == 0 {
		return &requestError{http.StatusBadRequest, "parse_exception", "request body is required"}
	}
	return nil
}

func badAction(format string, args ...any) error {
	return &requestError{http.StatusBadRequest, "illegal_argument_exception", fmt.Sprintf(format, args...)}
}

// add takes the document of a, or notes why not.
func (b *bulk) add(a action, document []byte) {
	switch {
	case a.op == opUpdate:
		b.refuse(a, http.StatusBadRequest, logrecord.Malformed("update: records are only appended; send index or create"))
		return
	case a.index == "":
		b.refuse(a, http.StatusBadRequest, logrecord.Malformed("Validation Failed: 1: index is missing;"))
		return
	}
	if refusal := b.reader.Read(document, &b.rec); refusal != nil {
		b.refuse(a, http.StatusBadRequest, refusal)
		return
	}
	b.labels.add(&b.rec, a.index)
	if refusal := b.rows.Add(&b.rec); refusal != nil {
		b.items = append(b.items, item{a, http.StatusBadRequest, refusal})
		return
	}
	b.items = append(b.items, item{action: a, status: http.StatusCreated})
}

// refuse counts what never became a record.
func (b *bulk) refuse(a action, status int, refusal *logrecord.Refusal) {
	b.items = append(b.items, item{a, status, b.rows.Refuse(refusal)})
}

// indexLabels turns the name of an index into stream labels.
type indexLabels struct {
	index                   string
	typ, dataset, namespace string // of a data stream's name
}

func (l *indexLabels) add(rec *logrecord.Record, index string) {
	if index != l.index {
		*l = indexLabels{index: index}
		// https://www.elastic.co/docs/reference/ecs/ecs-data_stream
		typ, rest, _ := strings.Cut(index, "-")
		if dataset, namespace, ok := strings.Cut(rest, "-"); ok && (typ == "logs" || typ == "metrics" || typ == "traces") {
			l.typ, l.dataset, l.namespace = typ, dataset, namespace
		}
	}
	rec.Label("index", index)
	if !slices.ContainsFunc(rec.Labels, func(a model.Attr) bool { return a.Key == "data_stream_dataset" }) {
		rec.Label("data_stream_type", l.typ)
		rec.Label("data_stream_dataset", l.dataset)
		rec.Label("data_stream_namespace", l.namespace)
	}
}

// An op is the verb of an action.
type op string

const (
	opCreate op = "create"
	opIndex  op = "index"
	opUpdate op = "update"
	opDelete op = "delete"
)

// An action is the line before a document.
type action struct {
	op    op
	index string // "" for the path's
	id    string // "" when Elasticsearch would choose one
}

// An actionReader reads action lines. Shippers repeat the same one, which is
// read once.
type actionReader struct {
	line []byte // read last
	last action
	dec  jsontext.Decoder
	buf  bytes.Buffer
}

// read reads a line such as {"create":{"_index":"x","_id":"1"}}.
func (ar *actionReader) read(line []byte) (action, error) {
	if bytes.Equal(line, ar.line) {
		return ar.last, nil
	}
	ar.buf = *bytes.NewBuffer(line)
	ar.dec.Reset(&ar.buf, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	a, err := ar.parse()
	if err != nil {
		ar.line = nil
		return action{}, err
	}
	ar.line, ar.last = line, a
	return a, nil
}

func (ar *actionReader) parse() (a action, err error) {
	if err := ar.want(jsontext.KindBeginObject, "START_OBJECT"); err != nil {
		return a, err
	}
	t, err := ar.dec.ReadToken()
	if err != nil {
		return a, err
	}
	switch a.op = op(t.String()); a.op {
	case opCreate, opIndex, opUpdate, opDelete:
	default:
		return a, fmt.Errorf("expected field [create], [delete], [index] or [update] but found [%s]", t.String())
	}
	if err := ar.want(jsontext.KindBeginObject, "START_OBJECT"); err != nil {
		return a, err
	}
	for ar.dec.PeekKind() == jsontext.KindString {
		name, err := ar.dec.ReadToken()
		if err != nil {
			return a, err
		}
		var into *string
		switch name.String() {
		case "_index":
			into = &a.index
		case "_id":
			into = &a.id
		}
		if into == nil || ar.dec.PeekKind() != jsontext.KindString {
			if err := ar.dec.SkipValue(); err != nil {
				return a, err
			}
			continue
		}
		value, err := ar.dec.ReadToken()
		if err != nil {
			return a, err
		}
		*into = value.String()
	}
	if err := ar.want(jsontext.KindEndObject, "END_OBJECT"); err != nil {
		return a, err
	}
	return a, ar.want(jsontext.KindEndObject, "END_OBJECT")
}

func (ar *actionReader) want(k jsontext.Kind, what string) error {
	if got := ar.dec.PeekKind(); got != k {
		t, err := ar.dec.ReadToken()
		if err != nil {
			return fmt.Errorf("expected %s: %w", what, err)
		}
		return fmt.Errorf("expected %s but found [%s]", what, t.String())
	}
	_, err := ar.dec.ReadToken()
	return err
}

// exceptionOf names a refusal as Elasticsearch does.
func exceptionOf(r *logrecord.Refusal) string {
	if r.Reason == ingest.ReasonMalformed {
		return "mapper_parsing_exception"
	}
	return "illegal_argument_exception"
}
