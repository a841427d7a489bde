package metric

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzACheckedFileIsWhatWasSavedOrNothing(f *testing.F) {
	f.Add([]byte("oriel-families-1 00000000\n{}"))
	f.Add([]byte("oriel-families-1 "))
	f.Add([]byte("oriel-families-1 0f8e4d6d\n{\"a\":1}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := checkedFile{filepath.Join(t.TempDir(), "f"), "oriel-families-1 "}
		var v map[string]int
		if file.decode(b, &v) != nil {
			return
		}
		require.NoError(t, file.save(v))
		saved, err := os.ReadFile(file.path)
		require.NoError(t, err)
		var again map[string]int
		require.NoError(t, file.decode(saved, &again))
		require.Equal(t, v, again)
	})
}
