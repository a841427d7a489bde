package vfs_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
)

func TestDiskAndMemBehaveAlike(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (vfs.FS, string){
		"disk": func(t *testing.T) (vfs.FS, string) { return vfs.Disk{}, t.TempDir() },
		"mem": func(t *testing.T) (vfs.FS, string) {
			m := vfs.NewMem()
			require.NoError(t, m.MkdirAll("base"))
			return m, "base"
		},
		"faulty that never fails": func(t *testing.T) (vfs.FS, string) {
			return vfs.Faulty{FS: vfs.NewMem(), Fail: func(vfs.Op, string) error { return nil }}, ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			fsys, dir := open(t)
			at := func(s string) string { return dir + "/" + s }
			_, err := fsys.Open(at("no"))
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.ErrorIs(t, fsys.Remove(at("no")), fs.ErrNotExist)
			require.NoError(t, fsys.RemoveAll(at("no")))
			_, err = fsys.List(at("no"))
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.Error(t, fsys.Rename(at("no"), at("yes")))
			_, err = fsys.Create(at("no/file"))
			require.ErrorIs(t, err, fs.ErrNotExist)

			require.NoError(t, fsys.MkdirAll(at("a/b")))
			require.NoError(t, fsys.MkdirAll(at("a/b")))
			require.NoError(t, vfs.WriteFile(fsys, at("a/b/f"), []byte("hello")))
			require.NoError(t, fsys.SyncDir(at("a/b")))
			b, err := vfs.ReadFile(fsys, at("a/b/f"))
			require.NoError(t, err)
			require.Equal(t, "hello", string(b))
			require.Error(t, fsys.Remove(at("a/b")), "a folder that holds something")

			f, err := fsys.Create(at("a/b/f"))
			require.NoError(t, err)
			_, err = f.Write([]byte("0123456789"))
			require.NoError(t, err)
			require.NoError(t, f.Truncate(4))
			_, err = f.Write([]byte("x"))
			require.NoError(t, err)
			size, err := f.Size()
			require.NoError(t, err)
			require.EqualValues(t, 5, size)
			two := make([]byte, 2)
			_, err = f.ReadAt(two, 3)
			require.NoError(t, err)
			require.Equal(t, "3x", string(two))
			require.NoError(t, f.Close())

			require.NoError(t, fsys.Rename(at("a/b"), at("c")))
			es, err := fsys.List(at(""))
			require.NoError(t, err)
			require.Equal(t, []vfs.Entry{{Name: "a", IsDir: true}, {Name: "c", IsDir: true}}, es)
			require.NoError(t, fsys.RemoveAll(at("c")))
		})
	}
}

func TestCrashKeepsWhatWasSynced(t *testing.T) {
	m := vfs.NewMem()
	require.NoError(t, m.MkdirAll("d"))
	require.NoError(t, m.SyncDir("/"))
	f, err := m.Create("d/f")
	require.NoError(t, err)
	_, err = f.Write([]byte("safe"))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, m.SyncDir("d"))
	_, err = f.Write([]byte("lost"))
	require.NoError(t, err)
	_, err = m.Create("d/new")
	require.NoError(t, err)
	lost, gone := false, false
	for seed := range uint64(50) {
		c := m.Crash(rand.New(rand.NewPCG(seed, 0)))
		b, err := vfs.ReadFile(c, "d/f")
		require.NoError(t, err)
		require.Equal(t, "safe", string(b[:4]))
		lost = lost || len(b) == 4
		_, err = c.Open("d/new")
		gone = gone || errors.Is(err, fs.ErrNotExist)
	}
	require.True(t, lost, "unsynced data always survived")
	require.True(t, gone, "an unsynced name always survived")
	b, err := vfs.ReadFile(m, "d/f")
	require.NoError(t, err)
	require.Equal(t, "safelost", string(b), "the original goes on")
}
