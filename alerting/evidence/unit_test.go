package evidence

import (
	"math"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
)

func TestAnExpressionIsTakenApart(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	none := math.NaN()
	for _, tt := range []struct {
		signal   alerting.Signal
		expr     string
		measured string
		op       string
		bound    float64
		moving   string
	}{
		{"", `up == 0`, `up`, "==", 0, ""},
		{"", `rate(a[5m]) / rate(b[5m]) > 0.05`, `rate(a[5m]) / rate(b[5m])`, ">", 0.05, ""},
		{"", `(a > 5)`, `a`, ">", 5, ""},
		{"", `a > bool 5`, `a`, ">", 5, ""},
		{"", `(a >= bool 5) == 1`, `a`, ">=", 5, ""},
		{"", `5 < a`, `a`, ">", 5, ""},
		{"", `0.9 >= bool sum(a)`, `sum(a)`, "<=", 0.9, ""},
		{"", `a != 3`, `a`, "!=", 3, ""},
		{"", `a > 10 * 60 and b < 3`, `a`, ">", 600, ""},
		{"", `a and b < -3`, `b`, "<", -3, ""},
		{"", `a > 1 unless on(x) b == 2`, `a`, ">", 1, ""},
		{"", `a unless b == 2`, `a unless b == 2`, "", none, ""},
		{"", `absent(a) or a < 2`, `a`, "<", 2, ""},
		{"", `(a > 1) * 100`, `(a > 1) * 100`, "", none, ""},
		{"", `a > b`, `a`, ">", none, `b`},
		{"", `a > on(x) group_left() (0.9 * b)`, `a`, ">", none, `(0.9 * b)`},
		{"", `a > time() - 3600`, `a`, ">", none, `time() - 3600`},
		{"", `a < 1e3 ^ 2 % 7 / 1`, `a`, "<", math.Mod(1e6, 7), ""},
		{"", `absent(up{job="x"})`, `up{job="x"}`, "", none, ""},
		{"", `absent_over_time(up{job="x"}[5m])`, `up{job="x"}`, "", none, ""},
		{"", `vector(1)`, `vector(1)`, "", none, ""},
		{"", `1 > bool 0`, `1 > bool 0`, "", none, ""},
		{"logs", `sum by (app) (count_over_time({app="pay"} |= "x" [5m])) > 10`, `sum by (app) (count_over_time({app="pay"} |= "x" [5m]))`, ">", 10, ""},
		{"logs", `10 < rate({app="pay"}[5m])`, `rate({app="pay"} [5m])`, ">", 10, ""},
		{"logs", `rate({a="b"}[1m]) > 1 and rate({a="c"}[1m]) > 2`, `rate({a="b"} [1m])`, ">", 1, ""},
		{"logs", `rate({a="b"}[1m]) > rate({a="c"}[1m])`, `rate({a="b"} [1m])`, ">", none, `rate({a="c"} [1m])`},
		{"logs", `rate({a="b"}[1m])`, `rate({a="b"}[1m])`, "", none, ""},
		{"traces", `{ status = error } | rate() by (resource.service.name) > 2`, `{ status = error } | rate() by(resource.service.name)`, ">", 2, ""},
		{"traces", `{ } | quantile_over_time(duration, .95) > 500ms`, `{ } | quantile_over_time(duration, 0.95)`, ">", 0.5, ""},
		{"traces", `{ } | count_over_time()`, `{ } | count_over_time()`, "", none, ""},
	} {
		t.Run(tt.expr, func(t *testing.T) {
			c, err := split(tt.signal, tt.expr, p)
			require.NoError(t, err)
			require.Equal(t, tt.measured, c.measured)
			require.Equal(t, tt.op, c.op)
			require.Equal(t, tt.moving, c.boundExpr)
			if math.IsNaN(tt.bound) {
				require.True(t, math.IsNaN(c.bound), "%v", c.bound)
			} else {
				require.InDelta(t, tt.bound, c.bound, 1e-9)
			}
		})
	}
	for _, signal := range []alerting.Signal{"", "logs", "traces"} {
		_, err := split(signal, `sum(`, p)
		require.Error(t, err)
	}
}

func TestNamesTellUnits(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	for _, tt := range []struct {
		signal alerting.Signal
		expr   string
		want   unit
	}{
		{"", `service:http_errors:ratio1m`, inRatio},
		{"", `100 * service:http_errors:ratio1m`, inPercent},
		{"", `1 - service:http_errors:ratio1m`, inRatio},
		{"", `rate(http_requests_total{code="500"}[1m]) / rate(http_requests_total[1m])`, inRatio},
		{"", `sum by (job) (rate(http_requests_total[1m]))`, perSecond},
		{"", `increase(http_requests_total[1m])`, unitless},
		{"", `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))`, inSeconds},
		{"", `rate(http_request_duration_seconds_sum[1m]) / rate(http_request_duration_seconds_count[1m])`, inSeconds},
		{"", `node_filesystem_avail_bytes / node_filesystem_size_bytes`, inRatio},
		{"", `process_resident_memory_bytes`, inBytes},
		{"", `rate(node_network_receive_bytes_total[1m])`, bytesPerSecond},
		{"", `rate(process_cpu_seconds_total[1m])`, secondsPerSecond},
		{"", `time() - process_start_time_seconds`, inSeconds},
		{"", `count(up == 0)`, unitless},
		{"", `up`, unitless},
		{"", `job:requests:rate5m`, perSecond},
		{"logs", `sum(rate({app="a"}[1m]))`, perSecond},
		{"logs", `sum(count_over_time({app="a"}[1m]))`, unitless},
		{"logs", `sum(rate({app="a"} |= "x" [1m])) / sum(rate({app="a"}[1m]))`, inRatio},
		{"logs", `max_over_time({app="a"} | json | unwrap duration(took) [1m])`, inSeconds},
		{"logs", `bytes_over_time({app="a"}[1m])`, inBytes},
		{"traces", `{ } | quantile_over_time(duration, .95)`, inSeconds},
		{"traces", `{ } | rate()`, perSecond},
		{"traces", `{ } | count_over_time()`, unitless},
	} {
		c, err := split(tt.signal, tt.expr, p)
		require.NoError(t, err, tt.expr)
		require.Equal(t, tt.want, c.unit, tt.expr)
	}
}

func TestAValueIsWrittenWithItsUnit(t *testing.T) {
	for _, tt := range []struct {
		unit unit
		v    float64
		want string
	}{
		{unitless, 0, "0"},
		{unitless, 3, "3"},
		{unitless, 0.05, "0.05"},
		{unitless, 1.0 / 3, "0.333"},
		{unitless, 9999, "9999"},
		{unitless, 12345, "12.3 k"},
		{unitless, -2.5e6, "-2.5 M"},
		{unitless, 1e-7, "1e-07"},
		{unitless, 1e21, "1e+09 T"},
		{inRatio, 0.05, "5 %"},
		{inRatio, 0.3642, "36.4 %"},
		{inRatio, 0, "0 %"},
		{inPercent, 99.94, "99.9 %"},
		{inSeconds, 0, "0 s"},
		{inSeconds, 0.75, "750 ms"},
		{inSeconds, 1.25, "1.25 s"},
		{inSeconds, 90, "1.5 min"},
		{inSeconds, 7200, "2 h"},
		{inSeconds, 2e-5, "20 µs"},
		{inBytes, 1536, "1.5 KiB"},
		{inBytes, 0, "0 B"},
		{bytesPerSecond, 5 << 20, "5 MiB/s"},
		{perSecond, 0.5, "0.5/s"},
		{unitless, math.NaN(), "no value"},
		{unitless, math.Inf(1), "+Inf"},
	} {
		require.Equal(t, tt.want, tt.unit.text(tt.v))
	}
}
