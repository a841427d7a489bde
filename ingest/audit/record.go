package audit

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// Selector is the stream of audit records, as queries and retentions spell it.
const Selector = `{log_source="audit",service_name="oriel"}`

var stream = newStream()

func newStream() *model.Stream {
	s := &model.Stream{}
	for _, kv := range auth.AuditLabels { // sorted
		s.Attrs = append(s.Attrs, model.Attr{Key: kv[0], Value: model.String(kv[1])})
	}
	return s
}

// reserved reports whether s is where only audit records are: theirs, with
// whatever other labels.
func reserved(s *model.Stream) bool {
	for _, a := range stream.Attrs {
		if s.Attr(a.Key).Str() != a.Value.Str() {
			return false
		}
	}
	return true
}

// A record is the line of an event. The order of its fields is that of the
// line.
type record struct {
	Seq     int64       `json:"seq"`
	Time    time.Time   `json:"time"`
	Who     string      `json:"who,omitempty"`
	Kind    auth.Kind   `json:"kind,omitempty"`
	Tenant  string      `json:"tenant,omitempty"`
	Action  string      `json:"action"`
	Target  string      `json:"target,omitempty"`
	Result  auth.Result `json:"result"`
	Address string      `json:"address,omitempty"`
	Detail  string      `json:"detail,omitempty"`
	Prev    string      `json:"prev"`
}

// maxText bounds each text of a record, in bytes: some are what strangers sent.
const maxText = 2048

func encode(e auth.Event, seq int64, prev string) (string, error) {
	b, err := json.Marshal(record{
		Seq: seq, Time: e.Time.UTC(), Who: short(e.Who), Kind: e.Kind, Tenant: short(e.Tenant), Action: short(e.Action), Target: short(e.Target),
		Result: e.Result, Address: short(e.Address), Detail: short(e.Detail), Prev: prev,
	})
	return string(b), err
}

func short(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
