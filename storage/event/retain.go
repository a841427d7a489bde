package event

import (
	"context"
	"math"
	"path"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// retainInterval is how often parts are looked at for their age and size.
const retainInterval = time.Minute

// retainLoop drops what is over the retention.
func (s *Store) retainLoop(ctx context.Context) error {
	tick := time.NewTicker(retainInterval)
	defer tick.Stop()
	for {
		for _, t := range s.tables {
			t.expire(time.Now())
		}
		s.trim()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// SetRetention changes how long rows of a signal are kept that no stream's
// retention is about; 0 keeps all. What that hides or deletes does so within a
// minute of Run.
func (s *Store) SetRetention(signal model.Signal, period time.Duration) {
	t := s.table(signal)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cfg.Retention = Duration(period)
}

// Aged is what is older than a retention: of days that ended before it.
type Aged struct {
	Files  int       // parts of events, blocks of metrics
	Rows   int64     // in them, or samples
	Bytes  int64     // on disk
	Before time.Time // everything of these files is older than this; zero without any
}

// Aged returns what a retention of a signal would be about, as far as it is in
// parts. Rows of streams that are kept for longer are counted too.
func (s *Store) Aged(signal model.Signal, period time.Duration, now time.Time) (a Aged) {
	if period == 0 {
		return a
	}
	t := s.table(signal)
	oldest := firstDay(now, period)
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, p := range t.parts {
		if p.day < oldest {
			a.Files++
			a.Rows += p.meta.Rows
			a.Bytes += p.meta.bytes()
			a.Before = time.Unix(0, oldest*int64(24*time.Hour)).UTC()
		}
	}
	return a
}

// longest returns the age at which nothing of a day is kept any more; 0 means
// never.
func (c *Config) longest() time.Duration {
	longest := time.Duration(c.Retention)
	for _, s := range c.Streams {
		if longest == 0 || s.Period == 0 {
			return 0
		}
		longest = max(longest, time.Duration(s.Period))
	}
	return longest
}

// firstDay returns the oldest day that is kept for a period.
func firstDay(now time.Time, period time.Duration) int64 { return dayOf(now.Add(-period).UnixNano()) }

// retentionAt returns what retention hides at a time, beyond the days that it
// drops: rows of days that ended longer ago than the period of their stream.
// Hidings that stay the same are those of t.limits. t.mu is held.
func (t *table) retentionAt(now time.Time) []*hiding {
	var out []*hiding
	add := func(period time.Duration, where storage.And) {
		if period == 0 || period == t.cfg.longest() {
			return
		}
		end := firstDay(now, period) * int64(24*time.Hour)
		text := where.String()
		for _, h := range t.limits {
			if h.over.End == end && h.where.String() == text {
				out = append(out, h)
				return
			}
		}
		out = append(out, &hiding{where: where, over: model.Range{Start: math.MinInt64, End: end}, filter: newFilter(where)})
	}
	var before storage.And // what no rule so far is about
	for _, r := range t.cfg.Streams {
		add(time.Duration(r.Period), append(slices.Clone(before), r.Where))
		before = append(before, storage.Not{P: r.Where})
	}
	if len(before) > 0 {
		add(time.Duration(t.cfg.Retention), before)
	}
	return out
}

// expire drops the parts of days that ended longer ago than any stream is
// kept, and hides what is over the retention of its stream. Scans under way
// finish on what they have.
func (t *table) expire(now time.Time) {
	t.mu.Lock()
	t.limits = t.retentionAt(now)
	longest := t.cfg.longest()
	t.mu.Unlock()
	if longest == 0 {
		return
	}
	oldest := firstDay(now, longest)
	t.drop(func(p *part) bool { return p.day < oldest })
	// The folder of a day goes when its last part has; that fails while a
	// scan still reads one, and is tried again later.
	entries, err := t.fs.List(t.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if day, ok := parseDay(e.Name); ok && day < oldest {
			_ = t.fs.Remove(path.Join(t.dir, e.Name))
		}
	}
}

// drop takes parts out of service and deletes them with their last reference.
func (t *table) drop(which func(*part) bool) {
	t.mu.Lock()
	var old []*part
	t.parts = slices.DeleteFunc(slices.Clone(t.parts), func(p *part) bool {
		if which(p) {
			old = append(old, p)
			return true
		}
		return false
	})
	t.mu.Unlock()
	t.retire(old)
	t.m.expired.Add(float64(len(old)))
}

// trim drops the oldest parts of both signals until what is left fits
// max_bytes: of the oldest day first, and of a day the part whose rows end
// first.
func (s *Store) trim() {
	most := s.tables[0].cfg.MaxBytes
	if most == 0 {
		return
	}
	for {
		var total int64
		var oldest *part
		var of *table
		for _, t := range s.tables {
			t.mu.RLock()
			for _, p := range t.parts {
				total += p.meta.bytes()
				if oldest == nil || p.day < oldest.day || p.day == oldest.day && p.meta.MaxTime < oldest.meta.MaxTime {
					oldest, of = p, t
				}
			}
			t.mu.RUnlock()
		}
		if total <= most || oldest == nil {
			return
		}
		of.drop(func(p *part) bool { return p == oldest })
	}
}
