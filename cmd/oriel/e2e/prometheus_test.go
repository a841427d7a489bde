//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Prometheus server scrapes a node exporter and itself and writes what it
// scrapes to Oriel. Asked the same at the same moment, both say the same.
func TestPrometheusAndOrielAgree(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	exporter, prom := freeAddr(t), freeAddr(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: node, static_configs: [{targets: [%q]}]}
  - {job_name: prometheus, static_configs: [{targets: [%q]}]}
remote_write:
  - url: %s/api/v1/write
    send_exemplars: true
    queue_config: {batch_send_deadline: 500ms}
`, exporter, prom, o.url), 0o644))
	start(t, program(t, "prometheus-node-exporter"), "--web.listen-address="+exporter)
	start(t, program(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+prom)

	// Twenty scrapes at the source, and the last of them arrived here.
	promURL := "http://" + prom
	var last string
	await(t, func() error {
		n, err := value(promURL, `count_over_time(up{job="node"}[5m])`)
		if err != nil {
			return err
		}
		if c, _ := strconv.Atoi(n); c < 20 {
			return fmt.Errorf("%s scrapes so far", n)
		}
		last, err = value(promURL, `timestamp(up{job="node"})`)
		return err
	})
	await(t, func() error {
		at, err := value(o.url, `timestamp(up{job="node"})`)
		if err != nil {
			return err
		}
		have, _ := strconv.ParseFloat(at, 64)
		want, _ := strconv.ParseFloat(last, 64)
		if have < want+1 {
			return fmt.Errorf("newest sample is of %s, want past %s", at, last)
		}
		return nil
	})

	sec, err := strconv.ParseFloat(last, 64)
	require.NoError(t, err)
	// Between two scrapes: Debian's Prometheus is a 2.x, which counts a sample
	// on the left edge of a range in, while 3.x and Oriel count it out.
	at := strconv.FormatFloat(sec-0.5, 'f', 3, 64)
	for _, q := range []string{
		`up{job=~"node|prometheus"}`,
		`count by (job) ({job=~"node|prometheus"})`,
		`sum by (mode) (rate(node_cpu_seconds_total[10s]))`,
		`100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[10s])))`,
		`node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes`,
		`topk(3, sum by (device) (irate(node_disk_io_time_seconds_total[10s])))`,
		`histogram_quantile(0.9, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket[10s])))`,
		`increase(prometheus_tsdb_head_samples_appended_total[10s])`,
		`avg_over_time(node_load1[10s])`,
		`quantile_over_time(0.5, node_context_switches_total[10s])`,
		`deriv(node_time_seconds[10s])`,
		`predict_linear(node_filesystem_avail_bytes[10s], 3600)`,
		`changes(process_start_time_seconds{job=~"node|prometheus"}[10s])`,
		`resets(node_cpu_seconds_total{mode="user"}[10s])`,
		`absent(up{job="nothing"})`,
		`label_replace(up{job="node"}, "port", "$1", "instance", ".*:(.*)")`,
		`max by (instance) (up{job=~"node|prometheus"}) * on (instance) group_left (job) up`,
		`node_filesystem_avail_bytes / on (instance, device, mountpoint, fstype) node_filesystem_size_bytes > bool 0.5`,
		`stddev by (job) (scrape_duration_seconds{job=~"node|prometheus"})`,
		`max_over_time(sum(rate(node_cpu_seconds_total[5s]))[10s:2s])`,
	} {
		want := answer(t, promURL, q, at)
		require.NotEqual(t, "[]", want, "%s has no answer", q)
		require.Equal(t, want, answer(t, o.url, q, at), q)
	}
}

// answer returns the result of q at the time at as text. Oriel's own series
// are not in any of the queries.
func answer(t *testing.T, base, q, at string) string {
	t.Helper()
	var a struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	require.NoError(t, getJSON(base+"/api/v1/query", url.Values{"query": {q}, "time": {at}}, &a), q)
	lines := make([]string, 0, len(a.Data.Result))
	for _, s := range a.Data.Result {
		labels, err := json.Marshal(s.Metric)
		require.NoError(t, err)
		// Other versions of the engine add in other orders: the last digits
		// of sums may differ.
		v, err := strconv.ParseFloat(s.Value[1].(string), 64)
		require.NoError(t, err)
		lines = append(lines, fmt.Sprintf("%s %.9g", labels, v))
	}
	slices.Sort(lines)
	return "[" + strings.Join(lines, "\n") + "]"
}

func TestPromtoolChecksRulesAndAsks(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	promtool := program(t, "promtool")
	require.Contains(t, run(t, "", promtool, "check", "rules", "../demo_rules.yml"), "SUCCESS: 4 rules found")
	require.Contains(t, run(t, "", orielBinary(t), "check", "rules", "../demo_rules.yml"), "no faults found")

	await(t, func() error { _, err := value(o.url, `up{job="oriel"}`); return err })
	require.Contains(t, run(t, "", promtool, "query", "instant", o.url, `up{job="oriel"}`), `up{instance=`)
	now := time.Now().Unix()
	out := run(t, "", promtool, "query", "range", "--start", strconv.FormatInt(now-60, 10), "--end", strconv.FormatInt(now+30, 10), "--step", "15s", o.url, `up{job="oriel"}`)
	require.Contains(t, out, "1 @[", "range query")
	require.Contains(t, run(t, "", promtool, "query", "labels", o.url, "job"), "oriel")
	require.Contains(t, run(t, "", promtool, "query", "series", "--match", "up", o.url), `job="oriel"`)
}
