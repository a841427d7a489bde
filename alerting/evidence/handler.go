package evidence

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// Path is where Mount puts pictures and JSON.
const Path = "/oriel/api/v1/evidence/"

// Mount adds the route that the links in evidence lead to.
func (c *Collector) Mount(r chi.Router) {
	r.Method(http.MethodGet, Path+"{name}", httpx.Handler(c.serve, httpx.JSONError))
}

// serve answers a signed link: GET {id}.png or {id}.json.
func (c *Collector) serve(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	b, err := c.shelf.read(name, r.URL.Query(), time.Now())
	if err != nil {
		return err
	}
	kind := "image/png"
	if strings.HasSuffix(name, ".json") {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	_, err = w.Write(b)
	return err
}

// link returns one to a file of the shelf.
func (c *Collector) link(name string, now time.Time) string {
	return c.base() + Path + name + "?" + c.shelf.query(name, now)
}
