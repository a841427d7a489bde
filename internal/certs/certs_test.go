package certs_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/certs"
)

func leaf(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
	require.NoError(t, err)
	return pair.Leaf
}

func TestCertificatesAreOfTheAuthority(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	_, err := certs.NewAuthority(dir, now)
	require.NoError(t, err)
	ca, err := certs.Open(dir)
	require.NoError(t, err)
	require.NoError(t, ca.Issue("server", certs.Server, []string{"oriel.example", "*.shop.example", "::1", "10.0.0.1", "spiffe://shop/oriel", "ops@example.org"}, now))
	require.NoError(t, ca.Issue("agent-1", certs.Client, nil, now))

	roots := x509.NewCertPool()
	pem, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	require.NoError(t, err)
	require.True(t, roots.AppendCertsFromPEM(pem))
	server, agent := leaf(t, dir, "server"), leaf(t, dir, "agent-1")
	for _, name := range []string{"oriel.example", "a.shop.example", "::1", "10.0.0.1"} {
		_, err := server.Verify(x509.VerifyOptions{Roots: roots, DNSName: name})
		require.NoError(t, err, name)
	}
	require.Equal(t, "spiffe://shop/oriel", server.URIs[0].String())
	require.Equal(t, []string{"ops@example.org"}, server.EmailAddresses)
	for name, o := range map[string]x509.VerifyOptions{
		"another name":       {DNSName: "other.example"},
		"a client's use":     {KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
		"when it is too old": {CurrentTime: now.AddDate(0, 14, 0)},
	} {
		o.Roots = roots
		_, err = server.Verify(o)
		require.Error(t, err, name)
	}
	_, err = agent.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err)
	require.Equal(t, "agent-1", agent.Subject.CommonName)
	require.NotEqual(t, server.SerialNumber, agent.SerialNumber)
}

func TestKeysAreForTheirOwnerAndNothingIsOverwritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	ca, err := certs.NewAuthority(dir, time.Now())
	require.NoError(t, err)
	require.NoError(t, ca.Issue("a", certs.Client, nil, time.Now()))
	for _, name := range []string{"ca.key", "a.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	before, err := os.ReadFile(filepath.Join(dir, "a.key"))
	require.NoError(t, err)
	require.ErrorIs(t, ca.Issue("a", certs.Client, nil, time.Now()), os.ErrExist)
	_, err = certs.NewAuthority(dir, time.Now())
	require.ErrorIs(t, err, os.ErrExist)

	// Not even a lonely certificate.
	require.NoError(t, os.Remove(filepath.Join(dir, "a.key")))
	require.ErrorIs(t, ca.Issue("a", certs.Client, nil, time.Now()), os.ErrExist)
	require.NoFileExists(t, filepath.Join(dir, "a.key"))
	require.NotEmpty(t, before)
}

func TestNamesThatCannotBe(t *testing.T) {
	ca, err := certs.NewAuthority(t.TempDir(), time.Now())
	require.NoError(t, err)
	for _, name := range []string{"", "ca", "../x", "a/b", "..", ".x"} {
		require.Error(t, ca.Issue(name, certs.Client, nil, time.Now()), name)
	}
	for _, subject := range []string{"", "a b", "-x.example", "a..b", "x/y", strings.Repeat("a", 64), "*.*.example"} {
		require.Error(t, ca.Issue("x", certs.Server, []string{subject}, time.Now()), subject)
	}
	require.ErrorContains(t, ca.Issue("x", certs.Server, nil, time.Now()), "needs the names")
}

func TestWhatIsNoAuthorityIsRefused(t *testing.T) {
	dir := t.TempDir()
	_, err := certs.Open(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	ca, err := certs.NewAuthority(dir, time.Now())
	require.NoError(t, err)
	require.NoError(t, ca.Issue("x", certs.Client, nil, time.Now()))
	for _, ext := range []string{".crt", ".key"} {
		require.NoError(t, os.Rename(filepath.Join(dir, "x"+ext), filepath.Join(dir, "ca"+ext)))
	}
	_, err = certs.Open(dir)
	require.ErrorContains(t, err, "not a certificate authority")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ca.crt"), []byte("x"), 0o600))
	_, err = certs.Open(dir)
	require.ErrorContains(t, err, "no certificate in PEM")
}
