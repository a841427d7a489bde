package promapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
)

// rules answers as Prometheus does, and adds the field signal to groups that
// do not look at metrics: their expressions are not PromQL.
func (h *Handler) rules(w http.ResponseWriter, r *http.Request) {
	asked := r.Clone(r.Context())
	asked.Header.Del("Accept-Encoding")
	inner := &held{header: http.Header{}, status: http.StatusOK}
	h.api.ServeHTTP(inner, asked)
	body := inner.body.Bytes()
	if inner.status == http.StatusOK {
		body = h.withSignals(body)
	}
	maps.Copy(w.Header(), inner.header)
	w.WriteHeader(inner.status)
	_, _ = w.Write(body) // fails only if the client has left
}

// withSignals returns an answer with signals, or as it was if it has no groups.
func (h *Handler) withSignals(body []byte) []byte {
	var answer map[string]json.RawMessage
	var data map[string]json.RawMessage
	var groups []json.RawMessage
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer["data"], &data) != nil || json.Unmarshal(data["groups"], &groups) != nil {
		return body
	}
	changed := false
	for i, raw := range groups {
		var group struct{ File, Name string }
		if json.Unmarshal(raw, &group) != nil {
			continue
		}
		signal := h.o.Signal(group.File, group.Name)
		if signal == "" {
			continue
		}
		text, err := json.Marshal(signal)
		if err != nil {
			continue
		}
		groups[i] = bytes.Join([][]byte{[]byte(`{"signal":`), text, []byte(","), bytes.TrimPrefix(raw, []byte("{"))}, nil)
		changed = true
	}
	if !changed {
		return body
	}
	var err error
	if data["groups"], err = json.Marshal(groups); err != nil {
		return body
	}
	if answer["data"], err = json.Marshal(data); err != nil {
		return body
	}
	if out, err := json.Marshal(answer); err == nil {
		return out
	}
	return body
}

// A held answer waits to be changed.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *held) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *held) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *held) Write(b []byte) (int, error) { return a.body.Write(b) }
