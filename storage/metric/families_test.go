package metric

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/stretchr/testify/require"
)

func families(t testing.TB, dir string, most int) *Families {
	t.Helper()
	f, err := openFamilies(Config{Dir: dir, MaxFamilies: most}, promslog.NewNopLogger(), newStoreMetrics(nil))
	require.NoError(t, err)
	return f
}

func all(f *Families) map[string]metadata.Metadata {
	out := map[string]metadata.Metadata{}
	for name, m := range f.All() {
		out[name] = m
	}
	return out
}

func TestTheLatestMetadataWins(t *testing.T) {
	f := families(t, t.TempDir(), 10)
	f.Set("a", metadata.Metadata{Type: "counter", Help: "first"})
	f.Set("a", metadata.Metadata{Type: "counter", Help: "second"})
	require.Equal(t, map[string]metadata.Metadata{"a": {Type: "counter", Help: "second"}}, all(f))
}

func TestFamiliesKeepNoMemoryOfTheCaller(t *testing.T) {
	f := families(t, t.TempDir(), 10)
	buf := []byte("name help unit")
	s := unsafe.String(&buf[0], len(buf))
	kept := f.Set(s[:4], metadata.Metadata{Help: s[5:9], Unit: s[10:]})
	clear(buf) // used for the next request
	require.Equal(t, "name", kept)
	for name, m := range f.All() {
		require.Equal(t, "name", name)
		require.Equal(t, metadata.Metadata{Help: "help", Unit: "unit"}, m)
	}
}

func TestMoreFamiliesThanTheLimitAreDropped(t *testing.T) {
	f := families(t, t.TempDir(), 1)
	require.Equal(t, "a", f.Set("a", metadata.Metadata{Help: "1"}))
	require.Empty(t, f.Set("b", metadata.Metadata{Help: "2"}))
	require.Equal(t, "a", f.Set("a", metadata.Metadata{Help: "3"}))
	require.Equal(t, map[string]metadata.Metadata{"a": {Help: "3"}}, all(f))
}

func TestLongHelpIsCutAtARune(t *testing.T) {
	f := families(t, t.TempDir(), 1)
	f.Set("a", metadata.Metadata{Help: "x" + strings.Repeat("ü", maxHelpBytes)})
	m, _ := f.Get("a")
	require.Len(t, m.Help, maxHelpBytes-1)
	require.True(t, strings.HasSuffix(m.Help, "ü"))
}

func TestFamiliesAreSavedWholeAndOnlyIfChanged(t *testing.T) {
	dir := t.TempDir()
	f := families(t, dir, 10)
	require.NoError(t, f.save())
	require.NoFileExists(t, f.file.path)
	f.Set("a", metadata.Metadata{Type: "gauge", Help: "<b>\n", Unit: "s"})
	require.NoError(t, f.save())
	require.NoFileExists(t, f.file.path+".new")
	require.Equal(t, all(f), all(families(t, dir, 10)))
}

func TestADamagedFileIsPutAside(t *testing.T) {
	dir := t.TempDir()
	f := families(t, dir, 10)
	f.Set("a", metadata.Metadata{Type: "gauge"})
	require.NoError(t, f.save())
	good, err := os.ReadFile(f.file.path)
	require.NoError(t, err)
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x20
		require.NoError(t, os.WriteFile(f.file.path, bad, 0o600))
		require.Empty(t, all(families(t, dir, 10)), "byte %d", i)
		require.FileExists(t, filepath.Join(dir, "families.json.damaged"))
	}
}
