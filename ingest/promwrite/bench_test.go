package promwrite_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/stretchr/testify/require"
)

// The benchmarks go from the bytes of an HTTP body to committed samples: 50k
// series of 12 labels, 2000 samples a request, as Prometheus sends them. They
// report the CPU time of the whole process, so that work in the background
// counts. "reference" is Prometheus' receiver over the same store.

const (
	benchSeries  = 50_000
	benchRequest = 2000
)

func benchLabels(i int) []string {
	return []string{
		"__name__", fmt.Sprintf("http_request_duration_seconds_bucket_%02d", i%20),
		"cluster", "production-eu-west-1", "container", "app", "endpoint", "http-metrics",
		"instance", fmt.Sprintf("10.4.%d.%d:8080", i/200%256, i%200), "job", fmt.Sprintf("service-%d", i%50),
		"le", fmt.Sprintf("0.%03d", i%11), "method", "GET", "namespace", fmt.Sprintf("team-%d", i%7),
		"pod", fmt.Sprintf("service-%d-%08x", i%50, i*2654435761), "route", fmt.Sprintf("/api/v1/items/%d", i%30), "status", "200",
	}
}

// bodies encodes one scrape of every series at time t.
func bodiesV1(b *testing.B, t int64) [][]byte {
	var out [][]byte
	for from := 0; from < benchSeries; from += benchRequest {
		var m prompb.WriteRequest
		for i := from; i < from+benchRequest; i++ {
			m.Timeseries = append(m.Timeseries, series1(t, float64(i)*1.5+float64(t%1000), benchLabels(i)...))
		}
		out = append(out, encodeBench(b, &m))
	}
	return out
}

func bodiesV2(b *testing.B, t int64) [][]byte {
	var out [][]byte
	for from := 0; from < benchSeries; from += benchRequest {
		q := newRequest2()
		for i := from; i < from+benchRequest; i++ {
			q.add(writev2.TimeSeries{
				Samples:  []writev2.Sample{{Timestamp: t, Value: float64(i)*1.5 + float64(t%1000)}},
				Metadata: writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_COUNTER, HelpRef: q.table.Symbolize("Time to answer a request.")},
			}, benchLabels(i)...)
		}
		out = append(out, encodeBench(b, &q.Request))
	}
	return out
}

func encodeBench(b *testing.B, m marshaler) []byte {
	body, err := m.Marshal()
	require.NoError(b, err)
	return snappy.Encode(nil, body)
}

func BenchmarkWrite(b *testing.B) {
	versions := []struct {
		name, contentType string
		bodies            func(*testing.B, int64) [][]byte
	}{{"v1", typeV1, bodiesV1}, {"v2", typeV2, bodiesV2}}
	for _, v := range versions {
		b.Run(v.name+"/oriel", func(b *testing.B) {
			r := newReceiver(b)
			benchmarkWrite(b, r.router, v.contentType, r.now, v.bodies)
		})
		b.Run(v.name+"/reference", func(b *testing.B) {
			r := newReceiver(b)
			h := remote.NewWriteHandler(promslog.NewNopLogger(), prometheus.NewRegistry(), r.store,
				remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType}, false, false, false)
			benchmarkWrite(b, h, v.contentType, r.now, v.bodies)
		})
	}
}

// benchmarkWrite's operation is a request.
func benchmarkWrite(b *testing.B, h http.Handler, contentType string, now int64, encode func(*testing.B, int64) [][]byte) {
	now -= 3600_000
	bodies := encode(b, now)
	for _, body := range bodies { // the series exist
		serve(b, h, contentType, body)
	}
	b.ReportAllocs()
	var cpu time.Duration
	n := 0
	b.ResetTimer()
	for b.Loop() {
		if n%len(bodies) == 0 {
			b.StopTimer()
			now += 15_000
			bodies = encode(b, now)
			b.StartTimer()
		}
		start := cpuTime(b)
		serve(b, h, contentType, bodies[n%len(bodies)])
		cpu += cpuTime(b) - start
		n++
	}
	b.ReportMetric(cpu.Seconds()/float64(n*benchRequest)*1e6, "CPU-s/1M-samples")
}

func serve(b *testing.B, h http.Handler, contentType string, body []byte) {
	req := httptest.NewRequest(http.MethodPost, "/api/v1/write", bytes.NewReader(body))
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusNoContent {
		b.Fatal(w.Code, w.Body)
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
