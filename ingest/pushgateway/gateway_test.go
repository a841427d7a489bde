package pushgateway_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/pushgateway"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A gateway over a store of its own.
type gateway struct {
	t       testing.TB
	store   *samplestest.Store
	dir     string
	gateway *pushgateway.Gateway
	router  http.Handler
}

func open(t testing.TB, change ...func(*pushgateway.Options)) *gateway {
	t.Helper()
	g := &gateway{t: t, store: samplestest.New(), dir: t.TempDir()}
	g.reopen(change...)
	return g
}

func (g *gateway) reopen(change ...func(*pushgateway.Options)) {
	g.t.Helper()
	samples := g.store.Options()
	samples.Limits.MaxLabels = 20
	o := pushgateway.Options{
		Samples: samples, Config: pushgateway.DefaultConfig(), Dir: filepath.Join(g.dir, "pushgateway"),
		Admin: true, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	require.NoError(g.t, o.Config.Validate())
	var err error
	g.gateway, err = pushgateway.Open(o)
	require.NoError(g.t, err)
	r := chi.NewRouter()
	r.Route("/pushgateway", g.gateway.Mount)
	g.router = r
}

func (g *gateway) do(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.router.ServeHTTP(w, httptest.NewRequest(method, "/pushgateway"+path, strings.NewReader(body)))
	return w
}

// must does what is expected to work.
func (g *gateway) must(method, path, body string) {
	g.t.Helper()
	w := g.do(method, path, body)
	require.Equal(g.t, 2, w.Code/100, w.Body)
}

// rows are the samples stored, without those of the two times.
func (g *gateway) rows() []string {
	var out []string
	for _, row := range g.store.Rows() {
		if !strings.HasPrefix(row, "push_") {
			out = append(out, row[:strings.LastIndexByte(row, ' ')])
		}
	}
	return out
}

// shown is what a scrape would get, without comments and times.
func (g *gateway) shown() []string {
	g.t.Helper()
	var out []string
	for line := range strings.Lines(g.do(http.MethodGet, "/metrics", "").Body.String()) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "push_") {
			out = append(out, line)
		}
	}
	return out
}

func TestThePathIsTheGroup(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/metrics/job/backup", `a{job="backup"} 1`},
		{"/metrics/job/backup/instance/db1/team/ops", `a{instance="db1", job="backup", team="ops"} 1`},
		{"/metrics/job@base64/YS9i", `a{job="a/b"} 1`},
		{"/metrics/job/x/path@base64/L3Zhci90bXA", `a{job="x", path="/var/tmp"} 1`},
		{"/metrics/job/x/path@base64/L3Zhci90bXA=", `a{job="x", path="/var/tmp"} 1`},
		{"/metrics/job/x/empty@base64/=", `a{job="x"} 1`},
		{"/metrics/job/a%2Fb/c/d%20e", `a{c="d e", job="a/b"} 1`},
	}
	for _, tt := range tests {
		g := open(t)
		g.must(http.MethodPut, tt.path, "a 1\n")
		require.Equal(t, []string{tt.want}, g.rows(), tt.path)
	}
	for path, want := range map[string]string{
		"/metrics/job/":               "job name is required",
		"/metrics/job":                "odd number of components",
		"/metrics/instance/x":         `the path begins with label "instance", not job`,
		"/metrics/job/x/y":            "odd number of components",
		"/metrics/job@base64/%21":     `invalid base64 encoding in value of label "job"`,
		"/metrics/job/x/__y/z":        `improper label name "__y"`,
		"/metrics/job/x/job/y":        `label "job" is in the path twice`,
		"/metrics/job/x/y@base64/_w":  `value of label "y" is not UTF-8`,
		"/metrics/job/x/y%FF/z":       `improper label name "y\xff"`,
		"/metrics/job/x/a/1/b/2/a/3/": `label "a" is in the path twice`,
	} {
		g := open(t)
		w := g.do(http.MethodPost, path, "a 1\n")
		require.Equal(t, http.StatusBadRequest, w.Code, path)
		require.Contains(t, w.Body.String(), want, path)
		require.Len(t, g.store.Refused(), 1)
		require.Equal(t, http.StatusBadRequest, g.do(http.MethodDelete, path, "").Code)
	}
}

func TestPutReplacesTheGroupAndPostItsMetrics(t *testing.T) {
	g := open(t)
	g.must(http.MethodPut, "/metrics/job/j", "# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE b gauge\nb 3\n")
	g.must(http.MethodPut, "/metrics/job/j/instance/other", "# TYPE b gauge\nb 9\n# TYPE c untyped\nc 1\n")
	require.Equal(t, []string{`a{job="j",x="1"} 1`, `a{job="j",x="2"} 2`, `b{instance="other",job="j"} 9`, `b{job="j"} 3`, `c{instance="other",job="j"} 1`}, sorted(g.shown()))

	g.must(http.MethodPost, "/metrics/job/j", "# TYPE a counter\na{x=\"1\"} 5\n")
	require.Equal(t, []string{`a{job="j",x="1"} 5`, `b{instance="other",job="j"} 9`, `b{job="j"} 3`, `c{instance="other",job="j"} 1`}, sorted(g.shown()))
	require.Contains(t, g.rows(), `a{job="j", x="2"} stale`)

	g.must(http.MethodPut, "/metrics/job/j", "d 1\n")
	require.Equal(t, []string{`b{instance="other",job="j"} 9`, `c{instance="other",job="j"} 1`, `d{job="j"} 1`}, sorted(g.shown()))
	require.Contains(t, g.rows(), `a{job="j", x="1"} stale`)
	require.Contains(t, g.rows(), `b{job="j"} stale`)

	require.Equal(t, http.StatusAccepted, g.do(http.MethodDelete, "/metrics/job/j", "").Code)
	require.Equal(t, http.StatusAccepted, g.do(http.MethodDelete, "/metrics/job/nobody", "").Code)
	require.Equal(t, []string{`b{instance="other",job="j"} 9`, `c{instance="other",job="j"} 1`}, sorted(g.shown()))
	require.Contains(t, g.rows(), `d{job="j"} stale`)

	require.Equal(t, http.StatusAccepted, g.do(http.MethodPut, "/api/v1/admin/wipe", "").Code)
	require.Empty(t, g.shown())
	require.Empty(t, g.store.Refused())
	left, err := os.ReadDir(filepath.Join(g.dir, "pushgateway"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func sorted(lines []string) []string {
	var out []string
	for _, l := range lines {
		i := 0
		for i < len(out) && out[i] < l {
			i++
		}
		out = append(out[:i], append([]string{l}, out[i:]...)...)
	}
	return out
}

func TestEveryTypeAndFormatIsTaken(t *testing.T) {
	const text = `# HELP h Time.
# TYPE h histogram
h_bucket{le="1"} 2
h_bucket{le="+Inf"} 3
h_sum 4.5
h_count 3
# TYPE s summary
s{quantile="0.5"} 1
s_sum 2
s_count 3
`
	want := []string{
		`h_bucket{job="j", le="+Inf"} 3`, `h_bucket{job="j", le="1.0"} 2`, `h_count{job="j"} 3`, `h_sum{job="j"} 4.5`,
		`s_count{job="j"} 3`, `s_sum{job="j"} 2`, `s{job="j", quantile="0.5"} 1`,
	}
	g := open(t)
	g.must(http.MethodPut, "/metrics/job/j", text)
	require.ElementsMatch(t, want, g.rows())

	// The client library's protobuf, with a native histogram.
	g = open(t)
	srv := httptest.NewServer(g.router)
	defer srv.Close()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "native", NativeHistogramBucketFactor: 1.1})
	h.Observe(2)
	h.Observe(3)
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total", Help: "C."})
	c.Add(7)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	require.NoError(t, push.New(srv.URL+"/pushgateway", "lib").Client(client).Collector(h).Collector(c).Grouping("instance", "a/b").Format(expfmt.NewFormat(expfmt.TypeProtoDelim)).Push())
	require.Equal(t, []string{`c_total{instance="a/b", job="lib"} 7`, `native{instance="a/b", job="lib"} histogram{2, 5}`}, g.rows())
	require.NoError(t, push.New(srv.URL+"/pushgateway", "lib").Client(client).Grouping("instance", "a/b").Delete())
	require.Empty(t, g.shown())
}

func TestLabelsOfThePathWin(t *testing.T) {
	g := open(t)
	g.must(http.MethodPost, "/metrics/job/j/instance/i", `a{job="mine",instance="mine",x="y"} 1`+"\n")
	require.Equal(t, []string{`a{instance="i", job="j", x="y"} 1`}, g.rows())
}

func TestAPushThatCannotBeRightIsRefusedWholeAndNoted(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"text", "a 1\nb{ 2\n", "text format parsing error"},
		{"time", "a 1\nb 2 1700000000000\n", `pushed metrics must not have timestamps: "b" has`},
		{"twice", "a{x=\"1\",job=\"a\"} 1\na{x=\"1\",job=\"b\"} 2\n", "was collected before with the same name and label values"},
		{"type", "# TYPE taken counter\ntaken 1\n", `pushed metrics are inconsistent with existing metrics: "taken" is a COUNTER, but a GAUGE in group {job="other"}`},
		{"labels", "a{" + strings.Repeat("l=\"1\",", 1) + strings.Join(many(20), ",") + "} 1\n", "more than max_labels: 20"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := open(t)
			g.must(http.MethodPut, "/metrics/job/other", "# TYPE taken gauge\ntaken 1\n")
			g.must(http.MethodPut, "/metrics/job/j", "old 1\n")
			w := g.do(http.MethodPut, "/metrics/job/j", tt.body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), tt.want)
			require.Equal(t, []string{`old{job="j"} 1`, `taken{job="other"} 1`}, sorted(g.shown()))
			require.Len(t, g.store.Refused(), 1)
			metrics := g.do(http.MethodGet, "/metrics", "").Body.String()
			require.Contains(t, metrics, `push_failure_time_seconds{job="other"} 0`)
			require.NotContains(t, metrics, `push_failure_time_seconds{job="j"} 0`)
			require.Contains(t, g.do(http.MethodGet, "/api/v1/metrics", "").Body.String(), `"last_push_successful":true`)
		})
	}
}

func many(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`l%d="1"`, i))
	}
	return out
}

func TestWhatWasPushedStaysFreshAcrossARestart(t *testing.T) {
	g := open(t)
	synctest.Test(t, func(t *testing.T) {
		h := func() int {
			n := 0
			for _, row := range g.rows() {
				if strings.HasPrefix(row, `a{job="j"} 7`) {
					n++
				}
			}
			return n
		}
		run := func(d time.Duration) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- g.gateway.Run(ctx) }()
			time.Sleep(d)
			synctest.Wait()
			cancel()
			require.NoError(t, <-done)
		}
		g.must(http.MethodPut, "/metrics/job/j", "# HELP a A.\n# TYPE a counter\na 7\n")
		pushed := time.Now()
		require.Equal(t, 1, h())
		run(95 * time.Second)
		require.Equal(t, 1+4, h()) // at the push, and at 0, 30, 60 and 90 s
		before := g.shown()

		g.reopen()
		run(time.Second)
		require.Equal(t, 1+4+1, h())
		require.Equal(t, before, g.shown())
		require.Contains(t, g.do(http.MethodGet, "/metrics", "").Body.String(), "# HELP a A.\n# TYPE a counter")
		require.Contains(t, g.store.Rows()[len(g.store.Rows())-1], fmt.Sprintf(`push_time_seconds{job="j"} %v`, float64(pushed.UnixMilli())/1000))
		require.Empty(t, g.store.Refused())
	})
}

func TestPushesWithinAMillisecondDoNotCollide(t *testing.T) {
	g := open(t)
	synctest.Test(t, func(t *testing.T) {
		for i := range 5 {
			g.must(http.MethodPost, "/metrics/job/j", fmt.Sprintf("a %d\n", i))
		}
		g.must(http.MethodDelete, "/metrics/job/j", "")
	})
	require.Len(t, g.rows(), 6)
	require.Empty(t, g.store.Refused())
}

func TestLimitsAreToldAsOverload(t *testing.T) {
	g := open(t, func(o *pushgateway.Options) { o.Config.MaxGroups, o.Config.MaxSeries = 2, 8 })
	g.must(http.MethodPut, "/metrics/job/1", "a 1\n")
	g.must(http.MethodPut, "/metrics/job/2", "a 1\n")
	w := g.do(http.MethodPut, "/metrics/job/3", "a 1\n")
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Contains(t, w.Body.String(), "there are 2 groups, and max_groups is 2")
	w = g.do(http.MethodPut, "/metrics/job/2", "a 1\nb 1\nc 1\nd 1\n")
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Contains(t, w.Body.String(), "that would make 9 series, and max_series is 8")
	g.must(http.MethodDelete, "/metrics/job/1", "")
	g.must(http.MethodPut, "/metrics/job/2", "a 1\nb 1\nc 1\nd 1\n")
}

func TestAFailingStoreFailsThePushAndChangesNothing(t *testing.T) {
	g := open(t)
	g.must(http.MethodPut, "/metrics/job/j", "a 1\n")
	g.store.Fail(fmt.Errorf("read-only: %w", fault.ErrUnavailable))
	require.Equal(t, http.StatusServiceUnavailable, g.do(http.MethodPut, "/metrics/job/j", "b 1\n").Code)
	require.Equal(t, http.StatusServiceUnavailable, g.do(http.MethodDelete, "/metrics/job/j", "").Code)
	g.store.Fail(nil)
	require.Equal(t, []string{`a{job="j"} 1`}, g.shown())
}

func TestADamagedGroupIsPutAside(t *testing.T) {
	g := open(t)
	g.must(http.MethodPut, "/metrics/job/fine", "a 1\n")
	g.must(http.MethodPut, "/metrics/job/j", "a 1\n")
	files, err := filepath.Glob(filepath.Join(g.dir, "pushgateway", "*.group"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, path := range files {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		if bytes.Contains(b, []byte(`"job":"j"`)) {
			b[len(b)-3] ^= 1
			require.NoError(t, os.WriteFile(path, b, 0o644))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(g.dir, "pushgateway", "1.tmp"), nil, 0o644))
	g.reopen()
	require.Equal(t, []string{`a{job="fine"} 1`}, g.shown())
	files, err = filepath.Glob(filepath.Join(g.dir, "pushgateway", "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.Len(t, sorted(files), 2)
}

func FuzzPush(f *testing.F) {
	for _, s := range []string{"a 1\n", "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 1\nh_count 2\n", "a{x=\"\xff\"} 1\n", "a 1 5\n", "{\"a b\",x=\"1\"} 2\n"} {
		f.Add(false, []byte(s))
	}
	f.Add(true, []byte("\x10\n\x01a\x12\x01A\x18\x01\"\x07\x12\x05\x09\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, protobuf bool, body []byte) {
		g := open(t)
		r := httptest.NewRequest(http.MethodPut, "/pushgateway/metrics/job/j", bytes.NewReader(body))
		if protobuf {
			r.Header.Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeProtoDelim)))
		}
		w := httptest.NewRecorder()
		g.router.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK:
			g.reopen()
			if again := g.shown(); len(g.store.Rows()) == 0 {
				t.Fatalf("nothing stored, but %v", again)
			}
		case http.StatusBadRequest:
			if len(g.store.Refused()) == 0 {
				t.Fatalf("%s is not counted", w.Body)
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// "push" is a push of 100 series to one of 1000 groups, its file included;
// "refresh" is what every interval costs for all of them, by sample.
func BenchmarkGateway(b *testing.B) {
	var body strings.Builder
	for i := range 100 {
		fmt.Fprintf(&body, "backup_bytes{volume=\"v%d\"} %d\n", i, i)
	}
	g := open(b, func(o *pushgateway.Options) { o.Samples.Store = samplestest.Discard{} })
	for i := range 1000 {
		g.must(http.MethodPut, fmt.Sprintf("/metrics/job/%d", i), body.String())
	}
	b.Run("push", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g.must(http.MethodPut, "/metrics/job/7", body.String())
		}
	})
	b.Run("refresh", func(b *testing.B) {
		ctx, cancel := context.WithCancel(b.Context())
		cancel() // Run appends once and ends
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, g.gateway.Run(ctx))
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/102_000, "ns/sample")
	})
}
