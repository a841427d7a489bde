//go:build linux || darwin || freebsd

package vfs_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
)

func TestDiskKnowsItsFreeSpace(t *testing.T) {
	free, err := vfs.Disk{}.Free(t.TempDir())
	require.NoError(t, err)
	require.Positive(t, free)
	_, err = vfs.Disk{}.Free(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
