package bulk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/stretchr/testify/require"
)

func open(t testing.TB, late int64) *tsdb.DB {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.OutOfOrderTimeWindow = late
	o.BlockQuerierFunc = Querier
	db, err := tsdb.Open(t.TempDir(), nil, nil, o, nil)
	require.NoError(t, err)
	db.DisableCompactions()
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

const (
	every = 15_000 // ms
	many  = 1000   // samples of most series
)

// fill appends series of each kind.
func fill(t testing.TB, db *tsdb.DB, late bool) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	counter := 0.0
	for i := range int64(many) {
		at := i * every
		app := db.Appender(t.Context())
		put := func(kind string, at int64, v float64) {
			_, err := app.Append(0, labels.FromStrings("kind", kind), at, v)
			require.NoError(t, err)
		}
		histogram := func(kind string) {
			_, err := app.AppendHistogram(0, labels.FromStrings("kind", kind), at, tsdbutil.GenerateTestHistogram(i), nil)
			require.NoError(t, err)
		}
		counter += float64(rnd.IntN(5000))
		put("counter", at, counter)
		put("gauge", at+rnd.Int64N(100), rnd.NormFloat64())
		put("constant", at, 1)
		put("some deleted", at, float64(i))
		put("all deleted", at, float64(i))
		histogram("histogram")
		if i/100%2 == 0 {
			put("both", at, float64(i))
		} else {
			histogram("both")
		}
		if i%7 == 0 {
			put("stale", at, math.Float64frombits(value.StaleNaN))
		} else {
			put("stale", at, float64(i))
		}
		if i == many/2 {
			put("single", at, 42)
		}
		if late && i > 20 && i%50 == 0 {
			put("late", at-10*every, -1)
		}
		if i%2 == 0 {
			put("late", at, float64(i))
		}
		require.NoError(t, app.Commit())
	}
}

// deleteSome deletes samples. Series cut off at the ends of the time, as without
// DisableTrimming, are not asked for after that: see package trim.
func deleteSome(t testing.TB, db *tsdb.DB) {
	t.Helper()
	kind := func(k string) *labels.Matcher { return labels.MustNewMatcher(labels.MatchEqual, "kind", k) }
	for _, d := range [][2]int64{{-5, 10}, {200, 205}, {600, 850}, {990, 2000}} {
		require.NoError(t, db.Delete(t.Context(), d[0]*every, d[1]*every, kind("some deleted")))
	}
	require.NoError(t, db.Delete(t.Context(), math.MinInt64, math.MaxInt64, kind("all deleted")))
}

var everything = labels.MustNewMatcher(labels.MatchRegexp, "kind", ".+")

func text(it chunkenc.Iterator, kind chunkenc.ValueType) string {
	if kind == chunkenc.ValFloat {
		at, v := it.At()
		return fmt.Sprintf("%d %d %d %x", it.AtT(), it.AtST(), at, math.Float64bits(v))
	}
	at, h := it.AtFloatHistogram(nil)
	return fmt.Sprintf("%d %d %d %v", it.AtT(), it.AtST(), at, h)
}

// walk reads a series by the steps that rnd says.
func walk(t testing.TB, s promstorage.Series, again chunkenc.Iterator, rnd *rand.Rand) (read []string, it chunkenc.Iterator) {
	t.Helper()
	it = s.Iterator(again)
	at := int64(0)
	for {
		var kind chunkenc.ValueType
		if rnd == nil || rnd.IntN(3) > 0 {
			kind = it.Next()
		} else {
			kind = it.Seek(at + rnd.Int64N(rnd.Int64N(300)*every+1) - every)
		}
		if kind == chunkenc.ValNone {
			require.NoError(t, it.Err())
			require.Equal(t, chunkenc.ValNone, it.Next(), "after the end")
			return read, it
		}
		read = append(read, text(it, kind))
		at = it.AtT()
	}
}

// requireAsTSDB holds what q reads to what tsdb's querier of the same block does.
func requireAsTSDB(t *testing.T, b tsdb.BlockReader, mint, maxt int64, hints *promstorage.SelectHints) {
	t.Helper()
	got, err := Querier(b, mint, maxt)
	require.NoError(t, err)
	defer func() { require.NoError(t, got.Close()) }()
	want, err := tsdb.NewBlockQuerier(b, mint, maxt)
	require.NoError(t, err)
	defer func() { require.NoError(t, want.Close()) }()
	for seed := range uint64(20) {
		gots, wants := got.Select(t.Context(), true, hints, everything), want.Select(t.Context(), true, hints, everything)
		var gotIt, wantIt chunkenc.Iterator
		rnd := func() *rand.Rand {
			if seed == 0 {
				return nil
			}
			return rand.New(rand.NewPCG(seed, 0))
		}
		for wants.Next() {
			require.True(t, gots.Next())
			require.Equal(t, wants.At().Labels(), gots.At().Labels())
			var g, w []string
			g, gotIt = walk(t, gots.At(), gotIt, rnd())
			w, wantIt = walk(t, wants.At(), wantIt, rnd())
			require.Equal(t, w, g, "%s, steps %d", wants.At().Labels(), seed)
		}
		require.False(t, gots.Next())
		require.NoError(t, gots.Err())
		require.NoError(t, wants.Err())
	}
}

func ranges() [][2]int64 {
	return [][2]int64{
		{math.MinInt64, math.MaxInt64},
		{0, many * every},
		{250 * every, 251 * every},
		{601 * every, 849 * every},
		{499*every + 1, 500*every - 1},
		{many * every, 2 * many * every},
	}
}

func TestTheHeadIsReadAsTSDBReadsIt(t *testing.T) {
	db := open(t, 0)
	fill(t, db, false)
	requireAsTSDB(t, tsdb.NewRangeHead(db.Head(), 0, 500*every), 0, 500*every, nil)
	requireAsTSDB(t, tsdb.NewRangeHead(db.Head(), 0, 500*every), 0, 500*every, &promstorage.SelectHints{Start: 300 * every, End: 400 * every})
	deleteSome(t, db)
	for _, r := range ranges() {
		for _, hints := range []*promstorage.SelectHints{
			{Start: r[0], End: r[1], DisableTrimming: true},
			{Start: r[0], End: r[1], DisableTrimming: true, Step: 1},
			{Start: r[0], End: r[1], DisableTrimming: true, Func: "series"},
		} {
			requireAsTSDB(t, tsdb.NewRangeHead(db.Head(), r[0], r[1]), r[0], r[1], hints)
		}
	}
}

func TestBlocksAreReadAsTSDBReadsThem(t *testing.T) {
	db := open(t, 100*every)
	fill(t, db, true)
	deleteSome(t, db)
	require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), 0, 480*every-1)))
	require.NoError(t, db.CompactOOOHead(t.Context()))
	require.NoError(t, db.Delete(t.Context(), 30*every, 40*every, labels.MustNewMatcher(labels.MatchEqual, "kind", "counter")))
	require.Greater(t, len(db.Blocks()), 1)
	for _, b := range db.Blocks() {
		for _, r := range ranges() {
			requireAsTSDB(t, b, r[0], r[1], &promstorage.SelectHints{Start: r[0], End: r[1], DisableTrimming: true})
		}
	}
}

// A database puts several blocks together, and late samples with those in time.
func TestADatabaseIsReadAsTSDBReadsIt(t *testing.T) {
	for _, compacted := range []bool{false, true} {
		bulk, plain := open(t, 100*every), openPlain(t)
		for _, db := range []*tsdb.DB{bulk, plain} {
			fill(t, db, true)
			deleteSome(t, db)
			if compacted {
				require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), 0, 480*every-1)))
			}
		}
		for _, r := range ranges() {
			hints := &promstorage.SelectHints{Start: r[0], End: r[1], DisableTrimming: true}
			require.Equal(t, whole(t, plain, r, hints), whole(t, bulk, r, hints))
		}
	}
}

func openPlain(t testing.TB) *tsdb.DB {
	t.Helper()
	o := tsdb.DefaultOptions()
	o.OutOfOrderTimeWindow = 100 * every
	db, err := tsdb.Open(t.TempDir(), nil, nil, o, nil)
	require.NoError(t, err)
	db.DisableCompactions()
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func whole(t testing.TB, db *tsdb.DB, r [2]int64, hints *promstorage.SelectHints) map[string][]string {
	t.Helper()
	q, err := db.Querier(r[0], r[1])
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	out := map[string][]string{}
	set := q.Select(t.Context(), true, hints, everything)
	var it chunkenc.Iterator
	for set.Next() {
		out[set.At().Labels().String()], it = walk(t, set.At(), it, nil)
	}
	require.NoError(t, set.Err())
	return out
}

func TestWhatIsNotCommittedIsNotSeen(t *testing.T) {
	db := open(t, 0)
	ls := labels.FromStrings("kind", "isolated")
	put := func(app promstorage.Appender, at int64) {
		_, err := app.Append(0, ls, at, float64(at))
		require.NoError(t, err)
	}
	read := func(q promstorage.Querier, bulk bool) (times []int64) {
		set := q.Select(t.Context(), true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
		for set.Next() {
			it := set.At().Iterator(nil).(*Iterator)
			if bulk {
				for more, _ := it.Floats(); len(more) > 0; more, _ = it.Floats() {
					times = append(times, more...)
				}
			}
			for it.Next() != chunkenc.ValNone {
				times = append(times, it.AtT())
			}
			require.NoError(t, it.Err())
		}
		require.NoError(t, set.Err())
		return times
	}
	var want []int64
	for i := range int64(300) { // two chunks and a half
		app := db.Appender(t.Context())
		put(app, i)
		require.NoError(t, app.Commit())
		want = append(want, i)
	}
	q, err := db.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	for i := range int64(200) {
		app := db.Appender(t.Context())
		put(app, 300+i)
		require.NoError(t, app.Commit())
		require.Equal(t, want, read(q, false), "opened before %d more", i)
		require.Equal(t, want, read(q, true), "opened before %d more", i)
	}
	later, err := db.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, later.Close()) }()
	require.Len(t, read(later, true), 500)
	// What is sought beyond what is seen is not there.
	set := q.Select(t.Context(), true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
	require.True(t, set.Next())
	require.Equal(t, chunkenc.ValNone, set.At().Iterator(nil).Seek(301))
}

func TestFloatsAreThoseAfterTheSampleAt(t *testing.T) {
	db := open(t, 0)
	fill(t, db, false)
	q, err := db.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	rnd := rand.New(rand.NewPCG(3, 4))
	set := q.Select(t.Context(), true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
	for set.Next() {
		want, _ := walk(t, set.At(), nil, nil)
		it := set.At().Iterator(nil).(*Iterator)
		var got []string
		for {
			if rnd.IntN(5) == 0 {
				if times, values := it.Floats(); len(times) > 0 {
					for i, at := range times {
						got = append(got, fmt.Sprintf("%d %d %d %x", at, 0, at, math.Float64bits(values[i])))
					}
					require.Equal(t, times[len(times)-1], it.AtT())
					continue
				}
			}
			kind := it.Next()
			if kind == chunkenc.ValNone {
				break
			}
			got = append(got, text(it, kind))
		}
		require.Equal(t, want, got, set.At().Labels().String())
	}
	require.NoError(t, set.Err())
}

func TestSeriesStayWhatTheyWereAsTheSetGoesOn(t *testing.T) {
	db := open(t, 0)
	for i := range 500 {
		app := db.Appender(t.Context())
		_, err := app.Append(0, labels.FromStrings("kind", fmt.Sprintf("%03d", i)), 1000, float64(i))
		require.NoError(t, err)
		require.NoError(t, app.Commit())
	}
	q, err := db.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	var all []promstorage.Series
	set := q.Select(t.Context(), true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
	for set.Next() {
		all = append(all, set.At())
	}
	require.NoError(t, set.Err())
	require.Len(t, all, 500)
	for i, s := range all {
		require.Equal(t, fmt.Sprintf("%03d", i), s.Labels().Get("kind"))
		it := s.Iterator(nil)
		require.Equal(t, chunkenc.ValFloat, it.Next())
		_, v := it.At()
		require.Equal(t, float64(i), v)
		require.Equal(t, chunkenc.ValNone, it.Next())
	}
}

// A block of which chunks cannot be read.
type broken struct{ tsdb.BlockReader }

var errGone = errors.New("gone")

func (b broken) Chunks() (tsdb.ChunkReader, error) { return b, nil }

func (broken) ChunkOrIterable(chunks.Meta) (chunkenc.Chunk, chunkenc.Iterable, error) {
	return nil, nil, errGone
}

func (broken) Close() error { return nil }

func TestAChunkThatCannotBeReadIsAnError(t *testing.T) {
	db := open(t, 0)
	fill(t, db, false)
	q, err := Querier(broken{BlockReader: tsdb.NewRangeHead(db.Head(), 0, math.MaxInt64)}, 0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	set := q.Select(t.Context(), true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
	require.True(t, set.Next())
	it := set.At().Iterator(nil).(*Iterator)
	times, _ := it.Floats()
	require.Empty(t, times)
	require.Equal(t, chunkenc.ValNone, it.Next())
	require.ErrorIs(t, it.Err(), errGone)
	require.Equal(t, chunkenc.ValNone, it.Seek(5))
	require.ErrorIs(t, it.Err(), errGone)
}

func TestAnswersEndWithTheirContext(t *testing.T) {
	db := open(t, 0)
	fill(t, db, false)
	q, err := db.Querier(0, math.MaxInt64)
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	set := q.Select(ctx, true, &promstorage.SelectHints{End: math.MaxInt64, DisableTrimming: true}, everything)
	require.False(t, set.Next())
	require.ErrorIs(t, set.Err(), context.Canceled)
}
