package elastic_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/elastic"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

type server struct {
	*logrecordtest.Store
	http.Handler
}

func newServer(change ...func(*logrecord.Options)) *server {
	s := &server{Store: logrecordtest.New()}
	o := s.Options()
	for _, c := range change {
		c(&o)
	}
	r := chi.NewRouter()
	r.Route("/elastic", elastic.New(o, elastic.DefaultConfig()).Mount)
	s.Handler = r
	return s
}

// ask sends a request; headers are pairs.
func (s *server) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), method, "/elastic"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// untimed cuts what differs from run to run.
func untimed(body string) string {
	_, rest, ok := strings.Cut(body, `{"took":`)
	if !ok {
		return body
	}
	_, rest, _ = strings.Cut(rest, ",")
	return "{" + rest
}

func TestBulkAnswersEveryActionInItsPlace(t *testing.T) {
	s := newServer()
	w := s.ask(http.MethodPost, "/_bulk", strings.Join([]string{
		`{"create":{"_index":"logs-app-prod"}}`,
		`{"@timestamp":"2026-01-02T03:04:05.678Z","message":"one","service":{"name":"api"},"log.level":"warn"}`,
		``,
		`{"delete":{"_index":"x","_id":"7"}}`,
		`{"index":{"_index":"x","_id":"a\"b","_type":"_doc","routing":null}}` + "\r",
		`{"@timestamp":1767323045678,"msg":"two","user":{"id":12345678901234567890}}` + "\r",
		`{"update":{"_id":"1","_index":"x"}}`,
		`{"doc":{"message":"never"}}`,
		`{"create":{}}`,
		`{"message":"nowhere"}`,
		`{"create":{"_index":"x"}}`,
		`["not","an","object"]`,
		`{"create":{"_index":"x"}}`,
		`{"@timestamp":"noon","message":"bad time"}`,
		`{"index":{"_index":"x"}}`,
		`{"@timestamp":"2026-01-02T03:04:06Z","message":"last, without a newline"}`,
	}, "\n"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "Elasticsearch", w.Header().Get("X-Elastic-Product"))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, `{"errors":true,"items":[`+strings.Join([]string{
		`{"create":{"_index":"logs-app-prod","status":201}}`,
		`{"delete":{"_index":"x","_id":"7","status":404,"result":"not_found"}}`,
		`{"index":{"_index":"x","_id":"a\"b","status":201}}`,
		`{"update":{"_index":"x","_id":"1","status":400,"error":{"type":"mapper_parsing_exception","reason":"update: records are only appended; send index or create"}}}`,
		`{"create":{"_index":"","status":400,"error":{"type":"mapper_parsing_exception","reason":"Validation Failed: 1: index is missing;"}}}`,
		`{"create":{"_index":"x","status":400,"error":{"type":"mapper_parsing_exception","reason":"not a JSON object"}}}`,
		`{"create":{"_index":"x","status":400,"error":{"type":"mapper_parsing_exception","reason":"field \"@timestamp\" is not a time: \"noon\""}}}`,
		`{"index":{"_index":"x","status":201}}`,
	}, ",")+`]}`, untimed(w.Body.String()))
	require.Equal(t, []string{
		`2026-01-02T03:04:05.678Z {data_stream_dataset="app", data_stream_namespace="prod", data_stream_type="logs", index="logs-app-prod", service_name="api"} log.level=warn: one`,
		`2026-01-02T03:04:05.678Z {index="x"} user.id=12345678901234567890: two`,
		`2026-01-02T03:04:06Z {index="x"}: last, without a newline`,
	}, s.Rows(t))
	require.Equal(t, map[string]int64{"malformed": 5}, s.Refused())
}

func TestBulkWithoutErrors(t *testing.T) {
	body := `{"create":{}}` + "\n" + `{"@timestamp":1,"message":"x"}` + "\n"
	for _, path := range []string{"/idx/_bulk", "/idx/_doc/_bulk", "//idx/_bulk/"} {
		s := newServer()
		w := s.ask(http.MethodPut, path, body, "Content-Type", "application/vnd.elasticsearch+x-ndjson;compatible-with=8", "Accept", "application/vnd.elasticsearch+json;compatible-with=8")
		require.Equal(t, `{"errors":false,"items":[{"create":{"_index":"idx","status":201}}]}`, untimed(w.Body.String()), path)
		require.Equal(t, "application/vnd.elasticsearch+json;compatible-with=8", w.Header().Get("Content-Type"))
		require.Equal(t, []string{`1970-01-01T00:00:01Z {index="idx"}: x`}, s.Rows(t))
	}
}

func TestFilterPath(t *testing.T) {
	body := `{"create":{"_id":"1"}}` + "\n" + `{"message":"x"}` + "\n" + `{"create":{}}` + "\n7\n"
	for param, want := range map[string]string{
		"errors,items.*.error,items.*.status": `{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"not a JSON object"}}}]}`,
		"items.*.status":                      `{"items":[{"create":{"status":201}},{"create":{"status":400}}]}`,
		"errors":                              `{"errors":true}`,
		"-took,-items.**":                     `{"errors":true}`,
		"items.**._id,errors":                 `{"errors":true,"items":[{"create":{"_index":"i","_id":"1","status":201}},{"create":{"_index":"i","status":400,"error":{"type":"mapper_parsing_exception","reason":"not a JSON object"}}}]}`,
		"nothing":                             `{}`,
	} {
		w := newServer().ask(http.MethodPost, "/i/_bulk?filter_path="+param, body)
		require.Equal(t, want, untimed(w.Body.String()), param)
	}
}

func TestBulkRefusesWhatHasNoPairs(t *testing.T) {
	for body, want := range map[string]string{
		"":              `"type":"parse_exception","reason":"request body is required"`,
		"garbage\n{}\n": `"type":"illegal_argument_exception","reason":"Malformed action/metadata line [1], expected START_OBJECT`,
		"{\"create\":{\"_index\":\"x\"}}\n{\"message\":\"x\"}\n\n[]\n{}\n": `Malformed action/metadata line [4], expected START_OBJECT but found [[]`,
		"{\"upsert\":{}}\n{}\n":         `expected field [create], [delete], [index] or [update] but found [upsert]`,
		"{\"create\":7}\n{}\n":          `Malformed action/metadata line [1], expected START_OBJECT but found [7]`,
		"{\"create\":{},\"x\":1}\n{}\n": `expected END_OBJECT but found [x]`,
		"{\"create\":{}}\n":             `Malformed action/metadata line [1], no document follows it`,
	} {
		s := newServer()
		w := s.ask(http.MethodPost, "/_bulk", body)
		require.Equal(t, http.StatusBadRequest, w.Code, body)
		require.Contains(t, w.Body.String(), want)
		require.True(t, json.Valid(w.Body.Bytes()), w.Body)
		require.Empty(t, s.Rows(t), "all or nothing")
		require.NotEmpty(t, s.Account.Rejections())
	}
}

func TestCompressedBodies(t *testing.T) {
	body := `{"index":{"_index":"x"}}` + "\n" + `{"@timestamp":1,"message":"x"}` + "\n"
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	z.Write([]byte(body))
	z.Close()
	enc, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	for encoding, b := range map[string]string{"gzip": gz.String(), "zstd": string(enc.EncodeAll([]byte(body), nil))} {
		s := newServer()
		require.Equal(t, http.StatusOK, s.ask(http.MethodPost, "/_bulk", b, "Content-Encoding", encoding).Code, encoding)
		require.Len(t, s.Rows(t), 1)
	}
	w := newServer().ask(http.MethodPost, "/_bulk", body, "Content-Encoding", "br")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "unsupported Content-Encoding: br")
}

func TestTooLargeIsSaidInElasticsearchsForm(t *testing.T) {
	s := newServer(func(o *logrecord.Options) { o.Limits.MaxBodyBytes = 10 })
	w := s.ask(http.MethodPost, "/_bulk", `{"create":{"_index":"x"}}`+"\n{}\n")
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.JSONEq(t, `{"error":{"root_cause":[{"type":"content_too_long_exception","reason":"body is larger than the limit of 10 bytes: too large"}],
		"type":"content_too_long_exception","reason":"body is larger than the limit of 10 bytes: too large"},"status":413}`, w.Body.String())
	require.Equal(t, map[string]int64{"too_large": 1}, s.Refused())
}

type failing struct{ err error }

func (f failing) Append(context.Context, *model.Batch) error { return f.err }

func TestAFailingStoreAsksForARetry(t *testing.T) {
	for err, status := range map[error]int{storage.ErrBusy: 429, storage.ErrReadOnly: 503} {
		s := newServer(func(o *logrecord.Options) { o.Events = failing{err} })
		w := s.ask(http.MethodPost, "/_bulk", `{"create":{"_index":"x"}}`+"\n{}\n")
		require.Equal(t, status, w.Code)
		require.Equal(t, "1", w.Header().Get("Retry-After"))
		require.Equal(t, "Elasticsearch", w.Header().Get("X-Elastic-Product"))
	}
}

func TestOneDocument(t *testing.T) {
	s := newServer()
	w := s.ask(http.MethodPost, "/app/_doc", "{\n \"@timestamp\": 1,\n \"message\": \"one\"\n}\n")
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Regexp(t, `^\{"_index":"app","_id":"[A-Z2-7]{20}","_version":1,"result":"created",`, w.Body.String())
	require.Contains(t, s.ask(http.MethodPut, "/app/_create/id1", `{"@timestamp":2,"message":"two"}`).Body.String(), `"_id":"id1"`)
	require.Equal(t, []string{`1970-01-01T00:00:01Z {index="app"}: one`, `1970-01-01T00:00:02Z {index="app"}: two`}, s.Rows(t))
	w = s.ask(http.MethodPost, "/app/_doc", `7`)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "not a JSON object")
}

// What shippers ask before they send, each with its source: the handshake
// table of the shippers' own code.
func TestHandshake(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		body         string // part of it
	}{
		{"GET", "", 200, `"tagline":"You Know, for Search"`},
		{"GET", "/", 200, `"number":"8.17.0"`},
		{"HEAD", "/", 200, ``},
		{"GET", "/_license", 200, `"type":"basic"`},
		{"GET", "/_xpack/license", 200, `"status":"active"`},
		{"GET", "/_xpack?filter_path=features.ilm", 200, `"ilm":{"available":true,"enabled":true}`},
		{"POST", "/_monitoring/bulk?system_id=beats", 200, `"errors":false`},
		{"POST", "/_xpack/monitoring/_bulk", 200, `"ignored":true`},
		{"GET", "/_cluster/health/", 200, `"status":"green"`},
		{"GET", "/_cluster/state/version", 200, `"version":1`},
		{"GET", "/_nodes/_all/http", 200, `"nodes":{}`},
		{"HEAD", "/_ilm/policy/filebeat", 200, ``},
		{"PUT", "/_ilm/policy/filebeat", 200, `{"acknowledged":true}`},
		{"HEAD", "/_index_template/filebeat-8.17.0", 200, ``},
		{"PUT", "/_index_template/filebeat-8.17.0", 200, `{"acknowledged":true}`},
		{"GET", "/_template/logstash", 200, `{}`},
		{"POST", "/_component_template/x", 200, `{"acknowledged":true}`},
		{"GET", "/_data_stream/filebeat-8.17.0", 200, `{"data_streams":[{"status":"GREEN","name":"filebeat-8.17.0"}]}`},
		{"PUT", "/_data_stream/filebeat-8.17.0", 200, `{"acknowledged":true}`},
		{"HEAD", "/filebeat-000001", 200, ``},
		{"PUT", "/filebeat-000001", 200, `{"acknowledged":true,"shards_acknowledged":true,"index":"filebeat-000001"}`},
		{"HEAD", "/_alias/logstash", 200, ``},
		{"PUT", "/logstash-1/_alias/logstash", 200, `{"acknowledged":true}`},
		{"PUT", "/_ingest/pipeline/filebeat-nginx", 200, `{"acknowledged":true}`},
		{"GET", "/_ingest/pipeline", 200, `{}`},
		{"GET", "/_logstash/pipeline?id=main", 200, `{}`},
		{"POST", "/app/_refresh", 200, `"failed":0`},
		{"POST", "/_all/_refresh", 200, `"failed":0`},
		{"GET", "/app/_search", 404, `{"error":"no handler found for uri [/app/_search] and method [GET]","status":404}`},
		{"GET", "/_nothing", 404, `no handler found`},
		{"GET", "/_bulk", 405, `Incorrect HTTP method for uri [/_bulk] and method [GET], allowed: [POST, PUT]`},
		{"DELETE", "/_license", 405, `allowed: [GET]`},
	}
	for _, tt := range tests {
		w := newServer().ask(tt.method, tt.path, "")
		require.Equal(t, tt.status, w.Code, "%s %s", tt.method, tt.path)
		require.Contains(t, w.Body.String(), tt.body, "%s %s", tt.method, tt.path)
		require.Equal(t, "Elasticsearch", w.Header().Get("X-Elastic-Product"), "%s %s", tt.method, tt.path)
		require.True(t, json.Valid(w.Body.Bytes()), w.Body)
		require.Equal(t, tt.status == 405, w.Header().Get("Allow") != "")
	}
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	c := elastic.DefaultConfig()
	require.NoError(t, c.Validate())
	c.Version = "eight"
	require.ErrorContains(t, c.Validate(), `version: "eight" is not of the form 8.17.0`)
}

func FuzzBulk(f *testing.F) {
	for _, s := range []string{
		"{\"create\":{\"_index\":\"x\",\"_id\":\"1\"}}\n{\"@timestamp\":1,\"message\":\"x\",\"a\":{\"b\":[1]}}\n",
		"{\"delete\":{}}\n{\"index\":{}}\r\n7\r\n\n{\"update\":{\"_index\":null}}\n{}", "{\"create\":{}}\n", "x", "{\"create\":{}}\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := newServer()
		w := s.ask(http.MethodPost, "/i/_bulk", string(body))
		switch w.Code {
		case http.StatusBadRequest:
			if len(s.Rows(t)) > 0 || len(s.Account.Rejections()) == 0 {
				t.Fatalf("refused, yet stored or not counted: %s", w.Body)
			}
			return
		case http.StatusOK:
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var answer struct {
			Errors bool
			Items  []map[string]struct{ Status int }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		created := 0
		for _, it := range answer.Items {
			for _, x := range it {
				if x.Status == http.StatusCreated {
					created++
				}
			}
		}
		if created != len(s.Rows(t)) || answer.Errors != (created < len(answer.Items)) {
			t.Fatalf("%d rows for %s", len(s.Rows(t)), w.Body)
		}
	})
}

// discard is a store that keeps nothing.
type discard struct{}

func (discard) Append(context.Context, *model.Batch) error { return nil }

func BenchmarkBulk(b *testing.B) {
	const n = 5000
	const line = `level=info ts=2026-01-01T00:00:00Z caller=server.go:123 msg="request served" method=GET path=/api/v1/orders status=200 duration=12.3ms`
	var sb strings.Builder
	for i := range n {
		fmt.Fprintf(&sb, "{\"create\":{\"_index\":\"logs-app-prod\"}}\n{\"@timestamp\":\"2026-01-02T03:04:05.%09dZ\",\"message\":%q,\"service\":{\"name\":\"api\"},\"trace\":{\"id\":\"0af7651916cd43dd8448eb211c80319c\"}}\n", i, line)
	}
	s := newServer(func(o *logrecord.Options) { o.Events, o.Config = discard{}, logrecord.DefaultConfig() })
	b.SetBytes(int64(n * len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if w := s.ask(http.MethodPost, "/_bulk", sb.String()); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
