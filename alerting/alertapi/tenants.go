package alertapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/alertmanager/silence/silencepb"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// forTenant serves a request about one tenant or several through next, which
// knows of none: what it brings gets the tenant's label, silences of others are
// not there, and the label is not shown to who asks about one. Which alerts are
// seen is query/scope's business.
func (h *Handler) forTenant(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) error {
	id := auth.From(r.Context())
	if id == nil || id.Tenants == nil {
		next(w, r)
		return nil
	}
	name, below := strings.CutPrefix(r.URL.Path, "/api/v2/silence/")
	switch {
	case below:
		return h.silence(w, r, name, id, next)
	case path.Base(r.URL.Path) == "silences" && r.Method == http.MethodPost:
		return h.postSilence(w, r, id, next)
	case path.Base(r.URL.Path) == "silences":
		return changed(w, r, next, func(body []byte) ([]byte, error) { return h.ownSilences(r, body, id) })
	case path.Base(r.URL.Path) == "alerts" && r.Method == http.MethodPost:
		return stampAlerts(w, r, id, next)
	}
	next(w, r)
	return nil
}

var errNoSilence = fmt.Errorf("there is no such silence: %w", fault.ErrNotFound)

// owner returns whose a silence is. One that is not there wraps
// fault.ErrNotFound.
func (h *Handler) owner(r *http.Request, id string) (string, error) {
	found, _, err := h.silences.Query(r.Context(), silence.QIDs(id))
	if errors.Is(err, silence.ErrNotFound) || err == nil && len(found) == 0 {
		return "", errNoSilence
	}
	if err != nil {
		return "", fmt.Errorf("find silence: %w", err)
	}
	return notify.Owner(found[0]), nil
}

// silence answers what is about one.
func (h *Handler) silence(w http.ResponseWriter, r *http.Request, name string, id *auth.Identity, next http.HandlerFunc) error {
	owner, err := h.owner(r, name)
	if err != nil {
		return err
	}
	if !slices.Contains(id.Tenants, owner) {
		return errNoSilence
	}
	if r.Method != http.MethodGet {
		next(w, r)
		return nil
	}
	return changed(w, r, next, func(body []byte) ([]byte, error) {
		var one map[string]any
		if err := decode(body, &one); err != nil {
			return nil, err
		}
		return json.Marshal(shownSilence(one, id))
	})
}

// ownSilences returns a list of silences without those of other tenants.
func (h *Handler) ownSilences(r *http.Request, body []byte, id *auth.Identity) ([]byte, error) {
	var all []map[string]any
	if err := decode(body, &all); err != nil {
		return nil, err
	}
	kept, _, err := h.silences.Query(r.Context())
	if err != nil {
		return nil, fmt.Errorf("find silences: %w", err)
	}
	theirs := map[string]bool{}
	for _, s := range kept {
		theirs[s.Id] = slices.Contains(id.Tenants, notify.Owner(s))
	}
	out := []map[string]any{}
	for _, s := range all {
		if name, _ := s["id"].(string); theirs[name] {
			out = append(out, shownSilence(s, id))
		}
	}
	return json.Marshal(out)
}

// shownSilence returns s as Alertmanager's API shows it to id.
func shownSilence(s map[string]any, id *auth.Identity) map[string]any {
	if matchers, ok := s["matchers"].([]any); ok && len(id.Tenants) == 1 {
		s["matchers"] = slices.DeleteFunc(matchers, ofTenant)
	}
	return s
}

// ofTenant reports whether a matcher is about the tenant's label.
func ofTenant(matcher any) bool {
	one, _ := matcher.(map[string]any)
	return one["name"] == auth.TenantLabel
}

// postSilence sets one for the alerts of the tenant alone.
func (h *Handler) postSilence(w http.ResponseWriter, r *http.Request, id *auth.Identity, next http.HandlerFunc) error {
	var s map[string]any
	if err := readJSON(r, &s); err != nil {
		return err
	}
	if name, _ := s["id"].(string); name != "" {
		if owner, err := h.owner(r, name); err != nil {
			return err
		} else if owner != id.Tenant() {
			return errNoSilence
		}
	}
	matchers, _ := s["matchers"].([]any)
	for _, m := range matchers {
		one, _ := m.(map[string]any)
		if ofTenant(m) && (one["value"] != id.Tenant() || one["isRegex"] == true || one["isEqual"] == false) {
			return fmt.Errorf("a silence is of the tenant that the request is about: leave %s out of its matchers: %w", auth.TenantLabel, fault.ErrInvalid)
		}
	}
	if matchers = slices.DeleteFunc(matchers, ofTenant); len(matchers) == 0 {
		return fmt.Errorf("a silence needs a matcher: %w", fault.ErrInvalid)
	}
	s["matchers"] = append(matchers, map[string]any{
		"name": auth.TenantLabel, "value": id.Tenant(), "isRegex": false, "isEqual": true,
	})
	return passOn(w, r, s, next)
}

// stampAlerts has alerts that clients send be the tenant's.
func stampAlerts(w http.ResponseWriter, r *http.Request, id *auth.Identity, next http.HandlerFunc) error {
	var alerts []map[string]any
	if err := readJSON(r, &alerts); err != nil {
		return err
	}
	for i, a := range alerts {
		if a == nil { // which what is next does not expect
			return fmt.Errorf("body: alert %d is null: %w", i+1, fault.ErrInvalid)
		}
		labels, ok := a["labels"].(map[string]any)
		switch {
		case !ok: // which is refused by what is next
		case id.Tenant() == "":
			delete(labels, auth.TenantLabel)
		default:
			labels[auth.TenantLabel] = id.Tenant()
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

// ownMatchers keeps a silence of an alert to the tenants' own, if there are any.
func ownMatchers(id *auth.Identity, s *silencepb.Silence) {
	if id != nil && id.Tenants != nil {
		notify.Own(s, id.Tenant())
	}
}
