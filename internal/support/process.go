package support

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Goroutines writes where goroutines are, alike ones once. It is a Part's Write.
// Only names of functions are in it, no values.
func Goroutines(_ context.Context, w io.Writer) error {
	return pprof.Lookup("goroutine").WriteTo(w, 1)
}

// Metrics returns a Part's Write of all metrics of g.
func Metrics(g prometheus.Gatherer) func(context.Context, io.Writer) error {
	return func(_ context.Context, w io.Writer) error {
		families, err := g.Gather() // what it has, with an error
		enc := expfmt.NewEncoder(w, expfmt.NewFormat(expfmt.TypeTextPlain))
		for _, f := range families {
			if e := enc.Encode(f); e != nil {
				return errors.Join(err, e)
			}
		}
		return err
	}
}

// A Runtime is what the process runs on.
type Runtime struct {
	Go          string            `json:"go"`
	OS          string            `json:"os"`
	Arch        string            `json:"arch"`
	CPUs        int               `json:"cpus"`
	MaxProcs    int               `json:"maxProcs"`
	MemoryLimit int64             `json:"memoryLimit"` // bytes
	Goroutines  int               `json:"goroutines"`
	HeapInUse   uint64            `json:"heapInUse"` // bytes
	Sys         uint64            `json:"sys"`       // bytes
	GCs         uint32            `json:"gcs"`
	Modules     map[string]string `json:"modules"` // versions by path
}

// RuntimeNow returns it as it is.
func RuntimeNow() Runtime {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	out := Runtime{
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), MaxProcs: runtime.GOMAXPROCS(0),
		MemoryLimit: debug.SetMemoryLimit(-1), Goroutines: runtime.NumGoroutine(), HeapInUse: mem.HeapInuse, Sys: mem.Sys, GCs: mem.NumGC, Modules: map[string]string{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			out.Modules[m.Path] = m.Version
		}
	}
	return out
}

// maxFiles bounds the rows of a listing.
const maxFiles = 20_000

// Files returns a Part's Write of the files below a folder: sizes, times and
// paths, and nothing of what is in them.
func Files(dir string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		n := 0
		return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				_, err = fmt.Fprintf(w, "%s: %v\n", path, err)
				return err
			}
			if e.IsDir() {
				return nil
			}
			if n++; n > maxFiles {
				return fmt.Errorf("more than %d files", maxFiles)
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a merge has dropped it meanwhile
			}
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%12d  %s  %s\n", info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05Z"), rel)
			return err
		})
	}
}
