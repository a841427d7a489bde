package lokipush_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/lokipush"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// now is when a synctest bubble begins, in ns.
const now = 946684800_000000000

// server is a push handler over a store in memory.
type server struct {
	http.Handler
	store   storagetest.Memory
	account *ingest.Account
}

func newServer(change ...func(*lokipush.Options)) *server {
	s := &server{account: ingest.NewAccount(prometheus.NewRegistry())}
	o := lokipush.Options{Events: &s.store, Limits: ingest.DefaultLimits(), Account: s.account}
	for _, c := range change {
		c(&o)
	}
	r := chi.NewRouter()
	lokipush.New(o).Mount(r)
	s.Handler = r
	return s
}

func discover(o *lokipush.Options) { o.Config = lokipush.DefaultConfig() }

// post sends body, with alternating names and values of headers.
func (s *server) post(t *testing.T, path, body string, header ...string) (status int, text string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return rec.Code, strings.TrimSuffix(rec.Body.String(), "\n")
}

func (s *server) postJSON(t *testing.T, body string) (status int, text string) {
	t.Helper()
	return s.post(t, "/loki/api/v1/push", body, "Content-Type", "application/json")
}

// rows lists what is stored, a row a line, in time order: offset from now in
// ns, stream, line, metadata.
func (s *server) rows(t *testing.T) []string {
	t.Helper()
	var out []string
	for b, err := range s.store.Scan(context.Background(), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
		require.NoError(t, err)
		for i := range b.Len() {
			line := fmt.Sprintf("%d %s %s", b.Time[i]-now, attrText(b.Stream(i).Attrs), b.Body[i])
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					line += fmt.Sprintf(" %s=%s", c.Key, v.Text())
				}
			}
			out = append(out, line)
		}
	}
	return out
}

func attrText(attrs []model.Attr) string {
	parts := make([]string, 0, len(attrs))
	for _, a := range attrs {
		parts = append(parts, a.Key+"="+a.Value.Text())
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// refused lists reasons and rows of the account.
func (s *server) refused() []string {
	var out []string
	for _, r := range s.account.Rejections() {
		out = append(out, fmt.Sprintf("%s/%s %s %d", r.Protocol, r.Signal, r.Reason, r.Rows))
	}
	slices.Sort(out)
	return out
}

// one is a JSON request of a single entry, ts relative to now.
func one(labels string, ts int64, rest string) string {
	return fmt.Sprintf(`{"streams":[{"stream":%s,"values":[["%d",%s]]}]}`, labels, now+ts, rest)
}

// The messages of logproto.

func field(num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), v)
}

func varint(num protowire.Number, x int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), uint64(x))
}

func protoEntry(ts int64, line string, meta ...string) []byte {
	at := now + ts
	e := field(1, slices.Concat(varint(1, at/1e9), varint(2, at%1e9)))
	e = append(e, field(2, []byte(line))...)
	for i := 0; i < len(meta); i += 2 {
		e = append(e, field(3, slices.Concat(field(1, []byte(meta[i])), field(2, []byte(meta[i+1]))))...)
	}
	return field(2, e)
}

func protoStream(labels string, entries ...[]byte) []byte {
	s := field(1, []byte(labels))
	return field(1, append(append(s, slices.Concat(entries...)...), varint(3, 12345)...))
}

func snap(b []byte) string { return string(s2.EncodeSnappy(nil, b)) }

func compress(t testing.TB, w interface {
	Write([]byte) (int, error)
	Close() error
}, buf *bytes.Buffer, body string,
) string {
	t.Helper()
	_, err := w.Write([]byte(body))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.String()
}

func TestPushStoresTheSameRowsFromEveryFormatAndEncoding(t *testing.T) {
	js := one(`{"app":"api","env":"prod"}`, 0, `"line \"one\"",{"user":"7"}`)
	proto := protoStream(`{app="api", env="prod"}`, protoEntry(0, `line "one"`, "user", "7"))
	legacy := `{"streams":[{"labels":"{app=\"api\",env=\"prod\"}","entries":[{"ts":"2000-01-01T01:00:00+01:00","line":"line \"one\"","structuredMetadata":{"user":"7"}}]}]}`
	zip := func(body string) string {
		var b bytes.Buffer
		return compress(t, gzip.NewWriter(&b), &b, body)
	}
	zl := func(body string) string {
		var b bytes.Buffer
		return compress(t, zlib.NewWriter(&b), &b, body)
	}
	raw := func(body string) string {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, 1)
		require.NoError(t, err)
		return compress(t, w, &b, body)
	}
	const push, prom = "/loki/api/v1/push", "/api/prom/push"
	for name, c := range map[string]struct {
		path, body string
		header     []string
	}{
		"json":                           {push, js, []string{"Content-Type", "application/json"}},
		"json with charset":              {push, js, []string{"Content-Type", "application/json; charset=utf-8"}},
		"json gzip":                      {push, zip(js), []string{"Content-Type", "application/json", "Content-Encoding", "gzip"}},
		"json deflate":                   {push, zl(js), []string{"Content-Type", "application/json", "Content-Encoding", "deflate"}},
		"json deflate without header":    {push, raw(js), []string{"Content-Type", "application/json", "Content-Encoding", "deflate"}},
		"protobuf":                       {push, snap(proto), []string{"Content-Type", "application/x-protobuf"}},
		"protobuf, encoding said":        {push, snap(proto), []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "snappy"}},
		"protobuf gzip":                  {push, zip(snap(proto)), []string{"Content-Type", "application/x-protobuf", "Content-Encoding", "gzip"}},
		"no content type means protobuf": {push, snap(proto), nil},
		"another content type too":       {push, snap(proto), []string{"Content-Type", "text/plain"}},
		"legacy json":                    {prom, legacy, []string{"Content-Type", "application/json"}},
		"legacy protobuf":                {prom, snap(proto), []string{"Content-Type", "application/x-protobuf"}},
		"json, values before stream": {
			push, fmt.Sprintf(`{"x":[1,{}],"streams":[{"values":[["%d","line \"one\"",{"user":"7"}]],"y":null,"stream":{"env":"prod","app":"api"}}]}`, now),
			[]string{"Content-Type", "application/json"},
		},
		"protobuf, labels after entries": {
			push, snap(field(1, slices.Concat(protoEntry(0, `line "one"`, "user", "7"), field(1, []byte(`{env="prod",app="api"}`))))), nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				status, text := s.post(t, c.path, c.body, c.header...)
				require.Equal(t, http.StatusNoContent, status, text)
				require.Empty(t, text)
				require.Equal(t, []string{`0 {app=api,env=prod} line "one" user=7`}, s.rows(t))
				require.Empty(t, s.refused())
				require.EqualValues(t, 1, s.account.Accepted()[0].Rows)
			})
		})
	}
}

func TestPushRefusesWholeRequests(t *testing.T) {
	js := []string{"Content-Type", "application/json"}
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		text       string // in the body
		reason     string
	}{
		"number as timestamp":    {body: `{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}`, header: js, text: "want a timestamp in a string, got a number"},
		"timestamp not digits":   {body: `{"streams":[{"stream":{"a":"b"},"values":[["2026-01-01T00:00:00Z","x"]]}]}`, header: js, text: `timestamp "2026-01-01T00:00:00Z" is not a number of nanoseconds`},
		"timestamp overflows":    {body: `{"streams":[{"stream":{"a":"b"},"values":[["99999999999999999999","x"]]}]}`, header: js, text: "is not a number of nanoseconds"},
		"nested metadata":        {body: one(`{"a":"b"}`, 0, `"x",{"k":{"n":"v"}}`), header: js, text: "want a string, got an object"},
		"number in metadata":     {body: one(`{"a":"b"}`, 0, `"x",{"k":1}`), header: js, text: "want a string, got a number"},
		"line not a string":      {body: one(`{"a":"b"}`, 0, `7`), header: js, text: "want a log line, got a number"},
		"entry without line":     {body: `{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}`, header: js, text: "an entry needs a timestamp and a line"},
		"entry too long":         {body: one(`{"a":"b"}`, 0, `"x",{},1`), header: js, text: "an entry has more than 3 elements"},
		"truncated json":         {body: one(`{"a":"b"}`, 0, `"x"`)[:50], header: js, text: "couldn't decode JSON push request: "},
		"text after the end":     {body: one(`{"a":"b"}`, 0, `"x"`) + "{}", header: js, text: "text after the end"},
		"not an object":          {body: `[]`, header: js, text: "want an object, got an array"},
		"empty body":             {header: js, text: "unexpected EOF"},
		"no streams":             {body: `{"streams":[]}`, header: js, status: 422, text: "error at least one valid stream is required for ingestion"},
		"no streams at all":      {body: `{}`, header: js, status: 422, text: "error at least one valid stream is required for ingestion"},
		"empty protobuf":         {body: snap(nil), status: 422, text: "error at least one valid stream is required for ingestion"},
		"not snappy":             {body: "plain text, not snappy", text: "decompress snappy body"},
		"protobuf not snapped":   {body: string(protoStream(`{a="b"}`, protoEntry(0, "x"))), text: "decompress snappy body"},
		"truncated protobuf":     {body: snap(protoStream(`{a="b"}`, protoEntry(0, "x"))[:12]), text: "couldn't decode protobuf push request: "},
		"unknown encoding":       {body: "x", header: []string{"Content-Encoding", "br"}, text: `Content-Encoding "br" not supported`, reason: ingest.ReasonMediaType},
		"bad content type":       {body: "x", header: []string{"Content-Type", "application/"}, text: `Content-Type "application/"`, reason: ingest.ReasonMediaType},
		"not gzip":               {body: "x", header: append([]string{"Content-Encoding", "gzip"}, js...), text: "decompress gzip body"},
		"body over the limit":    {body: strings.Repeat(" ", 2048), header: js, status: 413, text: "body is larger than the limit of 1024 bytes", reason: ingest.ReasonTooLarge},
		"snappy bomb":            {body: snap(make([]byte, 1<<20)), status: 413, text: "body is larger than the limit of 1024 bytes", reason: ingest.ReasonTooLarge},
		"legacy shape, new path": {body: `{"streams":[{"stream":"{a=\"b\"}","values":[["1","x"]]}]}`, header: js, text: "want an object, got a string", reason: ingest.ReasonLabels},
		"legacy bad time":        {path: "/api/prom/push", body: `{"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"1","line":"x"}]}]}`, header: js, text: `timestamp "1" is not RFC 3339`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(func(o *lokipush.Options) { o.Limits.MaxBodyBytes = 1024 })
				path := c.path
				if path == "" {
					path = "/loki/api/v1/push"
				}
				status, text := s.post(t, path, c.body, c.header...)
				require.Contains(t, text, c.text)
				want := c.status
				if want == 0 {
					want = http.StatusBadRequest
				}
				require.Equal(t, want, status)
				require.Empty(t, s.rows(t))
				reason := c.reason
				if reason == "" {
					reason = ingest.ReasonMalformed
				}
				require.Equal(t, []string{"loki/logs " + reason + " 1"}, s.refused())
			})
		})
	}
}

func TestPushStoresGoodEntriesBesideBadOnes(t *testing.T) {
	good := fmt.Sprintf(`{"stream":{"ok":"1"},"values":[["%d","good"]]}`, now)
	const stored = "0 {ok=1} good"
	entry := func(labels string, ts int64, rest string) string {
		return fmt.Sprintf(`{"stream":%s,"values":[["%d",%s]]}`, labels, now+ts, rest)
	}
	day := int64(24 * time.Hour)
	for name, c := range map[string]struct{ stream, text, reason string }{
		"too old": {
			entry(`{"a":"b"}`, -8*day, `"x"`),
			"entry for stream '{a=\"b\"}' has timestamp too old: 1999-12-24T00:00:00Z, oldest acceptable timestamp is: 1999-12-25T00:00:00Z", "too_old 1",
		},
		"too new":       {entry(`{"a":"b"}`, int64(time.Hour), `"x"`), "entry for stream '{a=\"b\"}' has timestamp too new: 2000-01-01T01:00:00Z", "too_new 1"},
		"line too long": {entry(`{"a":"b"}`, 0, `"`+strings.Repeat("x", 101)+`"`), "max entry size '100' bytes exceeded for stream '{a=\"b\"}' while adding an entry with length '101' bytes", "too_large 1"},
		"no labels":     {entry(`{}`, 0, `"x"`), "error at least one label pair is required per stream", "invalid_labels 1"},
		"label object missing": {
			fmt.Sprintf(`{"values":[["%d","x"]]}`, now), "error at least one label pair is required per stream", "invalid_labels 1",
		},
		"only empty labels":  {entry(`{"a":""}`, 0, `"x"`), "error at least one label pair is required per stream", "invalid_labels 1"},
		"too many labels":    {entry(`{"a":"1","b":"2","c":"3","d":"4"}`, 0, `"x"`), `entry for stream '{a="1", b="2", c="3", d="4"}' has 4 label names; limit 3`, "invalid_labels 1"},
		"label name long":    {entry(`{"abcdefghijk":"1"}`, 0, `"x"`), `stream '{abcdefghijk="1"}' has label name too long: 'abcdefghijk'`, "invalid_labels 1"},
		"label value long":   {entry(`{"a":"abcdefghijk"}`, 0, `"x"`), `stream '{a="abcdefghijk"}' has label value too long: 'abcdefghijk'`, "invalid_labels 1"},
		"label twice":        {entry(`{"a":"1","a":"2"}`, 0, `"x"`), `stream '{a="1", a="2"}' has duplicate label name: 'a'`, "invalid_labels 1"},
		"illegal label name": {entry(`{"a-b":"1"}`, 0, `"x"`), `couldn't parse labels: invalid label name "a-b"`, "invalid_labels 1"},
		"label not a string": {entry(`{"a":{"b":"c"}}`, 0, `"x"`), "couldn't parse labels: at byte 4: want a string, got an object", "invalid_labels 1"},
		"label not UTF-8":    {entry("{\"a\":\"\xff\"}", 0, `"x"`), `couldn't parse labels: value "\xff" of label a is not valid UTF-8`, "invalid_labels 1"},
		"metadata too much":  {entry(`{"a":"b"}`, 0, `"x",{"a":"1","b":"2","c":"3"}`), "stream '{a=\"b\"}' has too many structured metadata labels: '3', limit: '2'", "invalid_labels 1"},
		"metadata too large": {entry(`{"a":"b"}`, 0, `"x",{"k":"`+strings.Repeat("v", 50)+`"}`), "stream '{a=\"b\"}' has structured metadata too large: '51' bytes, limit: '50' bytes", "too_large 1"},
		"several of a kind":  {fmt.Sprintf(`{"stream":{},"values":[["%d","x"],["%d","y"]]}`, now, now), "2 errors like: error at least one label pair is required per stream", "invalid_labels 2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(func(o *lokipush.Options) {
					o.Limits = ingest.Limits{
						MaxAge: 7 * 24 * time.Hour, MaxFuture: 10 * time.Minute, MaxLineBytes: 100, MaxLabels: 3,
						MaxLabelNameBytes: 10, MaxLabelValueBytes: 10, MaxAttrs: 2, MaxAttrBytes: 50, MaxBodyBytes: 1 << 20,
					}
				})
				status, text := s.postJSON(t, `{"streams":[`+c.stream+`,`+good+`]}`)
				require.Equal(t, c.text, text)
				require.Equal(t, http.StatusBadRequest, status)
				require.Equal(t, []string{stored}, s.rows(t))
				require.Equal(t, []string{"loki/logs " + c.reason}, s.refused())
			})
		})
	}
}

func TestPushParsesLabelTextAsPrometheusDoes(t *testing.T) {
	for labels, want := range map[string]string{
		`{a="b"}`:              "{a=b}",
		`{ a = 'b' , c="d", }`: "{a=b,c=d}",
		"{z=\"1\", a=`\\d`}":   `{a=\d,z=1}`,
		`{a="\"q\" \u00e9"}`:   `{a="q" é}`,
		`{a="1",empty=""}`:     "{a=1}",
		`{a="1",a="2"}`:        `400 stream '{a="1", a="2"}' has duplicate label name: 'a'`,
		`{}`:                   "400 error at least one label pair is required per stream",
		`{a="b"`:               "400 couldn't parse labels: 1:7: parse error: unexpected end of input inside braces",
		`{a=~"b"}`:             `400 couldn't parse labels: `,
		`{"a.b"="c"}`:          `400 couldn't parse labels: invalid label name "a.b"`,
		``:                     "400 error at least one label pair is required per stream",
		"{a=\"\xff\"}":         "400 couldn't parse labels: ",
		`{a="` + strings.Repeat("x", 9000) + `"}`: "{a=" + strings.Repeat("x", 9000) + "}",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer()
			for range 2 { // the second time from the cache, where it may be
				status, text := s.post(t, "/loki/api/v1/push", snap(protoStream(labels, protoEntry(0, "x"))))
				if strings.HasPrefix(want, "400") {
					require.Contains(t, fmt.Sprint(status, " ", text), want, labels)
				} else {
					require.Equal(t, http.StatusNoContent, status, text)
				}
			}
			if !strings.HasPrefix(want, "400") {
				require.Equal(t, []string{"0 " + want + " x", "0 " + want + " x"}, s.rows(t))
			}
		})
	}
}

func TestPushDropsDuplicatesWithinAStream(t *testing.T) {
	for name, c := range map[string]struct {
		streams []string
		want    []string
	}{
		"same time, line and metadata": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","x",{"k":"v"}],["946684800000000000","x",{"k":"v"}]]}`},
			[]string{"0 {a=1} x k=v"},
		},
		"same time, other line": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","y"],["946684800000000000","x"]]}`},
			[]string{"0 {a=1} y", "0 {a=1} x"},
		},
		"same time and line, other metadata": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","x",{"k":"v"}],["946684800000000000","x",{"k":"w"}],["946684800000000000","x"]]}`},
			[]string{"0 {a=1} x k=v", "0 {a=1} x k=w", "0 {a=1} x"},
		},
		"out of order": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000002","x"],["946684800000000001","x"],["946684800000000002","x"],["946684800000000001","x"],["946684800000000003","x"]]}`},
			[]string{"1 {a=1} x", "2 {a=1} x", "3 {a=1} x"},
		},
		"other stream": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","x"]]}`, `{"stream":{"a":"2"},"values":[["946684800000000000","x"]]}`},
			[]string{"0 {a=1} x", "0 {a=2} x"},
		},
		"stream twice in the request": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","x"]]}`, `{"stream":{"a":"2"},"values":[["946684800000000000","x"]]}`, `{"stream":{"a":"1"},"values":[["946684800000000000","x"]]}`},
			[]string{"0 {a=1} x", "0 {a=2} x"},
		},
		"metadata boundaries count": {
			[]string{`{"stream":{"a":"1"},"values":[["946684800000000000","x",{"ab":"c"}],["946684800000000000","x",{"a":"bc"}]]}`},
			[]string{"0 {a=1} x ab=c", "0 {a=1} x a=bc"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				status, text := s.postJSON(t, `{"streams":[`+strings.Join(c.streams, ",")+`]}`)
				require.Equal(t, http.StatusNoContent, status, text)
				require.Equal(t, c.want, s.rows(t))
			})
		})
	}
}

func TestPushDiscoversServiceAndLevelUnlessTurnedOff(t *testing.T) {
	for name, c := range map[string]struct{ labels, rest, want string }{
		"service from a label":       {`{"container":"c","app":"api"}`, `"x"`, "0 {app=api,container=c,service_name=api} x detected_level=unknown"},
		"service unknown":            {`{"a":"b"}`, `"x"`, "0 {a=b,service_name=unknown_service} x detected_level=unknown"},
		"service given":              {`{"service_name":"s","app":"api"}`, `"x"`, "0 {app=api,service_name=s} x detected_level=unknown"},
		"level from a stream label":  {`{"service_name":"s","level":"WARN"}`, `"an error"`, "0 {level=WARN,service_name=s} an error detected_level=warn"},
		"level from metadata":        {`{"service_name":"s"}`, `"x",{"level":"debug"}`, "0 {service_name=s} x detected_level=debug level=debug"},
		"level from the line":        {`{"service_name":"s"}`, `"{\"level\":\"error\"}"`, `0 {service_name=s} {"level":"error"} detected_level=error`},
		"level given":                {`{"service_name":"s"}`, `"error",{"detected_level":"mine"}`, "0 {service_name=s} error detected_level=mine"},
		"level given in the stream":  {`{"service_name":"s","detected_level":"mine"}`, `"error"`, "0 {detected_level=mine,service_name=s} error"},
		"empty metadata is no value": {`{"service_name":"s"}`, `"x",{"k":""}`, "0 {service_name=s} x detected_level=unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(discover)
				status, text := s.postJSON(t, one(c.labels, 0, c.rest))
				require.Equal(t, http.StatusNoContent, status, text)
				require.Equal(t, []string{c.want}, s.rows(t))

				off := newServer()
				status, text = off.postJSON(t, one(`{"a":"b"}`, 0, `"error"`))
				require.Equal(t, http.StatusNoContent, status, text)
				require.Equal(t, []string{"0 {a=b} error"}, off.rows(t))
			})
		})
	}
}

func TestPushKeepsLinesByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		status, text := s.postJSON(t, fmt.Sprintf(`{"streams":[{"stream":{"a":"b"},"values":[["%d","%s"],["%d","%s"]]}]}`,
			now, "raw \xff byte", now+1, `tab\tquote\" \u00e9 \ud83d\ude00 \u0000`))
		require.Equal(t, http.StatusNoContent, status, text)
		require.Equal(t, []string{"0 {a=b} raw \xff byte", "1 {a=b} tab\tquote\" é 😀 \x00"}, s.rows(t))
	})
}

func TestPushOfStreamsWithoutEntriesIsAccepted(t *testing.T) {
	for _, body := range []string{`{"streams":[{"stream":{"a":"b"},"values":[]}]}`, `{"streams":[{"stream":{"a":"b"},"values":null}]}`} {
		s := newServer()
		status, text := s.postJSON(t, body)
		require.Equal(t, http.StatusNoContent, status, text)
		require.Empty(t, s.rows(t))
	}
}

func TestPushOfImpossibleTimesIsRefusedAsTooOldOrTooNew(t *testing.T) {
	for _, c := range []struct {
		seconds int64
		reason  string
	}{{1 << 62, "too_new"}, {-1 << 62, "too_old"}, {0, "too_old"}} {
		s := newServer()
		e := field(2, slices.Concat(field(1, varint(1, c.seconds)), field(2, []byte("x"))))
		status, _ := s.post(t, "/loki/api/v1/push", snap(protoStream(`{a="b"}`, e)))
		require.Equal(t, http.StatusBadRequest, status)
		require.Equal(t, []string{"loki/logs " + c.reason + " 1"}, s.refused())
	}
}

// failing is a store that takes nothing.
type failing struct{ err error }

func (f failing) Append(context.Context, *model.Batch) error { return f.err }

func TestPushAnswersForTheStore(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		reason string
	}{
		{storage.ErrReadOnly, 503, "storage"},
		{storage.ErrBusy, 429, "overload"},
		{errors.New("disk on fire"), 500, "storage"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(func(o *lokipush.Options) { o.Events = failing{c.err} })
			status, text := s.postJSON(t, one(`{"a":"b"}`, 0, `"x"`))
			require.Equal(t, c.status, status)
			require.Contains(t, text, c.err.Error())
			require.Equal(t, []string{"loki/logs " + c.reason + " 1"}, s.refused())
			require.Empty(t, s.account.Accepted())
		})
	}
}

func TestPushIsPostOnly(t *testing.T) {
	rec := httptest.NewRecorder()
	newServer().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/loki/api/v1/push", nil))
	require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
}
