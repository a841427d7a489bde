package dashapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// grafanaVersion is the release whose API has these shapes: clients choose
// what to call by it.
const grafanaVersion = "11.6.0"

// mountGrafana adds what Grafana's HTTP API calls dashboards, folders, search,
// library elements and annotations. Its errors are {"message": "…"}.
func (h *Handler) mountGrafana(r chi.Router) {
	grafana := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(method, "/api"+path, httpx.Handler(f, grafanaError))
	}
	grafana(http.MethodGet, "/health", h.grafanaHealth)
	grafana(http.MethodGet, "/org", h.grafanaOrg)
	grafana(http.MethodGet, "/user", h.grafanaUser)
	h.mountSources(grafana)

	grafana(http.MethodPost, "/dashboards/db", h.grafanaSave)
	grafana(http.MethodGet, "/dashboards/uid/{uid}", h.grafanaGet)
	grafana(http.MethodDelete, "/dashboards/uid/{uid}", h.grafanaDelete)
	grafana(http.MethodGet, "/dashboards/uid/{uid}/versions", h.grafanaVersions)
	grafana(http.MethodGet, "/dashboards/uid/{uid}/versions/{version}", h.grafanaVersion)
	grafana(http.MethodPost, "/dashboards/uid/{uid}/restore", h.grafanaRestore)
	grafana(http.MethodGet, "/dashboards/tags", h.grafanaTags)
	grafana(http.MethodGet, "/search", h.grafanaSearch)

	grafana(http.MethodGet, "/folders", h.grafanaFolders)
	grafana(http.MethodPost, "/folders", h.grafanaAddFolder)
	grafana(http.MethodGet, "/folders/{uid}", h.grafanaFolder)
	grafana(http.MethodGet, "/folders/id/{id}", h.grafanaFolderOfID)
	grafana(http.MethodPut, "/folders/{uid}", h.grafanaChangeFolder)
	grafana(http.MethodDelete, "/folders/{uid}", h.grafanaDeleteFolder)
	grafana(http.MethodPost, "/folders/{uid}/move", h.grafanaMoveFolder)

	grafana(http.MethodGet, "/library-elements", h.listElements)
	grafana(http.MethodPost, "/library-elements", h.addElement)
	grafana(http.MethodGet, "/library-elements/{uid}", h.getElement)
	grafana(http.MethodPatch, "/library-elements/{uid}", h.changeElement)
	grafana(http.MethodDelete, "/library-elements/{uid}", h.deleteElement)
	grafana(http.MethodGet, "/library-elements/name/{name}", h.getElementsOfName)
	grafana(http.MethodGet, "/library-elements/{uid}/connections", h.listConnections)
	grafana(http.MethodGet, "/library-elements/{uid}/connections/", h.listConnections) // as clients write it

	grafana(http.MethodPost, "/admin/provisioning/dashboards/reload", h.grafanaReload)

	grafana(http.MethodGet, "/annotations", h.grafanaAnnotations)
	grafana(http.MethodPost, "/annotations", h.grafanaAnnotate)
	grafana(http.MethodGet, "/annotations/tags", h.grafanaAnnotationTags)
	grafana(http.MethodGet, "/annotations/{id}", h.grafanaAnnotation)
	grafana(http.MethodPut, "/annotations/{id}", h.grafanaReannotate)
	grafana(http.MethodPatch, "/annotations/{id}", h.grafanaReannotate)
	grafana(http.MethodDelete, "/annotations/{id}", h.grafanaDeleteAnnotation)
}

// A grafanaFault is an error with the status word that Grafana's clients look
// for.
type grafanaFault struct {
	error
	status string
}

func grafanaError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	body := map[string]any{"message": err.Error()}
	var f grafanaFault
	if errors.As(err, &f) {
		status, body["status"] = http.StatusPreconditionFailed, f.status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (h *Handler) grafanaHealth(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, map[string]string{"database": "ok", "version": grafanaVersion, "commit": "oriel"})
}

func (h *Handler) grafanaOrg(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, map[string]any{"id": 1, "name": "Main Org."})
}

func (h *Handler) grafanaUser(w http.ResponseWriter, r *http.Request) error {
	name := h.opts.User(r)
	return writeJSON(w, map[string]any{"id": 1, "login": name, "name": name, "email": "", "orgId": 1, "isGrafanaAdmin": false})
}

func dashboardURL(uid, title string) string { return "/d/" + url.PathEscape(uid) + "/" + slug(title) }

func (h *Handler) grafanaSave(w http.ResponseWriter, r *http.Request) error {
	var s saving
	if err := readJSON(w, r, &s); err != nil {
		return err
	}
	doc, err := parseDocument(s.Dashboard)
	if err != nil {
		return err
	}
	// A push says by the version in the JSON what it began with, and 0 when it
	// takes the dashboard for new.
	base := doc.Version
	if s.Overwrite {
		base = -1
	} else if doc.UID == "" {
		base = 0
	} else if _, _, err := h.db.Dashboard(r.Context(), doc.UID); errors.Is(err, fault.ErrNotFound) {
		base = 0 // exported elsewhere
	}
	d, err := h.keep(r, doc, s, base)
	if errors.Is(err, fault.ErrConflict) {
		return grafanaFault{err, "version-mismatch"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{
		"id": d.ID, "uid": d.UID, "url": dashboardURL(d.UID, d.Title), "status": "success", "version": d.Version, "slug": slug(d.Title), "folderUid": d.Folder,
	})
}

func (h *Handler) grafanaGet(w http.ResponseWriter, r *http.Request) error {
	d, err := h.find(r.Context(), h.opts.User(r), chi.URLParam(r, "uid"))
	if err != nil {
		return err
	}
	text, err := withMembers(d.json, map[string]any{"id": d.id, "uid": d.UID, "version": d.Version}, "id", "uid", "version")
	if err != nil {
		return err
	}
	meta := map[string]any{
		"type": "db", "canSave": !d.Provisioned, "canEdit": !d.Provisioned, "canAdmin": !d.Provisioned, "canStar": true, "canDelete": !d.Provisioned,
		"slug": slug(d.Title), "url": dashboardURL(d.UID, d.Title), "expires": time.Time{}, "created": d.Created, "updated": d.Updated,
		"createdBy": d.CreatedBy, "updatedBy": d.UpdatedBy, "version": d.Version, "hasAcl": false, "isFolder": false, "isStarred": d.Starred,
		"folderId": folderID(d.FolderUID), "folderUid": d.FolderUID, "folderTitle": folderTitle(d.FolderTitle), "folderUrl": folderURL(d.FolderUID, d.FolderTitle),
		"provisioned": d.Provisioned, "provisionedExternalId": d.Path,
	}
	return writeAround(w, map[string]any{"meta": meta}, "dashboard", text)
}

func folderTitle(title string) string {
	if title == "" {
		return "General" // Grafana's name of the top
	}
	return title
}

func folderURL(uid, title string) string {
	if uid == "" {
		return ""
	}
	return "/dashboards/f/" + url.PathEscape(uid) + "/" + slug(title)
}

func (h *Handler) grafanaDelete(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	d, err := h.find(r.Context(), h.opts.User(r), uid)
	if err != nil {
		return err
	}
	if err := h.mayChange(r.Context(), uid); err != nil {
		return err
	}
	if err := h.db.DeleteDashboard(r.Context(), uid); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"title": d.Title, "message": "Dashboard " + d.Title + " deleted", "id": d.id})
}

func grafanaVersionItem(d state.Dashboard, v state.Version) map[string]any {
	return map[string]any{
		"id": v.Version, "dashboardId": d.ID, "dashboardUID": d.UID, "parentVersion": v.Version - 1, "restoredFrom": v.Restored,
		"version": v.Version, "created": v.Created, "createdBy": v.Author, "message": v.Message,
	}
}

func (h *Handler) grafanaVersions(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	d, _, err := h.db.Dashboard(r.Context(), uid)
	if err != nil {
		return err
	}
	versions, err := h.db.Versions(r.Context(), uid)
	if err != nil {
		return err
	}
	items := make([]any, len(versions))
	for i, v := range versions {
		items[i] = grafanaVersionItem(d, v)
	}
	return writeJSON(w, map[string]any{"continueToken": "", "versions": items})
}

func (h *Handler) grafanaVersion(w http.ResponseWriter, r *http.Request) error {
	n, err := intParam(r, "version")
	if err != nil {
		return err
	}
	uid := chi.URLParam(r, "uid")
	d, _, err := h.db.Dashboard(r.Context(), uid)
	if err != nil {
		return err
	}
	v, err := h.db.Version(r.Context(), uid, int(n))
	if err != nil {
		return err
	}
	return writeAround(w, grafanaVersionItem(d, v), "data", v.JSON)
}

func (h *Handler) grafanaRestore(w http.ResponseWriter, r *http.Request) error {
	var b struct {
		Version int `json:"version"`
	}
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	d, err := h.restore(r, chi.URLParam(r, "uid"), b.Version)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"id": d.ID, "uid": d.UID, "url": dashboardURL(d.UID, d.Title), "status": "success", "version": d.Version, "slug": slug(d.Title)})
}

func (h *Handler) grafanaTags(w http.ResponseWriter, r *http.Request) error {
	items, err := h.items(r.Context(), h.opts.User(r), wish{})
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, d := range items {
		for _, tag := range d.Tags {
			counts[tag]++
		}
	}
	return writeJSON(w, tagCounts(counts, "term"))
}

func tagCounts(counts map[string]int, name string) []map[string]any {
	all := make([]map[string]any, 0, len(counts))
	for tag, n := range counts {
		all = append(all, map[string]any{name: tag, "count": n})
	}
	slices.SortFunc(all, func(a, b map[string]any) int { return strings.Compare(a[name].(string), b[name].(string)) })
	return all
}

func (h *Handler) grafanaSearch(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	kind := q.Get("type")
	limit, page := int64(1000), int64(1)
	for name, at := range map[string]*int64{"limit": &limit, "page": &page} {
		if err := number(q, name, at); err != nil {
			return err
		}
	}
	words := strings.Fields(strings.ToLower(q.Get("query")))
	var folderUIDs []string
	for _, uid := range slices.Concat(q["folderUIDs"], q["folderUids"]) {
		if uid == "general" {
			uid = ""
		}
		folderUIDs = append(folderUIDs, uid)
	}
	hits := []map[string]any{}
	if kind != "dash-db" && len(q["tag"]) == 0 && q.Get("starred") != "true" && len(q["dashboardUIDs"]) == 0 {
		folders, err := h.sortedFolders(r)
		if err != nil {
			return err
		}
		for _, f := range folders {
			if (wish{words: words, folders: folderUIDs}).wants(item{Title: f.Title, FolderUID: f.ParentUID}) {
				hits = append(hits, map[string]any{
					"id": folderID(f.UID), "uid": f.UID, "title": f.Title, "uri": "db/" + slug(f.Title), "url": folderURL(f.UID, f.Title), "slug": "",
					"type": "dash-folder", "tags": []string{}, "isStarred": false, "sortMeta": 0, "folderUid": f.ParentUID,
				})
			}
		}
	}
	if kind != "dash-folder" {
		items, err := h.items(r.Context(), h.opts.User(r), wish{
			words: words, tags: q["tag"], folders: folderUIDs, uids: slices.Concat(q["dashboardUIDs"], q["dashboardUID"]), starred: q.Get("starred") == "true",
		})
		if err != nil {
			return err
		}
		for _, d := range items {
			hit := map[string]any{
				"id": d.id, "uid": d.UID, "title": d.Title, "uri": "db/" + slug(d.Title), "url": dashboardURL(d.UID, d.Title), "slug": "",
				"type": "dash-db", "tags": d.Tags, "isStarred": d.Starred, "sortMeta": 0,
			}
			if d.FolderUID != "" {
				hit["folderId"], hit["folderUid"], hit["folderTitle"], hit["folderUrl"] = folderID(d.FolderUID), d.FolderUID, d.FolderTitle, folderURL(d.FolderUID, d.FolderTitle)
			}
			hits = append(hits, hit)
		}
	}
	limit = min(max(limit, 1), 5000)
	page = min(max(page, 1), int64(len(hits))+1) // a larger one is empty too, and the product fits
	first := min((page-1)*limit, int64(len(hits)))
	return writeJSON(w, hits[first:min(first+limit, int64(len(hits)))])
}

func (h *Handler) grafanaFolderItem(f folderItem) map[string]any {
	return map[string]any{
		"id": folderID(f.UID), "uid": f.UID, "title": f.Title, "url": folderURL(f.UID, f.Title), "hasAcl": false,
		"canSave": !f.Provisioned, "canEdit": !f.Provisioned, "canAdmin": !f.Provisioned, "canDelete": !f.Provisioned,
		"createdBy": f.UpdatedBy, "created": f.Created, "updatedBy": f.UpdatedBy, "updated": f.Updated, "version": f.Version, "parentUid": f.ParentUID,
	}
}

func (h *Handler) grafanaFolders(w http.ResponseWriter, r *http.Request) error {
	folders, err := h.sortedFolders(r)
	if err != nil {
		return err
	}
	parent := r.URL.Query().Get("parentUid")
	items := []map[string]any{}
	for _, f := range folders {
		if f.ParentUID == parent {
			items = append(items, h.grafanaFolderItem(f))
		}
	}
	return writeJSON(w, items)
}

func (h *Handler) grafanaAddFolder(w http.ResponseWriter, r *http.Request) error {
	var b folderBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	f, err := h.addFolder(r, b)
	if errors.Is(err, fault.ErrConflict) {
		return grafanaFault{err, "name-exists"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, h.grafanaFolderItem(h.itemOfFolder(r.Context(), f)))
}

func (h *Handler) grafanaFolder(w http.ResponseWriter, r *http.Request) error {
	return h.answerFolder(w, r, chi.URLParam(r, "uid"))
}

func (h *Handler) grafanaFolderOfID(w http.ResponseWriter, r *http.Request) error {
	id, err := intParam(r, "id")
	if err != nil {
		return err
	}
	uid, err := h.folderByID(r.Context(), id)
	if err != nil {
		return err
	}
	return h.answerFolder(w, r, uid)
}

func (h *Handler) answerFolder(w http.ResponseWriter, r *http.Request, uid string) error {
	f, ok := h.opts.Files.folder(r.Context(), uid)
	if !ok {
		var err error
		if f, err = h.db.Folder(r.Context(), uid); err != nil {
			return err
		}
	}
	return writeJSON(w, h.grafanaFolderItem(h.itemOfFolder(r.Context(), f)))
}

func (h *Handler) grafanaChangeFolder(w http.ResponseWriter, r *http.Request) error {
	var b folderBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	f, err := h.replaceFolder(r, chi.URLParam(r, "uid"), b)
	if errors.Is(err, fault.ErrConflict) {
		return grafanaFault{err, "version-mismatch"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, h.grafanaFolderItem(h.itemOfFolder(r.Context(), f)))
}

// grafanaMoveFolder moves a folder below another, or to the top where none is
// named.
func (h *Handler) grafanaMoveFolder(w http.ResponseWriter, r *http.Request) error {
	var b struct {
		ParentUID string `json:"parentUid"`
	}
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	f, err := h.replaceFolder(r, chi.URLParam(r, "uid"), folderBody{ParentUID: &b.ParentUID, Overwrite: true})
	if err != nil {
		return err
	}
	return writeJSON(w, h.grafanaFolderItem(h.itemOfFolder(r.Context(), f)))
}

func (h *Handler) grafanaDeleteFolder(w http.ResponseWriter, r *http.Request) error {
	uid := chi.URLParam(r, "uid")
	if err := h.mayHold(r.Context(), uid); err != nil {
		return err
	}
	if _, err := h.db.DeleteFolder(r.Context(), uid); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"message": "Folder deleted", "id": folderID(uid)})
}

// grafanaReload reads the folders of files at once. The sidecar that writes
// dashboards of ConfigMaps into a folder asks for it after each change.
func (h *Handler) grafanaReload(w http.ResponseWriter, _ *http.Request) error {
	h.opts.Files.Reload()
	return writeJSON(w, map[string]any{"message": "Dashboards config reloaded"})
}

func (h *Handler) grafanaAnnotations(w http.ResponseWriter, r *http.Request) error {
	items, err := h.annotations(r)
	if err != nil {
		return err
	}
	return writeJSON(w, items)
}

func (h *Handler) grafanaAnnotate(w http.ResponseWriter, r *http.Request) error {
	id, err := h.addAnnotation(w, r)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"message": "Annotation added", "id": id})
}

func (h *Handler) grafanaAnnotationTags(w http.ResponseWriter, r *http.Request) error {
	counts, err := h.db.AnnotationTags(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"result": map[string]any{"tags": tagCounts(counts, "tag")}})
}

func (h *Handler) grafanaAnnotation(w http.ResponseWriter, r *http.Request) error {
	id, err := intParam(r, "id")
	if err != nil {
		return err
	}
	a, err := h.db.Annotation(r.Context(), id)
	if err != nil {
		return err
	}
	return writeJSON(w, itemOfAnnotation(a))
}

func (h *Handler) grafanaReannotate(w http.ResponseWriter, r *http.Request) error {
	if err := h.replaceAnnotation(w, r); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"message": "Annotation " + map[string]string{http.MethodPut: "updated", http.MethodPatch: "patched"}[r.Method]})
}

func (h *Handler) grafanaDeleteAnnotation(w http.ResponseWriter, r *http.Request) error {
	if err := h.removeAnnotation(r); err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"message": "Annotation deleted"})
}
