package pressure

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// paces returns GOGC and GOMEMLIMIT as they are.
func paces() (percent, limit uint64) {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64(), s[1].Value.Uint64()
}

func collections() (n uint32) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC
}

func pacesAsTheyWere(t *testing.T) (limit uint64) {
	t.Helper()
	t.Setenv("GOGC", "")
	percent := debug.SetGCPercent(gcPercent)
	was := debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(was)
	})
	return uint64(was)
}

func TestNothingIsCollectedUntilTheProcessHasStarted(t *testing.T) {
	limit := pacesAsTheyWere(t)
	runtime.GC()
	started := Starting()
	before := collections()
	for range 64 {
		keep = make([]byte, 1<<20)
	}
	require.Equal(t, before, collections())
	started()
	percent, memory := paces()
	require.EqualValues(t, gcPercent, percent)
	require.Equal(t, limit, memory)
}

func TestTheFirstCollectionEndsTheHold(t *testing.T) {
	limit := pacesAsTheyWere(t)
	Starting()
	runtime.GC()
	require.Eventually(t, func() bool {
		percent, memory := paces()
		return percent == gcPercent && memory == limit
	}, 10*time.Second, time.Millisecond)
}

func TestGOGCHasItsWay(t *testing.T) {
	pacesAsTheyWere(t)
	t.Setenv("GOGC", "50")
	before, _ := paces()
	defer Starting()()
	during, _ := paces()
	require.Equal(t, before, during)
}
