package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

// TestAStormOfQueriesIsRefusedBeforeMemoryIsUsedUp gives the real process much
// less memory than all queries that it may run at once would take, and asks ever
// more of them until some are refused.
func TestAStormOfQueriesIsRefusedBeforeMemoryIsUsedUp(t *testing.T) {
	t.Parallel()
	const limit, clients, series = 160 << 20, 48, 300
	s := newKilled(t, fmt.Sprintf("query: {max_concurrent: %d}\n", clients))
	s.env = []string{fmt.Sprintf("GOMEMLIMIT=%d", limit)}
	s.start()
	now := time.Now()
	s.pushGauge("heavy", series, now)
	heavy := "http://" + s.addr + "/api/v1/query_range?" + url.Values{ // 300 series of 3,000 points: about 15 MB
		"query": {"last_over_time(heavy[1h])"}, "step": {"1"}, "nocache": {"1"},
		"start": {strconv.FormatInt(now.Unix(), 10)}, "end": {strconv.FormatInt(now.Unix()+2999, 10)},
	}.Encode()

	var refused, answered atomic.Int64
	enough := now.Add(time.Minute)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for refused.Load() < clients && time.Now().Before(enough) {
				resp, err := http.Get(heavy)
				if err != nil {
					t.Errorf("it does not answer any more: %v", err)
					return
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close() // it was read
				switch {
				case err != nil:
					t.Errorf("answer: %v", err)
				case resp.StatusCode == http.StatusOK:
					answered.Add(1)
				case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
					refused.Add(1)
				default:
					t.Errorf("status %s", resp.Status)
				}
			}
		})
	}
	wg.Wait()
	require.GreaterOrEqual(t, refused.Load(), int64(clients))
	peak := s.peak()
	t.Logf("%d answered, %d refused, at most %d MB", answered.Load(), refused.Load(), peak>>20)
	if peak > 0 {
		require.Less(t, peak, int64(2*limit), "all of them at once take eight times the limit")
	}
	require.NoError(t, await(func() error { _, err := get(heavy); return err }), "it recovers alone")
	require.NoError(t, await(func() error {
		body, err := get("http://" + s.addr + "/metrics")
		if err == nil && !strings.Contains(body, "oriel_memory_refused_total") {
			err = fmt.Errorf("refusals are not counted")
		}
		return err
	}))
}

// pushGauge sends one sample of each of so many series.
func (s *killed) pushGauge(name string, series int, at time.Time) {
	var w prompb.WriteRequest
	for i := range series {
		w.Timeseries = append(w.Timeseries, prompb.TimeSeries{
			Labels:  []prompb.Label{{Name: "__name__", Value: name}, {Name: "series", Value: strconv.Itoa(i)}},
			Samples: []prompb.Sample{{Timestamp: at.UnixMilli(), Value: float64(i)}},
		})
	}
	raw, err := w.Marshal()
	require.NoError(s.t, err)
	require.NoError(s.t, s.post("/api/v1/write", "application/x-protobuf", "snappy", s2.EncodeSnappy(nil, raw)))
}

// peak returns the most memory of its own that the process has had resident, in
// bytes, or 0 where the system does not tell. Pages of files, such as those of the
// program, the kernel takes back when it needs them.
func (s *killed) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	kb := map[string]int64{}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] == "kB" {
			kb[f[0]], err = strconv.ParseInt(f[1], 10, 64)
			require.NoError(s.t, err)
		}
	}
	return (kb["VmHWM:"] - kb["RssFile:"]) << 10
}
