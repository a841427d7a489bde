package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

// TestBadInputIsRefusedCountedAndHarmless sends what should not be sent to the
// real process: each request gets the status its protocol wants, a counter
// with the reason goes up, nothing of a refused row is found afterwards, and
// the process goes on.
func TestBadInputIsRefusedCountedAndHarmless(t *testing.T) {
	s := startKilled(t, "")

	now := time.Now()
	at := func(d time.Time) string { return strconv.FormatInt(d.UnixNano(), 10) }
	year := func(y int) time.Time { return time.Date(y, 7, 1, 0, 0, 0, 0, time.UTC) }
	loki := func(labels, ts, line string) string {
		return fmt.Sprintf(`{"streams":[{"stream":%s,"values":[[%q,%q]]}]}`, labels, ts, line)
	}
	var manyLabels []string
	for i := range 10_000 {
		manyLabels = append(manyLabels, fmt.Sprintf(`"l%d":"v"`, i))
	}
	span := func(traceID, spanID string, start time.Time) string {
		return fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":%q,"spanId":%q,"name":"bad","startTimeUnixNano":%q,"endTimeUnixNano":%q}]}]}]}`,
			traceID, spanID, at(start), at(start))
	}
	const id, sid = "0102030405060708090a0b0c0d0e0f10", "0102030405060708"
	logs := func(ts string) string {
		return fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":%q,"body":{"stringValue":"bad"}}]}]}]}`, ts)
	}
	write := func(labels []prompb.Label, ts time.Time) string {
		raw, err := (&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{{Labels: labels, Samples: []prompb.Sample{{Timestamp: ts.UnixMilli(), Value: 1}}}}}).Marshal()
		require.NoError(t, err)
		return string(s2.EncodeSnappy(nil, raw))
	}
	name := prompb.Label{Name: "__name__", Value: "bad"}
	good := write([]prompb.Label{name}, now)

	const (
		lokiPath, writePath             = "/loki/api/v1/push", "/api/v1/write"
		tracesPath, logsPath, otlpMetrs = "/v1/traces", "/v1/logs", "/v1/metrics"
		jsonType, protoType             = "application/json", "application/x-protobuf"
	)
	tests := []struct {
		name, path, contentType, encoding, body string
		status                                  int
		answer                                  string // a part of it
		reason                                  string // of the counter; "" for refusals that no row comes with
	}{
		{"Loki: not JSON", lokiPath, jsonType, "", `{"streams":[`, 400, "", "malformed"},
		{"Loki: timestamp is a number", lokiPath, jsonType, "", `{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}`, 400, "", "malformed"},
		{"Loki: no stream", lokiPath, jsonType, "", `{"streams":[]}`, 422, "at least one valid stream", ""},
		{"Loki: no labels", lokiPath, jsonType, "", loki(`{}`, at(now), "x"), 400, "at least one label pair is required", "invalid_labels"},
		{"Loki: 1970", lokiPath, jsonType, "", loki(`{"app":"bad"}`, at(year(1970)), "x"), 400, "timestamp too old", "too_old"},
		{"Loki: 2100", lokiPath, jsonType, "", loki(`{"app":"bad"}`, at(year(2100)), "x"), 400, "timestamp too new", "too_new"},
		{"Loki: 10k labels", lokiPath, jsonType, "", loki("{"+strings.Join(manyLabels, ",")+"}", at(now), "x"), 400, "label names; limit", "invalid_labels"},
		{"Loki: line too long", lokiPath, jsonType, "", loki(`{"app":"bad"}`, at(now), strings.Repeat("x", 300<<10)), 400, "max entry size", "too_large"},
		{"Loki: unknown encoding", lokiPath, jsonType, "br", `{}`, 400, "not supported", ""},
		{"Loki: protobuf of nonsense", lokiPath, protoType, "snappy", "\x00\x01\x02nonsense", 400, "", "malformed"},
		{"OTLP: JSON cut off", logsPath, jsonType, "", logs(at(now))[:40], 400, "", "malformed"},
		{"OTLP: protobuf of nonsense", tracesPath, protoType, "", "\xff\xff\xff\xff", 400, "", "malformed"},
		{"OTLP: wrong type", logsPath, "text/plain", "", "x", 415, "415 unsupported media type", ""},
		{"OTLP: not gzip", logsPath, protoType, "gzip", "x", 400, "", ""},
		{"OTLP: log of 1970", logsPath, jsonType, "", logs(at(year(1970))), 200, `"rejectedLogRecords":"1"`, "too_old"},
		{"OTLP: log of 2100", logsPath, jsonType, "", logs(at(year(2100))), 200, `"rejectedLogRecords":"1"`, "too_new"},
		{"OTLP: span without trace id", tracesPath, jsonType, "", span("", sid, now), 200, `"rejectedSpans":"1"`, "missing_id"},
		{"OTLP: span with zero trace id", tracesPath, jsonType, "", span(strings.Repeat("0", 32), sid, now), 200, `"rejectedSpans":"1"`, "missing_id"},
		{"OTLP: span without span id", tracesPath, jsonType, "", span(id, "", now), 200, `"rejectedSpans":"1"`, "missing_id"},
		{"OTLP: span of 1970", tracesPath, jsonType, "", span(id, sid, year(1970)), 200, `"rejectedSpans":"1"`, "too_old"},
		{"OTLP: metric without a name", otlpMetrs, jsonType, "", fmt.Sprintf(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"","gauge":{"dataPoints":[{"timeUnixNano":%q,"asDouble":1}]}}]}]}]}`, at(now)), 200, `"rejectedDataPoints":"1"`, ""},
		{"remote write: JSON", writePath, jsonType, "snappy", `{}`, 415, "", ""},
		{"remote write: gzip", writePath, protoType, "gzip", "x", 415, "", ""},
		{"remote write: not snappy", writePath, protoType, "snappy", "\xff\xff\xff", 400, "", "malformed"},
		{"remote write: cut off", writePath, protoType, "snappy", good[:len(good)-3], 400, "", "malformed"},
		{"remote write: 2100", writePath, protoType, "snappy", write([]prompb.Label{name}, year(2100)), 400, "", "too_new"},
		{"remote write: no name", writePath, protoType, "snappy", write([]prompb.Label{{Name: "a", Value: "b"}}, now), 204, "", "invalid_labels"},
		{"remote write: duplicate label", writePath, protoType, "snappy", write([]prompb.Label{name, {Name: "a", Value: "1"}, {Name: "a", Value: "2"}}, now), 204, "", "invalid_labels"},
		{"remote write: invalid UTF-8", writePath, protoType, "snappy", write([]prompb.Label{name, {Name: "a", Value: "\xff"}}, now), 204, "", "invalid_labels"},
	}
	for _, path := range []string{lokiPath, writePath, tracesPath, logsPath, otlpMetrs} {
		contentType := protoType
		if path == lokiPath {
			contentType = jsonType
		}
		encoding := ""
		if path == writePath {
			encoding = "snappy"
		}
		tests = append(tests, struct {
			name, path, contentType, encoding, body string
			status                                  int
			answer, reason                          string
		}{"100 MB to " + path, path, contentType, encoding, strings.Repeat("x", 100<<20), 413, "", "too_large"})
	}

	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.rejected(tt.reason)
			status, answer := s.send(tt.path, tt.contentType, tt.encoding, tt.body)
			require.Equal(t, tt.status, status, answer)
			require.Contains(t, answer, tt.answer)
			if tt.reason != "" {
				require.Greater(t, s.rejected(tt.reason), before, "oriel_ingest_rejected_total{reason=%q} did not go up", tt.reason)
			}
		})
	}

	t.Run("bit flips and cuts", func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		bodies := []struct{ path, contentType, encoding, body string }{
			{writePath, protoType, "snappy", good},
			{lokiPath, jsonType, "", loki(`{"app":"flip"}`, at(now), "x")},
			{tracesPath, jsonType, "", span(id, sid, now)},
			{logsPath, jsonType, "", logs(at(now))},
		}
		for i := range 200 {
			b := bodies[i%len(bodies)]
			body := []byte(b.body)
			if i%2 == 0 {
				body[rng.IntN(len(body))] ^= 1 << rng.IntN(8)
			} else {
				body = body[:rng.IntN(len(body))]
			}
			status, answer := s.send(b.path, b.contentType, b.encoding, string(body))
			require.Less(t, status, 500, "%s: %q: %s", b.path, body, answer)
		}
	})

	// Nothing of what was refused is there, and what is good still gets in.
	require.NoError(t, s.post(lokiPath, jsonType, "", []byte(loki(`{"app":"good"}`, at(time.Now()), "still here"))))
	for query, want := range map[string]int{`{app="bad"}`: 0, `{service_name="unknown_service"} |= "bad"`: 0, `{app="good"}`: 1} {
		body, err := get("http://" + s.addr + "/loki/api/v1/query_range?" + url.Values{"query": {query}, "start": {"0"}, "end": {at(year(2101))}}.Encode())
		require.NoError(t, err)
		require.Equal(t, want, strings.Count(body, `"values":[[`), "%s: %s", query, body)
	}
	require.NotContains(t, s.log.String(), "panic")
}

// send posts body and returns the status and the answer's text.
func (s *killed) send(path, contentType, encoding, body string) (int, string) {
	req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+path, bytes.NewReader([]byte(body)))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err, path)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(answer)
}

// rejected returns how many rows were refused for reason, by the status page.
func (s *killed) rejected(reason string) int64 {
	body, err := get("http://" + s.addr + "/oriel/api/v1/status")
	require.NoError(s.t, err)
	var status struct {
		Ingest struct {
			Rejections []struct {
				Reason, Example string
				Rows            int64
			}
		}
	}
	require.NoError(s.t, json.Unmarshal([]byte(body), &status))
	var rows int64
	for _, r := range status.Ingest.Rejections {
		if r.Reason == reason {
			require.NotEmpty(s.t, r.Example, reason)
			rows += r.Rows
		}
	}
	return rows
}
