// Package filewatch tells when files have changed. It looks at them rather than
// be told by the system, which is silent about file systems of other machines
// and about folders that a symbolic link swaps.
package filewatch

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Run calls changed when files no longer look as they did when they were read,
// until ctx ends. sight returns both looks and is called every so often, never
// if every is 0. Files that still change between two looks are being written,
// and are left alone.
func Run(ctx context.Context, every time.Duration, sight func() (now, read string), changed func()) {
	if every == 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for last := ""; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, read := sight()
		if now != read && now == last {
			changed()
		}
		last = now
	}
}

// Paths returns the files that match any of the globs, each once, in order. A
// glob with a fault matches nothing.
func Paths(globs []string) (all []string) {
	for _, glob := range globs {
		paths, _ := filepath.Glob(glob)
		all = append(all, paths...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Look describes the files that match globs by path, time and size.
func Look(globs []string) string {
	var b strings.Builder
	for _, path := range Paths(globs) {
		info, err := os.Stat(path)
		if err != nil {
			info = nil // it is there, and cannot be read
		}
		Note(&b, path, info)
	}
	return b.String()
}

// Note adds a file to the look that b collects; info may be nil.
func Note(b *strings.Builder, path string, info fs.FileInfo) {
	fmt.Fprintf(b, "%q", path)
	if info != nil {
		fmt.Fprint(b, " ", info.ModTime().UnixNano(), " ", info.Size())
	}
	b.WriteByte('\n')
}
