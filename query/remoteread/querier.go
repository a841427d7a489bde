package remoteread

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

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
	return &querier{Querier: local, others: others}, nil
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
	promstorage.Querier // the store's
	others              []promstorage.Querier

	both promstorage.Querier // of those and the store; see Select
	read *atomic.Bool        // whether a set of both has been read
}

// Select implements promstorage.Querier. What is selected before the first of
// the sets is read has a server's series in all of them or in none, as
// Prometheus' queriers do it, and theirs panic when asked later. The engine's
// info function does ask later, so what it selects then is for itself.
func (q *querier) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	if q.both == nil || q.read.Load() {
		q.both = promstorage.NewMergeQuerier([]promstorage.Querier{asTheyCame{q.Querier}}, q.others, promstorage.ChainedSeriesMerge)
		q.read = new(atomic.Bool)
	}
	return noticed{q.both.Select(ctx, sorted, hints, ms...), q.read}
}

// Close implements promstorage.Querier.
func (q *querier) Close() error {
	err := q.Querier.Close()
	for _, other := range q.others {
		err = errors.Join(err, other.Close())
	}
	return err
}

// noticed is a set of which it is known whether it has been read.
type noticed struct {
	promstorage.SeriesSet
	read *atomic.Bool
}

// Next implements promstorage.SeriesSet.
func (s noticed) Next() bool {
	s.read.Store(true)
	return s.SeriesSet.Next()
}

// asTheyCame selects samples that are not downsampled, for another server's
// samples to be merged with.
type asTheyCame struct{ promstorage.Querier }

// Select implements promstorage.Querier.
func (q asTheyCame) Select(ctx context.Context, sorted bool, hints *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	return q.Querier.Select(storage.WithMaxResolution(ctx, 0), sorted, hints, ms...)
}
