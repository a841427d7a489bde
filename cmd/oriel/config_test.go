package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func load(t *testing.T, text string) (*config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return loadConfig(configFiles{path: path, dataDir: "data"})
}

func TestEveryKeyIsOptional(t *testing.T) {
	for _, text := range []string{"", "# nothing but a comment\n", "storage: {}\n"} {
		c, err := load(t, text)
		require.NoError(t, err)
		want := defaultConfig()
		require.Equal(t, want.Limits, c.Limits)
		require.Equal(t, want.Storage.Event.Retention, c.Storage.Event.Retention)
		require.Equal(t, filepath.Join("data", "event"), c.Storage.Event.Dir)
	}
}

func TestFaultsNameLineOrKey(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "limits:\n  max_lines: 3\n", `line 2: unknown key "max_lines"`},
		{"unknown section", "metrics: {}\n", `line 1: unknown key "metrics"`},
		{"not YAML", "a: [1\n", "line 1: did not find expected ',' or ']'"},
		{"negative value", "limits: {max_age: -1h}\n", "limits.max_age: -1h0m0s is negative"},
		{"several at once", "query: {timeout: 0s, max_points: 0}\n", "query.timeout: 0s is not positive; query.max_points: 0 is not positive"},
		{"both kinds of Alertmanager configuration", "alertmanager: {}\nalertmanager_file: x\n", "set one of them"},
		{"unknown product", "compat_listeners: {splunk: ':1'}\n", `unknown product "splunk"; known are alertmanager, datadog, elasticsearch, influxdb, jaeger, jaeger_collector, jaeger_grpc, jaeger_sampling, loki, prometheus, pushgateway, tempo, zipkin`},
		{"relative URL", "web: {external_url: oriel.example.org}\n", `web.external_url: "oriel.example.org" is not an absolute URL`},
		{"prefix that is an API's", "web: {external_url: 'http://h/oriel/'}\n", "paths below /oriel are an API's"},
		{
			"retention of what is no selector", "storage: {event: {streams: [{selector: '{app=\"x\"}', period: 3d}, {selector: '{app=', period: 3d}]}}\n",
			`storage.event.streams[1].selector: "{app=": 1:6: parse error`,
		},
		{"retention of a metric", "storage: {event: {streams: [{selector: up, period: 3d}]}}\n", `storage.event.streams[0].selector: "up": not in braces`},
		{"retention of less than nothing", "storage: {event: {streams: [{selector: '{a=\"b\"}', period: -3d}]}}\n", `line 1: period: not a valid duration string: "-3d"`},
		{"second document", "storage: {}\n---\nweb: {}\n", "a second document after --- would not be read"},
		{"not a duration", "query:\n  timeout: 2 minutes\n", "line 2: `2 minutes` is not a duration, as in 90s, 15m or 14d"},
		{"not a duration of Prometheus'", "storage:\n  metric:\n    retention: long\n", `line 3: retention: not a valid duration string: "long"`},
		{"not a size", "storage: {metric: {retention_size: big}}\n", "line 1: retention_size: "},
		{"not a number", "\nlimits: {max_attrs: many}\n", "line 2: `many` is not a whole number"},
		{"not a switch", "auth: {enabled: maybe}\n", "line 1: `maybe` is not true or false"},
		{"list for a text", "web: {external_url: [a]}\n", "line 1: a list is not a text"},
		{"section for a list", "rule_files: {a: b}\n", "line 1: a section is not a list"},
		{"text for a section", "storage: fast\n", "line 1: `fast` is not a section of keys"},
		{"not a network", "egress: {allow: [10.0.0.0/99]}\n", "line 1: allow: "},
		{"share of a core", "storage: {event: {merge_cpu: 2}}\n", "storage.event.merge_cpu: 2 is not between 0.01 and 1"},
		{"unset variable", "web:\n  external_url: ${ORIEL_TEST_NOT_SET}\n", "line 2: environment variable ORIEL_TEST_NOT_SET is not set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.text)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "oriel.yaml")
			require.NotContains(t, err.Error(), "\n", "an operator's mistake is one line")
			var usage *usageError
			require.ErrorAs(t, err, &usage)
		})
	}
}

func TestVariablesAreExpandedOutsideComments(t *testing.T) {
	t.Setenv("ORIEL_TEST_HOST", "oriel.example.org")
	t.Setenv("ORIEL_TEST_TIMEOUT", "7s")
	c, err := load(t, `
# ${ORIEL_TEST_NOT_SET}
web: {external_url: "https://${ORIEL_TEST_HOST}/a"}
query: {timeout: "${ORIEL_TEST_TIMEOUT}"}
rule_files: ["$${literal}.yml", "$1.yml"]
`)
	require.NoError(t, err)
	require.Equal(t, "https://oriel.example.org/a", c.Web.ExternalURL)
	require.Equal(t, 7*time.Second, c.Query.Timeout)
	require.Equal(t, []string{"${literal}.yml", "$1.yml"}, c.RuleFiles)
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	c, err := load(t, "rule_files: [rules/*.yml, /etc/rules.yml]\n")
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(filepath.Dir(c.path), "rules/*.yml"), "/etc/rules.yml"}, c.ruleFiles())
}

func TestReloadTellsWhatNeedsARestart(t *testing.T) {
	running, err := load(t, "")
	require.NoError(t, err)
	next, err := load(t, "rule_files: [a.yml]\nalertmanager: {route: {receiver: x}, receivers: [{name: x}]}\nlimits: {max_age: 1h}\n")
	require.NoError(t, err)
	require.Equal(t, []string{"limits"}, needRestart(running, next))
}

func TestRuleFilesOfTenantsNeedTenants(t *testing.T) {
	_, err := load(t, "tenant_rule_files: {shop: [a.yml]}\n")
	require.ErrorContains(t, err, "tenant_rule_files.*: there are tenants only with auth: {tenants: true}")
	_, err = load(t, "auth: {tenants: true}\ntenant_rule_files: {a/b: [a.yml]}\n")
	require.ErrorContains(t, err, `tenant_rule_files.a/b: tenant "a/b"`)
	c, err := load(t, "auth: {tenants: true}\ntenant_rule_files: {shop: [a.yml]}\n")
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"shop": {"a.yml"}}, c.TenantRuleFiles)
}
