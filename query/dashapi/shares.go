package dashapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

type snapshotItem struct {
	Key     string     `json:"key"`
	Name    string     `json:"name"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires"` // null is never
	Author  string     `json:"createdBy"`
}

func itemOfSnapshot(s state.Snapshot) snapshotItem {
	item := snapshotItem{Key: s.Key, Name: s.Name, Created: s.Created, Author: s.Author}
	if !s.Expires.IsZero() {
		item.Expires = &s.Expires
	}
	return item
}

// listSnapshots answers GET /snapshots. They have data that others saw: who sees a
// part of it is told of their own, and opens those whose key they were given.
func (h *Handler) listSnapshots(w http.ResponseWriter, r *http.Request) error {
	all, err := h.db.Snapshots(r.Context())
	if err != nil {
		return err
	}
	items, every, own := []snapshotItem{}, auth.From(r.Context()).Reach(auth.DashboardsRead).Whole(), h.opts.User(r)
	for _, s := range all {
		if every || s.Author == own {
			items = append(items, itemOfSnapshot(s))
		}
	}
	return writeJSON(w, map[string]any{"snapshots": items})
}

func (h *Handler) createSnapshot(w http.ResponseWriter, r *http.Request) error {
	var b struct {
		Name      string          `json:"name"`
		Dashboard json.RawMessage `json:"dashboard"`
		Expires   int64           `json:"expires"` // seconds from now; 0 is never
	}
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	doc, err := parseDocument(b.Dashboard)
	if err != nil {
		return err
	}
	s := state.Snapshot{Name: b.Name, JSON: b.Dashboard, Author: h.opts.User(r)}
	if s.Name == "" {
		s.Name = doc.Title
	}
	if b.Expires < 0 {
		return fmt.Errorf("a snapshot that has expired %d s ago: %w", -b.Expires, fault.ErrInvalid)
	}
	if b.Expires > 0 {
		s.Expires = time.Now().Add(time.Duration(b.Expires) * time.Second)
	}
	key, err := h.db.SaveSnapshot(r.Context(), s)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"key": key})
}

func (h *Handler) getSnapshot(w http.ResponseWriter, r *http.Request) error {
	s, err := h.db.Snapshot(r.Context(), chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	return writeAround(w, map[string]any{"meta": itemOfSnapshot(s)}, "dashboard", s.JSON)
}

func (h *Handler) deleteSnapshot(w http.ResponseWriter, r *http.Request) error {
	if err := h.db.DeleteSnapshot(r.Context(), chi.URLParam(r, "key")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type playlistItem struct {
	UID      string   `json:"uid"`
	Name     string   `json:"name"`
	Interval string   `json:"interval"` // as in "1m30s"
	Items    []string `json:"items"`    // dashboards' uids
	Author   string   `json:"updatedBy"`
}

func (h *Handler) listPlaylists(w http.ResponseWriter, r *http.Request) error {
	all, err := h.db.Playlists(r.Context())
	if err != nil {
		return err
	}
	items := make([]playlistItem, len(all))
	for i, p := range all {
		items[i] = playlistItem{p.UID, p.Name, promodel.Duration(p.Interval).String(), nonNil(p.Items), p.Author}
	}
	return writeJSON(w, map[string]any{"playlists": items})
}

func (h *Handler) savePlaylist(w http.ResponseWriter, r *http.Request) error {
	var b playlistItem
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	interval, err := promodel.ParseDuration(b.Interval)
	if err != nil {
		return fmt.Errorf("interval: %w: %w", err, fault.ErrInvalid)
	}
	if uid := chi.URLParam(r, "uid"); uid != "" {
		b.UID = uid
	}
	uid, err := h.db.SavePlaylist(r.Context(), state.Playlist{
		UID: b.UID, Name: b.Name, Interval: time.Duration(interval), Items: b.Items, Author: h.opts.User(r),
	})
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"uid": uid})
}

func (h *Handler) deletePlaylist(w http.ResponseWriter, r *http.Request) error {
	if err := h.db.DeletePlaylist(r.Context(), chi.URLParam(r, "uid")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) shorten(w http.ResponseWriter, r *http.Request) error {
	var b struct {
		Path string `json:"path"`
	}
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	id, err := h.db.Shorten(r.Context(), b.Path)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"id": id, "path": "/share/" + id})
}

func (h *Handler) lengthen(w http.ResponseWriter, r *http.Request) error {
	path, err := h.db.Lengthen(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"path": path})
}
