package filewatch_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/filewatch"
)

func TestALookTellsChangesOfWhatMatches(t *testing.T) {
	dir := t.TempDir()
	globs := []string{filepath.Join(dir, "*.yml"), filepath.Join(dir, "a*"), "["}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("b.yml", "1")
	write("a.yml", "1")
	write("c.txt", "1")
	require.Equal(t, []string{filepath.Join(dir, "a.yml"), filepath.Join(dir, "b.yml")}, filewatch.Paths(globs))
	seen := filewatch.Look(globs)
	write("c.txt", "22")
	require.Equal(t, seen, filewatch.Look(globs))
	write("b.yml", "22")
	require.NotEqual(t, seen, filewatch.Look(globs))
	seen = filewatch.Look(globs)
	require.NoError(t, os.Remove(filepath.Join(dir, "a.yml")))
	require.NotEqual(t, seen, filewatch.Look(globs))
}

func TestFilesAreReadOnceTheyHaveSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		looks, read, calls := []string{"a", "b", "c", "c", "c", "c"}, "a", 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			filewatch.Run(ctx, time.Second, func() (string, string) {
				now := looks[0]
				if looks = looks[1:]; len(looks) == 0 {
					cancel()
				}
				return now, read
			}, func() { calls, read = calls+1, "c" })
		}()
		<-done
		require.Equal(t, 1, calls)
	})
}
