package servertls_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/servertls"
)

func TestWhatAFileGuardsAgainst(t *testing.T) {
	const keys = "cert_file: c.pem, key_file: k.pem"
	for name, c := range map[string]struct {
		text           string
		encrypts, asks bool
	}{
		"nothing":             {"", false, false},
		"TLS alone":           {"tls_server_config: {" + keys + "}", true, false},
		"TLS and passwords":   {"tls_server_config: {" + keys + "}\nbasic_auth_users: {ada: x}", true, true},
		"passwords alone":     {"basic_auth_users: {ada: x}", false, true},
		"client certificates": {"tls_server_config: {" + keys + ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem}", true, true},
		"any who have one":    {"tls_server_config: {" + keys + ", client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem}", true, false},
	} {
		path := filepath.Join(t.TempDir(), "web.yml")
		require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
		encrypts, asks, err := servertls.Guards(path)
		require.NoError(t, err, name)
		require.Equal(t, c.encrypts, encrypts, name)
		require.Equal(t, c.asks, asks, name)
	}
	encrypts, asks, err := servertls.Guards("")
	require.NoError(t, err)
	require.False(t, encrypts || asks)
	_, _, err = servertls.Guards(filepath.Join(t.TempDir(), "none.yml"))
	require.Error(t, err)
}
