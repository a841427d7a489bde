package alerting_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-obs/oriel/alerting"
)

func FuzzCheckFiles(f *testing.F) {
	f.Add([]byte(goodRules))
	f.Add([]byte("groups:\n  - name: g\n    interval: soon\n    rules:\n      - {alert: A, record: b, expr: 'sum('}\n"))
	f.Add([]byte("groups: [{name: &a g, rules: [{alert: *a, expr: up, labels: {__name__: x}}]}]"))
	f.Add([]byte(logRules))
	f.Add([]byte("groups: [{signal: traces, window: 1m, rules: [&r {record: a, expr: '{} | rate()'}, *r]}, null, {rules: [null]}]"))
	f.Add([]byte("groups: 1\n---\n- 2"))
	path := filepath.Join(f.TempDir(), "rules.yml")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, err := range alerting.CheckFiles([]string{path}, nil) {
			if !strings.HasPrefix(err.Error(), path+":") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("not a line that names the file: %q", err)
			}
		}
	})
}
