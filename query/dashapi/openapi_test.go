package dashapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/apidoc"
)

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	r := chi.NewRouter()
	New(Options{}).mountOwn(r)
	var served []string
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		path := strings.TrimPrefix(route, "/oriel/api/v1")
		if !strings.Contains(path, "/proxy/") {
			served = append(served, method+" "+path)
		}
		return nil
	}))
	described, err := apidoc.Operations(Document)
	require.NoError(t, err)
	require.ElementsMatch(t, served, described)
}
