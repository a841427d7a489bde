package logql_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var update = flag.Bool("update", false, "write what the engine answers into the scripts")

// TestScripts runs testdata/*.test. Commands start at the margin, what belongs
// to them is indented:
//
//	load {app="api"}                 lines: time, optional [name="value"], text
//	eval logs QUERY                  newest first, times 0s to 1h
//	eval forward QUERY               oldest first
//	eval limit N QUERY               the N newest
//	eval instant TIME QUERY
//	eval range START END STEP QUERY
//	clear                            forgets all lines
//
// Below an eval stands the answer, or the error.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := &script{store: &storagetest.Memory{}}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			got := s.run(t, want)
			if *update {
				require.NoError(t, os.WriteFile(file, got, 0o644))
				return
			}
			require.Equal(t, string(want), string(got))
		})
	}
}

type script struct {
	store *storagetest.Memory
	out   bytes.Buffer
}

// run executes a script and returns it with the answers of now.
func (s *script) run(t *testing.T, text []byte) []byte {
	t.Helper()
	sc := bufio.NewScanner(bytes.NewReader(text))
	var block []string // the command and its indented lines
	flush := func() {
		if len(block) > 0 {
			s.command(t, block)
		}
		block = nil
	}
	for sc.Scan() {
		line := sc.Text()
		switch {
		case strings.HasPrefix(line, "  "):
			block = append(block, line)
		case line == "" || strings.HasPrefix(line, "#"):
			flush()
			s.out.WriteString(line + "\n")
		default:
			flush()
			block = []string{line}
		}
	}
	flush()
	return s.out.Bytes()
}

func (s *script) command(t *testing.T, block []string) {
	t.Helper()
	head := block[0]
	s.out.WriteString(head + "\n")
	switch {
	case head == "clear":
		s.store = &storagetest.Memory{}
	case strings.HasPrefix(head, "load "):
		for _, l := range block[1:] {
			s.out.WriteString(l + "\n")
		}
		s.load(t, strings.TrimPrefix(head, "load "), block[1:])
	case strings.HasPrefix(head, "eval "):
		s.eval(t, strings.TrimPrefix(head, "eval "))
	default:
		t.Fatalf("unknown command %q", head)
	}
}

func (s *script) load(t *testing.T, selector string, lines []string) {
	t.Helper()
	sel, err := logql.ParseSelector(selector)
	require.NoError(t, err)
	st := &model.Stream{}
	for _, m := range sel.Matchers {
		st.Attrs = append(st.Attrs, model.Attr{Key: m.Name, Value: model.String(m.Value)})
	}
	st.Attrs = model.SortAttrs(st.Attrs)
	bd := model.NewBuilder(model.Logs, len(lines))
	ref := bd.Stream(st)
	for _, l := range lines {
		at, text, ok := strings.Cut(strings.TrimPrefix(l, "  "), " ")
		require.True(t, ok, l)
		d, err := time.ParseDuration(at)
		require.NoError(t, err)
		var meta string
		if strings.HasPrefix(text, "[") && strings.Contains(text, "] ") {
			meta, text, _ = strings.Cut(text[1:], "] ")
		}
		if q, err := strconv.Unquote(text); err == nil {
			text = q
		}
		bd.Row(ref, int64(d), text)
		for meta != "" {
			var name, value string
			name, meta, _ = strings.Cut(meta, "=")
			q, err := strconv.QuotedPrefix(meta)
			require.NoError(t, err)
			value, err = strconv.Unquote(q)
			require.NoError(t, err)
			bd.Attr(name, model.String(value))
			meta = strings.TrimLeft(meta[len(q):], " ,")
		}
	}
	require.NoError(t, s.store.Append(t.Context(), bd.Batch()))
}

func (s *script) eval(t *testing.T, text string) {
	t.Helper()
	word := func() string {
		w, rest, _ := strings.Cut(text, " ")
		text = rest
		return w
	}
	duration := func() int64 {
		d, err := time.ParseDuration(word())
		require.NoError(t, err)
		return int64(d)
	}
	p := logql.Params{End: int64(time.Hour)}
	instant := false
	switch mode := word(); mode {
	case "logs":
	case "forward":
		p.Forward = true
	case "limit":
		n, err := strconv.Atoi(word())
		require.NoError(t, err)
		p.Limit = n
	case "instant":
		instant = true
		p.Start = duration()
		p.End = p.Start
	case "range":
		p.Start, p.End, p.Step = duration(), duration(), time.Duration(duration())
	default:
		t.Fatalf("unknown eval %q", mode)
	}
	res, err := s.answer(t, text, instant, p)
	if err != nil {
		for l := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
			fmt.Fprintf(&s.out, "  error: %s\n", l)
		}
		return
	}
	for _, st := range res.Streams {
		for _, en := range st.Entries {
			fmt.Fprintf(&s.out, "  %s %v %q\n", st.Labels, time.Duration(en.Time), en.Line)
		}
	}
	for _, series := range res.Matrix {
		fmt.Fprintf(&s.out, "  %s", series.Labels)
		for _, pt := range series.Points {
			fmt.Fprintf(&s.out, " %s@%v", strconv.FormatFloat(pt.Value, 'g', 9, 64), time.Duration(pt.Time))
		}
		s.out.WriteString("\n")
	}
}

// answer also checks that a query means the same once it is printed.
func (s *script) answer(t *testing.T, text string, instant bool, p logql.Params) (*logql.Result, error) {
	t.Helper()
	expr, err := logql.Parse(text)
	if err != nil {
		return nil, err
	}
	again, err := logql.Parse(expr.String())
	require.NoError(t, err, "%s printed as %s", text, expr)
	require.Equal(t, expr.String(), again.String())
	e := logql.NewEngine(s.store, query.DefaultLimits())
	if instant {
		return e.Instant(t.Context(), again, p)
	}
	return e.Range(t.Context(), again, p)
}
