package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGrowthIsToldFromWavesAndWarmingUp(t *testing.T) {
	looks := func(anonMB func(i int) int64, files func(i int) int) (out []soakLook) {
		for i := range 40 {
			out = append(out, soakLook{anon: anonMB(i) << 20, files: files(i)})
		}
		return out
	}
	steady := func(int) int { return 50 }
	require.NoError(t, growth(looks(func(i int) int64 { return 200 + int64(i%3)*150 }, steady)), "waves")
	require.NoError(t, growth(looks(func(i int) int64 { return min(200, int64(i)*40) }, steady)), "warming up")
	require.ErrorContains(t, growth(looks(func(i int) int64 { return 200 + int64(i)*10 }, steady)), "memory grew")
	require.ErrorContains(t, growth(looks(func(int) int64 { return 200 }, func(i int) int { return 50 + 20*i })), "open files grew")
	require.ErrorContains(t, growth(nil), "too short")
}

func TestAnErrorInTheServersLogCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.log")
	require.NoError(t, os.WriteFile(path, []byte("level=INFO msg=ready\nlevel=WARN msg=hm\n"), 0o644))
	require.NoError(t, checkLog(path))
	require.NoError(t, os.WriteFile(path, []byte("level=INFO msg=ready\nlevel=ERROR msg=\"flush failed\"\n"), 0o644))
	require.ErrorContains(t, checkLog(path), "flush failed")
}
