package admission_test

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/ingest/admission"
	"github.com/oriel-obs/oriel/storage/metric"
)

func rules(t testing.TB, text string) admission.Config {
	t.Helper()
	var c admission.Config
	require.NoError(t, yaml.Unmarshal([]byte(text), &c))
	return c
}

// A rig is a gate to a store of its own.
type rig struct {
	testing.TB
	store   *metric.Store
	gate    *admission.Gate
	reg     *prometheus.Registry
	forgets int
	now     int64
}

func newRig(t testing.TB, text string) *rig {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	s, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r := &rig{TB: t, store: s, reg: prometheus.NewRegistry(), now: time.Now().UnixMilli()}
	r.gate, err = admission.New(s, rules(t, text), func() { r.forgets++ }, r.reg)
	require.NoError(t, err)
	return r
}

// write appends the next value of a series, as its sender knows it, and
// returns the reference that the sender gets.
func (r *rig) write(ref promstorage.SeriesRef, v float64, pairs ...string) promstorage.SeriesRef {
	r.Helper()
	r.now++
	app := r.gate.AppenderV2(r.Context())
	got, err := app.Append(ref, labels.FromStrings(pairs...), 0, r.now, v, nil, nil, promstorage.AOptions{})
	require.NoError(r, err)
	require.NoError(r, app.Commit())
	return got
}

// stored reads everything back.
func (r *rig) stored() map[string][]float64 {
	r.Helper()
	q, err := r.store.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(r, err)
	defer func() { require.NoError(r, q.Close()) }()
	out := map[string][]float64{}
	set := q.Select(r.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".*"))
	for set.Next() {
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			_, v := it.At()
			out[set.At().Labels().String()] = append(out[set.At().Labels().String()], v)
		}
	}
	require.NoError(r, set.Err())
	return out
}

// dropped returns the samples that each rule has dropped.
func (r *rig) dropped() map[string]float64 {
	r.Helper()
	families, err := r.reg.Gather()
	require.NoError(r, err)
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			if v := m.GetCounter().GetValue(); v > 0 {
				out[label(m, "rule")+" "+label(m, "action")] = v
			}
		}
	}
	return out
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.Label {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func TestRulesDropKeepAndChangeSeries(t *testing.T) {
	r := newRig(t, `
- {action: drop, source_labels: [__name__], regex: "debug_.*"}
- {action: keep, source_labels: [team], regex: ".+"}
- {action: labeldrop, regex: pod}
- {action: replace, source_labels: [__name__], regex: "old_(.*)", target_label: __name__, replacement: "new_$1"}
`)
	for range 2 { // the second time what became of a series is known
		require.Zero(t, r.write(0, 1, "__name__", "debug_x", "team", "a"))
		require.Zero(t, r.write(0, 2, "__name__", "x"))
		require.NotZero(t, r.write(0, 3, "__name__", "x", "team", "a"))
		require.NotZero(t, r.write(0, 4, "__name__", "x", "team", "b", "pod", "1"))
		require.NotZero(t, r.write(0, 5, "__name__", "old_x", "team", "a"))
	}
	require.Equal(t, map[string][]float64{
		`{__name__="x", team="a"}`:     {3, 3},
		`{__name__="x", team="b"}`:     {4, 4},
		`{__name__="new_x", team="a"}`: {5, 5},
	}, r.stored())
	require.Equal(t, map[string]float64{"0 drop": 2, "1 keep": 2}, r.dropped())
}

func TestARuleThatTakesTheNameDropsTheSeries(t *testing.T) {
	r := newRig(t, `[{action: labeldrop, regex: __name__}]`)
	require.Zero(t, r.write(0, 1, "__name__", "x"))
	require.Equal(t, map[string]float64{"0 labeldrop": 1}, r.dropped())
	require.Empty(t, r.stored())
}

func TestReferencesHoldUntilTheRulesChange(t *testing.T) {
	const dropPods = `[{action: labeldrop, regex: pod}]`
	pod := []string{"__name__", "x", "pod", "1"}
	r := newRig(t, "")
	plain := r.write(0, 1, pod...)
	require.Equal(t, plain, r.write(plain, 2, pod...))

	require.NoError(t, r.gate.Apply(rules(t, dropPods)))
	changed := r.write(plain, 3, pod...) // the reference is of before
	require.NotEqual(t, plain, changed)
	require.Equal(t, changed, r.write(changed, 4, pod...))
	as := r.write(0, 5, "__name__", "y")
	require.Equal(t, as, r.write(as, 6, "__name__", "y"))

	require.NoError(t, r.gate.Apply(rules(t, `[{action: drop, source_labels: [__name__], regex: y}]`)))
	require.Zero(t, r.write(as, 7, "__name__", "y"))
	r.write(changed, 8, pod...)

	require.NoError(t, r.gate.Apply(nil))
	r.write(changed, 9, pod...)
	r.write(as, 10, "__name__", "y")
	require.Equal(t, map[string][]float64{
		`{__name__="x", pod="1"}`: {1, 2, 8, 9},
		`{__name__="x"}`:          {3, 4},
		`{__name__="y"}`:          {5, 6, 10},
	}, r.stored())
}

func TestOnlyOtherRulesForgetWhatReceiversKnow(t *testing.T) {
	const text = `[{action: drop, source_labels: [__name__], regex: y}]`
	r := newRig(t, "")
	require.Zero(t, r.gate.Rules(t.Context()).Seed())
	require.False(t, r.gate.Rules(t.Context()).Active())
	require.NoError(t, r.gate.Apply(rules(t, text)))
	seed := r.gate.Rules(t.Context()).Seed()
	require.NotZero(t, seed)
	require.NoError(t, r.gate.Apply(rules(t, text)))
	require.Equal(t, seed, r.gate.Rules(t.Context()).Seed())
	require.Equal(t, 1, r.forgets)
	require.NoError(t, r.gate.Apply(nil))
	require.NotEqual(t, seed, r.gate.Rules(t.Context()).Seed())
	require.False(t, r.gate.Rules(t.Context()).Active())
	require.Equal(t, 2, r.forgets)
}

func TestFaultyRulesLeaveTheOldOnesInForce(t *testing.T) {
	r := newRig(t, `[{action: drop, source_labels: [__name__], regex: y}]`)
	require.ErrorContains(t, r.gate.Apply(rules(t, `[{action: drop, source_labels: [a], regex: b}, {action: hashmod, source_labels: [a], target_label: b}]`)),
		"metric_relabel_configs[1]: relabel configuration for hashmod requires non-zero modulus")
	require.ErrorContains(t, r.gate.Apply(rules(t, `[null]`)), "metric_relabel_configs[0]: the rule is empty")
	require.Zero(t, r.write(0, 1, "__name__", "y"))
}

func TestMetadataFollowARename(t *testing.T) {
	for _, tt := range []struct{ name, sent, family, to, want string }{
		{"a family of one series", "old", "old", "new", "new"},
		{"a suffix", "old_bucket", "old", "new_bucket", "new"},
		{"a suffix that is lost", "old_bucket", "old", "other", ""},
		{"no rename", "same", "same", "same", "same"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, `[{target_label: __name__, replacement: `+tt.to+`}, {target_label: more, replacement: x}]`)
			app := r.gate.AppenderV2(t.Context())
			_, err := app.Append(0, labels.FromStrings("__name__", tt.sent), 0, r.now, 1, nil, nil, promstorage.AOptions{
				MetricFamilyName: tt.family, Metadata: metadata.Metadata{Help: "help"},
			})
			require.NoError(t, err)
			require.NoError(t, app.Commit())
			var got []string
			for name := range r.store.Families.All() {
				got = append(got, name)
			}
			if tt.want == "" {
				require.Empty(t, got)
			} else {
				require.Equal(t, []string{tt.want}, got)
			}
		})
	}
}

func TestExemplarsGoWhereTheirSamplesGo(t *testing.T) {
	r := newRig(t, `[{action: drop, source_labels: [__name__], regex: y}, {action: labeldrop, regex: pod}]`)
	app := r.gate.AppenderV2(t.Context())
	for _, ls := range []labels.Labels{
		labels.FromStrings("__name__", "x", "pod", "1"), labels.FromStrings("__name__", "y"), labels.FromStrings("__name__", "z"),
	} {
		ref, err := app.Append(0, ls, 0, r.now, 1, nil, nil, promstorage.AOptions{})
		require.NoError(t, err)
		_, err = app.(promstorage.ExemplarAppender).AppendExemplar(ref, ls, exemplar.Exemplar{Labels: labels.FromStrings("trace_id", "1"), Ts: r.now, HasTs: true})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	q, err := r.store.ExemplarQuerier(t.Context())
	require.NoError(t, err)
	got, err := q.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+")})
	require.NoError(t, err)
	var series []string
	for _, x := range got {
		series = append(series, x.SeriesLabels.String())
	}
	require.ElementsMatch(t, []string{`{__name__="x"}`, `{__name__="z"}`}, series)
}

func TestTheStoreLooksUpOnlySeriesThatAreStoredAsSent(t *testing.T) {
	r := newRig(t, `[{action: labeldrop, regex: pod}]`)
	pod := labels.FromStrings("__name__", "x", "pod", "1")
	r.write(0, 1, "__name__", "x", "pod", "1")
	app := r.gate.AppenderV2(t.Context())
	ref, _ := app.(promstorage.GetRef).GetRef(pod, pod.Hash())
	require.Zero(t, ref)
	plain := labels.FromStrings("__name__", "x")
	ref, ls := app.(promstorage.GetRef).GetRef(plain, plain.Hash())
	require.NotZero(t, ref)
	require.Equal(t, plain, ls)
	got, err := app.Append(ref, plain, 0, r.now+1, 2, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.Equal(t, ref, got)
	require.NoError(t, app.Commit())
	require.Equal(t, map[string][]float64{`{__name__="x"}`: {1, 2}}, r.stored())
}

func BenchmarkAppend(b *testing.B) {
	for name, text := range map[string]string{
		"none":    "",
		"some":    `[{action: drop, source_labels: [__name__], regex: "debug_.*|trace_.*"}, {action: keep, source_labels: [job], regex: ".+"}]`,
		"changed": `[{action: labeldrop, regex: pod}]`,
	} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, text)
			ls := labels.FromStrings("__name__", "requests_total", "job", "api", "instance", "10.0.0.1:80", "pod", "api-1", "method", "GET", "status", "200")
			b.ReportAllocs()
			b.ResetTimer()
			app := r.gate.AppenderV2(b.Context())
			for i := 0; b.Loop(); i++ {
				r.now += 1000
				if _, err := app.Append(0, ls, 0, r.now, float64(i), nil, nil, promstorage.AOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			require.NoError(b, app.Rollback())
		})
	}
}
