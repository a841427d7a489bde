package event

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// What makes a merge pay. Every row is written anew about once each time that
// its part grows by mergeGain, so a part of n rows has cost its rows
// log(n)/log(mergeGain) rewrites.
const (
	mergeGain     = 8 // rows of the merged part, over those of the largest of its sources
	mergeGainCold = 2 // the same for days to which nothing is added any more
	mergeMost     = 15
	mergeBytes    = 1 << 30 // of the sources on disk

	// coldAfter is how long nothing is added to a day that is over before it
	// is merged down to few parts.
	coldAfter = time.Hour

	// deleteDelay lets deletes gather before parts are written anew for them.
	deleteDelay = time.Minute

	// expiredShare of a part's rows must be over the retention of their
	// stream, for the part to be written anew on that account: one in so many.
	expiredShare = 8
)

// A mergeJob is neighbours of one day that become one part, or one part that
// is written anew without its hidden rows.
type mergeJob struct {
	t       *table
	sources []*part // in append order; each holds a reference
	hidings []*hiding
	deletes uint64 // the last of hidings that is a delete
}

func (j *mergeJob) release() {
	for _, p := range j.sources {
		p.release()
	}
}

// nextMerge returns the merge of t that pays best at a time, or nil. urgent
// does not wait for deletes to gather.
func (t *table) nextMerge(now time.Time, urgent bool) *mergeJob {
	t.mu.RLock()
	defer t.mu.RUnlock()
	unflushed := ^uint64(0)
	for _, h := range t.frozen {
		unflushed = min(unflushed, h.segment)
	}
	byDay := map[int64][]*part{}
	for _, p := range t.parts {
		// The name of a part claims every segment between its first and last,
		// so none of them may have rows that are still to become a part.
		if p.meta.Segments[1] < unflushed && !p.unfit.Load() {
			byDay[p.day] = append(byDay[p.day], p)
		}
	}
	job := &mergeJob{t: t, hidings: t.hidings()}
	for _, h := range job.hidings {
		job.deletes = max(job.deletes, h.number)
	}
	days := slices.Sorted(maps.Keys(byDay))
	for _, day := range days {
		for _, p := range byDay[day] {
			if job.sources == nil && p.dirty(job.hidings, now, urgent) {
				job.sources = []*part{p}
			}
		}
	}
	if job.sources == nil {
		var best window
		for _, day := range days {
			parts := byDay[day]
			sizes := make([]size, len(parts))
			born := time.Time{}
			for i, p := range parts {
				sizes[i] = size{p.meta.Rows, p.meta.bytes()}
				if p.born.After(born) {
					born = p.born
				}
			}
			gain := t.cfg.mergeGain()
			if day < dayOf(now.UnixNano()) && now.Sub(born) >= coldAfter {
				gain = mergeGainCold
			}
			if w := bestWindow(sizes, gain, t.cfg.MaxPartRows); w.better(best) {
				best, job.sources = w, slices.Clone(parts[w.from:w.to])
			}
		}
	}
	if job.sources == nil {
		return nil
	}
	for _, p := range job.sources {
		p.retain()
	}
	return job
}

// A size is that of a part.
type size struct{ rows, bytes int64 }

// A window is a run of neighbours; from is inclusive, to is not.
type window struct {
	from, to int
	rows     int64 // of all
	gain     float64
}

// better reports whether w saves more parts for each row that is written, and
// if they are equal, whether it writes fewer rows.
func (w window) better(o window) bool {
	return cmp.Or(cmp.Compare(w.gain, o.gain), cmp.Compare(o.rows, w.rows)) > 0
}

// bestWindow returns the run of parts that pays best to be merged, of those
// with at least a gain, or half of it if there is no room for another part;
// the zero window if there is none.
func bestWindow(parts []size, gain int, maxRows int64) window {
	var best window
	for from := range parts {
		w := window{from: from}
		var largest, bytes int64
		need := gain
		for i := from; i < len(parts) && i-from < mergeMost; i++ {
			bytes += parts[i].bytes
			if w.rows+parts[i].rows > maxRows || bytes > mergeBytes {
				need = max(gain/2, mergeGainCold)
				break
			}
			largest = max(largest, parts[i].rows)
			w.rows += parts[i].rows
			w.to, w.gain = i+1, float64(w.rows)/float64(largest)
			if w.gain >= float64(gain) && w.better(best) {
				best = w
			}
		}
		if w.gain >= float64(need) && w.better(best) {
			best = w
		}
	}
	return best
}

// dirty reports whether p is to be written anew for what is hidden in it.
func (p *part) dirty(hidings []*hiding, now time.Time, urgent bool) bool {
	var expired int64
	for _, h := range hidings {
		if !h.concerns(p.meta.Segments[1], p.meta.Deletes, p.meta.MinTime, p.meta.MaxTime) {
			continue
		}
		v, known := p.verdict(h)
		switch {
		case v.nothing:
		case h.number > 0:
			if urgent || now.Sub(h.created) >= deleteDelay {
				return true
			}
		case known:
			expired += v.rows
		}
	}
	return expired*expiredShare >= p.meta.Rows
}
