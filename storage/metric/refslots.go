package metric

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// refSlots are the entries of Refs, numbered from 1 in the order in which they
// came. A number stays good for reading when its entry has gone: it is then
// that of another series or of none, which the hash tells.
type refSlots struct {
	segments atomic.Pointer[[]*refSegment]

	mu    sync.Mutex // guards those below, and who replaces segments
	taken uint32
	holes []uint32 // below taken, free again
}

// segmentSlots is the number of entries behind one lock.
const segmentSlots = 1024

type refSegment struct {
	mu      sync.RWMutex
	entries [segmentSlots]refEntry
}

type refEntry struct {
	hash   uint64
	ref    promstorage.SeriesRef
	labels labels.Labels
	used   bool
	next   atomic.Uint32 // number of the entry that was asked for after this one; 0 if not known
}

// entry returns that of number at, and its segment.
func (s *refSlots) entry(at uint32) (*refSegment, *refEntry) {
	seg := (*s.segments.Load())[(at-1)/segmentSlots]
	return seg, &seg.entries[(at-1)%segmentSlots]
}

// take returns a number for a new entry.
func (s *refSlots) take() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.holes); n > 0 {
		at := s.holes[n-1]
		s.holes = s.holes[:n-1]
		return at
	}
	if s.taken%segmentSlots == 0 {
		var all []*refSegment
		if old := s.segments.Load(); old != nil {
			all = *old
		}
		all = append(all[:len(all):len(all)], &refSegment{}) // readers have the old one
		s.segments.Store(&all)
	}
	s.taken++
	return s.taken
}

func (s *refSlots) write(at uint32, hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	seg, e := s.entry(at)
	seg.mu.Lock()
	e.hash, e.ref, e.labels, e.used = hash, ref, ls, true
	seg.mu.Unlock()
}

// read returns the series of number at, if it is one of hash.
func (s *refSlots) read(at uint32, hash uint64) (ref promstorage.SeriesRef, ls labels.Labels, ok bool) {
	seg, e := s.entry(at)
	seg.mu.RLock()
	if ok = e.used && e.hash == hash; ok {
		ref, ls = e.ref, e.labels
	}
	seg.mu.RUnlock()
	return ref, ls, ok
}

// ref is that of number at, which is in use.
func (s *refSlots) ref(at uint32) chunks.HeadSeriesRef {
	seg, e := s.entry(at)
	seg.mu.RLock()
	defer seg.mu.RUnlock()
	return chunks.HeadSeriesRef(e.ref)
}

func (s *refSlots) free(at uint32) {
	seg, e := s.entry(at)
	seg.mu.Lock()
	e.hash, e.ref, e.labels, e.used = 0, 0, labels.EmptyLabels(), false
	e.next.Store(0)
	seg.mu.Unlock()
	s.mu.Lock()
	s.holes = append(s.holes, at)
	s.mu.Unlock()
}

// tidy has holes filled from the first to the last, so that what comes together
// lies together.
func (s *refSlots) tidy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.holes, func(a, b uint32) int { return cmp.Compare(b, a) })
}

// after is the number that was asked for after number at, or 0.
func (s *refSlots) after(at uint32) uint32 {
	_, e := s.entry(at)
	return e.next.Load()
}

// follow notes that number next was asked for after number at.
func (s *refSlots) follow(at, next uint32) {
	_, e := s.entry(at)
	e.next.Store(next)
}
