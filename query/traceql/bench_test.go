package traceql_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/event"
)

// benchTraces of benchSpans spans each begin within an hour.
const (
	benchTraces = 20_000
	benchSpans  = 10
)

func benchStore(b *testing.B) *event.Store {
	b.Helper()
	cfg := event.DefaultConfig()
	cfg.Dir = b.TempDir()
	s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	rnd := rand.New(rand.NewPCG(1, 1))
	const perBatch = 500
	for from := 0; from < benchTraces; from += perBatch {
		bd := model.NewBuilder(model.Spans, perBatch*benchSpans)
		for t := from; t < from+perBatch; t++ {
			at := scriptStart + int64(t)*int64(time.Hour)/benchTraces
			var parents [benchSpans]model.SpanID
			for i := range benchSpans {
				st := bd.Stream(&model.Stream{
					Attrs: []model.Attr{
						{Key: "host.name", Value: model.String(fmt.Sprint("host-", rnd.IntN(5)))},
						{Key: "service.name", Value: model.String(fmt.Sprint("service-", rnd.IntN(12)))},
					},
					ScopeName: "lib",
				})
				sp := model.Span{
					TraceID: benchTrace(t), SpanID: benchSpan(t, i), Start: at + int64(i)*1e6, Duration: rnd.Int64N(int64(time.Second)),
					Name: fmt.Sprint("op-", rnd.IntN(40)), Kind: model.SpanKind(1 + rnd.IntN(3)),
				}
				if i > 0 {
					sp.ParentID = parents[rnd.IntN(i)]
				}
				parents[i] = sp.SpanID
				if rnd.IntN(50) == 0 {
					sp.Status, sp.StatusMessage = model.StatusError, "failed"
				}
				bd.Span(st, sp)
				bd.Attr("http.status_code", model.Int(int64(200+100*rnd.IntN(4))))
				bd.Attr("user.id", model.String(fmt.Sprint("user-", rnd.IntN(1000))))
			}
		}
		require.NoError(b, s.Append(context.Background(), bd.Batch()))
		if (from+perBatch)%(benchTraces/4) == 0 {
			require.NoError(b, s.Flush(context.Background()))
		}
	}
	require.NoError(b, s.Flush(context.Background()))
	return s
}

// The ids of benchmarks are spread like random ones.
func benchTrace(n int) (id model.TraceID) {
	r := rand.New(rand.NewPCG(uint64(n), 2))
	binary.BigEndian.PutUint64(id[:8], r.Uint64()|1)
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	return id
}

func benchSpan(trace, n int) (id model.SpanID) {
	r := rand.New(rand.NewPCG(uint64(trace), uint64(n)+3))
	binary.BigEndian.PutUint64(id[:], r.Uint64()|1)
	return id
}

// BenchmarkEngine asks a store of 200,000 spans.
func BenchmarkEngine(b *testing.B) {
	e := engineOf(benchStore(b))
	hour := model.Range{Start: scriptStart, End: scriptStart + int64(time.Hour)}
	for _, q := range []struct {
		name, query string
		limit       int
	}{
		{"descendants", `{ resource.service.name = "service-1" } >> { resource.service.name = "service-2" }`, 0},
		{"descendants of errors", `{ status = error } >> { name = "op-7" }`, 0},
		{"roots above errors", `{ nestedSetParent < 0 } &>> { status = error }`, 0},
		{"all descendants", `{} >> {}`, 0},
		{"count", `{} | count() > 2`, 0},
		{"average", `{ name = "op-7" } | avg(duration) > 500ms`, 0},
		{"grouped", `{ status = error } | by(resource.service.name) | count() > 1`, 0},
		{"errors, all", `{ status = error }`, 0},
		{"errors, newest 20", `{ status = error }`, 20},
		{"attribute, newest 20", `{ span.user.id = "user-77" }`, 20},
		{"descendants, newest 20", `{ resource.service.name = "service-1" } >> { resource.service.name = "service-2" }`, 20},
		{"count, newest 20", `{} | count() > 2`, 20},
		{"nothing", `{ span.user.id = "nobody" } >> {}`, 0},
	} {
		b.Run(q.name, func(b *testing.B) {
			parsed, err := traceql.Parse(q.query)
			require.NoError(b, err)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				res, err := e.Search(context.Background(), traceql.SearchRequest{Query: parsed, Range: hour, Limit: q.limit, SpansPerSet: 3})
				require.NoError(b, err)
				n = len(res.Traces)
			}
			b.ReportMetric(float64(n), "traces")
		})
	}
	for _, q := range []string{
		`{} | rate() by (resource.service.name)`, `{ status = error } | rate() by (resource.service.name)`,
		`{ kind = server } | avg_over_time(duration) by (name)`, `{} | quantile_over_time(duration, 0.5, 0.99)`,
	} {
		b.Run(q, func(b *testing.B) {
			parsed, err := traceql.Parse(q)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				_, err := e.Metrics(context.Background(), traceql.MetricsRequest{
					Query: parsed, Start: hour.Start, End: hour.End, Step: 15 * time.Second, Exemplars: 100,
				})
				require.NoError(b, err)
			}
		})
	}
	for name, r := range map[string]model.Range{"trace by id": model.AllTime(), "trace by id and hour": hour} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tr, err := e.Trace(context.Background(), benchTrace(777), r)
				require.NoError(b, err)
				require.Len(b, tr.Spans, benchSpans)
			}
		})
	}
}
