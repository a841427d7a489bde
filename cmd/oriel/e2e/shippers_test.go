//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shipped is the number of events each shipper sends.
const shipped = 1000

// event is the i-th of them. Its words are found by exact search.
func event(i int) string { return fmt.Sprintf("order %04d of customer c%04dx was paid", i, i*7) }

// requireEvents waits until the stream has the events, then finds each once.
func requireEvents(t *testing.T, o oriel, selector string) {
	t.Helper()
	await(t, func() error {
		if n := countLines(t, o, selector); n != shipped {
			return fmt.Errorf("%s: %d lines, want %d", selector, n, shipped)
		}
		return nil
	})
	found := map[string]int{}
	var a struct {
		Data struct {
			Result []struct{ Values [][]any }
		}
	}
	require.NoError(t, getJSON(o.url+"/loki/api/v1/query_range", url.Values{"query": {selector + ` |= "was paid"`}, "limit": {"5000"}}, &a))
	for _, s := range a.Data.Result {
		for _, v := range s.Values {
			found[strings.TrimSpace(v[1].(string))]++
		}
	}
	for i := range shipped {
		require.Equal(t, 1, found[event(i)], "%s: %s", selector, event(i))
	}
	for _, i := range []int{0, 42, shipped - 1} {
		require.Equal(t, 1, countLines(t, o, fmt.Sprintf(`%s |= "c%04dx"`, selector, i*7)))
	}
}

// eventsFile holds the events, a line each.
func eventsFile(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i := range shipped {
		fmt.Fprintln(&b, event(i))
	}
	path := filepath.Join(t.TempDir(), "events.log")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

// A shipperServer is a server that every shipper of these tests can reach.
type shipperServer struct {
	oriel
	syslog  string // host:port of TCP and UDP
	tls     string // host:port
	unix    string // path of a socket of datagrams
	elastic string // host:port
	fluent  string // host:port
	cert    string // of tls
}

func startForShippers(t *testing.T) shipperServer {
	t.Helper()
	dir := t.TempDir()
	s := shipperServer{syslog: freeAddr(t), tls: freeAddr(t), elastic: freeAddr(t), fluent: freeAddr(t), unix: filepath.Join(dir, "log")}
	var key string
	s.cert, key = selfSigned(t, dir)
	config := filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
ingest:
  syslog:
    listeners:
      - {network: tls, address: %q, cert_file: %q, key_file: %q}
      - {network: unixgram, address: %q}
  fluent: {listen: %q}
compat_listeners: {elasticsearch: %q}
`, s.tls, s.cert, key, s.unix, s.fluent, s.elastic), 0o644))
	s.oriel = startOriel(t, "serve", false, "--config", config, "--syslog-listen", s.syslog)
	return s
}

// selfSigned writes a certificate for 127.0.0.1 and its key.
func selfSigned(t *testing.T, dir string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "oriel-e2e"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	return certFile, keyFile
}

func port(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	return port
}

// Debian's rsyslog reads a file and forwards each line in every way it has.
func TestRsyslog(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	work := t.TempDir()
	conf := filepath.Join(work, "rsyslog.conf")
	template := func(name string) string {
		return fmt.Sprintf(`template(name="%s" type="string" string="<%%PRI%%>1 %%TIMESTAMP:::date-rfc3339%% %%HOSTNAME%% e2e-%s 42 - - %%msg%%\n")`+"\n", name, name)
	}
	templates := template("counted") + template("lines") + template("zip") + template("tls") + template("udp")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, `
global(workDirectory=%q maxMessageSize="64k" defaultNetstreamDriverCAFile=%q)
module(load="imfile")
module(load="omelasticsearch")
%[8]s
template(name="json" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="host.name" name="hostname" format="jsonf")
  constant(outname="service.name" value="e2e-omelasticsearch" format="jsonf")
}
ruleset(name="ship") {
  action(type="omfwd" target="127.0.0.1" port=%[3]q protocol="tcp" TCP_Framing="octet-counted" template="counted")
  action(type="omfwd" target="127.0.0.1" port=%[3]q protocol="tcp" TCP_Framing="traditional" template="lines")
  action(type="omfwd" target="127.0.0.1" port=%[3]q protocol="tcp" TCP_Framing="octet-counted" ZipLevel="6" compression.mode="stream:always" template="zip")
  action(type="omfwd" target="127.0.0.1" port=%[3]q protocol="udp" UDP.SendDelay="100" template="udp")
  action(type="omfwd" target="127.0.0.1" port=%[4]q protocol="tcp" StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid" template="tls")
  action(type="omelasticsearch" server="127.0.0.1" serverport=%[5]q searchIndex="rsyslog-e2e" searchType="" bulkmode="on" template="json" errorFile=%[6]q)
}
input(type="imfile" file=%[7]q tag="e2e" severity="warning" ruleset="ship")
`, work, s.cert, port(t, s.syslog), port(t, s.tls), port(t, s.elastic), filepath.Join(work, "errors"), eventsFile(t), templates), 0o644))
	start(t, program(t, "rsyslogd"), "-n", "-f", conf, "-i", filepath.Join(work, "pid"))
	for _, way := range []string{"counted", "lines", "zip", "tls", "udp"} {
		requireEvents(t, s.oriel, fmt.Sprintf(`{service_name="e2e-%s", job="syslog"}`, way))
		require.Equal(t, shipped, countLines(t, s.oriel, fmt.Sprintf(`{app_name="e2e-%s", severity="warning"} | detected_level="warn" | proc_id="42"`, way)))
	}
	requireEvents(t, s.oriel, `{service_name="e2e-omelasticsearch", index="rsyslog-e2e"}`)
	require.NoFileExists(t, filepath.Join(work, "errors"))
}

// Debian's syslog-ng reads a file and forwards each line in every way it has.
func TestSyslogNG(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	root, err := filepath.Abs("../../../.tools/syslog-ng")
	require.NoError(t, err)
	require.DirExists(t, root, "run cmd/oriel/e2e/install.sh first")
	libs := filepath.Join(root, "usr/lib/syslog-ng")
	modules, err := filepath.Glob(filepath.Join(libs, "*", "libafsocket.so"))
	require.NoError(t, err)
	require.Len(t, modules, 1)
	others, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu"))
	require.NoError(t, err)
	older, err := filepath.Glob(filepath.Join(root, "lib/*-linux-gnu"))
	require.NoError(t, err)

	work := t.TempDir()
	var conf strings.Builder
	fmt.Fprintf(&conf, "@version: 3.35\nsource events { file(%q flags(no-parse) program-override(\"e2e\")); };\n", eventsFile(t))
	ways := map[string]string{
		"counted": fmt.Sprintf(`syslog("127.0.0.1" port(%s) transport("tcp") %%s)`, port(t, s.syslog)),
		"lines":   fmt.Sprintf(`network("127.0.0.1" port(%s) transport("tcp") %%s)`, port(t, s.syslog)),
		"udp":     fmt.Sprintf(`syslog("127.0.0.1" port(%s) transport("udp") %%s)`, port(t, s.syslog)),
		"tls":     fmt.Sprintf(`syslog("127.0.0.1" port(%s) transport("tls") tls(ca-file(%q)) %%s)`, port(t, s.tls), s.cert),
		"unix":    fmt.Sprintf(`unix-dgram(%q %%s)`, s.unix),
	}
	for way, destination := range ways {
		fmt.Fprintf(&conf, "rewrite name_%s { set(\"e2e-ng-%s\", value(\"PROGRAM\")); };\ndestination to_%s { %s; };\n", way, way, way,
			fmt.Sprintf(destination, fmt.Sprintf("persist-name(%q)", way)))
		fmt.Fprintf(&conf, "log { source(events); rewrite(name_%s); destination(to_%s); };\n", way, way)
	}
	file := filepath.Join(work, "syslog-ng.conf")
	require.NoError(t, os.WriteFile(file, []byte(conf.String()), 0o644))
	cmd := exec.Command(filepath.Join(root, "usr/sbin/syslog-ng"), "-F", "--no-caps", "--stderr", "-f", file, "--module-path", filepath.Dir(modules[0]),
		"-R", filepath.Join(work, "persist"), "-p", filepath.Join(work, "pid"), "-c", filepath.Join(work, "control"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(append(append(others, older...), libs), ":"))
	startCommand(t, cmd)
	for way := range ways {
		requireEvents(t, s.oriel, fmt.Sprintf(`{service_name="e2e-ng-%s", job="syslog"}`, way))
	}
}

// logger(1) sends over TCP, UDP and a Unix socket, in both message formats.
func TestLogger(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	logger, file := program(t, "logger"), eventsFile(t)
	common := []string{"-p", "daemon.err", "-f", file}
	server := []string{"-n", "127.0.0.1", "-P", port(t, s.syslog)}
	for tag, args := range map[string][]string{
		"e2e-5424-tcp": append([]string{"-T", "--octet-count", "--rfc5424"}, server...),
		"e2e-3164-tcp": append([]string{"-T", "--rfc3164"}, server...),
		"e2e-unix":     {"-u", s.unix},
	} {
		run(t, "", logger, append(append([]string{"-t", tag}, args...), common...)...)
		requireEvents(t, s.oriel, fmt.Sprintf(`{service_name=%q, facility="daemon"}`, tag))
		require.Equal(t, shipped, countLines(t, s.oriel, fmt.Sprintf(`{app_name=%q} | detected_level="error"`, tag)))
	}
	run(t, "", logger, append([]string{"-d", "-t", "e2e-udp", "-p", "user.info", "one datagram"}, server...)...)
	await(t, func() error {
		if n := countLines(t, s.oriel, `{app_name="e2e-udp"} |= "one datagram"`); n != 1 {
			return fmt.Errorf("%d lines", n)
		}
		return nil
	})
}

// Elasticsearch's client for Node.js, with its bulk helper, against the port
// and against the prefix.
func TestElasticsearchClient(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	for name, node := range map[string]string{"e2e-port": "http://" + s.elastic, "e2e-prefix": s.url + "/elastic"} {
		nodeProgram(t, "elastic.mjs", "NODE="+node, "SERVICE="+name)
		requireEvents(t, s.oriel, fmt.Sprintf(`{service_name=%q, index="e2e"}`, name))
		require.Equal(t, 1, countLines(t, s.oriel, fmt.Sprintf(`{service_name=%q} | order_id="42" | detected_level="info"`, name)))
	}
}

// Fluentd's library for Node.js, which waits for acknowledgements.
func TestFluentLogger(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	nodeProgram(t, "fluent.mjs", "FLUENT_PORT="+port(t, s.fluent))
	requireEvents(t, s.oriel, `{service_name="e2e-fluent", tag="e2e.orders"}`)
}

// nodeProgram runs a program of the node folder to its end.
func nodeProgram(t *testing.T, file string, env ...string) {
	t.Helper()
	cmd := exec.Command(program(t, "node"), file)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// systemd-journal-upload sends a journal that systemd-journal-remote wrote.
func TestSystemdJournalUpload(t *testing.T) {
	t.Parallel()
	s := startForShippers(t)
	dir := t.TempDir()
	var export strings.Builder
	now := time.Now().UnixMicro()
	for i := range shipped {
		fmt.Fprintf(&export, "__CURSOR=c%d\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n", i, now-int64(shipped-i), i+1)
		fmt.Fprintf(&export, "_HOSTNAME=e2e\nSYSLOG_IDENTIFIER=e2e-journal\nPRIORITY=4\nMESSAGE=%s\n\n", event(i))
	}
	file := filepath.Join(dir, "events.export")
	require.NoError(t, os.WriteFile(file, []byte(export.String()), 0o644))
	journal := filepath.Join(dir, "e2e.journal")
	run(t, "", systemd(t, "systemd-journal-remote"), "-o", journal, file)
	run(t, "", systemd(t, "systemd-journal-upload"), "--url", s.url, "--file", journal, "--follow=no")
	requireEvents(t, s.oriel, `{service_name="e2e-journal", hostname="e2e"}`)
	require.Equal(t, shipped, countLines(t, s.oriel, `{app_name="e2e-journal"} | detected_level="warn" | PRIORITY="4"`))
}

// systemd finds a program that is not in anybody's path.
func systemd(t *testing.T, name string) string {
	t.Helper()
	path := "/lib/systemd/" + name
	require.FileExists(t, path, "run cmd/oriel/e2e/install.sh first")
	return path
}
