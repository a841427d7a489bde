package remoteread

import (
	"context"
	"errors"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/oriel-obs/oriel/storage"
)

// Querier reads the samples of [mint, maxt], milliseconds.
func (r *Reader) Querier(mint, maxt int64) (promstorage.Querier, error) {
	local, err := r.store.Querier(mint, maxt)
	if err != nil {
		return nil, err
	}
	var others []promstorage.Querier
	for _, s := range *r.servers.Load() {
		q, err := s.Querier(mint, maxt)
		if err != nil {
			return nil, errors.Join(err, local.Close())
		}
		if q != promstorage.NoopQuerier() {
			others = append(others, q)
		}
	}
	if len(others) == 0 {
		return local, nil
	}
	both := promstorage.NewMergeQuerier([]promstorage.Querier{asTheyCame{local}}, others, promstorage.ChainedSeriesMerge)
	return querier{both, local}, nil
}

// ChunkQuerier reads chunks of the samples of [mint, maxt], milliseconds.
func (r *Reader) ChunkQuerier(mint, maxt int64) (promstorage.ChunkQuerier, error) {
	local, err := r.store.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, err
	}
	var others []promstorage.ChunkQuerier
	for _, s := range *r.servers.Load() {
		q, err := s.ChunkQuerier(mint, maxt)
		if err != nil {
			return nil, errors.Join(err, local.Close())
		}
		if q != promstorage.NoopChunkedQuerier() {
			others = append(others, q)
		}
	}
	if len(others) == 0 {
		return local, nil
	}
	merge := promstorage.NewCompactingChunkSeriesMerger(promstorage.ChainedSeriesMerge)
	return promstorage.NewMergeChunkQuerier([]promstorage.ChunkQuerier{local}, others, merge), nil
}

// A querier selects from all and lists labels of the store.
type querier struct {
	promstorage.Querier
	local promstorage.Querier
}

// LabelValues implements promstorage.LabelQuerier.
func (q querier) LabelValues(ctx context.Context, name string, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.local.LabelValues(ctx, name, hints, ms...)
}

// LabelNames implements promstorage.LabelQuerier.
func (q querier) LabelNames(ctx context.Context, hints *promstorage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.local.LabelNames(ctx, hints, ms...)
}

// asTheyCame selects samples that are not downsampled, for another server's
// samples to be merged with.
type asTheyCame struct{ promstorage.Querier }

// Select implements promstorage.Querier.
func (q asTheyCame) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	return q.Querier.Select(storage.WithMaxResolution(ctx, 0), sorted, hints, ms...)
}
