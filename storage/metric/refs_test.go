package metric

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/stretchr/testify/require"
)

func is(want labels.Labels) func(labels.Labels) bool {
	return func(ls labels.Labels) bool { return labels.Equal(ls, want) }
}

// walk asks for the series of hashes one after the other and returns how many
// were found where the one before said.
func walk(t *testing.T, c *Refs, hashes []uint64, of map[uint64]labels.Labels) (guessed int) {
	t.Helper()
	last := uint32(0)
	for _, h := range hashes {
		guess := uint32(0)
		if last != 0 {
			guess = c.slots.after(last)
		}
		want, there := of[h]
		ref, ls, at, ok := c.GetAfter(last, h, is(want))
		require.Equal(t, there, ok, h)
		if !ok {
			require.Zero(t, ref)
			continue
		}
		require.Equal(t, want, ls)
		require.EqualValues(t, h, ref)
		if at == guess {
			guessed++
		}
		last = at
	}
	return guessed
}

func TestRefsFollowTheOrderOfSenders(t *testing.T) {
	c := newRefs(newStoreMetrics(nil))
	of := map[uint64]labels.Labels{}
	var order []uint64
	for i := range uint64(3 * segmentSlots) {
		h := i + 1
		of[h] = named(fmt.Sprint(h))
		c.Put(h, promstorage.SeriesRef(h), of[h])
		order = append(order, h)
	}
	require.Zero(t, walk(t, c, order, of))
	require.Equal(t, len(order)-1, walk(t, c, order, of), "all but the first")

	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	walk(t, c, order, of)
	require.Equal(t, len(order)-1, walk(t, c, order, of), "another order is learned")

	// Some leave, others take their places.
	dead := map[chunks.HeadSeriesRef]labels.Labels{}
	for _, h := range order[:1000] {
		dead[chunks.HeadSeriesRef(h)] = of[h]
		delete(of, h)
	}
	c.forget(dead)
	c.sweep()
	walk(t, c, order, of)
	for i := range uint64(500) {
		h := 1_000_000 + i
		of[h] = named(fmt.Sprint(h))
		c.Put(h, promstorage.SeriesRef(h), of[h])
		order = append(order, h)
	}
	require.EqualValues(t, 3*segmentSlots, c.slots.taken, "holes are filled")
	walk(t, c, order, of)
	walk(t, c, order, of)
	require.Equal(t, len(of)-1, walk(t, c, order, of))

	c.Clear()
	walk(t, c, order, nil)
}

func TestAGuessIsNotTrusted(t *testing.T) {
	c := newRefs(newStoreMetrics(nil))
	a, b := named("a"), named("b")
	c.Put(1, 1, a)
	c.Put(2, 2, b)
	_, _, at, ok := c.GetAfter(0, 1, is(a))
	require.True(t, ok)
	_, _, _, ok = c.GetAfter(at, 2, is(b))
	require.True(t, ok)
	ref, ls, _, ok := c.GetAfter(at, 2, is(named("another with the same hash")))
	require.False(t, ok)
	require.Zero(t, ref)
	require.True(t, ls.IsEmpty())
}

func TestRefsOfManyReceivers(t *testing.T) {
	c := newRefs(newStoreMetrics(nil))
	const series = 3000
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for range 5 {
				last := uint32(0)
				for h := range uint64(series) {
					ls := named(fmt.Sprint(h))
					_, _, at, ok := c.GetAfter(last, h, is(ls))
					if !ok {
						c.Put(h, promstorage.SeriesRef(h), ls)
						continue
					}
					last = at
				}
			}
		})
	}
	for i := range 20 {
		c.forget(map[chunks.HeadSeriesRef]labels.Labels{chunks.HeadSeriesRef(i * 100): labels.EmptyLabels()})
		c.sweep()
	}
	c.Clear()
	g.Wait()
	for h := range uint64(series) {
		if ref, _, ok := c.Get(h, is(named(fmt.Sprint(h)))); ok {
			require.EqualValues(t, h, ref)
		}
	}
}
