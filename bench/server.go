package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startLimit = 3 * time.Minute
	stopLimit  = time.Minute
	flushLimit = 3 * time.Minute
)

// A server is one running (or killed and restartable) instance of a target.
type server struct {
	target *target
	dir    string // holds data/, conf and server.log; wiped by newServer
	base   string // http://127.0.0.1:port of port 0

	ports    [10]int
	bin      string
	cmd      *exec.Cmd
	exited   chan struct{} // closed when cmd has ended
	peakAnon atomic.Int64  // bytes
	maxRSS   int64         // bytes; peaks up to the last resetPeak

	elsewhere bool // clients go first on the processors, as if they were on machines of their own
}

// newServer wipes the target's folder below scratch and prepares it to be
// started there.
func newServer(t *target, o *options) (*server, error) {
	bin, err := t.binary(o.bin)
	if err != nil {
		return nil, err
	}
	s := &server{target: t, dir: filepath.Join(o.scratch, t.name), bin: bin, elsewhere: o.signal == "neighbour"}
	if err := os.RemoveAll(s.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.data(), 0o755); err != nil {
		return nil, err
	}
	var held []net.Listener // held open together so that the ports differ
	defer func() {
		for _, l := range held {
			_ = l.Close() // if it keeps the port, the server says so
		}
	}()
	for i := range s.ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		held = append(held, l)
		s.ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	s.base = s.url(0, "")
	return s, os.WriteFile(filepath.Join(s.dir, "conf"), []byte(s.expand(t.conf)), 0o644)
}

// started runs t on an empty folder. end kills it and removes the folder, unless
// that is to be kept.
func started(t *target, o *options) (s *server, end func(), err error) {
	if s, err = newServer(t, o); err != nil {
		return nil, nil, err
	}
	end = func() {
		s.kill()
		if !o.keep {
			_ = os.RemoveAll(s.dir) // the next run wipes it too
		}
	}
	if _, err := s.start(startLimit); err != nil {
		end()
		return nil, nil, err
	}
	return s, end, nil
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) url(port int, path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", s.ports[port], path)
}

// expand replaces {data}, {conf} and {port0} to {port9}.
func (s *server) expand(text string) string {
	pairs := []string{"{data}", s.data(), "{conf}", filepath.Join(s.dir, "conf")}
	for i, p := range s.ports {
		pairs = append(pairs, fmt.Sprintf("{port%d}", i), strconv.Itoa(p))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// start runs the server and returns the time until its ready URL answered 2xx.
func (s *server) start(limit time.Duration) (time.Duration, error) {
	var args []string
	for _, a := range s.target.arguments() {
		args = append(args, s.expand(a))
	}
	logPath := filepath.Join(s.dir, "server.log")
	logFile, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { _ = logFile.Close() }() // the process has its own
	s.cmd = exec.Command(s.bin, args...)
	if s.elsewhere {
		s.cmd = exec.Command("nice", append([]string{"-n", "10", s.bin}, args...)...) // which becomes the server
	}
	s.cmd.Dir = s.dir
	s.cmd.Stdout, s.cmd.Stderr = logFile, logFile
	s.cmd.SysProcAttr = dieWithParent()
	s.exited = make(chan struct{})
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // most are killed; the log tells the rest
		close(exited)
	}(s.cmd, s.exited)
	go s.watchAnon(s.cmd.Process.Pid, s.exited)

	probe := http.Client{Timeout: time.Second}
	for time.Since(begin) < limit {
		select {
		case <-s.exited:
			return 0, fmt.Errorf("%s exited at start, see %s", s.target.name, logPath)
		case <-time.After(2 * time.Millisecond):
		}
		resp, err := probe.Get(s.url(s.target.readyPort, s.target.ready))
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode/100 == 2 {
			return time.Since(begin), nil
		}
	}
	s.kill()
	return 0, fmt.Errorf("%s not ready within %v, see %s", s.target.name, limit, logPath)
}

// kill sends SIGKILL and waits for the end of the process.
func (s *server) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // it may have ended by itself
		<-s.exited
	}
}

// stop asks for a clean shutdown, and kills after stopLimit.
func (s *server) stop() time.Duration {
	begin := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-s.exited:
	case <-time.After(stopLimit):
		s.kill()
	}
	return time.Since(begin)
}

// proc reads a file of /proc/PID; nil once the process has ended.
func (s *server) proc(file string) []byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, file))
	if err != nil {
		return nil
	}
	return b
}

// cpu is user plus system time used so far by all threads of the process.
func (s *server) cpu() time.Duration {
	d, err := statCPU(s.proc("stat"))
	if err != nil {
		return 0
	}
	return d
}

// fineCPU is cpu in nanoseconds instead of ticks, in which short questions are free,
// and of the threads that are there: Go keeps its own. Without such an account of
// the kernel's it is cpu.
func (s *server) fineCPU() (all time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid)) // the pattern is sound
	for _, file := range threads {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // ended just now
		}
		d, err := schedCPU(b)
		if err != nil {
			return s.cpu()
		}
		all += d
	}
	if all == 0 {
		return s.cpu()
	}
	return all
}

// status reads a line of /proc/PID/status, in bytes.
func (s *server) status(key string) int64 { return fieldOf(s.proc("status"), key) }

// peakRSS is the most memory since the start or the last resetPeak, resident
// pages of mapped files included.
func (s *server) peakRSS() int64 { return s.status("VmHWM") }

// lifePeakRSS is the most since the server was first started.
func (s *server) lifePeakRSS() int64 { return max(s.maxRSS, s.peakRSS()) }

// resetPeak makes peakRSS count from now, proc_pid_clear_refs(5), and says
// whether the kernel allows it.
func (s *server) resetPeak() bool {
	s.maxRSS = s.lifePeakRSS()
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0) == nil
}

// diskRead is how many bytes the process has had fetched from the disk.
func (s *server) diskRead() int64 { return fieldOf(s.proc("io"), "read_bytes") }

// openFiles is how many files, sockets and so on the process has open.
func (s *server) openFiles() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	return len(entries)
}

// watchAnon keeps the peak of anonymous memory, sampled five times a second.
func (s *server) watchAnon(pid int, exited chan struct{}) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			if n := fieldOf(b, "RssAnon"); n > s.peakAnon.Load() {
				s.peakAnon.Store(n)
			}
		}
		select {
		case <-exited:
			return
		case <-tick.C:
		}
	}
}

// settle waits until the process used at most 3% of a core for two seconds
// in a row, so that merges and flushes started by the load are counted too.
func (s *server) settle(limit time.Duration) {
	last, quiet := s.cpu(), 0
	for end := time.Now().Add(limit); quiet < 2 && time.Now().Before(end); {
		time.Sleep(time.Second)
		now := s.cpu()
		if quiet++; now-last > 30*time.Millisecond {
			quiet = 0
		}
		last = now
	}
}

// flush calls the target's flush URLs, "METHOD path", in order, and waits for
// as long as the target takes to write out by itself.
func (s *server) flush() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	for _, f := range s.target.flush {
		method, path, _ := strings.Cut(f, " ")
		req, err := http.NewRequestWithContext(ctx, method, s.base+path, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("%s: %s", f, resp.Status)
		}
	}
	time.Sleep(s.target.flushWait)
	return nil
}
