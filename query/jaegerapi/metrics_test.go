package jaegerapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// An engine measures what was loaded.
type engine struct {
	promql *promql.Engine
	data   *teststorage.TestStorage
}

// Measure implements jaegerapi.Measurer.
func (e engine) Measure(ctx context.Context, expr string, start, end time.Time, step time.Duration, use func(promql.Matrix) error) error {
	q, err := e.promql.NewRangeQuery(ctx, e.data, nil, expr, start, end, step)
	if err != nil {
		return err
	}
	defer q.Close()
	m, err := q.Exec(ctx).Matrix()
	if err != nil {
		return err
	}
	return use(m)
}

// monitored serves what load, in promqltest's language, loads.
func monitored(t *testing.T, load string) http.Handler {
	t.Helper()
	e := engine{promqltest.NewTestEngine(t, false, 0, 1e6), promqltest.LoadedStorage(t, load)}
	r := chi.NewRouter()
	jaegerapi.New(traceql.NewEngine(&storagetest.Memory{}, query.DefaultLimits()), e, nil).Mount(r)
	return r
}

const spanMetrics = `load 1m
	traces_spanmetrics_calls_total{service="gw",span_name="GET /",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_UNSET"} 0+60x60
	traces_spanmetrics_calls_total{service="gw",span_name="GET /",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_ERROR"} 0+60x60
	traces_spanmetrics_calls_total{service="gw",span_name="pay",span_kind="SPAN_KIND_CLIENT",status_code="STATUS_CODE_UNSET"} 0+600x60
	traces_spanmetrics_calls_total{service="shop.a",span_name="buy",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_UNSET"} 0+30x60
	traces_spanmetrics_latency_bucket{service="gw",span_name="GET /",span_kind="SPAN_KIND_SERVER",le="0.1"} 0+60x60
	traces_spanmetrics_latency_bucket{service="gw",span_name="GET /",span_kind="SPAN_KIND_SERVER",le="+Inf"} 0+60x60
`

func TestMonitorTab(t *testing.T) {
	h := monitored(t, spanMetrics)
	point := func(value string) string {
		return `[{"gaugeValue":{"doubleValue":` + value + `},"timestamp":"1970-01-01T00:30:00Z"}]`
	}
	service := func(name string) string { return `[{"name":"service_name","value":"` + name + `"}]` }
	for _, tt := range []struct {
		name, path string
		params     []string
		want       string
	}{
		{
			"calls", "/metrics/calls",
			[]string{"service", "gw", "service", "shop.a"},
			`{"name":"service_call_rate","type":"GAUGE","help":"calls/sec, grouped by service","metrics":[
				{"labels":` + service("gw") + `,"metricPoints":` + point("2") + `},{"labels":` + service("shop.a") + `,"metricPoints":` + point("0.5") + `}]}`,
		},
		{
			"a name is no pattern", "/metrics/calls",
			[]string{"service", "shop.b", "service", "g."},
			`{"name":"service_call_rate","type":"GAUGE","help":"calls/sec, grouped by service","metrics":[]}`,
		},
		{
			"by operation and of a kind", "/metrics/calls",
			[]string{"service", "gw", "groupByOperation", "true", "spanKind", "client", "spanKind", "unspecified"},
			`{"name":"service_operation_call_rate","type":"GAUGE","help":"calls/sec, grouped by service & operation","metrics":[
				{"labels":[{"name":"service_name","value":"gw"},{"name":"operation","value":"pay"}],"metricPoints":` + point("10") + `}]}`,
		},
		{
			"errors, 0 where there are none", "/metrics/errors",
			[]string{"service", "gw", "service", "shop.a"},
			`{"name":"service_error_rate","type":"GAUGE","help":"error rate, computed as a fraction of errors/sec over calls/sec, grouped by service","metrics":[
				{"labels":` + service("gw") + `,"metricPoints":` + point("0.5") + `},{"labels":` + service("shop.a") + `,"metricPoints":` + point("0") + `}]}`,
		},
		{
			"latencies in milliseconds", "/metrics/latencies",
			[]string{"service", "gw", "quantile", "0.5"},
			`{"name":"service_latencies","type":"GAUGE","help":"0.50th quantile latency, grouped by service","metrics":[
				{"labels":` + service("gw") + `,"metricPoints":` + point("50") + `}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := ask(h, tt.path, append(tt.params, "endTs", "1800001", "lookback", "1", "step", "1000", "ratePer", "600000")...)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.JSONEq(t, tt.want, w.Body.String())
		})
	}
}

func TestMonitorTabReadsNativeHistograms(t *testing.T) {
	h := monitored(t, `load 1m
		traces_spanmetrics_latency{service="gw",span_name="x",span_kind="SPAN_KIND_SERVER"} {{schema:0 sum:1 count:4 buckets:[4] offset:-1}}+{{schema:0 sum:1 count:4 buckets:[4] offset:-1}}x60
`)
	w := ask(h, "/metrics/latencies", "service", "gw", "quantile", "1", "endTs", "1800001", "lookback", "1")
	require.Contains(t, w.Body.String(), `"doubleValue":500`)
}

func TestMonitorTabReadsTheCollectorsMetrics(t *testing.T) {
	h := monitored(t, `load 1m
		traces_span_metrics_calls_total{service_name="gw",span_name="x",span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_UNSET"} 0+60x60
		traces_span_metrics_duration_milliseconds_bucket{service_name="gw",span_name="x",span_kind="SPAN_KIND_SERVER",le="8"} 0+60x60
		traces_span_metrics_duration_milliseconds_bucket{service_name="gw",span_name="x",span_kind="SPAN_KIND_SERVER",le="+Inf"} 0+60x60
`)
	w := ask(h, "/metrics/calls", "service", "gw", "endTs", "1800001", "lookback", "1")
	require.Contains(t, w.Body.String(), `"labels":[{"name":"service_name","value":"gw"}],"metricPoints":[{"gaugeValue":{"doubleValue":1}`)
	w = ask(h, "/metrics/latencies", "service", "gw", "quantile", "0.5", "endTs", "1800001", "lookback", "1")
	require.Contains(t, w.Body.String(), `"doubleValue":4`)
}

func TestMonitorTabRefuses(t *testing.T) {
	h := monitored(t, "")
	for _, tt := range []struct {
		path   string
		params []string
		says   string
	}{
		{"/metrics/calls", nil, "unable to parse param 'service': please provide at least one service name"},
		{"/metrics/calls", []string{"groupByOperation", "x"}, "unable to parse param 'groupByOperation'"},
		{"/metrics/calls", []string{"spanKind", "x"}, "unable to parse param 'spanKind': unsupported span kind: 'x'"},
		{"/metrics/calls", []string{"spanKind", ""}, "unsupported span kind: ''"},
		{"/metrics/calls", []string{"endTs", "x"}, "unable to parse param 'endTs'"},
		{"/metrics/calls", []string{"step", "0"}, "unable to parse param 'step'"},
		{"/metrics/calls", []string{"ratePer", "-1"}, "unable to parse param 'ratePer'"},
		{"/metrics/calls", []string{"lookback", "9223372036854775807"}, "unable to parse param 'lookback'"},
		{"/metrics/latencies", nil, "unable to parse param 'quantile'"},
		{"/metrics/latencies", []string{"quantile", "NaN"}, "unable to parse param 'quantile'"},
	} {
		params := tt.params
		if tt.says != "unable to parse param 'service': please provide at least one service name" {
			params = append(params, "service", "gw")
		}
		w := ask(h, tt.path, params...)
		require.Equal(t, http.StatusBadRequest, w.Code, tt.says)
		require.Contains(t, w.Body.String(), tt.says)
	}
	require.JSONEq(t, `{"data":1,"total":0,"limit":0,"offset":0,"errors":null}`, ask(h, "/metrics/minstep").Body.String())
}
