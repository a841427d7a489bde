package event

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Values implements query.EventSource. It is an aggregate, except for fields
// of which a row has many values.
func (s *Store) Values(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	out, err := s.countValues(ctx, r)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b storage.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), strings.Compare(a.Value.Text(), b.Value.Text()), cmp.Compare(a.Value.Kind(), b.Value.Kind()))
	})
	if r.Limit > 0 && len(out) > r.Limit {
		out = slices.Clone(out[:r.Limit])
	}
	return out, nil
}

// ofMany reports whether a row may have many values of a field there.
func ofMany(p storage.Place) bool {
	switch p {
	case storage.EventName, storage.EventAttr, storage.EventTime, storage.LinkTraceID, storage.LinkSpanID, storage.LinkAttr:
		return true
	}
	return false
}

func (s *Store) countValues(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	if ofMany(r.Field.Place) {
		return s.countManyValues(ctx, r)
	}
	a := storage.Aggregate{Signal: r.Signal, Range: r.Range, Where: r.Where, By: []storage.Field{r.Field}}
	if r.MaxValues > 0 {
		a.MaxGroups = r.MaxValues + 1 // one may be of rows without the field
	}
	groups, err := s.Aggregate(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]storage.ValueCount, 0, len(groups))
	for _, g := range groups {
		if !g.Key[0].IsNone() {
			out = append(out, storage.ValueCount{Value: g.Key[0], Rows: g.Buckets[0].Rows})
		}
	}
	if r.MaxValues > 0 && len(out) > r.MaxValues {
		return nil, storage.ErrTooManyGroups
	}
	return out, nil
}

func (s *Store) countManyValues(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	var c columns
	c.add(r.Field)
	rows := map[model.Value]int64{}
	for b, err := range s.Scan(ctx, storage.Scan{Signal: r.Signal, Range: r.Range, Where: r.Where, Project: &c.Projection}) {
		if err != nil {
			return nil, err
		}
		var seen []model.Value // of one row, whose values are few
		for i := range b.Len() {
			seen = seen[:0]
			for v := range storage.Values(b, i, r.Field) {
				if !slices.Contains(seen, v) {
					seen = append(seen, v)
					rows[v]++
				}
			}
		}
		if r.MaxValues > 0 && len(rows) > r.MaxValues {
			return nil, storage.ErrTooManyGroups
		}
	}
	out := make([]storage.ValueCount, 0, len(rows))
	for v, n := range rows {
		out = append(out, storage.ValueCount{Value: v, Rows: n})
	}
	return out, nil
}
