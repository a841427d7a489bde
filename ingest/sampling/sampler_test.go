package sampling_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/sampling"
	"github.com/oriel-obs/oriel/model"
)

// A shelf keeps what it is given, after checking it.
type shelf struct {
	t       testing.TB
	mu      sync.Mutex
	batches []*model.Batch
}

func (s *shelf) Append(_ context.Context, b *model.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(s.t, b.Check())
	require.NotZero(s.t, b.Len())
	s.batches = append(s.batches, b)
	return nil
}

// A row is a span that was kept.
type row struct {
	model.Span
	service string
	attrs   map[string]string
	weight  float64
}

func (s *shelf) rows() (out []row) {
	for _, b := range s.batches {
		for i := range b.Len() {
			r := row{Span: b.SpanAt(i), service: b.Stream(i).Attr("service.name").Text(), attrs: map[string]string{}, weight: b.Attr(i, sampling.WeightAttr).Float64()}
			for _, c := range b.Attrs {
				if v := c.At(i); c.Key != sampling.WeightAttr && !v.IsNone() {
					r.attrs[c.Key] = v.Text()
				}
			}
			out = append(out, r)
		}
	}
	return out
}

func (s *shelf) names() (out []string) {
	for _, r := range s.rows() {
		out = append(out, r.Name)
	}
	return out
}

func newSampler(t testing.TB, edit func(*sampling.Config)) (*sampling.Sampler, *shelf) {
	t.Helper()
	cfg := sampling.DefaultConfig()
	edit(&cfg)
	require.NoError(t, cfg.Validate())
	sh := &shelf{t: t}
	return sampling.New(cfg, sh, prometheus.NewRegistry()), sh
}

// A span of a test; its trace is kept by head at any probability above 1/2 if
// high, else at none below.
type span struct {
	name    string
	service string
	trace   byte
	high    bool
	status  model.StatusCode
	took    time.Duration
	attr    string // value of the attribute "route"
	state   string
}

func (s span) traceID() model.TraceID {
	id := model.TraceID{15: s.trace}
	id[9] = 0x10
	if s.high {
		id[9] = 0xf0
	}
	return id
}

func batch(spans ...span) *model.Batch {
	bd := model.NewBuilder(model.Spans, len(spans))
	for i, s := range spans {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(s.service)}}})
		bd.Span(st, model.Span{
			TraceID: s.traceID(), SpanID: model.SpanID{byte(i + 1)}, Name: s.name, Status: s.status, Duration: int64(s.took), TraceState: s.state,
			StatusMessage: "m-" + s.name, Events: []model.Event{{Name: "e-" + s.name}},
		})
		if s.attr != "" {
			bd.Attr("route", model.String(s.attr))
		}
		bd.Attr("name", model.String(s.name))
	}
	return bd.Batch()
}

func TestRules(t *testing.T) {
	low := func(c *sampling.Config) { c.Probability = 0.5 }
	tests := []struct {
		name    string
		edit    func(*sampling.Config)
		batches [][]span
		want    map[string]float64 // weights of the kept
	}{
		{
			name: "the head decides by trace", edit: low,
			batches: [][]span{{{name: "a", trace: 1, high: true}, {name: "b", trace: 1, high: true}, {name: "c", trace: 2}}, {{name: "d", trace: 1, high: true}}},
			want:    map[string]float64{"a": 2, "b": 2, "d": 2},
		},
		{
			name: "probability 0 keeps what rules keep", edit: func(c *sampling.Config) { c.Probability = 0 },
			batches: [][]span{{{name: "a", trace: 1, high: true}, {name: "b", trace: 2, status: model.StatusError}}},
			want:    map[string]float64{"b": 1},
		},
		{
			name: "probability 1 keeps all", edit: func(*sampling.Config) {},
			batches: [][]span{{{name: "a", trace: 1}, {name: "b", trace: 2, high: true}}},
			want:    map[string]float64{"a": 1, "b": 1},
		},
		{
			name: "errors stand for themselves, their company for nobody", edit: low,
			batches: [][]span{{{name: "before", trace: 1}, {name: "boom", trace: 1, status: model.StatusError}, {name: "other", trace: 2}}, {{name: "later", trace: 1}}},
			want:    map[string]float64{"before": 0, "boom": 1, "later": 0},
		},
		{
			name: "company that the head keeps anyway has the head's weight", edit: low,
			batches: [][]span{{{name: "a", trace: 1, high: true}, {name: "boom", trace: 1, high: true, status: model.StatusError}}},
			want:    map[string]float64{"a": 2, "boom": 1},
		},
		{
			name: "what came in an earlier request is gone", edit: low,
			batches: [][]span{{{name: "early", trace: 1}}, {{name: "boom", trace: 1, status: model.StatusError}}},
			want:    map[string]float64{"boom": 1},
		},
		{
			name: "errors are kept only if asked", edit: func(c *sampling.Config) { c.Probability, c.Errors = 0.5, false },
			batches: [][]span{{{name: "boom", trace: 1, status: model.StatusError}, {name: "a", trace: 2, high: true}}},
			want:    map[string]float64{"a": 2},
		},
		{
			name: "slow spans", edit: func(c *sampling.Config) { c.Probability, c.SlowerThan = 0.5, time.Second },
			batches: [][]span{{{name: "slow", trace: 1, took: time.Second + 1}, {name: "not slower", trace: 2, took: time.Second}}},
			want:    map[string]float64{"slow": 1},
		},
		{
			name: "attributes of spans", edit: func(c *sampling.Config) {
				c.Probability, c.Attributes = 0.5, []sampling.Attribute{{Key: "route", Value: "/pay"}, {Key: "name", Value: "x"}}
			},
			batches: [][]span{{{name: "a", trace: 1, attr: "/pay"}, {name: "b", trace: 2, attr: "/"}, {name: "x", trace: 3}, {name: "c", trace: 4}}},
			want:    map[string]float64{"a": 1, "x": 1},
		},
		{
			name: "attributes of resources", edit: func(c *sampling.Config) {
				c.Probability, c.Attributes = 0.5, []sampling.Attribute{{Key: "service.name", Value: "pay"}}
			},
			batches: [][]span{{{name: "a", trace: 1, service: "pay"}, {name: "b", trace: 2, service: "shop"}}},
			want:    map[string]float64{"a": 1},
		},
		{
			name: "nothing is remembered if so told", edit: func(c *sampling.Config) { c.Probability, c.Remember = 0.5, 0 },
			batches: [][]span{{{name: "a", trace: 1}, {name: "boom", trace: 1, status: model.StatusError}}},
			want:    map[string]float64{"boom": 1},
		},
		{
			name: "the oldest trace is forgotten first", edit: func(c *sampling.Config) { c.Probability, c.Remember = 0.5, 1 },
			batches: [][]span{
				{{name: "e1", trace: 1, status: model.StatusError}},
				{{name: "e2", trace: 2, status: model.StatusError}},
				{{name: "a1", trace: 1}, {name: "a2", trace: 2}},
			},
			want: map[string]float64{"e1": 1, "e2": 1, "a2": 0},
		},
		{
			name: "the share of a sampler before is reckoned in", edit: low,
			batches: [][]span{{
				{name: "quarter", trace: 1, high: true, state: "ot=th:c"},
				{name: "half", trace: 2, high: true, state: "ot=th:8"},
				{name: "error", trace: 3, state: "v=1,ot=th:c;rv:00000000000001", status: model.StatusError},
				{name: "by rv", trace: 4, state: "ot=rv:ffffffffffffff"},
				{name: "not by rv", trace: 5, high: true, state: "ot=rv:00000000000000"},
			}},
			want: map[string]float64{"quarter": 4, "half": 2, "error": 4, "by rv": 2},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, sh := newSampler(t, tt.edit)
			for _, spans := range tt.batches {
				require.NoError(t, s.Append(t.Context(), batch(spans...)))
			}
			got := map[string]float64{}
			for _, r := range sh.rows() {
				got[r.Name] = r.weight
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestKeptSpansAreWhole(t *testing.T) {
	s, sh := newSampler(t, func(c *sampling.Config) { c.Probability = 0.5 })
	spans := []span{
		{name: "a", service: "gone", trace: 1},
		{name: "b", service: "x", trace: 2, high: true, attr: "/b"},
		{name: "c", service: "gone", trace: 3},
		{name: "d", service: "y", trace: 4, high: true},
		{name: "e", service: "x", trace: 5, high: true, attr: "/e"},
	}
	all := batch(spans...)
	all.Attrs = append(all.Attrs, &model.Column{Key: "zzz", Rows: []uint32{0, 2}, Vals: []model.Value{model.Int(1), model.Int(2)}})
	require.NoError(t, s.Append(t.Context(), all))
	rows := sh.rows()
	require.Equal(t, []string{"b", "d", "e"}, sh.names())
	for i, want := range []span{spans[1], spans[3], spans[4]} {
		require.Equal(t, want.service, rows[i].service)
		require.Equal(t, want.traceID(), rows[i].TraceID)
		require.Equal(t, "m-"+want.name, rows[i].StatusMessage)
		require.Equal(t, "e-"+want.name, rows[i].Events[0].Name)
		require.Equal(t, "ot=th:8", rows[i].TraceState)
		attrs := map[string]string{"name": want.name}
		if want.attr != "" {
			attrs["route"] = want.attr
		}
		require.Equal(t, attrs, rows[i].attrs)
	}
	require.Len(t, sh.batches[0].Streams, 2, "streams of dropped spans are dropped")
	require.Len(t, sh.batches[0].Attrs, 3, "and so are columns")
}

func TestOtherSignalsPass(t *testing.T) {
	s, sh := newSampler(t, func(c *sampling.Config) { c.Probability = 0 })
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{}), 1, "line")
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.Len(t, sh.batches, 1)
}

type failing struct{}

func (failing) Append(context.Context, *model.Batch) error { return errors.New("disk is gone") }

func TestAFailingStoreIsReported(t *testing.T) {
	s := sampling.New(sampling.DefaultConfig(), failing{}, prometheus.NewRegistry())
	require.ErrorContains(t, s.Append(t.Context(), batch(span{name: "a"})), "disk is gone")
}

// Weights estimate the counts of everything that came in, for each kind of
// span, though errors are kept and drag others along.
func TestWeightsCorrectCounts(t *testing.T) {
	for _, perSecond := range []float64{0, 400} {
		t.Run(fmt.Sprintf("limit %g", perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(5, 6))
				s, sh := newSampler(t, func(c *sampling.Config) {
					c.Probability, c.MaxSpansPerSecond = 0.2, perSecond
				})
				sent := map[string]float64{}
				const rounds, traces = 40, 200
				for range rounds {
					bd := model.NewBuilder(model.Spans, 0)
					for range traces {
						var id model.TraceID
						for i := range id {
							id[i] = byte(rnd.IntN(256))
						}
						bad := rnd.IntN(20) == 0
						for j := range 1 + rnd.IntN(40) {
							sp := model.Span{TraceID: id, SpanID: model.SpanID{byte(j + 1)}, Name: fmt.Sprintf("op%d", j%3)}
							if bad && j == 0 {
								sp.Name, sp.Status = "bad", model.StatusError
							}
							sent[sp.Name]++
							bd.Span(bd.Stream(&model.Stream{}), sp)
						}
					}
					require.NoError(t, s.Append(t.Context(), bd.Batch()))
					time.Sleep(time.Second)
				}
				weighed, kept, alone := map[string]float64{}, 0.0, 0.0
				for _, r := range sh.rows() {
					weighed[r.Name] += r.weight
					kept++
					if r.Status != model.StatusError && r.weight > 0 {
						alone++
					}
				}
				require.InDelta(t, sent["bad"], weighed["bad"], 1e-9, "errors are all there")
				for name, n := range sent {
					require.InEpsilon(t, n, weighed[name], 0.12, name)
				}
				total := 0.0
				for _, n := range sent {
					total += n
				}
				require.Less(t, kept, total*0.3)
				if perSecond > 0 {
					require.InDelta(t, perSecond, alone/rounds, perSecond*0.25, "spans a second by head")
				}
			})
		})
	}
}

func TestAnIdleServiceIsFreeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, sh := newSampler(t, func(c *sampling.Config) { c.MaxSpansPerSecond = 10 })
		send := func(n int) int {
			before := len(sh.rows())
			spans := make([]span, n)
			for i := range spans {
				spans[i] = span{name: "a", trace: byte(i)}
			}
			require.NoError(t, s.Append(t.Context(), batch(spans...)))
			return len(sh.rows()) - before
		}
		require.Equal(t, 100, send(100), "the first second is not known yet")
		time.Sleep(time.Second)
		require.Zero(t, send(100), "these traces have a low randomness")
		time.Sleep(time.Minute)
		require.Equal(t, 5, send(5))
	})
}

func TestConcurrentSendersLoseNothing(t *testing.T) {
	s, sh := newSampler(t, func(c *sampling.Config) { c.Probability = 0.5 })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				_ = s.Append(t.Context(), batch(span{name: "a", trace: 1, high: true}, span{name: "b", trace: 2}))
			}
		})
	}
	wg.Wait()
	require.Len(t, sh.rows(), 200)
}

func TestFaultyConfigurationNamesItsKey(t *testing.T) {
	for want, edit := range map[string]func(*sampling.Config){
		"probability: 1.5 is not within":     func(c *sampling.Config) { c.Probability = 1.5 },
		"probability: NaN is not within":     func(c *sampling.Config) { c.Probability = math.NaN() },
		"max_spans_per_second: -1 is not":    func(c *sampling.Config) { c.MaxSpansPerSecond = -1 },
		"slower_than: -1s is negative":       func(c *sampling.Config) { c.SlowerThan = -time.Second },
		"remember: -1 is negative":           func(c *sampling.Config) { c.Remember = -1 },
		"attributes[0].key: must be set":     func(c *sampling.Config) { c.Attributes = []sampling.Attribute{{Value: "x"}} },
		"max_spans_per_second: +Inf is not ": func(c *sampling.Config) { c.MaxSpansPerSecond = math.Inf(1) },
	} {
		cfg := sampling.DefaultConfig()
		edit(&cfg)
		require.ErrorContains(t, cfg.Validate(), want)
	}
}

var _ ingest.EventWriter = (*sampling.Sampler)(nil)
