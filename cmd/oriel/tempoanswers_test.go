package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/traceql/oracletest"
)

// TestAnswersOfATempoServer sends the real binary the spans that a Tempo was
// sent, asks it what that Tempo was asked, and compares the answers, also
// after a restart.
func TestAnswersOfATempoServer(t *testing.T) {
	o := oracletest.Load(t, time.Now().Add(-time.Hour).Truncate(30*time.Minute))
	s := startKilled(t, "self: {enabled: false}\ntempo: {block_lists: true}\n")
	for _, body := range o.Requests() {
		require.NoError(t, s.post("/v1/traces", "application/json", "", body))
	}
	beforeAndAfterRestart(t, s, func() error { return found(s.tempo, o.Spans()) }, func(t *testing.T) { o.Run(t, s.tempo) })
}

// tempo asks the Tempo API, as an oracletest.Asker.
func (s *killed) tempo(path string, params url.Values) (int, []byte) {
	return s.ask("/tempo" + path + "?" + params.Encode())
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
