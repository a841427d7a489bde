package main

import (
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
	"github.com/oriel-obs/oriel/query/logql/oracletest"
)

// TestAnswersOfALokiServer sends the real binary the lines that a Loki was
// sent, asks it what that Loki was asked, and compares the answers, also after
// a restart.
func TestAnswersOfALokiServer(t *testing.T) {
	addr, err := testkit.FreeAddr()
	require.NoError(t, err)
	conf := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(conf, []byte("self: {enabled: false}\ningest: {loki: {discover_service_name: false, discover_level: false}}\n"), 0o600))
	s := &killed{t: t, addr: addr, dir: t.TempDir(), flags: []string{"--config", conf}}
	s.start()
	defer func() { s.kill() }()

	base := time.Now().Add(-2 * time.Hour).Truncate(time.Hour)
	o := oracletest.Load(t, base)
	for _, body := range o.Requests(t) {
		require.NoError(t, s.post("/loki/api/v1/push", "application/json", "", body))
	}
	ask := lokiAt(addr)
	run := func(name string) {
		require.NoError(t, await(func() error { return counted(ask, base, len(o.Lines())) }))
		t.Run(name, func(t *testing.T) { o.Run(t, ask) })
	}
	run("as sent")
	s.restart()
	run("restarted")
}

// lokiAt asks the Loki API of a server; status 0 says that there was none.
func lokiAt(addr string) oracletest.Asker {
	return func(path string) (int, []byte) {
		resp, err := http.Get("http://" + addr + "/loki" + path)
		if err != nil {
			return 0, []byte(err.Error())
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return 0, []byte(err.Error())
		}
		return resp.StatusCode, body
	}
}

// counted returns an error unless there are so many lines until two hours after
// base.
func counted(ask oracletest.Asker, base time.Time, lines int) error {
	code, body := ask("/api/v1/query?" + url.Values{
		"query": {`sum(count_over_time({app=~".+"}[3h]))`}, "time": {strconv.FormatInt(base.Add(2*time.Hour).UnixNano(), 10)},
	}.Encode())
	var doc struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(body, &doc); err != nil || len(doc.Data.Result) != 1 {
		return fmt.Errorf("status %d: %s", code, body)
	}
	if n := doc.Data.Result[0].Value[1]; n != strconv.Itoa(lines) {
		return fmt.Errorf("counted %v lines of %d", n, lines)
	}
	return nil
}
