package downsample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/value"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

type plainSample struct {
	t int64
	v float64
}

// plain computes what windows must say of (lo, hi], from nothing but samples.
// The first increase is the one since the last sample before lo, if that is at
// most a window old.
func plain(samples []plainSample, lo, hi, r int64) map[string]float64 {
	out := map[string]float64{}
	var last, increase float64
	var known bool
	for _, s := range samples {
		if s.t > hi {
			break
		}
		if math.Float64bits(s.v) == value.StaleNaN {
			continue
		}
		if s.t > lo {
			if n := out["count"]; n == 0 {
				out["min"], out["max"] = s.v, s.v
			}
			out["count"]++
			out["sum"] += s.v
			out["min"], out["max"] = math.Min(out["min"], s.v), math.Max(out["max"], s.v)
			out["last"] = s.v
			if known {
				if s.v < last {
					increase += s.v
				} else {
					increase += s.v - last
				}
			}
		}
		if s.t > lo-r {
			last, known = s.v, true
		}
	}
	out["increase"] = increase
	return out
}

func TestWindowsSayWhatAPlainComputationSays(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			resolutions := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour}
			fine := rnd.IntN(4)
			coarse := fine + 1 + rnd.IntN(4-fine)
			l := []downsample.Level{{Resolution: model.Duration(resolutions[fine])}, {Resolution: model.Duration(resolutions[coarse])}}
			f := open(t, t.TempDir(), l)
			all := map[string][]plainSample{}
			every := 5*second + rnd.Int64N(4*minute)
			var generated []series
			for i := range 4 {
				kind := fmt.Sprint(i)
				samples := randomSamples(rnd, every)
				all[kind] = samples
				at := map[int64]float64{}
				for _, s := range samples {
					at[s.t] = s.v
				}
				generated = append(generated, series{labels: named(kind), at: func(t int64) (float64, bool) {
					v, ok := at[t-int64(i)*731]
					return v, ok
				}})
				for j := range samples {
					samples[j].t += int64(i) * 731
				}
			}
			f.write(origin+1, origin+4*day, every, generated...)
			f.compact()
			f.pass()

			for _, d := range []time.Duration{resolutions[fine], resolutions[coarse]} {
				r := d.Milliseconds()
				length := r * (1 + rnd.Int64N(3))
				step := r * (1 + rnd.Int64N(5))
				start, end := origin+day/2, origin+2*day
				get := func(expr string) answer { return query(at(d), t, f.store, expr, start, end, step) }
				surplus := rnd.Int64N(2) * rnd.Int64N(length/50)
				span := fmt.Sprintf("m_total[%dms]", length+surplus)
				got := map[string]answer{
					"count": get("count_over_time(" + span + ")"), "sum": get("sum_over_time(" + span + ")"),
					"min": get("min_over_time(" + span + ")"), "max": get("max_over_time(" + span + ")"),
					"last": get("last_over_time(" + span + ")"), "increase": get("increase(" + span + ")"),
				}
				for kind, samples := range all {
					for at := start; at <= end; at += step {
						want := plain(samples, at-length, at, r)
						for what, a := range got {
							v, ok := a.series[fmt.Sprintf(`{kind="%s"}`, kind)][at]
							if what == "last" {
								v, ok = a.series[fmt.Sprintf(`{__name__="m_total", kind="%s"}`, kind)][at]
							}
							if !ok && what == "increase" {
								require.Less(t, want["count"], 2.0, "increase of %d samples", int(want["count"]))
								continue
							}
							require.Equal(t, want["count"] > 0, ok || what == "increase" && want["count"] == 0, "%s of %s at %v", what, kind, time.Duration(at-origin)*time.Millisecond)
							if ok && what == "increase" {
								// What PromQL adds for the time before the first sample is for
								// other tests; here the series goes on before the range and to its end.
								if contiguous(samples, at-length, r) && plain(samples, at-r, at, r)["count"] > 0 {
									about := 1e-4 + float64(surplus)/float64(length)
									require.InEpsilon(t, want[what]+1, v+1, about, "increase of %s at %v over %v by %v", kind, time.Duration(at-origin)*time.Millisecond, length, r)
								}
								continue
							}
							if want["count"] > 0 {
								require.True(t, close2(want[what], v, 1e-12), "%s of %s at %v: want %v, got %v", what, kind, at, want[what], v)
							}
						}
					}
				}
			}
		})
	}
}

// contiguous says that the windows on both sides of t have a sample.
func contiguous(samples []plainSample, t, r int64) bool {
	var before, after bool
	for _, s := range samples {
		if math.Float64bits(s.v) == value.StaleNaN {
			continue
		}
		before = before || s.t > t-r && s.t <= t
		after = after || s.t > t && s.t <= t+r
	}
	return before && after
}

// randomSamples are of a counter that is reset, stops and goes on.
func randomSamples(rnd *rand.Rand, every int64) (all []plainSample) {
	v, on := 0.0, true
	for t := origin + 1; t <= origin+4*day; t += every {
		switch p := rnd.Float64(); {
		case p < 0.002:
			if on {
				all = append(all, plainSample{t, math.Float64frombits(value.StaleNaN)})
			}
			on = false
		case p < 0.02:
			on = true
		case p < 0.025:
			v = 0
		}
		if on && (len(all) == 0 || all[len(all)-1].t < t) {
			v += float64(rnd.IntN(100))
			all = append(all, plainSample{t, v})
		}
	}
	return all
}
