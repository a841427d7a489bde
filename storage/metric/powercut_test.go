package metric

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// A power cut takes what was written after the last fsync, and leaves of it
// what it likes: nothing, zeros, noise, or a part. What was fsynced is there
// afterwards, and the store opens and goes on.
func TestAPowerCutTakesNothingThatWasFsynced(t *testing.T) {
	const series, synced, lost = 50, 40, 30
	now := time.Now().UnixMilli()
	name := func(i int) labels.Labels {
		return labels.FromStrings(model.MetricNameLabel, fmt.Sprintf("m%02d", i))
	}
	dir := t.TempDir()
	s := openIn(t, dir)
	put := func(from, n int) {
		for k := from; k < from+n; k++ {
			for i := range series {
				write(t, s, name(i), now+int64(k), float64(k))
			}
			write(t, s, name(0), now-int64(k)-1, -1) // out of order: the other log
		}
	}
	put(0, synced)
	kept := map[string]int64{} // size of each log at the last fsync
	for _, y := range s.syncers {
		require.NoError(t, y.sync())
		kept[y.file.Name()] = y.synced
	}
	require.Len(t, kept, 2)
	put(synced, lost)

	for what, tail := range map[string]func([]byte) []byte{
		"nothing": func([]byte) []byte { return nil },
		"zeros":   func(b []byte) []byte { return make([]byte, len(b)) },
		"noise": func(b []byte) []byte {
			_, _ = rand.Read(b)
			return b
		},
		"a part":           func(b []byte) []byte { return b[:len(b)/2] },
		"a part and zeros": func(b []byte) []byte { clear(b[len(b)/2:]); return b },
	} {
		t.Run(what, func(t *testing.T) {
			after := filepath.Join(t.TempDir(), "after")
			require.NoError(t, os.CopyFS(after, os.DirFS(dir)))
			for path, size := range kept {
				rel, err := filepath.Rel(dir, path)
				require.NoError(t, err)
				body, err := os.ReadFile(filepath.Join(after, rel))
				require.NoError(t, err)
				require.Greater(t, int64(len(body)), size, "there is something to lose")
				require.NoError(t, os.WriteFile(filepath.Join(after, rel), append(body[:size:size], tail(body[size:])...), 0o600))
			}
			for at := range int64(2) { // what the first opening mended is whole for the second
				s := openIn(t, after)
				got := read(t, s)
				require.Len(t, got, series)
				for i := range series {
					var late, values []float64
					for _, v := range got[fmt.Sprintf("m%02d", i)] {
						if v < 0 {
							late = append(late, v)
						} else {
							values = append(values, v)
						}
					}
					if i == 0 {
						require.GreaterOrEqual(t, len(late), synced, "late ones, opening %d", at)
					}
					require.GreaterOrEqual(t, len(values), synced, "series %d", i)
					for k, v := range values[:synced] {
						require.Equal(t, float64(k), v, "series %d", i)
					}
				}
				write(t, s, name(1), now+10_000+at, synced+lost)
				require.NoError(t, s.Close())
			}
		})
	}
	require.NoError(t, s.Close())
}
