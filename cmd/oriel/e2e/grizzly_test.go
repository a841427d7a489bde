//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGrizzly keeps dashboards as code with the program that people do so with.
// It speaks to Grafana by the client library of Terraform's provider.
func TestGrizzly(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	bin, dir := program(t, "grr"), t.TempDir()
	grr := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GRAFANA_URL="+o.url, "HOME="+dir, "XDG_CONFIG_HOME="+dir)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "grr %v\n%s", args, out)
		return string(out)
	}
	write := func(name, text string) {
		t.Helper()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "code"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "code", name), []byte(text), 0o600))
	}
	write("folder.yaml", `
apiVersion: grizzly.grafana.com/v1alpha1
kind: DashboardFolder
metadata: {name: shop}
spec: {uid: shop, title: Shop}
`)
	const board = `
apiVersion: grizzly.grafana.com/v1alpha1
kind: Dashboard
metadata: {name: orders, folder: shop}
spec:
  uid: orders
  title: Orders
  schemaVersion: 39
  kept: {as: it is}
  panels: [{id: 1, type: timeseries, title: A day, gridPos: {x: 0, y: 0, w: 24, h: 8}, targets: [{refId: A, expr: up}]}]
`
	write("orders.yaml", board)

	require.Contains(t, grr("apply", "code"), "Dashboard.orders added")
	require.Contains(t, grr("diff", "code"), "Dashboard.orders no differences")
	require.Contains(t, grr("apply", "code"), "2 resources unchanged")

	write("orders.yaml", board+"  tags: [sales]\n")
	require.Contains(t, grr("apply", "code"), "Dashboard.orders updated")
	var kept struct {
		Meta      struct{ FolderTitle string }
		Dashboard struct {
			Tags []string
			Kept map[string]string
		}
	}
	resp, err := http.Get(o.url + "/oriel/api/v1/dashboards/orders")
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &kept), string(text))
	require.Equal(t, "Shop", kept.Meta.FolderTitle)
	require.Equal(t, []string{"sales"}, kept.Dashboard.Tags)
	require.Equal(t, map[string]string{"as": "it is"}, kept.Dashboard.Kept)

	grr("pull", "-t", "Dashboard/orders", "-t", "DashboardFolder/shop", "pulled")
	pulled, err := filepath.Glob(filepath.Join(dir, "pulled", "dashboards", "shop", "*orders*"))
	require.NoError(t, err)
	require.Len(t, pulled, 1)
}
