package dashapi

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// A server is a Handler over an empty database.
type server struct {
	t     *testing.T
	files *Files
	db    *state.DB
	http  http.Handler
}

func serve(t *testing.T, c Config, sources ...SourceConfig) *server {
	t.Helper()
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	log := slog.New(slog.DiscardHandler)
	from, err := NewSources(sources, log)
	require.NoError(t, err)
	files := NewFiles(c, log)
	r := chi.NewRouter()
	New(Options{State: db, Files: files, Sources: from, Sealer: mirror{}, ChangeSources: true, User: func(*http.Request) string { return "ada" }}).Mount(r)
	return &server{t, files, db, r}
}

// ask sends a request and returns the answer, whose status must be want.
func (s *server) ask(want int, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	require.Equal(s.t, want, w.Code, "%s %s: %s", method, path, w.Body)
	return w
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body.String())
	return v
}

type object = map[string]any

func TestADashboardComesBackByteForByte(t *testing.T) {
	s := serve(t, Config{})
	text := "{ \"title\" : \"CPU <all>\",\n\t\"uid\":\"cpu\", \"big\": 12345678901234567890, \"unknown\":{\"b\":1,\"a\":[ ]}, \"schemaVersion\": 16 }"
	s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":`+text+`}`)

	w := s.ask(200, "GET", "/oriel/api/v1/dashboards/cpu/export", "")
	require.Equal(t, text, w.Body.String())
	require.Contains(t, w.Header().Get("Content-Disposition"), "cpu-all.json")
	w = s.ask(200, "GET", "/oriel/api/v1/dashboards/cpu", "")
	require.Contains(t, w.Body.String(), `"dashboard":`+text+"}")
	require.Equal(t, `"1"`, w.Header().Get("ETag"))

	// Grafana's clients find their members in it, and nothing else changed.
	w = s.ask(200, "GET", "/api/dashboards/uid/cpu", "")
	require.Contains(t, w.Body.String(), strings.TrimSuffix(text, " }")+`,"id":1,"version":1}`)
	require.Equal(t, "CPU <all>", decode[object](t, w)["dashboard"].(object)["title"])
}

func TestAChangeSaysWhatItBeganWith(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"CPU","uid":"cpu"}}`)
	w := s.ask(200, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"CPU 2"},"message":"more"}`, "If-Match", `"1"`)
	require.Equal(t, object{"uid": "cpu", "version": 2.0}, decode[object](t, w))

	w = s.ask(412, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"mine"}}`, "If-Match", `"1"`)
	require.Equal(t, 2.0, decode[object](t, w)["version"])
	require.Contains(t, w.Body.String(), "this change began with 1")
	s.ask(400, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"mine"}}`)
	s.ask(400, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"mine","uid":"other"}}`, "If-Match", "*")
	s.ask(404, "PUT", "/oriel/api/v1/dashboards/none", `{"dashboard":{"title":"mine"}}`, "If-Match", `"1"`)
	s.ask(409, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"CPU","uid":"cpu"}}`)
	s.ask(200, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"mine"}}`, "If-Match", "*")

	w = s.ask(200, "GET", "/oriel/api/v1/dashboards/cpu/versions", "")
	versions := decode[struct{ Versions []versionItem }](t, w).Versions
	require.Len(t, versions, 3)
	require.Equal(t, "more", versions[1].Message)
	require.Equal(t, "ada", versions[1].Author)

	s.ask(200, "POST", "/oriel/api/v1/dashboards/cpu/restore", `{"version":1}`)
	w = s.ask(200, "GET", "/oriel/api/v1/dashboards?q=cpu", "")
	list := decode[struct{ Dashboards []item }](t, w).Dashboards
	require.Len(t, list, 1)
	require.Equal(t, "CPU", list[0].Title)
	require.Equal(t, 4, list[0].Version)
}

func TestAMoveIsAnExplicitFolder(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/oriel/api/v1/folders", `{"uid":"infra","title":"Infra"}`)
	s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"CPU","uid":"cpu"},"folderUid":"infra"}`)
	s.ask(200, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"CPU"}}`, "If-Match", "1")
	in := func() string {
		return decode[struct{ Meta item }](t, s.ask(200, "GET", "/oriel/api/v1/dashboards/cpu", "")).Meta.FolderTitle
	}
	require.Equal(t, "Infra", in())
	s.ask(200, "PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"CPU"},"folderUid":""}`, "If-Match", "2")
	require.Empty(t, in())
}

func TestWhatIsNoDashboardIsRefusedWithItsFault(t *testing.T) {
	s := serve(t, Config{})
	for body, want := range map[string]string{
		`{`:                "not the JSON expected",
		`{"dashboard":[]}`: "a dashboard is a JSON object",
		`{"dashboard":{}}`: "no title",
		`{}`:               "a dashboard is a JSON object",
		`{"dashboard":{"title":"x","elements":{}}}`: "schema v2",
		`{"dashboard":{"title":"x","uid":"a b"}}`:   "letters, digits",
	} {
		w := s.ask(400, "POST", "/oriel/api/v1/dashboards", body)
		require.Contains(t, w.Body.String(), want, body)
		s.ask(400, "POST", "/api/dashboards/db", body)
	}
	s.ask(413, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"`+strings.Repeat("x", maxBody)+`"}}`)
	s.ask(404, "GET", "/oriel/api/v1/dashboards/none", "")
}

func TestFilesAreReadOnlyAndReadAgain(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("top.json", `{"title":"Top","uid":"top"}`)
	write("infra/hosts/cpu.json", `{"title":"CPU","uid":"cpu","tags":["host"]}`)
	write("infra/broken.json", `{"title":`)
	write("infra/same.json", `{"title":"Second","uid":"top"}`)
	write(".git/x.json", `{"title":"Hidden"}`)
	write("notes.txt", `no dashboard`)
	s := serve(t, Config{Folders: []string{dir}})

	list := decode[struct{ Dashboards []item }](t, s.ask(200, "GET", "/oriel/api/v1/dashboards", "")).Dashboards
	require.Len(t, list, 2)
	require.Equal(t, "CPU", list[0].Title)
	require.Equal(t, "hosts", list[0].FolderTitle)
	require.True(t, list[0].Provisioned)
	require.Equal(t, filepath.Join(dir, "infra/hosts/cpu.json"), list[0].Path)

	for _, c := range [][3]string{
		{"PUT", "/oriel/api/v1/dashboards/cpu", `{"dashboard":{"title":"x"}}`},
		{"POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"x","uid":"cpu"},"overwrite":true}`},
		{"POST", "/oriel/api/v1/dashboards", `{"dashboard":{"title":"x"},"folderUid":"` + list[0].FolderUID + `"}`},
		{"DELETE", "/oriel/api/v1/dashboards/cpu", ""},
		{"POST", "/api/dashboards/db", `{"dashboard":{"title":"x","uid":"cpu"}}`},
		{"DELETE", "/api/dashboards/uid/cpu", ""},
		{"DELETE", "/oriel/api/v1/folders/" + list[0].FolderUID, ""},
	} {
		w := s.ask(403, c[0], c[1], c[2], "If-Match", "1")
		require.Contains(t, w.Body.String(), "changed there")
	}
	s.ask(204, "PUT", "/oriel/api/v1/dashboards/cpu/star", "")
	require.Len(t, decode[[]object](t, s.ask(200, "GET", "/api/search?starred=true", "")), 1)

	write("infra/broken.json", `{"title":"Mended"}`)
	s.ask(200, "POST", "/api/admin/provisioning/dashboards/reload", "")
	list = decode[struct{ Dashboards []item }](t, s.ask(200, "GET", "/oriel/api/v1/dashboards", "")).Dashboards
	require.Len(t, list, 3)
}

func TestTheDashboardsThatComeWithOrielAreSound(t *testing.T) {
	s := serve(t, DefaultConfig())
	files, _ := s.files.all(t.Context())
	entries, err := builtin.ReadDir("builtin")
	require.NoError(t, err)
	require.Len(t, files, len(entries))
	for _, f := range files {
		require.NotEmpty(t, f.UID)
		require.NotContains(t, f.UID, "file-", f.path)
	}
}

// What Terraform's provider and grizzly send, in their order.
func TestGrafanasClientsCanPush(t *testing.T) {
	s := serve(t, Config{})
	require.Equal(t, "ok", decode[object](t, s.ask(200, "GET", "/api/health", ""))["database"])
	f := decode[object](t, s.ask(200, "POST", "/api/folders", `{"title":"Infra","uid":"infra"}`))
	require.Equal(t, "/dashboards/f/infra/infra", f["url"])
	require.Equal(t, "name-exists", decode[object](t, s.ask(412, "POST", "/api/folders", `{"title":"Infra","uid":"infra"}`))["status"])

	d := decode[object](t, s.ask(200, "POST", "/api/dashboards/db", `{"dashboard":{"id":null,"uid":"cpu","title":"CPU load","version":7},"folderUid":"infra","overwrite":false}`))
	require.Equal(t, "/d/cpu/cpu-load", d["url"])
	require.Equal(t, 1.0, d["version"])
	d = decode[object](t, s.ask(200, "POST", "/api/dashboards/db", `{"dashboard":{"uid":"cpu","title":"CPU load","version":1},"folderUid":"infra"}`))
	require.Equal(t, 2.0, d["version"])
	require.Equal(t, "version-mismatch", decode[object](t, s.ask(412, "POST", "/api/dashboards/db", `{"dashboard":{"uid":"cpu","title":"CPU load","version":1}}`))["status"])
	d = decode[object](t, s.ask(200, "POST", "/api/dashboards/db", `{"dashboard":{"uid":"cpu","title":"CPU load"},"folderUid":"infra","overwrite":true,"message":"by hand"}`))
	require.Equal(t, 3.0, d["version"])

	got := decode[object](t, s.ask(200, "GET", "/api/dashboards/uid/cpu", ""))
	require.Equal(t, "infra", got["meta"].(object)["folderUid"])
	require.Equal(t, 3.0, got["dashboard"].(object)["version"])
	versions := decode[object](t, s.ask(200, "GET", "/api/dashboards/uid/cpu/versions", ""))["versions"].([]any)
	require.Len(t, versions, 3)
	require.Equal(t, "by hand", versions[0].(object)["message"])
	s.ask(200, "POST", "/api/dashboards/uid/cpu/restore", `{"version":1}`)

	hits := decode[[]object](t, s.ask(200, "GET", "/api/search?query=CPU", ""))
	require.Len(t, hits, 1)
	require.Equal(t, "dash-db", hits[0]["type"])
	require.Equal(t, "Infra", hits[0]["folderTitle"])
	require.Len(t, decode[[]object](t, s.ask(200, "GET", "/api/search", "")), 2)
	require.Len(t, decode[[]object](t, s.ask(200, "GET", "/api/search?limit=1&page=2", "")), 1)
	require.Empty(t, decode[[]object](t, s.ask(200, "GET", "/api/search?limit=1&page=9", "")))
	require.Empty(t, decode[[]object](t, s.ask(200, "GET", "/api/search?limit=5000&page=9223372036854775807", "")))

	// grizzly, and Terraform's provider before its version 2, name folders by number.
	id := strconv.FormatInt(int64(f["id"].(float64)), 10)
	require.Equal(t, "infra", decode[object](t, s.ask(200, "GET", "/api/folders/id/"+id, ""))["uid"])
	s.ask(200, "POST", "/api/dashboards/db", `{"dashboard":{"uid":"mem","title":"Memory"},"folderId":`+id+`,"overwrite":true}`)
	require.Equal(t, f["id"], decode[object](t, s.ask(200, "GET", "/api/dashboards/uid/mem", ""))["meta"].(object)["folderId"])
	s.ask(404, "POST", "/api/dashboards/db", `{"dashboard":{"uid":"mem","title":"Memory"},"folderId":77,"overwrite":true}`)
	s.ask(404, "GET", "/api/folders/id/77", "")
	s.ask(200, "DELETE", "/api/dashboards/uid/mem", "")

	f = decode[object](t, s.ask(200, "PUT", "/api/folders/infra", `{"title":"Infrastructure","version":1}`))
	require.Equal(t, 2.0, f["version"])
	require.Equal(t, "version-mismatch", decode[object](t, s.ask(412, "PUT", "/api/folders/infra", `{"title":"x","version":1}`))["status"])
	s.ask(200, "DELETE", "/api/dashboards/uid/cpu", "")
	s.ask(404, "GET", "/api/dashboards/uid/cpu", "")
	s.ask(200, "DELETE", "/api/folders/infra", "")
	require.Empty(t, decode[[]object](t, s.ask(200, "GET", "/api/folders", "")))
}

func TestAnnotationsThroughBothAPIs(t *testing.T) {
	s := serve(t, Config{})
	id := decode[object](t, s.ask(200, "POST", "/api/annotations", `{"dashboardUID":"cpu","panelId":2,"time":1000,"timeEnd":2000,"tags":["deploy"],"text":"v1.9"}`))["id"]
	require.Equal(t, 1.0, id)
	s.ask(200, "PATCH", "/api/annotations/1", `{"text":"v1.9.1"}`)
	got := decode[struct{ Annotations []annotationItem }](t, s.ask(200, "GET", "/oriel/api/v1/annotations?from=1500&to=9000&tags=deploy", "")).Annotations
	require.Len(t, got, 1)
	require.Equal(t, "v1.9.1", got[0].Text)
	require.EqualValues(t, 2000, got[0].TimeEnd)
	require.Equal(t, "ada", got[0].Login)
	s.ask(400, "GET", "/api/annotations?from=yesterday", "")
	s.ask(400, "POST", "/api/annotations", `{"time":1}`)
	s.ask(204, "DELETE", "/oriel/api/v1/annotations/1", "")
	s.ask(404, "DELETE", "/api/annotations/1", "")
}

func TestSnapshotsPlaylistsAndShortLinks(t *testing.T) {
	s := serve(t, Config{})
	key := decode[object](t, s.ask(200, "POST", "/oriel/api/v1/snapshots", `{"dashboard":{"title":"CPU"},"expires":3600}`))["key"].(string)
	require.Contains(t, s.ask(200, "GET", "/oriel/api/v1/snapshots/"+key, "").Body.String(), `"dashboard":{"title":"CPU"}}`)
	s.ask(204, "DELETE", "/oriel/api/v1/snapshots/"+key, "")
	s.ask(400, "POST", "/oriel/api/v1/snapshots", `{"dashboard":{"title":"CPU"},"expires":-1}`)

	uid := decode[object](t, s.ask(200, "POST", "/oriel/api/v1/playlists", `{"name":"wall","interval":"1m","items":["cpu"]}`))["uid"].(string)
	s.ask(200, "PUT", "/oriel/api/v1/playlists/"+uid, `{"name":"wall","interval":"30s","items":["cpu"]}`)
	require.Contains(t, s.ask(200, "GET", "/oriel/api/v1/playlists", "").Body.String(), `"interval":"30s"`)
	s.ask(400, "POST", "/oriel/api/v1/playlists", `{"name":"wall","interval":"often"}`)
	s.ask(204, "DELETE", "/oriel/api/v1/playlists/"+uid, "")

	id := decode[object](t, s.ask(200, "POST", "/oriel/api/v1/shortlinks", `{"path":"/explore/logs?q=x"}`))["id"].(string)
	require.Contains(t, s.ask(200, "GET", "/oriel/api/v1/shortlinks/"+id, "").Body.String(), `"path":"/explore/logs?q=x"`)
	s.ask(400, "POST", "/oriel/api/v1/shortlinks", `{"path":"https://evil.example/"}`)
}

func TestOtherServersAreAskedForTheBrowser(t *testing.T) {
	var got *http.Request
	var body string
	remote := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Set-Cookie", "a=b")
		io.WriteString(w, `{"status":"success"}`)
	}))
	defer remote.Close()
	c := SourceConfig{Name: "Other", UID: "other", Type: "prometheus", URL: remote.URL + "/prom"}
	c.HTTP.BearerToken = "hunter2"
	s := serve(t, Config{}, c)

	const at = "/oriel/api/v1/datasources/other/proxy"
	w := s.ask(200, "POST", at+"/api/v1/query?x=1", "query=up", "Cookie", "session=1", "Authorization", "Bearer ours")
	require.Equal(t, "/prom/api/v1/query", got.URL.Path)
	require.Equal(t, "x=1", got.URL.RawQuery)
	require.Equal(t, "query=up", body)
	require.Equal(t, "Bearer hunter2", got.Header.Get("Authorization"))
	require.Empty(t, got.Header.Get("Cookie"))
	require.Empty(t, w.Header().Get("Set-Cookie"))

	// A form that the server has looked into is passed on all the same.
	r := httptest.NewRequest("POST", at+"/api/v1/query?x=1", strings.NewReader("query=up%7Ba%3D%22b%22%7D&time=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, `up{a="b"}`, r.FormValue("query"))
	s.http.ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "query=up%7Ba%3D%22b%22%7D&time=1", body)
	require.Equal(t, "x=1", got.URL.RawQuery)

	for _, path := range []string{"/api/v1/admin/tsdb/delete_series", "/api/v1/../v1/admin", "/-/reload", "/api/v1/label/a/b/values", "/api/v1/write"} {
		s.ask(403, "POST", at+path, "")
	}
	s.ask(403, "DELETE", at+"/api/v1/query", "")
	s.ask(404, "GET", "/oriel/api/v1/datasources/prometheus/proxy/api/v1/query", "")
	list := s.ask(200, "GET", "/oriel/api/v1/datasources", "").Body
	require.NotContains(t, list.String(), "hunter2")
	require.NotContains(t, list.String(), remote.URL)
	require.Contains(t, list.String(), `"url":"/oriel/api/v1/datasources/other/proxy"`)

	remote.Close()
	w = s.ask(502, "GET", at+"/api/v1/query", "")
	require.Contains(t, w.Body.String(), "did not answer")
}

func TestFaultsOfDataSourcesAreNamed(t *testing.T) {
	for want, c := range map[string]SourceConfig{
		"needs a name":           {Type: "loki", URL: "http://x"},
		"type \"graphite\"":      {Name: "a", Type: "graphite", URL: "http://x"},
		"no http or https":       {Name: "a", Type: "loki", URL: "file:///etc/passwd"},
		"is that of Prometheus":  {Name: "prometheus", Type: "loki", URL: "http://x"},
		"an address cannot have": {Name: "a/b", Type: "loki", URL: "http://x"},
	} {
		_, err := NewSources([]SourceConfig{c}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}

func FuzzWithMembers(f *testing.F) {
	for _, text := range []string{`{}`, `{"id":null}`, "{\n \"uid\" : \"a\" , \"x\":[{\"id\":1}]\n}\n", `{"version":1,"version":2}`, `{"a":"é\u00e9"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var in map[string]json.RawMessage
		if json.Unmarshal(text, &in) != nil || in == nil {
			return
		}
		out, err := withMembers(text, map[string]any{"id": 7, "uid": "u", "version": 3}, "id", "uid", "version")
		if err != nil {
			return // stricter than encoding/json, such as about UTF-8
		}
		var got map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(out, &got), string(out))
		require.Equal(t, "7", string(got["id"]))
		require.Equal(t, `"u"`, string(got["uid"]))
		require.Equal(t, "3", string(got["version"]))
		for name, v := range in {
			if name != "id" && name != "uid" && name != "version" {
				require.True(t, bytes.Equal(v, got[name]), name)
			}
		}
	})
}
