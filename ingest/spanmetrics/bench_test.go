package spanmetrics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/spanmetrics"
	"github.com/oriel-obs/oriel/model"
)

// busy returns a batch as a shop of twelve services sends it.
func busy(spans int) *model.Batch {
	rnd := rand.New(rand.NewPCG(1, 1))
	bd := model.NewBuilder(model.Spans, spans)
	for i := range spans {
		service := i % 12
		add(bd, fmt.Sprintf("service.name=service-%d service.namespace=shop host.name=h", service), fmt.Sprintf("http.request.method=GET http.route=/r/%d url.path=/api/%d server.address=h user_agent.original=x", i%10, i), model.Span{
			TraceID: model.TraceID{byte(i >> 8), byte(i)}, SpanID: model.SpanID{byte(i >> 8), byte(i), 1}, Name: fmt.Sprintf("GET /api/v1/resource/%d", i%40),
			Kind: model.SpanServer, Duration: rnd.Int64N(1e9), Start: time.Now().UnixNano(),
		})
	}
	return bd.Batch()
}

func counting(t testing.TB, edit func(*spanmetrics.Config)) (func(*model.Batch), *taking) {
	t.Helper()
	cfg := spanmetrics.DefaultConfig()
	if edit != nil {
		edit(&cfg)
	}
	m := spanmetrics.New(spanmetrics.Options{Config: cfg, Metrics: nowhere{}, Registerer: prometheus.NewRegistry()})
	store := &taking{}
	w := m.Writer(store, spanmetrics.Count|spanmetrics.Sample)
	ctx := context.Background()
	return func(b *model.Batch) { require.NoError(t, w.Append(ctx, b)) }, store
}

func TestCountingKnownLabelSetsAllocatesNothing(t *testing.T) {
	for name, edit := range map[string]func(*spanmetrics.Config){
		"default": nil, "dimensions": func(c *spanmetrics.Config) { c.Dimensions = []string{"http.request.method", "host.name", "absent"} },
	} {
		t.Run(name, func(t *testing.T) {
			b := busy(100)
			send, _ := counting(t, edit)
			send(b)
			require.LessOrEqual(t, testing.AllocsPerRun(100, func() { send(b) }), 10.0, "for a batch of 100 spans: with the race detector, pools drop things")
		})
	}
}

func BenchmarkCount(b *testing.B) {
	for name, edit := range map[string]func(*spanmetrics.Config){
		"default": nil, "dimensions": func(c *spanmetrics.Config) { c.Dimensions = []string{"http.request.method", "host.name"} },
	} {
		b.Run(name, func(b *testing.B) {
			batch := busy(1000)
			send, _ := counting(b, edit)
			send(batch)
			b.ReportAllocs()
			for b.Loop() {
				send(batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/span")
		})
	}
}
