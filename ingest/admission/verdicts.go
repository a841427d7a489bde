package admission

import (
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// verdicts remembers what became of series, by a hash of what was sent: the
// labels, or the bytes of them. An entry is forgotten some hours after it was
// last asked for.
type verdicts struct{ shards [verdictShards]verdictShard }

const (
	verdictShards = 64

	// verdictAge is how long a generation of entries lasts: what was asked for
	// in this one or the one before is known.
	verdictAge = 2 * time.Hour

	// maxVerdicts bounds a generation of one shard, so that labels that never
	// come twice cannot fill the memory.
	maxVerdicts = 1 << 20 / verdictShards
)

type verdictShard struct {
	mu       sync.Mutex
	now, old map[uint64]entry
	since    time.Time // of now
}

type entry struct {
	verdict Verdict
	ref     promstorage.SeriesRef // of the series that takes the samples; 0 if not known
}

func (v *verdicts) init() {
	for i := range v.shards {
		v.shards[i].now = map[uint64]entry{}
		v.shards[i].since = time.Now()
	}
}

// get returns the entry last put under hash, if equal says that its series is
// the one that was hashed.
func (v *verdicts) get(hash uint64, equal func(labels.Labels) bool) (entry, bool) {
	s := &v.shards[hash%verdictShards]
	s.mu.Lock()
	e, ok := s.now[hash]
	if !ok {
		if e, ok = s.old[hash]; ok {
			s.keep(hash, e)
		}
	}
	s.mu.Unlock()
	if !ok || !equal(e.verdict.Sent) {
		return entry{}, false
	}
	return e, true
}

func (v *verdicts) put(hash uint64, e entry) {
	s := &v.shards[hash%verdictShards]
	s.mu.Lock()
	s.keep(hash, e)
	s.mu.Unlock()
}

// keep puts e into the present generation. s.mu is held.
func (s *verdictShard) keep(hash uint64, e entry) {
	if len(s.now) >= maxVerdicts || time.Since(s.since) > verdictAge {
		s.old, s.now, s.since = s.now, map[uint64]entry{}, time.Now()
	}
	s.now[hash] = e
}

// Recall returns the verdict kept under hash, if equal says that its Sent are
// the labels that were hashed; and the reference of the series that takes the
// samples, or 0.
func (r *Rules) Recall(hash uint64, equal func(labels.Labels) bool) (v Verdict, ref promstorage.SeriesRef, ok bool) {
	e, ok := r.verdicts.get(hash, equal)
	return e.verdict, e.ref, ok
}

// Remember keeps v under hash. Its labels must not change.
func (r *Rules) Remember(hash uint64, v Verdict, ref promstorage.SeriesRef) {
	r.verdicts.put(hash, entry{v, ref})
}
