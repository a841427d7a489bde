package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var (
	yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?)\n```")
	dottedKey = regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)+)`")
	flowKey   = regexp.MustCompile("`([a-z_]+: \\{[^`]*\\})`")
)

// Whatever the documentation says is in oriel.yaml is read by it.
func TestDocumentedConfigurationIsRead(t *testing.T) {
	for _, name := range []string{"OIDC_SECRET", "KEY"} { // of the examples
		t.Setenv(name, "x")
	}
	sections := map[string]bool{}
	for key := range keysOf(reflect.TypeFor[config]()) {
		sections[key] = true
	}
	docs, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	var blocks, keys int
	for _, path := range append(docs, "../../README.md", "../../deploy/README.md") {
		if strings.HasSuffix(path, "benchmarks.md") { // has names of measurements
			continue
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
			if mine(t, m[1], sections) {
				_, err := load(t, m[1])
				require.NoError(t, err, "%s:\n%s", path, m[1])
				blocks++
			}
		}
		prose := yamlBlock.ReplaceAllString(string(text), "")
		for _, m := range flowKey.FindAllStringSubmatch(prose, -1) {
			if first, _, _ := strings.Cut(m[1], ":"); sections[first] && !strings.Contains(m[1], "…") {
				text := m[1] + "\n"
				if first == "tenant_rule_files" {
					text += "auth: {tenants: true}\n"
				}
				_, err := load(t, text)
				require.NoError(t, err, "%s: %s", path, m[1])
				keys++
			}
		}
		for _, m := range dottedKey.FindAllStringSubmatch(prose, -1) {
			if parts := strings.Split(m[1], "."); sections[parts[0]] && m[1] != "web.request" { // a span of Datadog's
				require.True(t, isKey(reflect.TypeFor[config](), parts), "%s: oriel.yaml has no key %s", path, m[1])
				keys++
			}
		}
	}
	require.Greater(t, blocks, 10)
	require.Greater(t, keys, 30)
}

// mine reports whether a YAML text is a part of oriel.yaml, and not of a rule
// file or the like.
func mine(t *testing.T, text string, sections map[string]bool) bool {
	t.Helper()
	var top map[string]yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(text), &top), text)
	if top["tests"].Kind != 0 {
		return false
	}
	for key := range top {
		if sections[key] {
			return true
		}
	}
	return false
}

// isKey reports whether a section of t's type has the key.
func isKey(t reflect.Type, path []string) bool {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, t.Kind()) {
		if t.Kind() == reflect.Map && len(path) > 0 {
			path = path[1:] // a name
		}
		t = t.Elem()
	}
	if len(path) == 0 || t == reflect.TypeFor[yaml.Node]() || t.Kind() == reflect.Struct && !ours(t) {
		return true // what is within is Prometheus' or Alertmanager's
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for key, f := range keysOf(t) {
		if key == path[0] {
			return isKey(f.Type, path[1:])
		}
	}
	return false
}
