package relay_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	promscrape "github.com/prometheus/prometheus/scrape"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/relay"
	"github.com/oriel-obs/oriel/storage/metric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver keeps what it gets by remote write, a sample each.
func receiver(t *testing.T) (url string, got <-chan string) {
	t.Helper()
	c := make(chan string, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		packed, err := io.ReadAll(r.Body)
		body, unpackErr := snappy.Decode(nil, packed)
		var req prompb.WriteRequest
		if err != nil || unpackErr != nil || req.Unmarshal(body) != nil {
			http.Error(w, "not a write request", http.StatusBadRequest)
			return
		}
		for _, s := range req.Timeseries {
			b := labels.NewScratchBuilder(len(s.Labels))
			for _, sample := range s.Samples {
				c <- fmt.Sprintf("%s %g", s.ToLabels(&b, nil), sample.Value)
			}
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, c
}

func load(t *testing.T, text string, args ...any) *config.Config {
	t.Helper()
	c, err := config.Load(fmt.Sprintf(text, args...), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return c
}

// start opens a store and runs a Manager of c that follows it.
func start(t *testing.T, c *config.Config) (*relay.Manager, *metric.Store) {
	t.Helper()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	reg, log := prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	store, err := metric.Open(cfg, log, reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	targets, err := promscrape.NewManager(nil, log, nil, nil, store, reg)
	require.NoError(t, err)
	m, err := relay.New(relay.Options{Config: c, Dir: cfg.Dir, Targets: targets, Registerer: reg, Log: log})
	require.NoError(t, err)
	store.Follow(m)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return m, store
}

// send appends samples of name, with values that count up from 0, until one of
// them arrives: a queue begins with what comes after its start.
func send(t *testing.T, store *metric.Store, name string, got <-chan string) (first string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		app := store.AppenderV2(t.Context())
		_, err := app.Append(0, labels.FromStrings("__name__", name, "job", "a"), 0, time.Now().UnixMilli(), float64(i), nil, nil, promstorage.AOptions{})
		require.NoError(t, err)
		require.NoError(t, app.Commit())
		select {
		case s := <-got:
			return s
		case <-tick.C:
		case <-deadline:
			t.Fatal("nothing has arrived")
		}
	}
}

const one = `
global: {external_labels: {site: here}}
remote_write:
  - url: %s
    queue_config: {batch_send_deadline: 50ms}
    metadata_config: {send: false}
    write_relabel_configs: [{source_labels: [__name__], regex: private, action: drop}]
`

func TestWhatIsStoredIsSentOn(t *testing.T) {
	url, got := receiver(t)
	_, store := start(t, load(t, one, url))
	require.Contains(t, send(t, store, "up", got), `{__name__="up", job="a", site="here"} `)
}

func TestAReloadStartsAndMovesQueues(t *testing.T) {
	m, store := start(t, load(t, ""))
	url, got := receiver(t)
	require.NoError(t, m.Apply(load(t, one, url)))
	require.Contains(t, send(t, store, "first", got), `"first"`)

	bad := load(t, "remote_write: [{url: 'http://u:secret@h/', tls_config: {ca_file: /nowhere.pem}}]")
	err := m.Apply(bad)
	require.ErrorContains(t, err, "remote_write to http://u:xxxxx@h/: unable to read CA cert")
	require.Contains(t, send(t, store, "first", got), `"first"`)

	other, moved := receiver(t)
	require.NoError(t, m.Apply(load(t, one, other)))
	require.Contains(t, send(t, store, "second", moved), `"second"`)

	require.NoError(t, m.Apply(load(t, "")))
	app := store.AppenderV2(t.Context())
	_, err = app.Append(0, labels.FromStrings("__name__", "third"), 0, time.Now().UnixMilli(), 1, nil, nil, promstorage.AOptions{})
	require.NoError(t, err)
	require.NoError(t, app.Commit(), "storing goes on without anybody to send to")
}
