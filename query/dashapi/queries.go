package dashapi

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/storage/state"
)

type queryItem struct {
	UID      string    `json:"uid"`
	Name     string    `json:"name"`
	Language string    `json:"language"` // promql, logql or traceql
	Query    string    `json:"query"`
	Updated  time.Time `json:"updated"`
	Author   string    `json:"updatedBy"`
	Tenant   string    `json:"tenant,omitempty"` // whose it is, in answers across tenants
}

func (h *Handler) listQueries(w http.ResponseWriter, r *http.Request) error {
	all, err := h.db.Queries(r.Context())
	if err != nil {
		return err
	}
	items := make([]queryItem, len(all))
	for i, q := range all {
		items[i] = queryItem{q.UID, q.Name, q.Language, q.Text, q.Updated, q.Author, ownerOf(r.Context(), q.Tenant)}
	}
	return writeJSON(w, map[string]any{"queries": items})
}

// saveQuery keeps a new query, or that of the uid in the path.
func (h *Handler) saveQuery(w http.ResponseWriter, r *http.Request) error {
	var b queryItem
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	uid, err := h.db.SaveQuery(r.Context(), state.Query{
		UID: chi.URLParam(r, "uid"), Name: b.Name, Language: b.Language, Text: b.Query, Author: h.opts.User(r),
	})
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"uid": uid})
}

func (h *Handler) deleteQuery(w http.ResponseWriter, r *http.Request) error {
	if err := h.db.DeleteQuery(r.Context(), chi.URLParam(r, "uid")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
