package servicegraph_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/servicegraph"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is a Graph between a sender and stores.
type rig struct {
	t      testing.TB
	graph  *servicegraph.Graph
	db     *teststorage.TestStorage
	events storagetest.Memory
	reg    *prometheus.Registry
	begin  time.Time
	now    time.Time // of the write that comes
}

func newRig(t testing.TB, edit func(*servicegraph.Config)) *rig {
	t.Helper()
	cfg := servicegraph.DefaultConfig()
	if edit != nil {
		edit(&cfg)
	}
	require.NoError(t, cfg.Validate())
	r := &rig{t: t, db: teststorage.New(t), reg: prometheus.NewRegistry(), begin: time.Now()}
	r.now = r.begin
	r.graph = servicegraph.New(servicegraph.Options{Config: cfg, Metrics: r.db, Account: ingest.NewAccount(r.reg), Registerer: r.reg})
	return r
}

// send sends the spans in one batch.
func (r *rig) send(spans ...span) {
	r.t.Helper()
	require.NoError(r.t, r.graph.Writer(&r.events).Append(r.t.Context(), batch(r.begin, spans)))
}

// write writes the metrics, 15 seconds after the write before.
func (r *rig) write() {
	r.t.Helper()
	r.now = r.now.Add(15 * time.Second)
	require.NoError(r.t, r.graph.Write(r.t.Context(), r.now))
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

// value returns one of the registry's metrics, all its series together.
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

// A span of a test. Times are offsets in milliseconds.
type span struct {
	service    string // and further resource attributes: "shop zone=a"
	kind       model.SpanKind
	trace      byte // 1 unless set
	id, parent byte
	link       byte // id of a span of the same trace
	at, took   int
	failed     bool
	attrs      string // "key=value key=value"
}

func batch(begin time.Time, spans []span) *model.Batch {
	bd := model.NewBuilder(model.Spans, len(spans))
	for _, s := range spans {
		trace := model.TraceID{max(s.trace, 1)}
		sp := model.Span{
			TraceID: trace, SpanID: model.SpanID{s.id}, ParentID: model.SpanID{s.parent}, Name: "n", Kind: s.kind,
			Start: begin.UnixNano() + int64(s.at)*1e6, Duration: int64(s.took) * 1e6,
		}
		if s.failed {
			sp.Status = model.StatusError
		}
		if s.link != 0 {
			sp.Links = []model.Link{{TraceID: trace, SpanID: model.SpanID{s.link}}, {TraceID: trace, SpanID: model.SpanID{99}}}
		}
		resource := attrs("service.name=" + s.service)
		if s.service == "" {
			resource = nil
		}
		bd.Span(bd.Stream(&model.Stream{Attrs: resource}), sp)
		for _, a := range attrs(s.attrs) {
			bd.Attr(a.Key, a.Value)
		}
	}
	return bd.Batch()
}

func attrs(pairs string) (out []model.Attr) {
	for _, p := range strings.Fields(pairs) {
		k, v, _ := strings.Cut(p, "=")
		out = append(out, model.Attr{Key: k, Value: model.String(v)})
	}
	return model.SortAttrs(out)
}

// failing is a store that takes nothing.
type failing struct{}

func (failing) Append(context.Context, *model.Batch) error { return errors.New("disk is gone") }

// taking is a store that forgets everything.
type taking struct{}

func (taking) Append(context.Context, *model.Batch) error { return nil }

// nowhere is a metric store that keeps nothing.
type nowhere struct{}

func (nowhere) AppenderV2(context.Context) promstorage.AppenderV2 { return nowhere{} }

func (nowhere) Append(promstorage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, promstorage.AOptions) (promstorage.SeriesRef, error) {
	return 1, nil
}

func (nowhere) Commit() error   { return nil }
func (nowhere) Rollback() error { return nil }
