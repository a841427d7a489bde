package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/testkit"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/event"
)

func TestBeforeTheStoresAreOpenOnlyHealthAnswers(t *testing.T) {
	r := newReplays()
	r.logs.Begin(func() (int, int) { return 12, 40 })
	g := newGate(r, "/watch")
	const why = "Oriel is starting: replaying the write-ahead log, segment 12 of 40 of logs."
	for _, tt := range []struct {
		path, accept string
		status       int
		media, body  string
	}{
		{"/-/healthy", "", http.StatusOK, "", "alive"},
		{"/-/ready", "text/html", http.StatusServiceUnavailable, "text/plain; charset=utf-8", why},
		{"/watch/-/ready", "", http.StatusServiceUnavailable, "text/plain; charset=utf-8", why},
		{"/api/v1/query", "", http.StatusServiceUnavailable, "application/json", `{"error":"` + why + `","errorType":"unavailable","status":"error"}`},
		{"/watch/data", "text/html,*/*;q=0.8", http.StatusServiceUnavailable, "text/html; charset=utf-8", `<progress aria-label="Write-ahead log of logs" max="40" value="11">`},
		{"/data", "text/html", http.StatusServiceUnavailable, "text/html; charset=utf-8", why},
		{"/api/v1/status/walreplay", "", http.StatusOK, "application/json", `{"store":"logs","state":"in progress","segment":12,"segments":40,`},
	} {
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, tt.path, nil)
		req.Header.Set("Accept", tt.accept)
		g.ServeHTTP(w, req)
		require.Equal(t, tt.status, w.Code, tt.path)
		require.Contains(t, w.Body.String(), tt.body, tt.path)
		if tt.media != "" {
			require.Equal(t, tt.media, w.Header().Get("Content-Type"), tt.path)
		}
		require.Equal(t, tt.status != http.StatusOK, w.Header().Get("Retry-After") != "", tt.path)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"), tt.path)
		require.Equal(t, strings.HasPrefix(tt.media, "text/html"), w.Header().Get("Content-Security-Policy") != "", tt.path)
	}
	w := httptest.NewRecorder()
	post := httptest.NewRequest(http.MethodPost, "/v1/logs", strings.NewReader("x"))
	post.Header.Set("Accept", "text/html")
	g.ServeHTTP(w, post)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"), "what is sent is no page")

	g.open(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w = httptest.NewRecorder()
	g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/-/ready", nil))
	require.Equal(t, http.StatusOK, w.Code)
}

func TestTheStartSaysWhatItIsAt(t *testing.T) {
	r := newReplays()
	require.Equal(t, "Oriel is starting: the stores are being opened.", r.sentence())
	r.metrics.Begin(func() (int, int) { return 1, 2 })
	r.logs.Begin(func() (int, int) { return 3, 4 })
	require.Equal(t, "Oriel is starting: replaying the write-ahead log, segment 1 of 2 of metrics, segment 3 of 4 of logs.", r.sentence())
	r.metrics.End()
	r.logs.End()
	require.Equal(t, "Oriel is starting: the stores are being opened.", r.sentence())
	r.spans.Begin(func() (int, int) { return 0, 0 })
	r.spans.End()
	require.Equal(t, "Oriel is starting: the stores are nearly open.", r.sentence())
}

// A slowDisk comes to a file only when it is told to.
type slowDisk struct {
	vfs.Disk
	file   string // the end of its name
	asked  chan struct{}
	answer chan struct{}
}

func (d slowDisk) Open(name string) (vfs.File, error) {
	if strings.HasSuffix(name, d.file) {
		close(d.asked)
		<-d.answer
	}
	return d.Disk.Open(name)
}

func TestALongReplayCanBeWatched(t *testing.T) {
	addr, err := testkit.FreeAddr()
	require.NoError(t, err)
	flags := &serveFlags{DataDir: filepath.Join(t.TempDir(), "data"), Listen: addr, LogLevel: "error"}
	cfg, err := flags.load()
	require.NoError(t, err)
	cfg.Storage.Event.FS = nil
	for range 3 { // each time it opens it begins another segment
		s, err := event.Open(cfg.Storage.Event, slog.New(slog.DiscardHandler), newRegistry())
		require.NoError(t, err)
		bd := model.NewBuilder(model.Logs, 1)
		bd.Row(bd.Stream(&model.Stream{}), 1, "a line")
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Close())
	}

	disk := slowDisk{file: "logs/wal/0000000002.wal", asked: make(chan struct{}), answer: make(chan struct{})}
	cfg.Storage.Event.FS = disk
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- flags.serve(ctx, cfg, streams{out: io.Discard, err: io.Discard}) }()
	defer func() {
		cancel()
		require.NoError(t, <-ended)
	}()
	select {
	case <-disk.asked:
	case err := <-ended:
		ended <- nil
		require.FailNow(t, "not started", "%v", err)
	}

	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	reused := false
	ask := func(path string) (int, string) {
		traced := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }})
		req, err := http.NewRequestWithContext(traced, http.MethodGet, "http://"+addr+path, nil)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
	status, body := ask("/-/ready")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "segment 2 of 3 of logs")
	status, body = ask("/api/v1/status/walreplay")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `{"store":"spans","state":"waiting",`)

	close(disk.answer)
	require.NoError(t, await(func() error {
		if status, body := ask("/-/ready"); status != http.StatusOK {
			return io.ErrNoProgress
		} else if body != "Oriel is ready.\n" {
			require.FailNow(t, "of what?", body)
		}
		return nil
	}))
	require.True(t, reused, "connections outlive the start")
	_, body = ask("/oriel/api/v1/status")
	var own struct{ Replay []storeReplay }
	require.NoError(t, json.Unmarshal([]byte(body), &own))
	require.Len(t, own.Replay, 3)
	logs := own.Replay[1]
	require.Equal(t, "logs", logs.Store)
	require.Equal(t, 3, logs.Segments)
	require.EqualValues(t, "done", logs.State)
	require.Positive(t, logs.Seconds)
}
