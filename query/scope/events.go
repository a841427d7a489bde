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
// every row. It has conditions on streams only, if p has. Selectors show nobody
// the audit log, which is about everybody.
func Where(ctx context.Context, signal model.Signal, p storage.Predicate) storage.Predicate {
	p = selected(ctx, signal, p)
	if id := auth.From(ctx); signal != model.Logs || id == nil || id.Governs() {
		return p
	}
	if p == nil {
		return storage.Not{P: audit()}
	}
	return storage.And{storage.Not{P: audit()}, p}
}

// audit keeps the rows of the audit log.
func audit() storage.Predicate {
	var all storage.And
	for _, kv := range auth.AuditLabels {
		all = append(all, storage.Compare{Field: storage.Field{Place: storage.Stream, Key: kv[0]}, Op: storage.Eq, Value: model.String(kv[1])})
	}
	return all
}

func selected(ctx context.Context, signal model.Signal, p storage.Predicate) storage.Predicate {
	of := auth.Logs
	if signal == model.Spans {
		of = auth.Traces
	}
	selectors, restricted := auth.From(ctx).Sees(of)
	if !restricted {
		return p
	}
	if hidesTenant(ctx) {
		p = withoutTenant(p)
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
	if hidesTenant(ctx) {
		a.By = slices.Clone(a.By)
		for i := range a.By {
			a.By[i] = shownField(a.By[i])
		}
		if a.Of != nil {
			of := shownField(*a.Of)
			a.Of = &of
		}
	}
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
	if hidesTenant(ctx) && r.Field == tenantField {
		return nil, nil
	}
	r.Where = Where(ctx, r.Signal, r.Where)
	return e.src.Values(ctx, r)
}
