package alerting_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
)

// write puts a file into dir and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const goodRules = `groups:
  - name: g
    interval: 10s
    labels: {team: shop}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        for: 1m
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.job }} is down: {{ $value }}"}
`

func TestCheckFilesNamesFileLineAndFault(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string // after the path
	}{
		"good":      {goodRules, nil},
		"empty":     {"", nil},
		"no groups": {"groups: []\n", nil},
		"not YAML":  {"groups:\n  - name: [\n", []string{":2: did not find expected node content"}},
		"unknown field": {
			"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up\n        fro: 1m\n",
			[]string{`:6: unknown field "fro"`},
		},
		"two unknown fields": {
			"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up\n        fro: 1m\n        to: 1\n",
			[]string{`:6: unknown field "fro"`, `:7: unknown field "to"`},
		},
		"bad duration": {
			"groups:\n  - name: g\n    interval: soon\n    rules: []\n",
			[]string{`:3:15: not a valid duration string: "soon"`},
		},
		"bad expression": {
			"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: sum(\n",
			[]string{`:5:15: group "g", rule 1, "A": could not parse expression: 1:5: parse error: unclosed left parenthesis`},
		},
		"neither record nor alert": {
			"groups:\n  - name: g\n    rules:\n      - expr: up\n",
			[]string{`:4:9: group "g", rule 1, "": one of 'record' or 'alert' must be set`},
		},
		"for in a recording rule": {
			"groups:\n  - name: g\n    rules:\n      - record: a:b\n        expr: up\n        for: 1m\n",
			[]string{`:4:17: group "g", rule 1, "a:b": invalid field 'for' in recording rule`},
		},
		"bad label name, which has no place of its own": {
			"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up\n      - alert: B\n        expr: up\n        labels: {__name__: x}\n",
			[]string{`:6:9: group "g", rule 2, "B": invalid label name: __name__`},
		},
		"bad template": {
			"groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up\n        annotations: {summary: '{{ $labels.job '}\n",
			[]string{`:4:9: group "g", rule 1, "A": annotation "summary": template: __alert_A:1: unclosed action`},
		},
		"group twice": {
			"groups:\n  - name: g\n    rules: []\n  - name: g\n    rules: []\n",
			[]string{`:4:5: groupname: "g" is repeated in the same file`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), "rules.yml", c.text)
			var got []string
			for _, err := range alerting.CheckFiles([]string{path}, nil) {
				require.ErrorIs(t, err, fault.ErrInvalid)
				require.NotContains(t, err.Error(), "\n")
				rest, ok := strings.CutPrefix(err.Error(), path)
				require.True(t, ok, err.Error())
				got = append(got, rest)
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestCheckFilesOfGlobs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.yml", goodRules)
	write(t, dir, "b.yml", "groups: 1")
	check := func(globs ...string) (out []string) {
		for i, g := range globs {
			globs[i] = filepath.Join(dir, g)
		}
		for _, err := range alerting.CheckFiles(globs, nil) {
			out = append(out, strings.ReplaceAll(err.Error(), dir+"/", ""))
		}
		return out
	}
	require.Empty(t, check("a.yml", "a*.yml"), "a file that matches twice is read once")
	require.Empty(t, check("none*.yml"), "wildcards may match nothing")
	require.Equal(t, []string{"rule file none.yml does not exist"}, check("none.yml"))
	require.Len(t, check("*.yml", "b.yml"), 1)
	require.Equal(t, []string{"rule_files: \"[\": syntax error in pattern"}, check("["))
}
