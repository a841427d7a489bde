package dashapi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const elements = "/api/library-elements"

// element is what is read of a library panel.
type element struct {
	ID                                      int64
	UID, Name, Type, Description, FolderUID string
	Kind, Version                           int
	Model                                   object
	Meta                                    struct {
		FolderName          string
		ConnectedDashboards int
		CreatedBy           struct{ Name string }
	}
}

func oneElement(t *testing.T, s *server, want int, method, path, body string) element {
	t.Helper()
	return decode[struct{ Result element }](t, s.ask(want, method, path, body)).Result
}

func TestALibraryPanelIsMadeReadChangedAndRemoved(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/api/folders", `{"uid":"shop","title":"Shop"}`)
	made := oneElement(t, s, 200, "POST", elements, `{"uid":"cpu","name":"CPU","kind":1,"folderUid":"shop","model":{"type":"stat","description":"busy","x":12345678901234567890}}`)
	require.Equal(t, "cpu CPU stat busy shop Shop ada 1 1",
		fmt.Sprint(made.UID, " ", made.Name, " ", made.Type, " ", made.Description, " ", made.FolderUID, " ", made.Meta.FolderName, " ", made.Meta.CreatedBy.Name, " ", made.Kind, " ", made.Version))
	require.Positive(t, made.ID)
	require.Contains(t, s.ask(200, "GET", elements+"/cpu", "").Body.String(), `"x":12345678901234567890`)

	changed := oneElement(t, s, 200, "PATCH", elements+"/cpu", `{"name":"Processors","kind":1,"version":1}`)
	require.Equal(t, "Processors shop 2 stat", fmt.Sprint(changed.Name, " ", changed.FolderUID, " ", changed.Version, " ", changed.Model["type"]))
	stale := s.ask(412, "PATCH", elements+"/cpu", `{"name":"mine","version":1}`)
	require.Equal(t, "version-mismatch", decode[object](t, stale)["status"])
	moved := oneElement(t, s, 200, "PATCH", elements+"/cpu", `{"folderUid":"","model":{"type":"gauge"},"version":2}`)
	require.Equal(t, " General gauge", fmt.Sprint(moved.FolderUID, " ", moved.Meta.FolderName, " ", moved.Type))

	named := decode[struct{ Result []element }](t, s.ask(200, "GET", elements+"/name/Processors", "")).Result
	require.Len(t, named, 1)
	s.ask(404, "GET", elements+"/name/CPU", "")
	require.InDelta(t, made.ID, decode[object](t, s.ask(200, "DELETE", elements+"/cpu", ""))["id"], 0)
	s.ask(404, "GET", elements+"/cpu", "")
	s.ask(404, "DELETE", elements+"/cpu", "")
}

func TestALibraryPanelThatCannotBeKeptIsRefused(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", elements, `{"uid":"a","name":"A","kind":1,"model":{}}`)
	for body, want := range map[string]string{
		`{"name":"","kind":1,"model":{}}`:              "needs a title",
		`{"name":"B","kind":1}`:                        "model",
		`{"name":"B","kind":1,"model":[]}`:             "model",
		`{"name":"B","kind":2,"model":{}}`:             "kind 2",
		`{"name":"A","kind":1,"model":{}}`:             "the name",
		`{"uid":"a","name":"B","kind":1,"model":{}}`:   "exists already",
		`{"uid":"a b","name":"B","kind":1,"model":{}}`: "uid",
		`{`: "JSON",
	} {
		require.Contains(t, s.ask(400, "POST", elements, body).Body.String(), want, body)
	}
	s.ask(404, "POST", elements, `{"name":"B","kind":1,"model":{},"folderUid":"none"}`)
	s.ask(404, "POST", elements, `{"name":"B","kind":1,"model":{},"folderId":7}`)
	require.Contains(t, s.ask(400, "PATCH", elements+"/a", `{"name":"B"}`).Body.String(), "version")
	require.Contains(t, s.ask(400, "PATCH", elements+"/a", `{"uid":"b","version":1}`).Body.String(), "uid")
	s.ask(404, "PATCH", elements+"/b", `{"name":"B","version":1}`)
}

func TestTheListOfLibraryPanelsIsFilteredSortedAndCut(t *testing.T) {
	s := serve(t, Config{})
	folder := decode[object](t, s.ask(200, "POST", "/api/folders", `{"uid":"shop","title":"Shop"}`))
	for _, body := range []string{
		`{"uid":"cpu","name":"CPU","kind":1,"model":{"type":"stat","description":"of hosts"}}`,
		`{"uid":"disk","name":"Disk","kind":1,"folderUid":"shop","model":{"type":"gauge","description":"of hosts"}}`,
		`{"uid":"apples","name":"apples","kind":1,"folderUid":"shop","model":{"type":"stat"}}`,
	} {
		s.ask(200, "POST", elements, body)
	}
	for query, want := range map[string]string{
		"":                          "apples cpu disk",
		"?sortDirection=alpha-desc": "disk cpu apples",
		"?searchString=HOSTS":       "cpu disk",
		"?searchString=disk+hosts":  "disk",
		"?typeFilter=stat,table":    "apples cpu",
		"?folderFilterUIDs=shop":    "apples disk",
		"?folderFilterUIDs=general": "cpu",
		"?folderFilter=0":           "cpu",
		fmt.Sprintf("?folderFilter=%.0f", folder["id"]): "apples disk",
		"?excludeUid=cpu":                  "apples disk",
		"?kind=2":                          "",
		"?perPage=2":                       "apples cpu",
		"?perPage=2&page=2":                "disk",
		"?perPage=2&page=9223372036854775": "",
	} {
		var uids []string
		for _, e := range decode[struct{ Result struct{ Elements []element } }](t, s.ask(200, "GET", elements+query, "")).Result.Elements {
			uids = append(uids, e.UID)
		}
		require.Equal(t, want, strings.Join(uids, " "), query)
	}
	s.ask(400, "GET", elements+"?perPage=x", "")
	s.ask(400, "GET", elements+"?folderFilter=x", "")
}

func TestADashboardComesWithTheLibraryPanelsItShows(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file.json"), []byte(`{"uid":"file","title":"File","panels":[{"id":1,"libraryPanel":{"uid":"cpu"}}]}`), 0o600))
	s := serve(t, Config{Folders: []string{dir}})
	s.files.Reload()
	s.ask(200, "POST", elements, `{"uid":"cpu","name":"CPU","kind":1,"model":{"type":"stat"}}`)
	s.ask(200, "POST", elements, `{"uid":"deep","name":"Deep","kind":1,"model":{"type":"table"}}`)
	s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":{"uid":"plain","title":"Plain"}}`)
	const text = `{"uid":"d", "title":"D","panels":[{"id":1,"type":"row","panels":[{"id":2,"libraryPanel":{"uid":"deep","name":"Deep"}}]},{"id":3,"libraryPanel":{"uid":"gone"}},{"id":4,"libraryPanel":{"uid":"cpu"}},{"id":5,"libraryPanel":{"uid":"cpu"}}]}`
	s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":`+text+`}`)

	w := s.ask(200, "GET", "/oriel/api/v1/dashboards/d", "")
	require.Contains(t, w.Body.String(), `"dashboard":`+text)
	library := decode[struct{ Library map[string]element }](t, w).Library
	require.Len(t, library, 2)
	require.Equal(t, "CPU stat", library["cpu"].Name+" "+library["cpu"].Model["type"].(string))
	require.Equal(t, "Deep", library["deep"].Name)
	require.NotContains(t, decode[object](t, s.ask(200, "GET", "/oriel/api/v1/dashboards/plain", "")), "library")

	require.Equal(t, 2, oneElement(t, s, 200, "GET", elements+"/cpu", "").Meta.ConnectedDashboards)
	connections := decode[struct {
		Result []struct{ ConnectionUID string }
	}](t, s.ask(200, "GET", elements+"/cpu/connections/", "")).Result
	require.Len(t, connections, 2)
	require.Equal(t, "d file", connections[0].ConnectionUID+" "+connections[1].ConnectionUID)
	require.Contains(t, s.ask(403, "DELETE", elements+"/deep", "").Body.String(), "shown by 1 dashboards")

	// What an old version showed does not count.
	s.ask(200, "PUT", "/oriel/api/v1/dashboards/d", `{"dashboard":{"title":"D"}}`, "If-Match", "*")
	s.ask(200, "DELETE", elements+"/deep", "")
}

func TestLibraryPanelsOutliveTheirFolder(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/api/folders", `{"uid":"shop","title":"Shop"}`)
	s.ask(200, "POST", "/api/folders", `{"uid":"till","title":"Till","parentUid":"shop"}`)
	s.ask(200, "POST", elements, `{"uid":"cpu","name":"CPU","kind":1,"folderUid":"till","model":{}}`)
	s.ask(200, "DELETE", "/api/folders/shop", "")
	require.Empty(t, oneElement(t, s, 200, "GET", elements+"/cpu", "").FolderUID)
}

func TestAFolderIsMovedBelowAnotherAndBack(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/api/folders", `{"uid":"shop","title":"Shop"}`)
	s.ask(200, "POST", "/api/folders", `{"uid":"till","title":"Till"}`)
	for _, parent := range []string{"shop", ""} {
		w := s.ask(200, "POST", "/api/folders/till/move", `{"parentUid":"`+parent+`"}`)
		require.Equal(t, parent, decode[object](t, w)["parentUid"])
	}
	s.ask(400, "POST", "/api/folders/till/move", `{"parentUid":"till"}`)
	s.ask(404, "POST", "/api/folders/till/move", `{"parentUid":"none"}`)
	s.ask(404, "POST", "/api/folders/none/move", `{}`)
}

func FuzzLibraryPanelsOf(f *testing.F) {
	for _, text := range []string{
		`{"panels":[{"libraryPanel":{"uid":"a"}},{"panels":[{"libraryPanel":{"uid":"b"}}]}],"rows":[{"panels":[{"libraryPanel":{"uid":"c"}}]}]}`,
		`{"panels":{"libraryPanel":1}}`, `{"panels":[{"libraryPanel":{"uid":7}}]}`, `[`, `null`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		for _, uid := range libraryPanelsOf([]byte(text)) {
			require.NotEmpty(t, uid)
			require.False(t, seen[uid], "each once")
			seen[uid] = true
		}
	})
}
