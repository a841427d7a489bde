package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestReferencesAreTheirValues(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("simple", "hunter2\n")
	write("windows", "hunter2\r\n")
	write("sharp", `a: "b" #c, '{d}' \ `+"\u00e9")
	write("number", "42")
	write("lines", "a\nb\n")
	write("empty", "\n")
	write("large", strings.Repeat("x", maxSecret+1))
	t.Setenv("SHARP", `x: "y" #z`)
	t.Setenv("LIST", "[1, 2]")
	sharp := `a: "b" #c, '{d}' \ ` + "\u00e9"
	for text, want := range map[string]any{
		`v: ${file:simple}`:                        "hunter2",
		`v: ${file:windows}`:                       "hunter2",
		`v: ${file:` + dir + `/simple}`:            "hunter2",
		`v: ${file:number}`:                        42,
		`v: "${file:number}"`:                      "42",
		`v: ${file:sharp}`:                         sharp,
		`v: ${file:sharp} # said`:                  sharp,
		`v: "${file:sharp}"`:                       sharp,
		`v: '${file:sharp}'`:                       sharp,
		`v: "\"'<${file:sharp}>"`:                  `"'<` + sharp + `>`,
		`v: [a, ${file:sharp}, b]`:                 []any{"a", sharp, "b"},
		`v: {x: ${env:SHARP}}`:                     map[string]any{"x": `x: "y" #z`},
		`v: ${LIST}`:                               []any{1, 2},
		`v: ${env:LIST}`:                           "[1, 2]",
		`v: Bearer ${file:simple}`:                 "Bearer hunter2",
		`v: "$${file:simple} $${env:X} $${X}"`:     "${file:simple} ${env:X} ${X}",
		"# ${file:nowhere} ${env:NO}\nv: 1":        1,
		`v: "${1} {{ $labels.x }} ${other:thing}"`: "${1} {{ $labels.x }} ${other:thing}",
	} {
		got, err := expand(text, dir)
		require.NoError(t, err, text)
		var doc map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(got), &doc), got)
		require.Equal(t, want, doc["v"], text)
	}
	for text, want := range map[string]string{
		"a: 1\nv: ${file:nowhere}":            "line 2: open " + dir + "/nowhere: no such file",
		`v: ${file:lines}`:                    "has more than one line",
		`v: ${file:empty}`:                    "is empty",
		`v: ${file:large}`:                    "is larger than",
		`v: ${file:}`:                         "names no file",
		`v: ${file:.}`:                        "is a directory",
		`v: ${env:ORIEL_NOWHERE}`:             "environment variable ORIEL_NOWHERE is not set",
		`v: ${env:}`:                          "environment variable  is not set",
		`v: Bearer ${file:sharp}`:             "put the whole value in double quotes",
		"v: ${NOT_SET_A}\nw: ${file:nowhere}": "line 1: environment variable NOT_SET_A is not set\nline 2: ",
	} {
		got, err := expand(text, dir)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "{d}", "no value is in an error")
		_ = got
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("hunter-file"), 0o600))
	t.Setenv("HUNTER", "hunter-env")
	path := filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
# hunter-comment
global: {external_labels: {region: eu}}
datasources:
  - {name: a, type: prometheus, url: "http://user:hunter-url@127.0.0.1:1", basic_auth: {username: ada, password: hunter-a}}
  - {name: b, type: loki, url: "http://127.0.0.1:1", authorization: {credentials: hunter-b}} # hunter-comment
  - {name: c, type: tempo, url: "http://127.0.0.1:1", oauth2: {client_id: i, client_secret: hunter-c, token_url: "http://127.0.0.1:1"}}
  - {name: d, type: jaeger, url: "http://127.0.0.1:1", http_headers: {X-Key: {secrets: [hunter-d]}}}
  - {name: e, type: prometheus, url: "http://127.0.0.1:1", basic_auth: {username: ada, password: "${file:secret}"}}
  - {name: f, type: prometheus, url: "http://127.0.0.1:1", basic_auth: {username: ada, password: "${env:HUNTER}"}}
  - {name: g, type: prometheus, url: "http://127.0.0.1:1", bearer_token: hunter-g}
auth:
  providers: [{name: dex, issuer: "https://127.0.0.1:1", client_id: oriel, client_secret: hunter-h, default_role: viewer}]
notify: {sign: [{receiver: hook, secret: hunter-i}]}
alertmanager:
  route: {receiver: hook}
  receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:1/hunter-j", http_config: {basic_auth: {username: u, password: hunter-k}}}]}]
scrape_configs:
  - {job_name: x, basic_auth: {username: u, password: hunter-l}, params: {token: [hunter-m]}, static_configs: [{targets: ["127.0.0.1:1"]}]}
remote_write: [{url: "http://user:hunter-n@127.0.0.1:1/", authorization: {credentials: hunter-o}, headers: {X-Api-Key: hunter-q}}]
alerting: {alertmanagers: [{basic_auth: {username: u, password: hunter-p}, static_configs: [{targets: ["127.0.0.1:1"]}]}]}
`), 0o600))
	c, err := loadConfig(configFiles{path: path, dataDir: dir})
	require.NoError(t, err)
	require.Equal(t, "hunter-file", string(c.Datasources[4].HTTP.BasicAuth.Password))
	require.Equal(t, "hunter-env", string(c.Datasources[5].HTTP.BasicAuth.Password))
	shown := c.shown()
	require.NotContains(t, shown, "hunter-")
	require.Contains(t, shown, "${file:secret}", "a reference is none")
	require.Contains(t, shown, "${env:HUNTER}")
	require.Contains(t, shown, "user:"+hidden+"@127.0.0.1")
	require.Contains(t, shown, "job_name: x")
}
