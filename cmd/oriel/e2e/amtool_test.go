//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAmtool uses Oriel as people use an Alertmanager from a terminal.
func TestAmtool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, am := filepath.Join(dir, "oriel.yaml"), filepath.Join(dir, "alertmanager.yml")
	require.NoError(t, os.WriteFile(config, []byte("alertmanager_file: alertmanager.yml\n"), 0o600))
	require.NoError(t, os.WriteFile(am, []byte(`
route:
  receiver: team
  group_by: [alertname]
  routes: [{matchers: ['severity="page"'], receiver: pager}]
receivers: [{name: team}, {name: pager, webhook_configs: [{url: 'http://127.0.0.1:1/hush'}]}]
`), 0o600))
	o := startOriel(t, "serve", false, "--config", config)
	bin := program(t, "amtool")
	amtool := func(args ...string) string {
		t.Helper()
		return run(t, dir, bin, append([]string{"--alertmanager.url=" + o.url + "/alertmanager"}, args...)...)
	}

	require.Contains(t, run(t, dir, bin, "check-config", am), "SUCCESS")
	amtool("alert", "add", "alertname=Down", "severity=page", "job=api", "--annotation=summary=it is down", "--generator-url=http://example.com/")
	amtool("alert", "add", "alertname=Slow", "job=api")
	require.Equal(t, 2, strings.Count(amtool("-o", "simple", "alert", "query"), "active"))
	require.Contains(t, amtool("-o", "extended", "alert", "query", "severity=page"), "it is down")
	require.NotContains(t, amtool("alert", "query", "severity=page"), "Slow")

	id := strings.TrimSpace(amtool("silence", "add", "alertname=Down", "job=~a.*", "--duration=1h", "--author=ann", "--comment=planned work"))
	require.Len(t, id, 36)
	require.Contains(t, amtool("silence", "query"), "planned work")
	require.NotContains(t, amtool("alert", "query"), "Down", "silenced ones are asked for")
	require.Contains(t, amtool("alert", "query", "--silenced"), "Down")
	amtool("silence", "update", id, "--duration=2h", "--comment=takes longer")
	require.Contains(t, amtool("silence", "query"), "takes longer")
	amtool("silence", "expire", strings.TrimSpace(amtool("-o", "simple", "silence", "query", "-q")))
	require.Contains(t, amtool("alert", "query"), "Down")
	require.Contains(t, amtool("silence", "query", "--expired"), "takes longer")

	// From a file: amtool 0.25 does not read back a webhook's URL that is hidden.
	require.Equal(t, "pager", strings.TrimSpace(run(t, dir, bin, "config", "routes", "test", "--config.file="+am, "severity=page")))
	require.Contains(t, run(t, dir, bin, "config", "routes", "show", "--config.file="+am), "severity=\"page\"")
	require.NotContains(t, amtool("config", "show"), "hush")
	require.Contains(t, amtool("cluster", "show"), "disabled")

	// Acknowledged alerts have a field more, which is none of its business.
	var alerts []struct {
		Fingerprint string
		Labels      map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(amtool("-o", "json", "alert", "query", "alertname=Down")), &alerts))
	require.Len(t, alerts, 1)
	resp, err := http.Post(o.url+"/oriel/api/v1/alerts/"+alerts[0].Fingerprint+"/ack", "application/json", strings.NewReader(`{"owner":"ann"}`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.Contains(t, amtool("alert", "query"), "Down")
}
