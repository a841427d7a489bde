//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth/authapi"
	"github.com/oriel-obs/oriel/internal/auth/sso/ssotest"
)

// journey walks through the page in a browser: web/e2e/NAME.test.mjs.
func journey(t *testing.T, name string, env ...string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		cmd := exec.Command(program(t, "node"), "--test", "e2e/"+name+".test.mjs")
		cmd.Dir = "../../../web"
		cmd.Env = append(append(os.Environ(), "CHROMIUM_PATH="+program(t, "chromium")), env...)
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		require.NoError(t, err)
	})
}

// The first admin comes by the link that the server prints; from then on people
// come by password, by second factor, and by their company's provider.
func TestPeopleSignInWithABrowser(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	corp := ssotest.Start(t, "http://"+addr+authapi.Base+"/oidc/corp/callback")
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
auth:
  enabled: true
  providers: [{name: corp, title: Corp account, issuer: %q, client_id: %s, client_secret: %s, groups_claim: groups, roles: {ops: admin}}]
`, corp.URL, ssotest.ClientID, ssotest.ClientSecret), 0o600))
	o := startOrielAt(t, addr, "serve", "--config", config)
	journey(t, "signin", "ORIEL_URL="+o.url, "ORIEL_SETUP="+setUpLink(t, o), "CORP_USER="+ssotest.Ops, "CORP_STRANGER="+ssotest.Cook, "CORP_PASSWORD="+ssotest.Password)
}

// What only those see who have signed in is for everybody of them, too.
func TestPagesBehindTheLoginAreAccessible(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, []byte("auth: {enabled: true, tenants: true}\nweb: {admin_api: true}\n"), 0o600))
	o, stranger := startOriel(t, "serve", false, "--config", config), startOriel(t, "serve", false, "--config", config)
	journey(t, "people", "ORIEL_URL="+o.url, "ORIEL_SETUP="+setUpLink(t, o), "ORIEL_STRANGER_URL="+stranger.url)
}

// setUpLink waits for the link that makes the first admin.
func setUpLink(t *testing.T, o oriel) (link string) {
	t.Helper()
	await(t, func() error {
		if link = regexp.MustCompile(`http://\S+setup=\S+`).FindString(o.out.String()); link == "" {
			return fmt.Errorf("no link to set up in %s", o.out)
		}
		return nil
	})
	return link
}
