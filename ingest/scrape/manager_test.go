package scrape

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promscrape "github.com/prometheus/prometheus/scrape"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric"
)

// A world is a store, an exporter whose answer tests change, and a Manager at
// work.
type world struct {
	t        *testing.T
	store    *metric.Store
	account  *ingest.Account
	exporter *httptest.Server
	answer   atomic.Pointer[string]
	typ      string // content type of the answer
	dir      string // of the configuration
	m        *Manager
}

const plain = "text/plain; version=0.0.4"

func newWorld(t *testing.T, typ, answer string) *world {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	reg := prometheus.NewRegistry()
	store, err := metric.Open(cfg, slog.New(slog.DiscardHandler), reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := &world{t: t, store: store, account: ingest.NewAccount(reg), typ: typ, dir: t.TempDir()}
	w.set(answer)
	w.exporter = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", w.typ)
		_, _ = io.WriteString(rw, *w.answer.Load())
	}))
	t.Cleanup(w.exporter.Close)
	return w
}

func (w *world) set(answer string) { w.answer.Store(&answer) }

// load reads a configuration in which TARGET is the exporter's address.
func (w *world) load(text string) *config.Config {
	w.t.Helper()
	addr := strings.TrimPrefix(w.exporter.URL, "http://")
	c, err := config.Load(strings.ReplaceAll(text, "TARGET", addr), slog.New(slog.DiscardHandler))
	require.NoError(w.t, err)
	c.SetDirectory(w.dir)
	return c
}

// run runs a Manager of the configuration until the test ends.
func (w *world) run(text string) {
	w.t.Helper()
	reg := prometheus.NewRegistry()
	d, err := discovery.CreateAndRegisterSDMetrics(reg)
	require.NoError(w.t, err)
	w.m, err = New(Options{
		Config: w.load(text), Store: w.store, Discovery: d, Account: w.account, Registerer: reg, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- w.m.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		require.NoError(w.t, <-done)
	})
}

// newest returns the newest sample of each series of the metric name: its
// labels, without the name and the instance, and its value.
func (w *world) newest(name string) map[string]float64 {
	w.t.Helper()
	q, err := w.store.Querier(math.MinInt64, math.MaxInt64)
	require.NoError(w.t, err)
	defer q.Close()
	out := map[string]float64{}
	set := q.Select(w.t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	for set.Next() {
		v := math.NaN()
		it := set.At().Iterator(nil)
		for typ := it.Next(); typ != chunkenc.ValNone; typ = it.Next() {
			if typ == chunkenc.ValFloat {
				_, v = it.At()
			} else {
				_, h := it.AtFloatHistogram(nil)
				v = h.Count
			}
		}
		require.NoError(w.t, it.Err())
		out[labels.NewBuilder(set.At().Labels()).Del("__name__", "instance").Labels().String()] = v
	}
	require.NoError(w.t, set.Err())
	return out
}

// await waits until the newest samples of name are want.
func (w *world) await(name string, want map[string]float64) {
	w.t.Helper()
	w.eventually(func() (string, bool) {
		have := w.newest(name)
		return fmt.Sprintf("%s is %v, want %v", name, have, want), maps.Equal(have, want)
	})
}

func (w *world) eventually(f func() (string, bool)) {
	w.t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		text, ok := f()
		if ok {
			return
		}
		select {
		case <-deadline:
			w.t.Fatal(text)
		case <-tick.C:
		}
	}
}

const twoJobs = `
global: {scrape_interval: 100ms, scrape_timeout: 100ms}
scrape_configs:
  - job_name: a
    static_configs: [{targets: [TARGET], labels: {room: kitchen}}]
  - job_name: b
    honor_labels: true
    static_configs: [{targets: [TARGET]}]
`

func TestSamplesGetTheLabelsOfTheirTarget(t *testing.T) {
	w := newWorld(t, plain, "# HELP orders Orders.\n# TYPE orders gauge\norders{job=\"own\"} 7\n")
	w.run(twoJobs)
	w.await("orders", map[string]float64{`{exported_job="own", job="a", room="kitchen"}`: 7, `{job="own"}`: 7})
	w.await("up", map[string]float64{`{job="a", room="kitchen"}`: 1, `{job="b"}`: 1})
	w.await("scrape_samples_scraped", map[string]float64{`{job="a", room="kitchen"}`: 1, `{job="b"}`: 1})

	require.ElementsMatch(t, []string{"a", "b"}, w.m.ScrapePools())
	require.Len(t, w.m.TargetsActive()["a"], 1)
	meta, ok := w.store.Families.Get("orders")
	require.True(t, ok, "metadata is kept beyond the target's life")
	require.Equal(t, "Orders.", meta.Help)
	in := w.account.Accepted()
	require.Len(t, in, 1)
	require.Equal(t, "scrape", in[0].Protocol)
	require.GreaterOrEqual(t, in[0].Rows, int64(2))
}

func TestSeriesThatAreGoneGetAStalenessMarker(t *testing.T) {
	stale := func(w *world, name, series string) {
		w.eventually(func() (string, bool) {
			v := w.newest(name)[series]
			return fmt.Sprintf("newest sample of %s is %v", name, v), value.IsStaleNaN(v)
		})
	}
	const job = "global: {scrape_interval: 100ms, scrape_timeout: 100ms}\nscrape_configs: [{job_name: a, static_configs: [{targets: [%s]}]}]\n"

	t.Run("from the answer", func(t *testing.T) {
		w := newWorld(t, plain, "orders 7\nother 1\n")
		w.run(fmt.Sprintf(job, "TARGET"))
		w.await("orders", map[string]float64{`{job="a"}`: 7})
		w.set("other 1\n")
		stale(w, "orders", `{job="a"}`)
		w.await("other", map[string]float64{`{job="a"}`: 1})
	})
	t.Run("with their target", func(t *testing.T) {
		w := newWorld(t, plain, "orders 7\n")
		w.run(fmt.Sprintf(job, "TARGET"))
		w.await("orders", map[string]float64{`{job="a"}`: 7})
		require.NoError(t, w.m.Apply(w.load(fmt.Sprintf(job, "'127.0.0.1:1'"))))
		stale(w, "orders", `{job="a"}`)
	})
	t.Run("when it does not answer", func(t *testing.T) {
		w := newWorld(t, plain, "orders 7\n")
		w.run(fmt.Sprintf(job, "TARGET"))
		w.await("orders", map[string]float64{`{job="a"}`: 7})
		w.exporter.CloseClientConnections()
		w.exporter.Close()
		stale(w, "orders", `{job="a"}`)
		w.await("up", map[string]float64{`{job="a"}`: 0})
	})
}

func TestAnUnreadableAnswerIsOneTargetDown(t *testing.T) {
	w := newWorld(t, plain, "this is no metric\n")
	w.run(twoJobs)
	w.await("up", map[string]float64{`{job="a", room="kitchen"}`: 0, `{job="b"}`: 0})
	w.eventually(func() (string, bool) {
		target := w.m.TargetsActive()["a"][0]
		return fmt.Sprint(target.LastError()), target.LastError() != nil && target.Health() == promscrape.HealthBad
	})
}

func TestOpenMetricsExemplarsAndClassicHistogramsAsNative(t *testing.T) {
	w := newWorld(t, "application/openmetrics-text; version=1.0.0; charset=utf-8", `# TYPE lat histogram
lat_bucket{le="1"} 3 # {trace_id="0af7"} 0.7
lat_bucket{le="+Inf"} 4
lat_count 4
lat_sum 5
# EOF
`)
	w.run(`
global: {scrape_interval: 100ms, scrape_timeout: 100ms}
scrape_configs:
  - job_name: classic
    static_configs: [{targets: [TARGET]}]
  - job_name: native
    convert_classic_histograms_to_nhcb: true
    scrape_native_histograms: true
    static_configs: [{targets: [TARGET]}]
`)
	w.await("lat_bucket", map[string]float64{`{job="classic", le="+Inf"}`: 4, `{job="classic", le="1.0"}`: 3})
	w.await("lat", map[string]float64{`{job="native"}`: 4})
	w.eventually(func() (string, bool) {
		q, err := w.store.ExemplarQuerier(t.Context())
		require.NoError(t, err)
		found, err := q.Select(0, math.MaxInt64, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "lat_bucket")})
		require.NoError(t, err)
		return "no exemplar", len(found) == 1 && found[0].Exemplars[0].Labels.Get("trace_id") == "0af7"
	})
}

func TestTargetsComeFromFilesAndHTTP(t *testing.T) {
	w := newWorld(t, plain, "orders 7\n")
	addr := strings.TrimPrefix(w.exporter.URL, "http://")
	list := fmt.Sprintf(`[{"targets": [%q], "labels": {"from": "FROM"}}]`, addr)
	found := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, strings.ReplaceAll(list, "FROM", "http"))
	}))
	t.Cleanup(found.Close)
	file := filepath.Join(w.dir, "targets.json")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(list, "FROM", "file")), 0o644))
	w.run(fmt.Sprintf(`
global: {scrape_interval: 100ms, scrape_timeout: 100ms}
scrape_configs:
  - job_name: a
    file_sd_configs: [{files: [targets.json]}]
    http_sd_configs: [{url: %q}]
`, found.URL))
	w.await("orders", map[string]float64{`{from="file", job="a"}`: 7, `{from="http", job="a"}`: 7})
}

func TestScrapeConfigFilesAreRead(t *testing.T) {
	w := newWorld(t, plain, "orders 7\n")
	addr := strings.TrimPrefix(w.exporter.URL, "http://")
	require.NoError(t, os.WriteFile(filepath.Join(w.dir, "more.yml"), fmt.Appendf(nil, "scrape_configs: [{job_name: more, static_configs: [{targets: [%q]}]}]\n", addr), 0o644))
	w.run("global: {scrape_interval: 100ms, scrape_timeout: 100ms}\nscrape_config_files: ['*.yml']\n")
	w.await("orders", map[string]float64{`{job="more"}`: 7})
}

func TestARefusedConfigurationChangesNothing(t *testing.T) {
	w := newWorld(t, plain, "orders 7\n")
	w.run(twoJobs)
	w.await("orders", map[string]float64{`{job="a", room="kitchen"}`: 7, `{job="b"}`: 7})
	bad := w.load(`scrape_configs: [{job_name: c, tls_config: {ca_file: nowhere.pem}, static_configs: [{targets: [TARGET]}]}]`)
	require.ErrorContains(t, w.m.Apply(bad), `job "c": unable to read CA cert: unable to read file `+filepath.Join(w.dir, "nowhere.pem"))
	pools := w.m.ScrapePools()
	slices.Sort(pools)
	require.Equal(t, []string{"a", "b"}, pools)
}

func TestCheckFindsFilesThatAreNotThere(t *testing.T) {
	w := newWorld(t, plain, "")
	for _, tt := range []struct{ name, text, want string }{
		{"a list of jobs", `scrape_config_files: [none.yml]`, "scrape_config_files: stat " + filepath.Join(w.dir, "none.yml")},
		{"a key", `scrape_configs: [{job_name: a, tls_config: {cert_file: c.pem, key_file: k.pem}}]`, `job "a": unable to read specified client cert`},
		{"a folder of logs", `scrape_configs: [{job_name: a, scrape_failure_log_file: none/log}]`, `job "a": scrape_failure_log_file: ` + filepath.Join(w.dir, "none") + " is not a folder"},
	} {
		t.Run(tt.name, func(t *testing.T) { require.ErrorContains(t, Check(w.load(tt.text)), tt.want) })
	}
	require.NoError(t, Check(w.load(`scrape_config_files: ['none/*.yml']`)), "a pattern may match nothing")
}

func TestRefusedSamplesAreInTheAccount(t *testing.T) {
	a := ingest.NewAccount(prometheus.NewRegistry())
	w := newWorld(t, plain, "")
	now := time.Now().UnixMilli()
	limited := counted{full{w.store}, a}.AppenderV2(t.Context())
	ref, err := limited.Append(0, labels.FromStrings("__name__", "new"), 0, now, 1, nil, nil, promstorage.AOptions{})
	require.NoError(t, err, "the scrape goes on")
	require.Zero(t, ref)
	require.NoError(t, limited.Rollback())
	require.Equal(t, ingest.ReasonSeriesLimit, a.Rejections()[0].Reason)
	require.Contains(t, a.Rejections()[0].Example, `{__name__="new"}: `)

	a = ingest.NewAccount(prometheus.NewRegistry())
	for _, at := range []int64{now, now - 1000*60*60*4, now} {
		app := counted{w.store, a}.AppenderV2(t.Context())
		_, _ = app.Append(0, labels.FromStrings("__name__", "x"), 0, at, float64(at), nil, nil, promstorage.AOptions{})
		require.NoError(t, app.Commit())
	}
	require.Equal(t, int64(2), a.Accepted()[0].Rows, "the same sample twice is taken once, and is no fault")
	refused := a.Rejections()
	require.Len(t, refused, 1)
	require.Equal(t, ingest.ReasonTooOld, refused[0].Reason)
	require.Contains(t, refused[0].Example, `{__name__="x"}: `)
}

// full is a store that takes no new series.
type full struct{ promstorage.AppendableV2 }

func (f full) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	return fullAppender{f.AppendableV2.AppenderV2(ctx)}
}

type fullAppender struct{ promstorage.AppenderV2 }

func (fullAppender) Append(promstorage.SeriesRef, labels.Labels, int64, int64, float64, *histogram.Histogram, *histogram.FloatHistogram, promstorage.AOptions) (promstorage.SeriesRef, error) {
	return 0, fmt.Errorf("full: %w", storage.ErrSeriesLimit)
}
