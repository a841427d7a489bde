package dashapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// panelElement is the kind of element that is kept. Grafana had a second one,
// for variables, which it never used.
const panelElement = 1

// maxPage bounds the library panels of one answer.
const maxPage = 1000

// elementBody is what is sent of a library panel. What a change leaves out
// stays.
type elementBody struct {
	UID       string          `json:"uid"`
	FolderUID *string         `json:"folderUid"`
	FolderID  int64           `json:"folderId"` // of folderID, where FolderUID is absent
	Name      string          `json:"name"`
	Model     json.RawMessage `json:"model"`
	Kind      int             `json:"kind"`
	Version   int             `json:"version"` // the one that a change began with
}

// apply puts what b says into p.
func (b elementBody) apply(ctx context.Context, h *Handler, p *state.LibraryPanel) error {
	if b.Kind != 0 && b.Kind != panelElement {
		return fmt.Errorf("kind %d: library panels alone are kept, which are of kind %d: %w", b.Kind, panelElement, fault.ErrInvalid)
	}
	p.Name = cmp.Or(b.Name, p.Name)
	if b.Model != nil {
		p.Model = b.Model
	}
	if model := bytes.TrimSpace(p.Model); len(model) == 0 || model[0] != '{' {
		return fmt.Errorf("model is the panel's JSON, an object: %w", fault.ErrInvalid)
	}
	switch {
	case b.FolderUID != nil && *b.FolderUID == "general":
		p.Folder = ""
	case b.FolderUID != nil:
		p.Folder = *b.FolderUID
	case b.FolderID != 0:
		folder, err := h.folderByID(ctx, b.FolderID)
		if err != nil {
			return err
		}
		p.Folder = folder
	}
	return h.mayHold(ctx, p.Folder)
}

// elementItem is a library panel in Grafana's shape, shown by so many
// dashboards.
func elementItem(p state.LibraryPanel, folder string, connected int) map[string]any {
	var m struct{ Type, Description string }
	_ = json.Unmarshal(p.Model, &m) // a model that names neither has neither
	by := func(name string) map[string]any {
		return map[string]any{"id": 0, "name": name, "avatarUrl": ""}
	}
	return map[string]any{
		"id": p.ID, "orgId": 1, "folderId": folderID(p.Folder), "folderUid": p.Folder, "uid": p.UID, "name": p.Name, "kind": panelElement,
		"type": m.Type, "description": m.Description, "model": json.RawMessage(p.Model), "version": p.Version,
		"meta": map[string]any{
			"folderName": folderTitle(folder), "folderUid": p.Folder, "connectedDashboards": connected,
			"created": p.Created, "updated": p.Updated, "createdBy": by(p.Creator), "updatedBy": by(p.Author),
		},
	}
}

// answerElements answers library panels as the value that shape makes of them.
func (h *Handler) answerElements(w http.ResponseWriter, r *http.Request, panels []state.LibraryPanel, shape func([]any) any) error {
	folders, err := h.folders(r.Context())
	if err != nil {
		return err
	}
	connected, err := h.connections(r.Context())
	if err != nil {
		return err
	}
	items := make([]any, len(panels))
	for i, p := range panels {
		items[i] = elementItem(p, folders[place{p.Tenant, p.Folder}].Title, len(connected[p.UID]))
	}
	return writeJSON(w, map[string]any{"result": shape(items)})
}

func theOne(items []any) any { return items[0] }

func theList(items []any) any { return items }

func (h *Handler) listElements(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	perPage, page, kind := int64(100), int64(1), int64(0)
	for name, at := range map[string]*int64{"perPage": &perPage, "page": &page, "kind": &kind} {
		if err := number(q, name, at); err != nil {
			return err
		}
	}
	all, err := h.db.LibraryPanels(r.Context())
	if err != nil {
		return err
	}
	words := strings.Fields(strings.ToLower(q.Get("searchString")))
	types, folders := listed(q.Get("typeFilter")), listed(q.Get("folderFilterUIDs"))
	for _, id := range listed(q.Get("folderFilter")) {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return fmt.Errorf("folderFilter has %.40q, which is no number: %w", id, fault.ErrInvalid)
		}
		folder, err := h.folderByID(r.Context(), n)
		if err != nil {
			return err
		}
		folders = append(folders, cmp.Or(folder, "general"))
	}
	all = slices.DeleteFunc(all, func(p state.LibraryPanel) bool {
		var m struct{ Type, Description string }
		_ = json.Unmarshal(p.Model, &m)
		text := strings.ToLower(p.Name + " " + m.Description)
		return p.UID == q.Get("excludeUid") || (kind != 0 && kind != panelElement) ||
			slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) ||
			(len(types) > 0 && !slices.Contains(types, m.Type)) ||
			(len(folders) > 0 && !slices.Contains(folders, cmp.Or(p.Folder, "general")))
	})
	if q.Get("sortDirection") == "alpha-desc" {
		slices.Reverse(all)
	}
	perPage = min(max(perPage, 1), maxPage)
	page = min(max(page, 1), int64(len(all))+1) // a larger one is empty too, and the product fits
	total := int64(len(all))
	first := min((page-1)*perPage, total)
	return h.answerElements(w, r, all[first:min(first+perPage, total)], func(items []any) any {
		return map[string]any{"totalCount": total, "page": page, "perPage": perPage, "elements": items}
	})
}

// listed returns the parts of a text with commas; none of an empty one.
func listed(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(part string) bool { return part == "" })
}

func (h *Handler) addElement(w http.ResponseWriter, r *http.Request) error {
	var b elementBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	p := state.LibraryPanel{UID: b.UID, Author: h.opts.User(r)}
	if err := b.apply(r.Context(), h, &p); err != nil {
		return err
	}
	p, err := h.db.SaveLibraryPanel(r.Context(), p, 0)
	if errors.Is(err, fault.ErrConflict) {
		return fmt.Errorf("%w: %w", fault.ErrInvalid, err) // 400, as Grafana says it
	}
	if err != nil {
		return err
	}
	return h.answerElements(w, r, []state.LibraryPanel{p}, theOne)
}

func (h *Handler) getElement(w http.ResponseWriter, r *http.Request) error {
	p, err := h.db.LibraryPanel(r.Context(), chi.URLParam(r, "uid"))
	if err != nil {
		return err
	}
	return h.answerElements(w, r, []state.LibraryPanel{p}, theOne)
}

func (h *Handler) getElementsOfName(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	all, err := h.db.LibraryPanels(r.Context())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(p state.LibraryPanel) bool { return p.Name != name })
	if len(all) == 0 {
		return fmt.Errorf("library panel %.40q: %w", name, fault.ErrNotFound)
	}
	return h.answerElements(w, r, all, theList)
}

func (h *Handler) changeElement(w http.ResponseWriter, r *http.Request) error {
	var b elementBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	uid := chi.URLParam(r, "uid")
	if b.UID != "" && b.UID != uid {
		return fmt.Errorf("the uid of a library panel stays: this one is %.40q, not %.40q: %w", uid, b.UID, fault.ErrInvalid)
	}
	p, err := h.db.LibraryPanel(r.Context(), uid)
	if err != nil {
		return err
	}
	if err := b.apply(r.Context(), h, &p); err != nil {
		return err
	}
	if b.Version < 1 {
		return fmt.Errorf("version names the one that the change began with: %w", fault.ErrInvalid)
	}
	p.Author = h.opts.User(r)
	p, err = h.db.SaveLibraryPanel(r.Context(), p, b.Version)
	if errors.Is(err, fault.ErrConflict) {
		return grafanaFault{err, "version-mismatch"}
	}
	if err != nil {
		return err
	}
	return h.answerElements(w, r, []state.LibraryPanel{p}, theOne)
}

// deleteElement refuses to remove what dashboards show.
func (h *Handler) deleteElement(w http.ResponseWriter, r *http.Request) error {
	p, at, err := h.connected(r)
	if err != nil {
		return err
	}
	if len(at) > 0 {
		return fmt.Errorf("library panel %q is shown by %d dashboards, of them %q: %w", p.Name, len(at), at[0].uid, fault.ErrForbidden)
	}
	if err := h.db.DeleteLibraryPanel(r.Context(), p.UID); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"id": p.ID, "message": "Library element deleted"})
}
