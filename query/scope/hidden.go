package scope

import (
	"context"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// hidesTenant reports whether the one who asks is not to know of the tenant's
// label: neither to be shown it nor to select, group or count by it.
func hidesTenant(ctx context.Context) bool {
	id := auth.From(ctx)
	return id != nil && len(id.Tenants) == 1
}

// nowhere is a name that no label has: whatever asks for it finds it missing.
const nowhere = "\x00"

var tenantField = storage.Field{Place: storage.Stream, Key: auth.TenantLabel}

// shownField returns f, or a field that no row has instead of the tenant's.
func shownField(f storage.Field) storage.Field {
	if f == tenantField {
		f.Key = nowhere
	}
	return f
}

// withoutTenant returns p for rows that have no tenant's label.
func withoutTenant(p storage.Predicate) storage.Predicate {
	switch q := p.(type) {
	case storage.And:
		return storage.And(withoutTenants(q))
	case storage.Or:
		return storage.Or(withoutTenants(q))
	case storage.Not:
		return storage.Not{P: withoutTenant(q.P)}
	case storage.Compare:
		q.Field = shownField(q.Field)
		return q
	case storage.Match:
		q.Field = shownField(q.Field)
		return q
	case storage.Contains:
		q.Field = shownField(q.Field)
		return q
	case storage.Exists:
		q.Field = shownField(q.Field)
		return q
	}
	return p
}

func withoutTenants(ps []storage.Predicate) []storage.Predicate {
	out := make([]storage.Predicate, len(ps))
	for i, p := range ps {
		out[i] = withoutTenant(p)
	}
	return out
}

// shownMatchers returns ms for series that have no tenant's label.
func shownMatchers(ms []*labels.Matcher) []*labels.Matcher {
	ms = slices.Clone(ms)
	for i, m := range ms {
		if m.Name == auth.TenantLabel {
			ms[i] = labels.MustNewMatcher(m.Type, nowhere, m.Value) // m's expression compiles
		}
	}
	return ms
}

// shown returns ls without the tenant's label.
func shown(ls labels.Labels) labels.Labels {
	if !ls.Has(auth.TenantLabel) {
		return ls
	}
	return labels.NewBuilder(ls).Del(auth.TenantLabel).Labels()
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
