package metric

import (
	"context"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// What queries select is noted by metric name, so that one can be told which
// metrics nobody asks for. As a rule the name is in the matchers; else it is
// read off the series that come out. Listing series or labels, as pages do to
// offer names, is not asking for a metric.

// noting has what q selects noted.
func (c *census) noting(q promstorage.Querier, err error) (promstorage.Querier, error) {
	if err != nil {
		return nil, err
	}
	n := notingQuerier{q, c}
	if search, ok := q.(promstorage.Searcher); ok {
		return struct {
			notingQuerier
			promstorage.Searcher
		}{n, search}, nil
	}
	return n, nil
}

// notingChunks is noting for chunks.
func (c *census) notingChunks(q promstorage.ChunkQuerier, err error) (promstorage.ChunkQuerier, error) {
	if err != nil {
		return nil, err
	}
	return notingChunkQuerier{q, c}, nil
}

type notingQuerier struct {
	promstorage.Querier
	census *census
}

// Select implements promstorage.Querier.
func (q notingQuerier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	set := q.Querier.Select(ctx, sorted, hints, ms...)
	if q.census.noteMatchers(hints, ms) {
		return set
	}
	return &notingSet{SeriesSet: set, last: namer{census: q.census}}
}

type notingSet struct {
	promstorage.SeriesSet
	last namer
}

// Next implements promstorage.SeriesSet.
func (s *notingSet) Next() bool {
	if !s.SeriesSet.Next() {
		return false
	}
	s.last.note(s.At().Labels())
	return true
}

// Concurrent says whether the series may be read at the same time.
func (s *notingSet) Concurrent() bool {
	c, ok := s.SeriesSet.(interface{ Concurrent() bool })
	return ok && c.Concurrent()
}

type notingChunkQuerier struct {
	promstorage.ChunkQuerier
	census *census
}

// Select implements promstorage.ChunkQuerier.
func (q notingChunkQuerier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.ChunkSeriesSet {
	set := q.ChunkQuerier.Select(ctx, sorted, hints, ms...)
	if q.census.noteMatchers(hints, ms) {
		return set
	}
	return &notingChunkSet{ChunkSeriesSet: set, last: namer{census: q.census}}
}

type notingChunkSet struct {
	promstorage.ChunkSeriesSet
	last namer
}

// Next implements promstorage.ChunkSeriesSet.
func (s *notingChunkSet) Next() bool {
	if !s.ChunkSeriesSet.Next() {
		return false
	}
	s.last.note(s.At().Labels())
	return true
}

// noteMatchers notes the names that matchers tell, and reports whether that is
// all there is to note.
func (c *census) noteMatchers(hints *promstorage.SelectHints, ms []*labels.Matcher) bool {
	if hints != nil && hints.Func == "series" {
		return true
	}
	for _, m := range ms {
		if m.Name != model.MetricNameLabel {
			continue
		}
		if m.Type == labels.MatchEqual && m.Value != "" {
			c.selected(m.Value)
			return true
		}
		if names := m.SetMatches(); m.Type == labels.MatchRegexp && len(names) > 0 {
			for _, name := range names {
				c.selected(name)
			}
			return true
		}
	}
	return false
}

// A namer notes each name of a row of series once.
type namer struct {
	census *census
	name   string // of the series before
	noted  map[string]struct{}
}

func (n *namer) note(ls labels.Labels) {
	name := ls.Get(model.MetricNameLabel)
	if name == n.name {
		return
	}
	n.name = name
	if _, known := n.noted[name]; known {
		return
	}
	if n.noted == nil {
		n.noted = map[string]struct{}{}
	}
	n.noted[name] = struct{}{}
	n.census.selected(name)
}
