// Package oracletest holds what Loki 3.8 answered, over HTTP, to queries about
// fixed lines, and compares a server's answers with it.
package oracletest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed data
var data embed.FS

// Answers are the recorded questions, with the answers Loki gave.
type Answers struct {
	base      int64 // ns since the Unix epoch
	questions []question
	answers   map[string]answer
	lines     []Line
}

// A question is a request; times are ns after the base.
type question struct {
	ID       string          `json:"id"`
	Query    json.RawMessage `json:"q"` // a string, or several
	Type     string          `json:"t"` // range by default
	Start    *int64          `json:"start"`
	End      *int64          `json:"end"`
	Time     *int64          `json:"time"`
	Step     any             `json:"step"`
	Limit    any             `json:"limit"`
	Dir      string          `json:"dir"`
	Interval string          `json:"interval"`
	Label    string          `json:"label"`
	Ordered  bool            `json:"ordered"`
}

type answer struct {
	Status  int             `json:"s"`
	Message string          `json:"m"`
	Type    string          `json:"r"`
	Value   json.RawMessage `json:"v"`
}

// A Line is one that Loki was sent. Offset is ns after the base.
type Line struct {
	Stream map[string]string `json:"stream"`
	Offset int64             `json:"offset"`
	Text   string            `json:"line"`
	Meta   map[string]string `json:"meta"`
}

// Load returns the answers about lines that begin at base, which must be a full
// hour.
func Load(t testing.TB, base time.Time) *Answers {
	t.Helper()
	o := &Answers{base: base.UnixNano()}
	require.NoError(t, json.NewDecoder(open(t, "queries.json.gz")).Decode(&o.questions))
	require.NoError(t, json.NewDecoder(open(t, "expected.json.gz")).Decode(&o.answers))
	require.NotEmpty(t, o.questions)
	dec, seen := json.NewDecoder(open(t, "lines.ndjson.gz")), map[string]bool{}
	for {
		var l Line
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) {
			return o
		}
		require.NoError(t, err)
		// The same line of one time counts once.
		if id := fmt.Sprint(l.Stream, l.Offset, l.Text, l.Meta); !seen[id] {
			seen[id] = true
			o.lines = append(o.lines, l)
		}
	}
}

// Lines returns all lines that Loki has kept.
func (o *Answers) Lines() []Line { return o.lines }

// Requests returns the lines as push requests of Loki's JSON.
func (o *Answers) Requests(t testing.TB) (bodies [][]byte) {
	t.Helper()
	type stream struct {
		Stream map[string]string `json:"stream"`
		Values [][3]any          `json:"values"`
	}
	const perRequest = 1000
	for begin := 0; begin < len(o.lines); begin += perRequest {
		var push struct {
			Streams []stream `json:"streams"`
		}
		for _, l := range o.lines[begin:min(begin+perRequest, len(o.lines))] {
			meta := l.Meta
			if meta == nil {
				meta = map[string]string{}
			}
			at := strconv.FormatInt(o.base+l.Offset, 10)
			push.Streams = append(push.Streams, stream{l.Stream, [][3]any{{at, l.Text, meta}}})
		}
		body, err := json.Marshal(push)
		require.NoError(t, err)
		bodies = append(bodies, body)
	}
	return bodies
}

func open(t testing.TB, name string) io.Reader {
	t.Helper()
	b, err := data.ReadFile("data/" + name)
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(b))
	require.NoError(t, err)
	return z
}
