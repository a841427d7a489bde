package state

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func open(t *testing.T, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestOnlyTheOwnerReadsTheDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	db := open(t, dir)
	_, err := db.Shorten(t.Context(), "/explore/logs")
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, e.Name())
	}
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir)
	require.NoError(t, err)
	id, err := db.Shorten(t.Context(), "/explore/logs?q=%7B%7D")
	require.NoError(t, err)
	require.NoError(t, db.Close())

	path, err := open(t, dir).Lengthen(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "/explore/logs?q=%7B%7D", path)
}

func TestADatabaseOfANewerOrielIsRefusedUnchanged(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir)
	require.NoError(t, err)
	_, err = db.sql.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	_, err = Open(t.Context(), dir)
	require.ErrorContains(t, err, "written by a newer one")
}

func TestAFileThatIsNoDatabaseIsRefusedUnchanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	garbage := strings.Repeat("no database at all ", 400)
	require.NoError(t, os.WriteFile(path, []byte(garbage), 0o600))

	_, err := Open(t.Context(), dir)
	require.ErrorContains(t, err, "restore it from a backup or move it away")
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, garbage, string(kept))
}

func TestWritersWaitForEachOther(t *testing.T) {
	db := open(t, t.TempDir())
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			for n := range 20 {
				_, err := db.Shorten(context.Background(), "/trace/"+strings.Repeat("a", 1+i*20+n))
				if err != nil {
					errs[i] = err
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	var n int
	require.NoError(t, db.sql.QueryRow(`SELECT count(*) FROM shortlinks`).Scan(&n))
	require.Equal(t, 160, n)
}

func TestShortLinksStayWithinThePage(t *testing.T) {
	db := open(t, t.TempDir())
	one, err := db.Shorten(t.Context(), "/d/x?from=now-1h")
	require.NoError(t, err)
	same, err := db.Shorten(t.Context(), "/d/x?from=now-1h")
	require.NoError(t, err)
	require.Equal(t, one, same)

	for _, path := range []string{"", "d/x", "//evil.example/", "https://evil.example/", `/\evil.example`, "javascript:alert(1)", "/%zz"} {
		_, err := db.Shorten(t.Context(), path)
		require.ErrorIs(t, err, fault.ErrInvalid, path)
	}
	_, err = db.Shorten(t.Context(), "/"+strings.Repeat("x", MaxShortlink))
	require.ErrorIs(t, err, fault.ErrTooLarge)
	_, err = db.Lengthen(t.Context(), "unknown")
	require.ErrorIs(t, err, fault.ErrNotFound)
}
