package alertapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// A draft is a configuration that somebody writes: YAML, or the same as JSON.
type draft struct {
	Base   int             `json:"base"` // the version that it began with
	YAML   string          `json:"yaml"`
	Config json.RawMessage `json:"config"`
}

func (d draft) draft() notify.Draft {
	return notify.Draft{Base: d.Base, YAML: d.YAML, Config: d.Config}
}

// A version is one of the page's configuration.
type version struct {
	Version  int        `json:"version"` // 0 if nobody has written one
	Created  *time.Time `json:"created,omitempty"`
	Author   string     `json:"author,omitempty"`
	Message  string     `json:"message,omitempty"`
	Restored int        `json:"restored,omitempty"` // the version that this one brought back
}

func versionOf(c state.NotificationConfig) version {
	v := version{Version: c.Version, Author: c.Author, Message: c.Message, Restored: c.Restored}
	if c.Version > 0 {
		v.Created = &c.Created
	}
	return v
}

// A configuration is what says who is notified.
type configuration struct {
	version
	File     string          `json:"file"`            // the file that says it; "" if the page does
	Editable bool            `json:"editable"`        // by the one who asks
	Why      string          `json:"why,omitempty"`   // not
	Fault    string          `json:"fault,omitempty"` // why the page's is not in force
	YAML     string          `json:"yaml"`            // secrets are markers
	Config   json.RawMessage `json:"config"`          // the same
}

func configurationOf(c notify.Configuration) configuration {
	out := configuration{version: versionOf(c.NotificationConfig), File: c.File, YAML: c.YAML, Config: c.Config}
	if c.Fault != nil {
		out.Fault = c.Fault.Error()
	}
	return out
}

// mayRoute returns why r may not change who is notified.
func (d *Desk) mayRoute(r *http.Request) error {
	if !auth.From(r.Context()).Reach(auth.AlertsWrite).Whole() {
		return fmt.Errorf("who is notified is changed by those who may change all alerts, such as editors: %w", fault.ErrForbidden)
	}
	if d.opts.MayRoute == nil {
		return nil
	}
	return d.opts.MayRoute(r)
}

// configuration answers GET /routing/config.
func (d *Desk) configuration(w http.ResponseWriter, r *http.Request) error {
	c, err := d.opts.Notifications.Configuration(r.Context())
	if err != nil {
		return err
	}
	out := configurationOf(c)
	switch err := d.mayRoute(r); {
	case c.File != "":
		out.Why = notify.ErrFile.Error()
	case err != nil:
		out.Why = err.Error()
	default:
		out.Editable = true
	}
	setETag(w, c.Version)
	return httpx.WriteJSON(w, out)
}

func setETag(w http.ResponseWriter, version int) {
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(version)))
}

// baseOf is the version that a change began with.
func baseOf(r *http.Request) (int, error) {
	base, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(r.Header.Get("If-Match"), "W/"), `"`))
	if err != nil || base < 0 {
		return 0, fmt.Errorf("If-Match names the version that the change began with, as ETag gave it: %w", fault.ErrInvalid)
	}
	return base, nil
}

// saveConfiguration answers PUT /routing/config: what is sent is in force.
func (d *Desk) saveConfiguration(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		draft
		Message string `json:"message"`
	}
	return d.change(w, r, &body, func(base int) (state.NotificationConfig, error) {
		if body.Base != 0 && body.Base != base {
			return state.NotificationConfig{}, fmt.Errorf("base is %d, and If-Match says %d: %w", body.Base, base, fault.ErrInvalid)
		}
		body.Base = base
		return d.opts.Notifications.Save(r.Context(), body.draft.draft(), notify.Edit{Author: author(r), Message: body.Message})
	})
}

// restoreConfiguration answers POST /routing/config/versions/{version}/restore.
func (d *Desk) restoreConfiguration(w http.ResponseWriter, r *http.Request) error {
	n, err := versionParam(r)
	if err != nil {
		return err
	}
	var body struct {
		Message string `json:"message"`
	}
	return d.change(w, r, &body, func(base int) (state.NotificationConfig, error) {
		return d.opts.Notifications.Restore(r.Context(), n, base, notify.Edit{Author: author(r), Message: body.Message})
	})
}

// change reads body, makes a change and answers the version that came of it. A
// version that is newer than the change's base answers 412 with it.
func (d *Desk) change(w http.ResponseWriter, r *http.Request, body any, do func(base int) (state.NotificationConfig, error)) error {
	if err := d.mayRoute(r); err != nil {
		return err
	}
	base, err := baseOf(r)
	if err != nil {
		return err
	}
	if err := readBody(r, body); err != nil {
		return err
	}
	kept, err := do(base)
	var problems notify.Problems
	switch {
	case err == nil:
		setETag(w, kept.Version)
		return httpx.WriteJSON(w, versionOf(kept))
	case errors.As(err, &problems):
		return refuse(w, http.StatusBadRequest, map[string]any{"error": err.Error(), "problems": problems})
	case errors.Is(err, fault.ErrConflict):
		newer, e := d.opts.Notifications.Configuration(r.Context())
		if e != nil {
			return err
		}
		setETag(w, newer.Version)
		return refuse(w, http.StatusPreconditionFailed, map[string]any{"error": err.Error(), "version": newer.Version, "author": newer.Author, "created": newer.Created})
	}
	return err
}

func refuse(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(body)
}

// author signs a change.
func author(r *http.Request) string {
	name, err := who(r, "author", "")
	if err != nil {
		return "anonymous"
	}
	return name
}

// checkConfiguration answers POST /routing/config/check: what a draft would do.
func (d *Desk) checkConfiguration(w http.ResponseWriter, r *http.Request) error {
	var body draft
	if err := d.mayRoute(r); err != nil {
		return err
	}
	if err := readBody(r, &body); err != nil {
		return err
	}
	checked, err := d.opts.Notifications.Check(r.Context(), body.draft())
	if err != nil {
		return err
	}
	answer := struct {
		YAML     string              `json:"yaml"`
		Config   json.RawMessage     `json:"config,omitempty"`
		Problems notify.Problems     `json:"problems"`
		Changes  []notify.Difference `json:"changes"`
		Moved    []notify.Moved      `json:"moved"`
		Routing  *routed             `json:"routing,omitempty"`
	}{checked.YAML, checked.Config, checked.Problems, checked.Changes, checked.Moved, nil}
	if checked.Problems == nil {
		answer.Problems = notify.Problems{}
		seen, err := routedBy(checked.Routing())
		if err != nil {
			return err
		}
		answer.Routing = &seen
	}
	return httpx.WriteJSON(w, answer)
}

// testDraft answers POST /routing/config/test: it sends a notification to a
// receiver of a draft.
func (d *Desk) testDraft(w http.ResponseWriter, r *http.Request) error {
	body := struct {
		Receiver string `json:"receiver"`
		Draft    draft  `json:"draft"`
		testAlert
	}{testAlert: newTestAlert()}
	if err := d.mayRoute(r); err != nil {
		return err
	}
	if err := readBody(r, &body); err != nil {
		return err
	}
	return answerTest(w, body.testAlert, func() ([]notify.TestResult, error) {
		return d.opts.Notifications.TestDraft(r.Context(), body.Draft.draft(), body.Receiver, body.Labels, body.Annotations)
	})
}

// configurations answers GET /routing/config/versions.
func (d *Desk) configurations(w http.ResponseWriter, r *http.Request) error {
	all, err := d.opts.Notifications.Versions(r.Context())
	if err != nil {
		return err
	}
	out := make([]version, len(all))
	for i, c := range all {
		out[i] = versionOf(c)
	}
	return httpx.WriteJSON(w, map[string]any{"versions": out})
}

// oldConfiguration answers GET /routing/config/versions/{version}.
func (d *Desk) oldConfiguration(w http.ResponseWriter, r *http.Request) error {
	n, err := versionParam(r)
	if err != nil {
		return err
	}
	c, err := d.opts.Notifications.Version(r.Context(), n)
	if err != nil {
		return err
	}
	out := configurationOf(c)
	return httpx.WriteJSON(w, struct {
		version
		YAML   string          `json:"yaml"`
		Config json.RawMessage `json:"config"`
	}{out.version, out.YAML, out.Config})
}

func versionParam(r *http.Request) (int, error) {
	text := chi.URLParam(r, "version")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("version %.40q is no number from 1 on: %w", text, fault.ErrInvalid)
	}
	return n, nil
}
