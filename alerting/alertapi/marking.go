package alertapi

import (
	"bytes"
	"net/http"
	"path"
)

// serve answers as Alertmanager does, and marks alerts that somebody has seen
// to.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	name, acks := path.Base(r.URL.Path), h.acks()
	if r.Method != http.MethodGet || name != "alerts" && name != "groups" || len(acks) == 0 {
		h.api.ServeHTTP(w, r)
		return
	}
	answer := &held{header: w.Header(), status: http.StatusOK}
	h.api.ServeHTTP(answer, r)
	body := answer.body.Bytes()
	if answer.status == http.StatusOK {
		if marked, err := withAcks(body, acks); err == nil {
			body = marked
		}
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

// A held answer is one that is not sent yet.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header { return h.header }

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) { h.status = status }
