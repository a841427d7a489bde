package datadog_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/ingest/datadog"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/fault"
)

func metrics(o samples.Options) http.Handler {
	r := chi.NewRouter()
	datadog.NewMetrics(o).Mount(r)
	return r
}

func postMetrics(h http.Handler, path, contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestSeriesOfTheFirstAPI(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"gauge", `{"series":[{"metric":"system.load.1","points":[[1700000000,0.5],[1700000010.5,1]],"type":"gauge","host":"web-1","device":"sda","tags":["env:prod","canary","url:http://x:80"],"interval":10}]}`, []string{
			`system_load_1{canary="true", device="sda", env="prod", host="web-1", url="http://x:80"} 0.5 1700000000000`,
			`system_load_1{canary="true", device="sda", env="prod", host="web-1", url="http://x:80"} 1 1700000010500`,
		}},
		{"a rate is per second already", `{"series":[{"type":"rate","interval":10,"points":[[1,2.5]],"metric":"a.rate"}]}`, []string{`a_rate 2.5 1000`}},
		{"counts add up", `{"series":[{"metric":"hits","type":"count","points":[[10,3],[20,4]]}]}`, []string{`hits 0 9999`, `hits 3 10000`, `hits 7 20000`}},
		{"values of one tag are joined", `{"series":[{"metric":"m","tags":["team:a","team:b","a.b:1"],"points":[[1,1]]}]}`, []string{`m{a_b="1", team="a,b"} 1 1000`}},
		{"escapes", `{"series":[{"metric":"m\u002ex","host":"\u00e4\"","tags":["a\u003ab"],"points":[[1,1]]}]}`, []string{`m_x{a="b", host="ä\""} 1 1000`}},
		{"no value is no point", `{"series":[{"metric":"m","points":[[1,null],[2,5]]}]}`, []string{`m 5 2000`}},
		{"nobody there", `{}`, nil},
		{"no series", `{"x":[1,{}],"series":[]}`, nil},
		{"null series", `{"series":null}`, nil},
		{"no points", `{"series":[{"metric":"m","points":[]}]}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			w := postMetrics(metrics(s.Options()), "/datadog/api/v1/series?api_key=x", "application/json", []byte(tt.body))
			require.Equal(t, http.StatusAccepted, w.Code, w.Body)
			require.JSONEq(t, `{"status":"ok"}`, w.Body.String())
			require.Equal(t, tt.want, s.Rows())
			require.Empty(t, s.Refused())
		})
	}
}

func TestSeriesOfTheSecondAPIInJSON(t *testing.T) {
	const body = `{"series":[{"metric":"system.load.1","type":3,"points":[{"timestamp":1700000000,"value":0.7}],"resources":[{"name":"web-1","type":"host"}],"tags":["env:prod"],"unit":"x"},{"metric":"c","type":1,"interval":10,"points":[{"value":2,"timestamp":10}]}]}`
	for _, path := range []string{"/api/v2/series", "/datadog/api/v2/series"} {
		s := samplestest.New()
		w := postMetrics(metrics(s.Options()), path, "application/json", []byte(body))
		require.Equal(t, http.StatusAccepted, w.Code, w.Body)
		require.JSONEq(t, `{"errors":[]}`, w.Body.String())
		require.Equal(t, []string{`c 0 9999`, `c 2 10000`, `system_load_1{env="prod", host="web-1"} 0.7 1700000000000`}, s.Rows())
	}
}

// message writes a protobuf message: numbers and texts by field.
func message(parts ...any) []byte {
	var b []byte
	for i := 0; i < len(parts); i += 2 {
		n := protowire.Number(parts[i].(int))
		switch v := parts[i+1].(type) {
		case string:
			b = protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
		case []byte:
			b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
		case int:
			b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
		case float64:
			b = protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), math.Float64bits(v))
		}
	}
	return b
}

func TestSeriesOfTheAgent(t *testing.T) {
	series := message(
		1, message(1, "host", 2, "web-1"), 1, message(1, "device", 2, "sda"), 2, "system.io", 3, "env:prod", 3, "canary", 99, "of a later version",
		4, message(1, 1.5, 2, 1700000000), 4, message(2, 1700000010), 5, 3, 8, 10,
	)
	counts := message(4, message(1, 5.0, 2, 10), 2, "hits", 5, 1)
	body := message(1, series, 1, counts)
	want := []string{
		`hits 0 9999`, `hits 5 10000`,
		`system_io{canary="true", device="sda", env="prod", host="web-1"} 1.5 1700000000000`,
		`system_io{canary="true", device="sda", env="prod", host="web-1"} 0 1700000010000`,
	}
	var deflated, zstdded bytes.Buffer
	z := zlib.NewWriter(&deflated)
	_, _ = z.Write(body)
	require.NoError(t, z.Close())
	zs, err := zstd.NewWriter(&zstdded)
	require.NoError(t, err)
	_, _ = zs.Write(body)
	require.NoError(t, zs.Close())
	for encoding, b := range map[string][]byte{"": body, "deflate": deflated.Bytes(), "zstd": zstdded.Bytes()} {
		s := samplestest.New()
		w := postMetrics(metrics(s.Options()), "/api/v2/series", "application/x-protobuf", b, "Content-Encoding", encoding)
		require.Equal(t, http.StatusAccepted, w.Code, w.Body)
		require.Equal(t, want, s.Rows())
		require.Empty(t, s.Refused())
	}
}

// agentKey is the bin of the agent's sketches for v.
func agentKey(v float64) int {
	switch {
	case v == 0:
		return 0
	case v < 0:
		return -agentKey(-v)
	}
	return int(math.RoundToEven(math.Log(v)/math.Log1p(2.0/128))) + 1338
}

func sketchOf(at int, values ...float64) []byte {
	var keys, counts []byte
	sum := 0.0
	for _, v := range values {
		keys = protowire.AppendVarint(keys, protowire.EncodeZigZag(int64(agentKey(v))))
		counts = protowire.AppendVarint(counts, 1)
		sum += v
	}
	return message(1, at, 2, len(values), 3, 0.0, 4, 0.0, 5, 0.0, 6, sum, 7, keys, 8, counts)
}

func TestSketchesAddUpToANativeHistogram(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	values := []float64{0.5, 1, 1, 2.5, 100, 1e6, -3, 0}
	body := message(1, message(1, "req.time", 2, "web-1", 4, "env:prod", 7, sketchOf(10, values...), 7, sketchOf(20, 5)))
	require.Equal(t, http.StatusAccepted, postMetrics(h, "/api/beta/sketches", "application/x-protobuf", body).Code)
	require.Equal(t, []string{
		`req_time{env="prod", host="web-1"} histogram{0, 0} 9999`,
		`req_time{env="prod", host="web-1"} histogram{8, 1.000102e+06} 10000`,
		`req_time{env="prod", host="web-1"} histogram{9, 1.000107e+06} 20000`,
	}, s.Rows())
	got := s.Histogram(`req_time{env="prod", host="web-1"}`)
	for _, v := range values {
		if v <= 0 {
			continue
		}
		found := false
		for it := got.PositiveBucketIterator(); it.Next(); {
			b := it.At() // a value lies within a bin's width of where it is counted
			found = found || b.Count > 0 && b.Lower < v*1.02 && b.Upper > v/1.02
		}
		require.True(t, found, v)
	}
	require.EqualValues(t, 1, got.ZeroCount)
	require.Empty(t, s.Refused())
}

func TestDistributionPointsAddUpToANativeHistogram(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	body := `{"series":[{"metric":"d","host":"h","points":[[10,[1,2,3.5]],[20,[4]]]},{"metric":"bad","points":[[1,2]]},{"metric":"half","points":[[1,[1,"x"]]]}]}`
	require.Equal(t, http.StatusAccepted, postMetrics(h, "/api/v1/distribution_points", "text/json", []byte(body)).Code)
	require.Equal(t, []string{
		`d{host="h"} histogram{0, 0} 9999`, `d{host="h"} histogram{3, 6.5} 10000`, `d{host="h"} histogram{4, 10.5} 20000`,
		`half histogram{0, 0} 999`, `half histogram{1, 1} 1000`,
	}, s.Rows())
	require.Equal(t, []string{`malformed 2: a point of a distribution is not [time, [values]]: "[1,2]"`}, s.Refused())
}

func TestACountThatIsSentAgainAfterAFailureCountsOnce(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	body := []byte(`{"series":[{"metric":"c","type":"count","points":[[10,3]]}]}`)
	s.Fail(fmt.Errorf("read-only: %w", fault.ErrUnavailable))
	require.Equal(t, http.StatusServiceUnavailable, postMetrics(h, "/datadog/api/v1/series", "", body).Code)
	s.Fail(nil)
	require.Equal(t, http.StatusAccepted, postMetrics(h, "/datadog/api/v1/series", "", body).Code)
	require.Equal(t, []string{`c 3 10001`}, s.Rows())
}

// The requests in testdata/client are those of @datadog/datadog-api-client
// 1.64.0 for Node.js, byte for byte but for headers that are not read.
func TestRequestsOfDatadogsClient(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	files, err := filepath.Glob("testdata/client/*.http")
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, file := range files {
		f, err := os.Open(file)
		require.NoError(t, err)
		r, err := http.ReadRequest(bufio.NewReader(f))
		require.NoError(t, err)
		r.URL.Path = "/datadog" + r.URL.Path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.NoError(t, f.Close())
		require.Equal(t, http.StatusAccepted, w.Code, file)
	}
	rows := s.Rows()
	require.Len(t, rows, 10)
	require.Equal(t, []string{
		`app_hits{a="b"} 0 1699999999999`, `app_hits{a="b"} 2 1700000000000`, `app_hits 0 1699999999999`, `app_hits 3 1700000000000`,
		`app_latency{a="b", host="h"} histogram{0, 0} 1699999999999`, `app_latency{a="b", host="h"} histogram{3, 6.5} 1700000000000`,
	}, rows[:6])
	require.Contains(t, rows[6], `datadog_service_check_status{check="app.ok", environment="test", host="app.host1"} 0 `)
	require.Empty(t, s.Refused())
}

func TestACountThatComesLateCountsAllTheSame(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	for _, p := range []string{"[20,1]", "[10,2]", "[20,3]", "[30,4]"} {
		body := `{"series":[{"metric":"c","type":"count","tags":["a:1","b:2"],"points":[` + p + `]}]}`
		require.Equal(t, http.StatusAccepted, postMetrics(h, "/datadog/api/v1/series", "", []byte(body)).Code)
	}
	require.Equal(t, []string{
		`c{a="1", b="2"} 0 19999`, `c{a="1", b="2"} 1 20000`, `c{a="1", b="2"} 3 20001`, `c{a="1", b="2"} 6 20002`, `c{a="1", b="2"} 10 30000`,
	}, s.Rows())
}

func TestServiceChecksAreAGauge(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	one := `{"check":"app.is_ok","host_name":"web-1","timestamp":1700000000,"status":2,"message":"x","tags":["env:prod"]}`
	for _, body := range []string{one, "[" + one + "]"} {
		w := postMetrics(h, "/api/v1/check_run", "application/json", []byte(body))
		require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	}
	const row = `datadog_service_check_status{check="app.is_ok", env="prod", host="web-1"} 2 1700000000000`
	require.Equal(t, []string{row, row}, s.Rows())
	require.Equal(t, http.StatusAccepted, postMetrics(h, "/api/v1/check_run", "", []byte(`[{"check":"a","status":9},{"status":1},{"check":"a"}]`)).Code)
	require.Equal(t, []string{"malformed 3: a check needs a name and a status from 0 to 3"}, s.Refused())
}

func TestWhatAgentsAskIsAnswered(t *testing.T) {
	s := samplestest.New()
	h := metrics(s.Options())
	for _, path := range []string{"/api/v1/validate", "/datadog/api/v1/validate"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?api_key=x", nil))
		require.JSONEq(t, `{"valid":true}`, w.Body.String())
	}
	for _, path := range []string{"/intake", "/intake/?api_key=x", "/datadog/intake/", "/datadog/api/v1/metadata"} {
		w := postMetrics(h, path, "application/json", []byte(`{"internalHostname":"web-1"}`))
		require.Equal(t, http.StatusAccepted, w.Code, path)
		require.JSONEq(t, `{"status":"ok"}`, w.Body.String())
	}
	require.Empty(t, s.Rows())
}

func TestPointsThatCannotBeTakenDoNotStopTheOthers(t *testing.T) {
	far := time.Now().Add(time.Hour).Unix()
	good := `{"metric":"good","points":[[1,1]]}`
	for bad, want := range map[string]string{
		`{"metric":"m","points":[["x",1]]}`:            `malformed 1: a point is neither [time, value] nor {timestamp, value}: "[\"x\",1]"`,
		`{"metric":"m","points":[7]}`:                  `malformed 1: a point is neither [time, value] nor {timestamp, value}: "7"`,
		`{"metric":"m","points":[[1e300,1]]}`:          `malformed 1: 1e+300 is no time`,
		`{"points":[[1,1]]}`:                           `invalid_labels 1: metric without a name`,
		`{"metric":5}`:                                 `malformed 1: metric is not a text`,
		`{"metric":"m","points":7}`:                    `malformed 1: points are not an array`,
		`{"metric":"m","type":"sum","points":[[1,1]]}`: `malformed 1: type "sum" is none of count, rate and gauge`,
		`{"metric":"m","type":7,"points":[[1,1]]}`:     `malformed 1: type 7 is none of 0 to 3`,
		`7`: `malformed 1: a series is not an object`,
		fmt.Sprintf(`{"metric":"m","points":[[%d,1]]}`, far):                `too_new 1: out of bounds: timestamp is too far in the future: series {__name__="m"}`,
		fmt.Sprintf(`{"metric":"m","type":"count","points":[[%d,1]]}`, far): `too_new 1: out of bounds: timestamp is too far in the future: series {__name__="m"}`,
	} {
		s := samplestest.New()
		w := postMetrics(metrics(s.Options()), "/datadog/api/v1/series", "", []byte(`{"series":[`+bad+`,`+good+`]}`))
		require.Equal(t, http.StatusAccepted, w.Code)
		require.Equal(t, []string{`good 1 1000`}, s.Rows(), bad)
		require.Equal(t, []string{want}, s.Refused())
		var answer struct{ Errors []string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		require.Equal(t, []string{"1 points refused: " + strings.SplitN(want, ": ", 2)[1]}, answer.Errors)
	}
}

func TestRequestsThatCannotBeReadAreRefusedWhole(t *testing.T) {
	tests := []struct{ path, contentType, body, want string }{
		{"/datadog/api/v1/series", "", `{"series":[{"metric":"m","points":[[1,1]]},`, "not JSON"},
		{"/datadog/api/v1/series", "", `[]`, "not a JSON object"},
		{"/datadog/api/v1/series", "", `{"series":{}}`, "not a JSON array of series"},
		{"/datadog/api/v1/series", "", `{"series":[]}x`, "text after the end of the JSON"},
		{"/api/v2/series", "application/x-protobuf", "\x0a\x7f", "not the protobuf of a metric payload"},
		{"/api/beta/sketches", "application/x-protobuf", "\x0a\x03\x3a\x7f\x00", "not the protobuf of a metric payload"},
		{"/api/beta/sketches", "application/json", "{}", `sketches: content type "application/json", want application/x-protobuf`},
		{"/api/v1/check_run", "", "{", "not JSON"},
	}
	for _, tt := range tests {
		s := samplestest.New()
		w := postMetrics(metrics(s.Options()), tt.path, tt.contentType, []byte(tt.body))
		require.Equal(t, 4, w.Code/100, w.Body)
		require.Contains(t, w.Body.String(), `{"errors":["`)
		var answer struct{ Errors []string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		require.Contains(t, answer.Errors[0], tt.want)
		require.Empty(t, s.Rows())
		require.Len(t, s.Refused(), 1)
	}
}

func TestBadSketchesAreRefused(t *testing.T) {
	for want, sketch := range map[string][]byte{
		`malformed 1: sketch with 1 keys and 0 counts`:                message(1, 10, 7, 2),
		`malformed 1: sketch with an infinite sum`:                    message(1, 10, 6, math.Inf(1)),
		`malformed 1: sketch with key 32767, of an infinite value`:    message(1, 10, 7, 65534, 8, 1),
		`malformed 1: 9223372036854775807 is no time`:                 message(1, math.MaxInt64),
		`malformed 1: one metric is a count and a distribution`:       nil,
		`untranslatable 1: a distribution of agents before version 6`: {},
	} {
		s := samplestest.New()
		h := metrics(s.Options())
		body := message(1, message(1, "m", 7, sketch))
		if sketch == nil {
			postMetrics(h, "/datadog/api/v1/series", "", []byte(`{"series":[{"metric":"m","type":"count","points":[[1,1]]}]}`))
			body = message(1, message(1, "m", 7, sketchOf(10, 1)))
		} else if len(sketch) == 0 {
			body = message(1, message(1, "m", 3, message(1, 5)))
		}
		require.Equal(t, http.StatusAccepted, postMetrics(h, "/api/beta/sketches", "application/x-protobuf", body).Code)
		require.Equal(t, []string{want}, s.Refused())
	}
}

func FuzzMetrics(f *testing.F) {
	f.Add(0, []byte(`{"series":[{"metric":"m","points":[[1,1],[2,null]],"type":"count","tags":["a:b"],"host":"h"}]}`))
	f.Add(1, []byte(`{"series":[{"metric":"m","type":3,"points":[{"timestamp":1,"value":2}],"resources":[{"type":"host","name":"x"}]}]}`))
	f.Add(2, message(1, message(1, message(1, "host", 2, "h"), 2, "m", 3, "a:b", 4, message(1, 1.5, 2, 10), 5, 1)))
	f.Add(3, message(1, message(1, "m", 2, "h", 4, "a:b", 7, sketchOf(10, 1, 2, -3, 0))))
	f.Add(5, []byte(`{"series":[{"metric":"d","points":[[1,[1,2]]]}]}`))
	f.Add(4, []byte(`[{"check":"c","status":1,"tags":["a"]}]`))
	paths := []struct{ path, contentType string }{
		{"/datadog/api/v1/series", "application/json"},
		{"/api/v2/series", "application/json"},
		{"/api/v2/series", "application/x-protobuf"},
		{"/api/beta/sketches", "application/x-protobuf"},
		{"/api/v1/check_run", "application/json"},
		{"/api/v1/distribution_points", "application/json"},
	}
	f.Fuzz(func(t *testing.T, i int, body []byte) {
		p := paths[uint(i)%uint(len(paths))]
		s := samplestest.New()
		w := postMetrics(metrics(s.Options()), p.path, p.contentType, body)
		switch w.Code {
		case http.StatusAccepted:
		case http.StatusBadRequest:
			if len(s.Refused()) == 0 {
				t.Fatalf("%s is not counted", w.Body)
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// The operation is a request of 1000 series of a point each, which exist.
func BenchmarkMetrics(b *testing.B) {
	var text bytes.Buffer
	var proto []byte
	text.WriteString(`{"series":[`)
	for i := range 1000 {
		if i > 0 {
			text.WriteString(",")
		}
		fmt.Fprintf(&text, `{"metric":"system.cpu.idle","points":[[1700000000,93.5]],"tags":["env:prod","region:eu-west-1","cpu:%d"],"host":"web-%d.example.org","type":"gauge","interval":15}`, i%8, i/8)
		proto = append(proto, message(1, message(
			1, message(1, "host", 2, fmt.Sprintf("web-%d.example.org", i/8)), 2, "system.cpu.idle", 3, "env:prod", 3, "region:eu-west-1", 3, fmt.Sprintf("cpu:%d", i%8),
			4, message(1, 93.5, 2, 1700000000), 5, 3))...)
	}
	text.WriteString(`]}`)
	for name, c := range map[string]struct {
		path, contentType string
		body              []byte
	}{
		"json":     {"/datadog/api/v1/series", "application/json", text.Bytes()},
		"protobuf": {"/api/v2/series", "application/x-protobuf", proto},
	} {
		b.Run(name, func(b *testing.B) {
			o := samplestest.New().Options()
			o.Store = samplestest.Discard{}
			h := metrics(o)
			b.ReportAllocs()
			for b.Loop() {
				if w := postMetrics(h, c.path, c.contentType, c.body); w.Code != http.StatusAccepted {
					b.Fatal(w.Body)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sample")
		})
	}
}
