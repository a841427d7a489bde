//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A secured server speaks TLS with a certificate of its own authority, and asks
// for tokens.
type secured struct {
	url, otlpHTTP, otlpGRPC string
	ca                      string // file
	writer, reader          string // tokens
	client                  *http.Client
}

func startSecured(t *testing.T) *secured {
	t.Helper()
	dir, data := t.TempDir(), t.TempDir()
	bin := orielBinary(t)
	web := run(t, dir, bin, "cert", "server", "127.0.0.1", "localhost")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls", "web.yml"), []byte(web), 0o600))
	config := filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(config, []byte("web: {config_file: tls/web.yml}\nauth: {enabled: true}\n"), 0o600))
	token := func(name, scopes string) string {
		lines := strings.Split(strings.TrimSpace(run(t, dir, bin, "token", "create", "--data-dir", data, "--name", name, "--scopes", scopes)), "\n")
		return lines[len(lines)-1]
	}
	main, otlpHTTP, otlpGRPC := freeAddr(t), freeAddr(t), freeAddr(t)
	s := &secured{
		url: "https://" + main, otlpHTTP: "https://" + otlpHTTP, otlpGRPC: otlpGRPC, ca: filepath.Join(dir, "tls", "ca.crt"),
		writer: token("writer", "metrics:write,logs:write,traces:write"), reader: token("reader", "query:*"),
	}
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(s.ca)
	require.NoError(t, err)
	require.True(t, roots.AppendCertsFromPEM(pem))
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	start(t, bin, "serve", "--config", config, "--data-dir", data, "--listen", main, "--otlp-http-listen", otlpHTTP, "--otlp-grpc-listen", otlpGRPC)
	await(t, func() error { return s.get("/-/ready", nil, nil) })
	return s
}

// get asks with the reader's token.
func (s *secured) get(path string, params url.Values, v any) error {
	req, err := http.NewRequest(http.MethodGet, s.url+path+"?"+params.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.reader)
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("GET %s: %s: %s", path, resp.Status, body)
	case v == nil:
		return nil
	}
	return json.Unmarshal(body, v)
}

// awaitNumber waits for an instant query, PromQL at /api/v1/query or LogQL at
// /loki/api/v1/query, to give so much at least.
func (s *secured) awaitNumber(t *testing.T, path, query string, least float64) {
	t.Helper()
	await(t, func() error {
		var v vector
		if err := s.get(path, url.Values{"query": {query}}, &v); err != nil {
			return err
		}
		if len(v.Data.Result) != 1 {
			return fmt.Errorf("%s: %d series, want 1", query, len(v.Data.Result))
		}
		text := v.Data.Result[0].Value[1].(string)
		if n, err := strconv.ParseFloat(text, 64); err != nil || n < least {
			return fmt.Errorf("%s is %s, want %v", query, text, least)
		}
		return nil
	})
}

const promQuery, logQuery = "/api/v1/query", "/loki/api/v1/query"

// A Prometheus 3 scrapes Oriel and writes to it over TLS, with a token as bearer
// and as the password of basic authentication.
func TestPrometheusWithTokensOverTLS(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	reader, writer, wrong := file("reader", s.reader), file("writer", s.writer), file("wrong", s.reader)
	target := strings.TrimPrefix(s.url, "https://")
	config := file("prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: bearer, scheme: https, tls_config: {ca_file: %[2]q}, authorization: {credentials_file: %[3]q}, static_configs: [{targets: [%[1]q]}]}
  - {job_name: basic, scheme: https, tls_config: {ca_file: %[2]q}, basic_auth: {username: any, password_file: %[3]q}, static_configs: [{targets: [%[1]q]}]}
  - {job_name: nobody, scheme: https, tls_config: {ca_file: %[2]q}, static_configs: [{targets: [%[1]q]}]}
remote_write:
  - url: https://%[1]s/api/v1/write
    tls_config: {ca_file: %[2]q}
    authorization: {credentials_file: %[4]q}
    write_relabel_configs: [{target_label: via, replacement: bearer}]
    queue_config: {batch_send_deadline: 200ms}
  - url: https://%[1]s/api/v1/write
    tls_config: {ca_file: %[2]q}
    basic_auth: {username: any, password_file: %[4]q}
    protobuf_message: io.prometheus.write.v2.Request
    write_relabel_configs: [{target_label: via, replacement: basic}]
    queue_config: {batch_send_deadline: 200ms}
  - url: https://%[1]s/api/v1/write
    tls_config: {ca_file: %[2]q}
    authorization: {credentials_file: %[5]q}
    write_relabel_configs: [{target_label: via, replacement: wrong}]
    queue_config: {batch_send_deadline: 200ms}
`, target, s.ca, reader, writer, wrong))
	start(t, program(t, "prometheus-3"), "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+freeAddr(t))
	for _, via := range []string{"bearer", "basic"} {
		for _, job := range []string{"bearer", "basic"} {
			s.awaitNumber(t, promQuery, fmt.Sprintf(`sum(sum_over_time(up{job=%q, via=%q}[5m]))`, job, via), 3)
		}
		s.awaitNumber(t, promQuery, fmt.Sprintf(`count(count_over_time(up{job="nobody", via=%q}[5m]) >= 3)`, via), 1)
		s.awaitNumber(t, promQuery, fmt.Sprintf(`1 - max(max_over_time(up{job="nobody", via=%q}[5m]))`, via), 1)
	}
	s.awaitNumber(t, promQuery, `count(up{via!="wrong"}) - (count(up{via="wrong"}) or vector(0))`, 6)
}

// The OpenTelemetry SDK of Node, told nothing but what its environment variables
// are for, and the collector's generator.
func TestOpenTelemetryWithTokensOverTLS(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	sdk := func(protocol, endpoint, token string) (traceID string, err error) {
		cmd := exec.Command(program(t, "node"), "app.mjs")
		cmd.Dir = "node"
		cmd.Env = append(os.Environ(), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol, "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint,
			"OTEL_EXPORTER_OTLP_CERTIFICATE="+s.ca, "NODE_EXTRA_CA_CERTS="+s.ca, "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20"+token)
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	for protocol, endpoint := range map[string]string{"http/protobuf": s.otlpHTTP, "http/json": s.otlpHTTP, "grpc": "https://" + s.otlpGRPC} {
		t.Run(protocol, func(t *testing.T) {
			id, err := sdk(protocol, endpoint, s.writer)
			require.NoError(t, err)
			require.Len(t, id, 32)
			s.awaitNumber(t, logQuery, `sum(count_over_time({service_name="e2e-node"} | trace_id="`+id+`" [1h]))`, 5)
			await(t, func() error { return s.get("/tempo/api/v2/traces/"+id, nil, nil) })
			id, _ = sdk(protocol, endpoint, s.reader) // whether that is a failure is the SDK's to say
			require.ErrorContains(t, s.get("/tempo/api/traces/"+id, nil, nil), "404")
		})
	}
	s.awaitNumber(t, promQuery, `sum(e2e_orders_total{job="e2e-node", kind="book"})`, 3)

	run(t, "", program(t, "telemetrygen"), "traces", "--traces", "20", "--otlp-endpoint", s.otlpGRPC, "--ca-cert", s.ca, "--service", "gen", "--rate", "100",
		"--otlp-header", `Authorization="Bearer `+s.writer+`"`)
	await(t, func() error {
		var found struct{ Traces []struct{ TraceID string } }
		err := s.get("/tempo/api/search", url.Values{"q": {`{ resource.service.name = "gen" }`}, "limit": {"100"}}, &found)
		if err == nil && len(found.Traces) != 20 {
			err = fmt.Errorf("%d traces, want 20", len(found.Traces))
		}
		return err
	})
}

// winston's Loki transport, with a token as the password.
func TestLokiClientWithTokenOverTLS(t *testing.T) {
	t.Parallel()
	s := startSecured(t)
	ship := func(token string) ([]byte, error) {
		cmd := exec.Command(program(t, "node"), "winston.mjs")
		cmd.Dir = "node"
		cmd.Env = append(os.Environ(), "ORIEL_URL="+s.url, "ORIEL_TOKEN="+token, "NODE_EXTRA_CA_CERTS="+s.ca)
		return cmd.CombinedOutput()
	}
	_, err := ship(s.reader)
	require.Error(t, err)
	out, err := ship(s.writer)
	require.NoError(t, err, "%s", out)
	s.awaitNumber(t, logQuery, `sum(count_over_time({app="e2e-winston"}[1h]))`, shipped)
	s.awaitNumber(t, logQuery, `sum(count_over_time({app="e2e-winston", level="error"}[1h]))`, shipped/10)
}
