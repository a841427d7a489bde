package otlp

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A recall finds what series had grown to before the process started. It reads
// the series of a name at once, when the first of them is asked for, and only
// as long as any may have been left that is not idle yet.
type recall struct {
	store promstorage.Queryable // nil when there is nothing to find
	from  int64                 // what is older is idle, ms; 0 before the first request
	until time.Time
	room  int                                 // series more to remember; the others start again
	names map[string]map[uint64][]deltaSeries // by name, then by hash of the labels
}

// begin notes the time of the first request, and how many series to remember.
func (r *recall) begin(now time.Time, idle time.Duration, room int) {
	if r.from == 0 {
		r.room = room
		r.from, r.until = now.Add(-idle).UnixMilli()+1, now.Add(idle)
		r.names = map[string]map[uint64][]deltaSeries{}
	}
}

// expire forgets everything once nothing can be left.
func (r *recall) expire(now time.Time) {
	if r.from != 0 && !now.Before(r.until) {
		r.store, r.names = nil, nil
	}
}

// restore sets what s has grown to, if the store has it.
func (r *recall) restore(ctx context.Context, s *deltaSeries) error {
	if r.store == nil || !s.seen.Before(r.until) {
		return nil
	}
	name := s.labels.Get(model.MetricNameLabel)
	known, ok := r.names[name]
	if !ok {
		var err error
		if known, err = r.read(ctx, name); err != nil {
			return fmt.Errorf("read the sums of %s from before the start: %w", name, err)
		}
		r.names[name] = known
	}
	for _, k := range known[s.labels.Hash()] {
		if labels.Equal(k.labels, s.labels) {
			s.live, s.sum, s.last = k.live, k.sum, k.last
		}
	}
	return nil
}

// read returns the last samples of the series called name.
func (r *recall) read(ctx context.Context, name string) (map[uint64][]deltaSeries, error) {
	q, err := r.store.Querier(r.from, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }() // it was only read from
	found := map[uint64][]deltaSeries{}
	set := q.Select(ctx, false, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name))
	var it chunkenc.Iterator
	for r.room > 0 && set.Next() {
		ls := set.At().Labels()
		it = set.At().Iterator(it)
		s, err := lastSample(it)
		if err != nil {
			return nil, err
		}
		if s.last != math.MinInt64 {
			s.labels = ls
			found[ls.Hash()] = append(found[ls.Hash()], s)
			r.room--
		}
	}
	return found, set.Err()
}

// lastSample returns a series that has the last sample of it as its sum.
func lastSample(it chunkenc.Iterator) (deltaSeries, error) {
	s := deltaSeries{last: math.MinInt64}
	for typ := it.Next(); typ != chunkenc.ValNone; typ = it.Next() {
		if typ == chunkenc.ValFloat {
			t, v := it.At()
			s.sum, s.last, s.live = deltaSum{value: v}, t, !value.IsStaleNaN(v)
			continue
		}
		t, h := it.AtFloatHistogram(nil) // it is kept, so it must be its own
		s.sum, s.last, s.live = deltaSum{hist: h}, t, !value.IsStaleNaN(h.Sum)
	}
	return s, it.Err()
}
