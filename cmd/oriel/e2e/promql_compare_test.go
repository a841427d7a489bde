//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// TestPromQLAnswers puts the queries of testdata/promql_queries.txt to Oriel
// and to a real Prometheus with the same data, and wants the same answers:
// Debian's Prometheus 2.42, and the Prometheus 3.14 that Oriel is made with.
// Oriel is asked twice, so that what it caches counts too.
func TestPromQLAnswers(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, []byte(
		"promql: {experimental_functions: true, duration_expressions: true, extended_range_selectors: true, fill_modifiers: true}\n"), 0o644))
	now := time.Now().Truncate(time.Minute)
	start := now.Add(-compareSpan)

	t.Run("2.42", func(t *testing.T) {
		prom := startPrometheus(t, program(t, "prometheus"))
		o := startOriel(t, "serve", false, "--config", config)
		data := comparedData()
		writeCompared(t, prom, start, data)
		writeCompared(t, o.url, start, data)
		c := comparison{start: start, versions: "Prometheus 2.42"}
		c.run(t, o.url, prom, func(q comparedQuery) bool { return q.only3 == "" })
	})
	t.Run("3.14", func(t *testing.T) {
		prom := startPrometheus(t, program(t, "prometheus-3"), "--enable-feature=promql-experimental-functions,promql-duration-expr,promql-extended-range-selectors,promql-binop-fill-modifiers")
		o := startOriel(t, "serve", false, "--config", config)
		data := append(comparedData(), comparedHistograms()...)
		writeCompared(t, prom, start, data)
		writeCompared(t, o.url, start, data)
		c := comparison{start: start, versions: "Prometheus 3.14", same: true}
		c.run(t, o.url, prom, func(comparedQuery) bool { return true })
	})
}

// startPrometheus starts a Prometheus that scrapes nothing and takes remote
// write, and returns its URL.
func startPrometheus(t *testing.T, bin string, args ...string) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(config, nil, 0o644))
	return startPrometheusWith(t, bin, config, args...)
}

func startPrometheusWith(t *testing.T, bin, config string, args ...string) string {
	t.Helper()
	dir, addr := t.TempDir(), freeAddr(t)
	start(t, bin, append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + addr, "--web.enable-remote-write-receiver",
	}, args...)...)
	base := "http://" + addr
	await(t, func() error { _, err := get(base+"/-/ready", nil); return err })
	return base
}

// A comparedQuery is a line of the list.
type comparedQuery struct {
	text  string
	only3 string // why it is only put to a Prometheus 3, or ""
}

func comparedQueries(t *testing.T) []comparedQuery {
	t.Helper()
	text, err := os.ReadFile("testdata/promql_queries.txt")
	require.NoError(t, err)
	var all []comparedQuery
	reason := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "":
			reason = ""
		case strings.HasPrefix(line, "! "):
			reason = line[2:]
		case !strings.HasPrefix(line, "#"):
			all = append(all, comparedQuery{line, reason})
		}
	}
	return all
}

type comparison struct {
	start    time.Time // of the data
	versions string
	same     bool // both run the same engine: texts of errors and annotations are equal too
}

// asks are the moments that each query is asked for, relative to the start of
// the data: 3 s past a minute, so that nothing lies on the edge of a range.
func (c comparison) asks() []url.Values {
	at := func(d time.Duration) string {
		return strconv.FormatInt(c.start.Add(d).Unix(), 10)
	}
	return []url.Values{
		{"time": {at(41*time.Minute + 3*time.Second)}},
		{"time": {at(22*time.Minute + 33*time.Second)}},
		{"start": {at(20*time.Minute + 3*time.Second)}, "end": {at(44*time.Minute + 3*time.Second)}, "step": {"60"}},
		{"start": {at(-3*time.Minute + 3*time.Second)}, "end": {at(52*time.Minute + 23*time.Second)}, "step": {"205"}},
		{"start": {at(30*time.Minute + 3*time.Second)}, "end": {at(32*time.Minute + 3*time.Second)}, "step": {"10s"}},
	}
}

// run compares the answers to all queries that want says yes to.
func (c comparison) run(t *testing.T, oriel, prom string, want func(comparedQuery) bool) {
	t.Helper()
	asked, answered, differ := 0, 0, 0
	for _, q := range comparedQueries(t) {
		if !want(q) {
			continue
		}
		asked++
		some := false
		for _, params := range c.asks() {
			params.Set("query", q.text)
			path := "/api/v1/query"
			if params.Has("step") {
				path += "_range"
			}
			w := c.ask(t, prom+path, params)
			some = some || len(w.Data.Result) > len("[]")
			for _, round := range []string{"cold", "warm"} {
				g := c.ask(t, oriel+path, params)
				if diff := c.diff(w, g, ordered(q.text)); diff != "" {
					differ++
					t.Errorf("%s: %s\n%v\n%s (-%s +Oriel)", q.text, round, params, diff, c.versions)
					break
				}
			}
		}
		if some {
			answered++
		}
	}
	require.Greater(t, asked, 300)
	require.Greater(t, answered, 300, "queries that have a result at some time")
	t.Logf("%d queries, %d of them with a result, %d times: %d answers differ", asked, answered, len(c.asks()), differ)
}

// ordered tells whether the order of the elements of an instant vector is
// part of the answer.
func ordered(query string) bool {
	for _, prefix := range []string{"sort(depth", "sort_desc(", "sort(temp", "sort_by_label", "topk(3,", "bottomk(3, depth"} {
		if strings.HasPrefix(query, prefix) {
			return true
		}
	}
	return false
}

// A comparedAnswer is the answer to a query.
type comparedAnswer struct {
	status    int
	ErrorType string
	Error     string
	Warnings  []string
	Infos     []string
	Data      struct {
		ResultType string
		Result     json.RawMessage
	}
}

func (c comparison) ask(t *testing.T, address string, params url.Values) comparedAnswer {
	t.Helper()
	resp, err := http.PostForm(address, params)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	a := comparedAnswer{status: resp.StatusCode}
	require.NoError(t, json.Unmarshal(body, &a), "%s", body)
	return a
}

// diff tells in what g differs from w.
func (c comparison) diff(w, g comparedAnswer, ordered bool) string {
	// Which of two series is named first depends on which was created first.
	w.Error, _, _ = strings.Cut(w.Error, " operation: [")
	g.Error, _, _ = strings.Cut(g.Error, " operation: [")
	if !c.same {
		w.Error, w.Warnings, w.Infos = "", nil, nil
		g.Error, g.Warnings, g.Infos = "", nil, nil
	}
	slices.Sort(w.Warnings) // they come out of a map
	slices.Sort(g.Warnings)
	slices.Sort(w.Infos)
	slices.Sort(g.Infos)
	head := func(a comparedAnswer) []string {
		return []string{strconv.Itoa(a.status), a.ErrorType, a.Error, fmt.Sprint(a.Warnings), fmt.Sprint(a.Infos), a.Data.ResultType}
	}
	if diff := cmp.Diff(head(w), head(g)); diff != "" {
		return diff
	}
	ordered = ordered || w.Data.ResultType == "matrix"
	return cmp.Diff(elements(w.Data.Result, ordered), elements(g.Data.Result, ordered), cmp.Comparer(equalNumbers))
}

// A number is a sample value, count or boundary.
type number string

// equalNumbers tells whether a and b are equal but for the last digits of a
// sum: engines add in different orders.
func equalNumbers(a, b number) bool {
	if a == b {
		return true
	}
	x, xErr := strconv.ParseFloat(string(a), 64)
	y, yErr := strconv.ParseFloat(string(b), 64)
	if xErr != nil || yErr != nil {
		return false
	}
	return math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
}

// elements are those of a result with its numbers marked as such, sorted
// unless they are in an order.
func elements(result json.RawMessage, ordered bool) any {
	var v any
	if len(result) > 0 && json.Unmarshal(result, &v) != nil {
		return string(result)
	}
	list, ok := v.([]any)
	if !ok {
		return v
	}
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			for _, key := range []string{"value", "values", "histogram", "histograms"} {
				if x, ok := m[key]; ok {
					m[key] = marked(x)
				}
			}
		}
	}
	if !ordered {
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(metric(a)), fmt.Sprint(metric(b))) })
	}
	return list
}

func metric(e any) any {
	m, _ := e.(map[string]any)
	return m["metric"]
}

// marked is x with every text in it a number.
func marked(x any) any {
	switch x := x.(type) {
	case string:
		return number(x)
	case []any:
		for i := range x {
			x[i] = marked(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = marked(x[k])
		}
	}
	return x
}
