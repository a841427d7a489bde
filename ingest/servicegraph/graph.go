package servicegraph

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// Options are what a Graph is made of. All but Account are required.
type Options struct {
	Config     Config
	Metrics    promstorage.AppendableV2
	Account    *ingest.Account
	Registerer prometheus.Registerer
}

// A Graph counts the calls that the spans passing its Writer tell of.
type Graph struct {
	cfg     Config
	book    *derived.Book[edge]
	metrics *metrics

	clientLabels, serverLabels []string // of Config.Dimensions

	// Guarded by the book's lock.
	waiting  *waitingRoom
	interned *derived.Interned // peers
	parties  map[string]*party

	reads sync.Pool // of *reading
}

// Names of the metrics.
const (
	RequestTotal     = "traces_service_graph_request_total"
	FailedTotal      = "traces_service_graph_request_failed_total"
	ServerSeconds    = "traces_service_graph_request_server_seconds"
	ClientSeconds    = "traces_service_graph_request_client_seconds"
	MessagingSeconds = "traces_service_graph_request_messaging_system_seconds"
)

// Counters and histograms, by number.
const (
	requests = 0
	failed   = 1

	serverSeconds    = 0
	clientSeconds    = 1
	messagingSeconds = 2
)

// New returns a Graph without edges.
func New(o Options) *Graph {
	g := &Graph{
		cfg: o.Config, metrics: newMetrics(o.Registerer), waiting: newWaitingRoom(o.Config.MaxWaiting),
		interned: derived.NewInterned(8 * o.Config.MaxLabelSets), parties: map[string]*party{},
		book: derived.New[edge](derived.Options{
			Source: "service_graph", Timing: o.Config.Timing, Metrics: o.Metrics, Account: o.Account, Registerer: o.Registerer,
			Layout: derived.Layout{
				Counters: []derived.Family{
					{Name: RequestTotal, Help: "Requests between two services."},
					{Name: FailedTotal, Help: "Requests between two services that failed on either side."},
				},
				Histograms: []derived.Family{
					{Name: ServerSeconds, Help: "Durations of requests between two services as the server saw them, in seconds.", Unit: "seconds"},
					{Name: ClientSeconds, Help: "Durations of requests between two services as the client saw them, in seconds.", Unit: "seconds"},
					{Name: MessagingSeconds, Help: "Time of messages between producer and consumer, in seconds.", Unit: "seconds"},
				},
				Form: o.Config.Latency,
			},
		}, time.Now().UnixMilli()),
	}
	for _, d := range o.Config.Dimensions {
		name := strutil.SanitizeFullLabelName(d)
		g.clientLabels = append(g.clientLabels, "client_"+name)
		g.serverLabels = append(g.serverLabels, "server_"+name)
	}
	g.reads.New = func() any { return &reading{} }
	return g
}

// Run writes the metrics until ctx ends. Spans that wait then make no edge.
func (g *Graph) Run(ctx context.Context) error {
	return g.book.Run(ctx, func(now time.Time) {
		g.book.Lock()
		defer g.book.Unlock()
		g.expire(now.UnixNano())
		g.metrics.waiting.Set(float64(g.waiting.n))
	})
}

// Writer returns a writer that passes everything on to next, and looks at the
// spans that next took.
func (g *Graph) Writer(next ingest.EventWriter) ingest.EventWriter { return &writer{g, next} }

type writer struct {
	g    *Graph
	next ingest.EventWriter
}

// Append implements ingest.EventWriter.
func (w *writer) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal != model.Spans {
		return w.next.Append(ctx, b)
	}
	r := w.g.reads.Get().(*reading)
	defer w.g.reads.Put(r)
	now := time.Now().UnixNano()
	w.g.read(r, b, now)
	if err := w.next.Append(ctx, b); err != nil {
		return err
	}
	w.g.meet(r, now)
	return nil
}

// meet brings the halves that were read together with those that wait.
func (g *Graph) meet(r *reading, now int64) {
	g.book.Lock()
	g.expire(now)
	dropped := 0
	for i := range r.halves {
		if !g.arrive(&r.halves[i], now) {
			dropped++
		}
	}
	clear(r.halves) // they must not outlive their time in a pool
	g.metrics.waiting.Set(float64(g.waiting.n))
	g.book.Unlock()
	g.metrics.dropped.Add(float64(dropped))
	g.book.Skipped(r.skipped)
}
