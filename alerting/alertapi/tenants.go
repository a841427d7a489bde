package alertapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// forTheirs serves a request of somebody through next, which knows of nobody. The
// silences they set are signed with their name. Of who has not all alerts, what
// they bring gets the tenant's label and is about their alerts, silences of
// others are not there, and the label is not shown to who asks about one tenant.
// Which alerts are listed is query/scope's business.
func (h *Handler) forTheirs(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) error {
	id := auth.From(r.Context())
	silences := path.Base(r.URL.Path) == "silences"
	switch {
	case id != nil && silences && r.Method == http.MethodPost:
		return h.postSilence(w, r, id, next)
	case id == nil || id.Reach(auth.AlertsRead).All() && id.Reach(auth.AlertsWrite).All():
		next(w, r)
		return nil
	}
	name, below := strings.CutPrefix(r.URL.Path, "/api/v2/silence/")
	switch {
	case below:
		return h.silence(w, r, name, id, next)
	case silences:
		return changed(w, r, next, func(body []byte) ([]byte, error) { return h.ownSilences(r, body, id) })
	case path.Base(r.URL.Path) == "alerts" && r.Method == http.MethodPost:
		return stampAlerts(w, r, id, next)
	}
	next(w, r)
	return nil
}

// stampAlerts has alerts that clients send be the tenant's, and theirs to send: an
// alert that is over ends the one there is.
func stampAlerts(w http.ResponseWriter, r *http.Request, id *auth.Identity, next http.HandlerFunc) error {
	reach := id.Reach(auth.AlertsWrite)
	var alerts []map[string]any
	if err := readJSON(r, &alerts); err != nil {
		return err
	}
	for i, a := range alerts {
		if a == nil { // which what is next does not expect
			return fmt.Errorf("body: alert %d is null: %w", i+1, fault.ErrInvalid)
		}
		for key := range a {
			if key != "labels" && strings.EqualFold(key, "labels") { // which what is next takes, too
				return fmt.Errorf("body: alert %d: write %q as labels: %w", i+1, key, fault.ErrInvalid)
			}
		}
		labels, ok := a["labels"].(map[string]any)
		if !ok {
			continue // which is refused by what is next
		}
		switch {
		case id.Tenants == nil:
		case id.Tenant() == "":
			delete(labels, auth.TenantLabel)
		default:
			labels[auth.TenantLabel] = id.Tenant()
		}
		own := make(map[string]string, len(labels))
		for name, value := range labels {
			own[name], _ = value.(string)
		}
		if !reach.Has(own) {
			return fmt.Errorf("alert %d is not one of yours by its labels: %w", i+1, fault.ErrForbidden)
		}
	}
	return passOn(w, r, alerts, next)
}

func readJSON(r *http.Request, into any) error {
	body, err := httpx.ReadBody(r, maxAlerts)
	if err != nil {
		return err
	}
	if err := decode(body, into); err != nil {
		return fmt.Errorf("body: %w: %w", err, fault.ErrInvalid)
	}
	return nil
}

// maxAlerts bounds the body of a request of Alertmanager's API, in bytes.
const maxAlerts = 32 << 20

func decode(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return dec.Decode(into)
}

// passOn asks next with another body.
func passOn(w http.ResponseWriter, r *http.Request, body any, next http.HandlerFunc) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	asked := r.Clone(r.Context())
	asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	asked.Header.Del("Content-Encoding") // it was read
	asked.Header.Set("Content-Length", strconv.Itoa(len(text)))
	next(w, asked)
	return nil
}

// changed answers as next does, with another body if it went well.
func changed(w http.ResponseWriter, r *http.Request, next http.HandlerFunc, to func([]byte) ([]byte, error)) error {
	answer := &held{header: w.Header(), status: http.StatusOK}
	next(answer, r)
	body := answer.body.Bytes()
	w.Header().Del("Content-Length")
	if answer.status == http.StatusOK && r.Method == http.MethodGet {
		var err error
		if body, err = to(body); err != nil {
			return err
		}
	}
	w.WriteHeader(answer.status)
	_, err := w.Write(body)
	return err
}
