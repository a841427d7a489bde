package event_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

const (
	second    = int64(1_000_000_000)
	firstTime = 1_699_920_000 * second // midnight
	granule   = 4096
)

// granules returns a store with a part of five granules, a row every second,
// and a Memory with the same. Streams of group "even" have all rows of
// granules 1 and 3.
func granules(t *testing.T) (*event.Store, *storagetest.Memory) {
	s, m := open(t, config("data", vfs.NewMem())), new(storagetest.Memory)
	for _, w := range []interface {
		Append(*model.Batch) error
	}{appendTo{t, s}, appendTo{t, m}} {
		bd := model.NewBuilder(model.Logs, 5*granule)
		for i := range 5 * granule {
			group := "odd"
			if g := i / granule; g == 1 || g == 3 || i%2 == 0 {
				group = "even"
			}
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{
				{Key: "app", Value: model.String(fmt.Sprint("app-", i%7))}, {Key: "group", Value: model.String(group)},
			}})
			bd.Row(st, firstTime+int64(i)*second, fmt.Sprint("row ", i))
			bd.Attr("level", model.String([]string{"info", "error", "warn"}[i%3]))
			bd.Attr("took", model.Int(int64(i%100)))
		}
		require.NoError(t, w.Append(bd.Batch()))
	}
	require.NoError(t, s.Flush(t.Context()))
	return s, m
}

type appendTo struct {
	t *testing.T
	w interface {
		storagetest.Store
	}
}

func (a appendTo) Append(b *model.Batch) error { return a.w.Append(a.t.Context(), b) }

// TestAggregateReadsNoMoreThanItMust looks at what aggregates have decoded.
func TestAggregateReadsNoMoreThanItMust(t *testing.T) {
	s, m := granules(t)
	app, level, took := storage.Field{Place: storage.Stream, Key: "app"}, attr("level"), attr("took")
	group := storage.Field{Place: storage.Stream, Key: "group"}
	even := storage.Compare{Field: group, Op: storage.Eq, Value: model.String("even")}
	all := model.AllTime()
	within := model.Range{Start: firstTime + granule*second, End: firstTime + 3*granule*second} // granules 1 and 2
	for _, tt := range []struct {
		name     string
		a        storage.Aggregate
		granules int64
	}{
		{"rows", storage.Aggregate{Range: all}, 0},
		{"rows and bytes by stream", storage.Aggregate{Range: all, ByStream: true, Bytes: true}, 0},
		{"rows by a field of streams", storage.Aggregate{Range: all, By: []storage.Field{app}}, 0},
		{"rows of some streams", storage.Aggregate{Range: all, Where: even, Bytes: true}, 0},
		{"whole granules", storage.Aggregate{Range: within, By: []storage.Field{app}}, 0},
		{"a range that cuts two granules", storage.Aggregate{Range: model.Range{Start: firstTime + 1, End: within.End + 1}}, 2},
		{"buckets of whole granules", storage.Aggregate{Range: all, By: []storage.Field{app}, Step: granule * second, Origin: firstTime}, 0},
		{"buckets that cut granules", storage.Aggregate{Range: all, By: []storage.Field{app}, Step: 2 * granule * second, Origin: firstTime + second}, 3},
		{"a bucket within the last granule", storage.Aggregate{Range: all, Bytes: true, Step: 1 << 60, Origin: firstTime + (5*granule-1)*second}, 1},
		{"a field of rows", storage.Aggregate{Range: all, By: []storage.Field{level}}, 5},
		{"numbers", storage.Aggregate{Range: all, Of: &took}, 5},
		{"a predicate on rows", storage.Aggregate{Range: all, Where: storage.Match{Field: level, Regexp: regexp.MustCompile("^e")}}, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var st storage.Stats
			tt.a.Signal = model.Logs
			want := storagetest.Groups(t, m, tt.a)
			tt.a.Stats = &st
			require.Empty(t, storagetest.DiffGroups(want, storagetest.Groups(t, s, tt.a)))
			require.Equal(t, tt.granules, st.Granules)
			require.LessOrEqual(t, st.RowsScanned, tt.granules*granule)
			require.Equal(t, tt.granules > 0, st.BytesScanned > 0)
			require.NotZero(t, st.Elapsed)
		})
	}

	bytes := func(a storage.Aggregate) int64 {
		var st storage.Stats
		a.Signal, a.Stats = model.Logs, &st
		_, err := s.Aggregate(t.Context(), a)
		require.NoError(t, err)
		return st.BytesScanned
	}
	levels := bytes(storage.Aggregate{Range: all, By: []storage.Field{level}})
	times := bytes(storage.Aggregate{Range: all, By: []storage.Field{level}, Step: second})
	streams := bytes(storage.Aggregate{Range: all, By: []storage.Field{level, app}})
	some := bytes(storage.Aggregate{Range: all, By: []storage.Field{level}, Where: even})
	require.EqualValues(t, 5*granule*8, times-levels, "times are read if there are several buckets")
	require.EqualValues(t, 5*granule*4, streams-levels, "streams are read if they tell groups apart")
	require.EqualValues(t, 3*granule*4, some-levels, "streams are read of granules with others")
}

// A delete counts in aggregates that would come from the stream table.
func TestAggregateLeavesOutWhatIsDeleted(t *testing.T) {
	s, m := granules(t)
	del := storage.DeleteRequest{
		Signal: model.Logs, Range: model.Range{Start: firstTime, End: firstTime + 100*second},
		Where: storage.Compare{Field: attr("level"), Op: storage.Eq, Value: model.String("error")},
	}
	_, err := m.Delete(t.Context(), del)
	require.NoError(t, err)
	_, err = s.Delete(t.Context(), del)
	require.NoError(t, err)
	a := storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), ByStream: true, Bytes: true}
	require.Empty(t, storagetest.DiffGroups(storagetest.Groups(t, m, a), storagetest.Groups(t, s, a)))
}

// A bug in counting one query must not end the process.
func TestAPanicWhileCountingReachesTheCaller(t *testing.T) {
	s, _ := granules(t)
	noRegexp := storage.Match{Field: attr("level")}
	require.Panics(t, func() {
		_, _ = s.Aggregate(t.Context(), storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), Where: noRegexp})
	})
	_, err := s.Aggregate(t.Context(), storage.Aggregate{Signal: model.Logs, Range: model.AllTime()})
	require.NoError(t, err, "the store goes on")
}

func TestValuesAreBounded(t *testing.T) {
	s, _ := granules(t)
	r := storage.ValuesRequest{Signal: model.Logs, Range: model.AllTime(), Field: attr("took"), MaxValues: 100}
	got, err := s.Values(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, got, 100)
	r.MaxValues = 99
	_, err = s.Values(t.Context(), r)
	require.ErrorIs(t, err, storage.ErrTooManyGroups)
}

// Top values are those of the range, not of the parts that it touches.
func TestValuesAreThoseOfTheRange(t *testing.T) {
	s, m := granules(t)
	for _, f := range []storage.Field{attr("took"), {Place: storage.Stream, Key: "app"}, {Place: storage.Body}} {
		r := storage.ValuesRequest{
			Signal: model.Logs, Field: f, Limit: 10,
			Range: model.Range{Start: firstTime + 17*second, End: firstTime + 2*granule*second + 3},
		}
		want, err := m.Values(t.Context(), r)
		require.NoError(t, err)
		got, err := s.Values(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
