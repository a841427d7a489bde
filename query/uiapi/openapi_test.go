package uiapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/query/uiapi"
)

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	r := chi.NewRouter()
	h := uiapi.New(uiapi.Options{})
	h.Mount(r)
	h.MountQueries(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/openapi.yaml", nil))
	require.Equal(t, http.StatusOK, w.Code)
	var doc struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, yaml.Unmarshal(w.Body.Bytes(), &doc))

	var described, served []string
	for path, methods := range doc.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" /oriel/api/v1"+path)
		}
	}
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		served = append(served, method+" "+route)
		return nil
	}))
	served = append(served, "POST /oriel/api/v1/logs") // ingest/jsonlines
	require.ElementsMatch(t, served, described)
}

func TestReferencesInTheDocumentLeadSomewhere(t *testing.T) {
	r := chi.NewRouter()
	uiapi.New(uiapi.Options{}).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/openapi.yaml", nil))
	var doc any
	require.NoError(t, yaml.Unmarshal(w.Body.Bytes(), &doc))
	refs := 0
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				refs++
				at := doc
				for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
					m, _ := at.(map[string]any)
					at = m[name]
				}
				require.NotNil(t, at, ref)
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(doc)
	require.Greater(t, refs, 50)
}
