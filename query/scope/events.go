package scope

import (
	"context"
	"iter"
	"slices"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// Events returns src as the identity of each call's context sees it.
func Events(src query.EventSource) query.EventSource { return events{src} }

type events struct{ src query.EventSource }

// Where narrows p to the rows of a signal that the identity in ctx sees; nil is
// every row.
func Where(ctx context.Context, signal model.Signal, p storage.Predicate) storage.Predicate {
	of := auth.Logs
	if signal == model.Spans {
		of = auth.Traces
	}
	selectors, restricted := auth.From(ctx).Sees(of)
	if !restricted {
		return p
	}
	seen := storage.Or{}
	for _, ms := range selectors {
		one := logql.SelectorPredicate(ms)
		if one == nil {
			return p
		}
		seen = append(seen, one)
	}
	var only storage.Predicate = seen
	if len(seen) == 1 {
		only = seen[0]
	}
	if p == nil {
		return only
	}
	return storage.And{only, p}
}

// Scan implements query.EventSource.
func (e events) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	s.Where = Where(ctx, s.Signal, s.Where)
	rows := e.src.Scan(ctx, s)
	if !hidesTenant(ctx) {
		return rows
	}
	return func(yield func(*model.Batch, error) bool) {
		hide := hider{}
		for b, err := range rows {
			if b != nil {
				shown := *b
				shown.Streams = hide.streams(b.Streams)
				b = &shown
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// Aggregate implements query.EventSource.
func (e events) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	a.Where = Where(ctx, a.Signal, a.Where)
	groups, err := e.src.Aggregate(ctx, a)
	if hidesTenant(ctx) {
		hide := hider{}
		for i := range groups {
			if groups[i].Stream != nil {
				groups[i].Stream = hide.stream(groups[i].Stream)
			}
		}
	}
	return groups, err
}

// Streams implements query.EventSource.
func (e events) Streams(ctx context.Context, r storage.StreamsRequest) ([]*model.Stream, error) {
	r.Where = Where(ctx, r.Signal, r.Where)
	all, err := e.src.Streams(ctx, r)
	if hidesTenant(ctx) {
		all = hider{}.streams(all)
	}
	return all, err
}

// Keys implements query.EventSource.
func (e events) Keys(ctx context.Context, r storage.KeysRequest) ([]storage.Key, error) {
	r.Where = Where(ctx, r.Signal, r.Where)
	keys, err := e.src.Keys(ctx, r)
	if hidesTenant(ctx) && r.Place == storage.Stream {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k storage.Key) bool { return k.Name == auth.TenantLabel })
	}
	return keys, err
}

// Values implements query.EventSource.
func (e events) Values(ctx context.Context, r storage.ValuesRequest) ([]storage.ValueCount, error) {
	if hidesTenant(ctx) && r.Field.Place == storage.Stream && r.Field.Key == auth.TenantLabel {
		return nil, nil
	}
	r.Where = Where(ctx, r.Signal, r.Where)
	return e.src.Values(ctx, r)
}

// A hider makes streams without the tenant's label, one for each.
type hider map[*model.Stream]*model.Stream

func (h hider) streams(all []*model.Stream) []*model.Stream {
	out := make([]*model.Stream, len(all))
	for i, s := range all {
		out[i] = h.stream(s)
	}
	return out
}

func (h hider) stream(s *model.Stream) *model.Stream {
	shown, ok := h[s]
	if !ok {
		shown = s
		if i := slices.IndexFunc(s.Attrs, func(a model.Attr) bool { return a.Key == auth.TenantLabel }); i >= 0 {
			without := *s
			without.Attrs = slices.Delete(slices.Clone(s.Attrs), i, i+1)
			shown = &without
		}
		h[s] = shown
	}
	return shown
}
