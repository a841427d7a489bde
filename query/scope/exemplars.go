package scope

import (
	"context"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
)

// Exemplars returns q as the identity of each call's context sees it.
func Exemplars(q promstorage.ExemplarQueryable) promstorage.ExemplarQueryable { return exemplars{q} }

type exemplars struct{ q promstorage.ExemplarQueryable }

func (e exemplars) ExemplarQuerier(ctx context.Context) (promstorage.ExemplarQuerier, error) {
	q, err := e.q.ExemplarQuerier(ctx)
	if err != nil {
		return nil, err
	}
	return exemplarQuerier{ctx, q}, nil
}

type exemplarQuerier struct {
	ctx context.Context //nolint:containedctx // the querier was made for it
	q   promstorage.ExemplarQuerier
}

func (e exemplarQuerier) Select(start, end int64, matchers ...[]*labels.Matcher) ([]exemplar.QueryResult, error) {
	var sets [][]*labels.Matcher
	for _, ms := range matchers {
		sets = append(sets, narrow(e.ctx, ms)...)
	}
	if len(sets) == 0 {
		return []exemplar.QueryResult{}, nil // without matchers it would be all
	}
	all, err := e.q.Select(start, end, sets...)
	if hidesTenant(e.ctx) {
		for i := range all {
			all[i].SeriesLabels = shown(all[i].SeriesLabels)
		}
	}
	return all, err
}
