package ruletest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting/ruletest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs a file of tests and returns what it prints.
func run(t *testing.T, path string, o ruletest.Options) (passed bool, out, fault string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.Files, o.Out, o.Err = []string{path}, &stdout, &stderr
	passed, err := ruletest.Run(t.Context(), o)
	require.NoError(t, err)
	return passed, stdout.String(), stderr.String()
}

// beside writes a file of tests into a folder with testdata/rules.yml.
func beside(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	rules, err := os.ReadFile("testdata/rules.yml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yml"), rules, 0o600))
	path := filepath.Join(dir, "test.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestRulesInAllThreeLanguagesPass(t *testing.T) {
	passed, out, fault := run(t, "testdata/good.yml", ruletest.Options{})
	require.Empty(t, fault)
	require.Equal(t, "  SUCCESS\n\n", out)
	require.True(t, passed)
}

func TestFaultsAreTold(t *testing.T) {
	const head = "rule_files: [rules.yml]\ntests:\n  - "
	const logs = head + "input_logs: [{labels: '{app=\"api\"}', lines: [{every: 1s, until: 5m, line: error}]}]\n    "
	for name, c := range map[string]struct{ text, want string }{
		"an alert that is another": {
			logs + `alert_rule_test: [{eval_time: 2m, alertname: Errors, exp_alerts: [{exp_labels: {app: web}}]}]`, `
    alertname: Errors, time: 2m, 
        exp:[
            0:
              Labels:{alertname="Errors", app="web"}
              Annotations:{}
            ], 
        got:[
            0:
              Labels:{alertname="Errors", app="api"}
              Annotations:{summary="api: 121 errors, 121"}
            ]`,
		},
		"an alert that does not fire, in a test with a name": {
			head + `name: quiet` + "\n    " + `alert_rule_test: [{eval_time: 2m, alertname: Errors, exp_alerts: [{exp_labels: {app: web}}]}]`, `
    name: quiet,
    alertname: Errors, time: 2m, 
        exp:[
            0:
              Labels:{alertname="Errors", app="web"}
              Annotations:{}
            ], 
        got:[]`,
		},
		"a value": {
			logs + `logql_expr_test: [{expr: 'count_over_time({app="api"}[1m])', eval_time: 1m, exp_samples: [{labels: '{app="api"}', value: 7}]}]`, `
    expr: "count_over_time({app=\"api\"}[1m])", time: 1m,
        exp: {app="api"} 7E+00
        got: {app="api"} 6E+01`,
		},
		"nothing where something is": {
			logs + `promql_expr_test: [{expr: 'app:errors:rate5m', eval_time: 1m, exp_samples: [{labels: '{}', value: 7}]}]`, `
    expr: "app:errors:rate5m", time: 1m,
        exp: {} 7E+00
        got: nil`,
		},
		"a query that is wrong": {
			head + `logql_expr_test: [{expr: '{', eval_time: 1m}]`, `
    expr: "{", time: 1m, err: parse error at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }`,
		},
		"lines where numbers belong": {
			head + `logql_expr_test: [{expr: '{a="b"}', eval_time: 1m}]`, `
    expr: "{a=\"b\"}", time: 1m, err: log queries are not supported as an instant query type, please change your query to a range query type`,
		},
		"traces where numbers belong": {
			head + `traceql_expr_test: [{expr: '{}', eval_time: 1m}]`, `
    expr: "{}", time: 1m, err: not a metrics query: invalid`,
		},
		"window of logs": {
			head + `logql_expr_test: [{expr: 'vector(1)', window: 1m}]`, `
    expr: "vector(1)", time: 0s, err: window goes with traceql_expr_test only`,
		},
		"labels": {
			head + `promql_expr_test: [{expr: '1', exp_samples: [{labels: '{'}]}]`, `
    expr: "1", time: 0s, err: labels "{": 1:2: parse error: unexpected end of input inside braces`,
		},
		"an alert without a name": {
			head + `alert_rule_test: [{eval_time: 1m}]`, `
an item under alert_rule_test misses required attribute alertname at eval_time 1m`,
		},
		"labels of lines": {
			head + `input_logs: [{labels: app}, {labels: '{a='}]`, `
input_logs 2: labels "{a=": 1:4: parse error: unexpected end of input inside braces`,
		},
		"until without every": {
			head + `input_logs: [{labels: '{a="b"}', lines: [{line: x}, {until: 1m}]}]`, `
input_logs 1: line 2: until 1m without every`,
		},
		"too many": {
			head + `input_spans: [{every: 1ms, until: 1d}]`, `
input_spans 1: every 1ms until 1d makes more than 1000000 of a test`,
		},
		"until before at": {
			head + `input_spans: [{at: 1m, every: 1ms}]`, `
input_spans 1: until 0s is before at 1m`,
		},
		"kind": {
			head + `input_spans: [{kind: x}]`, `
input_spans 1: kind "x" is none of internal, server, client, producer and consumer`,
		},
		"status": {
			head + `input_spans: [{status: x}]`, `
input_spans 1: status "x" is none of unset, ok and error`,
		},
		"attribute": {
			head + `input_spans: [{attributes: {a: [1]}}]`, `
input_spans 1: attributes: a: [1] is neither text, number nor truth value`,
		},
		"series": {
			head + `input_series: [{series: 'a{', values: '1'}]`, `
2:4: parse error: unexpected character inside braces: '1'`,
		},
		"order": {
			"group_eval_order: [a, a]", `
TEST: group name repeated in evaluation order: a`,
		},
		"key": {
			head + `input_metrics: []`, `
TEST: yaml: unmarshal errors:
  line 3: field input_metrics not found in type ruletest.test`,
		},
		"start": {
			head + `start_timestamp: noon`, `
TEST: line 3: "noon" is neither RFC 3339 nor Unix seconds`,
		},
		"rules": {
			"rule_files: [test.yml]\ntests: [{}]", `
TEST:1: unknown field "rule_files"
TEST:2: unknown field "tests"`,
		},
		"PromQL that is wrong": {
			head + `promql_expr_test: [{expr: 'sum(', eval_time: 0s}]`, `
    expr: "sum(", time: 0s, err: 1:5: parse error: unclosed left parenthesis`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := beside(t, c.text)
			passed, out, fault := run(t, path, ruletest.Options{})
			require.False(t, passed)
			require.Empty(t, out)
			require.Equal(t, "  FAILED:"+c.want+"\n\n", strings.ReplaceAll(fault, path, "TEST"))
		})
	}
}

func TestARuleThatCannotBeEvaluatedFailsTheTest(t *testing.T) {
	path := beside(t, `
rule_files: [twice.yml, no*.yml]
tests:
  - input_logs: [{labels: '{a="b", c="d"}', lines: [{line: x}]}, {labels: '{a="b", c="e"}', lines: [{line: x}]}]
    promql_expr_test: [{expr: '1', eval_time: 1m, exp_samples: [{labels: '{}', value: 1}]}]
`)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "twice.yml"), []byte(
		"groups: [{name: g, signal: logs, rules: [{record: r, expr: 'rate({a=\"b\"}[1m])', labels: {c: same}}]}]"), 0o600))
	passed, _, fault := run(t, path, ruletest.Options{})
	require.False(t, passed)
	require.Contains(t, fault, "  WARNING: no file match pattern "+filepath.Dir(path)+"/no*.yml\n")
	require.Contains(t, fault, "    rule: r, time: 0s, err: vector contains metrics with the same labelset after applying rule labels\n")
}

func TestOnlyTestsOfMatchingNamesRun(t *testing.T) {
	path := beside(t, "tests:\n  - {name: good}\n  - {name: bad, promql_expr_test: [{expr: x, exp_samples: [{labels: x, value: 1}]}]}\n")
	only := func(names ...string) bool {
		o := ruletest.Options{}
		for _, n := range names {
			o.Names = append(o.Names, regexp.MustCompile(n))
		}
		passed, _, _ := run(t, path, o)
		return passed
	}
	require.False(t, only())
	require.True(t, only("go+d"))
	require.False(t, only("none", "bad"))
}

func TestReportIsJUnit(t *testing.T) {
	path := beside(t, "tests:\n  - {name: good}\n  - promql_expr_test: [{expr: x, exp_samples: [{labels: x, value: 1}]}]\n")
	var report bytes.Buffer
	run(t, path, ruletest.Options{JUnit: &report})
	for _, want := range []string{`<testcase name="good">`, `<testcase name="unnamed#1">`, `failures="1"`} {
		require.Contains(t, report.String(), want)
	}
}

func TestUnknownKeysMayBeIgnored(t *testing.T) {
	path := beside(t, "owner: me\n")
	passed, _, _ := run(t, path, ruletest.Options{})
	require.False(t, passed)
	passed, _, _ = run(t, path, ruletest.Options{IgnoreUnknown: true})
	require.True(t, passed)
}

func TestValuesMayBeNeighboursIfFuzzy(t *testing.T) {
	const text = "tests: [{promql_expr_test: [{expr: '0.1 + 0.2', exp_samples: [{labels: '{}', value: 0.3}]}]}]\n"
	passed, _, _ := run(t, beside(t, text), ruletest.Options{})
	require.False(t, passed)
	passed, _, _ = run(t, beside(t, "fuzzy_compare: true\n"+text), ruletest.Options{})
	require.True(t, passed)
}

func FuzzRun(f *testing.F) {
	good, err := os.ReadFile("testdata/good.yml")
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte("tests: [{start_timestamp: 1e300, input_spans: [{at: 1h, every: 1ms, until: 2h}]}]"))
	f.Add([]byte("evaluation_interval: 1s\ntests: [null, {input_logs: [{labels: '{a=\"b\"}', lines: [{metadata: {a: null}}]}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ruletest.ParseFile(text)
	})
}

func TestTheExamplesOfTheDocumentationPass(t *testing.T) {
	text, err := os.ReadFile("../../docs/alerting.md")
	require.NoError(t, err)
	block := func(key string) string {
		found := regexp.MustCompile("(?s)```yaml\n("+key+":.*?)```").FindAllStringSubmatch(string(text), -1)
		require.Len(t, found, 1, key)
		return found[0][1]
	}
	path := beside(t, block("rule_files"))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "shop.yml"), []byte(block("groups")), 0o600))
	passed, _, fault := run(t, path, ruletest.Options{})
	require.Empty(t, fault)
	require.True(t, passed)
}
