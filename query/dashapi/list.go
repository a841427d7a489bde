package dashapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// An item is a dashboard in a list, wherever it comes from.
type item struct {
	UID         string    `json:"uid"`
	Title       string    `json:"title"`
	Tags        []string  `json:"tags"`
	FolderUID   string    `json:"folderUid,omitempty"`
	FolderTitle string    `json:"folderTitle,omitempty"`
	Version     int       `json:"version"`
	Created     time.Time `json:"created,omitzero"`
	Updated     time.Time `json:"updated,omitzero"`
	CreatedBy   string    `json:"createdBy,omitempty"`
	UpdatedBy   string    `json:"updatedBy,omitempty"`
	Provisioned bool      `json:"provisioned"`    // from a file: read-only
	Path        string    `json:"path,omitempty"` // of the file
	Starred     bool      `json:"starred"`
	Variables   []string  `json:"variables,omitempty"` // of those asked for
	Tenant      string    `json:"tenant,omitempty"`    // whose it is, in answers across tenants

	id int64
}

// A wish selects items. Its zero value is all of them.
type wish struct {
	words   []string // all in the title, in any case
	tags    []string // all of them
	folders []string // in one of these; "" is the top
	uids    []string // one of these
	starred bool
}

func (w wish) wants(d item) bool {
	title := strings.ToLower(d.Title)
	for _, word := range w.words {
		if !strings.Contains(title, word) {
			return false
		}
	}
	for _, tag := range w.tags {
		if !slices.Contains(d.Tags, tag) {
			return false
		}
	}
	return (len(w.folders) == 0 || slices.Contains(w.folders, d.FolderUID)) &&
		(len(w.uids) == 0 || slices.Contains(w.uids, d.UID)) &&
		(!w.starred || d.Starred)
}

// items returns the dashboards that w wants, by title.
func (h *Handler) items(ctx context.Context, user string, w wish) ([]item, error) {
	kept, err := h.db.Dashboards(ctx)
	if err != nil {
		return nil, err
	}
	stars, err := h.db.Starred(ctx, user)
	if err != nil {
		return nil, err
	}
	folders, err := h.folders(ctx)
	if err != nil {
		return nil, err
	}
	all := []item{}
	add := func(d item) {
		d.Starred = stars[d.UID]
		d.FolderTitle = folders[place{d.Tenant, d.FolderUID}].Title
		d.Tenant = ownerOf(ctx, d.Tenant)
		if w.wants(d) {
			all = append(all, d)
		}
	}
	files, _ := h.opts.Files.all(ctx)
	for _, d := range files {
		add(itemOfFile(d))
	}
	for _, d := range kept {
		if _, hidden := h.opts.Files.dashboard(ctx, d.UID); !hidden {
			add(itemOf(d))
		}
	}
	slices.SortFunc(all, func(a, b item) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), strings.Compare(a.UID, b.UID))
	})
	return all, nil
}

// A board is an item with its JSON.
type board struct {
	item
	json []byte
}

// find returns a dashboard, from a file if one has the uid.
func (h *Handler) find(ctx context.Context, user, uid string) (d board, err error) {
	if file, ok := h.opts.Files.dashboard(ctx, uid); ok {
		d = board{itemOfFile(file), file.json}
	} else {
		kept, v, err := h.db.Dashboard(ctx, uid)
		if err != nil {
			return d, err
		}
		d = board{itemOf(kept), v.JSON}
	}
	stars, err := h.db.Starred(ctx, user)
	if err != nil {
		return d, err
	}
	folders, err := h.folders(ctx)
	d.Starred, d.FolderTitle = stars[d.UID], folders[place{d.Tenant, d.FolderUID}].Title
	d.Tenant = ownerOf(ctx, d.Tenant)
	return d, err
}

func itemOf(d state.Dashboard) item {
	return item{
		UID: d.UID, Title: d.Title, Tags: nonNil(d.Tags), FolderUID: d.Folder, Version: d.Version,
		Created: d.Created, Updated: d.Updated, CreatedBy: d.Creator, UpdatedBy: d.Author, Tenant: d.Tenant, id: d.ID,
	}
}

func itemOfFile(d *fileDashboard) item {
	return item{
		UID: d.UID, Title: d.Title, Tags: nonNil(d.Tags), FolderUID: d.folder, Version: max(1, d.Version),
		Created: d.modified, Updated: d.modified, Provisioned: true, Path: d.path,
	}
}

// ownerOf returns whose something is, where that is to be told apart.
func ownerOf(ctx context.Context, tenant string) string {
	if id := auth.From(ctx); id == nil || len(id.Tenants) < 2 {
		return ""
	}
	return tenant
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// A place is a folder of a tenant's, by its UID.
type place struct{ tenant, uid string }

// folders returns all folders, those of files included.
func (h *Handler) folders(ctx context.Context) (map[place]state.Folder, error) {
	kept, err := h.db.Folders(ctx)
	if err != nil {
		return nil, err
	}
	_, files := h.opts.Files.all(ctx)
	all := make(map[place]state.Folder, len(kept)+len(files))
	for _, f := range slices.Concat(kept, files) {
		all[place{f.Tenant, f.UID}] = f
	}
	return all, nil
}

// mayChange refuses to change a dashboard that is a file.
func (h *Handler) mayChange(ctx context.Context, uid string) error {
	if f, ok := h.opts.Files.dashboard(ctx, uid); ok {
		return fmt.Errorf("dashboard %q comes from a file (%s) and is changed there; save a copy instead: %w", f.Title, f.path, fault.ErrForbidden)
	}
	return nil
}

// mayHold refuses folders of files.
func (h *Handler) mayHold(ctx context.Context, folder string) error {
	if f, ok := h.opts.Files.folder(ctx, folder); ok {
		return fmt.Errorf("folder %q holds files and is changed there: %w", f.Title, fault.ErrForbidden)
	}
	return nil
}

func (h *Handler) listDashboards(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	items, err := h.items(r.Context(), h.opts.User(r), wish{
		words: strings.Fields(strings.ToLower(q.Get("q"))), tags: q["tag"], folders: q["folder"], starred: q.Get("starred") == "true",
	})
	if names := q["variable"]; err == nil && len(names) > 0 {
		items, err = h.withVariables(r.Context(), items, names)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"dashboards": items})
}
