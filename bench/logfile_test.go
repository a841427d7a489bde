package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
)

// writeLog writes 2000 lines in which "timeout" is frequent, "corrupted" rare
// and one id is like no other.
func writeLog(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&b, "host-%d request took %dms", i%7, i%90)
		if i%20 == 3 {
			b.WriteString(" upstream-timeout")
		}
		if i%600 == 5 {
			b.WriteString(" corrupted_block corrupted_block")
		}
		if i == 1234 {
			b.WriteString(" trace=0af7651916cd43dd8448eb211c80319c")
		}
		b.WriteString("\n")
		if i == 9 {
			b.WriteString("\n" + strings.Repeat("x", 2*maxLine) + "\r\n")
		}
	}
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	return path
}

func TestARealLogIsPushedLineByLine(t *testing.T) {
	path := writeLog(t, "app.log")
	o := smallOptions(t, "-file", path)
	l, err := readLogs(logFormatOf("loki"), o)
	require.NoError(t, err)
	conns := sentLines(t, l.load)
	require.Len(t, conns, 1, "one stream is one connection's")
	lines := conns[0]
	require.Len(t, lines, 2001)
	require.Equal(t, "host-0 request took 0ms", lines[0].text)
	require.Equal(t, o.start().UnixNano(), lines[0].at.UnixNano())
	require.Len(t, lines[10].text, maxLine, "an overlong line is cut")
	require.Equal(t, "host-3 request took 10ms", lines[11].text)
	require.Contains(t, lines[0].stream, `cluster="prod-eu-1"`)
	require.Contains(t, lines[0].stream, `app="app.log"`)
	require.Equal(t, searchWords{
		needle: "0af7651916cd43dd8448eb211c80319c", rare: "corrupted_block", frequent: "upstream-timeout",
	}, l.words)
}

func TestLinesNameTheirStreams(t *testing.T) {
	o := smallOptions(t, "-file", writeLog(t, "app.log"), "-file-stream", `^host-(\d)`)
	l, err := readLogs(logFormatOf("loki"), o)
	require.NoError(t, err)
	pods := map[string]int{}
	for _, lines := range sentLines(t, l.load) {
		for _, line := range lines {
			_, pod, _ := strings.Cut(line.stream, `pod="`)
			pods[strings.TrimSuffix(pod, `"}`)]++
		}
	}
	require.Len(t, pods, 8)
	require.Equal(t, 286, pods["0"])
	require.Equal(t, 1, pods["app.log"], "the line that names no stream is its file's")
}

func TestCompressedLogsAndLimits(t *testing.T) {
	plain, err := os.ReadFile(writeLog(t, "x"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "app.log.gz")
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	_, err = zip.Write(plain)
	require.NoError(t, err)
	require.NoError(t, zip.Close())
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	n := 0
	require.NoError(t, eachLine(path, 1500, func([]byte) error { n++; return nil }))
	require.Equal(t, 1500, n)

	require.NoError(t, os.WriteFile(path, plain, 0o644))
	require.ErrorContains(t, eachLine(path, 1, nil), path)
}

func TestALogWithoutWordsToSearchForIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "same.log")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("always the same\n", 100)), 0o644))
	_, err := readLogs(logFormatOf("loki"), smallOptions(t, "-file", path))
	require.ErrorContains(t, err, "too few different words")
	require.NoError(t, os.WriteFile(path, []byte("\n\n"), 0o644))
	_, err = readLogs(logFormatOf("loki"), smallOptions(t, "-file", path))
	require.ErrorContains(t, err, "no lines")
}

func TestFieldsOfJSONLogsArePicked(t *testing.T) {
	p := newFieldPicker()
	for i := range 1000 {
		p.add(fmt.Appendf(nil, `{"a":"x%d","level":"l%d","user":"u-%d","id":"%d","bad key":"%d","n":%d}`, i%3, i%5, i%200, i, i%2, i))
	}
	p.add([]byte("not JSON"))
	few, many := p.pick()
	require.Equal(t, []string{"level", "user"}, []string{few, many})

	text := newFieldPicker()
	for range 10 {
		text.add([]byte("plain text"))
	}
	few, many = text.pick()
	require.Empty(t, few+many)

	o := smallOptions(t, "-file", writeLog(t, "x"))
	names := func(w searchWords) (out []string) {
		for _, q := range logQuestions(w, o) {
			out = append(out, q.name)
		}
		return out
	}
	words := searchWords{needle: "n", rare: "rare", frequent: "f"}
	require.NotContains(t, names(words), "few_over_time")
	words.few, words.many = "level", "user"
	require.Contains(t, names(words), "few_over_time")
	require.Contains(t, names(words), "top10_of_many_plain")
}
