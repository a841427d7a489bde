package main

import (
	"fmt"
	"os"
	"time"
)

// settleLimit bounds the wait for a server that never goes quiet.
const settleLimit = 3 * time.Minute

// A workload is what differs between the signals; the course of a run is the
// same for all, see run.
type workload struct {
	unit     string  // samples, lines or spans
	perCPU   float64 // CPU seconds are divided by this ...
	cpuUnit  string  // ... which gives this unit
	rawBytes float64 // of the log lines; 0 for metrics and traces
	load     *load
	pushPort int
	push     string
	askPort  int
	queries  []query
	diskProbe
	// count says how many of the units of the first part of the load can be
	// read back.
	count func(base string, part *load) (stored, sent int, err error)
}

// run measures one fresh instance: ingest, flush, queries, disk, restart and
// queries again on a cold cache; then another one for kill -9.
func (w *workload) run(t *target, o *options, m *measures) error {
	s, err := newServer(t, o)
	if err != nil {
		return err
	}
	if !o.keep {
		defer func() { _ = os.RemoveAll(s.dir) }() // the next run wipes it too
	}
	defer s.kill()
	ready, err := s.start(startLimit)
	if err != nil {
		return err
	}
	m.set("start.empty", "ms", ms(ready))
	if err := w.ingest(s, m); err != nil {
		return err
	}
	base := s.url(w.askPort, "")
	ask(s, base, w.queries, o.reps, m)
	m.set("query.peak_rss", "MB", float64(s.lifePeakRSS())/1e6)
	m.set("query.peak_anon", "MB", float64(s.peakAnon.Load())/1e6)
	w.disk(s, m)
	ready, err = s.start(startLimit)
	if err != nil {
		return err
	}
	m.set("start.after_stop", "ms", ms(ready))
	if o.cold != "off" {
		if err := askCold(s, base, w.queries, o, m); err != nil {
			return fmt.Errorf("cold queries: %w", err)
		}
	}
	s.kill()
	if o.killPart > 0 {
		if err := w.killTest(t, o, m); err != nil {
			m.fail("kill", err)
		}
	}
	return nil
}

// ingest sends the load and waits until the server has nothing left to do for
// it.
func (w *workload) ingest(s *server, m *measures) error {
	units := float64(w.load.units())
	cpu, self, host := s.cpu(), selfCPU(), hostBusy()
	wall, retries, err := w.load.send(s.url(w.pushPort, w.push))
	if err != nil {
		return err
	}
	acked := s.cpu() - cpu
	self, host = selfCPU()-self, hostBusy()-host
	if err := s.flush(); err != nil {
		m.fail("flush", err)
	}
	s.settle(settleLimit)
	settled := s.cpu() - cpu
	m.set("ingest."+w.unit, "/s", units/wall.Seconds())
	if w.rawBytes > 0 {
		m.set("ingest.raw", "MB/s", w.rawBytes/1e6/wall.Seconds())
	}
	m.set("ingest.cpu_at_ack", w.cpuUnit, acked.Seconds()/w.perCPU)
	m.set("ingest.cpu_settled", w.cpuUnit, settled.Seconds()/w.perCPU)
	m.set("ingest.client_cpu", w.cpuUnit, self.Seconds()/w.perCPU)
	m.set("ingest.others_cpu", "cores", (host-self-acked).Seconds()/wall.Seconds()) // noise: what else the machine did
	m.set("ingest.retries", "", float64(retries))
	m.set("ingest.peak_rss", "MB", float64(s.peakRSS())/1e6)
	m.set("ingest.peak_anon", "MB", float64(s.peakAnon.Load())/1e6)
	stored, sent, err := w.count(s.url(w.askPort, ""), w.load)
	if err != nil {
		m.fail("ingest.missing", err)
	} else {
		m.set("ingest.missing", w.unit, float64(sent-stored))
	}
	return nil
}

// disk measures the data folder after a clean stop.
func (w *workload) disk(s *server, m *measures) {
	of, unit := w.rawBytes, "B/rawB"
	if w.rawBytes == 0 {
		of, unit = float64(w.load.units()), "B/"+w.unit
	}
	if w.diskProbe != nil {
		n, err := w.diskProbe(s)
		if err != nil {
			m.fail("disk.probe", err)
		} else {
			m.set("disk.probe", unit, float64(n)/of)
		}
	}
	m.set("stop.clean", "ms", ms(s.stop()))
	m.set("disk.total", unit, float64(diskBytes(s.data()))/of)
}

// killTest sends part of the load, kills the server with SIGKILL right after
// the last acknowledgement, starts it again and counts.
func (w *workload) killTest(t *target, o *options, m *measures) error {
	s, err := newServer(t, o)
	if err != nil {
		return err
	}
	defer s.kill()
	if _, err := s.start(startLimit); err != nil {
		return err
	}
	part := w.load.first(o.killPart)
	if _, _, err := part.send(s.url(w.pushPort, w.push)); err != nil {
		return err
	}
	s.kill()
	ready, err := s.start(startLimit)
	if err != nil {
		return err
	}
	m.set("kill.restart", "ms", ms(ready))
	// Some servers answer "ready" before what was recovered can be queried:
	// count until the number has stood still for a while.
	stored, sent, still := -1, 0, 0
	for begin := time.Now(); still < 4 && stored < max(sent, 1) && time.Since(begin) < time.Minute; {
		n, of, err := w.count(s.url(w.askPort, ""), part)
		if err != nil {
			fmt.Fprintf(os.Stderr, "  counting after kill: %v\n", err)
		}
		if still++; n != stored {
			still = 0
		}
		stored, sent = n, of
		if stored < sent {
			time.Sleep(time.Second)
		}
	}
	m.set("kill.acked", w.unit, float64(sent))
	m.set("kill.lost", w.unit, float64(sent-stored))
	return nil
}
