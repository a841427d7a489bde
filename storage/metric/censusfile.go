package metric

import (
	"fmt"
	"log/slog"
	"path/filepath"
)

// savedCensus is what is remembered of metric names from one process to the
// next, in metric_names.json beside the blocks. Times are seconds since the
// Unix epoch; a kill makes selections up to an hour older.
type savedCensus struct {
	Noted int64               `json:"noted"` // since when selections are noted
	Names map[string][2]int64 `json:"names"` // first seen, last selected
}

// load reads what the process before knew. It is called before the WAL is
// replayed.
func (c *census) load(dir string, log *slog.Logger) error {
	c.file = checkedFile{filepath.Join(dir, "metric_names.json"), "oriel-metric-names-1 "}
	var saved savedCensus
	if err := c.file.load(&saved, log); err != nil {
		return fmt.Errorf("read metric names: %w", err)
	}
	if saved.Noted == 0 {
		c.unsaved.Store(true)
		return nil
	}
	c.noted = min(c.noted, saved.Noted)
	for name, x := range saved.Names {
		c.shard(name).names[name] = &tally{first: x[0], selected: x[1]}
	}
	return nil
}

// save writes what the next process is to know, if there is anything new.
// Names that came without being asked for, and further selections in an hour,
// wait for the next hourly count or the end.
func (c *census) save() error {
	if !c.unsaved.Swap(false) {
		return nil
	}
	c.sweep(maxIdleNames)
	saved := savedCensus{Noted: c.noted, Names: map[string][2]int64{}}
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for name, t := range s.names {
			saved.Names[name] = [2]int64{t.first, t.selected}
		}
		s.mu.Unlock()
	}
	if err := c.file.save(saved); err != nil {
		c.unsaved.Store(true)
		return fmt.Errorf("save metric names: %w", err)
	}
	return nil
}
