package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-logfmt/logfmt"
	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// A sentLine is a line as a server would decode it.
type sentLine struct {
	stream string
	at     time.Time
	text   string
}

// fields splits a message into field numbers and their bytes or varints.
func fields(t *testing.T, b []byte, each func(num protowire.Number, data []byte, v uint64)) {
	t.Helper()
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		var data []byte
		var v uint64
		switch typ {
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(b)
		default:
			v, n = protowire.ConsumeVarint(b)
		}
		require.Positive(t, n)
		b = b[n:]
		each(num, data, v)
	}
}

// sentLines decodes Loki push requests, in order of sending per connection.
func sentLines(t *testing.T, l *load) (out [][]sentLine) {
	t.Helper()
	for _, bodies := range l.conns {
		var lines []sentLine
		for _, b := range bodies {
			plain, err := snappy.Decode(nil, b.data)
			require.NoError(t, err)
			before := len(lines)
			fields(t, plain, func(_ protowire.Number, stream []byte, _ uint64) {
				var name string
				fields(t, stream, func(num protowire.Number, data []byte, _ uint64) {
					if num == 1 {
						name = string(data)
						return
					}
					line := sentLine{stream: name}
					fields(t, data, func(num protowire.Number, data []byte, _ uint64) {
						if num == 2 {
							line.text = string(data)
							return
						}
						var s, ns uint64
						fields(t, data, func(num protowire.Number, _ []byte, v uint64) {
							if num == 1 {
								s = v
							} else {
								ns = v
							}
						})
						line.at = time.Unix(int64(s), int64(ns))
					})
					lines = append(lines, line)
				})
			})
			require.Len(t, lines[before:], b.units)
		}
		out = append(out, lines)
	}
	return out
}

func TestGeneratedLinesAreWhatTheirStreamSays(t *testing.T) {
	o := smallOptions(t, "-mix", "full", "-lines", "8000")
	l, err := generateLogs(logFormatOf("loki"), o)
	require.NoError(t, err)
	streams, kinds, needles, raw := map[string]time.Time{}, map[string]int{}, 0, 0
	for _, lines := range sentLines(t, l.load) {
		for _, line := range lines {
			raw += len(line.text)
			require.False(t, line.at.Before(o.start()) || line.at.After(o.end), "time %v", line.at)
			require.False(t, line.at.Before(streams[line.stream]), "times of a stream go back")
			streams[line.stream] = line.at
			needles += strings.Count(line.text, l.words.needle)
			_, kind, _ := strings.Cut(line.stream, `logtype="`)
			kind, _, _ = strings.Cut(kind, `"`)
			kinds[kind]++
			switch kind {
			case "json":
				require.True(t, json.Valid([]byte(line.text)), line.text)
			case "logfmt":
				dec := logfmt.NewDecoder(strings.NewReader(line.text))
				n := 0
				for dec.ScanRecord() {
					for dec.ScanKeyval() {
						n++
					}
				}
				require.NoError(t, dec.Err(), line.text)
				require.GreaterOrEqual(t, n, 9, line.text)
			case "java":
				if first, rest, many := strings.Cut(line.text, "\n"); many {
					require.Contains(t, first, "ERROR")
					require.Contains(t, rest, "\n\tat com.example.")
					require.Contains(t, rest, "\nCaused by: ")
				}
			}
		}
	}
	require.Equal(t, raw, l.raw)
	require.Equal(t, 1, needles)
	require.Len(t, streams, 200)
	for kind := range lineKinds() {
		require.Greater(t, kinds[kind], 500, kind)
	}
}

func TestOneLineInSixtyThousandIsRare(t *testing.T) {
	o := smallOptions(t, "-lines", "250000", "-conns", "2")
	l, err := generateLogs(logFormatOf("loki"), o)
	require.NoError(t, err)
	rare := 0
	for _, lines := range sentLines(t, l.load) {
		for _, line := range lines {
			if strings.Contains(line.text, l.words.rare) {
				rare++
				require.Contains(t, line.stream, `logtype="text"`)
			}
		}
	}
	require.Equal(t, 4, rare)
}

func TestQuestionsFollowTheMix(t *testing.T) {
	names := func(o *options) string {
		var all []string
		for _, q := range logQuestions(searchWords{needle: "n", rare: "segfault", frequent: "f"}, o) {
			require.NotEmpty(t, q.logsql, q.name)
			all = append(all, q.name)
		}
		return strings.Join(all, " ")
	}
	require.NotContains(t, names(smallOptions(t)), "logfmt")
	require.Contains(t, names(smallOptions(t, "-mix", "full")), "logfmt_level_over_time_plain")
	require.Contains(t, names(smallOptions(t, "-mix", "full")), "stack_trace_newest_100")
}

func TestASubstringIsNeitherWordNorPrefixNorSuffix(t *testing.T) {
	require.Equal(t, "gfaul", innerOf("segfault"))
	require.Equal(t, "ello", innerOf("hello"))
}
