package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCPUTimeIsFoundBehindAnyCommandName(t *testing.T) {
	const stat = "4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 9 0 0 0 150 25 0 0 20 0 8 0 100 200 300"
	d, err := statCPU([]byte(stat))
	require.NoError(t, err)
	require.Equal(t, 1750*time.Millisecond, d)

	for _, bad := range []string{"", "1 (x) S 1", "1 (x) S 1 2 3 4 5 6 7 8 9 10 x y 1"} {
		_, err := statCPU([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestCPUTimeOfAThreadIsTheFirstOfItsSchedStat(t *testing.T) {
	d, err := schedCPU([]byte("123456789 42 7\n"))
	require.NoError(t, err)
	require.Equal(t, 123456789*time.Nanosecond, d)
	_, err = schedCPU([]byte("\n"))
	require.Error(t, err)
}

func TestStatusFieldsAreInBytes(t *testing.T) {
	const status = "Name:\tx\nVmHWM:\t   2048 kB\nRssAnon:\t 1 kB\nThreads:\t12\nEmpty:\nread_bytes: 4096\n"
	for key, want := range map[string]int64{
		"VmHWM": 2 << 20, "RssAnon": 1 << 10, "Threads": 12, "read_bytes": 4096, "Empty": 0, "Missing": 0, "Name": 0,
	} {
		require.Equal(t, want, fieldOf([]byte(status), key), key)
	}
}

func TestHostBusyLeavesOutIdleAndWaitingForDisks(t *testing.T) {
	const stat = "cpu  100 10 20 9999 8888 3 4 7777 0 0\ncpu0 1 1 1 1 1 1 1\n"
	require.Equal(t, 1370*time.Millisecond, hostBusyOf([]byte(stat)))
	require.Zero(t, hostBusyOf(nil))
}

func TestDiskBytesAreWhatFilesOccupy(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "b", "f"), make([]byte, 100_000), 0o644))
	sparse, err := os.Create(filepath.Join(dir, "sparse"))
	require.NoError(t, err)
	require.NoError(t, sparse.Truncate(1<<30))
	require.NoError(t, sparse.Close())
	require.InDelta(t, 100_000, diskBytes(dir), 64<<10)
	require.Zero(t, diskBytes(filepath.Join(dir, "missing")))
}
