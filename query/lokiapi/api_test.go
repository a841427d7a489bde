package lokiapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/tap"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const second = int64(time.Second)

// shop is ten lines of two streams, from second 1000 on, one a second.
func shop(t *testing.T) *storagetest.Memory {
	t.Helper()
	bd := model.NewBuilder(model.Logs, 10)
	for i := range 10 {
		app := []string{"api", "web"}[i%2]
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}, {Key: "env", Value: model.String("prod")}}})
		line := fmt.Sprintf(`{"status":%d,"dur":"%dms","http":{"path":"/%d"}}`, 200+i, i, i)
		if app == "web" {
			line = fmt.Sprintf("status=%d size=%dKB ok=true took %d", 200+i, i, i)
		}
		bd.Row(st, (1000+int64(i))*second, line)
		if i >= 8 {
			bd.Attr("trace_id", model.String(fmt.Sprint("t", i)))
		}
	}
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	return store
}

func server(src query.EventSource, limits query.Limits) http.Handler {
	return tailServer(src, limits, tap.New(nil, prometheus.NewRegistry()))
}

func tailServer(src query.EventSource, limits query.Limits, feed lokiapi.Feed) http.Handler {
	r := chi.NewRouter()
	now := func() time.Time { return time.Unix(2000, 0) }
	lokiapi.New(lokiapi.Options{Source: src, Limits: limits, Feed: feed, Now: now}).Mount(r)
	return r
}

func get(h http.Handler, path string, params ...string) *httptest.ResponseRecorder {
	p := url.Values{}
	for i := 0; i < len(params); i += 2 {
		p.Add(params[i], params[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/loki/api/v1/"+path+"?"+p.Encode(), nil))
	return rec
}

func TestStatuses(t *testing.T) {
	limits := query.DefaultLimits()
	limits.MaxLines = 5000
	h := server(shop(t), limits)
	tests := []struct {
		name   string
		path   string
		params []string
		status int
		body   string // substring
	}{
		{"a parse error tells the place", "query_range", []string{"query", `{app="api"`}, 400, "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,"},
		{"a selector must select", "query_range", []string{"query", `{}`}, 400, "queries require at least one regexp or equality matcher"},
		{"no query at all", "query_range", nil, 400, "parse error at line 1, col 1: syntax error: unexpected $end"},
		{"a log query has no instant", "query", []string{"query", `{app="api"}`}, 400, "log queries are not supported as an instant query type"},
		{"end before start", "query_range", []string{"query", `{app="api"}`, "start", "2000", "end", "1000"}, 400, "end timestamp must not be before or equal to start time"},
		{"no step", "query_range", []string{"query", `vector(1)`, "step", "0"}, 400, "zero or negative query resolution step widths"},
		{"a bad step", "query_range", []string{"query", `vector(1)`, "step", "x"}, 400, `cannot parse "x" to a valid duration`},
		{"too many points", "query_range", []string{"query", `vector(1)`, "start", "1", "end", "20000", "step", "1"}, 400, "exceeded maximum resolution of 11,000 points"},
		{"limit of nothing", "query_range", []string{"query", `{app="api"}`, "limit", "0"}, 400, "limit must be a positive value"},
		{"limit that is no number", "query_range", []string{"query", `{app="api"}`, "limit", "x"}, 400, `strconv.Atoi: parsing "x": invalid syntax`},
		{"too many lines", "query_range", []string{"query", `{app="api"}`, "limit", "5001"}, 400, "max entries limit per query exceeded"},
		{"a bad direction", "query_range", []string{"query", `{app="api"}`, "direction", "up"}, 400, "invalid direction 'up'"},
		{"a bad interval", "query_range", []string{"query", `{app="api"}`, "interval", "-1s"}, 400, `cannot parse "-1s" to a valid duration`},
		{"a bad time", "query", []string{"query", `vector(1)`, "time", "noon"}, 400, "could not parse 'time' parameter"},
		{"a pipeline error in a metric", "query", []string{"query", `sum(count_over_time({app="web"} | json [1h]))`, "time", "1010"}, 400, "pipeline error: 'JSONParserErr' for series: '{"},
		{"a series needs a selector", "series", []string{"match[]", `{app="api"} |= "x"`}, 400, "only label matchers are supported"},
		{"statistics need a selector", "index/stats", []string{"query", `{app="api"} | json`}, 400, "only label matchers are supported"},
		{"volumes by nothing known", "index/volume", []string{"query", `{}`, "aggregateBy", "x"}, 400, "invalid aggregation option"},
		{"fields of a metric query", "detected_fields", []string{"query", `vector(1)`}, 400, "only log selector is supported"},
		{"a tail of a metric", "tail", []string{"query", `vector(1)`}, 400, "only log selector is supported"},
		{"a tail with too much delay", "tail", []string{"query", `{app="api"}`, "delay_for", "6"}, 400, "delay_for can't be greater than 5"},
		{"a format of no query", "format_query", []string{"query", `{`}, 400, `"status":"invalid-query"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := get(h, tt.path, tt.params...)
			require.Equal(t, tt.status, rec.Code, rec.Body)
			require.Contains(t, rec.Body.String(), tt.body)
			if tt.path != "format_query" {
				require.Equal(t, "text/plain; charset=utf-8", rec.Header().Get("Content-Type"))
				require.Equal(t, "nosniff", rec.Header().Get("X-Content-Type-Options"))
			}
		})
	}
}

// Bodies are golden texts; execution times are taken out.
func TestAnswers(t *testing.T) {
	h := server(shop(t), query.DefaultLimits())
	all := []string{"start", "1000", "end", "1010"}
	tests := []struct {
		name   string
		path   string
		params []string
		want   string
	}{{
		"labels", "labels", nil, `{"status":"success","data":["app","env"]}`,
	}, {
		"labels of nothing leave the list out", "labels", []string{"query", `{app="no"}`}, `{"status":"success"}`,
	}, {
		"label values", "label/app/values", nil, `{"status":"success","data":["api","web"]}`,
	}, {
		"label values of a selection", "label/app/values", []string{"query", `{app="web"}`}, `{"status":"success","data":["web"]}`,
	}, {
		"label values outside the range", "label/app/values", []string{"start", "1", "end", "2"}, `{"status":"success"}`,
	}, {
		"all series", "series", nil, `{"status":"success","data":[{"app":"api","env":"prod"},{"app":"web","env":"prod"}]}`,
	}, {
		"series of several selectors", "series", []string{"match[]", `{app="api"}`, "match", `{env="prod"}`}, `{"status":"success","data":[{"app":"api","env":"prod"},{"app":"web","env":"prod"}]}`,
	}, {
		"index statistics", "index/stats", append(all, "query", `{app="api"}`), `{"streams":1,"chunks":0,"entries":5,"bytes":235}`,
	}, {
		"volume by the matchers' labels", "index/volume", append(all, "query", `{app=~".+"}`),
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":"api"},"value":[1010,"235"]},{"metric":{"app":"web"},"value":[1010,"170"]}],"stats":{}}}`,
	}, {
		"volume by label name", "index/volume", append(all, "query", `{}`, "aggregateBy", "labels", "limit", "1"),
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":""},"value":[1010,"405"]}],"stats":{}}}`,
	}, {
		"volume by chosen labels and step", "index/volume_range", append(all, "query", `{}`, "targetLabels", "env", "step", "5"),
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"env":"prod"},"values":[[1000,"47"],[1005,"196"],[1010,"162"]]}],"stats":{}}}`,
	}, {
		"detected labels", "detected_labels", nil, `{"detectedLabels":[{"label":"app","cardinality":2},{"label":"env","cardinality":1}]}`,
	}, {
		"detected fields", "detected_fields", append(all, "query", `{env="prod"}`),
		`{"fields":[{"label":"dur","type":"duration","cardinality":5,"parsers":["json"],"jsonPath":["dur"]},` +
			`{"label":"http_path","type":"string","cardinality":5,"parsers":["json"],"jsonPath":["http","path"]},` +
			`{"label":"ok","type":"boolean","cardinality":1,"parsers":["logfmt"]},` +
			`{"label":"size","type":"bytes","cardinality":5,"parsers":["logfmt"]},` +
			`{"label":"status","type":"int","cardinality":10,"parsers":["json","logfmt"],"jsonPath":["status"]},` +
			`{"label":"trace_id","type":"string","cardinality":2,"parsers":[]}],"limit":1000}`,
	}, {
		"values of a detected field", "detected_field/size/values", append(all, "query", `{app="web"}`, "limit", "2"), `{"limit":2,"values":["1KB","3KB"]}`,
	}, {
		"a formatted query", "format_query", []string{"query", `sum(rate({app="api"}[5m]))by(app)`}, `{"data":"sum by (app) (rate({app=\"api\"} [5m]))","status":"success"}`,
	}, {
		"the newest line first", "query_range", append(all, "query", `{app="web"} | line_format "{{.app}}"`, "limit", "2"),
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"web","env":"prod"},"values":[["1007000000000","web"]]},` +
			`{"stream":{"app":"web","env":"prod","trace_id":"t9"},"values":[["1009000000000","web"]]}],"stats":{}}}`,
	}, {
		"the end is not in the range", "query_range",
		[]string{"start", "1000000000000", "end", "1001000000000", "query", `{env="prod"} | line_format ""`},
		`{"status":"success","data":{"resultType":"streams","result":[{"stream":{"app":"api","env":"prod"},"values":[["1000000000000",""]]}],"stats":{}}}`,
	}, {
		"a matrix", "query_range", append(all, "query", `sum(count_over_time({env="prod"}[2s]))`, "step", "5s"),
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1000,"1"],[1005,"2"],[1010,"1"]]}],"stats":{}}}`,
	}, {
		"a vector at a fraction of a second", "query",
		[]string{"query", `sum by (app) (rate({env="prod"}[4s]))`, "time", "1009.5"},
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":"api"},"value":[1009.5,"0.5"]},{"metric":{"app":"web"},"value":[1009.5,"0.5"]}],"stats":{}}}`,
	}, {
		"the health check of Grafana", "query",
		[]string{"query", `vector(1)+vector(1)`, "time", "4"},
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[4,"2"]}],"stats":{}}}`,
	}, {
		"a scalar", "query",
		[]string{"query", `1+1`, "time", "1970-01-01T00:00:04Z"},
		`{"status":"success","data":{"resultType":"scalar","result":[4,"2"],"stats":{}}}`,
	}, {
		"patterns", "patterns", append(all, "query", `{app="web"}`, "step", "5"),
		`{"data":[{"pattern":"status=\u003c_\u003e size=\u003c_\u003e ok=true took \u003c_\u003e","level":"","samples":[[1000,2],[1005,3]]}],"status":"success"}`,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := get(h, tt.path, tt.params...)
			require.Equal(t, http.StatusOK, rec.Code, rec.Body)
			got := strings.TrimSpace(rec.Body.String())
			if i := strings.Index(got, `"stats":{`); i >= 0 {
				var v struct {
					Data struct{ Stats map[string]any }
				}
				require.NoError(t, json.Unmarshal([]byte(got), &v))
				require.Contains(t, v.Data.Stats["summary"], "totalBytesProcessed")
				got = got[:i] + `"stats":{}}}`
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestExplainTellsWhoDoesWhat(t *testing.T) {
	h := server(shop(t), query.DefaultLimits())
	rec := get(h, "explain", "start", "1000", "end", "1010", "step", "5s", "query", `sum by (env) (count_over_time({app="api"} | json | status!="3" [5s]))`)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	var got struct {
		Status string
		Data   struct {
			Query     string
			Selectors []map[string]any
			Stats     map[string]float64
		}
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &got))
	require.Equal(t, "success", got.Status)
	require.Equal(t, `sum by (env) (count_over_time({app="api"} | json | status!="3" [5s]))`, got.Data.Query)
	require.Len(t, got.Data.Selectors, 1)
	s := got.Data.Selectors[0]
	require.Equal(t, `((stream["app"] = "api") and not json["status"] = "3")`, s["where"])
	require.Equal(t, map[string]any{"by": []any{"json", `stream["env"]`}, "byStream": false, "bytes": false, "step": 5e9, "groups": 1.0}, s["aggregate"])
	require.Positive(t, got.Data.Stats["rowsScanned"])
	require.Positive(t, got.Data.Stats["elapsed"])

	require.Equal(t, http.StatusBadRequest, get(h, "explain", "query", `{`).Code)
}

func TestLabelsAreToldApartOnDemand(t *testing.T) {
	h := server(shop(t), query.DefaultLimits())
	p := url.Values{"query": {`{app="web"} | logfmt status | line_format "x"`}, "start": {"1000"}, "end": {"1010"}, "limit": {"2"}}
	r := httptest.NewRequest(http.MethodPost, "/loki/api/v1/query_range", strings.NewReader(p.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Loki-Response-Encoding-Flags", "other, categorize-labels")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	require.Contains(t, rec.Body.String(), `{"resultType":"streams","encodingFlags":["categorize-labels"],"result":[{"stream":{"app":"web","env":"prod"},"values":[`+
		`["1009000000000","x",{"structuredMetadata":{"trace_id":"t9"},"parsed":{"status":"209"}}],["1007000000000","x",{"parsed":{"status":"207"}}]]}]`)
}

func TestTextThatIsNoUTF8IsAnsweredAsJSON(t *testing.T) {
	store := &storagetest.Memory{}
	bd := model.NewBuilder(model.Logs, 1)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("a")}}})
	bd.Row(st, 1000*second, "bad \xff nul \x00 quote \" back \\ tab\t line\n é")
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	rec := get(server(store, query.DefaultLimits()), "query_range", "query", `{app="a"}`, "start", "1000", "end", "1001")
	var got struct {
		Data struct {
			Result []struct{ Values [][2]string }
		}
	}
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &got))
	require.Equal(t, "bad \uFFFD nul \x00 quote \" back \\ tab\t line\n é", got.Data.Result[0].Values[0][1])
}

// failing is a store whose scans fail.
type failing struct {
	storagetest.Memory
	err error
}

func (f *failing) Scan(context.Context, storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) { yield(nil, f.err) }
}

func (f *failing) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, f.err
}

func TestFailuresOfTheStoreHaveTheirStatus(t *testing.T) {
	for err, want := range map[error]int{
		context.Canceled: 499, context.DeadlineExceeded: 504, storage.ErrClosed: 503, io.ErrUnexpectedEOF: 500,
	} {
		h := server(&failing{err: err}, query.DefaultLimits())
		for _, q := range []string{`{app="a"}`, `sum(rate({app="a"}[1m]))`} {
			rec := get(h, "query_range", "query", q)
			require.Equal(t, want, rec.Code, rec.Body)
		}
		rec := get(h, "index/stats", "query", `{app="a"}`)
		require.Equal(t, want, rec.Code, rec.Body)
	}
}

func TestBuildInfoAndLimitsAreTold(t *testing.T) {
	h := server(shop(t), query.DefaultLimits())
	require.Contains(t, get(h, "status/buildinfo").Body.String(), `"version":"3.5.0"`)
	require.Contains(t, get(h, "drilldown-limits").Body.String(), `"volume_enabled":true`)
}

func TestTailSendsTheBacklogAndThenNewLines(t *testing.T) {
	store := shop(t)
	intake := tap.New(store, prometheus.NewRegistry())
	srv := httptest.NewServer(middleware.Compress(5)(tailServer(store, query.DefaultLimits(), intake)))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	u := "ws" + strings.TrimPrefix(srv.URL, "http") + "/loki/api/v1/tail?limit=2&start=1000&query=" + url.QueryEscape(`{app="api"} | line_format "{{.app}}"`)
	conn, resp, err := websocket.Dial(ctx, u, nil)
	require.NoError(t, err)
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	defer conn.CloseNow()
	_, frame, err := conn.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, `{"streams":[{"stream":{"app":"api","env":"prod"},"values":[["1006000000000","api"]]},`+
		`{"stream":{"app":"api","env":"prod","trace_id":"t8"},"values":[["1008000000000","api"]]}]}`, string(frame))

	bd := model.NewBuilder(model.Logs, 1)
	bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("api")}}}), 1999*second, "new")
	require.NoError(t, intake.Append(ctx, bd.Batch()))
	_, frame, err = conn.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, `{"streams":[{"stream":{"app":"api"},"values":[["1999000000000","api"]]}]}`, string(frame))
	require.NoError(t, conn.Close(websocket.StatusNormalClosure, ""))
}

// A feed shows what the test sends.
type feed chan storage.Arrival

func (f feed) Follow(ctx context.Context, _ func(*model.Stream) bool) <-chan storage.Arrival {
	context.AfterFunc(ctx, func() { close(f) })
	return f
}

// tailFrames opens a tail of everything over what f shows.
func tailFrames(t *testing.T, f feed, params string) (read func() tailFrame) {
	t.Helper()
	srv := httptest.NewServer(tailServer(shop(t), query.DefaultLimits(), f))
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	u := "ws" + strings.TrimPrefix(srv.URL, "http") + "/loki/api/v1/tail?query=" + url.QueryEscape(`{app=~".+"}`) + params
	conn, _, err := websocket.Dial(ctx, u, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(64 << 20)
	return func() (out tailFrame) {
		_, b, err := conn.Read(ctx)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &out))
		return out
	}
}

type tailFrame struct {
	Streams []struct{ Values [][2]string }
	Dropped []json.RawMessage `json:"dropped_entries"`
	Count   int               `json:"dropped_count"`
}

func linesAt(at int64, lines ...string) *model.Batch {
	bd := model.NewBuilder(model.Logs, len(lines))
	for _, l := range lines {
		bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String("tailed")}}}), at, l)
	}
	return bd.Batch()
}

func TestATailTellsOfAllThatItMissed(t *testing.T) {
	f := make(feed, 1)
	read := tailFrames(t, f, "&start=9000000000000000000")
	b := linesAt(1, "next")
	f <- storage.Arrival{Batch: b, Missed: []storage.MissedRow{{Stream: b.Streams[0], Time: 7}}, MissedCount: 1234}
	got := read()
	require.JSONEq(t, `{"labels":{"app":"tailed"},"timestamp":"7"}`, string(got.Dropped[0]))
	require.Equal(t, 1234, got.Count)
	require.Equal(t, "next", got.Streams[0].Values[0][1])
	f <- storage.Arrival{Batch: b}
	require.Zero(t, read().Count)
}

func TestFramesOfATailAreBounded(t *testing.T) {
	f := make(feed, 1)
	read := tailFrames(t, f, "&start=9000000000000000000")
	long := strings.Repeat("x", 3<<20)
	f <- storage.Arrival{Batch: linesAt(1, long, long+"y", long+long)}
	for _, want := range []string{long, long + "y", long + long} {
		got := read()
		require.Len(t, got.Streams[0].Values, 1)
		require.Len(t, got.Streams[0].Values[0][1], len(want))
	}
}

// A line that came while the backlog was read is shown once; equal ones that
// come after it are lines of their own.
func TestATailShowsEachLineOnce(t *testing.T) {
	f := make(feed, 3)
	read := tailFrames(t, f, "&start=1&limit=1")
	backlog := read().Streams[0].Values
	require.Len(t, backlog, 1)
	at, err := strconv.ParseInt(backlog[0][0], 10, 64)
	require.NoError(t, err)
	var b *model.Batch
	for found, err := range shop(t).Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.Range{Start: at, End: at + 1}}) {
		require.NoError(t, err)
		b = found
	}
	require.Equal(t, 1, b.Len())
	f <- storage.Arrival{Batch: b}
	f <- storage.Arrival{Batch: b}
	f <- storage.Arrival{Batch: linesAt(at+1, "last")}
	var shown []string
	for len(shown) < 2 {
		for _, s := range read().Streams {
			for _, v := range s.Values {
				shown = append(shown, v[1])
			}
		}
	}
	require.ElementsMatch(t, []string{backlog[0][1], "last"}, shown)
}
