package event

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// storeOfTraces has one part of traces of two spans each, the second of which
// has attributes that the first has not.
func storeOfTraces(t *testing.T, traces int) *Store {
	cfg := DefaultConfig()
	cfg.Dir, cfg.FS, cfg.Retention = "d", vfs.NewMem(), 0
	s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	bd := model.NewBuilder(model.Spans, 2*traces)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("shop")}}})
	for i := range 2 * traces {
		bd.Span(st, model.Span{
			TraceID: numberedTrace(i / 2), SpanID: model.SpanID{byte(i % 2), 1}, Start: someDay + int64(i), Duration: int64(i),
			Name: fmt.Sprint("name-", i%7), StatusMessage: fmt.Sprint("message-", i),
		})
		bd.Attr("n", model.Int(int64(i)))
		if i%2 == 1 {
			bd.Attr("word", model.String(fmt.Sprint("word-", i%5)))
			bd.Attr("text", model.String(fmt.Sprint("text-", i)))
		}
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.NoError(t, s.Flush(t.Context()))
	return s
}

func numberedTrace(i int) model.TraceID { return model.TraceID{1, 14: byte(i >> 8), 15: byte(i)} }

// tracesOf reads traces by id, with all columns.
func tracesOf(ctx context.Context, s *Store, of ...int) (rows []*model.Batch, stats storage.Stats, err error) {
	var where storage.Or
	for _, i := range of {
		where = append(where, storage.Compare{
			Field: storage.Field{Place: storage.TraceID}, Op: storage.Eq, Value: model.String(numberedTrace(i).String()),
		})
	}
	for b, e := range s.Scan(ctx, storage.Scan{Signal: model.Spans, Range: model.AllTime(), Where: where, Stats: &stats}) {
		if e != nil {
			return nil, stats, e
		}
		rows = append(rows, b)
	}
	stats.PlanTime, stats.ReadTime, stats.FilterTime, stats.Elapsed = 0, 0, 0, 0
	return rows, stats, nil
}

func TestPagesAskedForTwiceAreKeptAndReadTheSame(t *testing.T) {
	s := storeOfTraces(t, 5000)
	cache := s.tables[1].opens.pages
	first, _, err := tracesOf(t.Context(), s, 7)
	require.NoError(t, err)
	require.Equal(t, 1, len(first))
	require.Equal(t, 2, first[0].Len())
	require.Zero(t, cache.order.Len(), "asked for once")
	second, filled, err := tracesOf(t.Context(), s, 7)
	require.NoError(t, err)
	require.Greater(t, cache.order.Len(), 5)
	require.Positive(t, cache.used)
	third, kept, err := tracesOf(t.Context(), s, 7)
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Equal(t, first, third)
	require.Equal(t, filled, kept, "what is kept counts as read")

	neighbours, _, err := tracesOf(t.Context(), s, 3, 9)
	require.NoError(t, err)
	columns := neighbours[0].Attrs
	require.Equal(t, "n", columns[0].Key)
	require.Equal(t, []model.Value{model.Int(6), model.Int(7), model.Int(18), model.Int(19)}, columns[0].Vals)
	require.Equal(t, "text", columns[1].Key)
	require.Equal(t, []model.Value{model.String("text-7"), model.String("text-19")}, columns[1].Vals)
	require.Equal(t, []string{"message-6", "message-7", "message-18", "message-19"}, neighbours[0].Spans.StatusMessage)
}

func TestPagesOfManyRowsAreNotKept(t *testing.T) {
	s := storeOfTraces(t, 5000)
	cache := s.tables[1].opens.pages
	for range 3 {
		rows := 0
		for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
			require.NoError(t, err)
			rows += b.Len()
		}
		require.Equal(t, 10_000, rows)
	}
	require.Zero(t, cache.order.Len())
}

func TestKeptPagesAreBoundedAndEndWithTheirPart(t *testing.T) {
	s := storeOfTraces(t, 20_000)
	cache := s.tables[1].opens.pages
	cache.max = 400 << 10
	for i := 0; i < 20_000; i += 1000 {
		for range 3 {
			_, _, err := tracesOf(t.Context(), s, i)
			require.NoError(t, err)
			require.LessOrEqual(t, cache.used, cache.max)
		}
	}
	sum := int64(0)
	for e := cache.order.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*sharedColumn).bytes
	}
	require.Equal(t, sum, cache.used)
	require.Greater(t, sum, cache.max/2)
	require.Equal(t, cache.order.Len(), len(cache.of))
	require.NoError(t, s.Close())
	require.Zero(t, cache.used)
	require.Empty(t, cache.of)
}

func TestKeptPagesServeManyAtOnce(t *testing.T) {
	s := storeOfTraces(t, 3000)
	s.tables[1].opens.pages.max = 200 << 10 // so that some are dropped while they are used
	want := make([][]*model.Batch, 30)
	for i := range want {
		var err error
		want[i], _, err = tracesOf(t.Context(), s, 100*i)
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 90 {
				got, _, err := tracesOf(t.Context(), s, 100*(i%30))
				if err != nil || !reflect.DeepEqual(want[i%30], got) {
					t.Errorf("trace %d: %v, error %v", i, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
