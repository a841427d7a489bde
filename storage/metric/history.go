package metric

import (
	"cmp"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// A history is how many series each metric had at the full hours of the last
// day, kept in series_history.json beside the blocks.
type history struct {
	file checkedFile

	mu     sync.Mutex
	counts []count // oldest first
}

// A count is the series of each metric at one time. Only the largest metrics
// are in it; what has fewer series than Least may be missing.
type count struct {
	Unix   int64            `json:"unix"` // s
	Series int64            `json:"series"`
	Least  int64            `json:"least"`
	Names  map[string]int64 `json:"names"`
}

const (
	historyInterval = time.Hour
	historyLength   = 26     // a day, and one more at each end
	historyNames    = 10_000 // of each count
)

func openHistory(dir string, log *slog.Logger) (*history, error) {
	h := &history{file: checkedFile{filepath.Join(dir, "series_history.json"), "oriel-series-history-1 "}}
	if err := h.file.load(&h.counts, log); err != nil {
		return nil, fmt.Errorf("read history of series: %w", err)
	}
	return h, nil
}

// due reports whether now is another hour than that of the last count.
func (h *history) due(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.counts) == 0 || now.Unix()/3600 > h.counts[len(h.counts)-1].Unix/3600
}

// add keeps what is counted at now.
func (h *history) add(now time.Time, all []headcount) error {
	c := count{Unix: now.Unix(), Names: map[string]int64{}}
	slices.SortFunc(all, func(a, b headcount) int { return cmp.Compare(b.active, a.active) })
	for i, x := range all {
		c.Series += x.active
		if i < historyNames {
			c.Names[x.name] = x.active
		} else if i == historyNames {
			c.Least = x.active + 1
		}
	}
	h.mu.Lock()
	h.counts = append(h.counts, c)
	h.counts = slices.Clone(h.counts[max(0, len(h.counts)-historyLength):])
	counts := h.counts
	h.mu.Unlock()
	if err := h.file.save(counts); err != nil {
		return fmt.Errorf("save history of series: %w", err)
	}
	return nil
}

// dayBefore returns the count nearest to a day before now, or nil if there is
// none.
func (h *history) dayBefore(now time.Time) *count {
	h.mu.Lock()
	defer h.mu.Unlock()
	want := now.Add(-24 * time.Hour).Unix()
	var best *count
	for i := range h.counts {
		c := &h.counts[i]
		if best == nil || abs(c.Unix-want) < abs(best.Unix-want) {
			best = c
		}
	}
	return best
}

func abs(n int64) int64 { return max(n, -n) }

// growth returns how many series more than at c a metric has that has n now.
// Of one that was too small to be counted it is what it has beyond that.
func (c *count) growth(name string, n int64) int64 {
	if c == nil {
		return 0
	}
	was, ok := c.Names[name]
	if !ok && c.Least > 0 {
		was = min(n, c.Least-1)
	}
	return n - was
}
