package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// loadStock loads a Prometheus configuration file beside an oriel.yaml.
func loadStock(t *testing.T, prometheus, oriel string) (*config, error) {
	t.Helper()
	dir := t.TempDir()
	files := configFiles{path: filepath.Join(dir, "oriel.yaml"), prometheus: filepath.Join(dir, "prometheus.yml"), dataDir: "data"}
	require.NoError(t, os.WriteFile(files.path, []byte(oriel), 0o644))
	require.NoError(t, os.WriteFile(files.prometheus, []byte(prometheus), 0o644))
	return loadConfig(files)
}

func TestFaultsOfPrometheusSectionsNameTheLine(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key of a job", "scrape_configs:\n  - job_name: a\n    targets: [b]\n", `line 3: unknown key "targets"`},
		{"unknown discovery", "scrape_configs:\n  - job_name: a\n    gce_sd_configs: []\n", `line 3: this build has no service discovery "gce"; it has `},
		{"value of the wrong kind", "scrape_configs:\n  - job_name: a\n    honor_labels: perhaps\n", "line 3: cannot unmarshal !!str `perhaps` into bool"},
		{"duration", "storage: {}\nglobal:\n  scrape_interval: often\n", `line 3: not a valid duration string: "often"`},
		{"timeout over interval", "scrape_configs:\n  - job_name: a\n    scrape_interval: 5s\n    scrape_timeout: 1m\n", `line 4: scrape timeout greater than scrape interval for scrape config with job name "a"`},
		{"job without a name", "scrape_configs:\n  - job_name: a\n  - honor_labels: true\n", "line 3: job_name is empty"},
		{"name twice", "scrape_configs:\n  - job_name: a\n  - job_name: b\n  - job_name: a\n", `line 4: found multiple scrape configs with job name "a"`},
		{"regular expression", "scrape_configs:\n  - job_name: a\n    metric_relabel_configs:\n      - source_labels: [b]\n        regex: '('\n        action: keep\n", "line 5: error parsing regexp: missing closing )"},
		{"second of two faulty jobs in the same way", "scrape_configs:\n  - job_name: a\n    scheme: x\n    scrape_protocols: []\n", "line 4: "},
		{"protocol", "scrape_configs:\n  - job_name: a\n    scrape_protocols: [Smoke]\n", "line 3: scrape_protocols: unknown scrape protocol Smoke"},
		{"file that is not there", "scrape_configs:\n  - job_name: a\n  - job_name: b\n    tls_config:\n      ca_file: nowhere.pem\n", `line 5: job "b": unable to read CA cert`},
		{"list of jobs that is not there", "scrape_configs:\n  - job_name: a\nscrape_config_files:\n  - none.yml\n", "line 4: scrape_config_files: stat "},
		{"Alertmanager", "alerting:\n  alertmanagers:\n    - scheme: http\n      api_version: v1\n", "line 4: expected Alertmanager api version to be one of"},
		{"lines of Windows", "global:\r\n  evaluation_interval: 1s\r\n  scrape_interval: often\r\n", `line 3: not a valid duration string: "often"`},
		{"beyond ASCII", "scrape_configs:\n- {job_name: ä}\n- job_name: öö\n  scrape_timeout: 10m\n", "line 4: scrape timeout greater"},
		{"document in braces", "{global: {scrape_interval: often}}\n", `not a valid duration string: "often"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "oriel.yaml")
			require.NotContains(t, err.Error(), "\n")
			var usage *usageError
			require.ErrorAs(t, err, &usage)
		})
	}
}

func TestSeveralFaultsAreALineEach(t *testing.T) {
	_, err := load(t, "scrape_configs:\n  - job_name: a\n    colour: red\n    smell: sweet\n")
	require.Len(t, strings.Split(err.Error(), "\n"), 2)
	require.ErrorContains(t, err, `line 3: unknown key "colour"`)
	require.ErrorContains(t, err, `line 4: unknown key "smell"`)
}

func TestFaultsOfListsOfJobsNameTheirFile(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "scrape_configs:\n  - job_name: a\n    colour: red\n", `more.yml: line 3: unknown key "colour"`},
		{"wrong value", "scrape_configs:\n  - job_name: a\n    scrape_timeout: 10m\n", "more.yml: line 3: scrape timeout greater than scrape interval"},
		{"not YAML", "a: [1\n", "more.yml: line 1: did not find expected ',' or ']'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "oriel.yaml")
			require.NoError(t, os.WriteFile(path, []byte("# x\nscrape_config_files: ['*.yml']\n"), 0o644))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "more.yml"), []byte(tt.text), 0o644))
			_, err := loadConfig(configFiles{path: path, dataDir: "data"})
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func FuzzFaultsOfAPrometheusConfiguration(f *testing.F) {
	f.Add("scrape_configs:\n  - job_name: a\n    scrape_timeout: 10m\n")
	f.Add("global: {scrape_interval: often}\n")
	f.Add("scrape_configs:\n-\n  job_name: a\n- \n - - x\n")
	f.Add("scrape_configs:  \r  -")
	f.Add("a: &x [1]\nglobal: *x\n? |\n  b\n: c\n")
	f.Fuzz(func(t *testing.T, text string) {
		sections, _ := cutSections(text, prometheusSections)
		if n, m := len(yamlLines(sections)), len(yamlLines(text)); sections != "" && n != m && !strings.Contains(text, "{") {
			t.Errorf("%d lines became %d", m, n)
		}
		_, err := promSource{path: "p.yml", text: text}.load()
		if err != nil {
			require.Contains(t, err.Error(), "configuration p.yml")
		}
	})
}

func TestPrometheusSectionsSetTheDefaultsOfOrielsOwn(t *testing.T) {
	c, err := load(t, "global: {evaluation_interval: 7s, rule_query_offset: 3s}\n")
	require.NoError(t, err)
	require.Equal(t, 7*time.Second, c.Rules.EvaluationInterval)
	require.Equal(t, 3*time.Second, c.Rules.QueryOffset)

	c, err = load(t, "rules: {evaluation_interval: 9s}\nglobal: {evaluation_interval: 7s}\n")
	require.NoError(t, err)
	require.Equal(t, 9*time.Second, c.Rules.EvaluationInterval)
}

func TestAStockFileIsTakenAsItIs(t *testing.T) {
	t.Setenv("ORIEL_TEST_SITE", "here")
	const stock = `
global: {scrape_interval: 3s, external_labels: {site: "${ORIEL_TEST_SITE}"}}
rule_files: [a.yml]
scrape_configs:
  - job_name: a
    relabel_configs: [{source_labels: [__address__], regex: '(?P<host>.*)', target_label: host, replacement: '${host}'}]
storage:
  tsdb:
    out_of_order_time_window: 7m
    retention: {time: 3d, size: 2GiB}
  exemplars: {max_exemplars: 17}
otlp: {keep_identifying_resource_attributes: true}
runtime: {gogc: 50}
`
	c, err := loadStock(t, stock, "rule_files: [b.yml]\nstorage: {metric: {retention: 4d}}\n")
	require.NoError(t, err)
	require.Equal(t, "here", c.prometheus.GlobalConfig.ExternalLabels.Get("site"))
	require.Equal(t, "${host}", c.prometheus.ScrapeConfigs[0].RelabelConfigs[0].Replacement, "no variable of Oriel's")
	dir := filepath.Dir(c.path)
	require.Equal(t, []string{filepath.Join(dir, "b.yml"), filepath.Join(dir, "a.yml")}, c.ruleFiles())
	require.Equal(t, []string{"runtime"}, c.unused)
	require.True(t, c.Ingest.OTLP.KeepIdentifyingResourceAttributes)
	require.Empty(t, c.Ingest.OTLP.PromoteResourceAttributes)

	m := c.Storage.Metric
	require.Equal(t, model.Duration(7*time.Minute), m.OutOfOrderWindow)
	require.Equal(t, model.Duration(4*24*time.Hour), m.Retention, "oriel.yaml has the last word")
	require.EqualValues(t, 2<<30, m.RetentionSize)
	require.EqualValues(t, 17, m.MaxExemplars)
}

func TestTheKeyNamesTheFileAsTheFlagDoes(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte("scrape_configs: [{job_name: a}]\n"), 0o644))
	path := filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(path, []byte("prometheus_config_file: prometheus.yml\n"), 0o644))
	c, err := loadConfig(configFiles{path: path, dataDir: "data"})
	require.NoError(t, err)
	require.Equal(t, "a", c.prometheus.ScrapeConfigs[0].JobName)
}

func TestAStockFileLeavesNoSectionToOrielYAML(t *testing.T) {
	_, err := loadStock(t, "", "scrape_configs: []\n")
	require.ErrorContains(t, err, "oriel.yaml: scrape_configs: there is a Prometheus configuration file, ")
}

func TestShownConfigurationHasNoSecrets(t *testing.T) {
	t.Setenv("ORIEL_TEST_SECRET", "hunter3")
	c, err := load(t, `
web: {external_url: "http://oriel.example.org/${ORIEL_TEST_SECRET}"}
rule_files: [a.yml]
scrape_configs:
  - job_name: a
    basic_auth: {username: u, password: hunter1}
alertmanager:
  route: {receiver: r}
  receivers:
    - name: r
      webhook_configs: [{url: "http://127.0.0.1:1/", http_config: {authorization: {credentials: hunter2}}}]
`)
	require.NoError(t, err)
	shown := c.shown()
	for _, want := range []string{"\nscrape_configs:", "password: <secret>", "credentials: <secret>", "${ORIEL_TEST_SECRET}", "\nrule_files:"} {
		require.Contains(t, "\n"+shown, want)
	}
	require.NotContains(t, shown, "hunter")
	require.Contains(t, mustLoad(t, "").shown(), "scrape_interval: 1m")

	again, err := load(t, strings.ReplaceAll(strings.ReplaceAll(shown, "${ORIEL_TEST_SECRET}", "x"), "<secret>", "y"))
	require.NoError(t, err, "what is shown is a configuration")
	require.Equal(t, "a", again.prometheus.ScrapeConfigs[0].JobName)
}

func mustLoad(t *testing.T, text string) *config {
	t.Helper()
	c, err := load(t, text)
	require.NoError(t, err)
	return c
}

func TestReloadableSectionsNeedNoRestart(t *testing.T) {
	running := mustLoad(t, "")
	next := mustLoad(t, "global: {evaluation_interval: 7s}\nscrape_configs: [{job_name: a}]\nalerting: {}\n")
	require.Empty(t, needRestart(running, next))
	next = mustLoad(t, "rules: {resend_delay: 2m}\npromql: {experimental_functions: true}\n")
	require.Equal(t, []string{"promql", "rules"}, needRestart(running, next))
}
