package promapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/prompb"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	v1 "github.com/prometheus/prometheus/web/api/v1"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/promapi"
	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/storage/metric"
)

// t0 is the time of the first sample, in seconds.
const t0 = 1_700_000_000

type server struct {
	t     testing.TB
	store *metric.Store
	http.Handler
}

// newServer serves three samples of two series of up, 15 s apart, an exemplar,
// a histogram, and the newest sample of another series, now.
func newServer(t testing.TB, change ...func(*promapi.Options)) *server {
	t.Helper()
	reg := prometheus.NewRegistry()
	cfg := metric.DefaultConfig()
	cfg.Dir = t.TempDir()
	store, err := metric.Open(cfg, promslog.NewNopLogger(), reg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	fill(t, store)

	engine, err := promql.New(promql.Options{Limits: query.DefaultLimits(), Config: promql.DefaultConfig(), Data: store, Registerer: reg, Log: promslog.NewNopLogger()})
	require.NoError(t, err)
	o := promapi.Options{
		Engine:     engine,
		Parser:     engine.Parser,
		Queryable:  store,
		Exemplars:  store,
		Metadata:   store.Families,
		Admin:      store,
		DataDir:    cfg.Dir,
		Config:     func() string { return "storage:\n  metric: {}\n" },
		Flags:      map[string]string{"data-dir": "data"},
		Version:    v1.PrometheusVersion{Version: "3.14.0", Revision: "abc", GoVersion: "go1.26"},
		Retention:  "15d",
		Gatherer:   reg,
		Registerer: reg,
		Log:        promslog.NewNopLogger(),
	}
	for _, f := range change {
		f(&o)
	}
	r := chi.NewRouter()
	promapi.New(o).Mount(r)
	return &server{t, store, r}
}

func fill(t testing.TB, store *metric.Store) {
	t.Helper()
	app := store.AppenderV2(t.Context())
	add := func(ls labels.Labels, ms int64, v float64, h *histogram.Histogram, o promstorage.AOptions) {
		_, err := app.Append(0, ls, 0, ms, v, h, nil, o)
		require.NoError(t, err)
	}
	o := promstorage.AOptions{MetricFamilyName: "up", Metadata: metadata.Metadata{Type: "gauge", Help: "Is it?", Unit: ""}}
	for i := range int64(3) {
		at := (t0 + 15*i) * 1000
		add(labels.FromStrings("__name__", "up", "job", "api"), at, float64(i)+0.5, nil, o)
		add(labels.FromStrings("__name__", "up", "job", "db"), at, math.Inf(1), nil, o)
	}
	h := &histogram.Histogram{Count: 7, Sum: 1.25, Schema: 0, PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []int64{3, 1}}
	add(labels.FromStrings("__name__", "lat"), t0*1000, 0, h, promstorage.AOptions{
		MetricFamilyName: "lat",
		Metadata:         metadata.Metadata{Type: "histogram", Help: "Latency.", Unit: "s"},
		Exemplars:        []exemplar.Exemplar{{Labels: labels.FromStrings("trace_id", "0af7"), Value: 0.7, Ts: t0*1000 + 500, HasTs: true}},
	})
	require.NoError(t, app.Commit())
}

type answer struct {
	status int
	body   string
	header http.Header
}

func (s *server) do(method, path string, form url.Values) answer {
	s.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else if len(form) > 0 {
		path += "?" + form.Encode()
	}
	req := httptest.NewRequest(method, path, body)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return answer{w.Code, strings.TrimSpace(w.Body.String()), w.Header()}
}

// form reads a query string, which the tables below are written in.
func form(t testing.TB, s string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(s)
	require.NoError(t, err)
	return v
}

func TestEndpoints(t *testing.T) {
	const up0, up1 = `{"__name__":"up","job":"api"}`, `{"__name__":"up","job":"db"}`
	s := newServer(t)
	both, get := []string{http.MethodGet, http.MethodPost}, []string{http.MethodGet}
	tests := []struct {
		name, path, form string
		methods          []string
		want             string // data, as JSON
	}{
		{
			name: "instant query", path: "/query", form: "query=up&time=1700000015.123", methods: both,
			want: `{"resultType":"vector","result":[{"metric":` + up0 + `,"value":[1700000015.123,"1.5"]},{"metric":` + up1 + `,"value":[1700000015.123,"+Inf"]}]}`,
		}, {
			name: "a scalar", path: "/query", form: "query=1%2b1&time=1700000000", methods: both,
			want: `{"resultType":"scalar","result":[1700000000,"2"]}`,
		}, {
			name: "a string", path: "/query", form: "query=%22x%22&time=1700000000", methods: both,
			want: `{"resultType":"string","result":[1700000000,"x"]}`,
		}, {
			name: "a range selector", path: "/query", form: `query=up{job="api"}[16s]&time=1700000030`, methods: both,
			want: `{"resultType":"matrix","result":[{"metric":` + up0 + `,"values":[[1700000015,"1.5"],[1700000030,"2.5"]]}]}`,
		}, {
			name: "a range selector is open on the left", path: "/query", form: `query=up{job="api"}[15s]&time=1700000030`, methods: both,
			want: `{"resultType":"matrix","result":[{"metric":` + up0 + `,"values":[[1700000030,"2.5"]]}]}`,
		}, {
			name: "nothing found is an empty list", path: "/query", form: "query=nothing&time=1700000000", methods: both,
			want: `{"resultType":"vector","result":[]}`,
		}, {
			name: "range query", path: "/query_range", form: `query=up{job="api"}&start=2023-11-14T22:13:20Z&end=1700000030&step=15s`, methods: both,
			want: `{"resultType":"matrix","result":[{"metric":` + up0 + `,"values":[[1700000000,"0.5"],[1700000015,"1.5"],[1700000030,"2.5"]]}]}`,
		}, {
			name: "a native histogram", path: "/query", form: "query=lat&time=1700000000", methods: both,
			want: `{"resultType":"vector","result":[{"metric":{"__name__":"lat"},"histogram":[1700000000,{"count":"7","sum":"1.25","buckets":[[0,"0.5","1","3"],[0,"1","2","4"]]}]}]}`,
		}, {
			name: "exemplars", path: "/query_exemplars", form: "query=lat&start=1700000000&end=1700000060", methods: both,
			want: `[{"seriesLabels":{"__name__":"lat"},"exemplars":[{"labels":{"trace_id":"0af7"},"value":"0.7","timestamp":1700000000.5}]}]`,
		}, {
			name: "format", path: "/format_query", form: "query=sum+by(job)(up)", methods: both, want: `"sum by (job) (up)"`,
		}, {
			name: "parse", path: "/parse_query", form: "query=1", methods: both, want: `{"type":"numberLiteral","val":"1"}`,
		}, {
			name: "series", path: "/series", form: "match[]=up", methods: both, want: `[` + up0 + `,` + up1 + `]`,
		}, {
			name: "series of several selectors are a union", path: "/series", form: `match[]=up{job="api"}&match[]={job=~"a.*"}&match[]=lat`, methods: both,
			want: `[{"__name__":"lat"},` + up0 + `]`,
		}, {
			name: "labels", path: "/labels", methods: both, want: `["__name__","job"]`,
		}, {
			name: "labels of a selector", path: "/labels", form: "match[]=lat", methods: both, want: `["__name__"]`,
		}, {
			name: "label values", path: "/label/job/values", methods: get, want: `["api","db"]`,
		}, {
			name: "the Go client's minimum and maximum times", path: "/label/job/values", methods: get,
			form: "start=-292273086-05-16T16:47:06Z&end=292277025-08-18T07:12:54.999999999Z", want: `["api","db"]`,
		}, {
			name: "an escaped label name", path: "/label/U__http_2e_status/values", methods: get, want: `[]`,
		}, {
			name: "metadata", path: "/metadata", methods: get,
			want: `{"lat":[{"type":"histogram","unit":"s","help":"Latency."}],"up":[{"type":"gauge","unit":"","help":"Is it?"}]}`,
		}, {
			name: "metadata of one metric", path: "/metadata", form: "metric=up", methods: get,
			want: `{"up":[{"type":"gauge","unit":"","help":"Is it?"}]}`,
		}, {
			name: "metadata of an unknown metric", path: "/metadata", form: "metric=x", methods: get, want: `{}`,
		}, {
			name: "metadata with a limit", path: "/metadata", form: "limit=1", methods: get,
			want: `{"lat":[{"type":"histogram","unit":"s","help":"Latency."}]}`,
		}, {
			name: "build information", path: "/status/buildinfo", methods: get,
			want: `{"version":"3.14.0","revision":"abc","branch":"","buildUser":"","buildDate":"","goVersion":"go1.26"}`,
		}, {
			name: "configuration", path: "/status/config", methods: get, want: `{"yaml":"storage:\n  metric: {}\n"}`,
		}, {
			name: "flags", path: "/status/flags", methods: get, want: `{"data-dir":"data"}`,
		}, {
			name: "replay", path: "/status/walreplay", methods: get, want: `{"min":0,"max":0,"current":0}`,
		}, {
			name: "rules", path: "/rules", methods: get, want: `{"groups":[]}`,
		}, {
			name: "alerts", path: "/alerts", methods: get, want: `{"alerts":[]}`,
		}, {
			name: "targets", path: "/targets", methods: get, want: `{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}}`,
		}, {
			name: "scrape pools", path: "/scrape_pools", methods: get, want: `{"scrapePools":[]}`,
		}, {
			name: "alertmanagers", path: "/alertmanagers", methods: get, want: `{"activeAlertmanagers":[],"droppedAlertmanagers":[]}`,
		}, {
			name: "notifications", path: "/notifications", methods: get, want: `[]`,
		},
	}
	for _, tt := range tests {
		for _, method := range tt.methods {
			for _, prefix := range []string{"/api/v1", "/prometheus/api/v1"} {
				t.Run(tt.name+" "+method+" "+prefix, func(t *testing.T) {
					a := s.do(method, prefix+tt.path, form(t, tt.form))
					require.Equal(t, http.StatusOK, a.status, a.body)
					require.Equal(t, "application/json", a.header.Get("Content-Type"))
					var envelope struct {
						Status string
						Data   json.RawMessage
					}
					require.NoError(t, json.Unmarshal([]byte(a.body), &envelope))
					require.Equal(t, "success", envelope.Status)
					require.JSONEq(t, tt.want, string(envelope.Data))
				})
			}
		}
	}
}

func TestErrors(t *testing.T) {
	s := newServer(t)
	tests := []struct {
		name, path, form string
		status           int
		errorType, err   string
	}{
		{name: "a syntax error", path: "/query", form: "query=up{", status: 400, errorType: "bad_data", err: `invalid parameter "query": 1:4: parse error: unexpected end of input inside braces`},
		{name: "no query", path: "/query", status: 400, errorType: "bad_data", err: `invalid parameter "query": unknown position: parse error: no expression found in input`},
		{name: "a bad time", path: "/query", form: "query=up&time=noon", status: 400, errorType: "bad_data", err: `invalid parameter "time": invalid time value for 'time': cannot parse "noon" to a valid timestamp`},
		{name: "a range without start", path: "/query_range", form: "query=up", status: 400, errorType: "bad_data", err: `invalid parameter "start": cannot parse "" to a valid timestamp`},
		{name: "a range that ends before it starts", path: "/query_range", form: "query=up&start=2&end=1&step=1", status: 400, errorType: "bad_data", err: `invalid parameter "end": end timestamp must not be before start time`},
		{name: "a resolution that is no duration", path: "/query", form: "query=up&max_source_resolution=fine", status: 400, errorType: "bad_data", err: `invalid parameter "max_source_resolution": not a valid duration string: "fine"`},
		{name: "a step of nothing", path: "/query_range", form: "query=up&start=1&end=2&step=0", status: 400, errorType: "bad_data", err: `zero or negative query resolution step widths are not accepted`},
		{name: "too many points", path: "/query_range", form: "query=up&start=0&end=20000&step=1", status: 400, errorType: "bad_data", err: "exceeded maximum resolution of 11,000 points per timeseries"},
		{name: "a duration that overflows", path: "/query_range", form: "query=up&start=0&end=1&step=99999999999999999999", status: 400, errorType: "bad_data", err: "It overflows int64"},
		{name: "no selector", path: "/series", status: 400, errorType: "bad_data", err: "no match[] parameter provided"},
		{name: "a selector of everything", path: "/series", form: "match[]={job=~\".*\"}", status: 400, errorType: "bad_data", err: "match[] must contain at least one non-empty matcher"},
		{name: "a bad limit", path: "/labels", form: "limit=x", status: 400, errorType: "bad_data", err: `invalid parameter "limit"`},
		{name: "a bad metadata limit", path: "/metadata", form: "limit=x", status: 400, errorType: "bad_data", err: "limit must be a number"},
		{name: "a bad limit per metric", path: "/metadata", form: "limit_per_metric=x", status: 400, errorType: "bad_data", err: "limit_per_metric must be a number"},
		{name: "a bad rule type", path: "/rules", form: "type=x", status: 400, errorType: "bad_data", err: `not supported value "x"`},
		{name: "a TSDB limit too small", path: "/status/tsdb", form: "limit=0", status: 400, errorType: "bad_data", err: "limit must be a positive number"},
		{name: "a TSDB limit too large", path: "/status/tsdb", form: "limit=10001", status: 400, errorType: "bad_data", err: "limit must not exceed 10000"},
		{name: "many-to-many", path: "/query", form: "query=up%2bon()up&time=1700000000", status: 422, errorType: "execution", err: "many-to-many matching not allowed"},
		{name: "a timeout", path: "/query", form: "query=up&timeout=0.000000001", status: 503, errorType: "timeout", err: "query timed out in "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.do(http.MethodGet, "/api/v1"+tt.path, form(t, tt.form))
			require.Equal(t, tt.status, a.status, a.body)
			require.Equal(t, "application/json", a.header.Get("Content-Type"))
			var envelope struct{ Status, ErrorType, Error string }
			require.NoError(t, json.Unmarshal([]byte(a.body), &envelope))
			require.Equal(t, "error", envelope.Status)
			require.Equal(t, tt.errorType, envelope.ErrorType)
			require.Contains(t, envelope.Error, tt.err)
		})
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/api/v1/nothing", "/prometheus/api/v1/nothing", "/api/v1/", "/api/v1/label/job"} {
		a := s.do(http.MethodGet, path, nil)
		require.Equal(t, http.StatusNotFound, a.status, path)
		require.NotContains(t, a.body, "<html")
	}
	require.Equal(t, http.StatusMethodNotAllowed, s.do(http.MethodPost, "/api/v1/label/job/values", nil).status)
}

func TestTheReceiversAreOff(t *testing.T) {
	s := newServer(t)
	require.Equal(t, http.StatusNotFound, s.do(http.MethodPost, "/api/v1/write", nil).status)
	require.Equal(t, http.StatusNotFound, s.do(http.MethodPost, "/api/v1/otlp/v1/metrics", nil).status)
}

func TestTSDBStatus(t *testing.T) {
	a := newServer(t).do(http.MethodGet, "/api/v1/status/tsdb", nil)
	require.Equal(t, http.StatusOK, a.status, a.body)
	var got struct{ Data v1.TSDBStatus }
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	require.EqualValues(t, 3, got.Data.HeadStats.NumSeries)
	require.Equal(t, v1.TSDBStat{Name: "up", Value: 2}, got.Data.SeriesCountByMetricName[0])
}

func TestRuntimeInfo(t *testing.T) {
	loaded := time.Unix(t0, 0).UTC()
	a := newServer(t, func(o *promapi.Options) {
		o.Reloaded = func() (time.Time, bool) { return loaded, false }
	}).do(http.MethodGet, "/api/v1/status/runtimeinfo", nil)
	require.Equal(t, http.StatusOK, a.status, a.body)
	var got struct{ Data v1.RuntimeInfo }
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	require.Equal(t, "15d", got.Data.StorageRetention)
	require.Equal(t, loaded, got.Data.LastConfigTime)
	require.False(t, got.Data.ReloadConfigSuccess)
	require.Positive(t, got.Data.GoroutineCount)
	require.NotZero(t, got.Data.StartTime)
}

func TestStatisticsOnRequest(t *testing.T) {
	a := newServer(t).do(http.MethodGet, "/api/v1/query", form(t, "query=up&time=1700000000&stats=all"))
	require.Equal(t, http.StatusOK, a.status)
	require.Contains(t, a.body, `"totalQueryableSamples":2`)
	require.Contains(t, a.body, `"totalQueryableSamplesPerStep":[[1700000000,2]]`)
}

func TestNotReadyIs503(t *testing.T) {
	s := newServer(t, func(o *promapi.Options) { o.Ready = func() bool { return false } })
	for _, path := range []string{"/query?query=1", "/metadata", "/status/config", "/rules"} {
		a := s.do(http.MethodGet, "/api/v1"+path, nil)
		require.Equal(t, http.StatusServiceUnavailable, a.status, path)
		require.Equal(t, "Service Unavailable", a.body)
		require.Equal(t, "false", a.header.Get("X-Prometheus-Stopping"))
	}
	require.Equal(t, http.StatusOK, s.do(http.MethodGet, "/api/v1/status/walreplay", nil).status)
}

func TestCORS(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/api/v1/query?query=1", "/api/v1/metadata", "/prometheus/api/v1/labels"} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			req := httptest.NewRequest(method, path, nil)
			req.Header.Set("Origin", "http://grafana.example")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)
			require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"), "%s %s", method, path)
			if method == http.MethodOptions {
				require.Equal(t, http.StatusNoContent, w.Code)
			}
		}
	}
}

func TestCORSOfOtherOriginsIsRefused(t *testing.T) {
	s := newServer(t, func(o *promapi.Options) { o.CORSOrigin = regexp.MustCompile(`^https://(a|b)\.example$`) })
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://c.example": ""} {
		req := httptest.NewRequest(http.MethodGet, "/api/v1/metadata", nil)
		req.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		require.Equal(t, want, w.Header().Get("Access-Control-Allow-Origin"))
	}
}

func TestAdminIsOffUnlessEnabled(t *testing.T) {
	q := form(t, `match[]=up{job="db"}`)
	a := newServer(t).do(http.MethodPost, "/api/v1/admin/tsdb/delete_series", q)
	require.Equal(t, http.StatusInternalServerError, a.status)
	require.Contains(t, a.body, "admin APIs disabled")

	s := newServer(t, func(o *promapi.Options) { o.AdminEnabled = true })
	require.Equal(t, http.StatusNoContent, s.do(http.MethodPost, "/api/v1/admin/tsdb/delete_series", q).status)
	require.Equal(t, http.StatusNoContent, s.do(http.MethodPost, "/api/v1/admin/tsdb/clean_tombstones", nil).status)
	a = s.do(http.MethodGet, "/api/v1/query", form(t, "query=count(up)&time=1700000000"))
	require.Contains(t, a.body, `"value":[1700000000,"1"]`)
	a = s.do(http.MethodPost, "/api/v1/admin/tsdb/snapshot", nil)
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Contains(t, a.body, `{"name":"2`)
}

func TestRemoteRead(t *testing.T) {
	s := newServer(t)
	require.Equal(t, map[string][]prompb.Sample{
		"api": {{Value: 0.5, Timestamp: t0 * 1000}, {Value: 1.5, Timestamp: (t0 + 15) * 1000}, {Value: 2.5, Timestamp: (t0 + 30) * 1000}},
	}, s.remoteRead(t0*1000, (t0+60)*1000, "job", "api", prompb.ReadRequest_SAMPLES))
}

// remoteRead returns samples by job.
func (s *server) remoteRead(mint, maxt int64, label, value string, kind prompb.ReadRequest_ResponseType) map[string][]prompb.Sample {
	s.t.Helper()
	req := prompb.ReadRequest{AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{kind}, Queries: []*prompb.Query{{
		StartTimestampMs: mint, EndTimestampMs: maxt,
		Matchers: []*prompb.LabelMatcher{{Name: "__name__", Value: "up"}, {Name: label, Value: value}},
	}}}
	b, err := req.Marshal()
	require.NoError(s.t, err)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/read", strings.NewReader(string(snappy.Encode(nil, b)))))
	require.Equal(s.t, http.StatusOK, w.Code, w.Body)
	job := func(ls []prompb.Label) string {
		for _, l := range ls {
			if l.Name == "job" {
				return l.Value
			}
		}
		return ""
	}
	got := map[string][]prompb.Sample{}
	if kind == prompb.ReadRequest_SAMPLES {
		out, err := snappy.Decode(nil, w.Body.Bytes())
		require.NoError(s.t, err)
		var res prompb.ReadResponse
		require.NoError(s.t, res.Unmarshal(out))
		for _, series := range res.Results[0].Timeseries {
			got[job(series.Labels)] = series.Samples
		}
		return got
	}
	frames := remote.NewChunkedReader(w.Body, 1<<20, nil)
	for {
		var res prompb.ChunkedReadResponse
		if err := frames.NextProto(&res); errors.Is(err, io.EOF) {
			return got
		} else {
			require.NoError(s.t, err)
		}
		for _, series := range res.ChunkedSeries {
			for _, c := range series.Chunks {
				chunk, err := chunkenc.FromData(chunkenc.Encoding(c.Type), c.Data)
				require.NoError(s.t, err)
				for it := chunk.Iterator(nil); it.Next() != chunkenc.ValNone; {
					at, v := it.At()
					got[job(series.Labels)] = append(got[job(series.Labels)], prompb.Sample{Timestamp: at, Value: v})
				}
			}
		}
	}
}

// Prometheus panics in reads that end within the last of several deleted ranges.
func TestDeletedRangesAreLeftOutOfWhatIsRead(t *testing.T) {
	s := newServer(t)
	up := labels.FromStrings("__name__", "up", "job", "gone")
	app := s.store.AppenderV2(t.Context())
	for i := range int64(100) {
		_, err := app.Append(0, up, 0, t0*1000+i*1000, float64(i), nil, nil, promstorage.AOptions{})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())
	gone := labels.MustNewMatcher(labels.MatchEqual, "job", "gone")
	for _, second := range []int64{10, 30, 60} {
		require.NoError(t, s.store.Delete(t.Context(), (t0+second)*1000, (t0+second+9)*1000, gone))
	}
	for _, end := range []int64{35, 62, 65, 69, 70} {
		var want []prompb.Sample
		for i := range end + 1 {
			if ten := i / 10; ten != 1 && ten != 3 && ten != 6 {
				want = append(want, prompb.Sample{Timestamp: (t0 + i) * 1000, Value: float64(i)})
			}
		}
		for _, kind := range []prompb.ReadRequest_ResponseType{prompb.ReadRequest_SAMPLES, prompb.ReadRequest_STREAMED_XOR_CHUNKS} {
			require.Equal(t, map[string][]prompb.Sample{"gone": want}, s.remoteRead(t0*1000, (t0+end)*1000, "job", "gone", kind), "%v up to %d", kind, end)
		}
		span := fmt.Sprintf("&start=%d&end=%d", t0, t0+end)
		a := s.do(http.MethodGet, "/api/v1/series", form(t, `match[]=up{job="gone"}`+span))
		require.Contains(t, a.body, `"job":"gone"`)
		a = s.do(http.MethodGet, "/api/v1/query_range", form(t, `query=count_over_time(up{job="gone"}[200s])&step=1`+span))
		require.Contains(t, a.body, fmt.Sprintf(`[%d,"%d"]]}`, t0+end, len(want)))
	}
}

// broken fails every read as a disk would.
type broken struct {
	promstorage.SampleAndChunkQueryable
}

func (broken) Querier(_, _ int64) (promstorage.Querier, error) {
	return brokenQuerier{promstorage.NoopQuerier()}, nil
}

type brokenQuerier struct{ promstorage.Querier }

func (brokenQuerier) Select(context.Context, bool, *promstorage.SelectHints, ...*labels.Matcher) promstorage.SeriesSet {
	return promstorage.ErrSeriesSet(errors.New("the disk is on fire"))
}

func TestStorageErrorsAreAnsweredAsPrometheusDoes(t *testing.T) {
	s := newServer(t, func(o *promapi.Options) { o.Queryable = broken{o.Queryable} })
	a := s.do(http.MethodGet, "/api/v1/query", form(t, "query=up"))
	require.Equal(t, http.StatusUnprocessableEntity, a.status)
	require.Contains(t, a.body, `"error":"expanding series: the disk is on fire"`)
	require.Equal(t, http.StatusInternalServerError, s.do(http.MethodGet, "/federate", form(t, "match[]=up")).status)
}

func TestAClientThatLeftIs499(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/query?query=up", nil))
	require.Equal(t, 499, w.Code)
	require.Contains(t, w.Body.String(), `"errorType":"canceled"`)
}
