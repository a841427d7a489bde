package authapi

import _ "embed" // for the document

// Document describes this package's endpoints under /oriel/api/v1, as a part
// for internal/apidoc. A test holds it to the routes there are.
//
//go:embed openapi.yaml
var Document []byte
