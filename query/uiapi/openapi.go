package uiapi

import (
	_ "embed" // for the document
	"net/http"
)

// document describes every endpoint under /oriel/api/v1. A test holds it to
// the routes there are.
//
//go:embed openapi.yaml
var document []byte

func openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(document) // a client that is gone needs no answer
	return nil
}
