package promwrite_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/promwrite"
)

// countedRefs counts what the cache is used for.
type countedRefs struct {
	promwrite.Refs
	mu                 sync.Mutex
	hits, misses, puts int
}

func (c *countedRefs) Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	c.mu.Lock()
	c.puts++
	c.mu.Unlock()
	c.Refs.Put(hash, ref, ls)
}

func (c *countedRefs) Count(hits, misses int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hits += hits
	c.misses += misses
}

func TestASeriesSeenBeforeIsFoundByItsBytes(t *testing.T) {
	for _, pairs := range [][]string{
		{"__name__", "up", "job", "api"},
		{"job", "api", "__name__", "up"}, // not sorted
		{"__name__", "up", "job", "api", "zone", ""},
	} {
		t.Run(fmt.Sprint(pairs), func(t *testing.T) {
			var refs *countedRefs
			r := newReceiver(t, func(o *promwrite.Options) {
				refs = &countedRefs{Refs: o.Refs}
				o.Refs = refs
			})
			for i := range int64(4) {
				require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+i, 1, pairs...)).Code)
			}
			require.Equal(t, []int{3, 1, 1}, []int{refs.hits, refs.misses, refs.puts})
			for i := range int64(4) { // symbols in another order each time
				q := newRequest2()
				for j := range i {
					q.refs(fmt.Sprint("other ", j))
				}
				require.Equal(t, http.StatusNoContent, r.v2(&q.sample(r.now+10+i, 1, pairs...).Request).Code)
			}
			require.Equal(t, []int{6, 2, 2}, []int{refs.hits, refs.misses, refs.puts})
			require.EqualValues(t, 1, r.store.NumSeries())
		})
	}
}

// collidingRefs puts every label set under one hash.
type collidingRefs struct{ promwrite.Refs }

func (c collidingRefs) GetAfter(prev uint32, _ uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, uint32, bool) {
	return c.Refs.GetAfter(prev, 1, equal)
}

func (c collidingRefs) Put(_ uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	c.Refs.Put(1, ref, ls)
}

func TestEqualHashesDoNotMixSeriesUp(t *testing.T) {
	r := newReceiver(t, func(o *promwrite.Options) { o.Refs = collidingRefs{o.Refs} })
	sets := [][]string{
		{"__name__", "a"},
		{"__name__", "a", "x", "1"},
		{"__name__", "a", "x", "2"},
		{"__name__", "a", "x", "12"},
		{"__name__", "a", "x1", "2"},
		{"__name__", "a", "x", "1", "y", "1"},
		{"__name__", "a", "y", "1"},
		{"__name__", "b", "y", "1"},
		{"y", "1", "__name__", "c"},
	}
	var want []point
	for i := range int64(3) {
		for j, first := range sets {
			for k, second := range sets {
				if j == k {
					continue
				}
				ts := r.now + i*1000 + int64(j*len(sets)+k)
				require.Equal(t, http.StatusNoContent, r.v1(series1(ts, float64(j), first...)).Code)
				require.Equal(t, http.StatusNoContent, r.v2(&newRequest2().sample(ts, float64(k), second...).Request).Code)
				want = append(want, val(labels.FromStrings(first...).String(), ts, float64(j)), val(labels.FromStrings(second...).String(), ts, float64(k)))
			}
		}
	}
	require.EqualValues(t, len(sets), r.store.NumSeries())
	require.ElementsMatch(t, want, r.points())
}

func TestDuplicateNamesDoNotPassForACachedSeries(t *testing.T) {
	r := newReceiver(t, func(o *promwrite.Options) { o.Refs = collidingRefs{o.Refs} })
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "a", "x", "1", "y", "2")).Code)
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+1, 1, "__name__", "a", "x", "1", "x", "1")).Code)
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+2, 1, "x", "1", "__name__", "a", "x", "1")).Code)
	require.Len(t, r.points(), 1)
}

func TestARefOfADeadSeriesIsRevived(t *testing.T) {
	r := newReceiver(t)
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, "__name__", "a")).Code)
	dead := deadRefs{r.options.Refs}
	h := newReceiver(t, func(o *promwrite.Options) { o.Refs = dead })
	require.Equal(t, http.StatusNoContent, h.v1(series1(h.now, 7, "__name__", "a")).Code)
	require.Equal(t, []point{val(`{__name__="a"}`, h.now, 7)}, h.points())
}

// deadRefs returns references that no head has.
type deadRefs struct{ promwrite.Refs }

func (d deadRefs) GetAfter(prev uint32, hash uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, uint32, bool) {
	ref, ls, at, ok := d.Refs.GetAfter(prev, hash, equal)
	return ref + 1e6, ls, at, ok
}

func TestKnownSeriesCostNoAllocations(t *testing.T) {
	const series = 1000
	r := newReceiver(t)
	next := r.now - 3600_000
	body := func() []byte {
		next += 15_000
		var m prompb.WriteRequest
		for i := range series {
			m.Timeseries = append(m.Timeseries, series1(next, float64(i), benchLabels(i)...))
		}
		return encode(t, &m)
	}
	const runs = 10
	bodies := make([][]byte, runs+2)
	for i := range bodies {
		bodies[i] = body()
	}
	require.Equal(t, http.StatusNoContent, r.post(typeV1, bodies[0]).Code)
	i := 1
	allocs := testing.AllocsPerRun(runs, func() {
		if w := r.post(typeV1, bodies[i]); w.Code != http.StatusNoContent {
			t.Error(w.Code, w.Body)
		}
		i++
	})
	// What is left is HTTP's, the transaction's, and the growth of chunks.
	require.Less(t, allocs, float64(series)/4)
}
