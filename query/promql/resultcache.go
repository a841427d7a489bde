package promql

import (
	"container/list"
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// A resultCache keeps the answers to range queries, so that a dashboard that
// refreshes costs what is new in it. It is bounded by the memory they take;
// the least recently used go first. It is safe for concurrent use.
type resultCache struct {
	data    Data
	max     int64 // bytes
	metrics *cacheMetrics

	mu      sync.Mutex
	entries map[string]*list.Element // of *answer
	recent  *list.List               // most recently used first
	bytes   int64
}

// An answer is what a range query gave. It does not change: its slices are
// shared with the answers to clients.
type answer struct {
	key        string
	version    uint64 // of the data that it was computed from, or an earlier one
	start, end int64  // first and last step, ms
	matrix     promql.Matrix
	bytes      int64
}

// largestShare keeps one answer from driving out all others.
const largestShare = 8

func newResultCache(data Data, maxBytes int64, reg prometheus.Registerer) *resultCache {
	c := &resultCache{data: data, max: maxBytes, entries: map[string]*list.Element{}, recent: list.New()}
	c.metrics = newCacheMetrics(reg, c)
	return c
}

// asked counts a query by what the cache had of it: kept of all its steps.
func (c *resultCache) asked(ctx context.Context, result string, steps, kept int64) {
	c.metrics.asked.WithLabelValues(result).Inc()
	costIn(ctx, func(s *Spent) {
		s.Cache = result
		s.Steps += steps
		s.Kept += kept
	})
}

func (c *resultCache) get(key string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*answer)
}

func (c *resultCache) put(a *answer) {
	a.bytes = size(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[a.key]; ok {
		c.drop(e)
	}
	if a.bytes > c.max/largestShare {
		return
	}
	c.entries[a.key] = c.recent.PushFront(a)
	c.bytes += a.bytes
	for c.bytes > c.max {
		c.drop(c.recent.Back())
	}
}

func (c *resultCache) drop(e *list.Element) {
	a := c.recent.Remove(e).(*answer)
	delete(c.entries, a.key)
	c.bytes -= a.bytes
}

func (c *resultCache) size() (entries int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries), c.bytes
}

// size is about what a takes, in bytes.
func size(a *answer) int64 {
	n := int64(200 + 2*len(a.key))
	for _, s := range a.matrix {
		n += 120 + int64(s.Metric.ByteSize()) + 16*int64(len(s.Floats)) + 16*int64(len(s.Histograms))
		for _, h := range s.Histograms {
			n += int64(h.H.Size())
		}
	}
	return n
}

// copied is m in memory of its own: the engine uses that of a query again.
func copied(m promql.Matrix) promql.Matrix { return join(nil, m) }

// join returns the points of a, of the cache, and after them those of b, of
// the engine. Both are sorted by labels, and so is what it returns. The points
// are in memory of their own, so that an answer holds on to nothing but itself;
// histograms of the cache are shared.
func join(a, b promql.Matrix) promql.Matrix {
	floats := 0
	for _, m := range []promql.Matrix{a, b} {
		for _, s := range m {
			floats += len(s.Floats)
		}
	}
	room := make([]promql.FPoint, 0, floats)
	out := make(promql.Matrix, 0, max(len(a), len(b)))
	for len(a) > 0 || len(b) > 0 {
		order := -1 // of the first of a to the first of b
		switch {
		case len(a) == 0:
			order = 1
		case len(b) > 0:
			order = labels.Compare(a[0].Metric, b[0].Metric)
		}
		var s promql.Series
		from := len(room)
		if order <= 0 {
			s.Metric = a[0].Metric
			room = append(room, a[0].Floats...)
			s.Histograms = append(s.Histograms, a[0].Histograms...)
			a = a[1:]
		}
		if order >= 0 {
			s.Metric = b[0].Metric
			room = append(room, b[0].Floats...)
			for _, h := range b[0].Histograms {
				s.Histograms = append(s.Histograms, promql.HPoint{T: h.T, H: h.H.Copy()})
			}
			b = b[1:]
		}
		if len(room) > from {
			s.Floats = room[from:len(room):len(room)]
		}
		out = append(out, s)
	}
	return out
}

// between returns the points of m in [start, end], sharing its memory.
func between(m promql.Matrix, start, end int64) promql.Matrix {
	out := make(promql.Matrix, 0, len(m))
	for _, s := range m {
		s.Floats = cut(s.Floats, start, end, func(p promql.FPoint) int64 { return p.T })
		s.Histograms = cut(s.Histograms, start, end, func(p promql.HPoint) int64 { return p.T })
		if len(s.Floats)+len(s.Histograms) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func cut[P any](points []P, start, end int64, t func(P) int64) []P {
	from, to := 0, len(points)
	for from < to && t(points[from]) < start {
		from++
	}
	for to > from && t(points[to-1]) > end {
		to--
	}
	if from == to {
		return nil
	}
	return points[from:to:to]
}
