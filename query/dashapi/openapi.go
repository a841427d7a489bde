package dashapi

import _ "embed" // for the document

// Document describes this package's endpoints under /oriel/api/v1, as a part
// for internal/apidoc. A test holds it to the routes there are. What is passed
// on to other servers is described by those.
//
//go:embed openapi.yaml
var Document []byte
