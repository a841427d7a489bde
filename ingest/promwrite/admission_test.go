package promwrite_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/admission"
	"github.com/oriel-obs/oriel/ingest/promwrite"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric"
)

// A gated receiver has rules, and counts what its caches are used for.
type gated struct {
	*receiver
	gate *admission.Gate
	reg  *prometheus.Registry
	refs *countedRefs
}

func newGated(t testing.TB, rules string) *gated {
	t.Helper()
	g := &gated{reg: prometheus.NewRegistry()}
	g.receiver = newReceiver(t, func(o *promwrite.Options) {
		g.refs = &countedRefs{Refs: o.Refs}
		var err error
		g.gate, err = admission.New(o.Store, ruleList(t, rules), o.Refs.(*metric.Refs).Clear, g.reg)
		require.NoError(t, err)
		o.Refs, o.Gate = g.refs, g.gate
	})
	return g
}

func ruleList(t testing.TB, text string) admission.Config {
	t.Helper()
	var c admission.Config
	require.NoError(t, yaml.Unmarshal([]byte(text), &c))
	return c
}

func (g *gated) dropped() float64 {
	n, err := testutil.GatherAndCount(g.reg, "oriel_ingest_rule_dropped_samples_total")
	require.NoError(g.t, err)
	if n == 0 {
		return 0
	}
	families, err := g.reg.Gather()
	require.NoError(g.t, err)
	total := 0.0
	for _, m := range families[0].Metric {
		total += m.GetCounter().GetValue()
	}
	return total
}

const dropAndChange = `
- {action: drop, source_labels: [__name__], regex: "debug_.*"}
- {action: labeldrop, regex: pod}
`

func TestRulesDropAndChangeSeries(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) {
			g := newGated(t, dropAndChange)
			for i := range int64(3) {
				w := g.send(version, g.now+i, float64(i))
				require.Equal(t, http.StatusNoContent, w)
			}
			require.Equal(t, []point{
				val(`{__name__="a", job="x"}`, g.now, 0), val(`{__name__="a", job="x"}`, g.now+1, 1), val(`{__name__="a", job="x"}`, g.now+2, 2),
				val(`{__name__="b"}`, g.now, 0), val(`{__name__="b"}`, g.now+1, 1), val(`{__name__="b"}`, g.now+2, 2),
			}, g.points())
			require.EqualValues(t, 3, g.dropped())
			require.Equal(t, []int{6, 3}, []int{g.refs.hits, g.refs.misses}, "each series is judged once")
			require.EqualValues(t, 6, g.account.Accepted()[0].Rows)
			require.Empty(t, g.account.Rejections())
		})
	}
}

// send writes a sample of three series: one that dropAndChange drops, one that
// it changes, and one that it leaves alone.
func (g *gated) send(version string, at int64, v float64) int {
	g.t.Helper()
	sets := [][]string{{"__name__", "debug_x", "pod", "1"}, {"__name__", "a", "job", "x", "pod", "1"}, {"__name__", "b"}}
	if version == "v1" {
		var all []prompb.TimeSeries
		for _, pairs := range sets {
			all = append(all, series1(at, v, pairs...))
		}
		return g.v1(all...).Code
	}
	q := newRequest2()
	for _, pairs := range sets {
		q.sample(at, v, pairs...)
	}
	w := g.v2(&q.Request)
	require.Equal(g.t, "3", w.Header().Get(writtenSamples), "what is dropped is not lost")
	return w.Code
}

func TestOtherRulesHoldForSeriesSeenBefore(t *testing.T) {
	g := newGated(t, "")
	pairs := []string{"__name__", "a", "pod", "1"}
	send := func(i int64) {
		require.Equal(t, http.StatusNoContent, g.v1(series1(g.now+i, float64(i), pairs...)).Code)
	}
	send(0)
	send(1)
	require.NoError(t, g.gate.Apply(ruleList(t, dropAndChange)))
	send(2)
	send(3)
	require.NoError(t, g.gate.Apply(ruleList(t, `[{action: drop, source_labels: [pod], regex: "1"}]`)))
	send(4)
	send(5)
	require.NoError(t, g.gate.Apply(nil))
	send(6)
	require.Equal(t, []point{
		val(`{__name__="a"}`, g.now+2, 2), val(`{__name__="a"}`, g.now+3, 3),
		val(`{__name__="a", pod="1"}`, g.now, 0), val(`{__name__="a", pod="1"}`, g.now+1, 1), val(`{__name__="a", pod="1"}`, g.now+6, 6),
	}, g.points())
}

func TestSeriesThatRulesMakeOneDoNotFailTheRequest(t *testing.T) {
	g := newGated(t, dropAndChange)
	w := g.v1(
		series1(g.now, 1, "__name__", "a", "pod", "1"), series1(g.now, 2, "__name__", "a", "pod", "2"), series1(g.now, 3, "__name__", "b"))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	w = g.v1(series1(g.now, 2, "__name__", "a", "pod", "2"), series1(g.now+1, 3, "__name__", "b"))
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	require.Equal(t, []point{val(`{__name__="a"}`, g.now, 1), val(`{__name__="b"}`, g.now, 3), val(`{__name__="b"}`, g.now+1, 3)}, g.points())
	require.Equal(t, 1, g.rejected(ingest.ReasonDuplicate), "what tsdb sees only when it commits it counts itself")
}

func TestRulesThatTakeTheNameDropTheSeries(t *testing.T) {
	g := newGated(t, `[{action: labeldrop, regex: __name__}]`)
	require.Equal(t, http.StatusNoContent, g.v1(series1(g.now, 1, "__name__", "a")).Code)
	require.Empty(t, g.points())
	require.EqualValues(t, 1, g.dropped())
}

func TestAChangedSeriesWhoseReferenceDiedIsRevived(t *testing.T) {
	g := newGated(t, dropAndChange)
	require.Equal(t, http.StatusNoContent, g.send("v1", g.now, 1))
	other := newReceiver(t, func(o *promwrite.Options) { o.Gate = g.gate }) // as the head of another store has no such series
	require.Equal(t, http.StatusNoContent, other.v1(series1(g.now, 7, "__name__", "a", "job", "x", "pod", "1")).Code)
	require.Equal(t, []point{val(`{__name__="a", job="x"}`, g.now, 7)}, other.points())
}

func TestRulesChangeWhileSendersSend(t *testing.T) {
	const senders, requests = 4, 40
	g := newGated(t, "")
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := range int64(requests) {
				n := fmt.Sprint(sender)
				w := g.v1(series1(g.now+i, 1, "__name__", "a", "n", n, "pod", "1"), series1(g.now+i, 1, "__name__", "debug_a", "n", n))
				if w.Code != http.StatusNoContent {
					t.Error(w.Code, w.Body)
				}
			}
		})
	}
	for i := range 20 {
		rules := dropAndChange
		if i%2 == 1 {
			rules = ""
		}
		require.NoError(t, g.gate.Apply(ruleList(t, rules)))
	}
	wg.Wait()
	require.NoError(t, g.gate.Apply(ruleList(t, dropAndChange)))
	dropped := g.dropped()
	for sender := range senders {
		n := fmt.Sprint(sender)
		for i := range int64(2) {
			w := g.v1(series1(g.now+1000+i, 9, "__name__", "a", "n", n, "pod", "1"), series1(g.now+1000+i, 9, "__name__", "debug_a", "n", n))
			require.Equal(t, http.StatusNoContent, w.Code)
		}
	}
	var late []point
	for _, p := range g.points() {
		if p.t >= g.now+1000 {
			late = append(late, p)
		}
	}
	var want []point
	for sender := range senders {
		series := fmt.Sprintf(`{__name__="a", n="%d"}`, sender)
		want = append(want, val(series, g.now+1000, 9), val(series, g.now+1001, 9))
	}
	require.ElementsMatch(t, want, late, "no verdict of other rules is left")
	require.EqualValues(t, 2*senders, g.dropped()-dropped)
}

func TestASeriesTooManyIsRefusedAndNoOther(t *testing.T) {
	r := newReceiver(t)
	known, added := []string{"__name__", "a", "x", "1"}, []string{"__name__", "a", "x", "2"}
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now, 1, known...)).Code)
	r.store.SetLimits(storage.SeriesLimits{MaxSeriesPerMetric: 1})
	const says = `metric "a": no new series, as it has 1 active ones and limits.metric.max_series_per_metric is 1`

	w := r.v1(series1(r.now+1, 2, known...), series1(r.now+1, 2, added...), series1(r.now+1, 3, "__name__", "b"))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Equal(t, says+"\n1 samples of new series were refused, the others are stored\n", w.Body.String())
	w = r.v2(&newRequest2().sample(r.now+2, 4, known...).sample(r.now+2, 4, added...).Request)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), says)
	require.Equal(t, "1", w.Header().Get(writtenSamples))

	require.Equal(t, []point{
		val(`{__name__="a", x="1"}`, r.now, 1), val(`{__name__="a", x="1"}`, r.now+1, 2), val(`{__name__="a", x="1"}`, r.now+2, 4),
		val(`{__name__="b"}`, r.now+1, 3),
	}, r.points())
	require.Equal(t, 2, r.rejected(ingest.ReasonSeriesLimit))
	r.store.SetLimits(storage.SeriesLimits{})
	require.Equal(t, http.StatusNoContent, r.v1(series1(r.now+3, 5, added...)).Code)
}

// BenchmarkRules is BenchmarkWrite with rules that drop a third of the series,
// change a third, and leave a third alone.
func BenchmarkRules(b *testing.B) {
	for _, rules := range []string{"", `
- {action: drop, source_labels: [__name__], regex: ".*_0[0-6]"}
- {action: replace, source_labels: [__name__], regex: ".*_1[0-6]", target_label: zone, replacement: north}
`} {
		b.Run(fmt.Sprint(rules != ""), func(b *testing.B) {
			g := newGated(b, rules)
			benchmarkWrite(b, g.router, typeV1, g.now, bodiesV1)
		})
	}
}
