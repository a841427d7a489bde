package elastic

import (
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/oriel-obs/oriel/ingest/logrecord"
)

// document serves _doc and _create: one document, the body.
func (h *Handler) document(w http.ResponseWriter, r *http.Request, index, id string) error {
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	rows := h.begin(0)
	var rec logrecord.Record
	refusal := h.readers.Of(r).Read(body, &rec)
	if refusal != nil {
		_ = rows.Refuse(refusal)
	} else {
		(&indexLabels{}).add(&rec, index)
		refusal = rows.Add(&rec)
	}
	if err := rows.Store(r.Context(), len(body)); err != nil {
		return err
	}
	if refusal != nil {
		return &requestError{http.StatusBadRequest, exceptionOf(refusal), refusal.Text}
	}
	if id == "" {
		id = rand.Text()[:20] // as long as Elasticsearch's own
	}
	b := appendString([]byte(`{"_index":`), index)
	b = appendString(append(b, `,"_id":`...), id)
	b = fmt.Append(b, `,"_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1}`)
	reply(w, r, http.StatusCreated, b)
	return nil
}
