//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTerraform has the client library of Terraform's provider for Grafana do
// what the provider does with what it keeps.
func TestTerraform(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false, "--config", sourcesChange(t))
	bin := filepath.Join(t.TempDir(), "grafana")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = "grafana"
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	out, err = exec.Command(bin, o.url).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "library panel ok")
}

// sourcesChange returns a configuration with which data sources may be pushed
// though nobody signs in.
func sourcesChange(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(path, []byte("web: {admin_api: true}\n"), 0o600))
	return path
}
