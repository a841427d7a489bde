package scope

import (
	"context"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// ErrPart is what somebody is answered who sees a part only, where an answer
// about that part alone cannot be given.
var ErrPart = fmt.Errorf("only for those who see everything of every signal: %w", fault.ErrForbidden)

// Deleter returns d for the rows that the identity of each call's context sees;
// nil for nil.
func Deleter(d query.Deleter) query.Deleter {
	if d == nil {
		return nil
	}
	return deleter{d}
}

type deleter struct{ d query.Deleter }

// Delete implements query.Deleter.
func (d deleter) Delete(ctx context.Context, r storage.DeleteRequest) (storage.DeleteResult, error) {
	r.Where = Where(ctx, r.Signal, r.Where)
	return d.d.Delete(ctx, r)
}

// Deletes implements query.Deleter: those that came through Delete from
// somebody who sees the same.
func (d deleter) Deletes(ctx context.Context) []storage.Deletion {
	return slices.DeleteFunc(slices.Clone(d.d.Deletes(ctx)), func(one storage.Deletion) bool {
		only := Where(ctx, one.Signal, nil)
		return only != nil && !within(one.Where, only.String())
	})
}

// within reports whether p is only, as text, or narrows it as Where does.
func within(p storage.Predicate, only string) bool {
	if p == nil {
		return false
	}
	and, ok := p.(storage.And)
	return p.String() == only || ok && len(and) == 2 && and[0].String() == only
}

// Selectors returns the sets of matchers whose series together are those of
// sets that the identity in ctx sees; of no sets, all that it sees. Without a
// restriction it returns sets. No set is no series, if it is not nil.
func Selectors(ctx context.Context, sets [][]*labels.Matcher) [][]*labels.Matcher {
	if _, restricted := auth.From(ctx).Sees(auth.Metrics); !restricted {
		return sets
	}
	if len(sets) == 0 {
		sets = [][]*labels.Matcher{nil}
	}
	out := [][]*labels.Matcher{}
	for _, ms := range sets {
		out = append(out, narrow(ctx, ms)...)
	}
	return out
}
