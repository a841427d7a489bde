package seal_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/seal"
)

func open(t *testing.T, path string) *seal.Key {
	t.Helper()
	k, err := seal.Load(path)
	require.NoError(t, err)
	return k
}

func sealed(t *testing.T, k *seal.Key, secret string) []byte {
	t.Helper()
	box, err := k.Seal([]byte(secret))
	require.NoError(t, err)
	return box
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "state.key")
	box := sealed(t, open(t, path), "hunter2")
	require.NotContains(t, string(box), "hunter2")
	require.NotEqual(t, box, sealed(t, open(t, path), "hunter2"))
	secret, err := open(t, path).Open(box)
	require.NoError(t, err)
	require.Equal(t, "hunter2", string(secret))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1)
}

func TestWhatWasChangedDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	k := open(t, filepath.Join(dir, "a"))
	box := sealed(t, k, "hunter2")
	_, err := open(t, filepath.Join(dir, "b")).Open(box)
	require.ErrorContains(t, err, "another key")
	for i := range box {
		wrong := append([]byte(nil), box...)
		wrong[i] ^= 1
		_, err := k.Open(wrong)
		require.Error(t, err)
	}
	for n := range box {
		_, err := k.Open(box[:n])
		require.Error(t, err)
	}
}

func TestAKeyThatCannotBeOneIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "k")
	open(t, path)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err := seal.Load(path)
	require.ErrorContains(t, err, "everybody on this machine can read")
	for _, text := range []string{"", "short", "c2hvcnQ="} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chmod(path, 0o600))
		_, err = seal.Load(path)
		require.ErrorContains(t, err, "does not hold 32 bytes", text)
	}
	_, err = seal.Load(dir)
	require.Error(t, err)
}

func TestProcessesThatStartAtOnceHaveOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	keys := make([]*seal.Key, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() { keys[i], _ = seal.Load(path) })
	}
	all.Wait()
	box := sealed(t, keys[0], "x")
	for _, k := range keys {
		require.NotNil(t, k)
		_, err := k.Open(box)
		require.NoError(t, err)
	}
}

func FuzzOpen(f *testing.F) {
	k, err := seal.Load(filepath.Join(f.TempDir(), "k"))
	require.NoError(f, err)
	box, err := k.Seal([]byte("x"))
	require.NoError(f, err)
	f.Add(box)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, box []byte) {
		if secret, err := k.Open(box); err == nil {
			again, err := k.Open(sealed(t, k, string(secret)))
			require.NoError(t, err)
			require.Equal(t, secret, again)
		}
	})
}
