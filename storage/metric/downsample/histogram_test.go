package downsample_test

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/stretchr/testify/require"
)

func TestNativeHistogramsAreDownsampled(t *testing.T) {
	f := open(t, t.TempDir(), levels())
	reset := origin + 17*hour + 20*minute
	f.write(origin+1, origin+3*day, minute, series{labels: named("native"), hist: func(t int64) *histogram.Histogram {
		begin := origin
		if t >= reset {
			begin = reset
		}
		n := (t - begin) / minute
		return &histogram.Histogram{
			Count: uint64(3 * n), Sum: float64(4 * n), Schema: 1,
			PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []int64{2 * n, -n},
		}
	}})
	f.compact()
	f.pass()
	for expr, tolerance := range map[string]float64{
		`histogram_count(increase(m_total[3h]))`:                 0.02,
		`histogram_quantile(0.9, rate(m_total[3h]))`:             0.01,
		`histogram_sum(m_total)`:                                 0,
		`histogram_count(sum_over_time(m_total[1h]))`:            1e-12,
		`histogram_sum(avg_over_time(m_total[2h]))`:              1e-12,
		`count_over_time(m_total[1h])`:                           0,
		`histogram_count(last_over_time(m_total[1h] offset 1h))`: 0,
	} {
		want := query(t.Context(), t, f.db, expr, origin+4*hour, origin+2*day, hour)
		require.NotEmpty(t, want.series, expr)
		for _, r := range []time.Duration{5 * time.Minute, time.Hour} {
			got := query(at(r), t, f.store, expr, origin+4*hour, origin+2*day, hour)
			require.Empty(t, diff(want, got, tolerance), "%s %v", expr, r)
			require.NotEmpty(t, got.infos)
		}
	}
}
