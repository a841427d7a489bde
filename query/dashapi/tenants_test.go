package dashapi

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// as sends a request about tenants, which are separated by bars.
func (s *server) as(tenants string, want int, method, path, body string) *httptest.ResponseRecorder {
	s.t.Helper()
	id := &auth.Identity{Tenants: strings.Split(tenants, "|"), Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
	r := httptest.NewRequestWithContext(auth.With(s.t.Context(), id), method, path, strings.NewReader(body))
	r.Header.Set("If-Match", "*")
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	require.Equal(s.t, want, w.Code, "%s %s: %s", method, path, w.Body)
	return w
}

// Every route that reads or changes something of a tenant's is asked by another.
func TestNoRouteReachesAnotherTenant(t *testing.T) {
	s := serve(t, Config{})
	const own = "topsecret" // in everything of tenant a
	s.as("a", 200, "POST", "/oriel/api/v1/folders", `{"uid":"f","title":"`+own+`"}`)
	s.as("a", 200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"uid":"d","title":"`+own+`","tags":["`+own+`"]},"folderUid":"f","message":"`+own+`"}`)
	s.as("a", 204, "PUT", "/oriel/api/v1/dashboards/d/star", "")
	s.as("a", 200, "POST", "/oriel/api/v1/annotations", `{"dashboardUID":"d","text":"`+own+`","tags":["`+own+`"]}`)
	s.as("a", 200, "POST", "/oriel/api/v1/playlists", `{"uid":"p","name":"`+own+`","interval":"1m","items":["d"]}`)
	key := decode[struct{ Key string }](t, s.as("a", 200, "POST", "/oriel/api/v1/snapshots", `{"name":"`+own+`","dashboard":{"title":"`+own+`"}}`)).Key
	link := decode[struct{ ID string }](t, s.as("a", 200, "POST", "/oriel/api/v1/shortlinks", `{"path":"/`+own+`"}`)).ID

	for request, want := range map[string]int{
		"GET /oriel/api/v1/dashboards":              200,
		"GET /oriel/api/v1/dashboards/d":            404,
		"GET /oriel/api/v1/dashboards/d/export":     404,
		"GET /oriel/api/v1/dashboards/d/versions":   404,
		"GET /oriel/api/v1/dashboards/d/versions/1": 404,
		"POST /oriel/api/v1/dashboards/d/restore":   404,
		"PUT /oriel/api/v1/dashboards/d/star":       404,
		"DELETE /oriel/api/v1/dashboards/d":         404,
		"GET /oriel/api/v1/folders":                 200,
		"PUT /oriel/api/v1/folders/f":               404,
		"DELETE /oriel/api/v1/folders/f":            404,
		"GET /oriel/api/v1/annotations":             200,
		"PUT /oriel/api/v1/annotations/1":           404,
		"DELETE /oriel/api/v1/annotations/1":        404,
		"GET /oriel/api/v1/snapshots":               200,
		"GET /oriel/api/v1/snapshots/" + key:        404,
		"DELETE /oriel/api/v1/snapshots/" + key:     404,
		"GET /oriel/api/v1/playlists":               200,
		"DELETE /oriel/api/v1/playlists/p":          404,
		"GET /oriel/api/v1/shortlinks/" + link:      404,
		"GET /api/dashboards/uid/d":                 404,
		"GET /api/dashboards/uid/d/versions":        404,
		"GET /api/dashboards/uid/d/versions/1":      404,
		"POST /api/dashboards/uid/d/restore":        404,
		"DELETE /api/dashboards/uid/d":              404,
		"GET /api/dashboards/tags":                  200,
		"GET /api/search":                           200,
		"GET /api/folders":                          200,
		"GET /api/folders/f":                        404,
		"PUT /api/folders/f":                        404,
		"DELETE /api/folders/f":                     404,
		"GET /api/annotations":                      200,
		"GET /api/annotations/1":                    404,
		"GET /api/annotations/tags":                 200,
		"PATCH /api/annotations/1":                  404,
		"DELETE /api/annotations/1":                 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		body := `{"version":1,"title":"x","text":"x"}`
		for _, other := range []string{"", "b"} {
			require.NotContains(t, s.as(other, want, method, path, body).Body.String(), own, "%s as %q", request, other)
		}
	}
	// All of it is still there, and an admin of two sees whose it is.
	for _, path := range []string{"dashboards/d", "folders", "annotations", "playlists", "snapshots/" + key, "shortlinks/" + link} {
		require.Contains(t, s.as("a", 200, "GET", "/oriel/api/v1/"+path, "").Body.String(), own)
	}
	require.NotContains(t, s.as("a", 200, "GET", "/oriel/api/v1/dashboards", "").Body.String(), `"tenant"`)
	s.as("b", 200, "POST", "/oriel/api/v1/folders", `{"uid":"f","title":"of b"}`)
	s.as("b", 200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"uid":"d","title":"theirs"},"folderUid":"f"}`)
	list := decode[struct{ Dashboards []item }](t, s.as("a|b", 200, "GET", "/oriel/api/v1/dashboards", "")).Dashboards
	require.Len(t, list, 2)
	require.Equal(t, []string{"b", "of b", "a", own}, []string{list[0].Tenant, list[0].FolderTitle, list[1].Tenant, list[1].FolderTitle})
}

func TestWhatTheConfigurationNamesIsTheDefaultTenants(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "team"), 0o750))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "team", "x.json"), []byte(`{"uid":"x","title":"operator's"}`), 0o600))
	target := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(target.Close)
	s := serve(t, Config{Folders: []string{dir}, BuiltIn: true}, SourceConfig{Name: "far", Type: "prometheus", URL: target.URL})
	for _, path := range []string{"/oriel/api/v1/dashboards", "/oriel/api/v1/folders", "/oriel/api/v1/datasources", "/api/datasources", "/api/search"} {
		theirs := s.as("a", 200, "GET", path, "").Body.String()
		for _, of := range []string{"operator's", "team", "far"} {
			require.NotContains(t, theirs, `"`+of+`"`, path)
		}
		require.NotEqual(t, theirs, s.as("", 200, "GET", path, "").Body.String(), path)
	}
	require.Contains(t, s.as("a", 200, "GET", "/oriel/api/v1/folders", "").Body.String(), `"Oriel"`)
	s.as("a", 404, "GET", "/oriel/api/v1/dashboards/x", "")
	s.as("", 200, "GET", "/oriel/api/v1/dashboards/x", "")
	s.as("a", 404, "GET", "/oriel/api/v1/datasources/far/proxy/api/v1/query", "")
	// The name is free for others, and that of what comes with Oriel is not.
	s.as("a", 200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"uid":"x","title":"mine"}}`)
	require.Contains(t, s.as("a", 200, "GET", "/oriel/api/v1/dashboards/x", "").Body.String(), "mine")
}
