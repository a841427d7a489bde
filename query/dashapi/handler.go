// Package dashapi serves dashboards over HTTP: Oriel's own API for the page,
// under /oriel/api/v1, and the shapes of Grafana's API that Terraform, grizzly
// and deploy scripts push to. Dashboards are JSON in Grafana's classic model
// and kept byte for byte; they come from people (storage/state), from folders
// of files, which are read-only, and with Oriel.
package dashapi

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// maxBody bounds a dashboard or snapshot, in bytes.
const maxBody = 32 << 20

// Options are what a Handler needs.
type Options struct {
	State   *state.DB
	Files   *Files   // dashboards that are files
	Sources *Sources // where panels may ask
	Sealer  Sealer   // of the credentials of data sources
	// ChangeSources allows data sources to be pushed.
	ChangeSources bool
	// User returns the name of who sent a request; it signs changes and owns stars.
	User func(*http.Request) string
}

// Handler serves dashboards.
type Handler struct {
	opts Options
	db   *state.DB
}

// New returns a Handler.
func New(o Options) *Handler { return &Handler{opts: o, db: o.State} }

// Mount adds all routes to r.
func (h *Handler) Mount(r chi.Router) {
	h.mountOwn(r)
	h.mountGrafana(r)
}

// mountOwn adds the page's routes. They answer errors as {"error": "…"}.
func (h *Handler) mountOwn(r chi.Router) {
	own := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(method, "/oriel/api/v1"+path, httpx.Handler(f, httpx.JSONError))
	}
	own(http.MethodGet, "/dashboards", h.listDashboards)
	own(http.MethodPost, "/dashboards", h.createDashboard)
	own(http.MethodGet, "/dashboards/{uid}", h.getDashboard)
	own(http.MethodPut, "/dashboards/{uid}", h.changeDashboard)
	own(http.MethodDelete, "/dashboards/{uid}", h.deleteDashboard)
	own(http.MethodGet, "/dashboards/{uid}/export", h.exportDashboard)
	own(http.MethodGet, "/dashboards/{uid}/versions", h.listVersions)
	own(http.MethodGet, "/dashboards/{uid}/versions/{version}", h.getVersion)
	own(http.MethodPost, "/dashboards/{uid}/restore", h.restoreVersion)
	own(http.MethodPut, "/dashboards/{uid}/star", h.star(true))
	own(http.MethodDelete, "/dashboards/{uid}/star", h.star(false))

	own(http.MethodGet, "/folders", h.listFolders)
	own(http.MethodPost, "/folders", h.createFolder)
	own(http.MethodPut, "/folders/{uid}", h.changeFolder)
	own(http.MethodDelete, "/folders/{uid}", h.deleteFolder)

	own(http.MethodGet, "/annotations", h.listAnnotations)
	own(http.MethodPost, "/annotations", h.createAnnotation)
	own(http.MethodPut, "/annotations/{id}", h.changeAnnotation)
	own(http.MethodDelete, "/annotations/{id}", h.deleteAnnotation)

	own(http.MethodGet, "/snapshots", h.listSnapshots)
	own(http.MethodPost, "/snapshots", h.createSnapshot)
	own(http.MethodGet, "/snapshots/{key}", h.getSnapshot)
	own(http.MethodDelete, "/snapshots/{key}", h.deleteSnapshot)

	own(http.MethodGet, "/playlists", h.listPlaylists)
	own(http.MethodPost, "/playlists", h.savePlaylist)
	own(http.MethodPut, "/playlists/{uid}", h.savePlaylist)
	own(http.MethodDelete, "/playlists/{uid}", h.deletePlaylist)

	own(http.MethodGet, "/queries", h.listQueries)
	own(http.MethodPost, "/queries", h.saveQuery)
	own(http.MethodPut, "/queries/{uid}", h.saveQuery)
	own(http.MethodDelete, "/queries/{uid}", h.deleteQuery)

	own(http.MethodGet, "/correlations", h.getCorrelations)
	own(http.MethodPut, "/correlations", h.putCorrelations)

	own(http.MethodPost, "/shortlinks", h.shorten)
	own(http.MethodGet, "/shortlinks/{id}", h.lengthen)

	own(http.MethodGet, "/datasources", h.listSources)
	r.Handle("/oriel/api/v1/datasources/{uid}/proxy/*", h.opts.Sources)
}
