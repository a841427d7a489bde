//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGrizzly keeps dashboards as code with the program that people do so with.
// It speaks to Grafana by the client library of Terraform's provider.
func TestGrizzly(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false, "--config", sourcesChange(t))
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

	// What else it knows that is kept here.
	const element = `
apiVersion: grizzly.grafana.com/v1alpha1
kind: LibraryElement
metadata: {name: busy}
spec: {uid: busy, name: Busy, kind: 1, folderUid: shop, model: {type: stat, title: Busy}}
`
	const source = `
apiVersion: grizzly.grafana.com/v1alpha1
kind: Datasource
metadata: {name: far}
spec:
  uid: far
  name: Far
  type: prometheus
  access: proxy
  url: http://127.0.0.1:1
  basicAuth: true
  basicAuthUser: ann
  secureJsonData: {basicAuthPassword: hunter2}
`
	write("element.yaml", element)
	write("source.yaml", source)
	said := grr("apply", "code")
	require.Contains(t, said, "LibraryElement.busy added")
	require.Contains(t, said, "Datasource.far added")
	write("source.yaml", strings.Replace(source, "name: Far", "name: Farther", 1))
	require.Contains(t, grr("apply", "code"), "Datasource.far updated")

	grr("pull", "-t", "Datasource/far", "-t", "LibraryElement/busy", "all")
	for _, kept := range []string{"datasources/*far*", "library-elements/*busy*"} {
		found, err := filepath.Glob(filepath.Join(dir, "all", filepath.FromSlash(kept)))
		require.NoError(t, err)
		require.Len(t, found, 1, kept)
		text, err := os.ReadFile(found[0])
		require.NoError(t, err)
		require.NotContains(t, string(text), "hunter2")
	}

	grr("pull", "-t", "Dashboard/orders", "-t", "DashboardFolder/shop", "pulled")
	pulled, err := filepath.Glob(filepath.Join(dir, "pulled", "dashboards", "shop", "*orders*"))
	require.NoError(t, err)
	require.Len(t, pulled, 1)
}
