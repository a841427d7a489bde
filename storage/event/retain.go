package event

import (
	"context"
	"path"
	"slices"
	"time"
)

// retainInterval is how often parts are looked at for their age.
const retainInterval = 5 * time.Minute

// retainLoop drops days over the retention.
func (t *table) retainLoop(ctx context.Context) error {
	if t.cfg.Retention == 0 {
		return nil
	}
	tick := time.NewTicker(retainInterval)
	defer tick.Stop()
	for {
		t.expire(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// expire drops the parts of days that ended longer ago than the retention.
// Scans under way finish on them.
func (t *table) expire(now time.Time) {
	oldest := dayOf(now.Add(-time.Duration(t.cfg.Retention)).UnixNano())
	t.mu.Lock()
	var old []*part
	t.parts = slices.DeleteFunc(slices.Clone(t.parts), func(p *part) bool {
		if p.day < oldest {
			old = append(old, p)
			return true
		}
		return false
	})
	t.mu.Unlock()
	for _, p := range old {
		p.gone.Store(true)
		p.release()
		t.m.expired.Inc()
	}
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
