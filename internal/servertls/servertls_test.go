package servertls_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/internal/certs"
	"github.com/oriel-obs/oriel/internal/servertls"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folder makes a CA, a server's pair and a client's, and a web.yml.
func folder(t *testing.T, web string) (dir string, ca *certs.Authority) {
	t.Helper()
	dir = t.TempDir()
	ca, err := certs.NewAuthority(dir, time.Now())
	require.NoError(t, err)
	require.NoError(t, ca.Issue("server", certs.Server, []string{"localhost", "127.0.0.1"}, time.Now()))
	require.NoError(t, ca.Issue("agent", certs.Client, nil, time.Now()))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "web.yml"), []byte(web), 0o600))
	return dir, ca
}

// serve answers each connection with what it was sent.
func serve(t *testing.T, file string) string {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l, err := servertls.Listener(plain, file)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
			_, _ = io.CopyN(c, c, 4)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		<-done
	})
	return l.Addr().String()
}

// ask returns the certificate that the server shows, after an exchange.
func ask(t *testing.T, addr, dir, client string, most uint16) (*x509.Certificate, error) {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	c := &tls.Config{RootCAs: roots, MaxVersion: most} // old versions are tried on purpose
	if client != "" {
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, client+".crt"), filepath.Join(dir, client+".key"))
		require.NoError(t, err)
		c.Certificates = []tls.Certificate{pair}
	}
	conn, err := tls.Dial("tcp", addr, c)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("ping")); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
		return nil, err
	}
	return conn.ConnectionState().PeerCertificates[0], nil
}

const plain = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"

func TestANewCertificateNeedsNoRestart(t *testing.T) {
	dir, ca := folder(t, plain)
	addr := serve(t, filepath.Join(dir, "web.yml"))
	first, err := ask(t, addr, dir, "", 0)
	require.NoError(t, err)

	// While the new files do not fit together, the old pair serves.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "server.key"), []byte("half written"), 0o600))
	same, err := ask(t, addr, dir, "", 0)
	require.NoError(t, err)
	require.Equal(t, first.SerialNumber, same.SerialNumber)

	require.NoError(t, os.Remove(filepath.Join(dir, "server.key")))
	require.NoError(t, os.Remove(filepath.Join(dir, "server.crt")))
	require.NoError(t, ca.Issue("server", certs.Server, []string{"127.0.0.1"}, time.Now()))
	second, err := ask(t, addr, dir, "", 0)
	require.NoError(t, err)
	require.NotEqual(t, first.SerialNumber, second.SerialNumber)
}

func TestClientsShowACertificateIfTheFileAsksForOne(t *testing.T) {
	dir, _ := folder(t, "tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}\n")
	addr := serve(t, filepath.Join(dir, "web.yml"))
	_, err := ask(t, addr, dir, "", 0)
	require.ErrorContains(t, err, "certificate required")
	_, err = ask(t, addr, dir, "agent", 0)
	require.NoError(t, err)
	_, err = ask(t, addr, dir, "server", 0)
	require.Error(t, err, "a server's certificate is none of a client")
	other, _ := folder(t, plain)
	for _, name := range []string{"agent.crt", "agent.key"} {
		b, err := os.ReadFile(filepath.Join(other, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "other"+filepath.Ext(name)), b, 0o600))
	}
	_, err = ask(t, addr, dir, "other", 0)
	require.Error(t, err, "of another authority")
}

func TestOldVersionsAreRefused(t *testing.T) {
	dir, _ := folder(t, plain)
	addr := serve(t, filepath.Join(dir, "web.yml"))
	_, err := ask(t, addr, dir, "", tls.VersionTLS11)
	require.Error(t, err)
	_, err = ask(t, addr, dir, "", tls.VersionTLS12)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "web.yml"), []byte("tls_server_config: {cert_file: server.crt, key_file: server.key, min_version: TLS13}\n"), 0o600))
	_, err = ask(t, addr, dir, "", tls.VersionTLS12)
	require.Error(t, err)
}

func TestAFileThatCannotServeIsRefusedAtOnce(t *testing.T) {
	for text, want := range map[string]string{
		"tls_server_config: {cert_file: no.crt, key_file: server.key}": "no.crt",
		"tls_server_config: {cert_file: server.crt}":                   "key",
		"tls_config: {}":             "not found",
		"":                           "no tls_server_config",
		"basic_auth_users: {a: b}\n": "no tls_server_config",
		"tls_server_config: {cert_file: server.crt, key_file: agent.key}": "does not match",
	} {
		dir, _ := folder(t, text)
		_, err := servertls.Listener(nil, filepath.Join(dir, "web.yml"))
		require.ErrorContains(t, err, want, text)
	}
	c, err := servertls.Config("/nowhere/web.yml")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Nil(t, c)
}

func TestWhoNeverShakesHandsIsCutOff(t *testing.T) {
	dir, _ := folder(t, plain)
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		l, err := servertls.Listener(one{server}, filepath.Join(dir, "web.yml"))
		require.NoError(t, err)
		c, err := l.Accept()
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Hour)))
		began := time.Now()
		_, err = c.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, servertls.HandshakeTimeout, time.Since(began))
		require.NoError(t, client.Close())
	})
}

// one accepts one connection.
type one struct{ c net.Conn }

func (o one) Accept() (net.Conn, error) { return o.c, nil }
func (one) Close() error                { return nil }
func (one) Addr() net.Addr              { return nil }
