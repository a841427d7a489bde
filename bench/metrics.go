package main

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// promQuestions are the range queries put to servers of metrics.
func promQuestions() []struct{ name, promql string } {
	return []struct{ name, promql string }{
		{"count_all_series", `count by (job) ({__name__=~".+"})`},
		{"rate_node_cpu", `sum by (mode) (rate(node_cpu_seconds_total[5m]))`},
		{"rate_by_namespace", `sum by (namespace) (rate(container_cpu_usage_seconds_total[5m]))`},
		{"topk_pods", `topk(10, sum by (pod) (container_memory_working_set_bytes))`},
		{"histogram_quantile", `histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))`},
		{"label_regex", `sum by (namespace) (container_memory_rss{pod=~"(cart|search)-1.*", container!="istio-proxy"})`},
		{"single_series", `node_load1{instance="10.0.0.7:9100"}`},
		{"absent", `absent(up{job="does-not-exist"})`},
		{"join_group_left", `sum by (nodename) (rate(node_cpu_seconds_total{mode!="idle"}[5m]) * on (instance) group_left (nodename) node_uname_info)`},
		{"cpu_by_instance", `1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))`},
		{"subquery_max", `max_over_time(sum(rate(container_network_receive_bytes_total[1m]))[10m:1m])`},
		{"count_by_phase", `count by (namespace, phase) (kube_pod_status_phase == 1)`},
		{"error_ratio", `sum(rate(http_request_duration_seconds_count{code=~"5.."}[5m])) / sum(rate(http_request_duration_seconds_count[5m]))`},
	}
}

func (l *loads) metricsWorkload(t *target) (*workload, error) {
	api := t.metrics
	if api == nil {
		return nil, fmt.Errorf("%s takes no metrics", t.name)
	}
	if l.metrics == nil {
		begin := time.Now()
		l.metrics = encodeMetrics(l.o, int(l.o.span/scrape))
		fmt.Fprintf(os.Stderr, "encoded %d samples in %d MB in %.0fs\n", l.metrics.units(), l.metrics.bytes()/1e6, time.Since(begin).Seconds())
	}
	between := url.Values{"start": {unix(l.o.start())}, "end": {unix(l.o.end)}}
	w := &workload{
		unit: "samples", perCPU: float64(l.metrics.units()) / 1e6, cpuUnit: "s/1M",
		load: l.metrics, push: api.push, diskProbe: api.diskProbe,
		count: func(base string, part *load) (int, int, error) {
			stored, err := countSamples(base+api.query, l.o)
			return stored, part.units(), err
		},
	}
	for _, q := range promQuestions() {
		step := time.Minute
		if q.name == "single_series" {
			step = scrape
		}
		w.queries = append(w.queries, query{
			name: q.name, path: api.query + "_range", rows: promRows,
			params: url.Values{
				"query": {q.promql}, "step": {strconv.Itoa(int(step.Seconds()))},
				"start": between["start"], "end": between["end"],
			},
		})
	}
	w.queries = append(w.queries, query{
		name: "label_values", path: strings.TrimSuffix(api.query, "query") + "label/pod/values",
		params: between, rows: listRows,
	})
	return w, nil
}

// countSamples counts what is stored, one metric name after the other to stay
// within limits on samples per query. The selector leaves out what a server
// scrapes of itself.
func countSamples(api string, o *options) (int, error) {
	names := map[string]bool{}
	for _, s := range kubeSeries(min(o.series, 1000), rand.New(rand.NewPCG(o.seed, 0))) {
		for kv := range slices.Chunk(s.labels, 2) {
			if kv[0] == "__name__" {
				names[kv[1]] = true
			}
		}
	}
	total := 0
	for name := range names {
		n, err := promScalar(api, fmt.Sprintf(`sum(count_over_time(%s{cluster="prod-eu-1"}[%ds]))`, name, int(o.span.Seconds())+60), o.end)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
