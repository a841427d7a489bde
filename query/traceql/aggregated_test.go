package traceql_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// scanOnly is a store that aggregates nothing.
type scanOnly struct{ *storagetest.Memory }

func (scanOnly) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, storage.ErrTooManyGroups
}

// counted counts what a store is asked for.
type counted struct {
	*storagetest.Memory
	scans, aggregates int
}

func (c *counted) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	c.scans++
	return c.Memory.Scan(ctx, s)
}

func (c *counted) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	c.aggregates++
	return c.Memory.Aggregate(ctx, a)
}

// oneOf returns one of several values.
func oneOf[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// variedSpans stores spans whose attributes are of every kind, and often
// missing.
func variedSpans(t *testing.T, r *rand.Rand, n int) *storagetest.Memory {
	t.Helper()
	values := []model.Value{
		model.Int(1), model.Int(2), model.Int(-7), model.Int(1 << 40), model.Float(2), model.Float(0.5), model.Float(-1e9), model.Float(math.NaN()),
		model.String("2"), model.String("x"), model.String(""), model.Bool(true), model.Array("[1,2]"), model.Array(`["x","y"]`), model.Array("[]"),
		model.Map(`{"a":1}`),
	}
	attrs := func(keys ...string) []model.Attr {
		var out []model.Attr
		for _, k := range keys {
			if r.IntN(3) > 0 {
				out = append(out, model.Attr{Key: k, Value: oneOf(r, values...)})
			}
		}
		return model.SortAttrs(out)
	}
	m := &storagetest.Memory{}
	for range n / 20 {
		bd := model.NewBuilder(model.Spans, 20)
		stream := &model.Stream{Attrs: attrs("a", "k8s.pod.name"), ScopeAttrs: attrs("a"), ScopeName: oneOf(r, "", "lib")}
		if r.IntN(4) > 0 {
			service := oneOf(r, model.String("shop"), model.String("cart"), model.String(""), model.Int(7))
			stream.Attrs = model.SortAttrs(append(stream.Attrs, model.Attr{Key: "service.name", Value: service}))
		}
		st := bd.Stream(stream)
		for range 20 {
			s := spanAt(r.Uint64N(50)+1, r.Uint64()|1, 0, time.Duration(r.Int64N(int64(time.Minute))))
			s.Duration = oneOf(r, 0, 1, 2, 1000, int64(time.Second), r.Int64N(int64(time.Minute)))
			s.Name, s.Kind = oneOf(r, "get", "put", ""), oneOf(r, model.SpanServer, model.SpanClient)
			s.Status, s.StatusMessage = oneOf(r, model.StatusOK, model.StatusError, model.StatusUnset), oneOf(r, "", "boom")
			bd.Span(st, s)
			for _, a := range attrs("a", "b", "http.status_code", "http.method") {
				bd.Attr(a.Key, a.Value)
			}
		}
		require.NoError(t, m.Append(t.Context(), bd.Batch()))
	}
	return m
}

// TestAggregatesEqualScans compares what the store computes with what the
// engine computes of spans.
func TestAggregatesEqualScans(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	src := &counted{Memory: variedSpans(t, r, 2000)}
	pushed, scanned := engineOf(src), engineOf(scanOnly{src.Memory})
	conditions := []string{
		`status = error`, `kind != server`, `name =~ "g.*"`, `name = "put"`, `duration > 1us`, `duration <= 1s`, `resource.service.name = "shop"`,
		`resource.service.name != "cart"`, `span.a = 2`, `span.a >= 0.5`, `span.b = "x"`, `span.b != "x"`, `span.b = true`, `statusMessage = "boom"`,
		`span.a != nil`, `.a = 2`, `!(span.a = 2)`, `instrumentation:name = "lib"`, `span.http.status_code >= 2`, `resource.a =~ "x|2"`,
	}
	fields := []string{
		`resource.service.name`, `name`, `status`, `kind`, `statusMessage`, `span.a`, `.a`, `span.b`, `resource.a`, `instrumentation.a`,
		`span.http.status_code`, `span.http.method`, `resource.k8s.pod.name`, `instrumentation:name`, `.service.name`, `event:name`,
	}
	measured := []string{`duration`, `span.a`, `resource.a`, `span.b`, `span.http.status_code`, `span.http.method`, `.a`, `trace:duration`}
	for i := range 400 {
		q := "{}"
		switch r.IntN(4) {
		case 0:
			q = fmt.Sprintf("{ %s }", oneOf(r, conditions...))
		case 1:
			q = fmt.Sprintf("{ %s %s %s }", oneOf(r, conditions...), oneOf(r, "&&", "||"), oneOf(r, conditions...))
		case 2:
			q = fmt.Sprintf("{ %s } | { %s }", oneOf(r, conditions...), oneOf(r, conditions...))
		}
		switch fn := oneOf(r, "rate()", "count_over_time()", "min", "max", "avg", "sum", "histogram", "quantile"); fn {
		case "rate()", "count_over_time()":
			q += " | " + fn
		case "quantile":
			q += fmt.Sprintf(" | quantile_over_time(%s, 0.5, 0.9)", oneOf(r, measured...))
		default:
			q += fmt.Sprintf(" | %s_over_time(%s)", fn, oneOf(r, measured...))
		}
		switch r.IntN(3) {
		case 0:
			q += fmt.Sprintf(" by (%s)", oneOf(r, fields...))
		case 1:
			q += fmt.Sprintf(" by (%s, %s)", oneOf(r, fields...), oneOf(r, fields...))
		}
		parsed, err := traceql.Parse(q)
		require.NoError(t, err, q)
		req := traceql.MetricsRequest{
			Query: parsed, Start: scriptStart + r.Int64N(1e9), End: scriptStart + int64(time.Minute), Step: 7 * time.Second, Instant: i%5 == 0,
		}
		want, err := scanned.Metrics(t.Context(), req)
		require.NoError(t, err, q)
		got, err := pushed.Metrics(t.Context(), req)
		require.NoError(t, err, q)
		wantText, err := json.Marshal(seriesText(want))
		require.NoError(t, err)
		gotText, err := json.Marshal(seriesText(got))
		require.NoError(t, err)
		require.JSONEq(t, string(wantText), string(gotText), q)
	}
	require.Greater(t, src.aggregates, 150, "many of the queries could be left to the store")
}

func TestPlainMetricsReadNoSpans(t *testing.T) {
	for _, q := range []string{
		`{} | rate()`,
		`{ status = error && resource.service.name = "shop" } | rate() by (resource.service.name, name)`,
		`{ kind = server } | avg_over_time(duration) by (.a)`,
		`{ span.http.method = "GET" } | max_over_time(span.b)`,
		`{ name = "get" } | histogram_over_time(span.a)`,
		`({ status = error } | rate()) / ({} | rate())`,
		`{} | count_over_time() by (name) | topk(2)`,
	} {
		src := &counted{Memory: variedSpans(t, rand.New(rand.NewPCG(1, 2)), 100)}
		_, err := engineOf(src).Metrics(t.Context(), traceql.MetricsRequest{
			Query: mustParse(t, q), Start: scriptStart, End: scriptStart + int64(time.Minute), Step: time.Second,
		})
		require.NoError(t, err, q)
		require.Zero(t, src.scans, q)
	}
}

func TestAggregatedSeriesHaveExemplars(t *testing.T) {
	src := &counted{Memory: variedSpans(t, rand.New(rand.NewPCG(1, 2)), 400)}
	res, err := engineOf(src).Metrics(t.Context(), traceql.MetricsRequest{
		Query: mustParse(t, `{ kind = server } | avg_over_time(duration) by (name)`),
		Start: scriptStart, End: scriptStart + int64(time.Minute), Step: time.Second, Exemplars: 12,
	})
	require.NoError(t, err)
	require.Equal(t, 8, src.scans)
	earliest, latest := int64(math.MaxInt64), int64(0)
	n := 0
	for _, s := range res.Series {
		require.NotEmpty(t, s.Exemplars)
		n += len(s.Exemplars)
		for _, e := range s.Exemplars {
			earliest, latest = min(earliest, e.Time), max(latest, e.Time)
		}
	}
	require.Equal(t, 12, n)
	require.Greater(t, latest-earliest, int64(40*time.Second), "they spread over the range")
}

func TestTooManyGroupsNameTheLimit(t *testing.T) {
	limits := query.DefaultLimits()
	limits.MaxSeries = 2
	e := traceql.NewEngine(variedSpans(t, rand.New(rand.NewPCG(1, 2)), 400), limits)
	_, err := e.Metrics(t.Context(), traceql.MetricsRequest{
		Query: mustParse(t, `{} | rate() by (name)`), Start: scriptStart, End: scriptStart + int64(time.Minute), Step: time.Second,
	})
	require.ErrorContains(t, err, "query.max_series")
}
