package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// Options are what a Writer is made of. All but Config are required.
type Options struct {
	Config     []Config
	Next       ingest.EventWriter
	Metrics    promstorage.AppendableV2 // where metrics made of lines go
	Account    *ingest.Account
	Registerer prometheus.Registerer
}

// A Writer is an ingest.EventWriter that takes log records through pipelines
// on their way to the next one. It is safe for concurrent use.
type Writer struct {
	next     ingest.EventWriter
	account  *ingest.Account
	reg      prometheus.Registerer
	books    *books
	dropped  prometheus.Counter
	unusable prometheus.Counter

	writing sync.Mutex // held while metrics are written; taken before mu

	mu     sync.RWMutex // held for reading while a batch passes
	routes []route
}

// New returns a Writer with a configuration in force.
func New(o Options) (*Writer, error) {
	w := &Writer{
		next: o.Next, account: o.Account, reg: o.Registerer,
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_pipeline_dropped_lines_total", Help: "Log lines that the stages drop, keep and sample of pipelines took out.",
		}),
		unusable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "oriel_pipeline_unusable_values_total", Help: "Log lines whose value for a metric is missing, negative, or no number.",
		}),
		books: &books{options: func(l derived.Layout, source string, reg prometheus.Registerer) derived.Options {
			return derived.Options{
				Source: source, Layout: l, Timing: derived.DefaultTiming(), Metrics: o.Metrics, Account: o.Account, Registerer: reg,
			}
		}},
	}
	o.Registerer.MustRegister(w.dropped, w.unusable)
	return w, w.Apply(context.Background(), o.Config)
}

// Apply puts another configuration in force for the batches that come next.
// After an error the one before stays. Metrics that both have count on; what
// the others have counted is written to the metric store.
func (w *Writer) Apply(ctx context.Context, cfg []Config) error {
	routes, err := compile(cfg)
	if err != nil {
		return err
	}
	var metrics []*metricStage
	for _, r := range routes {
		for _, s := range r.stages {
			if m, ok := s.(*metricStage); ok {
				m.unusable = w.unusable
				metrics = append(metrics, m)
			}
		}
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	w.mu.Lock() // no batch is on its way: what has counted is in the books
	now := time.Now()
	ended := w.books.bind(metrics, w.reg, now)
	w.routes = routes
	w.mu.Unlock()
	w.write(ctx, now, ended)
	return nil
}

// Append implements ingest.EventWriter. Records that pipelines drop count as
// taken in.
func (w *Writer) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal != model.Logs {
		return w.next.Append(ctx, b)
	}
	if b = w.through(b); b.Len() == 0 {
		return ctx.Err()
	}
	return w.next.Append(ctx, b)
}

// through returns what the pipelines leave of b.
func (w *Writer) through(b *model.Batch) *model.Batch {
	w.mu.RLock()
	defer w.mu.RUnlock()
	ways := waysOf(w.routes, b.Streams)
	if ways == nil || b.Check() != nil { // the next says what is wrong with it
		return b
	}
	return w.pass(b, ways)
}

// waysOf returns the stages that records of each stream pass, or nil if none
// passes any.
func waysOf(routes []route, streams []*model.Stream) [][]stage {
	if len(routes) == 0 {
		return nil
	}
	ways := make([][]stage, len(streams))
	found := false
	for i, st := range streams {
		for _, r := range routes {
			if selects(r.matchers, st) {
				ways[i] = append(ways[i], r.stages...)
				found = true
			}
		}
	}
	if !found {
		return nil
	}
	return ways
}

func selects(ms []*labels.Matcher, st *model.Stream) bool {
	for _, m := range ms {
		if !m.Matches(st.Attr(m.Name).Text()) {
			return false
		}
	}
	return true
}

// pass returns what is left of b behind the stages.
func (w *Writer) pass(b *model.Batch, ways [][]stage) *model.Batch {
	bd := model.NewBuilder(b.Signal, b.Len())
	cursors := make([]model.Cursor, len(b.Attrs))
	for i, c := range b.Attrs {
		cursors[i] = c.Cursor()
	}
	var r record
	dropped := 0
rows:
	for i := range b.Len() {
		at := b.StreamOf[i]
		r.time, r.line, r.stream, r.attrs = b.Time[i], b.Body[i], b.Streams[at], r.attrs[:0]
		for j := range cursors {
			if v := cursors[j].At(i); !v.IsNone() {
				r.attrs = append(r.attrs, model.Attr{Key: b.Attrs[j].Key, Value: v})
			}
		}
		for _, s := range ways[at] {
			if !s.apply(&r) {
				dropped++
				continue rows
			}
		}
		bd.Row(bd.Stream(r.stream), r.time, r.line)
		for _, a := range r.attrs {
			bd.Attr(a.Key, a.Value)
		}
	}
	w.dropped.Add(float64(dropped))
	return bd.Batch()
}

// Run writes the metrics made of lines to the metric store until ctx ends, and
// once more then.
func (w *Writer) Run(ctx context.Context) error {
	tick := time.NewTicker(derived.DefaultTiming().Interval)
	defer tick.Stop()
	for {
		last := false
		select {
		case <-ctx.Done():
			last = true
		case <-tick.C:
		}
		w.writeAll(context.WithoutCancel(ctx))
		if last {
			return nil
		}
	}
}

func (w *Writer) writeAll(ctx context.Context) {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.write(ctx, time.Now(), w.books.all())
}

// write writes what books have counted. It needs w.writing.
func (w *Writer) write(ctx context.Context, now time.Time, books []*bound) {
	for _, b := range books {
		ctx := w.account.Arrive(ctx, "pipeline")
		n, err := b.Write(ctx, now)
		if err != nil {
			w.account.Reject(ctx, "pipeline", "metrics", ingest.ReasonStorage, max(n, 1), err.Error())
		} else if n > 0 {
			w.account.Accept(ctx, "pipeline", "metrics", n, 0)
		}
	}
}
