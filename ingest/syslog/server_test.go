package syslog_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/ingest/syslog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server of c until the test ends, and returns its first address.
func serve(t *testing.T, c syslog.Config) (*logrecordtest.Store, net.Addr) {
	t.Helper()
	require.NoError(t, c.Validate())
	sockets, err := syslog.Listen(c)
	require.NoError(t, err)
	s := logrecordtest.New()
	srv := syslog.New(sockets, c, s.Options())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return s, sockets.Addrs()[0]
}

func config(l syslog.Listener) syslog.Config {
	c := syslog.DefaultConfig()
	c.Listeners = []syslog.Listener{l}
	return c
}

var tcp = syslog.Listener{Network: "tcp", Address: "127.0.0.1:0"}

// bodies waits for n rows and returns their lines.
func bodies(t *testing.T, s *logrecordtest.Store, n int) []string {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.Rows(t)) >= n }, 10*time.Second, time.Millisecond, "%d rows", n)
	var out []string
	for _, row := range s.Rows(t) {
		_, body, _ := strings.Cut(row, "severity_code=")
		_, body, _ = strings.Cut(body, ": ")
		out = append(out, body)
	}
	return out
}

// at is a message of the i-th second.
func at(i int, text string) string {
	return fmt.Sprintf("<14>1 2026-10-11T22:14:%02dZ h a - - - %s", i, text)
}

func counted(msg string) string { return fmt.Sprintf("%d %s", len(msg), msg) }

func TestBothFramingsOnOneConnection(t *testing.T) {
	s, addr := serve(t, config(tcp))
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	for _, part := range []string{
		counted(at(1, "one\nwith a line feed")), "\n", at(2, "two") + "\n", counted(at(3, "three")), "\r\n\x00",
		"2026-01-01 no announcement\n", "17\n", "7 no message\n\n\n", at(5, "the end"),
	} {
		_, err := io.WriteString(conn, part)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close())
	require.ElementsMatch(t, []string{
		"one\nwith a line feed", "two", "three", "2026-01-01 no announcement", "17", "7 no message", "the end",
	}, bodies(t, s, 7))
}

func TestAFrameThatIsSplitIsWaitedFor(t *testing.T) {
	s, addr := serve(t, config(tcp))
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	for _, c := range counted(at(1, "one")) + at(2, "two") + "\n" {
		_, err := conn.Write([]byte{byte(c)})
		require.NoError(t, err)
	}
	require.Equal(t, []string{"one", "two"}, bodies(t, s, 2))
	require.NoError(t, conn.Close())
}

func TestAnAnnouncedLengthOverTheLimitEndsTheConnection(t *testing.T) {
	s, addr := serve(t, config(tcp))
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, at(1, "one")+"\n"+"999999 <14>")
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, []string{"one"}, bodies(t, s, 1))
	require.Equal(t, map[string]int64{"too_large": 1}, s.Refused())
}

func TestALineOverTheLimitIsDroppedAndCounted(t *testing.T) {
	c := config(tcp)
	c.MaxMessageBytes = 100_000 // more than the buffer
	s, addr := serve(t, c)
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	defer conn.Close()
	fits := at(1, strings.Repeat("x", 99_963))
	require.Equal(t, 100_000, len(fits))
	_, err = io.WriteString(conn, fits+"\n"+at(2, strings.Repeat("y", 1<<20))+"\n"+at(3, "three")+"\n")
	require.NoError(t, err)
	got := bodies(t, s, 2)
	require.Equal(t, 99_963, len(got[0]))
	require.Equal(t, "three", got[1])
	require.Equal(t, map[string]int64{"too_large": 1}, s.Refused())
}

func TestACompressedStream(t *testing.T) {
	s, addr := serve(t, config(tcp))
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	z := zlib.NewWriter(conn)
	_, err = io.WriteString(z, counted(at(1, "one"))+counted(at(2, "two")))
	require.NoError(t, err)
	require.NoError(t, z.Flush())
	require.Equal(t, []string{"one", "two"}, bodies(t, s, 2), "without waiting for the end of the stream")
	require.NoError(t, conn.Close())
}

func TestDatagrams(t *testing.T) {
	s, addr := serve(t, config(syslog.Listener{Network: "udp", Address: "127.0.0.1:0", Labels: map[string]string{"site": "north"}}))
	conn, err := net.Dial("udp", addr.String())
	require.NoError(t, err)
	defer conn.Close()
	for _, msg := range []string{at(1, "one") + "\n", "", "\x00\n", at(2, "two\nlines"), "<13>Oct 11 22:14:15 su: x\x00"} {
		_, err := io.WriteString(conn, msg)
		require.NoError(t, err)
	}
	require.ElementsMatch(t, []string{"one", "two\nlines", "x"}, bodies(t, s, 3))
	require.Contains(t, strings.Join(s.Rows(t), "\n"), `{app_name="su", facility="user", hostname="127.0.0.1", job="syslog", severity="notice", site="north"}`)
}

func TestUnixSockets(t *testing.T) {
	for _, network := range []string{"unix", "unixgram"} {
		path := filepath.Join(t.TempDir(), "log")
		// A socket that an ended process has left.
		if network == "unix" {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			require.NoError(t, err)
			l.SetUnlinkOnClose(false)
			require.NoError(t, l.Close())
		} else {
			c, err := net.ListenPacket("unixgram", path)
			require.NoError(t, err)
			require.NoError(t, c.Close())
		}
		s, _ := serve(t, config(syslog.Listener{Network: network, Address: path}))
		conn, err := net.Dial(network, path)
		require.NoError(t, err)
		_, err = io.WriteString(conn, "<13>Oct 11 22:14:15 su: x\n")
		require.NoError(t, err)
		require.Equal(t, []string{"x"}, bodies(t, s, 1))
		host, err := os.Hostname()
		require.NoError(t, err)
		require.Contains(t, s.Rows(t)[0], `hostname="`+host+`"`)
		require.NoError(t, conn.Close())

		_, err = syslog.Listen(config(syslog.Listener{Network: network, Address: path}))
		require.ErrorContains(t, err, "another program listens on "+path)
	}
}

// certificate writes a certificate for 127.0.0.1, signed by itself, and its
// key to dir.
func certificate(t *testing.T, dir, cn string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: cn}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(dir, cn+".pem"), filepath.Join(dir, cn+".key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	return certFile, keyFile
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "server")
	clientCert, clientKey := certificate(t, dir, "sender")
	l := syslog.Listener{Network: "tls", Address: "127.0.0.1:0", CertFile: cert, KeyFile: key, ClientCAFile: clientCert}
	s, addr := serve(t, config(l))
	roots := func(file string) *x509.CertPool {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(text))
		return pool
	}
	pair, err := tls.LoadX509KeyPair(clientCert, clientKey)
	require.NoError(t, err)
	conn, err := tls.Dial("tcp", addr.String(), &tls.Config{RootCAs: roots(cert), Certificates: []tls.Certificate{pair}})
	require.NoError(t, err)
	_, err = io.WriteString(conn, counted(at(1, "secret"))+at(2, "too")+"\n")
	require.NoError(t, err)
	require.Equal(t, []string{"secret", "too"}, bodies(t, s, 2))
	require.Contains(t, s.Rows(t)[0], " tls_cn=sender")
	require.NoError(t, conn.Close())

	// Without a certificate the server does not talk.
	conn, err = tls.Dial("tcp", addr.String(), &tls.Config{RootCAs: roots(cert), MinVersion: tls.VersionTLS13})
	require.NoError(t, err, "the client is done before the server judges it")
	_, err = conn.Read(make([]byte, 1))
	require.ErrorContains(t, err, "certificate required")
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool { return s.Refused()["malformed"] == 1 }, 10*time.Second, time.Millisecond)

	// A new certificate serves without a restart.
	newCert, newKey := certificate(t, dir, "renewed")
	require.NoError(t, os.Rename(newKey, key))
	require.NoError(t, os.Rename(newCert, cert))
	require.NoError(t, os.Chtimes(cert, time.Time{}, time.Now().Add(time.Minute)))
	conn, err = tls.Dial("tcp", addr.String(), &tls.Config{RootCAs: roots(cert), Certificates: []tls.Certificate{pair}})
	require.NoError(t, err)
	require.Equal(t, "renewed", conn.ConnectionState().PeerCertificates[0].Subject.CommonName)
	require.NoError(t, conn.Close())
}

func TestConnectionsAreBounded(t *testing.T) {
	c := config(tcp)
	c.MaxConnectionsPerPeer = 1
	s, addr := serve(t, c)
	first, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	_, err = io.WriteString(first, at(1, "one")+"\n")
	require.NoError(t, err)
	bodies(t, s, 1)
	second, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	_, err = second.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, second.Close())
	require.Equal(t, map[string]int64{"overload": 1}, s.Refused())
	require.NoError(t, first.Close())
}

func TestASilentConnectionIsClosed(t *testing.T) {
	c := config(tcp)
	c.IdleTimeout = 20 * time.Millisecond
	s, addr := serve(t, c)
	conn, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, conn.Close())
	require.Empty(t, s.Refused())
}

func TestWhatArrivedBeforeTheEndIsStored(t *testing.T) {
	c := config(tcp)
	sockets, err := syslog.Listen(c)
	require.NoError(t, err)
	s := logrecordtest.New()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- syslog.New(sockets, c, s.Options()).Run(ctx) }()
	conn, err := net.Dial("tcp", sockets.Addrs()[0].String())
	require.NoError(t, err)
	const n = 5000
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintln(&b, at(i%60, fmt.Sprint(i)))
	}
	_, err = conn.Write(b.Bytes())
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Len(t, bodies(t, s, n), n)
	cancel()
	require.NoError(t, <-ended)
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	for want, l := range map[string]syslog.Listener{
		`listeners[0].network: "sctp" is none of udp, tcp, tls, unix, unixgram`: {Network: "sctp"},
		`listeners[0].address: address 514: missing port`:                       {Network: "udp", Address: "514"},
		`listeners[0].address: want the path of a socket`:                       {Network: "unix"},
		`listeners[0].cert_file: certificates belong to network tls`:            {Network: "tcp", Address: ":1", CertFile: "x"},
		`listeners[0].cert_file: tls needs cert_file and key_file`:              {Network: "tls", Address: ":1", CertFile: "x"},
		`listeners[0].time_zone: unknown time zone Mars/Phobos`:                 {Network: "udp", Address: ":1", TimeZone: "Mars/Phobos"},
	} {
		require.ErrorContains(t, config(l).Validate(), want)
	}
	c := syslog.DefaultConfig()
	c.MaxMessageBytes, c.MaxConnections, c.IdleTimeout = 1, 0, -1
	require.ErrorContains(t, c.Validate(), "max_message_bytes: 1 is less than 8192\nmax_connections: 0 is less than 1\nidle_timeout: -1ns is negative")
}
