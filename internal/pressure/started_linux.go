package pressure

import (
	"debug/elf"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// releaseStart gives back what only starting up has needed: garbage, and pages
// of the program's own file. Code and constants that are used again come again
// from the page cache; the rest, most of a large program, need not be resident
// in a server that then waits.
func releaseStart() error {
	debug.FreeOSMemory()
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program's file: %w", err)
	}
	constant, err := neverWritten(path)
	if err != nil {
		return err
	}
	self, err := procfs.Self()
	if err != nil {
		return fmt.Errorf("find the own process: %w", err)
	}
	maps, err := self.ProcMaps()
	if err != nil {
		return fmt.Errorf("list the own memory: %w", err)
	}
	for _, m := range maps {
		if m.Pathname != path || m.Perms.Write || !m.Perms.Execute && !constant {
			continue
		}
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.StartAddr, m.EndAddr-m.StartAddr, unix.MADV_DONTNEED); errno != 0 {
			return fmt.Errorf("give back pages of %s: %w", path, errno)
		}
	}
	return nil
}

// neverWritten tells whether what a program may only read is as in its file. A
// loader that moves it writes addresses there first.
func neverWritten(path string) (bool, error) {
	f, err := elf.Open(path)
	if err != nil {
		return false, fmt.Errorf("read the program's file: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	moved := slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_GNU_RELRO || p.Type == elf.PT_INTERP })
	return f.Type == elf.ET_EXEC && !moved, nil
}
