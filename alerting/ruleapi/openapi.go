package ruleapi

import _ "embed" // for the document

// Document describes what this package serves under /oriel/api/v1, as a part
// for internal/apidoc.
//
//go:embed openapi.yaml
var Document []byte
