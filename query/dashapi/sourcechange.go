package dashapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// A Sealer encrypts the credentials of data sources, which a copy of the state
// database must not tell.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// mountSources adds data sources as Grafana's API has them: those of the
// configuration and Oriel's own are read-only.
func (h *Handler) mountSources(add func(method, path string, f func(http.ResponseWriter, *http.Request) error)) {
	add(http.MethodGet, "/datasources", h.grafanaSources)
	add(http.MethodPost, "/datasources", h.grafanaAddSource)
	for _, by := range []string{"/{id}", "/uid/{uid}", "/name/{name}"} {
		add(http.MethodGet, "/datasources"+by, h.grafanaSource)
		add(http.MethodPut, "/datasources"+by, h.grafanaChangeSource)
		add(http.MethodDelete, "/datasources"+by, h.grafanaDeleteSource)
	}
	add(http.MethodGet, "/datasources/id/{name}", h.grafanaSourceID)
}

func (h *Handler) grafanaSources(w http.ResponseWriter, r *http.Request) error {
	sources := h.opts.Sources.seen(r.Context())
	items := make([]any, len(sources))
	for i, s := range sources {
		items[i] = grafanaSourceItem(s)
	}
	return writeJSON(w, items)
}

// sourceOf returns the data source that r names.
func (h *Handler) sourceOf(r *http.Request) (*source, error) {
	id, uid, name := chi.URLParam(r, "id"), chi.URLParam(r, "uid"), chi.URLParam(r, "name")
	for _, s := range h.opts.Sources.seen(r.Context()) {
		if uid != "" && s.UID == uid || name != "" && s.Name == name || id != "" && strconv.FormatInt(s.id, 10) == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("data source %.40q: %w", id+uid+name, fault.ErrNotFound)
}

func (h *Handler) grafanaSource(w http.ResponseWriter, r *http.Request) error {
	s, err := h.sourceOf(r)
	if err != nil {
		return err
	}
	return writeJSON(w, grafanaSourceItem(s))
}

func (h *Handler) grafanaSourceID(w http.ResponseWriter, r *http.Request) error {
	s, err := h.sourceOf(r)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"id": s.id})
}

// maySource returns why data sources are not changed by r.
func (h *Handler) maySource(ctx context.Context) error {
	switch {
	case !asDefault(ctx):
		return fmt.Errorf("data sources are the operator's, and so the default tenant's: %w", fault.ErrForbidden)
	case !h.opts.ChangeSources:
		return fmt.Errorf("while nobody signs in, data sources are changed here only with web: {admin_api: true}: %w", fault.ErrForbidden)
	}
	return nil
}

func (h *Handler) grafanaAddSource(w http.ResponseWriter, r *http.Request) error {
	var b sourceBody
	if err := errors.Join(h.maySource(r.Context()), readJSON(w, r, &b)); err != nil {
		return err
	}
	return h.keepSource(w, r, b, state.DataSource{}, nil, "Datasource added")
}

// pushedOf returns the data source that r names, if it may be changed.
func (h *Handler) pushedOf(r *http.Request) (*source, error) {
	if err := h.maySource(r.Context()); err != nil {
		return nil, err
	}
	s, err := h.sourceOf(r)
	switch {
	case err != nil:
		return nil, err
	case s.Local:
		return nil, fmt.Errorf("data source %q is Oriel itself; what dashboards ask of it is answered here: %w", s.Name, fault.ErrForbidden)
	case s.pushed == nil:
		return nil, fmt.Errorf("data source %q is in the configuration, and changed there: %w", s.Name, fault.ErrForbidden)
	}
	return s, nil
}

func (h *Handler) grafanaChangeSource(w http.ResponseWriter, r *http.Request) error {
	s, err := h.pushedOf(r)
	if err != nil {
		return err
	}
	var b sourceBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	if s.fault != nil && len(b.Secrets) == 0 {
		return s.fault // it would be kept without the secrets that it has
	}
	return h.keepSource(w, r, b, *s.pushed, s.secrets, "Datasource updated")
}

// keepSource keeps what b says in place of old, and answers it.
func (h *Handler) keepSource(w http.ResponseWriter, r *http.Request, b sourceBody, old state.DataSource, secrets map[string]string, done string) error {
	d := state.DataSource{ID: old.ID, UID: cmp.Or(b.UID, old.UID, state.NewUID()), Name: b.Name, IsDefault: b.IsDefault, Author: h.opts.User(r)}
	secrets = withSecrets(secrets, b.Secrets)
	c, err := b.config(d.UID, d.Name, secrets)
	if err != nil {
		return err
	}
	if err := h.opts.Sources.check(c); err != nil {
		return err
	}
	if d.JSON, err = json.Marshal(b.pushedSource); err != nil {
		return err
	}
	if len(secrets) > 0 {
		plain, err := json.Marshal(secrets)
		if err != nil {
			return err
		}
		if d.Sealed, err = h.opts.Sealer.Seal(plain); err != nil {
			return err
		}
	}
	base := old.Version
	if old.ID != 0 && b.Version != 0 {
		base = b.Version
	}
	kept, err := h.db.SaveDataSource(r.Context(), d, base)
	if err != nil {
		return err
	}
	if err := h.opts.Sources.Read(r.Context(), h.db, h.opts.Sealer); err != nil {
		return err
	}
	s, ok := h.opts.Sources.get(kept.UID)
	if !ok {
		return fmt.Errorf("data source %q was removed meanwhile: %w", kept.UID, fault.ErrConflict)
	}
	return writeJSON(w, map[string]any{"datasource": grafanaSourceItem(s), "id": s.id, "message": done, "name": s.Name})
}

func (h *Handler) grafanaDeleteSource(w http.ResponseWriter, r *http.Request) error {
	s, err := h.pushedOf(r)
	if err != nil {
		return err
	}
	if err := h.db.DeleteDataSource(r.Context(), s.pushed.ID); err != nil {
		return err
	}
	if err := h.opts.Sources.Read(r.Context(), h.db, h.opts.Sealer); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"message": "Data source deleted", "id": s.id})
}
