package slo

import (
	_ "embed" // for the document
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Document describes the endpoints, as a part for internal/apidoc.
//
//go:embed openapi.yaml
var Document []byte

// maxBody bounds an objective, in bytes.
const maxBody = 256 << 10

// Mount adds the API to r.
func (m *Manager) Mount(r chi.Router) {
	route := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(method, "/oriel/api/v1/slos"+path, httpx.Handler(f, httpx.JSONError))
	}
	route(http.MethodGet, "", m.serveList)
	route(http.MethodGet, "/{name}", m.serveOne)
	route(http.MethodPut, "/{name}", m.servePut)
	route(http.MethodDelete, "/{name}", m.serveDelete)
	route(http.MethodGet, "/{name}/rules.yaml", m.serveRules)
}

// tenantsOf returns those that a request is about; while tenants are off that is
// the default one.
func tenantsOf(r *http.Request) []string {
	if id := auth.From(r.Context()); id != nil && id.Tenants != nil {
		return id.Tenants
	}
	return []string{""}
}

func (m *Manager) serveList(w http.ResponseWriter, r *http.Request) error {
	all, err := m.statuses(r.Context(), m.list(tenantsOf(r)), time.Now())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"slos": all})
}

func (m *Manager) serveOne(w http.ResponseWriter, r *http.Request) error {
	o, err := m.get(chi.URLParam(r, "name"), tenantsOf(r)...)
	if err != nil {
		return err
	}
	all, err := m.statuses(r.Context(), []known{o}, time.Now())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, all[0])
}

func (m *Manager) servePut(w http.ResponseWriter, r *http.Request) error {
	var o Objective
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return fmt.Errorf("the body is no objective: %w: %w", err, fault.ErrInvalid)
	}
	name := chi.URLParam(r, "name")
	if o.Name == "" {
		o.Name = name
	}
	if o.Name != name {
		return fmt.Errorf("the objective's name is %.100q, the address says %.100q: %w", o.Name, name, fault.ErrInvalid)
	}
	if err := m.Save(auth.From(r.Context()).Tenant(), o); err != nil {
		return err
	}
	return m.serveOne(w, r)
}

func (m *Manager) serveDelete(w http.ResponseWriter, r *http.Request) error {
	if err := m.Delete(auth.From(r.Context()).Tenant(), chi.URLParam(r, "name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// serveRules answers the rule file, which any Prometheus takes.
func (m *Manager) serveRules(w http.ResponseWriter, r *http.Request) error {
	o, err := m.get(chi.URLParam(r, "name"), tenantsOf(r)...)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, err = w.Write(o.Rules())
	return err
}
