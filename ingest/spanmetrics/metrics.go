package spanmetrics

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promstorage "github.com/prometheus/prometheus/storage"
	"golang.org/x/sync/errgroup"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// Options are what Metrics are made of. All but Account are required.
type Options struct {
	Config     Config
	Metrics    promstorage.AppendableV2
	Account    *ingest.Account
	Registerer prometheus.Registerer
}

// Metrics counts spans that pass its Writers.
type Metrics struct {
	cfg   Config
	book  *derived.Book[key]
	infos *derived.Book[string] // traces_target_info, by the bytes of their attributes; nil without it

	dimLabels []string // of Config.Dimensions

	// Guarded by the book's lock.
	targets  map[string]*target
	interned *derived.Interned
	buf      []byte

	reads sync.Pool // of *reading
}

// A key is what tells label sets apart.
type key struct {
	target  *target
	name    string
	message string // of the status, where it is a label
	dims    string // values of Config.Dimensions, encoded; "" without any
	kind    model.SpanKind
	status  model.StatusCode
}

// The counters, by number.
const (
	calls = 0
	size  = 1
)

// Names of the metrics.
const (
	CallsTotal = "traces_spanmetrics_calls_total"
	Latency    = "traces_spanmetrics_latency"
	SizeTotal  = "traces_spanmetrics_size_total"
	TargetInfo = "traces_target_info"
)

// New returns Metrics that have counted nothing.
func New(o Options) *Metrics {
	layout := derived.Layout{
		Counters:   []derived.Family{{Name: CallsTotal, Help: "Spans that came in."}},
		Histograms: []derived.Family{{Name: Latency, Help: "Durations of spans in seconds.", Unit: "seconds"}},
		Form:       o.Config.Latency,
	}
	if o.Config.Size {
		layout.Counters = append(layout.Counters, derived.Family{Name: SizeTotal, Help: "What spans take as OTLP protobuf, in bytes, about."})
	}
	now := time.Now().UnixMilli()
	book := derived.Options{
		Source: "span_metrics", Layout: layout, Timing: o.Config.Timing, Metrics: o.Metrics, Account: o.Account, Registerer: o.Registerer,
	}
	m := &Metrics{cfg: o.Config, book: derived.New[key](book, now), targets: map[string]*target{}, interned: derived.NewInterned(2 * o.Config.MaxLabelSets)}
	for _, d := range o.Config.Dimensions {
		m.dimLabels = append(m.dimLabels, dimensionLabel(d))
	}
	if o.Config.TargetInfo {
		book.Source = "target_info"
		book.Layout = derived.Layout{Gauges: []derived.Family{{Name: TargetInfo, Help: "Resources of spans."}}}
		m.infos = derived.New[string](book, now)
	}
	m.reads.New = func() any { return &reading{} }
	return m
}

// Run writes the metrics until ctx ends.
func (m *Metrics) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return m.book.Run(ctx, m.forgetTargets) })
	if m.infos != nil {
		g.Go(func() error { return m.infos.Run(ctx, nil) })
	}
	return g.Wait()
}

// A Duty is what a Writer does with the spans that pass.
type Duty uint8

// The duties of a Writer; they may be added.
const (
	Count  Duty = 1 << iota // in all metrics
	Sample                  // as exemplars: what passes must be there to be found
)

// Writer returns a writer that passes everything on to next, and counts the
// spans that next took. With sampling between this and the store there are two
// Writers: one before it to Count, one after it to Sample.
func (m *Metrics) Writer(next ingest.EventWriter, d Duty) ingest.EventWriter {
	if !m.cfg.Exemplars {
		d &^= Sample
	}
	if d == 0 {
		return next
	}
	return &writer{m: m, next: next, duty: d}
}

type writer struct {
	m    *Metrics
	next ingest.EventWriter
	duty Duty
}

// Append implements ingest.EventWriter. Spans are looked at before they are
// given away, and counted when that has worked: a sender that is told to come
// back will send them again.
func (w *writer) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal != model.Spans {
		return w.next.Append(ctx, b)
	}
	r := w.m.reads.Get().(*reading)
	defer w.m.reads.Put(r)
	now := time.Now().UnixNano()
	w.m.read(r, b, w.duty, now)
	if err := w.next.Append(ctx, b); err != nil {
		return err
	}
	w.m.count(r, w.duty, now)
	return nil
}

// count adds what was read.
func (m *Metrics) count(r *reading, d Duty, now int64) {
	m.book.Lock()
	for i := range r.spans {
		s := &r.spans[i]
		if s.set == nil {
			continue
		}
		if d&Count != 0 {
			s.set.Add(calls, 1, now)
			if m.cfg.Size {
				s.set.Add(size, float64(s.size), now)
			}
			m.book.Observe(s.set, 0, s.duration)
		}
		if d&Sample != 0 {
			s.set.Show(derived.Exemplar{TraceID: s.trace, SpanID: s.span, Duration: s.duration, End: s.end})
		}
		s.set = nil // it must not outlive its time in a pool
	}
	m.book.Unlock()
	if d&Count != 0 {
		m.book.Overflowed(r.overflowed)
		m.book.Skipped(r.skipped)
	}
}

// kindName and statusName are the protocol's names, as Tempo writes them.
func kindName(k model.SpanKind) string { return "SPAN_KIND_" + strings.ToUpper(k.String()) }

func statusName(c model.StatusCode) string { return "STATUS_CODE_" + strings.ToUpper(c.String()) }
