//go:build !linux

package pressure

import "runtime/debug"

// releaseStart gives back the garbage of starting up.
func releaseStart() error {
	debug.FreeOSMemory()
	return nil
}
