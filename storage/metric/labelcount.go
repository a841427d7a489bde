package metric

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/index"

	"github.com/oriel-obs/oriel/storage"
)

// Labels answers which labels the series that r selects have, and with how
// many values.
func (s *Store) Labels(ctx context.Context, r storage.CardinalityRequest) (*storage.LabelList, error) {
	if len(r.Select) == 0 {
		return s.allLabels(ctx, r.Limit)
	}
	c := newLabelCount()
	if err := s.eachSeries(ctx, r.Select, c.add); err != nil {
		return nil, err
	}
	return c.list(r.Limit), nil
}

// allLabels reads the labels of the whole head off its index, a list at a
// time, so that no new series waits for more than one of them.
func (s *Store) allLabels(ctx context.Context, limit int) (*storage.LabelList, error) {
	ir, err := s.db.Head().Index()
	if err != nil {
		return nil, fmt.Errorf("open index of the head: %w", err)
	}
	defer func() { _ = ir.Close() }() // read only
	names, err := ir.LabelNames(ctx)
	if err != nil {
		return nil, fmt.Errorf("label names: %w", err)
	}
	out := &storage.LabelList{Series: int64(s.NumSeries()), Labels: len(names)}
	pairs := newTop(limit, comparePairs)
	for _, name := range names {
		values, err := ir.LabelValues(ctx, name, nil)
		if err != nil {
			return nil, fmt.Errorf("values of label %q: %w", name, err)
		}
		l := storage.LabelCardinality{Label: name, Values: len(values)}
		for i, value := range values {
			if i%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			p, err := ir.Postings(ctx, name, value)
			if err != nil {
				return nil, fmt.Errorf("series of %s=%q: %w", name, value, err)
			}
			n, err := lengthOf(p)
			if err != nil {
				return nil, fmt.Errorf("series of %s=%q: %w", name, value, err)
			}
			l.Series += n
			pairs.add(storage.PairCardinality{Label: name, Value: value, Series: n})
		}
		out.Pairs += len(values)
		out.List = append(out.List, l)
	}
	out.List = byValues(out.List, limit)
	out.Top = pairs.sorted()
	return out, nil
}

// lengthOf uses p up.
func lengthOf(p index.Postings) (int64, error) {
	if list, ok := p.(interface{ Len() int }); ok { // as those of the head are
		return int64(list.Len()), nil
	}
	n := int64(0)
	for p.Next() {
		n++
	}
	return n, p.Err()
}

// Of equal ones, the first by name is the larger.
func comparePairs(a, b storage.PairCardinality) int {
	return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(b.Label, a.Label), cmp.Compare(b.Value, a.Value))
}

func compareValues(a, b storage.ValueCardinality) int {
	return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(b.Value, a.Value))
}

func byValues(all []storage.LabelCardinality, limit int) []storage.LabelCardinality {
	slices.SortFunc(all, func(a, b storage.LabelCardinality) int {
		return cmp.Or(cmp.Compare(b.Values, a.Values), cmp.Compare(a.Label, b.Label))
	})
	return slices.Clip(all[:min(len(all), limit)])
}

// A labelCount counts the labels of series that it is shown.
type labelCount struct {
	series int64
	labels map[string]*oneLabel

	hashes [][]labelHash // of each series, up to maxWithout
}

type oneLabel struct {
	values map[string]int64 // series by value
}

type labelHash struct {
	label *oneLabel
	hash  uint64
}

// maxWithout is the most series for which it is counted what dropping a label
// would leave.
const maxWithout = 50_000

func newLabelCount() *labelCount { return &labelCount{labels: map[string]*oneLabel{}} }

func (c *labelCount) add(ls labels.Labels) {
	c.series++
	var hashes []labelHash
	if c.series <= maxWithout {
		hashes = make([]labelHash, 0, ls.Len())
	}
	ls.Range(func(x labels.Label) {
		l := c.labels[x.Name]
		if l == nil {
			l = &oneLabel{values: map[string]int64{}}
			c.labels[x.Name] = l
		}
		l.values[x.Value]++
		if hashes != nil {
			hashes = append(hashes, labelHash{l, hashOf(x)})
		}
	})
	if c.series <= maxWithout {
		c.hashes = append(c.hashes, hashes)
	} else {
		c.hashes = nil
	}
}

// hashOf is such that those of a series can be added, and one be taken off
// again.
func hashOf(x labels.Label) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := xxhash.Sum64String(x.Name)*prime ^ xxhash.Sum64String(x.Value)
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// without returns how many series there would be without l.
func (c *labelCount) without(l *oneLabel) int64 {
	left := make([]uint64, 0, len(c.hashes))
	for _, series := range c.hashes {
		sum := uint64(0)
		for _, x := range series {
			if x.label != l {
				sum += x.hash
			}
		}
		left = append(left, sum)
	}
	slices.Sort(left)
	return int64(len(slices.Compact(left)))
}

func (c *labelCount) list(limit int) *storage.LabelList {
	out := &storage.LabelList{Series: c.series, Labels: len(c.labels)}
	pairs := newTop(limit, comparePairs)
	for name, l := range c.labels {
		x := storage.LabelCardinality{Label: name, Values: len(l.values)}
		values := newTop(limit, compareValues)
		for v, n := range l.values {
			x.Series += n
			values.add(storage.ValueCardinality{Value: v, Series: n})
			pairs.add(storage.PairCardinality{Label: name, Value: v, Series: n})
		}
		x.Top = values.sorted()
		out.Pairs += len(l.values)
		out.List = append(out.List, x)
	}
	out.List = byValues(out.List, limit)
	if c.series <= maxWithout {
		for i := range out.List {
			n := c.without(c.labels[out.List[i].Label])
			out.List[i].SeriesWithout = &n
		}
	}
	out.Top = pairs.sorted()
	return out
}
