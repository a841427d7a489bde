package dashapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// A saving is the body of a request that keeps a version.
type saving struct {
	Dashboard json.RawMessage `json:"dashboard"`
	FolderUID *string         `json:"folderUid"` // absent leaves a dashboard where it is
	FolderID  int64           `json:"folderId"`  // of folderID, where FolderUID is absent; 0 says nothing
	Message   string          `json:"message"`
	Overwrite bool            `json:"overwrite"`
}

// answerVersion tells the version to change next.
func answerVersion(w http.ResponseWriter, d state.Dashboard) error {
	setETag(w, d.Version)
	return writeJSON(w, map[string]any{"uid": d.UID, "version": d.Version})
}

func setETag(w http.ResponseWriter, version int) {
	w.Header().Set("ETag", strconv.Quote(strconv.Itoa(version)))
}

func (h *Handler) getDashboard(w http.ResponseWriter, r *http.Request) error {
	d, err := h.find(r.Context(), h.opts.User(r), chi.URLParam(r, "uid"))
	if err != nil {
		return err
	}
	library, err := h.libraryOf(r.Context(), d.json)
	if err != nil {
		return err
	}
	members := map[string]any{"meta": d.item}
	if len(library) > 0 {
		members["library"] = library
	}
	setETag(w, d.Version)
	w.Header().Set("Cache-Control", "no-cache")
	return writeAround(w, members, "dashboard", d.json)
}

// exportDashboard answers the bytes that came in.
func (h *Handler) exportDashboard(w http.ResponseWriter, r *http.Request) error {
	d, err := h.find(r.Context(), h.opts.User(r), chi.URLParam(r, "uid"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", slug(d.Title)+".json"))
	_, err = w.Write(d.json)
	return err
}

func (h *Handler) createDashboard(w http.ResponseWriter, r *http.Request) error {
	var s saving
	if err := readJSON(w, r, &s); err != nil {
		return err
	}
	doc, err := parseDocument(s.Dashboard)
	if err != nil {
		return err
	}
	base := 0
	if s.Overwrite {
		base = -1
	}
	d, err := h.keep(r, doc, s, base)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/d/"+d.UID)
	return answerVersion(w, d)
}

// keep saves doc as the next version after base.
func (h *Handler) keep(r *http.Request, doc document, s saving, base int) (d state.Dashboard, err error) {
	if err := h.mayChange(r.Context(), doc.UID); err != nil {
		return d, err
	}
	folder := ""
	switch {
	case s.FolderUID != nil:
		folder = *s.FolderUID
	case s.FolderID != 0:
		if folder, err = h.folderByID(r.Context(), s.FolderID); err != nil {
			return d, err
		}
	case doc.UID != "" && base != 0:
		old, _, err := h.db.Dashboard(r.Context(), doc.UID)
		if err == nil {
			folder = old.Folder
		}
	}
	if err := h.mayHold(r.Context(), folder); err != nil {
		return d, err
	}
	return h.db.SaveDashboard(r.Context(), state.Dashboard{UID: doc.UID, Folder: folder, Title: doc.Title, Tags: doc.Tags},
		state.Version{JSON: doc.json, Author: h.opts.User(r), Message: s.Message}, base)
}

// changeDashboard keeps the next version. If-Match says which one the change
// began with; a newer one answers 412 with its version.
func (h *Handler) changeDashboard(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	var s saving
	if err := readJSON(w, r, &s); err != nil {
		return err
	}
	doc, err := parseDocument(s.Dashboard)
	if err != nil {
		return err
	}
	if doc.UID != "" && doc.UID != uid {
		return fmt.Errorf("the dashboard's uid is %.40q, the address says %.40q: %w", doc.UID, uid, fault.ErrInvalid)
	}
	doc.UID = uid
	match := strings.TrimPrefix(r.Header.Get("If-Match"), "W/")
	base := -1
	if match != "*" {
		if base, err = strconv.Atoi(strings.Trim(match, `"`)); err != nil || base < 1 {
			return fmt.Errorf("If-Match names the version that the change began with, as ETag gave it; * overwrites whatever there is: %w", fault.ErrInvalid)
		}
	}
	d, err := h.keep(r, doc, s, base)
	if err != nil {
		if newer, _, e := h.db.Dashboard(r.Context(), uid); e == nil && base > 0 && newer.Version != base {
			w.Header().Set("Content-Type", "application/json")
			setETag(w, newer.Version)
			w.WriteHeader(http.StatusPreconditionFailed)
			return json.NewEncoder(w).Encode(map[string]any{
				"error": err.Error(), "version": newer.Version, "updatedBy": newer.Author, "updated": newer.Updated,
			})
		}
		return err
	}
	return answerVersion(w, d)
}

func (h *Handler) deleteDashboard(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	if err := h.mayChange(r.Context(), uid); err != nil {
		return err
	}
	if err := h.db.DeleteDashboard(r.Context(), uid); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type versionItem struct {
	Version  int       `json:"version"`
	Created  time.Time `json:"created"`
	Author   string    `json:"createdBy"`
	Message  string    `json:"message"`
	Restored int       `json:"restoredFrom,omitempty"`
}

func itemOfVersion(v state.Version) versionItem {
	return versionItem{v.Version, v.Created, v.Author, v.Message, v.Restored}
}

func (h *Handler) listVersions(w http.ResponseWriter, r *http.Request) error {
	versions, err := h.db.Versions(r.Context(), chi.URLParam(r, "uid"))
	if err != nil {
		return err
	}
	items := make([]versionItem, len(versions))
	for i, v := range versions {
		items[i] = itemOfVersion(v)
	}
	return writeJSON(w, map[string]any{"versions": items})
}

func (h *Handler) getVersion(w http.ResponseWriter, r *http.Request) error {
	n, err := intParam(r, "version")
	if err != nil {
		return err
	}
	v, err := h.db.Version(r.Context(), chi.URLParam(r, "uid"), int(n))
	if err != nil {
		return err
	}
	return writeAround(w, map[string]any{"meta": itemOfVersion(v)}, "dashboard", v.JSON)
}

// restoreVersion makes an old version the newest again.
func (h *Handler) restoreVersion(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Version int `json:"version"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	d, err := h.restore(r, chi.URLParam(r, "uid"), body.Version)
	if err != nil {
		return err
	}
	return answerVersion(w, d)
}

func (h *Handler) restore(r *http.Request, uid string, n int) (d state.Dashboard, err error) {
	if err := h.mayChange(r.Context(), uid); err != nil {
		return d, err
	}
	now, _, err := h.db.Dashboard(r.Context(), uid)
	if err != nil {
		return d, err
	}
	v, err := h.db.Version(r.Context(), uid, n)
	if err != nil {
		return d, err
	}
	doc, err := parseDocument(v.JSON)
	if err != nil {
		return d, err
	}
	now.Title, now.Tags = doc.Title, doc.Tags
	return h.db.SaveDashboard(r.Context(), now, state.Version{
		JSON: v.JSON, Author: h.opts.User(r), Message: fmt.Sprintf("Restored from version %d", n), Restored: n,
	}, now.Version)
}

func (h *Handler) star(on bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		uid := chi.URLParam(r, "uid")
		if _, err := h.find(r.Context(), h.opts.User(r), uid); err != nil {
			return err
		}
		if err := h.db.Star(r.Context(), h.opts.User(r), uid, on); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// slug is a title as a part of an address.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
	if len(words) == 0 {
		return "dashboard"
	}
	return strings.Join(words, "-")
}
