package audit

import (
	_ "embed" // for the document
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Document describes the endpoints, as a part for internal/apidoc.
//
//go:embed openapi.yaml
var Document []byte

// A Handler answers whether the audit log is as it was written.
type Handler struct {
	// Check is what Verify is told, but for the time and the ends that the
	// request names.
	Check Check
}

// Mount adds the routes to r.
func (h Handler) Mount(r chi.Router) {
	r.Method(http.MethodGet, "/oriel/api/v1/audit/verify", httpx.Handler(h.verify, httpx.JSONError))
}

func (h Handler) verify(w http.ResponseWriter, r *http.Request) error {
	c := h.Check
	c.Now = time.Now()
	for _, text := range r.URL.Query()["head"] {
		head, err := ParseHead(text)
		if err != nil {
			return fmt.Errorf("head: %w: %w", err, fault.ErrInvalid)
		}
		c.Noted = append(c.Noted, head)
	}
	found, err := Verify(r.Context(), c)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, found)
}
