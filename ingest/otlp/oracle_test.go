package otlp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/otlptranslator"
	promconfig "github.com/prometheus/prometheus/config"
	promexemplar "github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// TestTranslationIsThatOfPrometheus gives generated metrics of all types to
// Prometheus' own translation and to ours, which must store the same: once as
// series never met, and once more as series remembered.
func TestTranslationIsThatOfPrometheus(t *testing.T) {
	seen, hits := map[pmetric.MetricType]int{}, 0
	for seed := range uint64(300) {
		g := &generator{rand.New(rand.NewPCG(seed, 1))}
		cfg := g.config()
		refs := &mapRefs{entries: map[uint64]mapRef{}, one: seed%10 == 0}
		sent := g.metrics()
		for round := range 2 {
			md := pmetric.NewMetrics()
			sent.CopyTo(md)
			for _, rm := range md.ResourceMetrics().All() {
				for _, sm := range rm.ScopeMetrics().All() {
					for _, m := range sm.Metrics().All() {
						seen[m.Type()]++
					}
				}
			}
			want := byPrometheus(t, cfg, md)
			r := newRig(t, func(o *Options) { o.Config, o.Refs = cfg, refs })
			out, err := r.storePoints(context.Background(), md)
			require.NoError(t, err)
			require.Zero(t, out.rejected(), out.message())
			if diff := cmp.Diff(want, samplesOf(r.samples)); diff != "" {
				t.Fatalf("seed %d, round %d, %+v: Prometheus stores -, we store +:\n%s", seed, round, cfg, diff)
			}
		}
		hits += refs.hits
	}
	require.Greater(t, hits, 5000)
	require.Len(t, seen, 5, "every type of metric was generated")
}

// byPrometheus returns what Prometheus stores of md.
func byPrometheus(t *testing.T, c Config, md pmetric.Metrics) []string {
	plain := pmetric.NewMetrics()
	md.CopyTo(plain)
	app := teststorage.NewAppendable()
	tx := app.AppenderV2(context.Background())
	_, err := prometheusremotewrite.NewPrometheusConverter(tx).FromMetrics(context.Background(), plain, prometheusremotewrite.Settings{
		AddMetricSuffixes: c.TranslationStrategy.ShouldAddSuffixes(),
		AllowUTF8:         !c.TranslationStrategy.ShouldEscape(),
		PromoteResourceAttributes: prometheusremotewrite.NewPromoteResourceAttributes(promconfig.OTLPConfig{
			PromoteAllResourceAttributes: c.PromoteAllResourceAttributes,
			PromoteResourceAttributes:    c.PromoteResourceAttributes,
			IgnoreResourceAttributes:     c.IgnoreResourceAttributes,
		}),
		KeepIdentifyingResourceAttributes:    c.KeepIdentifyingResourceAttributes,
		ConvertHistogramsToNHCB:              c.ConvertHistogramsToNHCB,
		PromoteScopeMetadata:                 c.PromoteScopeMetadata,
		LabelNameUnderscoreSanitization:      c.LabelNameUnderscoreSanitization,
		LabelNamePreserveMultipleUnderscores: c.LabelNamePreserveMultipleUnderscores,
	})
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	return samplesOf(app)
}

func samplesOf(a *teststorage.Appendable) []string {
	var out []string
	for _, s := range a.ResultSamples() {
		v := fmt.Sprint(s.V)
		switch {
		case s.H != nil && value.IsStaleNaN(s.H.Sum): // buckets of a marker mean nothing
			v = fmt.Sprint("stale histogram of schema ", s.H.Schema)
		case s.H != nil:
			v = fmt.Sprintf("%v schema %d zero %v bounds %v", s.H.ToFloat(nil).Compact(0), s.H.Schema, s.H.ZeroThreshold, s.H.CustomValues)
		case value.IsStaleNaN(s.V):
			v = "stale"
		}
		out = append(out, fmt.Sprintf("%s %s %s@%d-%d %v %+v", s.MF, s.L, v, s.ST, s.T, s.M, exemplarTexts(s.ES)))
	}
	slices.Sort(out)
	return out
}

func exemplarTexts(es []promexemplar.Exemplar) []string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%s %v@%d %t", e.Labels, e.Value, e.Ts, e.HasTs))
	}
	return out
}

// mapRefs remembers series as a store does, or all of them under one hash.
type mapRefs struct {
	entries map[uint64]mapRef
	one     bool
	hits    int
}

type mapRef struct {
	ref promstorage.SeriesRef
	ls  labels.Labels
}

func (m *mapRefs) key(hash uint64) uint64 {
	if m.one {
		return 0
	}
	return hash
}

func (m *mapRefs) Get(hash uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, bool) {
	e, ok := m.entries[m.key(hash)]
	if !ok || !equal(e.ls) {
		return 0, labels.EmptyLabels(), false
	}
	return e.ref, e.ls, true
}

func (m *mapRefs) Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels) {
	m.entries[m.key(hash)] = mapRef{ref, ls}
}

func (m *mapRefs) Count(hits, _ int) { m.hits += hits }

// A generator makes metrics with every oddity that Prometheus stores.
type generator struct{ *rand.Rand }

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) config() Config {
	c := DefaultConfig()
	c.TranslationStrategy = pick(g, otlptranslator.UnderscoreEscapingWithSuffixes, otlptranslator.UnderscoreEscapingWithoutSuffixes,
		otlptranslator.NoUTF8EscapingWithSuffixes, otlptranslator.NoTranslation)
	c.PromoteResourceAttributes = pick(g, []string{}, []string{"host.name", "region", "service.name"})
	if g.IntN(4) == 0 {
		c.PromoteAllResourceAttributes, c.PromoteResourceAttributes = true, nil
		c.IgnoreResourceAttributes = pick(g, nil, []string{"host.name"})
	}
	c.KeepIdentifyingResourceAttributes = g.IntN(2) == 0
	c.ConvertHistogramsToNHCB = g.IntN(2) == 0
	c.PromoteScopeMetadata = g.IntN(2) == 0
	c.LabelNameUnderscoreSanitization = g.IntN(2) == 0
	c.LabelNamePreserveMultipleUnderscores = g.IntN(2) == 0
	return c
}

func (g *generator) attributes(m pcommon.Map, keys ...string) {
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, k := range keys[:g.IntN(len(keys)+1)] {
		switch g.IntN(7) {
		case 0:
			m.PutInt(k, int64(g.IntN(300)))
		case 1:
			m.PutBool(k, true)
		case 2:
			m.PutDouble(k, 1.5)
		case 3:
			m.PutStr(k, "")
		case 4:
			m.PutEmptyMap(k).PutStr("a", "b")
		default:
			m.PutStr(k, pick(g, "x", "höher", "a;b"))
		}
	}
}

func (g *generator) metrics() pmetric.Metrics {
	md := pmetric.NewMetrics()
	for range 1 + g.IntN(3) {
		rm := md.ResourceMetrics().AppendEmpty()
		g.attributes(rm.Resource().Attributes(), "service.name", "service.namespace", "service.instance.id", "host.name", "host_name", "region", "job")
		for range 1 + g.IntN(2) {
			sm := rm.ScopeMetrics().AppendEmpty()
			sm.Scope().SetName(pick(g, "", "lib"))
			sm.Scope().SetVersion(pick(g, "", "2"))
			sm.SetSchemaUrl(pick(g, "", "https://example.com"))
			g.attributes(sm.Scope().Attributes(), "k.v", "name")
			for range 1 + g.IntN(5) {
				g.metric(sm.Metrics().AppendEmpty())
			}
		}
	}
	return md
}

// A generated is what all kinds of point have.
type generated interface {
	SetTimestamp(pcommon.Timestamp)
	SetStartTimestamp(pcommon.Timestamp)
	SetFlags(pmetric.DataPointFlags)
	Attributes() pcommon.Map
}

func (g *generator) point(p generated) {
	p.SetTimestamp(timestamp(-time.Duration(g.IntN(900)) * time.Second))
	p.SetStartTimestamp(pick(g, 0, timestamp(-time.Hour)))
	p.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(g.IntN(10) == 0))
	g.attributes(p.Attributes(), "http.route", "http_route", "http-route", "le", "quantile", "job", "__name__", "0day", "_x", "x..y", "region", "größe")
}

func (g *generator) exemplars(es pmetric.ExemplarSlice) {
	at, v := -time.Hour, 0.0
	for range g.IntN(4) {
		at, v = at+time.Minute, v+g.Float64()
		e := es.AppendEmpty()
		e.SetTimestamp(timestamp(at))
		e.SetDoubleValue(v)
		e.SetTraceID([16]byte{byte(g.IntN(2))})
		e.SetSpanID([8]byte{byte(g.IntN(2))})
		e.FilteredAttributes().PutStr("user", strings.Repeat("ö", g.IntN(100)))
	}
}

func (g *generator) metric(m pmetric.Metric) {
	m.SetName(pick(g, "http.requests", "http_requests", "a.total.b", "9lives", "memory.bytes", "größe.x"))
	m.SetUnit(pick(g, "", "1", "s", "By", "By/s", "{item}", "wid.gets"))
	m.SetDescription(pick(g, "", "What it is"))
	n := 1 + g.IntN(3)
	switch g.IntN(5) {
	case 0:
		ps := m.SetEmptyGauge().DataPoints()
		for range n {
			p := ps.AppendEmpty()
			g.point(p)
			g.exemplars(p.Exemplars())
			p.SetIntValue(int64(g.IntN(9)))
		}
	case 1:
		s := m.SetEmptySum()
		s.SetAggregationTemporality(cumulative)
		s.SetIsMonotonic(g.IntN(2) == 0)
		for range n {
			p := s.DataPoints().AppendEmpty()
			g.point(p)
			g.exemplars(p.Exemplars())
			p.SetDoubleValue(g.Float64())
		}
	case 2:
		h := m.SetEmptyHistogram()
		h.SetAggregationTemporality(cumulative)
		for range n {
			g.histogram(h.DataPoints().AppendEmpty())
		}
	case 3:
		h := m.SetEmptyExponentialHistogram()
		h.SetAggregationTemporality(cumulative)
		for range n {
			g.exponential(h.DataPoints().AppendEmpty())
		}
	default:
		ps := m.SetEmptySummary().DataPoints()
		for range n {
			p := ps.AppendEmpty()
			g.point(p)
			p.SetCount(uint64(g.IntN(9)))
			p.SetSum(g.Float64())
			for _, q := range []float64{0.5, 0.99, 1}[:g.IntN(4)] {
				v := p.QuantileValues().AppendEmpty()
				v.SetQuantile(q)
				v.SetValue(g.Float64())
			}
		}
	}
}

func (g *generator) histogram(p pmetric.HistogramDataPoint) {
	g.point(p)
	g.exemplars(p.Exemplars())
	if g.IntN(2) == 0 {
		p.SetSum(g.Float64())
	}
	p.SetMin(0)
	p.SetMax(1)
	bounds := []float64{1e-5, 0.25, 1, 1e21}[:g.IntN(5)]
	counts, total := g.counts(len(bounds) + 1)
	if len(bounds) == 0 && g.IntN(2) == 0 {
		counts = nil
	}
	p.ExplicitBounds().FromRaw(bounds)
	p.BucketCounts().FromRaw(counts)
	p.SetCount(total)
}

func (g *generator) exponential(p pmetric.ExponentialHistogramDataPoint) {
	g.point(p)
	g.exemplars(p.Exemplars())
	if g.IntN(2) == 0 {
		p.SetSum(g.Float64())
	}
	p.SetScale(int32(g.IntN(25)) + histogram.ExponentialSchemaMin)
	p.SetZeroCount(uint64(g.IntN(3)))
	total := p.ZeroCount()
	for _, b := range []pmetric.ExponentialHistogramDataPointBuckets{p.Positive(), p.Negative()} {
		counts, n := g.counts(g.IntN(40))
		if p.Scale() > histogram.ExponentialSchemaMax {
			// Merging down to the finest schema, Prometheus puts what follows an
			// empty bucket into a neighbouring one.
			for i := range counts {
				counts[i]++
				n++
			}
		}
		b.SetOffset(int32(g.IntN(2000) - 1000))
		b.BucketCounts().FromRaw(counts)
		total += n
	}
	p.SetCount(total)
}

// counts returns n bucket counts, most of them zero, and their sum.
func (g *generator) counts(n int) (counts []uint64, total uint64) {
	counts = make([]uint64, n)
	for i := range counts {
		if g.IntN(4) == 0 {
			counts[i] = uint64(g.IntN(5))
			total += counts[i]
		}
	}
	return counts, total
}
