package dashapi

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

type folderItem struct {
	UID         string    `json:"uid"`
	Title       string    `json:"title"`
	ParentUID   string    `json:"parentUid,omitempty"`
	Version     int       `json:"version"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	UpdatedBy   string    `json:"updatedBy,omitempty"`
	Provisioned bool      `json:"provisioned"` // holds files: read-only
	Tenant      string    `json:"tenant,omitempty"`
}

func (h *Handler) itemOfFolder(ctx context.Context, f state.Folder) folderItem {
	_, file := h.opts.Files.folder(ctx, f.UID)
	return folderItem{f.UID, f.Title, f.Parent, f.Version, f.Created, f.Updated, f.Author, file, ownerOf(ctx, f.Tenant)}
}

func (h *Handler) sortedFolders(r *http.Request) ([]folderItem, error) {
	all, err := h.folders(r.Context())
	items := make([]folderItem, 0, len(all))
	for f := range maps.Values(all) {
		items = append(items, h.itemOfFolder(r.Context(), f))
	}
	slices.SortFunc(items, func(a, b folderItem) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.UID, b.UID))
	})
	return items, err
}

func (h *Handler) listFolders(w http.ResponseWriter, r *http.Request) error {
	items, err := h.sortedFolders(r)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"folders": items})
}

// folderID is the number by which Grafana's API names a folder beside its UID:
// older clients, and grizzly, know no other. It is made of the UID, and small
// enough for JSON; the top has 0.
func folderID(uid string) int64 {
	if uid == "" {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(uid))
	return max(1, int64(h.Sum64()>>11))
}

// folderByID returns the UID of the folder with a number of folderID.
func (h *Handler) folderByID(ctx context.Context, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	all, err := h.folders(ctx)
	if err != nil {
		return "", err
	}
	for at := range all {
		if folderID(at.uid) == id {
			return at.uid, nil
		}
	}
	return "", fmt.Errorf("folder with the id %d: %w", id, fault.ErrNotFound)
}

// folderBody is what both APIs send of a folder.
type folderBody struct {
	UID       string  `json:"uid"`
	Title     string  `json:"title"`
	ParentUID *string `json:"parentUid"`
	Version   int     `json:"version"`
	Overwrite bool    `json:"overwrite"`
}

func (h *Handler) createFolder(w http.ResponseWriter, r *http.Request) error {
	var b folderBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	f, err := h.addFolder(r, b)
	if err != nil {
		return err
	}
	return writeJSON(w, h.itemOfFolder(r.Context(), f))
}

func (h *Handler) addFolder(r *http.Request, b folderBody) (f state.Folder, err error) {
	f = state.Folder{UID: b.UID, Title: b.Title, Author: h.opts.User(r)}
	if b.ParentUID != nil {
		f.Parent = *b.ParentUID
	}
	for _, uid := range []string{f.UID, f.Parent} {
		if err := h.mayHold(r.Context(), uid); err != nil {
			return f, err
		}
	}
	return h.db.SaveFolder(r.Context(), f, 0)
}

func (h *Handler) changeFolder(w http.ResponseWriter, r *http.Request) error {
	var b folderBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	f, err := h.replaceFolder(r, chi.URLParam(r, "uid"), b)
	if err != nil {
		return err
	}
	return writeJSON(w, h.itemOfFolder(r.Context(), f))
}

// replaceFolder changes title and parent; what b leaves out stays.
func (h *Handler) replaceFolder(r *http.Request, uid string, b folderBody) (f state.Folder, err error) {
	if err := h.mayHold(r.Context(), uid); err != nil {
		return f, err
	}
	if f, err = h.db.Folder(r.Context(), uid); err != nil {
		return f, err
	}
	base := b.Version
	if b.Overwrite {
		base = f.Version
	} else if base == 0 {
		return f, fmt.Errorf("version names the one that the change began with, or overwrite is true: %w", fault.ErrInvalid)
	}
	if b.Title != "" {
		f.Title = b.Title
	}
	if b.ParentUID != nil {
		f.Parent = *b.ParentUID
	}
	if err := h.mayHold(r.Context(), f.Parent); err != nil {
		return f, err
	}
	f.Author = h.opts.User(r)
	return h.db.SaveFolder(r.Context(), f, base)
}

func (h *Handler) deleteFolder(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	if err := h.mayHold(r.Context(), uid); err != nil {
		return err
	}
	n, err := h.db.DeleteFolder(r.Context(), uid)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"dashboards": n})
}
