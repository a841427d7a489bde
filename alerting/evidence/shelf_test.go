package evidence

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func newShelf(t *testing.T, dir string) *shelf {
	t.Helper()
	s, err := openShelf(dir, Config{Retention: time.Hour, KeepBytes: 1000})
	require.NoError(t, err)
	return s
}

func params(t *testing.T, query string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(query)
	require.NoError(t, err)
	return q
}

func TestALinkIsGoodForOneFileAndAWhile(t *testing.T) {
	dir := t.TempDir()
	s := newShelf(t, dir)
	now := time.Now()
	name, otherName := newID()+".png", newID()+".png"
	require.NoError(t, s.put(name, []byte("a")))
	require.NoError(t, s.put(otherName, []byte("b")))
	good := params(t, s.query(name, now))

	b, err := s.read(name, good, now.Add(time.Hour-time.Second))
	require.NoError(t, err)
	require.Equal(t, "a", string(b))
	b, err = newShelf(t, dir).read(name, good, now)
	require.NoError(t, err, "after a restart")
	require.Equal(t, "a", string(b))

	later := url.Values{"expires": {strconv.FormatInt(now.Add(48*time.Hour).Unix(), 10)}, "sig": good["sig"]}
	flipped := "0"
	if strings.HasPrefix(good.Get("sig"), "0") {
		flipped = "1"
	}
	for _, tt := range []struct {
		why  string
		name string
		q    url.Values
		at   time.Time
		want error
	}{
		{"expired", name, good, now.Add(time.Hour + time.Second), errExpired},
		{"another file", otherName, good, now, errLink},
		{"another kind", strings.TrimSuffix(name, "png") + "json", good, now, errLink},
		{"a longer life", name, later, now, errLink},
		{"a changed signature", name, url.Values{"expires": good["expires"], "sig": {flipped + good.Get("sig")[1:]}}, now, errLink},
		{"half a signature", name, url.Values{"expires": good["expires"], "sig": {good.Get("sig")[:32]}}, now, errLink},
		{"no signature", name, url.Values{"expires": good["expires"]}, now, errLink},
		{"no end", name, url.Values{"sig": good["sig"]}, now, errLink},
		{"the key", keyFile, params(t, s.query(keyFile, now)), now, errLink},
		{"another folder", "../x.png", params(t, s.query("../x.png", now)), now, errLink},
		{"not kept", strings.Repeat("0", 32) + ".png", params(t, s.query(strings.Repeat("0", 32)+".png", now)), now, errGone},
	} {
		_, err := s.read(tt.name, tt.q, tt.at)
		require.ErrorIs(t, err, tt.want, tt.why)
	}
	require.ErrorIs(t, errLink, fault.ErrForbidden)
	require.ErrorIs(t, errGone, fault.ErrNotFound)

	s2, err := openShelf(t.TempDir(), Config{Retention: time.Hour, KeepBytes: 1000})
	require.NoError(t, err)
	require.NoError(t, s2.put(name, []byte("c")))
	_, err = s2.read(name, good, now)
	require.ErrorIs(t, err, errLink, "each shelf has a key of its own")
}

func TestTheKeyIsForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	newShelf(t, dir)
	info, err := os.Stat(filepath.Join(dir, keyFile))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.NoError(t, os.WriteFile(filepath.Join(dir, keyFile), []byte("short"), 0o600))
	_, err = openShelf(dir, Config{})
	require.ErrorContains(t, err, "is damaged: remove it")
	require.NoError(t, os.WriteFile(filepath.Join(dir, keyFile), []byte(strings.Repeat("x", 64)), 0o600))
	_, err = openShelf(dir, Config{})
	require.ErrorContains(t, err, "is damaged: remove it")
}

func TestAShelfHoldsSoMuchForSoLong(t *testing.T) {
	dir := t.TempDir()
	s := newShelf(t, dir)
	now := time.Now()
	var names []string
	for i := range 12 {
		name := newID() + ".png"
		names = append(names, name)
		require.NoError(t, s.put(name, make([]byte, 100)))
		at := now.Add(time.Duration(i-20) * time.Minute)
		require.NoError(t, os.Chtimes(filepath.Join(dir, name), at, at))
	}
	s = newShelf(t, dir) // as another process finds it
	require.NoError(t, s.sweep(now))
	kept := func() (out []string) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			if e.Name() != keyFile {
				out = append(out, e.Name())
			}
		}
		return out
	}
	require.ElementsMatch(t, names[2:], kept(), "1000 bytes, without the oldest")
	require.NoError(t, s.sweep(now.Add(47*time.Minute)))
	require.ElementsMatch(t, names[8:], kept(), "those of the last hour")
	big := newID() + ".png"
	require.NoError(t, s.put(big, make([]byte, 5000)))
	require.Equal(t, []string{big}, kept(), "the newest stays, whatever its size")
	require.NoError(t, s.sweep(now.Add(10*time.Hour)))
	require.Empty(t, kept())
	_, err := os.Stat(filepath.Join(dir, keyFile))
	require.NoError(t, err)
}
