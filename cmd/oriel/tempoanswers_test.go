package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/testkit"
	"github.com/oriel-obs/oriel/query/traceql/oracletest"
)

// TestAnswersOfATempoServer sends the real binary the spans that a Tempo was
// sent, asks it what that Tempo was asked, and compares the answers, also
// after a restart.
func TestAnswersOfATempoServer(t *testing.T) {
	addr, err := testkit.FreeAddr()
	require.NoError(t, err)
	conf := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(conf, []byte("self: {enabled: false}\ntempo: {block_lists: true}\n"), 0o600))
	s := &killed{t: t, addr: addr, dir: t.TempDir(), flags: []string{"--config", conf}}
	s.start()
	defer func() { s.kill() }()

	o := oracletest.Load(t, time.Now().Add(-time.Hour).Truncate(30*time.Minute))
	for _, body := range o.Requests() {
		require.NoError(t, s.post("/v1/traces", "application/json", "", body))
	}
	ask := tempoAt(addr)
	run := func(name string) {
		require.NoError(t, await(func() error { return found(ask, o.Spans()) }))
		t.Run(name, func(t *testing.T) { o.Run(t, ask) })
	}
	run("as sent")
	s.restart()
	run("restarted")
}

// tempoAt asks the Tempo API of a server; status 0 says that there was none.
func tempoAt(addr string) oracletest.Asker {
	return func(path string, params url.Values) (int, []byte) {
		resp, err := http.Get("http://" + addr + "/tempo" + path + "?" + params.Encode())
		if err != nil {
			return 0, []byte(err.Error())
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, []byte(err.Error())
		}
		return resp.StatusCode, bytes.TrimSpace(body)
	}
}

// found returns an error unless a search of the last hours finds so many spans.
func found(ask oracletest.Asker, spans int) error {
	code, body := ask("/api/search", url.Values{
		"q": {"{}"}, "limit": {"1000"}, "spss": {"1"}, "start": {strconv.FormatInt(time.Now().Add(-3*time.Hour).Unix(), 10)}, "end": {strconv.FormatInt(time.Now().Unix(), 10)},
	})
	var doc struct {
		Traces []struct {
			SpanSet struct{ Matched int }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return fmt.Errorf("status %d: %s", code, body)
	}
	n := 0
	for _, tr := range doc.Traces {
		n += tr.SpanSet.Matched
	}
	if n != spans {
		return fmt.Errorf("found %d spans of %d", n, spans)
	}
	return nil
}
