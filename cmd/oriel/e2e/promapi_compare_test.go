//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestPrometheusAPIAnswers puts the requests of testdata/promapi_requests.txt
// to Oriel and to the Prometheus 3.14 that it is made with, which run one configuration file and have the same data.
func TestPrometheusAPIAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, own := filepath.Join(dir, "prometheus.yml"), filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(own, []byte("self: {enabled: false}\nweb: {admin_api: true}\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yml"), []byte(`
groups:
  - name: g
    rules:
      - {record: 'job:load:sum', expr: sum by (job) (load)}
      - {alert: High, expr: load > 0, for: 1m, labels: {severity: page}, annotations: {summary: 'It is {{ $value }}'}}
      - {alert: Always, expr: vector(1), labels: {severity: info}}
  - {name: h, rules: [{record: one, expr: vector(1)}]}
`), 0o644))
	require.NoError(t, os.WriteFile(config, []byte(`
global: {external_labels: {site: here}, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: dead, scrape_interval: 1h, static_configs: [{targets: ['127.0.0.1:1'], labels: {room: kitchen}}]}
  - job_name: dropped
    static_configs: [{targets: ['127.0.0.1:2']}]
    relabel_configs: [{source_labels: [__address__], regex: '.*:2', action: drop}]
`), 0o644))
	prom := startPrometheusWith(t, program(t, "prometheus-3"), config, "--web.enable-admin-api", "--enable-feature=promql-per-step-stats")
	o := startOriel(t, "serve", false, "--config", own, "--prometheus-config", config)
	from := time.Now().Truncate(time.Minute).Add(-compareSpan)
	data := append(comparedData(), comparedHistograms()...)
	for _, base := range []string{prom, o.url} {
		writeCompared(t, base, from, data)
		await(t, func() error {
			v, err := value(base, `count(ALERTS{alertstate="firing"}) and on () count(one) and on () count({__name__="job:load:sum"})`)
			if err == nil && v != "1" {
				err = fmt.Errorf("%s alerts", v)
			}
			if err != nil {
				return err
			}
			pools, err := get(base+"/api/v1/targets?state=dropped", nil)
			if err == nil && !strings.Contains(string(pools), "127.0.0.1:2") {
				err = fmt.Errorf("targets are not known: %s", pools)
			}
			return err
		})
	}
	second := func(d time.Duration) string { return strconv.FormatInt(from.Add(d+3*time.Second).Unix(), 10) }
	moments := strings.NewReplacer("START", second(5*time.Minute), "MIDDLE", second(20*time.Minute), "END", second(40*time.Minute))
	text, err := os.ReadFile("testdata/promapi_requests.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		request, shape := strings.CutPrefix(line, "~")
		method, path, _ := strings.Cut(moments.Replace(request), " ")
		want, got := answerOf(t, method, prom, path, shape), answerOf(t, method, o.url, path, shape)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s (-Prometheus +Oriel)", line, diff)
		}
	}
}

// An apiAnswer is what is compared of an answer.
type apiAnswer struct {
	Status int
	Type   string
	Text   string // if it is not JSON
	JSON   any
}

func answerOf(t *testing.T, method, base, path string, shape bool) apiAnswer {
	t.Helper()
	path, query, _ := strings.Cut(path, "?")
	query = strings.NewReplacer(`"`, "%22", "{", "%7B", "}", "%7D", " ", "%20").Replace(query)
	params, err := url.ParseQuery(query)
	require.NoError(t, err, query)
	var body io.Reader
	address := base + path
	if method == http.MethodPost {
		body = strings.NewReader(params.Encode())
	} else if query != "" {
		address += "?" + params.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	require.NoError(t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	a := apiAnswer{Status: resp.StatusCode, Type: resp.Header.Get("Content-Type")}
	switch {
	case json.Unmarshal(raw, &a.JSON) != nil:
		a.Text = strings.TrimSpace(volatileText.ReplaceAllString(string(raw), "…"))
	case shape:
		a.JSON = shapeOf(a.JSON)
	default:
		a.JSON = steady("", a.JSON)
	}
	return a
}

// volatileText are moments and addresses in plain text.
var volatileText = regexp.MustCompile(`\b1[0-9]{12}\b|127\.0\.0\.1:[0-9]+`)

// volatile are the keys whose values lie in time.
var volatile = []string{
	"lastScrape", "lastScrapeDuration", "lastEvaluation", "evaluationTime", "activeAt", "globalUrl", "timings", "file",
	"groupNextToken",
}

// steady is x without what is volatile.
func steady(key string, x any) any {
	if slices.Contains(volatile, key) && x != nil {
		return "…"
	}
	switch x := x.(type) {
	case map[string]any:
		for k := range x {
			x[k] = steady(k, x[k])
		}
	case []any:
		for i := range x {
			x[i] = steady("", x[i])
		}
		if key == "result" || key == "alerts" || key == "data" {
			slices.SortFunc(x, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	}
	return x
}

// shapeOf is x with the types of its values instead of them.
func shapeOf(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k := range x {
			x[k] = shapeOf(x[k])
		}
		return x
	case []any:
		if len(x) == 0 {
			return x
		}
		return []any{shapeOf(x[0])}
	}
	return fmt.Sprintf("%T", x)
}
