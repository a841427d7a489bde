package servicegraph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/servicegraph"
	"github.com/oriel-obs/oriel/model"
)

const (
	client   = model.SpanClient
	server   = model.SpanServer
	producer = model.SpanProducer
	consumer = model.SpanConsumer
	internal = model.SpanInternal
)

func TestEdges(t *testing.T) {
	tests := []struct {
		name   string
		edit   func(*servicegraph.Config)
		spans  []span
		passes bool // the time of waiting, before the edges are looked at
		want   map[string]float64
		failed float64
		alone  float64 // unpaired spans
	}{
		{
			name:  "a client span and its server span",
			spans: []span{{service: "a", kind: client, id: 1, parent: 9}, {service: "b", kind: server, id: 2, parent: 1}},
			want:  map[string]float64{`{client="a", server="b"}`: 1},
		},
		{
			name:  "the server's span comes first",
			spans: []span{{service: "b", kind: server, id: 2, parent: 1}, {service: "a", kind: client, id: 1, parent: 9}},
			want:  map[string]float64{`{client="a", server="b"}`: 1},
		},
		{
			name: "an error on one side fails the request",
			spans: []span{
				{service: "a", kind: client, id: 1, parent: 9, failed: true},
				{service: "b", kind: server, id: 2, parent: 1},
				{service: "a", kind: client, id: 3, parent: 9},
				{service: "b", kind: server, id: 4, parent: 3, failed: true},
				{service: "a", kind: client, id: 5, parent: 9},
				{service: "b", kind: server, id: 6, parent: 5},
			},
			want: map[string]float64{`{client="a", server="b"}`: 3}, failed: 2,
		},
		{
			name:   "spans of two traces do not meet",
			spans:  []span{{service: "a", kind: client, id: 1, parent: 9}, {trace: 2, service: "b", kind: server, id: 2, parent: 1}},
			passes: true, want: map[string]float64{}, alone: 2,
		},
		{
			name:  "internal spans are no sides",
			spans: []span{{service: "a", kind: internal, id: 1}, {service: "b", kind: internal, id: 2, parent: 1}, {service: "b", id: 3, parent: 1}},
			want:  map[string]float64{}, passes: true,
		},
		{
			name:  "several server spans of one client span that comes last",
			spans: []span{{service: "b", kind: server, id: 2, parent: 1}, {service: "c", kind: server, id: 3, parent: 1}, {service: "a", kind: client, id: 1, parent: 9}},
			want:  map[string]float64{`{client="a", server="b"}`: 1, `{client="a", server="c"}`: 1},
		},
		{
			name:  "a producer and its consumers, by parent",
			spans: []span{{service: "a", kind: producer, id: 1, parent: 9}, {service: "b", kind: consumer, id: 2, parent: 1}, {service: "c", kind: consumer, id: 3, parent: 1}},
			want: map[string]float64{
				`{client="a", connection_type="messaging_system", server="b"}`: 1,
				`{client="a", connection_type="messaging_system", server="c"}`: 1,
			},
			passes: true,
		},
		{
			name:  "a consumer that links to the producer",
			spans: []span{{service: "b", kind: consumer, id: 2, parent: 8, link: 1}, {service: "a", kind: producer, id: 1, parent: 9}},
			want:  map[string]float64{`{client="a", connection_type="messaging_system", server="b"}`: 1}, passes: true,
		},
		{
			name:  "a consumer that nobody produced for",
			spans: []span{{service: "b", kind: consumer, id: 2}, {service: "b", kind: consumer, id: 3, parent: 1}}, passes: true,
			want: map[string]float64{}, alone: 2,
		},
		{
			name: "a database, by the first attribute that is there",
			spans: []span{
				{service: "a", kind: client, id: 1, attrs: "db.system=postgresql db.name=shop peer.service=x"},
				{service: "a", kind: client, id: 2, attrs: "db.system.name=redis server.address=h"},
			},
			want: map[string]float64{
				`{client="a", connection_type="database", server="shop"}`:  1,
				`{client="a", connection_type="database", server="redis"}`: 1,
			},
		},
		{
			name:  "a server span without parent is a user's",
			spans: []span{{service: "a", kind: server, id: 1, failed: true}},
			want:  map[string]float64{`{client="user", connection_type="virtual_node", server="a"}`: 1}, failed: 1,
		},
		{
			name: "a peer that sends no spans", passes: true,
			spans: []span{{service: "a", kind: client, id: 1, attrs: "server.address=h peer.service=bank"}, {service: "a", kind: producer, id: 2, attrs: "messaging.system=kafka"}},
			want: map[string]float64{
				`{client="a", connection_type="virtual_node", server="bank"}`:  1,
				`{client="a", connection_type="virtual_node", server="kafka"}`: 1,
			},
		},
		{
			name:  "a peer may still send its span",
			spans: []span{{service: "a", kind: client, id: 1, attrs: "server.address=h peer.service=bank"}},
			want:  map[string]float64{},
		},
		{
			name: "a peer without a name", passes: true,
			spans: []span{{service: "a", kind: client, id: 1}}, want: map[string]float64{}, alone: 1,
		},
		{
			name: "without virtual nodes", passes: true, edit: func(c *servicegraph.Config) { c.VirtualNodes = false },
			spans: []span{{service: "a", kind: client, id: 1, attrs: "peer.service=bank"}, {service: "a", kind: server, id: 2}},
			want:  map[string]float64{}, alone: 1,
		},
		{
			name:  "services without name",
			spans: []span{{kind: client, id: 1, parent: 9}, {service: "b", kind: server, id: 2, parent: 1}},
			want:  map[string]float64{`{client="unknown_service", server="b"}`: 1},
		},
		{
			name: "dimensions of both sides, the resource's first", edit: func(c *servicegraph.Config) { c.Dimensions = []string{"zone", "http.route"} },
			spans: []span{
				{service: "a zone=x", kind: client, id: 1, parent: 9, attrs: "zone=z"},
				{service: "b", kind: server, id: 2, parent: 1, attrs: "zone=y http.route=/r"},
				{service: "a zone=x", kind: server, id: 3},
			},
			want: map[string]float64{
				`{client="a", client_zone="x", server="b", server_http_route="/r", server_zone="y"}`: 1,
				`{client="user", connection_type="virtual_node", server="a", server_zone="x"}`:       1,
			},
		},
		{
			name: "dimensions that no span has", edit: func(c *servicegraph.Config) { c.Dimensions = []string{"zone"} },
			spans: []span{{service: "a", kind: client, id: 1, parent: 9}, {service: "b", kind: server, id: 2, parent: 1}},
			want:  map[string]float64{`{client="a", server="b"}`: 1},
		},
		{
			name: "beyond the limit edges count as one", edit: func(c *servicegraph.Config) { c.MaxLabelSets = 1 },
			spans: []span{{service: "a", kind: server, id: 1}, {service: "b", kind: server, id: 2}, {service: "c", kind: server, id: 3}, {service: "a", kind: server, id: 4}},
			want: map[string]float64{
				`{client="user", connection_type="virtual_node", server="a"}`:                    2,
				`{client="__overflow__", connection_type="virtual_node", server="__overflow__"}`: 2,
			},
		},
	}
	for _, tt := range tests {
		// Whether the spans come together or one by one makes no difference.
		for _, together := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/together=%t", tt.name, together), func(t *testing.T) {
				r := newRig(t, tt.edit)
				if together {
					r.send(tt.spans...)
				} else {
					for _, s := range tt.spans {
						r.send(s)
					}
				}
				if tt.passes {
					r.graph.Pass(time.Now().Add(11 * time.Second))
				}
				r.write()
				require.Equal(t, tt.want, r.last(servicegraph.RequestTotal))
				failed := 0.0
				for _, n := range r.last(servicegraph.FailedTotal) {
					failed += n
				}
				require.Equal(t, tt.failed, failed)
				require.Equal(t, tt.alone, r.value("oriel_service_graph_unpaired_spans_total"))
				require.Equal(t, tt.want, r.last(servicegraph.ServerSeconds+"_count"))
			})
		}
	}
}

func TestEachSideSaysHowLongItTook(t *testing.T) {
	r := newRig(t, nil)
	r.send(
		span{service: "a", kind: client, id: 1, parent: 9, at: 0, took: 300}, span{service: "b", kind: server, id: 2, parent: 1, at: 50, took: 200},
		span{service: "a", kind: producer, id: 3, parent: 9, at: 0, took: 100}, span{service: "c", kind: consumer, id: 4, parent: 3, at: 600, took: 1000},
		span{service: "a", kind: producer, id: 5, parent: 9, at: 0, took: 100}, span{service: "d", kind: consumer, id: 6, parent: 5, at: 20, took: 10},
		span{service: "b", kind: client, id: 7, parent: 2, took: 40, attrs: "db.name=shop"},
		span{service: "a", kind: server, id: 9, took: 700},
	)
	r.write()
	const m = `, connection_type="messaging_system", `
	require.Equal(t, map[string]float64{
		`{client="a", server="b"}`: 0.2, `{client="a"` + m + `server="c"}`: 1, `{client="a"` + m + `server="d"}`: 0.01,
		`{client="b", connection_type="database", server="shop"}`:     0.04,
		`{client="user", connection_type="virtual_node", server="a"}`: 0.7,
	}, r.last(servicegraph.ServerSeconds+"_sum"))
	require.Equal(t, map[string]float64{
		`{client="a", server="b"}`: 0.3, `{client="a"` + m + `server="c"}`: 0.1, `{client="a"` + m + `server="d"}`: 0.1,
		`{client="b", connection_type="database", server="shop"}`: 0.04,
	}, r.last(servicegraph.ClientSeconds+"_sum"))
	require.Equal(t, map[string]float64{
		`{client="a"` + m + `server="c"}`: 0.5, `{client="a"` + m + `server="d"}`: 0,
	}, r.last(servicegraph.MessagingSeconds+"_sum"), "clocks that disagree make no negative time")
	require.Len(t, r.last(servicegraph.MessagingSeconds), 2, "other edges have no such series")
}

func TestASpanWaitsNoLongerThanItsTime(t *testing.T) {
	r := newRig(t, nil)
	r.send(span{service: "a", kind: client, id: 1, parent: 9}, span{service: "a", kind: client, id: 3, parent: 9})
	r.graph.Pass(time.Now().Add(9 * time.Second))
	r.send(span{service: "b", kind: server, id: 2, parent: 1})
	r.graph.Pass(time.Now().Add(11 * time.Second))
	r.send(span{service: "b", kind: server, id: 4, parent: 3})
	r.write()
	require.Equal(t, map[string]float64{`{client="a", server="b"}`: 1}, r.last(servicegraph.RequestTotal))
	require.Equal(t, 1.0, r.value("oriel_service_graph_unpaired_spans_total"))
	require.Equal(t, 1.0, r.value("oriel_service_graph_waiting_spans"))
}

func TestRunSeesOffThoseWhoWaitThoughNothingComesIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		g := servicegraph.New(servicegraph.Options{Config: servicegraph.DefaultConfig(), Metrics: nowhere{}, Registerer: reg})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- g.Run(ctx) }()
		r := &rig{t: t, reg: reg}
		spans := []span{{service: "a", kind: client, id: 1, attrs: "peer.service=bank"}, {service: "a", kind: server, id: 2, parent: 9}}
		require.NoError(t, g.Writer(taking{}).Append(ctx, batch(time.Now(), spans)))
		time.Sleep(9 * time.Second)
		require.Equal(t, 2.0, r.value("oriel_service_graph_waiting_spans"))
		require.Zero(t, r.value("oriel_derived_label_sets"))
		time.Sleep(7 * time.Second)
		require.Equal(t, 1.0, r.value("oriel_derived_label_sets"))
		require.Equal(t, 1.0, r.value("oriel_service_graph_unpaired_spans_total"))
		require.Zero(t, r.value("oriel_service_graph_waiting_spans"))
		cancel()
		require.NoError(t, <-done)
	})
}

func TestTooManyWaitingSpansAreDroppedAndCounted(t *testing.T) {
	r := newRig(t, func(c *servicegraph.Config) { c.MaxWaiting = 2 })
	for id := byte(1); id <= 3; id++ {
		r.send(span{service: "a", kind: client, id: id, parent: 99})
	}
	for id := byte(1); id <= 3; id++ {
		r.send(span{service: "b", kind: server, id: 10 + id, parent: id})
	}
	r.write()
	require.Equal(t, map[string]float64{`{client="a", server="b"}`: 2}, r.last(servicegraph.RequestTotal))
	require.Equal(t, 1.0, r.value("oriel_service_graph_dropped_spans_total"))
}

func TestWhatTheStoreRefusesMakesNoEdge(t *testing.T) {
	r := newRig(t, nil)
	spans := []span{{service: "a", kind: client, id: 1, parent: 9}, {service: "b", kind: server, id: 2, parent: 1}}
	require.ErrorContains(t, r.graph.Writer(failing{}).Append(t.Context(), batch(r.begin, spans)), "disk is gone")
	r.send(spans...)
	r.write()
	require.Equal(t, map[string]float64{`{client="a", server="b"}`: 1}, r.last(servicegraph.RequestTotal))
}

func TestLogsPass(t *testing.T) {
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{}), 1, "line")
	r := newRig(t, nil)
	require.NoError(t, r.graph.Writer(taking{}).Append(t.Context(), bd.Batch()))
}

// A graph of many calls is what counting them gives, in whatever order and
// batches the spans come and whoever sends at the same time.
func TestEdgesAreThoseOfTheCallsInAnyOrder(t *testing.T) {
	r := newRig(t, nil)
	w := r.graph.Writer(taking{})
	want, mu := map[string]float64{}, sync.Mutex{}
	var wg sync.WaitGroup
	for sender := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(11, uint64(sender)))
			for trace := range 50 {
				var spans []span
				for id := byte(1); id < 60; id += 2 {
					a, b := fmt.Sprintf("s%d", rnd.IntN(4)), fmt.Sprintf("s%d", rnd.IntN(4))
					spans = append(spans,
						span{service: a, kind: client, trace: byte(1 + sender*50 + trace), id: id, parent: 99},
						span{service: b, kind: server, trace: byte(1 + sender*50 + trace), id: id + 1, parent: id})
					mu.Lock()
					want[fmt.Sprintf(`{client=%q, server=%q}`, a, b)]++
					mu.Unlock()
				}
				rnd.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
				for part := range slices.Chunk(spans, 7) {
					require.NoError(t, w.Append(t.Context(), batch(r.begin, part)))
				}
			}
		})
	}
	wg.Wait()
	r.write()
	require.Equal(t, want, r.last(servicegraph.RequestTotal))
	require.Zero(t, r.value("oriel_service_graph_waiting_spans"))
}

func TestFaultyConfigurationNamesItsKey(t *testing.T) {
	for want, edit := range map[string]func(*servicegraph.Config){
		"wait: 0s is not within":       func(c *servicegraph.Config) { c.Wait = 0 },
		"max_waiting: 0 is not posi":   func(c *servicegraph.Config) { c.MaxWaiting = 0 },
		"dimensions[1]: must not be":   func(c *servicegraph.Config) { c.Dimensions = []string{"a", ""} },
		"are both label client_a_b":    func(c *servicegraph.Config) { c.Dimensions = []string{"a.b", "a_b"} },
		"latency.buckets: must not be": func(c *servicegraph.Config) { c.Latency.Buckets = nil },
		"interval: 0s is not within":   func(c *servicegraph.Config) { c.Interval = 0 },
	} {
		cfg := servicegraph.DefaultConfig()
		edit(&cfg)
		require.ErrorContains(t, cfg.Validate(), want)
	}
}

func shop(traces int) *model.Batch {
	var spans []span
	for tr := range traces {
		for id := byte(1); id < 10; id += 2 {
			spans = append(spans,
				span{service: fmt.Sprintf("s%d", id), kind: client, trace: byte(1 + tr), id: id, parent: 99, attrs: "http.method=GET server.address=h"},
				span{service: fmt.Sprintf("s%d", id+1), kind: server, trace: byte(1 + tr), id: id + 1, parent: id, attrs: "http.method=GET"})
		}
	}
	return batch(time.Now(), spans)
}

func TestKnownEdgesAllocateNothing(t *testing.T) {
	g := servicegraph.New(servicegraph.Options{Config: servicegraph.DefaultConfig(), Metrics: newRig(t, nil).db, Registerer: prometheus.NewRegistry()})
	w, b := g.Writer(taking{}), shop(20)
	require.NoError(t, w.Append(t.Context(), b))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = w.Append(t.Context(), b) }), 10.0, "for a batch of 200 spans: with the race detector, pools drop things")
}

func BenchmarkPair(b *testing.B) {
	g := servicegraph.New(servicegraph.Options{Config: servicegraph.DefaultConfig(), Metrics: newRig(b, nil).db, Registerer: prometheus.NewRegistry()})
	w, batch := g.Writer(taking{}), shop(100)
	b.ReportAllocs()
	for b.Loop() {
		_ = w.Append(b.Context(), batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.Len()), "ns/span")
}
