package state

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// as returns a context in which somebody asks about tenants.
func as(t *testing.T, tenants ...string) context.Context {
	t.Helper()
	return auth.With(t.Context(), &auth.Identity{Name: "x", Tenants: tenants, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}})
}

// made are the names of what makeAll makes: one of each kind that a tenant has.
type made struct {
	folder, dashboard, playlist, snapshot, link string
	annotation                                  int64
}

// makeAll makes one of each kind, with uids that other tenants use too.
func makeAll(t *testing.T, db *DB, name string) (m made) {
	t.Helper()
	ctx := as(t, tenantName(name))
	f, err := db.SaveFolder(ctx, Folder{UID: "same", Title: "folder " + name}, 0)
	require.NoError(t, err)
	d, err := db.SaveDashboard(ctx, Dashboard{UID: "same", Folder: "same", Title: "dashboard " + name}, Version{JSON: []byte(name)}, 0)
	require.NoError(t, err)
	require.NoError(t, db.Star(ctx, "ada", "same", true))
	m.folder, m.dashboard = f.UID, d.UID
	m.playlist, err = db.SavePlaylist(ctx, Playlist{UID: "same", Name: "playlist " + name, Interval: time.Minute})
	require.NoError(t, err)
	m.snapshot, err = db.SaveSnapshot(ctx, Snapshot{Name: "snapshot " + name, JSON: []byte(name)})
	require.NoError(t, err)
	m.link, err = db.Shorten(ctx, "/explore?of="+name)
	require.NoError(t, err)
	m.annotation, err = db.SaveAnnotation(ctx, Annotation{Dashboard: "same", Text: "annotation " + name, Tags: []string{name}, Start: time.Now()})
	require.NoError(t, err)
	require.NoError(t, db.RecordChanges(ctx, AlertChange{At: time.Now(), AlertState: AlertState{
		AlertKey: AlertKey{Rule: "change " + name, Fingerprint: name}, State: AlertFiring, Labels: labelsOf(name),
	}}))
	id, err := db.Enqueue(ctx, Notification{Lane: Lane{Receiver: name}, Tenant: tenantName(name), Reason: name}, Told{Lane: Lane{Receiver: name}, Entry: []byte(name), Alerts: []byte("[]"), Expires: time.Now().Add(time.Hour)}, QueueLimit{Rows: 100, Bytes: 1 << 20})
	require.NoError(t, err)
	require.NoError(t, db.AddAttempt(ctx, Attempt{Notification: id, At: time.Now(), Status: AttemptFailed, Error: name}, nil))
	return m
}

// tenantName is what the default tenant is called in texts.
func tenantName(name string) string {
	if name == "default" {
		return ""
	}
	return name
}

func labelsOf(name string) map[string]string {
	if name == "default" {
		return map[string]string{}
	}
	return map[string]string{auth.TenantLabel: name}
}

// lists are what those are told of who ask about tenants, or about none, in one
// text.
func lists(t *testing.T, db *DB, tenants ...string) string {
	t.Helper()
	ctx := t.Context()
	if tenants != nil {
		ctx = as(t, tenants...)
	}
	var out []string
	note := func(err error, texts ...string) {
		require.NoError(t, err)
		out = append(out, texts...)
	}
	folders, err := db.Folders(ctx)
	for _, f := range folders {
		note(nil, f.Title)
	}
	note(err)
	dashboards, err := db.Dashboards(ctx)
	for _, d := range dashboards {
		note(nil, d.Title)
	}
	note(err)
	playlists, err := db.Playlists(ctx)
	for _, p := range playlists {
		note(nil, p.Name)
	}
	note(err)
	snapshots, err := db.Snapshots(ctx)
	for _, s := range snapshots {
		note(nil, s.Name)
	}
	note(err)
	annotations, err := db.Annotations(ctx, AnnotationQuery{})
	for _, a := range annotations {
		note(nil, a.Text)
	}
	note(err)
	tags, err := db.AnnotationTags(ctx)
	for tag := range tags {
		note(nil, "tag "+tag)
	}
	note(err)
	stars, err := db.Starred(ctx, "ada")
	note(err, fmt.Sprintf("%d starred", len(stars)))
	changes, err := db.AlertChanges(ctx, AlertChangeFilter{Limit: 100})
	for _, c := range changes {
		note(nil, c.Rule)
	}
	note(err)
	waiting, err := db.Notifications(ctx, NotificationFilter{Limit: 100})
	for _, n := range waiting {
		note(nil, "notification "+n.Reason)
	}
	note(err)
	attempts, err := db.Attempts(ctx, AttemptFilter{Limit: 100})
	for _, a := range attempts {
		note(nil, "attempt "+a.Error)
	}
	note(err)
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestTenantsAreToldOfTheirOwnThings(t *testing.T) {
	db := open(t, t.TempDir())
	everyone := []string{"default", "a", "b"}
	for _, name := range everyone {
		makeAll(t, db, name)
	}
	want := map[string]string{}
	for _, name := range everyone {
		text := lists(t, db, tenantName(name))
		for _, other := range everyone {
			require.Equal(t, name == other, strings.Contains(text, " "+other), "%s is told of %s:\n%s", name, other, text)
		}
		require.Contains(t, text, "1 starred")
		want[name] = text
	}
	// The process, and everybody while tenants are off, are the default tenant
	// but for alerts, which are all there.
	require.Contains(t, lists(t, db), "dashboard default")
	require.NotContains(t, lists(t, db), "dashboard a")
	require.Contains(t, lists(t, db), "change a")

	both := lists(t, db, "a", "b")
	require.NotContains(t, both, "default")
	for _, kind := range []string{"folder ", "dashboard ", "playlist ", "snapshot ", "annotation ", "tag ", "change ", "notification ", "attempt "} {
		require.Contains(t, both, kind+"a")
		require.Contains(t, both, kind+"b")
	}
}

func TestTenantsReachOnlyTheirOwnThings(t *testing.T) {
	db := open(t, t.TempDir())
	own := makeAll(t, db, "a")
	other := as(t, "b")
	dead := func(id int64) {
		require.NoError(t, db.Bury(t.Context(), id, "x", QueueLimit{Rows: 100, Bytes: 1 << 20}))
	}
	queued, err := db.Notifications(t.Context(), NotificationFilter{Limit: 1})
	require.NoError(t, err)
	dead(queued[0].ID)

	for name, try := range map[string]func(context.Context) error{
		"dashboard":  func(ctx context.Context) error { _, _, err := db.Dashboard(ctx, own.dashboard); return err },
		"versions":   func(ctx context.Context) error { _, err := db.Versions(ctx, own.dashboard); return err },
		"version":    func(ctx context.Context) error { _, err := db.Version(ctx, own.dashboard, 1); return err },
		"folder":     func(ctx context.Context) error { _, err := db.Folder(ctx, own.folder); return err },
		"snapshot":   func(ctx context.Context) error { _, err := db.Snapshot(ctx, own.snapshot); return err },
		"link":       func(ctx context.Context) error { _, err := db.Lengthen(ctx, own.link); return err },
		"annotation": func(ctx context.Context) error { _, err := db.Annotation(ctx, own.annotation); return err },
		"a dashboard within": func(ctx context.Context) error {
			_, err := db.SaveDashboard(ctx, Dashboard{Folder: own.folder, Title: "x"}, Version{}, 0)
			return err
		},
		"a folder within": func(ctx context.Context) error {
			_, err := db.SaveFolder(ctx, Folder{Parent: own.folder, Title: "x"}, 0)
			return err
		},
		"change annotation": func(ctx context.Context) error {
			_, err := db.SaveAnnotation(ctx, Annotation{ID: own.annotation, Text: "x", Start: time.Now()})
			return err
		},
		"delete annotation": func(ctx context.Context) error { return db.DeleteAnnotation(ctx, own.annotation) },
		"delete playlist":   func(ctx context.Context) error { return db.DeletePlaylist(ctx, own.playlist) },
		"delete snapshot":   func(ctx context.Context) error { return db.DeleteSnapshot(ctx, own.snapshot) },
		"delete dashboard":  func(ctx context.Context) error { return db.DeleteDashboard(ctx, own.dashboard) },
		"delete folder":     func(ctx context.Context) error { _, err := db.DeleteFolder(ctx, own.folder); return err },
		"revive":            func(ctx context.Context) error { _, err := db.Revive(ctx, queued[0].ID); return err },
		"discard":           func(ctx context.Context) error { return db.Discard(ctx, queued[0].ID) },
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, try(other), fault.ErrNotFound)
			require.ErrorIs(t, try(as(t, "")), fault.ErrNotFound)
		})
	}
	before := lists(t, db, "a")
	// What others make under the same uid is another thing.
	makeAll(t, db, "b")
	require.NoError(t, db.DeleteDashboard(other, own.dashboard))
	_, err = db.DeleteFolder(other, own.folder)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(before, lists(t, db, "a")))
}

func TestADeletedTenantLeavesNothingBehind(t *testing.T) {
	db := open(t, t.TempDir())
	for _, name := range []string{"default", "a", "b"} {
		makeAll(t, db, name)
	}
	names, err := db.Tenants(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, names)
	kept := lists(t, db, "b")
	dashboards, rows, err := db.CountTenant(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 1, dashboards)
	require.EqualValues(t, 9, rows)

	require.NoError(t, db.DeleteTenant(t.Context(), "a"))
	require.Equal(t, "0 starred", lists(t, db, "a"))
	require.Equal(t, kept, lists(t, db, "b"))
	names, err = db.Tenants(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, names)
	states, err := db.AlertStates(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 2)
	told, err := db.Told(t.Context())
	require.NoError(t, err)
	require.Len(t, told, 2)
}

// A database of the release before tenants had what people make is the default
// tenant's afterwards, whole.
func TestWhatWasThereBeforeTenantsIsTheDefaultOnes(t *testing.T) {
	dir := t.TempDir()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, fileName)+"?_pragma=foreign_keys(1)")
	require.NoError(t, err)
	files, err := fs.Sub(migrations, "migrations")
	require.NoError(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, raw, files, goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), 41)
	require.NoError(t, err)
	for _, statement := range []string{
		`INSERT INTO folders VALUES ('f', NULL, 'F', 1, 0, 0, 'ada'), ('g', 'f', 'G', 1, 0, 0, 'ada')`,
		`INSERT INTO dashboards VALUES (7, 'd', 'g', 'D', '["t"]', 2, 0, 0, 'ada', 'ada'), (9, 'e', NULL, 'E', '[]', 1, 0, 0, 'ada', 'ada')`,
		`INSERT INTO dashboard_versions VALUES (7, 1, x'31', 0, 'ada', 'first', NULL), (7, 2, x'32', 0, 'ada', 'second', NULL), (9, 1, x'33', 0, 'ada', '', NULL)`,
		`DELETE FROM dashboards WHERE id = 9`,
		`INSERT INTO stars VALUES ('ada', 'd')`,
		`INSERT INTO playlists VALUES ('p', 'P', 60000, '["d"]', 'ada')`,
		`INSERT INTO shortlinks VALUES ('s', '/x', 0)`,
		`INSERT INTO snapshots VALUES ('k', 'K', x'31', 0, 0, 'ada')`,
		`INSERT INTO annotations VALUES (1, 'd', 0, 0, 0, 'note', '[]', 0, 0, 'ada')`,
		`INSERT INTO alert_changes VALUES (1, 0, 'f', 'firing', 'r', '', '', NULL, '{"__tenant_id__":"a"}', '{}', '', ''), (2, 0, 'g', 'firing', 's', '', '', NULL, '{}', '{}', '', '')`,
	} {
		_, err = raw.Exec(statement)
		require.NoError(t, err, statement)
	}
	require.NoError(t, raw.Close())

	db := open(t, dir)
	for _, ctx := range []context.Context{t.Context(), as(t, "")} {
		d, v, err := db.Dashboard(ctx, "d")
		require.NoError(t, err)
		require.Equal(t, []any{int64(7), "g", "D", []string{"t"}, "2"}, []any{d.ID, d.Folder, d.Title, d.Tags, string(v.JSON)})
		versions, err := db.Versions(ctx, "d")
		require.NoError(t, err)
		require.Len(t, versions, 2)
		f, err := db.Folder(ctx, "g")
		require.NoError(t, err)
		require.Equal(t, "f", f.Parent)
		path, err := db.Lengthen(ctx, "s")
		require.NoError(t, err)
		require.Equal(t, "/x", path)
		stars, err := db.Starred(ctx, "ada")
		require.NoError(t, err)
		require.True(t, stars["d"])
		_, err = db.Snapshot(ctx, "k")
		require.NoError(t, err)
		_, err = db.Annotation(ctx, 1)
		require.NoError(t, err)
		playlists, err := db.Playlists(ctx)
		require.NoError(t, err)
		require.Len(t, playlists, 1)
	}
	// Alerts had labels already.
	changes, err := db.AlertChanges(as(t, "a"), AlertChangeFilter{Limit: 10})
	require.NoError(t, err)
	require.Len(t, changes, 1)
	// Numbers are not used again, and folders still hold dashboards.
	kept, err := db.SaveDashboard(t.Context(), Dashboard{Folder: "f", Title: "N"}, Version{JSON: []byte("{}")}, 0)
	require.NoError(t, err)
	require.EqualValues(t, 10, kept.ID)
	n, err := db.DeleteFolder(t.Context(), "f")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
}
