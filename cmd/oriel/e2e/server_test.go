//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/testkit"
)

// program finds a program the tests need; install.sh has installed it.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = filepath.Abs("../../../.tools/" + name)
		require.NoError(t, err)
		require.FileExists(t, path, "run cmd/oriel/e2e/install.sh first")
	}
	return path
}

// orielBinary is the binary `make e2e` built.
func orielBinary(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("ORIEL_BIN")
	require.NotEmpty(t, bin, "run `make e2e`, or set ORIEL_BIN")
	return bin
}

// output is what a program has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs a program until the test ends, then asks it to stop; its output
// is shown if the test failed.
func start(t *testing.T, bin string, args ...string) *output {
	t.Helper()
	return startCommand(t, exec.Command(bin, args...))
}

func startCommand(t *testing.T, cmd *exec.Cmd) *output {
	t.Helper()
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(cmd.Args, " "), out)
		}
	})
	return out
}

// run runs a program to its end and returns its standard output.
func run(t *testing.T, dir, bin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s %s\n%s%s", bin, strings.Join(args, " "), out, stderr.String())
	return string(out)
}

// An oriel is a running server.
type oriel struct {
	url  string // of the main port
	grpc string // host:port of OTLP over gRPC
	dir  string // its data folder
	out  *output
}

// startOriel starts a server on free ports, or on its default ports.
func startOriel(t *testing.T, verb string, defaults bool, args ...string) oriel {
	t.Helper()
	if !defaults {
		return startOrielAt(t, freeAddr(t), verb, args...)
	}
	return ready(t, oriel{url: "http://127.0.0.1:4319", grpc: "127.0.0.1:4317"}, verb, args...)
}

// startOrielAt starts a server whose page is at an address.
func startOrielAt(t *testing.T, addr, verb string, args ...string) oriel {
	t.Helper()
	o := oriel{url: "http://" + addr, grpc: freeAddr(t)}
	return ready(t, o, verb, append(args, "--listen", addr, "--otlp-grpc-listen", o.grpc, "--otlp-http-listen", freeAddr(t))...)
}

// ready starts a server and waits until it is.
func ready(t *testing.T, o oriel, verb string, args ...string) oriel {
	t.Helper()
	o.dir = t.TempDir()
	o.out = start(t, orielBinary(t), append([]string{verb, "--data-dir", o.dir}, args...)...)
	await(t, func() error { _, err := get(o.url+"/-/ready", nil); return err })
	return o
}

func freeAddr(t *testing.T) string {
	t.Helper()
	addr, err := testkit.FreeAddr()
	require.NoError(t, err)
	return addr
}

const patience = 60 * time.Second

// await calls f until it returns nil.
func await(t *testing.T, f func() error) {
	t.Helper()
	awaitFor(t, patience, f)
}

func awaitFor(t *testing.T, patience time.Duration, f func() error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("waited %v in vain: %v", patience, err)
		case <-tick.C:
		}
	}
}

func get(base string, params url.Values) ([]byte, error) {
	if params != nil {
		base += "?" + params.Encode()
	}
	resp, err := http.Get(base)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s: %s", base, resp.Status, body)
	}
	return body, nil
}

func getJSON(base string, params url.Values, v any) error {
	body, err := get(base, params)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}

// A vector is the answer to an instant query.
type vector struct {
	Data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
}

// value returns the value of a query that has one series.
func value(base, query string) (string, error) {
	var v vector
	if err := getJSON(base+"/api/v1/query", url.Values{"query": {query}}, &v); err != nil {
		return "", err
	}
	if len(v.Data.Result) != 1 {
		return "", fmt.Errorf("%s: %d series, want 1", query, len(v.Data.Result))
	}
	return v.Data.Result[0].Value[1].(string), nil
}
