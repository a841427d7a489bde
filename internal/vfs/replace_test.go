package vfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
)

func TestAFileIsReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rules.yml")
	for _, text := range []string{"one", "two, longer", ""} {
		require.NoError(t, vfs.Replace(path, []byte(text), 0o640))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())

	// What cannot take its place leaves nothing behind.
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o750))
	require.Error(t, vfs.Replace(filepath.Join(dir, "folder"), []byte("x"), 0o600))
	require.Error(t, vfs.Replace(filepath.Join(dir, "none", "x"), []byte("x"), 0o600))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2)
}
