package state

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func save(t *testing.T, db *DB, d Dashboard, json string, base int) Dashboard {
	t.Helper()
	kept, err := db.SaveDashboard(t.Context(), d, Version{JSON: []byte(json), Author: "ada", Message: "m"}, base)
	require.NoError(t, err)
	return kept
}

func TestADashboardIsKeptByteForByte(t *testing.T) {
	db := open(t, t.TempDir())
	const text = "{ \"title\":\t\"CPU\",\n \"x\": 1.0e3, \"x\": \"\\u00e9\"}\n"
	d := save(t, db, Dashboard{Title: "CPU", Tags: []string{"host", "a,b"}}, text, 0)
	require.Equal(t, 1, d.Version)

	got, v, err := db.Dashboard(t.Context(), d.UID)
	require.NoError(t, err)
	require.Equal(t, d, got)
	require.Equal(t, text, string(v.JSON))
	require.Equal(t, []string{"host", "a,b"}, got.Tags)
}

func TestTwoEditorsNeverOverwriteEachOther(t *testing.T) {
	db := open(t, t.TempDir())
	d := save(t, db, Dashboard{UID: "cpu", Title: "CPU"}, `{}`, 0)

	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, err := db.SaveDashboard(context.Background(), d, Version{JSON: fmt.Appendf(nil, `{"i":%d}`, i)}, 1)
			if err == nil {
				won.Add(1)
			} else if errors.Is(err, fault.ErrConflict) {
				lost.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 7, lost.Load())

	_, err := db.SaveDashboard(t.Context(), Dashboard{UID: "cpu", Title: "CPU"}, Version{JSON: []byte(`{}`)}, 0)
	require.ErrorIs(t, err, fault.ErrConflict, "a new one where one is")
	_, err = db.SaveDashboard(t.Context(), Dashboard{UID: "none", Title: "CPU"}, Version{JSON: []byte(`{}`)}, 3)
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.Equal(t, 3, save(t, db, d, `{"forced":1}`, -1).Version)
}

func TestEveryVersionStays(t *testing.T) {
	db := open(t, t.TempDir())
	d := save(t, db, Dashboard{Title: "one"}, `{"n":1}`, 0)
	d.Title = "two"
	d = save(t, db, d, `{"n":2}`, 1)

	all, err := db.Versions(t.Context(), d.UID)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, 2, all[0].Version)
	require.Nil(t, all[0].JSON)
	first, err := db.Version(t.Context(), d.UID, 1)
	require.NoError(t, err)
	require.Equal(t, `{"n":1}`, string(first.JSON))

	_, err = db.Version(t.Context(), d.UID, 3)
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.ErrorContains(t, err, "version 3 of dashboard")
	_, err = db.Versions(t.Context(), "none")
	require.ErrorIs(t, err, fault.ErrNotFound)
}

func TestWhatGoesWithADashboard(t *testing.T) {
	db := open(t, t.TempDir())
	d := save(t, db, Dashboard{Title: "CPU"}, `{}`, 0)
	require.NoError(t, db.Star(t.Context(), "ada", d.UID, true))
	require.NoError(t, db.Star(t.Context(), "ada", d.UID, true))
	_, err := db.SaveAnnotation(t.Context(), Annotation{Dashboard: d.UID, Start: time.UnixMilli(5), Text: "x"})
	require.NoError(t, err)

	require.NoError(t, db.DeleteDashboard(t.Context(), d.UID))
	stars, err := db.Starred(t.Context(), "ada")
	require.NoError(t, err)
	require.Empty(t, stars)
	notes, err := db.Annotations(t.Context(), AnnotationQuery{})
	require.NoError(t, err)
	require.Empty(t, notes)
	var versions int
	require.NoError(t, db.sql.QueryRow(`SELECT count(*) FROM dashboard_versions`).Scan(&versions))
	require.Zero(t, versions)
	require.ErrorIs(t, db.DeleteDashboard(t.Context(), d.UID), fault.ErrNotFound)
}

func TestFoldersHoldFolders(t *testing.T) {
	db := open(t, t.TempDir())
	infra, err := db.SaveFolder(t.Context(), Folder{Title: "Infra"}, 0)
	require.NoError(t, err)
	hosts, err := db.SaveFolder(t.Context(), Folder{Title: "Hosts", Parent: infra.UID}, 0)
	require.NoError(t, err)
	d := save(t, db, Dashboard{Title: "CPU", Folder: hosts.UID}, `{}`, 0)

	infra.Parent = hosts.UID
	_, err = db.SaveFolder(t.Context(), infra, infra.Version)
	require.ErrorContains(t, err, "below itself")
	_, err = db.SaveFolder(t.Context(), Folder{Title: "x", Parent: "none"}, 0)
	require.ErrorIs(t, err, fault.ErrNotFound)
	_, err = db.SaveDashboard(t.Context(), Dashboard{Title: "x", Folder: "none"}, Version{JSON: []byte(`{}`)}, 0)
	require.ErrorIs(t, err, fault.ErrNotFound)

	gone, err := db.DeleteFolder(t.Context(), infra.UID)
	require.NoError(t, err)
	require.EqualValues(t, 1, gone)
	_, _, err = db.Dashboard(t.Context(), d.UID)
	require.ErrorIs(t, err, fault.ErrNotFound)
	folders, err := db.Folders(t.Context())
	require.NoError(t, err)
	require.Empty(t, folders)
	_, err = db.DeleteFolder(t.Context(), infra.UID)
	require.ErrorIs(t, err, fault.ErrNotFound)
}

func TestAnnotationsAreSelected(t *testing.T) {
	db := open(t, t.TempDir())
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	for _, a := range []Annotation{
		{Start: at(10), Text: "deploy", Tags: []string{"deploy", "pay"}},
		{Start: at(20), End: at(40), Text: "outage", Tags: []string{"pay"}, Dashboard: "d", Panel: 3},
		{Start: at(50), Text: "note", Dashboard: "e"},
	} {
		_, err := db.SaveAnnotation(t.Context(), a)
		require.NoError(t, err)
	}
	for name, c := range map[string]struct {
		q    AnnotationQuery
		want []string
	}{
		"all, newest first":            {AnnotationQuery{}, []string{"note", "outage", "deploy"}},
		"a region that the range cuts": {AnnotationQuery{Start: at(30), End: at(35)}, []string{"outage"}},
		"of a dashboard":               {AnnotationQuery{Dashboard: "d"}, []string{"outage"}},
		"of a panel":                   {AnnotationQuery{Panel: 3}, []string{"outage"}},
		"with all tags":                {AnnotationQuery{Tags: []string{"deploy", "pay"}}, []string{"deploy"}},
		"with one of the tags":         {AnnotationQuery{Tags: []string{"deploy", "pay"}, AnyTag: true}, []string{"outage", "deploy"}},
		"so many":                      {AnnotationQuery{Limit: 1}, []string{"note"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := db.Annotations(t.Context(), c.q)
			require.NoError(t, err)
			var texts []string
			for _, a := range got {
				texts = append(texts, a.Text)
			}
			require.Equal(t, c.want, texts)
		})
	}
	tags, err := db.AnnotationTags(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"deploy": 1, "pay": 2}, tags)

	_, err = db.SaveAnnotation(t.Context(), Annotation{Start: at(9), End: at(8), Text: "x"})
	require.ErrorIs(t, err, fault.ErrInvalid)
	_, err = db.SaveAnnotation(t.Context(), Annotation{ID: 99, Start: at(9), Text: "x"})
	require.ErrorIs(t, err, fault.ErrNotFound)
}

func TestASnapshotExpires(t *testing.T) {
	db := open(t, t.TempDir())
	now := time.UnixMilli(1_000)
	db.now = func() time.Time { return now }
	key, err := db.SaveSnapshot(t.Context(), Snapshot{Name: "s", JSON: []byte(`{}`), Expires: now.Add(time.Minute)})
	require.NoError(t, err)
	_, err = db.Snapshot(t.Context(), key)
	require.NoError(t, err)
	now = now.Add(time.Minute)
	_, err = db.Snapshot(t.Context(), key)
	require.ErrorIs(t, err, fault.ErrNotFound)
	all, err := db.Snapshots(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestPlaylistsAreReplaced(t *testing.T) {
	db := open(t, t.TempDir())
	uid, err := db.SavePlaylist(t.Context(), Playlist{Name: "wall", Interval: time.Minute, Items: []string{"a", "b"}})
	require.NoError(t, err)
	_, err = db.SavePlaylist(t.Context(), Playlist{UID: uid, Name: "wall", Interval: time.Second, Items: []string{"b"}})
	require.NoError(t, err)
	all, err := db.Playlists(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Playlist{{UID: uid, Name: "wall", Interval: time.Second, Items: []string{"b"}}}, all)
	require.NoError(t, db.DeletePlaylist(t.Context(), uid))
	require.ErrorIs(t, db.DeletePlaylist(t.Context(), uid), fault.ErrNotFound)
	_, err = db.SavePlaylist(t.Context(), Playlist{Name: "wall"})
	require.ErrorIs(t, err, fault.ErrInvalid)
}

func TestNamesThatAreRefused(t *testing.T) {
	db := open(t, t.TempDir())
	for _, d := range []Dashboard{{}, {Title: "x", UID: "a b"}, {Title: "x", UID: "../x"}} {
		_, err := db.SaveDashboard(t.Context(), d, Version{JSON: []byte(`{}`)}, 0)
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}
