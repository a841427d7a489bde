package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/logql/oracletest"
)

// TestAnswersOfALokiServer sends the real binary the lines that a Loki was
// sent, asks it what that Loki was asked, and compares the answers, also after
// a restart.
func TestAnswersOfALokiServer(t *testing.T) {
	base := time.Now().Add(-2 * time.Hour).Truncate(time.Hour)
	o := oracletest.Load(t, base)
	s := startKilled(t, "self: {enabled: false}\ningest: {loki: {discover_service_name: false, discover_level: false}}\n")
	for _, body := range o.Requests(t) {
		require.NoError(t, s.post("/loki/api/v1/push", "application/json", "", body))
	}
	beforeAndAfterRestart(t, s, func() error { return counted(s.loki, base, len(o.Lines())) }, func(t *testing.T) { o.Run(t, s.loki) })
}

// loki asks the Loki API, as an oracletest.Asker.
func (s *killed) loki(path string) (int, []byte) { return s.ask("/loki" + path) }

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
