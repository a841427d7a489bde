package samples_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/nativehist"
	"github.com/oriel-obs/oriel/storage/metric"
)

var now = time.UnixMilli(1_700_000_000_000)

func TestASeriesIsMadeOfNameAndLabels(t *testing.T) {
	tests := []struct {
		name   string
		metric string
		labels []string
		want   string
	}{
		{"plain", "up", []string{"job", "a"}, `up{job="a"}`},
		{"labels are sorted", "up", []string{"z", "1", "a", "2"}, `up{a="2", z="1"}`},
		{"other characters become underscores", "a.b-c:d/é", []string{"k.8:s", "v.8:s"}, `a_b_c:d__{k_8_s="v.8:s"}`},
		{"a leading digit gets an underscore", "5xx", []string{"2nd", "x"}, `_5xx{_2nd="x"}`},
		{"a label without a value is none", "up", []string{"a", "", "b", "1"}, `up{b="1"}`},
		{"values of one name are joined", "up", []string{"a.b", "2", "c", "x", "a-b", "1", "a_b", "3"}, `up{a_b="2,1,3", c="x"}`},
		{"equal values of one name are one", "up", []string{"a", "1", "a", "1"}, `up{a="1"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			sink := samples.NewSink("test", s.Options())
			for round := range 2 {
				b := sink.Begin(t.Context(), now)
				for i := 0; i < len(tt.labels); i += 2 {
					if round == 0 {
						b.Label(tt.labels[i], tt.labels[i+1])
					} else {
						b.LabelBytes([]byte(tt.labels[i]), []byte(tt.labels[i+1]))
					}
				}
				if round == 0 {
					b.Name(tt.metric)
				} else {
					b.NameBytes([]byte(tt.metric[:1]), []byte(tt.metric[1:]))
				}
				b.Float(int64(round), 7)
				require.NoError(t, b.Store(10))
			}
			require.Equal(t, []string{tt.want + " 7 0", tt.want + " 7 1"}, s.Rows())
			require.Equal(t, 1, s.Hits(), "the second round finds the series in the cache")
			require.EqualValues(t, 2, s.Accepted())
		})
	}
}

func TestLabelsStayForTheNextName(t *testing.T) {
	s := samplestest.New()
	b := samples.NewSink("test", s.Options()).Begin(t.Context(), now)
	b.Label("host", "h")
	b.Name("one")
	b.Float(1, 1)
	b.Name("two")
	b.Float(1, 2)
	b.Reset()
	b.Name("three")
	b.Float(1, 3)
	require.NoError(t, b.Store(0))
	require.Equal(t, []string{`one{host="h"} 1 1`, `three 3 1`, `two{host="h"} 2 1`}, s.Rows())
}

func TestWhatCannotBeASeriesIsRefusedAndCounted(t *testing.T) {
	tests := []struct {
		name   string
		metric string
		labels []string
		t      int64
		want   string
	}{
		{"no name", "", nil, 1, `invalid_labels 1: metric without a name`},
		{"too many labels", "m", []string{"a", "1", "b", "2", "c", "3"}, 1, `invalid_labels 1: series "m" has 4 labels, more than max_labels: 3`},
		{"a long value", "m", []string{"a", strings.Repeat("x", 99)}, 1, `invalid_labels 1: series "m": label "a" has 99 bytes, more than max_label_value_bytes: 50`},
		{"a long name", strings.Repeat("x", 51), nil, 1, `invalid_labels 1: metric name "` + strings.Repeat("x", 51) + `" has 51 bytes, more than max_label_value_bytes: 50`},
		{"not UTF-8", "m", []string{"a", "\xff"}, 1, `invalid_labels 1: series "m": value of label "a" is not UTF-8: "\xff"`},
		{"a label that is the name", "m", []string{"__name__", "n"}, 1, `invalid_labels 1: series "m" has a label __name__ beside its name`},
		{"the future", "m", nil, now.Add(time.Hour).UnixMilli(), `too_new 1: out of bounds: timestamp is too far in the future: series {__name__="m"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			o := s.Options()
			o.Limits.MaxLabels, o.Limits.MaxLabelValueBytes = 3, 50
			b := samples.NewSink("test", o).Begin(t.Context(), now)
			for i := 0; i < len(tt.labels); i += 2 {
				b.Label(tt.labels[i], tt.labels[i+1])
			}
			b.Name(tt.metric)
			b.Float(tt.t, 1)
			rows, why := b.Refused()
			require.Equal(t, 1, rows)
			require.Contains(t, tt.want, why)
			b.Reset()
			b.Name("fine")
			b.Float(1, 1)
			require.NoError(t, b.Store(0))
			require.Equal(t, []string{"fine 1 1"}, s.Rows())
			require.Equal(t, []string{tt.want}, s.Refused())
		})
	}
}

func TestAFailingStoreKeepsNothingAndIsCounted(t *testing.T) {
	s := samplestest.New()
	s.Fail(fmt.Errorf("disk: %w", fault.ErrUnavailable))
	sink := samples.NewSink("test", s.Options())
	b := sink.Begin(t.Context(), now)
	b.Name("a")
	b.Float(1, 1)
	b.Float(2, 1)
	require.ErrorIs(t, b.Store(0), fault.ErrUnavailable)
	require.Equal(t, []string{"storage 2: store samples: disk: unavailable"}, s.Refused())
	s.Fail(nil)

	b = sink.Begin(t.Context(), now)
	b.Name("a")
	b.Float(1, 1)
	require.Error(t, b.Abandon(fmt.Errorf("half a request: %w", fault.ErrInvalid)))
	require.Empty(t, s.Rows())
	require.Contains(t, s.Refused(), "malformed 1: half a request: invalid")
}

func TestASeriesOfItsOwnerKeepsItsReference(t *testing.T) {
	store := open(t)
	sink := samples.NewSink("test", samples.Options{Store: store, Refs: store.Refs})
	x := samples.Series{Labels: labels.FromStrings("__name__", "x", "a", "1")}
	for i := range int64(3) {
		b := sink.Begin(t.Context(), now)
		b.Append(&x, i*1000, float64(i), nil)
		h := nativehist.New(3, nativehist.MaxBuckets)
		h.Observe(1, 2)
		b.Append(&samples.Series{Labels: labels.FromStrings("__name__", "h")}, i*1000, 0, h.Snapshot())
		require.NoError(t, b.Store(0))
	}
	// The same time with another value, and a time long gone.
	b := sink.Begin(t.Context(), now)
	b.Append(&x, 2000, 99, nil)
	b.Append(&x, -1e9, 1, nil)
	require.NoError(t, b.Store(0))
	rows, why := b.Refused()
	require.Zero(t, rows, why) // of the batch after Store nothing is known
	q, err := store.Querier(0, 1e9)
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", "x"))
	require.True(t, set.Next())
	it, n := set.At().Iterator(nil), 0
	for it.Next() != 0 {
		_, v := it.At()
		require.Equal(t, float64(n), v)
		n++
	}
	require.Equal(t, 3, n)
	require.EqualValues(t, 2, store.NumSeries())
}

func TestAnErrorOfTheStoreEndsTheBatch(t *testing.T) {
	store := open(t)
	sink := samples.NewSink("test", samples.Options{Store: store, Refs: store.Refs})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := sink.Begin(ctx, now)
	b.Append(&samples.Series{}, 1, 1, nil) // no labels: not a sample's fault that a receiver may cause
	require.Error(t, b.Store(0))
	require.Zero(t, store.NumSeries())
}

func open(t testing.TB) *metric.Store {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	s, err := metric.Open(cfg, promslog.NewNopLogger(), prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// The operation is a batch of 1000 samples to series that exist.
func BenchmarkFloat(b *testing.B) {
	store := open(b)
	sink := samples.NewSink("test", samples.Options{Store: store, Refs: store.Refs})
	hosts := make([][]byte, 1000)
	for i := range hosts {
		hosts[i] = fmt.Appendf(nil, "host-%d.example.org", i)
	}
	zone, host, region, eu := []byte("zone"), []byte("host"), []byte("region.name"), []byte("eu")
	cpu, sep, idle := []byte("cpu"), []byte("_"), []byte("usage_idle")
	at := time.Now().Add(-time.Hour)
	round := func() {
		at = at.Add(time.Second)
		x := sink.Begin(b.Context(), at)
		for _, name := range hosts {
			x.Reset()
			x.LabelBytes(zone, eu)
			x.LabelBytes(host, name)
			x.LabelBytes(region, eu)
			x.NameBytes(cpu, sep, idle)
			x.Float(x.Now(), 1)
		}
		if err := x.Store(0); err != nil {
			b.Fatal(err)
		}
	}
	round()
	b.ReportAllocs()
	for b.Loop() {
		round()
	}
}
