//go:build e2e

package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The data is the user's: DuckDB, which knows nothing of Oriel, reads logs and
// spans from the files of a running server, complete and with their values.
// Only of times it shows microseconds: its type for times in UTC has no more.
func TestDuckDBReadsTheDataFolder(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, []byte("storage: {event: {flush_idle: 1s}}\nself: {enabled: false}\n"), 0o644))
	o := startOriel(t, "serve", false, "--config", config)

	lines := duckLines(time.Now().Add(-10 * time.Minute))
	pushLines(t, o, lines)
	spans := duckSpans(time.Now().Add(-5 * time.Minute))
	postJSON(t, o.url+"/v1/traces", otlpTraces(spans))

	awaitRows(t, o, "logs", len(lines))
	requireLines(t, o, lines)
	awaitRows(t, o, "spans", len(spans))
	requireSpans(t, o, spans)
}

// parquet is the FROM clause of all parts of a signal. A folder that ends in
// .tmp is a part not written to its end.
func parquet(o oriel, signal string) string {
	return fmt.Sprintf("read_parquet('%s/event/%s/*/*[0-9]/events.parquet', union_by_name=true, filename=true)", o.dir, signal)
}

// duckdb runs a query; 64-bit integers come as strings of digits.
func duckdb(t *testing.T, sql string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(run(t, "node", program(t, "node"), "duckdb.mjs", sql)), &rows))
	return rows
}

func awaitRows(t *testing.T, o oriel, signal string, want int) {
	t.Helper()
	await(t, func() error {
		if parts, err := filepath.Glob(o.dir + "/event/" + signal + "/*/*[0-9]/events.parquet"); err != nil || len(parts) == 0 {
			return fmt.Errorf("no parts of %s yet: %w", signal, err)
		}
		if n := duckdb(t, "select count(*) n from "+parquet(o, signal))[0]["n"]; n != strconv.Itoa(want) {
			return fmt.Errorf("%v %s in parts, want %d", n, signal, want)
		}
		return nil
	})
}

// A duckLine is a log line as it was sent.
type duckLine struct {
	ns     int64
	stream int
	body   string
	user   string // structured metadata
}

// duckLines are lines of every sort, more than two granules of them.
func duckLines(from time.Time) []duckLine {
	var out []duckLine
	for i := range 10_000 {
		l := duckLine{ns: from.UnixNano() + int64(i)*1_000_003, stream: i % 5, user: fmt.Sprintf("u-%d", i%7)}
		switch l.stream {
		case 0:
			l.body = fmt.Sprintf(`{"level":"%s","status":%d,"took":%d.5,"ok":%t,"path":"/p/%d","id":"%s","trace_id":"%s"}`,
				[]string{"info", "warn"}[i%2], 200+i%4, i, i%3 == 0, i, duckUUID(i), duckTraceID(i))
		case 1:
			l.body = fmt.Sprintf(`ts=%d level=info msg="job %d done" worker=w-%d`, i, i, i%3)
		case 2:
			l.body = fmt.Sprintf("größe %d: ✓ 'quoted' \\ and\ttabs", i)
		case 3:
			l.body = fmt.Sprintf("panic: %d\n\tat main.go:%d\n\tat lib.go:1", i, i)
		default:
			l.body = fmt.Sprintf(`{ "spaced" : %d, "nested": {"a": [1, 2]}, "big": %d }`, i, int64(1)<<60+int64(i))
		}
		out = append(out, l)
	}
	return out
}

func duckUUID(i int) string { return fmt.Sprintf("0af76519-16cd-43dd-8448-%012x", i) }

func duckTraceID(i int) string { return fmt.Sprintf("4bf92f3577b34da6%016x", i) }

func pushLines(t *testing.T, o oriel, lines []duckLine) {
	t.Helper()
	type stream struct {
		Stream map[string]string `json:"stream"`
		Values [][]any           `json:"values"`
	}
	streams := make([]stream, 5)
	for i := range streams {
		streams[i].Stream = map[string]string{"app": "duck", "n": strconv.Itoa(i)}
	}
	for _, l := range lines {
		v := []any{strconv.FormatInt(l.ns, 10), l.body, map[string]string{"user": l.user}}
		streams[l.stream].Values = append(streams[l.stream].Values, v)
	}
	postJSON(t, o.url+"/loki/api/v1/push", map[string]any{"streams": streams})
}

func postJSON(t *testing.T, url string, v any) {
	t.Helper()
	body, err := json.Marshal(v)
	require.NoError(t, err)
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, 2, resp.StatusCode/100, "%s: %s", url, resp.Status)
}

// requireLines compares row by row; the times of the lines differ, so that
// they are the order of both.
func requireLines(t *testing.T, o oriel, want []duckLine) {
	t.Helper()
	rows := duckdb(t, `select *, epoch_us("time") as us from `+parquet(o, "logs")+` order by "time"`)
	require.Len(t, rows, len(want))
	streamOf := map[string]int{} // a number of a part to the stream it stands for
	for i, row := range rows {
		l := want[i]
		require.Equal(t, strconv.FormatInt(l.ns/1000, 10), row["us"])
		require.Equal(t, l.user, row["attr.user"])
		requireBody(t, l.body, row)
		key := fmt.Sprint(row["filename"], row["stream"])
		if _, ok := streamOf[key]; !ok {
			streamOf[key] = l.stream
		}
		require.Equal(t, streamOf[key], l.stream, "rows of two streams have one number")
	}
	parts := duckdb(t, "select count(distinct filename) n from "+parquet(o, "logs"))[0]["n"]
	require.Equal(t, fmt.Sprint(len(streamOf)), fmt.Sprint(5*atoi(t, parts)), "rows of one stream have several numbers")

	// What one would write by hand.
	from := fmt.Sprintf(` from %s where epoch_us("time") >= %d`, parquet(o, "logs"), want[5000].ns/1000)
	byUser, byStatus := map[string]int{}, map[string]int{}
	for i, l := range want[5000:] {
		byUser[l.user]++
		if l.stream == 0 {
			byStatus[strconv.Itoa(200+i%4)]++
		}
	}
	require.Equal(t, byUser, counts(t, `select "attr.user" k, count(*) n`+from+` group by k`))
	require.Equal(t, byStatus, counts(t, `select "json.status" k, count(*) n`+from+` and k is not null group by k`))
	found := duckdb(t, `select "json.path (/p/#)" path from `+parquet(o, "logs")+` where hex("json.trace_id") = upper('`+duckTraceID(4560)+`')`)
	require.Len(t, found, 1)
	require.Equal(t, "4560", fmt.Sprint(found[0]["path"]))
}

// counts runs a query of keys k and numbers n.
func counts(t *testing.T, sql string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, row := range duckdb(t, sql) {
		out[fmt.Sprint(row["k"])] = atoi(t, row["n"])
	}
	return out
}

// requireBody checks a line: whole in body, or cut into columns, one per value.
func requireBody(t *testing.T, want string, row map[string]any) {
	t.Helper()
	if row["body"] != nil {
		require.Equal(t, want, row["body"])
		return
	}
	values := map[string]string{}
	if strings.HasPrefix(want, "{") {
		var object map[string]any
		dec := json.NewDecoder(strings.NewReader(want))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&object))
		for k, v := range object {
			switch v.(type) {
			case string, json.Number, bool:
				if k != "trace_id" { // bytes, which are looked for below
					values["json."+k] = fmt.Sprint(v)
				}
			}
		}
	} else {
		for _, pair := range strings.Fields(want) {
			if k, v, ok := strings.Cut(pair, "="); ok && !strings.HasPrefix(v, `"`) {
				values["logfmt."+k] = v
			}
		}
	}
	require.NotEmpty(t, values, "the body of %q is null", want)
	for column, v := range values {
		require.Equal(t, v, cell(t, row, column), "%s of %q", column, want)
	}
}

// cell returns the value of a column, whose name says what stands around
// numbers: "json.took (#ms)".
func cell(t *testing.T, row map[string]any, column string) string {
	t.Helper()
	for name, v := range row {
		if name == column && v != nil {
			return fmt.Sprint(v)
		}
		if around, ok := strings.CutPrefix(name, column+" ("); ok && v != nil {
			return strings.Replace(strings.TrimSuffix(around, ")"), "#", fmt.Sprint(v), 1)
		}
	}
	require.Fail(t, "a line without a body has its values in columns", "%s: %v", column, row)
	return ""
}

func atoi(t *testing.T, v any) int {
	t.Helper()
	n, err := strconv.Atoi(fmt.Sprint(v))
	require.NoError(t, err)
	return n
}

// A duckSpan is a span as it was sent.
type duckSpan struct {
	start, end          int64
	trace, span, parent string // hex
	name                string
	orders              int
}

func duckSpans(from time.Time) []duckSpan {
	var out []duckSpan
	for i := range 300 {
		s := duckSpan{start: from.UnixNano() + int64(i)*1_000_001, name: fmt.Sprintf("op %d", i%4), orders: i}
		s.end = s.start + int64(i)*1000
		s.trace = hex.EncodeToString(fmt.Appendf(nil, "trace%011d", i/3))
		s.span = hex.EncodeToString(fmt.Appendf(nil, "span%04d", i))
		if i%3 > 0 {
			s.parent = out[i-1].span
		}
		out = append(out, s)
	}
	return out
}

func otlpTraces(spans []duckSpan) any {
	type object = map[string]any
	var list []object
	for _, s := range spans {
		list = append(list, object{
			"traceId": s.trace, "spanId": s.span, "parentSpanId": s.parent, "name": s.name, "kind": 2,
			"startTimeUnixNano": strconv.FormatInt(s.start, 10), "endTimeUnixNano": strconv.FormatInt(s.end, 10),
			"attributes": []object{{"key": "orders", "value": object{"intValue": strconv.Itoa(s.orders)}}},
		})
	}
	resource := object{"attributes": []object{{"key": "service.name", "value": object{"stringValue": "duck"}}}}
	return object{"resourceSpans": []object{{"resource": resource, "scopeSpans": []object{{"spans": list}}}}}
}

func requireSpans(t *testing.T, o oriel, want []duckSpan) {
	t.Helper()
	rows := duckdb(t, `select epoch_us("time") as us, duration, lower(hex(trace_id)) trace, lower(hex(span_id)) span, lower(hex(parent_id)) parent,
		body, kind, "attr.orders" orders from `+parquet(o, "spans")+` order by "time"`)
	require.Len(t, rows, len(want))
	for i, row := range rows {
		s := want[i]
		require.Equal(t, strconv.FormatInt(s.start/1000, 10), row["us"])
		require.Equal(t, strconv.FormatInt(s.end-s.start, 10), row["duration"])
		require.Equal(t, []any{s.trace, s.span, s.name}, []any{row["trace"], row["span"], row["body"]})
		if s.parent == "" {
			s.parent = strings.Repeat("0", 16)
		}
		require.Equal(t, s.parent, row["parent"])
		require.Equal(t, "2", fmt.Sprint(row["kind"]))
		require.Equal(t, strconv.Itoa(s.orders), fmt.Sprint(row["orders"]))
	}
}
