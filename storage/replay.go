package storage

import (
	"sync"
	"time"
)

// A Replay is told by a store that opens how far it has come with reading its
// write-ahead log, and tells others. The zero value has not begun; a nil one
// notes nothing. It is safe for concurrent use.
type Replay struct {
	mu       sync.Mutex
	began    time.Time
	ended    time.Time
	progress func() (segment, segments int)
	damaged  int
}

// A ReplayStatus is how far a replay is.
type ReplayStatus struct {
	State    ReplayState `json:"state"`
	Segment  int         `json:"segment"`  // that is being read, from 1 on; the last one when done
	Segments int         `json:"segments"` // of the log; 0 before that is known
	Seconds  float64     `json:"seconds"`  // since it began; in all when done
	Damaged  int         `json:"damaged"`  // segments that could not be read to their end, whose rows after that are lost
}

// A ReplayState is what a replay is at.
type ReplayState string

// The states.
const (
	ReplayWaiting ReplayState = "waiting"
	ReplayRunning ReplayState = "in progress" // as Prometheus has it
	ReplayDone    ReplayState = "done"
)

// Begin notes that the store begins. progress, which has to be safe for
// concurrent use, tells which segment of how many it reads, from 1 on.
func (r *Replay) Begin(progress func() (segment, segments int)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began, r.progress = time.Now(), progress
}

// Damage notes a segment that could not be read to its end.
func (r *Replay) Damage() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.damaged++
}

// End notes that all of the log has been read.
func (r *Replay) End() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, segments := r.progress()
	r.ended, r.progress = time.Now(), func() (int, int) { return segments, segments }
}

// Status returns how far it is.
func (r *Replay) Status() ReplayStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := ReplayStatus{State: ReplayWaiting, Damaged: r.damaged}
	if r.progress == nil {
		return s
	}
	s.Segment, s.Segments = r.progress()
	s.State, s.Seconds = ReplayRunning, time.Since(r.began).Seconds()
	if !r.ended.IsZero() {
		s.State, s.Seconds = ReplayDone, r.ended.Sub(r.began).Seconds()
	}
	return s
}
