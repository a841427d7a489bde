package spanmetrics_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/ingest/sampling"
	"github.com/oriel-obs/oriel/ingest/spanmetrics"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestLabels(t *testing.T) {
	tests := []struct {
		name                 string
		edit                 func(*spanmetrics.Config)
		resource, attributes string
		span                 model.Span
		want                 string
	}{
		{
			name: "those of Tempo", resource: "service.name=shop",
			span: model.Span{Name: "GET /", Kind: model.SpanServer, Status: model.StatusError},
			want: `{service="shop", span_kind="SPAN_KIND_SERVER", span_name="GET /", status_code="STATUS_CODE_ERROR"}`,
		},
		{
			name: "nothing said", want: `{service="unknown_service", span_kind="SPAN_KIND_UNSPECIFIED", status_code="STATUS_CODE_UNSET"}`,
		},
		{
			name: "a status message only if asked", resource: "service.name=s",
			edit: func(c *spanmetrics.Config) { c.Intrinsic = spanmetrics.Intrinsic{StatusMessage: true} },
			span: model.Span{Name: "n", Status: model.StatusError, StatusMessage: "boom"},
			want: `{status_message="boom"}`,
		},
		{
			name: "dimensions of the resource come before those of the span", resource: "service.name=s zone=r",
			attributes: "zone=s http.route=/a", edit: func(c *spanmetrics.Config) { c.Dimensions = []string{"zone", "http.route", "absent"} },
			span: model.Span{Name: "n", Kind: model.SpanClient},
			want: `{http_route="/a", service="s", span_kind="SPAN_KIND_CLIENT", span_name="n", status_code="STATUS_CODE_UNSET", zone="r"}`,
		},
		{
			name: "a dimension named like a label of ours gets underscores", resource: "service.name=s", attributes: "span.kind=x service=y",
			edit: func(c *spanmetrics.Config) { c.Dimensions = []string{"span.kind", "service"} },
			span: model.Span{Name: "n", Kind: model.SpanInternal, Status: model.StatusOK},
			want: `{__service="y", __span_kind="x", service="s", span_kind="SPAN_KIND_INTERNAL", span_name="n", status_code="STATUS_CODE_OK"}`,
		},
		{
			name: "job and instance come with target info", resource: "service.name=s service.namespace=ns service.instance.id=i host.name=h",
			edit: func(c *spanmetrics.Config) { c.TargetInfo = true }, span: model.Span{Name: "n"},
			want: `{instance="i", job="ns/s", service="s", span_kind="SPAN_KIND_UNSPECIFIED", span_name="n", status_code="STATUS_CODE_UNSET"}`,
		},
		{
			name: "long names are cut", resource: "service.name=s", span: model.Span{Name: strings.Repeat("n", 600)},
			want: `{service="s", span_kind="SPAN_KIND_UNSPECIFIED", span_name="` + strings.Repeat("n", 512) + `", status_code="STATUS_CODE_UNSET"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.edit)
			for range 2 {
				r.send(one(tt.resource, tt.attributes, tt.span))
			}
			r.write()
			require.Equal(t, map[string]float64{tt.want: 2}, r.last(spanmetrics.CallsTotal))
			require.Equal(t, map[string]float64{tt.want: 2}, r.last(spanmetrics.Latency))
			require.Equal(t, map[string]float64{tt.want: 2}, r.last(spanmetrics.Latency+"_count"))
		})
	}
}

func TestEachFormCanBeSwitchedOff(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.Latency.Native, c.Size = false, false })
	r.send(one("service.name=s", "", model.Span{Name: "n"}))
	r.write()
	require.Empty(t, r.last(spanmetrics.Latency))
	require.Empty(t, r.last(spanmetrics.SizeTotal))
	require.NotEmpty(t, r.last(spanmetrics.Latency+"_bucket"))

	r = newRig(t, func(c *spanmetrics.Config) { c.Latency.Classic = false })
	r.send(one("service.name=s", "", model.Span{Name: "n"}))
	r.write()
	require.NotEmpty(t, r.last(spanmetrics.Latency))
	require.Empty(t, r.last(spanmetrics.Latency+"_bucket"))
}

func TestTargetInfoHasTheResource(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.TargetInfo = true })
	r.send(one("service.name=s service.namespace=ns service.instance.id=i host.name=h os.type=linux", "", model.Span{Name: "n"}))
	r.send(one("service.name=bare", "", model.Span{Name: "n"}))
	r.write()
	require.Equal(t, map[string]float64{`{host_name="h", instance="i", job="ns/s", os_type="linux"}`: 1}, r.last(spanmetrics.TargetInfo))
}

// Numbers derived as spans come in are those that counting the stored spans
// gives, whatever the batches and whoever sends at the same time.
func TestDerivedNumbersAreThoseOfTheStoredSpans(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.Dimensions = []string{"zone", "code"} })
	w := r.metrics.Writer(&r.events, spanmetrics.Count|spanmetrics.Sample)
	type number struct{ calls, seconds, below float64 }
	want, mu := map[string]number{}, sync.Mutex{}
	var wg sync.WaitGroup
	for sender := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(7, uint64(sender)))
			for range 50 {
				bd := model.NewBuilder(model.Spans, 0)
				for range rnd.IntN(40) + 1 {
					sp := model.Span{
						TraceID: model.TraceID{1}, SpanID: model.SpanID{1}, Name: fmt.Sprintf("op%d", rnd.IntN(5)), Kind: model.SpanKind(rnd.IntN(6)),
						Status: model.StatusCode(rnd.IntN(3)), Duration: rnd.Int64N(200e6),
					}
					service, zone, code := fmt.Sprintf("s%d", rnd.IntN(3)), "", ""
					resource, attributes := "service.name="+service, ""
					if rnd.IntN(2) == 0 {
						zone = fmt.Sprintf("z%d", rnd.IntN(2))
						resource += " zone=" + zone
					}
					if rnd.IntN(2) == 0 {
						code = fmt.Sprintf("%d", 200+rnd.IntN(2))
						attributes = "code=" + code
					}
					ls := labels.FromStrings("service", service, "span_name", sp.Name, "span_kind", "SPAN_KIND_"+strings.ToUpper(sp.Kind.String()),
						"status_code", "STATUS_CODE_"+strings.ToUpper(sp.Status.String()), "zone", zone, "code", code)
					key := labels.NewBuilder(ls).Labels().String()
					mu.Lock()
					n := want[key]
					n.calls++
					n.seconds += float64(sp.Duration) / 1e9
					if sp.Duration <= 64e6 {
						n.below++
					}
					want[key] = n
					mu.Unlock()
					add(bd, resource, attributes, sp)
				}
				require.NoError(t, w.Append(t.Context(), bd.Batch()))
			}
		})
	}
	wg.Go(func() {
		for range 5 {
			r.write()
		}
	})
	wg.Wait()
	r.write()
	calls, sums, native := r.last(spanmetrics.CallsTotal), r.last(spanmetrics.Latency+"_sum"), r.last(spanmetrics.Latency)
	buckets := r.last(spanmetrics.Latency + "_bucket")
	require.Len(t, calls, len(want))
	for key, n := range want {
		require.Equal(t, n.calls, calls[key], key)
		require.Equal(t, n.calls, native[key], key)
		require.InDelta(t, n.seconds, sums[key], 1e-6, key)
		ls := strings.Replace(key, ", service=", `, le="0.064", service=`, 1)
		if !strings.Contains(key, "code=\"2") {
			ls = strings.Replace(key, "{service=", `{le="0.064", service=`, 1)
		}
		require.Equal(t, n.below, buckets[ls], ls)
	}
	require.Equal(t, float64(len(want)), r.value("oriel_derived_label_sets"))
}

func TestWhatTheStoreRefusesIsNotCounted(t *testing.T) {
	r := newRig(t, nil)
	w := r.metrics.Writer(failing{}, spanmetrics.Count|spanmetrics.Sample)
	require.ErrorContains(t, w.Append(t.Context(), one("service.name=s", "", model.Span{Name: "n"})), "disk is gone")
	r.send(one("service.name=s", "", model.Span{Name: "n"}))
	r.write()
	for _, n := range r.last(spanmetrics.CallsTotal) {
		require.Equal(t, 1.0, n, "the sender sent it twice, the store took it once")
	}
}

func TestLogsPass(t *testing.T) {
	r := newRig(t, nil)
	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{}), 1, "line")
	store := &taking{}
	require.NoError(t, r.metrics.Writer(store, spanmetrics.Count).Append(t.Context(), bd.Batch()))
	require.Equal(t, 1, store.n)
	r.write()
	require.Empty(t, r.last(spanmetrics.CallsTotal))
}

func TestSpansThatEndedLongAgoAreSkipped(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.MaxDelay = time.Minute })
	now := time.Now().UnixNano()
	r.send(one("service.name=s", "", model.Span{Name: "late", Start: now - 62e9, Duration: 1e9}))
	r.send(one("service.name=s", "", model.Span{Name: "long", Start: now - 62e9, Duration: 60e9}))
	r.send(one("service.name=s", "", model.Span{Name: "ahead", Start: now + 120e9}))
	r.write()
	require.Equal(t, map[string]float64{
		`{service="s", span_kind="SPAN_KIND_UNSPECIFIED", span_name="long", status_code="STATUS_CODE_UNSET"}`: 1,
	}, r.last(spanmetrics.CallsTotal))
	require.Equal(t, 2.0, r.value("oriel_derived_skipped_rows_total"))
}

func TestBeyondTheLimitSpansCountByService(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.MaxLabelSets, c.Dimensions = 4, []string{"zone"} })
	for i := range 10 {
		r.send(one("service.name=a zone=z", "", model.Span{Name: fmt.Sprintf("GET /user/%d", i)}))
	}
	for s := range 5 {
		r.send(one(fmt.Sprintf("service.name=s%d", s), "", model.Span{Name: "n", Status: model.StatusError}))
	}
	r.write()
	got, total := r.last(spanmetrics.CallsTotal), 0.0
	for _, n := range got {
		total += n
	}
	require.Equal(t, 15.0, total, "every span counts somewhere: %v", got)
	const rest = `{service="%s", span_kind="SPAN_KIND_UNSPECIFIED", span_name="__overflow__", status_code="STATUS_CODE_%s"}`
	require.Equal(t, 6.0, got[fmt.Sprintf(rest, "a", "UNSET")])
	require.Equal(t, 1.0, got[fmt.Sprintf(rest, "s0", "ERROR")])
	require.Equal(t, 4.0, got[fmt.Sprintf(rest, "__overflow__", "ERROR")])
	require.Equal(t, 11.0, r.value("oriel_derived_overflow_rows_total"))

	r.send(one("service.name=a zone=z", "", model.Span{Name: "GET /user/1"}))
	r.write()
	require.Equal(t, 2.0, r.last(spanmetrics.CallsTotal)[`{service="a", span_kind="SPAN_KIND_UNSPECIFIED", span_name="GET /user/1", status_code="STATUS_CODE_UNSET", zone="z"}`])
}

func TestAStaleLabelSetMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The store of the rig has goroutines of its own: this one has none.
		cfg := spanmetrics.DefaultConfig()
		cfg.MaxLabelSets = 1
		reg := prometheus.NewRegistry()
		m := spanmetrics.New(spanmetrics.Options{Config: cfg, Metrics: nowhere{}, Registerer: reg})
		w := m.Writer(&taking{}, spanmetrics.Count)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- m.Run(ctx) }()
		r := &rig{t: t, reg: reg}
		send := func(name string) {
			require.NoError(t, w.Append(t.Context(), one("service.name=s", "", model.Span{Name: name})))
		}
		send("a")
		send("b")
		require.Equal(t, 1.0, r.value("oriel_derived_overflow_rows_total"))
		time.Sleep(16 * time.Minute)
		require.Equal(t, 0.0, r.value("oriel_derived_label_sets"))
		send("b")
		require.Equal(t, 1.0, r.value("oriel_derived_overflow_rows_total"), "it has a set now")
		time.Sleep(time.Hour)
		cancel()
		require.NoError(t, <-done)
		require.Equal(t, 3.0, r.value("oriel_derived_label_sets_expired_total"))
	})
}

func TestStaleSeriesEndInTheStore(t *testing.T) {
	r := newRig(t, func(c *spanmetrics.Config) { c.StaleAfter = time.Minute })
	r.send(one("service.name=s", "", model.Span{Name: "n"}))
	r.write()
	r.now = r.now.Add(2 * time.Minute)
	r.write()
	for _, name := range []string{spanmetrics.CallsTotal, spanmetrics.Latency + "_count"} {
		for _, v := range r.last(name) {
			require.True(t, value.IsStaleNaN(v), name)
		}
	}
	q, err := r.db.Querier(0, r.now.UnixMilli())
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", spanmetrics.Latency))
	require.True(t, set.Next())
	var sums []float64
	for it := set.At().Iterator(nil); it.Next() != chunkenc.ValNone; {
		_, h := it.AtFloatHistogram(nil)
		sums = append(sums, h.Sum)
	}
	require.Len(t, sums, 3)
	require.True(t, value.IsStaleNaN(sums[2]), "of the native histogram too")
	require.Zero(t, r.value("oriel_ingest_rejected_total"))
}

// With sampling between, exemplars are of stored spans, and counts are of all.
func TestExemplarsResolve(t *testing.T) {
	r := newRig(t, nil)
	cfg := sampling.DefaultConfig()
	cfg.Probability = 0.2
	sampler := sampling.New(cfg, r.metrics.Writer(&r.events, spanmetrics.Sample), r.reg)
	w := r.metrics.Writer(sampler, spanmetrics.Count)
	rnd := rand.New(rand.NewPCG(3, 4))
	const rounds, spans = 20, 50
	for range rounds {
		bd := model.NewBuilder(model.Spans, spans)
		for i := range spans {
			sp := model.Span{Name: fmt.Sprintf("op%d", i%5), Duration: rnd.Int64N(1e9)}
			for j := range sp.TraceID {
				sp.TraceID[j] = byte(rnd.IntN(256))
			}
			sp.SpanID = model.SpanID(sp.TraceID[:8])
			add(bd, "service.name=s", "", sp)
		}
		require.NoError(t, w.Append(t.Context(), bd.Batch()))
		r.write()
	}
	total := 0.0
	for _, n := range r.last(spanmetrics.CallsTotal) {
		total += n
	}
	require.Equal(t, float64(rounds*spans), total)
	stored := storedSpans(t, &r.events)
	require.Less(t, len(stored), rounds*spans/2)

	q, err := r.db.ExemplarQuerier(t.Context())
	require.NoError(t, err)
	found, err := q.Select(0, time.Now().Add(time.Hour).UnixMilli(), []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", spanmetrics.Latency)})
	require.NoError(t, err)
	n := 0
	for _, res := range found {
		for _, e := range res.Exemplars {
			sp, ok := stored[e.Labels.Get("trace_id")+e.Labels.Get("span_id")]
			require.True(t, ok, "an exemplar of a span that is not stored: %v", e)
			require.Equal(t, res.SeriesLabels.Get("span_name"), sp.Name)
			require.Equal(t, float64(sp.Duration)/1e9, e.Value)
			n++
		}
	}
	require.Greater(t, n, rounds)
}

func storedSpans(t *testing.T, events *storagetest.Memory) map[string]model.Span {
	t.Helper()
	out := map[string]model.Span{}
	for b, err := range events.Scan(t.Context(), allSpans) {
		require.NoError(t, err)
		for i := range b.Len() {
			sp := b.SpanAt(i)
			out[sp.TraceID.String()+sp.SpanID.String()] = sp
		}
	}
	return out
}

func TestSizeIsThatOfProtobuf(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(ptrace.Span)
	}{
		{"bare", func(ptrace.Span) {}},
		{"parent, state and kind", func(s ptrace.Span) {
			s.SetParentSpanID([8]byte{3})
			s.TraceState().FromRaw("ot=th:8")
			s.SetKind(ptrace.SpanKindServer)
			s.SetName("GET /")
		}},
		{"status and flags", func(s ptrace.Span) {
			s.Status().SetCode(ptrace.StatusCodeError)
			s.Status().SetMessage("boom")
			s.SetFlags(257)
			s.SetDroppedAttributesCount(300)
			s.SetDroppedEventsCount(1)
			s.SetDroppedLinksCount(2)
		}},
		{"attributes of every scalar kind", func(s ptrace.Span) {
			s.Attributes().PutStr("s", strings.Repeat("x", 200))
			s.Attributes().PutStr("empty", "")
			s.Attributes().PutInt("i", 70000)
			s.Attributes().PutInt("n", -1)
			s.Attributes().PutDouble("d", 1.5)
			s.Attributes().PutBool("b", true)
			s.Attributes().PutEmptyBytes("y").FromRaw([]byte{1, 2})
		}},
		{"events and links", func(s ptrace.Span) {
			e := s.Events().AppendEmpty()
			e.SetName("exception")
			e.SetTimestamp(5)
			e.Attributes().PutStr("exception.type", "T")
			l := s.Links().AppendEmpty()
			l.SetTraceID([16]byte{9})
			l.SetSpanID([8]byte{9})
			l.SetFlags(1)
			l.Attributes().PutInt("n", 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			td := ptrace.NewTraces()
			s := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetTraceID([16]byte{1})
			s.SetSpanID([8]byte{2})
			now := time.Now()
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(now))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
			tt.edit(s)
			want := (&ptrace.ProtoMarshaler{}).SpanSize(s)

			r := newRig(t, nil)
			r.send(batchOf(s))
			r.write()
			var got []float64
			for v := range maps.Values(r.last(spanmetrics.SizeTotal)) {
				got = append(got, v)
			}
			require.Equal(t, []float64{float64(want)}, got)
		})
	}
}

func TestFaultyConfigurationNamesItsKey(t *testing.T) {
	for want, edit := range map[string]func(*spanmetrics.Config){
		"max_label_sets: 0 is not positive":                 func(c *spanmetrics.Config) { c.MaxLabelSets = 0 },
		"latency.buckets[0]: -1 is not within":              func(c *spanmetrics.Config) { c.Latency.Buckets = []float64{-1} },
		"dimensions[0]: must not be empty":                  func(c *spanmetrics.Config) { c.Dimensions = []string{""} },
		`dimensions[1]: "a.b" and "a-b" are both label a_b`: func(c *spanmetrics.Config) { c.Dimensions = []string{"a.b", "a-b"} },
	} {
		cfg := spanmetrics.DefaultConfig()
		edit(&cfg)
		require.ErrorContains(t, cfg.Validate(), want)
	}
}
