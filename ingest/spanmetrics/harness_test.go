package spanmetrics_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/spanmetrics"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is Metrics between a sender and stores.
type rig struct {
	t       testing.TB
	metrics *spanmetrics.Metrics
	db      *teststorage.TestStorage
	events  storagetest.Memory
	reg     *prometheus.Registry
	now     time.Time // of the write that comes
}

func newRig(t testing.TB, edit func(*spanmetrics.Config)) *rig {
	t.Helper()
	cfg := spanmetrics.DefaultConfig()
	if edit != nil {
		edit(&cfg)
	}
	require.NoError(t, cfg.Validate())
	r := &rig{t: t, db: teststorage.New(t), reg: prometheus.NewRegistry(), now: time.Now()}
	r.metrics = spanmetrics.New(spanmetrics.Options{Config: cfg, Metrics: r.db, Account: ingest.NewAccount(r.reg), Registerer: r.reg})
	return r
}

// send sends a batch that is counted and stored.
func (r *rig) send(b *model.Batch) {
	r.t.Helper()
	require.NoError(r.t, r.metrics.Writer(&r.events, spanmetrics.Count|spanmetrics.Sample).Append(r.t.Context(), b))
}

// write writes the metrics, 15 seconds after the write before.
func (r *rig) write() {
	r.t.Helper()
	r.now = r.now.Add(15 * time.Second)
	require.NoError(r.t, r.metrics.Write(r.t.Context(), r.now))
}

// last returns the newest value of each series of a metric by its other
// labels, or the count of a native histogram.
func (r *rig) last(name string) map[string]float64 {
	r.t.Helper()
	q, err := r.db.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(r.t, err)
	defer q.Close()
	out := map[string]float64{}
	set := q.Select(r.t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	for set.Next() {
		key := labels.NewBuilder(set.At().Labels()).Del("__name__").Labels().String()
		it := set.At().Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			if kind == chunkenc.ValFloat {
				_, out[key] = it.At()
				continue
			}
			_, h := it.AtFloatHistogram(nil)
			out[key] = h.Count
		}
	}
	require.NoError(r.t, set.Err())
	return out
}

// value returns one of the registry's metrics.
func (r *rig) value(name string) (v float64) {
	families, err := r.reg.Gather()
	require.NoError(r.t, err)
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.Metric {
				v += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return v
}

// attrs makes attributes of "key=value" pairs.
func attrs(pairs string) (out []model.Attr) {
	for _, p := range strings.Fields(pairs) {
		k, v, _ := strings.Cut(p, "=")
		out = append(out, model.Attr{Key: k, Value: model.String(v)})
	}
	return model.SortAttrs(out)
}

// one returns a batch of one span that ended just now.
func one(resource, attributes string, sp model.Span) *model.Batch {
	bd := model.NewBuilder(model.Spans, 1)
	add(bd, resource, attributes, sp)
	return bd.Batch()
}

var ids byte

func add(bd *model.Builder, resource, attributes string, sp model.Span) {
	if sp.TraceID.IsZero() {
		ids++
		sp.TraceID, sp.SpanID = model.TraceID{1, ids}, model.SpanID{1, ids}
	}
	if sp.Start == 0 {
		sp.Start = time.Now().UnixNano() - sp.Duration
	}
	bd.Span(bd.Stream(&model.Stream{Attrs: attrs(resource)}), sp)
	for _, a := range attrs(attributes) {
		bd.Attr(a.Key, a.Value)
	}
}

// failing is a store that takes nothing.
type failing struct{}

func (failing) Append(context.Context, *model.Batch) error { return errors.New("disk is gone") }

// taking is a store that forgets everything.
type taking struct {
	mu sync.Mutex
	n  int
}

func (s *taking) Append(_ context.Context, b *model.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n += b.Len()
	return nil
}

// nowhere is a metric store that keeps nothing.
type nowhere struct{}

func (nowhere) AppenderV2(context.Context) promstorage.AppenderV2 { return nowhere{} }

func (nowhere) Append(promstorage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, promstorage.AOptions) (promstorage.SeriesRef, error) {
	return 1, nil
}

func (nowhere) Commit() error   { return nil }
func (nowhere) Rollback() error { return nil }

var allSpans = storage.Scan{Signal: model.Spans, Range: model.AllTime()}

// batchOf converts a span whose attributes are scalars.
func batchOf(s ptrace.Span) *model.Batch {
	sp := model.Span{
		TraceID: model.TraceID(s.TraceID()), SpanID: model.SpanID(s.SpanID()), ParentID: model.SpanID(s.ParentSpanID()), Name: s.Name(),
		Kind: model.SpanKind(s.Kind()), Start: int64(s.StartTimestamp()), Duration: int64(s.EndTimestamp() - s.StartTimestamp()),
		Status: model.StatusCode(s.Status().Code()), StatusMessage: s.Status().Message(), TraceState: s.TraceState().AsRaw(), Flags: s.Flags(),
		DroppedAttrs: s.DroppedAttributesCount(), DroppedEvents: s.DroppedEventsCount(), DroppedLinks: s.DroppedLinksCount(),
	}
	for _, e := range s.Events().All() {
		sp.Events = append(sp.Events, model.Event{Time: int64(e.Timestamp()), Name: e.Name(), Attrs: scalars(e.Attributes())})
	}
	for _, l := range s.Links().All() {
		sp.Links = append(sp.Links, model.Link{TraceID: model.TraceID(l.TraceID()), SpanID: model.SpanID(l.SpanID()), Flags: l.Flags(), Attrs: scalars(l.Attributes())})
	}
	bd := model.NewBuilder(model.Spans, 1)
	bd.Span(bd.Stream(&model.Stream{}), sp)
	for _, a := range scalars(s.Attributes()) {
		bd.Attr(a.Key, a.Value)
	}
	return bd.Batch()
}

func scalars(m pcommon.Map) (out []model.Attr) {
	for k, v := range m.All() {
		a := model.Attr{Key: k}
		switch v.Type() {
		case pcommon.ValueTypeInt:
			a.Value = model.Int(v.Int())
		case pcommon.ValueTypeDouble:
			a.Value = model.Float(v.Double())
		case pcommon.ValueTypeBool:
			a.Value = model.Bool(v.Bool())
		case pcommon.ValueTypeBytes:
			a.Value = model.Bytes(string(v.Bytes().AsRaw()))
		default:
			a.Value = model.String(v.Str())
		}
		out = append(out, a)
	}
	return model.SortAttrs(out)
}
