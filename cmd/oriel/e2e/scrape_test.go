//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// exposition has every kind of metric of the text format, and its odd corners.
const exposition = `# HELP a_total A counter with a "quoted" \\ help.
# TYPE a_total counter
a_total{path="C:\\DIR",text="two\nlines \"quoted\""} 7
a_total 1.5e9
# TYPE b gauge
b{empty="",job="own",instance="own"} -0.25
# TYPE c histogram
c_bucket{le="0.5"} 1
c_bucket{le="1.0"} 2
c_bucket{le="+Inf"} 3
c_sum 2.75
c_count 3
# TYPE d summary
d{quantile="0.5"} 0.1
d{quantile="0.99"} NaN
d_sum 10
d_count 100
untyped_with_time 3 %d
nan NaN
inf +Inf
`

// One configuration file is run by Prometheus and by Oriel. Both store the
// same series of a node exporter, with the same labels, and of metrics that
// stand still the same values. No other test runs beside it: on a busy machine
// one of the two would now and then miss a scrape of a second.
func TestPrometheusAndOrielScrapeTheSame(t *testing.T) {
	static := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, fmt.Sprintf(exposition, time.Now().Add(-30*time.Second).UnixMilli()))
	}))
	t.Cleanup(static.Close)
	exporter, prom := freeAddr(t), freeAddr(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "targets.yml"), fmt.Appendf(nil, "- targets: [%q]\n  labels: {room: kitchen}\n", exporter), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yml"), []byte("groups: [{name: g, rules: [{record: 'job:up:sum', expr: sum by (job) (up)}]}]\n"), 0o644))
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {site: here}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: node
    file_sd_configs: [{files: [targets.yml]}]
    metric_relabel_configs:
      - {source_labels: [__name__], regex: 'go_.*', action: drop}
      - {regex: cpu, action: labeldrop}
  - job_name: static
    static_configs: [{targets: [%q]}]
    relabel_configs:
      - {source_labels: [__address__], regex: '(.*):.*', target_label: instance, replacement: 'host-$1'}
  - job_name: honoured
    honor_labels: true
    honor_timestamps: false
    sample_limit: 1000
    static_configs: [{targets: [%q]}]
  - job_name: limited
    sample_limit: 2
    static_configs: [{targets: [%q]}]
`, static.Listener.Addr(), static.Listener.Addr(), static.Listener.Addr()), 0o644))
	start(t, program(t, "prometheus-node-exporter"), "--web.listen-address="+exporter)
	start(t, program(t, "prometheus"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+prom)
	require.Contains(t, run(t, "", program(t, "promtool"), "check", "config", config), "SUCCESS")
	require.Contains(t, run(t, "", orielBinary(t), "check", "config", "--prometheus-config", config), "no faults found")
	o := startOriel(t, "serve", false, "--prometheus-config", config)

	promURL := "http://" + prom
	for _, base := range []string{promURL, o.url} {
		await(t, func() error {
			for _, job := range []string{"node", "static", "honoured"} {
				n, err := value(base, `count_over_time(scrape_samples_scraped{job="`+job+`"}[5m]) > 3`)
				if err != nil {
					return fmt.Errorf("%s: %s scrapes of %s: %w", base, n, job, err)
				}
			}
			_, err := value(base, `job:up:sum{job="node"}`)
			return err
		})
	}
	want := series(t, promURL)
	require.Greater(t, len(want), 200)
	require.Equal(t, want, series(t, o.url))

	for _, q := range []string{
		`{job=~"static|own", __name__=~"a_total|b|c_.*|d.*|nan|inf|untyped_with_time|up|scrape_samples_scraped|scrape_samples_post_metric_relabeling"}`,
		`{job="limited"} == 0`,
		`count by (__name__) ({job="node"})`,
		`timestamp(untyped_with_time{job="static"}) < bool timestamp(a_total{job="static",path=""})`,
		`job:up:sum{job!="oriel"}`,
	} {
		at := fmt.Sprint(time.Now().Unix())
		require.Equal(t, answer(t, promURL, q, at), answer(t, o.url, q, at), q)
	}
	require.Equal(t, targetShape(t, promURL), targetShape(t, o.url))
	require.Equal(t, metadataOf(t, promURL, "c"), metadataOf(t, o.url, "c"))
	require.Equal(t, federated(t, promURL), federated(t, o.url))

	// The target stops: its series end at once in both.
	static.CloseClientConnections()
	static.Close()
	for _, base := range []string{promURL, o.url} {
		await(t, func() error {
			v, err := value(base, `count(a_total) or vector(0)`)
			if err == nil && v != "0" {
				err = fmt.Errorf("%s series", v)
			}
			return err
		})
		v, err := value(base, `sum(up{job="static"})`)
		require.NoError(t, err)
		require.Equal(t, "0", v)
	}
	promtool := program(t, "promtool")
	require.Contains(t, run(t, "", promtool, "query", "instant", o.url, `up{job="node"}`), `room="kitchen"`)
	require.Contains(t, run(t, "", promtool, "query", "series", "--match", `{job="limited"}`, o.url), "scrape_duration_seconds")
}

// series returns the label sets of the jobs, sorted.
func series(t *testing.T, base string) []string {
	t.Helper()
	var a struct{ Data []map[string]string }
	require.NoError(t, getJSON(base+"/api/v1/series", url.Values{"match[]": {`{job=~"node|static|honoured|limited|own"}`, "job:up:sum"}}, &a))
	var out []string
	for _, ls := range a.Data {
		if ls["job"] == "oriel" || strings.HasPrefix(ls["__name__"], "node_") && ls["device"] != "" {
			continue // devices come and go, of containers for instance
		}
		text, err := json.Marshal(ls)
		require.NoError(t, err)
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

// targetShape returns what does not change with time of the targets.
func targetShape(t *testing.T, base string) []string {
	t.Helper()
	var a struct {
		Data struct{ ActiveTargets []map[string]any }
	}
	require.NoError(t, getJSON(base+"/api/v1/targets", nil, &a))
	var out []string
	for _, target := range a.Data.ActiveTargets {
		for _, key := range []string{"lastScrape", "lastScrapeDuration", "globalUrl"} {
			require.Contains(t, target, key)
			delete(target, key)
		}
		discovered := target["discoveredLabels"].(map[string]any)
		for _, newer := range []string{"__always_scrape_classic_histograms__", "__convert_classic_histograms_to_nhcb__", "__scrape_native_histograms__"} {
			delete(discovered, newer) // Debian's Prometheus is a 2.x
		}
		text, err := json.Marshal(target)
		require.NoError(t, err)
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

func metadataOf(t *testing.T, base, metric string) string {
	t.Helper()
	var a struct{ Data map[string]any }
	require.NoError(t, getJSON(base+"/api/v1/metadata", url.Values{"metric": {metric}}, &a))
	text, err := json.Marshal(a.Data)
	require.NoError(t, err)
	return string(text)
}

// federated returns the names and labels that a federating server would get.
func federated(t *testing.T, base string) []string {
	t.Helper()
	body, err := get(base+"/federate", url.Values{"match[]": {`{job="static"}`, "b"}})
	require.NoError(t, err)
	var out []string
	for line := range strings.Lines(string(body)) {
		if name, _, ok := strings.Cut(line, "} "); ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
