package uiapi

import (
	_ "embed" // for the document
	"net/http"
)

// Document describes this package's endpoints under /oriel/api/v1, and is what
// other packages' parts are merged into (internal/apidoc). A test holds it to
// the routes there are.
//
//go:embed openapi.yaml
var Document []byte

func (h *Handler) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(h.opts.Document) // a client that is gone needs no answer
	return nil
}
