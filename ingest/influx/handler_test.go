package influx_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/influx"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
	"github.com/oriel-obs/oriel/internal/fault"
)

func serve(o samples.Options, c influx.Config, r *http.Request) *httptest.ResponseRecorder {
	router := chi.NewRouter()
	influx.New(o, c).Mount(router)
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	return w
}

func post(s *samplestest.Store, path, body string) *httptest.ResponseRecorder {
	return serve(s.Options(), influx.DefaultConfig(), httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
}

func TestALineIsASeriesForEachField(t *testing.T) {
	tests := []struct {
		name, path, body string
		want             []string
	}{
		{"fields", "/write?db=telegraf", "cpu,host=a,cpu=cpu0 usage_idle=9.5,usage_user=0.5 1700000000000000001\n", []string{
			`cpu_usage_idle{cpu="cpu0", db="telegraf", host="a"} 9.5 1700000000000`,
			`cpu_usage_user{cpu="cpu0", db="telegraf", host="a"} 0.5 1700000000000`,
		}},
		{"the field value adds nothing", "/write", "temperature,room=1 value=20 1700000000000000000", []string{`temperature{room="1"} 20 1700000000000`}},
		{"kinds of numbers", "/write?precision=s", "m a=1i,b=2u,c=-3.5e1,d=t,e=F 5", []string{`m_a 1 5000`, `m_b 2 5000`, `m_c -35 5000`, `m_d 1 5000`, `m_e 0 5000`}},
		{"a tag db is not replaced", "/write?db=x", "m,db=y value=1 0", []string{`m{db="y"} 1 0`}},
		{"a bucket is a database", "/api/v2/write?org=o&bucket=b&precision=ms", "m value=1 7", []string{`m{db="b"} 1 7`}},
		{"the third API tells the unit by size", "/api/v3/write_lp?db=d", "m value=1 1700000000\nm value=2 1700000001000\nm value=3 1700000002000000\nm value=4 1700000003000000000", []string{
			`m{db="d"} 1 1700000000000`, `m{db="d"} 2 1700000001000`, `m{db="d"} 3 1700000002000`, `m{db="d"} 4 1700000003000`,
		}},
		{"below /influx", "/influx/write?precision=ms", "m value=1 7", []string{`m 1 7`}},
		{"below /influx, second API", "/influx/api/v2/write?precision=ms", "m value=1 7", []string{`m 1 7`}},
		{"escapes and odd names", "/write?precision=ms", `my\ disk.io,mount\ point=/a\ b read-bytes=1 7`, []string{`my_disk_io_read_bytes{mount_point="/a b"} 1 7`}},
		{"comments and empty lines", "/write?precision=ms", "# hello\n\n\r\nm value=1 7\r\n", []string{`m 1 7`}},
		{"units", "/write?precision=m", "m value=1 2", []string{`m 1 120000`}},
		{"hours", "/write?precision=h", "m value=1 2", []string{`m 1 7200000`}},
		{"microseconds, down", "/write?precision=us", "m value=1 -1", []string{`m 1 -1`}},
		{"nothing", "/write", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			w := post(s, tt.path, tt.body)
			require.Equal(t, http.StatusNoContent, w.Code, w.Body)
			require.Equal(t, "1.8.10", w.Header().Get("X-Influxdb-Version"))
			require.Equal(t, tt.want, s.Rows())
			require.Empty(t, s.Refused())
			require.EqualValues(t, len(tt.want), s.Accepted())
		})
	}
}

func TestNamingFollowsTheConfiguration(t *testing.T) {
	const body = "cpu,host=a idle=1 1000000\nmem used=2,free=3 1000000"
	tests := []struct {
		name   string
		change func(*influx.Config)
		want   []string
	}{
		{"separator", func(c *influx.Config) { c.Separator = "__" }, []string{`cpu__idle{db="d", host="a"} 1 1`, `mem__free{db="d"} 3 1`, `mem__used{db="d"} 2 1`}},
		{"single fields", func(c *influx.Config) { c.SkipSingleField = true }, []string{`cpu{db="d", host="a"} 1 1`, `mem_free{db="d"} 3 1`, `mem_used{db="d"} 2 1`}},
		{"no measurement", func(c *influx.Config) { c.SkipMeasurement = true }, []string{`free{db="d"} 3 1`, `idle{db="d", host="a"} 1 1`, `used{db="d"} 2 1`}},
		{"another label", func(c *influx.Config) { c.DatabaseLabel = "bucket" }, []string{`cpu_idle{bucket="d", host="a"} 1 1`, `mem_free{bucket="d"} 3 1`, `mem_used{bucket="d"} 2 1`}},
		{"no label", func(c *influx.Config) { c.DatabaseLabel = "" }, []string{`cpu_idle{host="a"} 1 1`, `mem_free 3 1`, `mem_used 2 1`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := samplestest.New()
			c := influx.DefaultConfig()
			tt.change(&c)
			require.NoError(t, c.Validate())
			w := serve(s.Options(), c, httptest.NewRequest(http.MethodPost, "/write?db=d", strings.NewReader(body)))
			require.Equal(t, http.StatusNoContent, w.Code)
			require.Equal(t, tt.want, s.Rows())
		})
	}
	require.ErrorContains(t, influx.Config{Separator: "."}.Validate(), `separator: "."`)
}

func TestAPointWithoutATimeIsOfNow(t *testing.T) {
	s := samplestest.New()
	before := time.Now().UnixMilli()
	require.Equal(t, http.StatusNoContent, post(s, "/write?precision=s", "m value=1").Code)
	var at int64
	_, err := fmt.Sscanf(s.Rows()[0], "m 1 %d", &at)
	require.NoError(t, err)
	require.GreaterOrEqual(t, at, before)
	require.LessOrEqual(t, at, time.Now().UnixMilli())
}

func TestTextsAreLeftOutAndCountedButNoError(t *testing.T) {
	s := samplestest.New()
	w := post(s, "/write?precision=ms", `os,host=a name="Linux",version="6",up=1i 5`+"\n"+`os kind="x" 5`)
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, []string{`os_up{host="a"} 1 5`}, s.Rows())
	require.Equal(t, []string{`untranslatable 3: measurement "os" has a field that is a text`}, s.Refused())
}

func TestAFaultyLineDoesNotStopTheOthers(t *testing.T) {
	const good = "a value=1 5\n"
	tests := []struct {
		name, bad, want string
		refused         string
	}{
		{"no fields", "b,x=y", `line 2: expected tag key or field but found '\\n' instead`, ""},
		{"no value", "b v= 5", `line 2: field value has unrecognized type`, "malformed 1: at line 2:5: field value has unrecognized type"},
		{"empty tag", "b,x= v=1 5", `line 2: expected tag value after tag key \"x\", but none found`, "malformed 1: at line 2:5: expected tag value after tag key \"x\", but none found"},
		{"bad time", "b v=1 noon", `line 2: invalid timestamp (\"noon\")`, `malformed 1: at line 2:7: invalid timestamp ("noon")`},
		{"out of range", "b v=99999999999999999999i 5", `line 2: `, ""},
		{"infinite", "b v=1e999 5", `line 2: `, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := good + tt.bad + "\nc value=2 5"
			rows := []string{`a 1 5`, `c 2 5`}

			s := samplestest.New()
			w := post(s, "/write?precision=ms", body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), `{"error":"partial write: unable to parse '`+tt.bad+`': `+tt.want)
			require.Contains(t, w.Body.String(), `dropped=1"}`)
			require.Equal(t, rows, s.Rows())
			require.Len(t, s.Refused(), 1)
			if tt.refused != "" {
				require.Equal(t, []string{tt.refused}, s.Refused())
			}

			s = samplestest.New()
			w = post(s, "/api/v2/write?precision=ms", body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), `"code":"invalid"`)
			require.Contains(t, w.Body.String(), `"line":2`)
			require.Equal(t, rows, s.Rows())

			s = samplestest.New()
			w = post(s, "/api/v3/write_lp?precision=millisecond", body)
			require.Equal(t, http.StatusBadRequest, w.Code)
			require.Contains(t, w.Body.String(), `"error":"partial write of line protocol occurred"`)
			require.Contains(t, w.Body.String(), `"line_number":2,"original_line":"`+tt.bad+`"`)
			require.Equal(t, rows, s.Rows())
		})
	}
}

func TestAnOutOfRangeTimeIsRefused(t *testing.T) {
	s := samplestest.New()
	w := post(s, "/write?precision=h", "m value=1 9999999999999999\nm value=1 99999999999999999999")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `is out of range`)
	require.Contains(t, w.Body.String(), `dropped=2`)
}

func TestSamplesTheStoreRefusesAreAPartialWrite(t *testing.T) {
	s := samplestest.New()
	require.Equal(t, http.StatusNoContent, post(s, "/write?precision=ms", "m value=1 5").Code)
	w := post(s, "/write?precision=ms", "m value=2 5\nm value=3 6")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `{"error":"partial write: duplicate sample for timestamp`)
	require.Equal(t, []string{`m 1 5`, `m 3 6`}, s.Rows())
	require.Contains(t, s.Refused()[0], "duplicate 1: ")
}

func TestRequestsThatCannotBeReadAreCounted(t *testing.T) {
	s := samplestest.New()
	w := post(s, "/write?precision=fortnight", "m value=1")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `{"error":"precision: \"fortnight\" is none of ns, us, ms, s, m, h and auto`)

	o := s.Options()
	o.Limits.MaxBodyBytes = 10
	w = serve(o, influx.DefaultConfig(), httptest.NewRequest(http.MethodPost, "/api/v2/write", strings.NewReader("m value=1 1 and so on")))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), `"code":"request too large"`)
	require.Len(t, s.Refused(), 2)

	s.Fail(fmt.Errorf("read-only: %w", fault.ErrUnavailable))
	w = post(s, "/write", "m value=1")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), `{"error":"store samples: read-only`)
}

func TestGzipIsUndone(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, "m value=1 5")
	require.NoError(t, z.Close())
	r := httptest.NewRequest(http.MethodPost, "/write?precision=ms", &b)
	r.Header.Set("Content-Encoding", "gzip")
	s := samplestest.New()
	require.Equal(t, http.StatusNoContent, serve(s.Options(), influx.DefaultConfig(), r).Code)
	require.Equal(t, []string{`m 1 5`}, s.Rows())
}

func TestWhatClientsAskBeforeTheyWriteIsAnswered(t *testing.T) {
	s := samplestest.New()
	router := chi.NewRouter()
	influx.New(s.Options(), influx.DefaultConfig()).Mount(router)
	ask := func(method, path string, form url.Values) *httptest.ResponseRecorder {
		body := ""
		if method == http.MethodPost {
			body = form.Encode()
		} else if form != nil {
			path += "?" + form.Encode()
		}
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return w
	}
	q := func(q string) url.Values { return url.Values{"q": {q}} }

	for _, method := range []string{http.MethodPost, http.MethodGet} {
		w := ask(method, "/query", q(`CREATE DATABASE "tele\"graf; x"; create retention policy rp on x duration 1d replication 1`))
		require.Equal(t, http.StatusOK, w.Code)
		require.JSONEq(t, `{"results":[{"statement_id":0},{"statement_id":1}]}`, w.Body.String())
	}
	ask(http.MethodPost, "/write?db=written", nil)
	w := ask(http.MethodGet, "/influx/query", q("show databases"))
	require.JSONEq(t, `{"results":[{"statement_id":0,"series":[{"name":"databases","columns":["name"],"values":[["tele\"graf; x"],["written"]]}]}]}`, w.Body.String())

	w = ask(http.MethodGet, "/query", q("SELECT * FROM cpu"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"error":"not supported here: \"SELECT * FROM cpu\"; query with PromQL"`)
	require.Equal(t, http.StatusBadRequest, ask(http.MethodGet, "/query", nil).Code)

	require.Equal(t, http.StatusNoContent, ask(http.MethodGet, "/ping", nil).Code)
	require.Equal(t, http.StatusNoContent, ask(http.MethodHead, "/ping", nil).Code)
	require.JSONEq(t, `{"version":"1.8.10"}`, ask(http.MethodGet, "/ping?verbose=true", nil).Body.String())
	require.Contains(t, ask(http.MethodGet, "/health", nil).Body.String(), `"status":"pass"`)
}

func FuzzWrite(f *testing.F) {
	for _, s := range []string{
		"cpu,host=a usage_idle=9.5,x=1i,y=2u,z=t,s=\"t\\\"x\ny\" 1700000000000000001\n", "m value=1\nm,=x y=1\n", "# c\r\nm v=1 -5", `a\ b,c\,d=e\=f g=1`,
		"m v=1 5 6\nn", "\xff v=1", "m,a=\xff v=1", ",", "m v=\"", "m 5=1,=2",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := samplestest.New()
		w := post(s, "/write?db=d", string(body))
		switch w.Code {
		case http.StatusNoContent:
			for _, r := range s.Refused() {
				if !strings.HasPrefix(r, "untranslatable") {
					t.Fatalf("accepted, yet %v", s.Refused())
				}
			}
		case http.StatusBadRequest:
			if len(s.Refused()) == 0 {
				t.Fatalf("%s is not counted", w.Body)
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}

// The operation is a request of 1000 lines with four fields each, to series
// that exist.
func BenchmarkWrite(b *testing.B) {
	s := samplestest.New()
	o := s.Options()
	o.Store = samplestest.Discard{}
	router := chi.NewRouter()
	influx.New(o, influx.DefaultConfig()).Mount(router)
	var body bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&body, "cpu,cpu=cpu%d,host=host-%d.example.org,region=eu-west-1 usage_idle=93.5,usage_user=3.25,usage_system=1.5,usage_iowait=0 1700000000000000000\n", i%8, i/8)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/write?db=d", bytes.NewReader(body.Bytes())))
		if w.Code != http.StatusNoContent {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4000, "ns/sample")
}
