package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// schedCPU returns the time that a thread was on a processor, from the text of its
// schedstat, in the kernel's Documentation/scheduler/sched-stats.rst.
func schedCPU(schedstat []byte) (time.Duration, error) {
	first, _, _ := bytes.Cut(schedstat, []byte(" "))
	ns, err := strconv.ParseInt(string(first), 10, 64)
	return time.Duration(ns), err
}

// tick is the unit of CPU times in /proc: USER_HZ is 100 on every Linux.
const tick = time.Second / 100

// statCPU returns user plus system time of all threads from the text of
// /proc/PID/stat, proc_pid_stat(5).
func statCPU(stat []byte) (time.Duration, error) {
	// The command name may hold spaces and brackets; what follows it does not.
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // f[0] is field 3, state
	if len(f) < 13 {
		return 0, errors.New("/proc/PID/stat: too few fields")
	}
	utime, err1 := strconv.Atoi(f[11])
	stime, err2 := strconv.Atoi(f[12])
	return time.Duration(utime+stime) * tick, errors.Join(err1, err2)
}

// fieldOf returns the number after "key:" in the text of /proc/PID/status or
// /proc/PID/io, in bytes; 0 if it has no such line.
func fieldOf(text []byte, key string) int64 {
	for line := range strings.Lines(string(text)) {
		v, ok := strings.CutPrefix(line, key+":")
		if !ok {
			continue
		}
		f := strings.Fields(v)
		if len(f) == 0 {
			return 0
		}
		n, err := strconv.ParseInt(f[0], 10, 64)
		if err != nil {
			return 0
		}
		if len(f) > 1 && f[1] == "kB" {
			n <<= 10
		}
		return n
	}
	return 0
}

// hostBusyOf returns the CPU time that the whole machine has used, from the
// text of /proc/stat.
func hostBusyOf(stat []byte) time.Duration {
	line, _, _ := strings.Cut(string(stat), "\n")
	f := strings.Fields(line)
	var busy int
	for i := 1; i < min(len(f), 8); i++ { // user nice system idle iowait irq softirq
		if n, err := strconv.Atoi(f[i]); err == nil && i != 4 && i != 5 {
			busy += n
		}
	}
	return time.Duration(busy) * tick
}

func hostBusy() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	return hostBusyOf(b)
}

// selfCPU is the CPU time that this process has used.
func selfCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// diskBytes is the space that the files under dir occupy.
func diskBytes(dir string) int64 {
	var n int64
	// Files that vanish meanwhile do not count.
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if fi, err := d.Info(); err == nil {
				if st, ok := fi.Sys().(*syscall.Stat_t); ok {
					n += st.Blocks * 512
				}
			}
		}
		return nil
	})
	return n
}

// dropPageCache makes the next reads of files come from the disk. Only root
// may do so.
func dropPageCache() error {
	syscall.Sync() // dirty pages are not dropped
	return os.WriteFile("/proc/sys/vm/drop_caches", []byte("1"), 0)
}
