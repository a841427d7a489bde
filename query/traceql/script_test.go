package traceql_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var update = flag.Bool("update", false, "rewrite the expected answers in testdata/*.test")

// scriptStart is the instant offsets in scripts count from.
const scriptStart = 1699999200 * int64(time.Second)

// TestScripts runs testdata/*.test. A script is paragraphs, each of which
// begins with a command:
//
//	load                     the lines below are spans, one JSON object each
//	search QUERY             below: a line for each spanset
//	range STEP END QUERY     below: a line for each series, points as value@offset
//	instant END QUERY        below: a line for each series
//	fail QUERY               below: the error
//
// Lines that begin with # are comments.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) { runScript(t, f) })
	}
}

func runScript(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	s := &script{store: &storagetest.Memory{}, names: map[model.SpanID]string{}, traces: map[model.TraceID]string{}}
	s.engine = traceql.NewEngine(s.store, query.DefaultLimits())
	var out []string
	for _, par := range strings.Split(strings.TrimRight(string(text), "\n"), "\n\n") {
		lines := strings.Split(par, "\n")
		head := 0
		for head < len(lines) && strings.HasPrefix(lines[head], "#") {
			head++
		}
		if head == len(lines) {
			out = append(out, par)
			continue
		}
		command, want := lines[head], lines[head+1:]
		if command == "load" {
			s.load(t, want)
			out = append(out, par)
			continue
		}
		got := s.eval(t, command)
		if !*update {
			require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"), "%s: %s", file, command)
		}
		out = append(out, strings.Join(append(slices.Clone(lines[:head+1]), got...), "\n"))
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644))
	}
}

type script struct {
	store  *storagetest.Memory
	engine *traceql.Engine
	names  map[model.SpanID]string
	traces map[model.TraceID]string
}

// A scriptSpan is a line of a load paragraph.
type scriptSpan struct {
	Trace, ID, Parent, Service, Name, Kind, Status, Message string
	At, For                                                 string
	Attrs, Resource                                         map[string]any
	Scope                                                   struct {
		Name, Version string
		Attrs         map[string]any
	}
	Events []struct {
		Name, At string
		Attrs    map[string]any
	}
	Links []struct {
		Trace, Span string
		Attrs       map[string]any
	}
}

func (s *script) load(t *testing.T, lines []string) {
	t.Helper()
	bd := model.NewBuilder(model.Spans, len(lines))
	for _, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		dec.DisallowUnknownFields()
		var in scriptSpan
		require.NoError(t, dec.Decode(&in), line)
		if in.Service != "" {
			if in.Resource == nil {
				in.Resource = map[string]any{}
			}
			in.Resource["service.name"] = in.Service
		}
		st := bd.Stream(&model.Stream{
			Attrs: scriptAttrs(t, in.Resource), ScopeName: in.Scope.Name, ScopeVersion: in.Scope.Version, ScopeAttrs: scriptAttrs(t, in.Scope.Attrs),
		})
		at := scriptStart + int64(scriptDuration(t, in.At))
		sp := model.Span{
			TraceID: traceNamed(in.Trace), SpanID: spanNamed(in.ID), Name: in.Name, Start: at, Duration: int64(scriptDuration(t, in.For)),
			StatusMessage: in.Message,
			Kind:          map[string]model.SpanKind{"": 1, "unspecified": 0, "internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}[in.Kind],
			Status:        map[string]model.StatusCode{"ok": 1, "error": 2}[in.Status],
		}
		if in.Parent != "" {
			sp.ParentID = spanNamed(in.Parent)
		}
		for _, e := range in.Events {
			sp.Events = append(sp.Events, model.Event{Name: e.Name, Time: at + int64(scriptDuration(t, e.At)), Attrs: scriptAttrs(t, e.Attrs)})
		}
		for _, l := range in.Links {
			sp.Links = append(sp.Links, model.Link{TraceID: traceNamed(l.Trace), SpanID: spanNamed(l.Span), Attrs: scriptAttrs(t, l.Attrs)})
		}
		bd.Span(st, sp)
		for _, a := range scriptAttrs(t, in.Attrs) {
			bd.Attr(a.Key, a.Value)
		}
		s.names[sp.SpanID], s.traces[sp.TraceID] = in.ID, in.Trace
	}
	require.NoError(t, s.store.Append(t.Context(), bd.Batch()))
}

func traceNamed(name string) (id model.TraceID) {
	h := fnv.New128a()
	h.Write([]byte(name))
	return model.TraceID(h.Sum(nil))
}

func spanNamed(name string) (id model.SpanID) {
	h := fnv.New64a()
	h.Write([]byte(name))
	return model.SpanID(h.Sum(nil))
}

func scriptDuration(t *testing.T, s string) time.Duration {
	t.Helper()
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	require.NoError(t, err)
	return d
}

func scriptAttrs(t *testing.T, m map[string]any) []model.Attr {
	t.Helper()
	var out []model.Attr
	for k, x := range m {
		out = append(out, model.Attr{Key: k, Value: scriptValue(t, x)})
	}
	return model.SortAttrs(out)
}

func scriptValue(t *testing.T, x any) model.Value {
	t.Helper()
	switch x := x.(type) {
	case string:
		return model.String(x)
	case bool:
		return model.Bool(x)
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return model.Int(n)
		}
		f, err := x.Float64()
		require.NoError(t, err)
		return model.Float(f)
	}
	var b bytes.Buffer
	require.NoError(t, json.NewEncoder(&b).Encode(x))
	text := strings.TrimSpace(b.String())
	if strings.HasPrefix(text, "[") {
		return model.Array(text)
	}
	return model.Map(text)
}

func (s *script) eval(t *testing.T, command string) []string {
	t.Helper()
	kind, rest, _ := strings.Cut(command, " ")
	cut := func() string {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		return word
	}
	switch kind {
	case "search":
		return s.search(t, rest)
	case "range":
		step, end := scriptDuration(t, cut()), scriptDuration(t, cut())
		return s.metrics(t, traceql.MetricsRequest{Step: step, Start: scriptStart, End: scriptStart + int64(end)}, rest)
	case "instant":
		end := scriptDuration(t, cut())
		return s.metrics(t, traceql.MetricsRequest{Instant: true, Start: scriptStart - 1, End: scriptStart + int64(end)}, rest)
	case "fail":
		_, err := traceql.Parse(rest)
		require.Error(t, err, rest)
		return []string{err.Error()}
	}
	t.Fatalf("unknown command %q", command)
	return nil
}

func parseAgain(t *testing.T, text string) *traceql.Query {
	t.Helper()
	q, err := traceql.Parse(text)
	require.NoError(t, err, text)
	again, err := traceql.Parse(q.String())
	require.NoError(t, err, "printed: %s", q)
	require.Equal(t, q.String(), again.String())
	return q
}

func (s *script) search(t *testing.T, text string) []string {
	t.Helper()
	r := model.Range{Start: scriptStart, End: scriptStart + int64(24*time.Hour)}
	res, err := s.engine.Search(t.Context(), traceql.SearchRequest{Query: parseAgain(t, text), Range: r})
	require.NoError(t, err, text)
	var out []string
	for _, tr := range res.Traces {
		for _, set := range tr.Sets {
			line := s.traces[tr.ID]
			for _, a := range set.Attrs {
				line += fmt.Sprintf(" %s=%s", a.Name, a.Value.Text())
			}
			line += ":"
			for _, sp := range set.Spans {
				line += " " + s.names[sp.ID]
				if strings.Contains(text, "select(") {
					line += attrsText(sp.Attrs)
				}
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

func attrsText(attrs []model.Attr) string {
	parts := make([]string, len(attrs))
	for i, a := range attrs {
		parts[i] = a.Key + "=" + a.Value.Text()
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (s *script) metrics(t *testing.T, r traceql.MetricsRequest, text string) []string {
	t.Helper()
	r.Query = parseAgain(t, text)
	res, err := s.engine.Metrics(t.Context(), r)
	require.NoError(t, err, text)
	var out []string
	for _, series := range res.Series {
		line := labelsText(series.Labels)
		for i, p := range series.Points {
			if p == p {
				line += " " + pointText(res.Times[i], p)
			}
		}
		out = append(out, line)
	}
	return out
}

func labelsText(labels []traceql.Label) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + l.Value.String()
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func pointText(at int64, v float64) string {
	// Twelve digits hide in which order floats were added up.
	text := strconv.FormatFloat(v, 'g', 12, 64)
	if math.Abs(v) < 1e-12 {
		text = "0"
	}
	return text + "@" + time.Duration(at-scriptStart).String()
}
