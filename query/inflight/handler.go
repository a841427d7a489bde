package inflight

import (
	_ "embed" // for the document
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Document describes the endpoints, as a part for internal/apidoc.
//
//go:embed openapi.yaml
var Document []byte

// Mount adds the routes to r.
func (w *Watch) Mount(r chi.Router) {
	const base = "/oriel/api/v1/queries"
	r.Method(http.MethodGet, base+"/active", httpx.Handler(w.serveRunning, httpx.JSONError))
	r.Method(http.MethodDelete, base+"/active/{id}", httpx.Handler(w.serveCancel, httpx.JSONError))
	r.Method(http.MethodGet, base+"/slow", httpx.Handler(w.serveRemembered, httpx.JSONError))
}

func (w *Watch) serveRunning(rw http.ResponseWriter, _ *http.Request) error {
	return httpx.WriteJSON(rw, map[string]any{"queries": w.Running()})
}

func (w *Watch) serveRemembered(rw http.ResponseWriter, _ *http.Request) error {
	all := w.Remembered()
	if all == nil {
		all = []Ended{}
	}
	return httpx.WriteJSON(rw, map[string]any{"queries": all, "slowSeconds": w.opts.Slow.Seconds(), "kept": w.opts.Keep})
}

func (w *Watch) serveCancel(rw http.ResponseWriter, r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return fmt.Errorf("%w: %w", err, fault.ErrForbidden)
	}
	id := chi.URLParam(r, "id")
	if !w.Cancel(id) {
		return fmt.Errorf("no query %.40q runs now: %w", id, fault.ErrNotFound)
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}
