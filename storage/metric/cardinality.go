package metric

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/index"

	"github.com/oriel-obs/oriel/storage"
)

// countInterval is how often the store looks whether there is an hourly count
// to take, or a block whose bytes are not counted yet.
const countInterval = time.Minute

func (s *Store) countLoop(ctx context.Context) error {
	t := time.NewTicker(countInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := s.count(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("Series are not counted; it is tried again", "err", err)
		}
	}
}

// count takes what is due at now.
func (s *Store) count(ctx context.Context, now time.Time) error {
	if s.history.due(now) && s.census.active.Load() > 0 {
		if err := s.history.add(now, s.census.all()); err != nil {
			return err
		}
		s.census.unsaved.Store(true) // names that came without being asked for
	}
	return s.bytes.refresh(ctx)
}

// Metrics answers which metrics have the series that r selects, and what they
// cost.
func (s *Store) Metrics(ctx context.Context, r storage.CardinalityRequest) (*storage.MetricList, error) {
	all := s.census.all()
	sizes, err := s.sizes(ctx, all)
	if err != nil {
		return nil, err
	}
	selected := func(h headcount) int64 { return h.active }
	if len(r.Select) > 0 {
		names, err := s.countNames(ctx, r.Select)
		if err != nil {
			return nil, err
		}
		selected = func(h headcount) int64 { return names[h.name] }
	}
	before := s.history.dayBefore(time.Now())
	out := &storage.MetricList{
		List: []storage.MetricCardinality{}, CountedSince: s.census.since.UTC(), NotedSince: timeOf(s.census.noted),
	}
	if before != nil {
		t := timeOf(before.Unix)
		out.ComparedWith = &t
	}
	for _, h := range all {
		n := selected(h)
		if n == 0 {
			continue
		}
		out.Metrics++
		out.Series += n
		out.List = append(out.List, sizes.metric(h, n, before))
	}
	order := orders[r.Sort]
	if order == nil {
		order = orders[storage.BySeries]
	}
	slices.SortFunc(out.List, func(a, b storage.MetricCardinality) int {
		return cmp.Or(cmp.Compare(order(b), order(a)), cmp.Compare(a.Metric, b.Metric))
	})
	out.List = slices.Clip(out.List[:min(len(out.List), r.Limit)])
	return out, nil
}

var orders = map[storage.MetricOrder]func(storage.MetricCardinality) int64{
	storage.BySeries:      func(m storage.MetricCardinality) int64 { return m.Series },
	storage.ByBytes:       func(m storage.MetricCardinality) int64 { return m.DiskBytes + m.HeadBytes },
	storage.ByCreatedHour: func(m storage.MetricCardinality) int64 { return m.CreatedHour },
	storage.ByCreatedDay:  func(m storage.MetricCardinality) int64 { return m.CreatedDay },
	storage.ByGrowth:      func(m storage.MetricCardinality) int64 { return m.Growth },
}

// Unused answers which metrics nothing has selected since the moment given, or
// ever if that is the zero time.
func (s *Store) Unused(ctx context.Context, since time.Time, limit int) (*storage.UnusedList, error) {
	all := s.census.all()
	sizes, err := s.sizes(ctx, all)
	if err != nil {
		return nil, err
	}
	out := &storage.UnusedList{List: []storage.MetricCardinality{}, NotedSince: timeOf(s.census.noted)}
	out.Complete = since.IsZero() || !out.NotedSince.After(since)
	for _, h := range all {
		out.Of += h.active
		used := h.selected != 0
		if !since.IsZero() {
			used = max(h.first, h.selected, s.census.noted) >= since.Unix()
		}
		if used {
			continue
		}
		out.Metrics++
		out.Series += h.active
		out.List = append(out.List, sizes.metric(h, h.active, nil))
	}
	slices.SortFunc(out.List, func(a, b storage.MetricCardinality) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), cmp.Compare(a.Metric, b.Metric))
	})
	out.List = slices.Clip(out.List[:min(len(out.List), limit)])
	return out, nil
}

func timeOf(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// sizes are the bytes of metrics.
type sizes struct {
	disk   map[string]int64
	head   map[string]float64 // of one series
	others float64
}

func (s *Store) sizes(ctx context.Context, all []headcount) (*sizes, error) {
	head, others, err := s.head.means(ctx, s.db.Head(), all)
	if err != nil {
		return nil, err
	}
	return &sizes{s.bytes.onDisk(), head, others}, nil
}

// metric describes n of h's series.
func (z *sizes) metric(h headcount, n int64, before *count) storage.MetricCardinality {
	mean, ok := z.head[h.name]
	if !ok {
		mean = z.others
	}
	m := storage.MetricCardinality{
		Metric: h.name, Series: n,
		DiskBytes: int64(float64(z.disk[h.name]) * float64(n) / float64(h.active)), HeadBytes: int64(mean * float64(n)),
		CreatedHour: h.createdHour, CreatedDay: h.createdDay,
		Growth: before.growth(h.name, h.active), FirstSeen: timeOf(h.first),
	}
	if h.selected != 0 {
		t := timeOf(h.selected)
		m.LastSelected = &t
	}
	return m
}

// countNames counts the series that one of sets fits, by metric.
func (s *Store) countNames(ctx context.Context, sets [][]*labels.Matcher) (map[string]int64, error) {
	names := map[string]int64{}
	err := s.eachSeries(ctx, sets, func(ls labels.Labels) { names[ls.Get(model.MetricNameLabel)]++ })
	return names, err
}

// eachSeries calls f with the labels of each series of the head that one of
// sets fits; with all if there is none.
func (s *Store) eachSeries(ctx context.Context, sets [][]*labels.Matcher, f func(labels.Labels)) error {
	ir, err := s.db.Head().Index()
	if err != nil {
		return fmt.Errorf("open index of the head: %w", err)
	}
	defer func() { _ = ir.Close() }() // read only
	if len(sets) == 0 {
		sets = [][]*labels.Matcher{{labels.MustNewMatcher(labels.MatchEqual, "", "")}} // tsdb's word for all
	}
	var lists []index.Postings
	for _, ms := range sets {
		p, err := tsdb.PostingsForMatchers(ctx, ir, ms...)
		if err != nil {
			return fmt.Errorf("select series: %w", err)
		}
		lists = append(lists, p)
	}
	var builder labels.ScratchBuilder
	p := index.Merge(ctx, lists...)
	for i := 0; p.Next(); i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if ir.Series(p.At(), &builder, nil) == nil { // else it has left the head meanwhile
			f(builder.Labels())
		}
	}
	return p.Err()
}
