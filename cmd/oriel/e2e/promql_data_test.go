//go:build e2e

package e2e

import (
	"bytes"
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promvalue "github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

// Samples come every compareEvery, compareShift past the full quarter of a
// minute. Questions are put three seconds past full minutes with ranges of
// multiples of five seconds, so that no sample lies on the edge of a range:
// Prometheus 3 leaves the left edge out, Prometheus 2 does not.
const (
	compareSpan  = 45 * time.Minute
	compareEvery = 15 * time.Second
	compareShift = 7123 * time.Millisecond
)

var stale = math.Float64frombits(promvalue.StaleNaN)

// A shape gives the value of a series at scrape i, or false for none.
type shape func(i int) (float64, bool)

func always(f func(i float64) float64) shape {
	return func(i int) (float64, bool) { return f(float64(i)), true }
}

// counter grows by about perScrape a scrape and begins anew each resetEvery.
// It is never near zero, to which the two generations of Prometheus
// extrapolate a little differently.
func counter(perScrape float64, resetEvery, seed int) shape {
	return from(5000, perScrape, resetEvery, seed)
}

// from is a counter that begins at base.
func from(base, perScrape float64, resetEvery, seed int) shape {
	return func(i int) (float64, bool) {
		if resetEvery > 0 {
			i = (i + seed) % resetEvery
		}
		wobble := float64((i*7919 + seed*104729) % 100)
		return math.Round((base+float64(i)*perScrape+wobble*perScrape/150)*1000) / 1000, true
	}
}

// during keeps of s what is in [from, to) and ends that with a staleness
// marker if marked.
func during(s shape, from, to int, marked bool) shape {
	return func(i int) (float64, bool) {
		switch {
		case i >= from && i < to:
			return s(i)
		case i == to && marked:
			return stale, true
		}
		return 0, false
	}
}

// either is a where it has a sample, else b.
func either(a, b shape) shape {
	return func(i int) (float64, bool) {
		if v, ok := a(i); ok {
			return v, ok
		}
		return b(i)
	}
}

type comparedSeries struct {
	labels    labels.Labels
	value     shape
	histogram func(i int) *histogram.Histogram // instead of value, where it is not nil
}

// comparedData is the same each time but for its place in time.
func comparedData() []comparedSeries {
	var all []comparedSeries
	add := func(s shape, kv ...string) {
		all = append(all, comparedSeries{labels: labels.FromStrings(kv...), value: s})
	}
	n := 0
	for _, job := range []string{"api", "web"} {
		for _, instance := range []string{"a:1", "b:2", "c:3"} {
			for _, method := range []string{"GET", "POST"} {
				for _, code := range []string{"200", "404", "500"} {
					n++
					add(counter(float64(n)*1.7, []int{0, 0, 37, 101}[n%4], n),
						"__name__", "requests_total", "job", job, "instance", instance, "method", method, "code", code)
				}
			}
			phase := float64(n)
			add(always(func(i float64) float64 { return math.Round(50*math.Sin(i/9+phase)*100) / 100 }),
				"__name__", "load", "job", job, "instance", instance)
			old, fresh := "1.0", "1.1"
			one := always(func(float64) float64 { return 1 })
			add(during(one, 0, 90, true), "__name__", "build_info", "job", job, "instance", instance, "version", old)
			add(during(one, 90, 1000, false), "__name__", "build_info", "job", job, "instance", instance, "version", fresh)
			for b, le := range []string{"0.1", "0.25", "0.5", "1", "2.5", "+Inf"} {
				if instance == "c:3" && le == "+Inf" {
					continue // a histogram that is broken
				}
				add(counter(float64(b+1)*float64(n)/3, 0, n), "__name__", "duration_seconds_bucket", "job", job, "instance", instance, "le", le)
			}
			add(counter(float64(n)*2, 0, n), "__name__", "duration_seconds_count", "job", job, "instance", instance)
			add(counter(float64(n)*0.9, 0, n), "__name__", "duration_seconds_sum", "job", job, "instance", instance)
		}
	}
	for i, cpu := range []string{"0", "1"} {
		for k, mode := range []string{"idle", "system", "user"} {
			add(counter(float64(15-6*k)/2, 0, i+k), "__name__", "cpu_seconds_total", "instance", "a:1", "cpu", cpu, "mode", mode)
		}
	}
	for i, q := range []string{"0.5", "0.9", "0.99"} {
		add(always(func(x float64) float64 {
			if int(x)%20 < 5 {
				return math.NaN() // no request in the window
			}
			return float64(i+1) * (1 + x/100)
		}), "__name__", "rpc_seconds", "quantile", q)
	}
	for i, room := range []string{"cellar", "hall", "attic", "roof"} {
		s := always(func(x float64) float64 { return float64(i*7-12) + math.Round(80*math.Cos(x/13+float64(i)))/10 })
		if room == "attic" {
			s = either(during(s, 0, 60, false), during(s, 110, 1000, false)) // a gap past the lookback
		}
		if room == "roof" {
			s = either(during(s, 10, 50, true), during(s, 70, 120, true)) // gone, back, gone
		}
		add(s, "__name__", "temperature_celsius", "room", room, "floor", strconv.Itoa(i-1))
	}
	for kind, v := range map[string]shape{
		"nan":  always(func(float64) float64 { return math.NaN() }),
		"inf":  always(func(float64) float64 { return math.Inf(1) }),
		"-inf": always(func(float64) float64 { return math.Inf(-1) }),
		"some": always(func(i float64) float64 { return []float64{1, math.NaN(), math.Inf(1), -2.5, math.Inf(-1)}[int(i/8)%5] }),
		"zero": always(func(float64) float64 { return 0 }),
		"neg0": always(func(float64) float64 { return math.Copysign(0, -1) }),
		"tiny": always(func(i float64) float64 { return (i + 1) * 1e-300 }),
		"huge": always(func(i float64) float64 { return (i + 1) * 1e305 }),
	} {
		add(v, "__name__", "special", "kind", kind)
	}
	for i := range 12 {
		add(always(func(x float64) float64 { return float64((int(x)/10 + i) % 4) }), "__name__", "state", "n", strconv.Itoa(i), "group", string(rune('a'+i%3)))
		add(always(func(x float64) float64 { return float64(i*i) + x/8 }), "__name__", "depth", "n", strconv.Itoa(i), "group", string(rune('a'+i%3)))
	}
	add(always(func(i float64) float64 { return 3*i - 100 }), "__name__", "line")
	add(always(func(i float64) float64 { return -i * i / 50 }), "__name__", "curve", "sign", "minus")
	add(during(always(func(float64) float64 { return 42 }), 100, 101, false), "__name__", "once")
	add(during(counter(5, 0, 1), 150, 1000, false), "__name__", "late_total")
	add(during(counter(5, 0, 1), 0, 140, true), "__name__", "ended_total")
	for i := range 5 {
		add(during(from(float64(10*i), 7, 33+i, i), 10*i, 1000, false), "__name__", "young_total", "n", strconv.Itoa(i))
	}
	add(always(func(i float64) float64 { return float64(time.Date(2024, 2, 27, 22, 0, 0, 0, time.UTC).Unix()) + i*1800 }), "__name__", "clock_seconds")
	for i, odd := range []string{"ä ö", `quo"te`, `back\slash`, "a\tb", "日本", "x.y-z", "$1", "", "UPPER"} {
		add(always(func(x float64) float64 { return float64(i) + x/1000 }), "__name__", "odd", "v", odd, "i", strconv.Itoa(i))
	}
	add(always(func(float64) float64 { return 1 }), "__name__", "odd", "v", "two\nlines", "i", "newline")
	return all
}

// comparedHistograms are native histograms, which Prometheus 2 has only the
// beginnings of.
func comparedHistograms() []comparedSeries {
	var all []comparedSeries
	add := func(h func(i int) *histogram.Histogram, kv ...string) {
		all = append(all, comparedSeries{labels: labels.FromStrings(kv...), histogram: h})
	}
	exponential := func(scale int64, schema int32, resetEvery int) func(i int) *histogram.Histogram {
		return func(i int) *histogram.Histogram {
			n := int64(i%resetEvery+1) * scale
			return &histogram.Histogram{
				Schema: schema, ZeroThreshold: 0.001, ZeroCount: uint64(n), Count: uint64(9 * n), Sum: 2.5 * float64(n),
				PositiveSpans: []histogram.Span{{Offset: -1, Length: 2}, {Offset: 1, Length: 1}}, PositiveBuckets: []int64{n, n, -n},
				NegativeSpans: []histogram.Span{{Offset: 0, Length: 2}}, NegativeBuckets: []int64{n, 2 * n},
			}
		}
	}
	for i, job := range []string{"api", "web", "db"} {
		add(exponential(int64(i+1), int32(i), []int{1000, 50, 1000}[i]), "__name__", "native_seconds", "job", job)
		gauge := exponential(2, 1, 30+i)
		add(func(i int) *histogram.Histogram {
			h := gauge(i)
			h.CounterResetHint = histogram.GaugeType
			return h
		}, "__name__", "native_gauge", "job", job)
		add(func(x int) *histogram.Histogram {
			n := int64(x+1) * int64(i+1)
			bounds := []float64{0.1, 1, 10}
			if job == "db" {
				bounds = []float64{0.1, 2, 10}
			}
			return &histogram.Histogram{
				Schema: histogram.CustomBucketsSchema, CustomValues: bounds, Count: uint64(7 * n), Sum: 3 * float64(n),
				PositiveSpans: []histogram.Span{{Offset: 0, Length: 4}}, PositiveBuckets: []int64{n, n, -n, 2 * n},
			}
		}, "__name__", "custom_seconds", "job", job)
	}
	counted := exponential(1, 0, 1000)
	all = append(all, comparedSeries{
		labels: labels.FromStrings("__name__", "mixed_seconds", "job", "api"),
		value:  func(i int) (float64, bool) { return float64(i), i < 80 },
		histogram: func(i int) *histogram.Histogram {
			if i < 80 {
				return nil
			}
			return counted(i)
		},
	}, comparedSeries{
		labels: labels.FromStrings("__name__", "mixed_seconds", "job", "web"),
		value:  func(i int) (float64, bool) { return float64(2 * i), true },
	})
	return all
}

// writeCompared sends what there is since start to a server, in the order of
// time, by remote write 1.0.
func writeCompared(t *testing.T, base string, start time.Time, all []comparedSeries) {
	t.Helper()
	const batch = 20
	scrapes := int(compareSpan / compareEvery)
	for from := 0; from < scrapes; from += batch {
		var req prompb.WriteRequest
		for _, s := range all {
			ts := prompb.TimeSeries{Labels: prompb.FromLabels(s.labels, nil)}
			for i := from; i < min(from+batch, scrapes); i++ {
				at := start.Add(compareShift + time.Duration(i)*compareEvery).UnixMilli()
				if s.histogram != nil {
					if h := s.histogram(i); h != nil {
						ts.Histograms = append(ts.Histograms, prompb.FromIntHistogram(at, h))
						continue
					}
				}
				if s.value == nil {
					continue
				}
				if v, ok := s.value(i); ok {
					ts.Samples = append(ts.Samples, prompb.Sample{Timestamp: at, Value: v})
				}
			}
			if len(ts.Samples)+len(ts.Histograms) > 0 {
				req.Timeseries = append(req.Timeseries, ts)
			}
		}
		body, err := req.Marshal()
		require.NoError(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/write", bytes.NewReader(snappy.Encode(nil, body)))
		require.NoError(t, err)
		r.Header.Set("Content-Encoding", "snappy")
		r.Header.Set("Content-Type", "application/x-protobuf")
		r.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, 2, resp.StatusCode/100, "%s: %s", base, resp.Status)
	}
}
