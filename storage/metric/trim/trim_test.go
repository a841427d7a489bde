package trim

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/prometheus/prometheus/util/annotations"
	"github.com/stretchr/testify/require"
)

const count = 1000 // samples of each series, one each 10 ms

// filled is a database with a float and a histogram each 10 ms, some of them late.
func filled(t *testing.T) *tsdb.DB {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.OutOfOrderTimeWindow = 1000
	db, err := tsdb.Open(t.TempDir(), nil, nil, o, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for i := range int64(count) {
		at := i * 10
		if i%40 == 39 {
			at -= 25
		}
		app := db.Appender(t.Context())
		_, err := app.Append(0, labels.FromStrings("kind", "float"), at, float64(i))
		require.NoError(t, err)
		_, err = app.AppendHistogram(0, labels.FromStrings("kind", "histogram"), at, tsdbutil.GenerateTestHistogram(i), nil)
		require.NoError(t, err)
		require.NoError(t, app.Commit())
	}
	return db
}

var all = labels.MustNewMatcher(labels.MatchRegexp, "kind", ".+")

func drain(t *testing.T, it chunkenc.Iterator, into *[]string) {
	t.Helper()
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		if kind == chunkenc.ValFloat {
			at, v := it.At()
			*into = append(*into, fmt.Sprint(at, v))
		} else {
			at, h := it.AtFloatHistogram(nil)
			h.CounterResetHint = histogram.UnknownCounterReset // encoding anew forgets it
			*into = append(*into, fmt.Sprint(at, h))
		}
	}
	require.NoError(t, it.Err())
}

func samples(t *testing.T, q promstorage.Querier, hints *promstorage.SelectHints) map[string][]string {
	t.Helper()
	defer func() { require.NoError(t, q.Close()) }()
	out := map[string][]string{}
	set := q.Select(t.Context(), true, hints, all)
	var it chunkenc.Iterator
	for set.Next() {
		var found []string
		it = set.At().Iterator(it)
		drain(t, it, &found)
		if len(found) > 0 {
			out[set.At().Labels().String()] = found
		}
	}
	require.NoError(t, set.Err())
	return out
}

func chunkSamples(t *testing.T, q promstorage.ChunkQuerier, hints *promstorage.SelectHints) map[string][]string {
	t.Helper()
	defer func() { require.NoError(t, q.Close()) }()
	out := map[string][]string{}
	set := q.Select(t.Context(), true, hints, all)
	for set.Next() {
		var found []string
		it := set.At().Iterator(nil)
		for it.Next() {
			before := len(found)
			drain(t, it.At().Chunk.Iterator(nil), &found)
			require.True(t, strings.HasPrefix(found[before], fmt.Sprint(it.At().MinTime)))
			require.True(t, strings.HasPrefix(found[len(found)-1], fmt.Sprint(it.At().MaxTime)))
		}
		require.NoError(t, it.Err())
		if len(found) > 0 {
			out[set.At().Labels().String()] = found
		}
	}
	require.NoError(t, set.Err())
	return out
}

// each asks for spans of all kinds, plainly and by hints.
func each(visit func(mint, maxt int64, hints *promstorage.SelectHints)) {
	for _, s := range []span{
		{math.MinInt64, math.MaxInt64},
		{0, 9990},
		{5, 9985},
		{1234, 4321},
		{2500, 2500},
		{2501, 2509},
		{-100, -1},
		{9991, 20_000},
		{9000, math.MaxInt64},
		{math.MinInt64, 500},
	} {
		visit(s.mint, s.maxt, nil)
		visit(math.MinInt64, math.MaxInt64, &promstorage.SelectHints{Start: s.mint, End: s.maxt})
	}
}

func TestTheSameIsCutOffThatTSDBCutsOff(t *testing.T) {
	db := filled(t)
	for _, compacted := range []bool{false, true} {
		if compacted {
			require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), 0, count*10)))
			require.NoError(t, db.CompactOOOHead(t.Context()))
		}
		each(func(mint, maxt int64, hints *promstorage.SelectHints) {
			name := fmt.Sprint(compacted, mint, maxt, hints)
			theirs, err := db.Querier(mint, maxt)
			require.NoError(t, err)
			ours, err := Querier(db, mint, maxt)
			require.NoError(t, err)
			require.Equal(t, samples(t, theirs, hints), samples(t, ours, hints), name)

			theirChunks, err := db.ChunkQuerier(mint, maxt)
			require.NoError(t, err)
			ourChunks, err := ChunkQuerier(db, mint, maxt)
			require.NoError(t, err)
			require.Equal(t, chunkSamples(t, theirChunks, hints), chunkSamples(t, ourChunks, hints), name)
		})
	}
}

func TestAnEndWithinTheLastOfSeveralDeletedRangesIsNoPanic(t *testing.T) {
	db := filled(t)
	for _, gone := range []span{{100, 200}, {1000, 1500}, {3000, 4000}} {
		require.NoError(t, db.Delete(t.Context(), gone.mint, gone.maxt, all))
	}
	theirs, err := db.Querier(0, 3500)
	require.NoError(t, err)
	require.Panics(t, func() { // if it does not, this package can go
		set := theirs.Select(t.Context(), true, nil, all)
		for set.Next() {
			_ = set.At()
		}
	})
	require.NoError(t, theirs.Close())

	whole, err := Querier(db, math.MinInt64, math.MaxInt64)
	require.NoError(t, err)
	everything := samples(t, whole, nil)
	for _, maxt := range []int64{1200, 2999, 3000, 3500, 4000, 4001} {
		want := map[string][]string{}
		for name, all := range everything {
			for _, s := range all {
				var at int64
				_, err := fmt.Sscan(s, &at)
				require.NoError(t, err)
				if at <= maxt {
					want[name] = append(want[name], s)
				}
			}
		}
		q, err := Querier(db, 0, maxt)
		require.NoError(t, err)
		require.Equal(t, want, samples(t, q, nil))
		c, err := ChunkQuerier(db, 0, maxt)
		require.NoError(t, err)
		require.Equal(t, want, chunkSamples(t, c, &promstorage.SelectHints{Start: 0, End: maxt}))
	}
}

func TestSeekingGoesNoFurtherThanTheSpan(t *testing.T) {
	db := filled(t)
	q, err := Querier(db, 1000, 2000)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "kind", "float"))
	require.True(t, set.Next())
	at := func(want int64, it chunkenc.Iterator, seek int64) {
		require.Equal(t, chunkenc.ValFloat, it.Seek(seek))
		require.Equal(t, want, it.AtT())
	}
	it := set.At().Iterator(nil)
	at(1000, it, -5)
	at(1000, it, 500)
	at(1500, it, 1491)
	require.Equal(t, chunkenc.ValFloat, it.Next())
	require.Greater(t, it.AtT(), int64(1500))
	require.Equal(t, chunkenc.ValNone, it.Seek(2001))
	require.Equal(t, chunkenc.ValNone, it.Next())
}

func TestWhoDoesNotMindMoreSamplesGetsThemAsTheyAre(t *testing.T) {
	db := filled(t)
	q, err := Querier(db, 1000, 2000)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	set := q.Select(t.Context(), true, &promstorage.SelectHints{Start: 1000, End: 2000, DisableTrimming: true}, all)
	require.NotEqual(t, fmt.Sprintf("%T", seriesSet{}), fmt.Sprintf("%T", set))
	require.NoError(t, set.Err())
	require.Equal(t, annotations.Annotations(nil), set.Warnings())
}
