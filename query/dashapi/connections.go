package dashapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// A connection is a dashboard that shows a library panel.
type connection struct {
	id  int64
	uid string
}

// connections returns which dashboards show each library panel, by its UID.
func (h *Handler) connections(ctx context.Context) (map[string][]connection, error) {
	kept, err := h.db.DashboardsWith(ctx, `"libraryPanel"`)
	if err != nil {
		return nil, err
	}
	all := map[string][]connection{}
	add := func(at connection, text []byte) {
		for _, uid := range libraryPanelsOf(text) {
			all[uid] = append(all[uid], at)
		}
	}
	for _, d := range kept {
		add(connection{d.ID, d.UID}, d.JSON)
	}
	files, _ := h.opts.Files.all(ctx)
	for _, d := range files {
		add(connection{0, d.UID}, d.json)
	}
	return all, nil
}

// libraryPanelsOf returns the UIDs of the library panels that a dashboard
// shows, each once, those in folded rows too.
func libraryPanelsOf(dashboard []byte) (uids []string) {
	if !bytes.Contains(dashboard, []byte(`"libraryPanel"`)) {
		return nil
	}
	type panel struct {
		LibraryPanel struct{ UID string }
		Panels       json.RawMessage
	}
	var read func(text json.RawMessage)
	read = func(text json.RawMessage) {
		var panels []json.RawMessage
		_ = json.Unmarshal(text, &panels) // what is none has none
		for _, text := range panels {
			var p panel
			_ = json.Unmarshal(text, &p)
			if uid := p.LibraryPanel.UID; uid != "" && !slices.Contains(uids, uid) {
				uids = append(uids, uid)
			}
			read(p.Panels)
		}
	}
	var d struct{ Panels, Rows json.RawMessage }
	_ = json.Unmarshal(dashboard, &d)
	read(d.Panels)
	read(d.Rows)
	return uids
}

// libraryOf returns the library panels that a dashboard shows and that are
// kept here, by their UIDs, in the shape of an export's "__elements".
func (h *Handler) libraryOf(ctx context.Context, dashboard []byte) (map[string]any, error) {
	all := map[string]any{}
	for _, uid := range libraryPanelsOf(dashboard) {
		p, err := h.db.LibraryPanel(ctx, uid)
		if errors.Is(err, fault.ErrNotFound) {
			continue // the page says so
		}
		if err != nil {
			return nil, err
		}
		all[uid] = map[string]any{"uid": p.UID, "name": p.Name, "kind": panelElement, "version": p.Version, "model": json.RawMessage(p.Model)}
	}
	return all, nil
}

// connected returns the library panel that r names, and which dashboards show it.
func (h *Handler) connected(r *http.Request) (state.LibraryPanel, []connection, error) {
	p, err := h.db.LibraryPanel(r.Context(), chi.URLParam(r, "uid"))
	if err != nil {
		return p, nil, err
	}
	all, err := h.connections(r.Context())
	return p, all[p.UID], err
}

func (h *Handler) listConnections(w http.ResponseWriter, r *http.Request) error {
	p, at, err := h.connected(r)
	if err != nil {
		return err
	}
	items := []any{}
	for i, d := range at {
		items = append(items, map[string]any{
			"id": i + 1, "kind": 1, "elementId": p.ID, "connectionId": d.id, "connectionUid": d.uid,
			"created": p.Created.Format(time.RFC3339), "createdBy": map[string]any{"id": 0, "name": p.Creator, "avatarUrl": ""},
		})
	}
	return writeJSON(w, map[string]any{"result": items})
}
