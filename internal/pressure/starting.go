package pressure

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// startHeap is how much memory may be filled before garbage is collected the first
// time. Most of what starting up allocates stays, above all the series of a log
// that is replayed; to go through it again and again as it grows from nothing
// takes a fifth of the time.
const startHeap = 256 << 20

// Starting has no garbage collected until the function that it returns is called,
// which may be so several times, or until the process has a good deal of memory,
// but no more than a third of what it may have. It follows SetLimit.
func Starting() (started func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	limit := debug.SetMemoryLimit(-1)
	started = sync.OnceFunc(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(gcPercent)
	})
	runtime.AddCleanup(new([16]byte), func(struct{}) { started() }, struct{}{}) // is run by the first collection
	debug.SetMemoryLimit(min(startHeap, limit/3))
	debug.SetGCPercent(-1)
	return started
}
