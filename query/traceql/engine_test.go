package traceql_test

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// day is a range around everything these tests store.
var day = model.Range{Start: scriptStart, End: scriptStart + int64(24*time.Hour)}

func storeOf(t *testing.T, spans ...model.Span) *storagetest.Memory {
	t.Helper()
	bd := model.NewBuilder(model.Spans, len(spans))
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("svc")}}})
	for _, s := range spans {
		bd.Span(st, s)
	}
	m := &storagetest.Memory{}
	require.NoError(t, m.Append(t.Context(), bd.Batch()))
	return m
}

func engineOf(src query.EventSource) *traceql.Engine {
	return traceql.NewEngine(src, query.DefaultLimits())
}

func numbered(trace, span uint64) (model.TraceID, model.SpanID) {
	var tid model.TraceID
	var sid model.SpanID
	binary.BigEndian.PutUint64(tid[8:], trace)
	binary.BigEndian.PutUint64(sid[:], span)
	return tid, sid
}

func spanAt(trace, span, parent uint64, at time.Duration) model.Span {
	s := model.Span{Name: "op", Start: scriptStart + int64(at), Duration: int64(time.Second), Kind: model.SpanInternal}
	s.TraceID, s.SpanID = numbered(trace, span)
	if parent != 0 {
		_, s.ParentID = numbered(trace, parent)
	}
	return s
}

func mustParse(t *testing.T, q string) *traceql.Query {
	t.Helper()
	out, err := traceql.Parse(q)
	require.NoError(t, err)
	return out
}

func search(t *testing.T, src query.EventSource, q string) []traceql.TraceHit {
	t.Helper()
	res, err := engineOf(src).Search(t.Context(), traceql.SearchRequest{Query: mustParse(t, q), Range: day})
	require.NoError(t, err)
	return res.Traces
}

func TestATraceHasASpanSentTwiceOnce(t *testing.T) {
	store := storeOf(t, spanAt(1, 1, 0, 0), spanAt(1, 2, 1, time.Second), spanAt(1, 1, 0, 0), spanAt(1, 2, 1, time.Second))
	hits := search(t, store, `{ }`)
	require.Len(t, hits, 1)
	require.Equal(t, 2, hits[0].Sets[0].Matched)
	require.Equal(t, traceql.ServiceStats{Spans: 2}, hits[0].Services["svc"])
	for q, want := range map[string]float64{
		`{ } | count_over_time()`:                    4, // spans by themselves count as they came in
		`{ } && { } | count_over_time()`:             2,
		`{ name =~ ".*" } | max_over_time(duration)`: 1,
	} {
		res, err := engineOf(store).Metrics(t.Context(), traceql.MetricsRequest{
			Query: mustParse(t, q), Start: scriptStart - 1, End: scriptStart + int64(time.Hour), Instant: true,
		})
		require.NoError(t, err)
		require.Equal(t, []float64{want}, res.Series[0].Points, q)
	}
}

// TestServerAndClientMayShareAnID is about Zipkin's spans.
func TestServerAndClientMayShareAnID(t *testing.T) {
	client, server := spanAt(1, 2, 1, time.Second), spanAt(1, 2, 1, 2*time.Second)
	client.Kind, server.Kind = model.SpanClient, model.SpanServer
	store := storeOf(t, spanAt(1, 1, 0, 0), client, server, spanAt(1, 3, 2, 3*time.Second))
	require.Len(t, search(t, store, `{ kind = client } > { kind = server }`), 1)
	require.Empty(t, search(t, store, `{ kind = client } > { kind = internal }`))

	tr, err := engineOf(store).Trace(t.Context(), client.TraceID, model.AllTime())
	require.NoError(t, err)
	require.Len(t, tr.Spans, 4)
	ids := tr.SeparateIDs()
	clientID, clientParent := ids.Of(tr.Spans[1])
	serverID, serverParent := ids.Of(tr.Spans[2])
	_, childParent := ids.Of(tr.Spans[3])
	require.Equal(t, client.SpanID, clientID)
	require.Equal(t, client.ParentID, clientParent)
	require.NotEqual(t, clientID, serverID)
	require.Equal(t, clientID, serverParent)
	require.Equal(t, serverID, childParent)
}

func TestParentsInACircleAreUnrelated(t *testing.T) {
	store := storeOf(t, spanAt(1, 1, 2, 0), spanAt(1, 2, 1, 0), spanAt(1, 3, 3, 0), spanAt(1, 4, 0, 0))
	require.Empty(t, search(t, store, `{ } >> { }`))
	require.Empty(t, search(t, store, `{ } << { }`))
	require.Len(t, search(t, store, `{ nestedSetParent < 0 }`)[0].Sets[0].Spans, 1)
}

func TestTracesMayBeAsDeepAsTheyAreLong(t *testing.T) {
	const depth = 20_000
	spans := make([]model.Span, depth)
	for i := range spans {
		spans[i] = spanAt(1, uint64(i+1), uint64(i), time.Duration(i)*time.Microsecond)
	}
	spans[depth-1].Status = model.StatusError
	store := storeOf(t, spans...)
	require.Equal(t, 1, search(t, store, `{ nestedSetParent < 0 } >> { status = error }`)[0].Sets[0].Matched)
	require.Equal(t, depth-1, search(t, store, `{ status = error } << { }`)[0].Sets[0].Matched)
	require.Equal(t, depth-1, search(t, store, `{ } >> { }`)[0].Sets[0].Matched)
}

func TestTheNewestTracesComeFirstAndTheRestIsLeftAlone(t *testing.T) {
	var spans []model.Span
	for i := range 1000 {
		spans = append(spans, spanAt(uint64(i+1), 1, 0, time.Duration(i)*time.Second))
	}
	res, err := engineOf(storeOf(t, spans...)).Search(t.Context(), traceql.SearchRequest{Query: mustParse(t, `{ name = "op" }`), Range: day, Limit: 5})
	require.NoError(t, err)
	require.Len(t, res.Traces, 5)
	for i, h := range res.Traces {
		want, _ := numbered(uint64(1000-i), 1)
		require.Equal(t, want, h.ID)
	}
	require.LessOrEqual(t, res.Inspected, 5)
	require.Less(t, res.Stats.RowsScanned, int64(400))
}

func TestATraceCountsIfItReachesIntoTheRange(t *testing.T) {
	long := spanAt(1, 1, 0, 0)
	long.Duration = int64(10 * time.Minute)
	store := storeOf(t, long, spanAt(1, 2, 1, time.Second), spanAt(2, 1, 0, 0))
	res, err := engineOf(store).Search(t.Context(), traceql.SearchRequest{
		Query: mustParse(t, `{ }`), Range: model.Range{Start: scriptStart + int64(5*time.Minute), End: scriptStart + int64(6*time.Minute)},
	})
	require.NoError(t, err)
	require.Len(t, res.Traces, 1)
	require.Equal(t, 2, res.Traces[0].Sets[0].Matched, "spans outside of the range belong to the trace")
}

func TestUnknownTracesAreNotFound(t *testing.T) {
	e := engineOf(storeOf(t, spanAt(1, 1, 0, 0)))
	id, _ := numbered(2, 1)
	_, err := e.Trace(t.Context(), id, model.AllTime())
	require.ErrorIs(t, err, fault.ErrNotFound)
	id, _ = numbered(1, 1)
	_, err = e.Trace(t.Context(), id, model.Range{Start: 0, End: 1})
	require.ErrorIs(t, err, fault.ErrNotFound, "it lies outside of the range")
	_, err = e.Trace(t.Context(), id, day)
	require.NoError(t, err)
}

func TestLimitsNameTheKeyToRaise(t *testing.T) {
	var spans []model.Span
	for i := range 500 {
		s := spanAt(uint64(i+1), 1, 0, time.Duration(i)*time.Millisecond)
		s.Name = string(rune('a' + i%20))
		spans = append(spans, s)
	}
	store := storeOf(t, spans...)
	limits := query.DefaultLimits()
	limits.MaxRows, limits.MaxSeries, limits.MaxPoints = 300, 10, 100
	e := traceql.NewEngine(store, limits)
	_, err := e.Search(t.Context(), traceql.SearchRequest{Query: mustParse(t, `{ }`), Range: day})
	require.ErrorIs(t, err, fault.ErrLimit)
	require.ErrorContains(t, err, "query.max_rows")

	metrics := func(q string, step time.Duration) error {
		_, err := e.Metrics(t.Context(), traceql.MetricsRequest{Query: mustParse(t, q), Start: scriptStart, End: scriptStart + int64(time.Hour), Step: step})
		return err
	}
	require.ErrorContains(t, metrics(`{ } | rate() by (name)`, time.Minute), "query.max_series")
	require.ErrorContains(t, metrics(`{ } | rate()`, time.Second), "query.max_points")
	require.ErrorContains(t, metrics(`{ } | rate()`, time.Minute), "query.max_rows")
	require.ErrorIs(t, metrics(`{ }`, time.Minute), traceql.ErrNotMetrics)

	small := query.DefaultLimits()
	small.MaxMemory = 100
	e = traceql.NewEngine(store, small)
	for _, q := range []string{`{ } | rate() by (name)`, `{ } | quantile_over_time(duration, .5) by (name)`} {
		require.ErrorContains(t, metrics(q, time.Minute), "query.max_memory")
	}
}

var errDisk = errors.New("disk on fire")

// failing is a store whose scans end in an error after some batches.
type failing struct {
	*storagetest.Memory
	batches int
}

func (f failing) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		n := 0
		for b, err := range f.Memory.Scan(ctx, s) {
			if n++; n > f.batches {
				break
			}
			if !yield(b, err) {
				return
			}
		}
		yield(nil, errDisk)
	}
}

func (f failing) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, errDisk
}

func TestFailuresOfTheStoreReachTheCaller(t *testing.T) {
	var spans []model.Span
	for i := range 300 {
		spans = append(spans, spanAt(uint64(i+1), 1, 0, 0))
	}
	for batches := range 2 {
		e := engineOf(failing{storeOf(t, spans...), batches})
		_, err := e.Search(t.Context(), traceql.SearchRequest{Query: mustParse(t, `{ } | count() > 0`), Range: day})
		require.ErrorIs(t, err, errDisk)
		for _, q := range []string{`{ } | rate()`, `{ } && { } | rate()`, `({ } | rate()) / ({ } | rate())`} {
			_, err = e.Metrics(t.Context(), traceql.MetricsRequest{Query: mustParse(t, q), Start: scriptStart - 1, End: day.End, Instant: true})
			require.ErrorIs(t, err, errDisk)
		}
		_, err = e.Trace(t.Context(), spans[0].TraceID, day)
		require.ErrorIs(t, err, errDisk)
		_, err = e.TagValues(t.Context(), nil, day, traceql.Attribute{Intrinsic: traceql.IntrinsicRootName})
		require.ErrorIs(t, err, errDisk)
		_, err = e.Tags(t.Context(), traceql.ParseFilter(`{ rootName = "op" }`), day, traceql.ScopeSpan, false)
		require.ErrorIs(t, err, errDisk)
	}
}

func TestCancelledQueriesStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := engineOf(storeOf(t, spanAt(1, 1, 0, 0))).Search(ctx, traceql.SearchRequest{Query: mustParse(t, `{ }`), Range: day})
	require.ErrorIs(t, err, context.Canceled)
}

func TestExemplarsAreSpansBehindThePoints(t *testing.T) {
	var spans []model.Span
	for i := range 50 {
		spans = append(spans, spanAt(uint64(i+1), 1, 0, time.Duration(i)*time.Second))
	}
	store := storeOf(t, spans...)
	ask := func(q string, n int) []*traceql.Series {
		res, err := engineOf(store).Metrics(t.Context(), traceql.MetricsRequest{
			Query: mustParse(t, q), Start: scriptStart, End: scriptStart + int64(time.Minute), Step: time.Minute, Exemplars: n,
		})
		require.NoError(t, err)
		return res.Series
	}
	got := ask(`{ } | rate()`, 3)[0].Exemplars
	require.Len(t, got, 3)
	require.Equal(t, traceql.StringOf(spans[0].TraceID.String()), got[0].Labels[0].Value)
	require.InDelta(t, 1.0, got[0].Value, 1e-9, "the span's duration in seconds")
	require.Empty(t, ask(`{ } | rate()`, 0)[0].Exemplars)
	require.Empty(t, ask(`{ } | rate() with(exemplars=false)`, 3)[0].Exemplars)
}

func TestEventsOfOneFilterAreOneEvent(t *testing.T) {
	s := spanAt(1, 1, 0, 0)
	s.Events = []model.Event{
		{Name: "a", Attrs: []model.Attr{{Key: "k", Value: model.Int(1)}}},
		{Name: "b", Attrs: []model.Attr{{Key: "k", Value: model.Int(2)}}},
	}
	store := storeOf(t, s)
	require.Len(t, search(t, store, `{ event:name = "a" && event.k = 1 }`), 1)
	require.Empty(t, search(t, store, `{ event:name = "a" && event.k = 2 }`))
	require.Len(t, search(t, store, `{ event:name = "a" } && { event.k = 2 }`), 1)
}
