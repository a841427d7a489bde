package jaegerapi

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// A Measurer evaluates PromQL.
type Measurer interface {
	// Measure passes the series of expr from start to end, a point each step,
	// to use, which must not keep them.
	Measure(ctx context.Context, expr string, start, end time.Time, step time.Duration, use func(promql.Matrix) error) error
}

// What requests for metrics mean that name no times.
const (
	defaultMetricsLookback = time.Hour
	defaultMetricsStep     = 5 * time.Second
	defaultRatePer         = 10 * time.Minute
)

// A measure is what the Monitor tab shows one chart of.
type measure struct {
	name, help string // "service" in the name becomes "service_operation" where operations are told apart
	expr       func(q metricsRequest, m spanMetrics) string
}

var measures = map[string]measure{
	"latencies": {"service_latencies", "%.2fth quantile latency, grouped by service", metricsRequest.latencies},
	"calls":     {"service_call_rate", "calls/sec, grouped by service", metricsRequest.calls},
	"errors":    {"service_error_rate", "error rate, computed as a fraction of errors/sec over calls/sec, grouped by service", metricsRequest.errors},
}

// spanMetrics says how metrics about spans are named. The first that have any
// series are taken.
type spanMetrics struct {
	calls, latency, buckets string
	service                 string // label
	perMilli                string // how many of its units a latency's millisecond has, as a factor
}

var allSpanMetrics = []spanMetrics{
	// Made here, and by Tempo's metrics generator.
	{"traces_spanmetrics_calls_total", "traces_spanmetrics_latency", "traces_spanmetrics_latency_bucket", "service", "1000"},
	// Made by OpenTelemetry's span metrics connector.
	{
		"traces_span_metrics_calls_total", "traces_span_metrics_duration_milliseconds",
		"traces_span_metrics_duration_milliseconds_bucket", "service_name", "1",
	},
}

const operationLabel = "span_name"

// A metricsRequest asks for one measure.
type metricsRequest struct {
	services    []string
	kinds       []string // as metrics have them: SPAN_KIND_SERVER
	byOperation bool
	end         time.Time
	lookback    time.Duration
	step        time.Duration
	per         time.Duration // over which rates are taken
	quantile    float64
}

func (h *Handler) metricsRequest(v url.Values) (q metricsRequest, err error) {
	q = metricsRequest{services: v["service"], kinds: []string{"SPAN_KIND_SERVER"}}
	if len(q.services) == 0 {
		return q, invalidf("unable to parse param 'service': please provide at least one service name")
	}
	if s := v.Get("groupByOperation"); s != "" {
		if q.byOperation, err = strconv.ParseBool(s); err != nil {
			return q, invalidf("unable to parse param 'groupByOperation': %v", err)
		}
	}
	if names := v["spanKind"]; len(names) > 0 {
		q.kinds = nil
		for _, name := range names {
			if name != "unspecified" && (name == "" || !slices.ContainsFunc(kinds, func(k kindOfName) bool { return k.name == name })) {
				return q, invalidf("unable to parse param 'spanKind': unsupported span kind: '%s'", name)
			}
			q.kinds = append(q.kinds, "SPAN_KIND_"+strings.ToUpper(name))
		}
	}
	end, err := millis(v, "endTs", h.now().UnixMilli())
	if err != nil {
		return q, err
	}
	q.end = time.UnixMilli(end)
	for _, p := range []struct {
		key string
		to  *time.Duration
		def time.Duration
	}{{"lookback", &q.lookback, defaultMetricsLookback}, {"step", &q.step, defaultMetricsStep}, {"ratePer", &q.per, defaultRatePer}} {
		ms, err := millis(v, p.key, p.def.Milliseconds())
		if err != nil {
			return q, err
		}
		if ms < 1 || ms > math.MaxInt64/int64(time.Millisecond) {
			return q, invalidf("unable to parse param '%s': %d is not a number of milliseconds above 0", p.key, ms)
		}
		*p.to = time.Duration(ms) * time.Millisecond
	}
	return q, nil
}

// selector returns the series of the request, with further matchers.
func (q metricsRequest) selector(metric string, m spanMetrics, more string) string {
	either := func(all []string) string {
		quoted := make([]string, len(all))
		for i, s := range all {
			quoted[i] = regexp.QuoteMeta(s)
		}
		return strconv.Quote(strings.Join(quoted, "|"))
	}
	return fmt.Sprintf("%s{%s=~%s,span_kind=~%s%s}[%dms]", metric, m.service, either(q.services), either(q.kinds), more, q.per.Milliseconds())
}

func (q metricsRequest) by(m spanMetrics) string {
	if q.byOperation {
		return m.service + "," + operationLabel
	}
	return m.service
}

func (q metricsRequest) calls(m spanMetrics) string {
	return fmt.Sprintf("sum by (%s) (rate(%s))", q.by(m), q.selector(m.calls, m, ""))
}

// errors is 0 where there are calls, and no errors.
func (q metricsRequest) errors(m spanMetrics) string {
	calls := q.calls(m)
	failed := fmt.Sprintf("sum by (%s) (rate(%s))", q.by(m), q.selector(m.calls, m, `,status_code="STATUS_CODE_ERROR"`))
	return fmt.Sprintf("%s / %s or 0 * %s", failed, calls, calls)
}

// latencies are milliseconds, of native histograms or else of classic ones.
func (q metricsRequest) latencies(m spanMetrics) string {
	of := func(by, metric string) string {
		return fmt.Sprintf("histogram_quantile(%g, sum by (%s) (rate(%s)))", q.quantile, by, q.selector(metric, m, ""))
	}
	return fmt.Sprintf("%s * (%s or %s)", m.perMilli, of(q.by(m), m.latency), of(q.by(m)+",le", m.buckets))
}

// The answer is a metrics family of api_v2's metrics, as protobuf's JSON.
type (
	familyJSON struct {
		Name    string       `json:"name"`
		Type    string       `json:"type"`
		Help    string       `json:"help"`
		Metrics []metricJSON `json:"metrics"`
	}
	metricJSON struct {
		Labels       []labelJSON       `json:"labels"`
		MetricPoints []metricPointJSON `json:"metricPoints"`
	}
	labelJSON struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	metricPointJSON struct {
		GaugeValue gaugeJSON `json:"gaugeValue"`
		Timestamp  string    `json:"timestamp"`
	}
	gaugeJSON struct {
		DoubleValue float64 `json:"doubleValue"`
	}
)

// metrics answers for one measure.
func (h *Handler) metrics(measured string) func(http.ResponseWriter, *http.Request) error {
	m := measures[measured]
	return func(w http.ResponseWriter, r *http.Request) error {
		v := r.URL.Query()
		q, err := h.metricsRequest(v)
		if err != nil {
			return err
		}
		out := familyJSON{Name: m.name, Type: "GAUGE", Help: m.help, Metrics: []metricJSON{}}
		if measured == "latencies" {
			if q.quantile, err = strconv.ParseFloat(v.Get("quantile"), 64); err != nil || !(q.quantile >= 0 && q.quantile <= 1) {
				return invalidf("unable to parse param 'quantile': %q is not between 0 and 1", v.Get("quantile"))
			}
			out.Help = fmt.Sprintf(m.help, q.quantile)
		}
		if q.byOperation {
			out.Name, out.Help = strings.Replace(m.name, "service", "service_operation", 1), out.Help+" & operation"
		}
		for _, names := range allSpanMetrics {
			err := h.measurer.Measure(r.Context(), m.expr(q, names), q.end.Add(-q.lookback), q.end, q.step, func(series promql.Matrix) error {
				out.Metrics = encodeMetrics(series, names)
				return nil
			})
			if err != nil {
				return fmt.Errorf("measure %s: %w", measured, err)
			}
			if len(out.Metrics) > 0 {
				break
			}
		}
		return httpx.WriteJSON(w, out)
	}
}

func encodeMetrics(series promql.Matrix, names spanMetrics) []metricJSON {
	out := []metricJSON{}
	for _, s := range series {
		m := metricJSON{Labels: []labelJSON{{"service_name", s.Metric.Get(names.service)}}, MetricPoints: []metricPointJSON{}}
		if op := s.Metric.Get(operationLabel); op != "" {
			m.Labels = append(m.Labels, labelJSON{"operation", op})
		}
		for _, p := range s.Floats {
			if math.IsNaN(p.F) || math.IsInf(p.F, 0) {
				continue // there were no calls
			}
			m.MetricPoints = append(m.MetricPoints, metricPointJSON{gaugeJSON{p.F}, time.UnixMilli(p.T).UTC().Format(time.RFC3339Nano)})
		}
		if len(m.MetricPoints) > 0 {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b metricJSON) int {
		return slices.CompareFunc(a.Labels, b.Labels, func(x, y labelJSON) int { return cmp.Compare(x.Value, y.Value) })
	})
	return out
}

// minStep answers how close points may be: a millisecond.
func minStep(w http.ResponseWriter, _ *http.Request) error {
	return httpx.WriteJSON(w, envelope{Data: 1})
}
