package main

import (
	"os"
	"time"
)

// idleTime is how long an idle server is watched, after as long to calm down.
const idleTime = 10 * time.Second

// runIdle measures what a target needs to do nothing: the size of its binary,
// the time to start on an empty folder, memory and CPU.
func runIdle(t *target, o *options, m *measures) error {
	s, err := newServer(t, o)
	if err != nil {
		return err
	}
	if !o.keep {
		defer func() { _ = os.RemoveAll(s.dir) }() // the next run wipes it too
	}
	fi, err := os.Stat(s.bin)
	if err != nil {
		return err
	}
	m.set("binary", "MB", float64(fi.Size())/1e6)
	defer s.kill()
	ready, err := s.start(startLimit)
	if err != nil {
		return err
	}
	m.set("start.empty", "ms", ms(ready))
	m.set("start.cpu", "ms", ms(s.cpu()))
	time.Sleep(idleTime)
	cpu := s.cpu()
	time.Sleep(idleTime)
	m.set("idle.cpu", "% of a core", 100*(s.cpu()-cpu).Seconds()/idleTime.Seconds())
	m.set("idle.rss", "MB", float64(s.status("VmRSS"))/1e6)
	m.set("idle.anon", "MB", float64(s.status("RssAnon"))/1e6)
	return nil
}
