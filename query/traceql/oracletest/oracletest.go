// Package oracletest holds what Tempo 3.1 answered, over HTTP, to queries about
// fixed spans, and compares a server's answers with it.
package oracletest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"iter"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed data
var data embed.FS

// Window is how long after the base the last span ends.
const Window = 30 * time.Minute

// recorded is the base of the recorded data, in ns since the Unix epoch.
const recorded = 1699999200 * int64(time.Second)

// Answers are the recorded questions, with the answers Tempo gave.
type Answers struct {
	base      time.Time
	requests  [][]byte
	questions []question
	answers   map[string]map[string]any
	meta      map[string]any
	traces    map[string]int            // number by id
	spans     map[string]map[string]int // number by trace id and span id
	starts    map[string][2]int64       // offset and duration by trace and span id
}

type question struct {
	ID, Kind, As, Q, Tag, Scope, Step string
	Start                             int
	Limit, Spss, End                  *int
	Attrs                             any
	Skip                              []string

	hasQ bool // which may be empty
}

// Load returns the answers about spans that begin at base, which must be a
// multiple of half an hour.
func Load(t testing.TB, base time.Time) *Answers {
	t.Helper()
	o := &Answers{base: base, traces: map[string]int{}, spans: map[string]map[string]int{}, starts: map[string][2]int64{}}
	var raw []json.RawMessage
	require.NoError(t, json.Unmarshal(readGzip(t, "queries.json.gz"), &raw))
	for _, r := range raw {
		var q question
		require.NoError(t, json.Unmarshal(r, &q))
		var keys map[string]any
		require.NoError(t, json.Unmarshal(r, &keys))
		_, q.hasQ = keys["q"]
		o.questions = append(o.questions, q)
	}
	var expected struct {
		Answers map[string]map[string]any
		Meta    map[string]any
	}
	require.NoError(t, json.Unmarshal(readGzip(t, "expected.json.gz"), &expected))
	o.answers, o.meta = expected.Answers, expected.Meta
	o.loadIDs(t)
	for line := range bytes.Lines(readGzip(t, "spans.json.gz")) {
		o.addRequest(t, line)
	}
	return o
}

// Requests returns the spans, as OTLP JSON requests.
func (o *Answers) Requests() [][]byte { return o.requests }

// Queries yields the questions that are queries, all of them valid, by id.
func (o *Answers) Queries() iter.Seq2[string, string] {
	return func(yield func(id, q string) bool) {
		for _, q := range o.questions {
			if query := q.Kind == "search" || q.Kind == "range" || q.Kind == "instant"; query && !yield(q.ID, q.Q) {
				return
			}
		}
	}
}

// Spans returns how many spans there are.
func (o *Answers) Spans() int { return len(o.starts) }

func readGzip(t testing.TB, name string) []byte {
	t.Helper()
	f, err := data.Open("data/" + name)
	require.NoError(t, err)
	defer func() { _ = f.Close() }() // it was only read
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	return b
}

func (o *Answers) loadIDs(t testing.TB) {
	t.Helper()
	var ids [][2]any
	require.NoError(t, json.Unmarshal(readGzip(t, "ids.json.gz"), &ids))
	for i, tr := range ids {
		id := tr[0].(string)
		o.traces[id], o.spans[id] = i, map[string]int{}
		for j, s := range tr[1].([]any) {
			o.spans[id][s.(string)] = j
		}
	}
}

var timeField = regexp.MustCompile(`([tT]imeUnixNano": ?")(\d+)"`)

// addRequest adds a recorded request with its times moved to the base.
func (o *Answers) addRequest(t testing.TB, body []byte) {
	t.Helper()
	body = timeField.ReplaceAllFunc(body, func(m []byte) []byte {
		parts := timeField.FindSubmatch(m)
		n, err := strconv.ParseInt(string(parts[2]), 10, 64)
		require.NoError(t, err)
		return append(strconv.AppendInt(bytes.Clone(parts[1]), n-recorded+o.base.UnixNano(), 10), '"')
	})
	o.requests = append(o.requests, body)
	var req struct {
		ResourceSpans []struct {
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID   string
					StartTimeUnixNano int64 `json:",string"`
					EndTimeUnixNano   int64 `json:",string"`
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(body, &req))
	for _, rs := range req.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				o.starts[s.TraceID+s.SpanID] = [2]int64{s.StartTimeUnixNano - o.base.UnixNano(), s.EndTimeUnixNano - s.StartTimeUnixNano}
			}
		}
	}
}
