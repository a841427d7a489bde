package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/testkit"
)

// TestAKillLosesNothingAcknowledged kills the real process while it takes in
// logs, spans and samples, starts it again on the same folder, and looks for
// every row that was acknowledged, exactly once. The same folder serves all
// rounds, so that each replay also meets what earlier kills left behind.
func TestAKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	const rounds = 20
	s := startKilled(t, "")
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		acked := s.pushUntilKilled(round, 10+rng.IntN(60))
		s.start()
		s.requireLogs(round, acked.logs)
		s.requireSpans(round, acked.spans)
		s.requireSamples(round, acked.samples)
	}
}

// killed is a server that is started and killed again and again.
type killed struct {
	t     *testing.T
	addr  string
	dir   string
	flags []string // more of them
	env   []string // more of it
	cmd   *exec.Cmd
	log   bytes.Buffer
}

// startKilled starts the server with a configuration, "" for none, until the
// test ends.
func startKilled(t *testing.T, config string) *killed {
	t.Helper()
	s := newKilled(t, config)
	s.start()
	return s
}

// newKilled is startKilled for what is to be set before the start.
func newKilled(t *testing.T, config string) *killed {
	t.Helper()
	addr, err := testkit.FreeAddr()
	require.NoError(t, err)
	s := &killed{t: t, addr: addr, dir: t.TempDir()}
	if config != "" {
		file := filepath.Join(t.TempDir(), "oriel.yaml")
		require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
		s.flags = []string{"--config", file}
	}
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *killed) start() {
	s.t.Helper()
	s.log.Reset()
	args := []string{"serve", "--listen", s.addr, "--otlp-grpc-listen=", "--otlp-http-listen=", "--data-dir", s.dir}
	s.cmd = exec.Command("oriel", append(args, s.flags...)...)
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stderr = &s.log
	require.NoError(s.t, s.cmd.Start())
	err := await(func() error { _, err := get("http://" + s.addr + "/-/ready"); return err })
	if err != nil {
		s.kill()
		s.t.Fatalf("%v\n%s", err, s.log.String())
	}
}

func (s *killed) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// restart stops the server as an operator would, and starts it again.
func (s *killed) restart() {
	s.t.Helper()
	require.NoError(s.t, s.cmd.Process.Signal(os.Interrupt))
	require.NoError(s.t, s.cmd.Wait(), &s.log)
	s.start()
}

// acked is how many batches of each signal were acknowledged in order.
type acked struct{ logs, spans, samples int }

// rowsPerBatch is small: what matters is the number of acknowledgements.
const rowsPerBatch = 5

// pushUntilKilled sends batch after batch of all signals and kills the server
// when so many batches of all signals together have been acknowledged.
func (s *killed) pushUntilKilled(round, batches int) acked {
	base := time.Now()
	counts := [3]int{}
	tokens := make(chan struct{}, 3*batches)
	var wg sync.WaitGroup
	for i, push := range []func(round, batch int, base time.Time) error{s.pushLogs, s.pushSpans, s.pushSamples} {
		wg.Go(func() {
			for batch := 0; push(round, batch, base) == nil; batch++ {
				counts[i]++
				select {
				case tokens <- struct{}{}:
				default:
				}
			}
		})
	}
	for range batches {
		<-tokens
	}
	s.kill()
	wg.Wait()
	return acked{counts[0], counts[1], counts[2]}
}

func (s *killed) post(path, contentType, encoding string, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		s.t.Errorf("POST %s: %s: %s", path, resp.Status, answer)
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}

func (s *killed) pushLogs(round, batch int, base time.Time) error {
	var values [][2]string
	for row := range rowsPerBatch {
		n := batch*rowsPerBatch + row
		values = append(values, [2]string{strconv.FormatInt(base.UnixNano()+int64(n), 10), fmt.Sprintf("row %d", n)})
	}
	body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{
		"stream": map[string]string{"app": "kill", "round": strconv.Itoa(round)}, "values": values,
	}}})
	if err != nil {
		return err
	}
	return s.post("/loki/api/v1/push", "application/json", "", body)
}

// requireLogs demands the lines of the acknowledged batches; those of a batch
// that was cut off may be there, too.
func (s *killed) requireLogs(round, batches int) {
	body, err := get("http://" + s.addr + "/loki/api/v1/query_range?" + url.Values{
		"query": {fmt.Sprintf(`{app="kill", round="%d"}`, round)}, "limit": {"5000"}, "direction": {"forward"}, "since": {"1h"},
		"end": {strconv.FormatInt(time.Now().Add(time.Minute).UnixNano(), 10)},
	}.Encode())
	require.NoError(s.t, err)
	var answer struct {
		Data struct {
			Result []struct{ Values [][2]string }
		}
	}
	require.NoError(s.t, json.Unmarshal([]byte(body), &answer))
	seen := map[string]int{}
	for _, stream := range answer.Data.Result {
		for _, v := range stream.Values {
			seen[v[1]]++
		}
	}
	for n := range batches * rowsPerBatch {
		require.Equal(s.t, 1, seen[fmt.Sprintf("row %d", n)], "round %d, line %d of %d acknowledged", round, n, batches*rowsPerBatch)
	}
}

func traceID(round, batch int) string { return fmt.Sprintf("%016x%016x", round+1, batch+1) }

func (s *killed) pushSpans(round, batch int, base time.Time) error {
	var spans []any
	for row := range rowsPerBatch {
		start := base.UnixNano() + int64(row)
		spans = append(spans, map[string]any{
			"traceId": traceID(round, batch), "spanId": fmt.Sprintf("%016x", row+1), "name": "op", "kind": 2,
			"startTimeUnixNano": strconv.FormatInt(start, 10), "endTimeUnixNano": strconv.FormatInt(start+1000, 10),
		})
	}
	body, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{"scopeSpans": []any{map[string]any{"spans": spans}}}}})
	if err != nil {
		return err
	}
	return s.post("/v1/traces", "application/json", "", body)
}

func (s *killed) requireSpans(round, batches int) {
	for batch := range batches {
		body, err := get("http://" + s.addr + "/tempo/api/v2/traces/" + traceID(round, batch))
		require.NoError(s.t, err, "round %d, trace %d of %d acknowledged", round, batch, batches)
		var answer struct {
			Trace struct {
				ResourceSpans []struct {
					ScopeSpans []struct{ Spans []struct{ SpanID []byte } }
				}
			}
		}
		require.NoError(s.t, json.Unmarshal([]byte(body), &answer), body)
		seen := map[string]int{}
		for _, rs := range answer.Trace.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, sp := range ss.Spans {
					seen[hex.EncodeToString(sp.SpanID)]++
				}
			}
		}
		require.Len(s.t, seen, rowsPerBatch, "round %d, trace %d of %d acknowledged: %s", round, batch, batches, body)
		for id, n := range seen {
			require.Equal(s.t, 1, n, "span %s", id)
		}
	}
}

func (s *killed) pushSamples(round, batch int, base time.Time) error {
	var samples []prompb.Sample
	for row := range rowsPerBatch {
		n := batch*rowsPerBatch + row
		samples = append(samples, prompb.Sample{Timestamp: base.UnixMilli() + int64(n), Value: float64(n)})
	}
	w := prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{
		Labels: []prompb.Label{{Name: "__name__", Value: "kill_rows"}, {Name: "round", Value: strconv.Itoa(round)}}, Samples: samples,
	}}}
	raw, err := w.Marshal()
	if err != nil {
		return err
	}
	return s.post("/api/v1/write", "application/x-protobuf", "snappy", s2.EncodeSnappy(nil, raw))
}

func (s *killed) requireSamples(round, batches int) {
	body, err := get("http://" + s.addr + "/api/v1/query?" + url.Values{
		"query": {fmt.Sprintf(`kill_rows{round="%d"}[10m]`, round)}, "time": {strconv.FormatInt(time.Now().Add(5*time.Minute).Unix(), 10)},
	}.Encode())
	require.NoError(s.t, err)
	var answer struct {
		Data struct{ Result []struct{ Values [][2]any } }
	}
	require.NoError(s.t, json.Unmarshal([]byte(body), &answer))
	if batches == 0 {
		return
	}
	require.Len(s.t, answer.Data.Result, 1, body)
	values := answer.Data.Result[0].Values
	require.GreaterOrEqual(s.t, len(values), batches*rowsPerBatch, "round %d", round)
	for n := range batches * rowsPerBatch {
		require.Equal(s.t, strconv.Itoa(n), values[n][1], "round %d", round)
	}
}
