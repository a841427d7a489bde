package logrecord_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
)

var mapping = logrecord.Mapping{
	Time:   []string{"@timestamp", "time"},
	Body:   []string{"message", "msg"},
	Labels: map[string]string{"host.name": "host_name", "app": "app"},
	Rename: map[string]string{"trace.id": "trace_id"},
}

func TestReadDocument(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"fields have their meanings", `{"@timestamp":"2026-01-02T03:04:05Z","message":"hi","app":"api","trace":{"id":"0af"}}`, `2026-01-02T03:04:05Z {app="api"} trace_id=0af: hi`},
		{"nested keys are joined by dots", `{"time":1,"msg":"x","a":{"b":{"c":1},"d":true}}`, `1970-01-01T00:00:01Z {} a.b.c=1 a.d=true: x`},
		{"a nested field can be a label", `{"time":1,"msg":"x","host":{"name":"h","ip":["1","2"]}}`, `1970-01-01T00:00:01Z {host_name="h"} host.ip=["1","2"]: x`},
		{"dotted and nested keys are one; the last wins", `{"time":1,"msg":"x","a.b":1,"a":{"b":2}}`, `1970-01-01T00:00:01Z {} a.b=2: x`},
		{"of repeated keys the last wins", `{"time":1,"msg":"x","msg":"y","k":1,"k":2}`, `1970-01-01T00:00:01Z {} k=2: y`},
		{"the first named field is the line, the other an attribute", `{"time":1,"msg":"x","message":"y"}`, `1970-01-01T00:00:01Z {} msg=x: y`},
		{"the first named field is the time, the other an attribute", `{"time":7,"message":"y","@timestamp":1}`, `1970-01-01T00:00:01Z {} time=7: y`},
		{"null and the empty text are absent", `{"time":1,"msg":"x","a":null,"b":"","c":{}}`, `1970-01-01T00:00:01Z {}: x`},
		{"a document without a line is the line", ` {"time":1,"a":"b"} `, `1970-01-01T00:00:01Z {} a=b: {"time":1,"a":"b"}`},
		{"a line that is no text is its JSON", `{"time":1,"msg":{"a":1}}`, `1970-01-01T00:00:01Z {} msg.a=1: {"time":1,"msg":{"a":1}}`},
		{"a line can be a number", `{"time":1,"msg":1.50}`, `1970-01-01T00:00:01Z {}: 1.50`},
		{"large numbers lose no digit", `{"time":1,"msg":"x","a":9223372036854775807,"b":18446744073709551615,"c":0.1,"d":1.50,"e":1e3}`, `1970-01-01T00:00:01Z {} a=9223372036854775807 b=18446744073709551615 c=0.1 d=1.50 e=1e3: x`},
		{"escapes are undone", `{"time":1,"msg":"a\n\u00e9\ud83d\ude00\"","k\u0041":"\\"}`, "1970-01-01T00:00:01Z {} kA=\\: a\né😀\""},
		{"lone surrogates and bad UTF-8 are replaced", "{\"time\":1,\"msg\":\"\\ud800|\xff\"}", "1970-01-01T00:00:01Z {}: \uFFFD|\uFFFD"},
		{"a label that is a list stays an attribute", `{"time":1,"msg":"x","app":["a","b"]}`, `1970-01-01T00:00:01Z {} app=["a","b"]: x`},
		{"a label can be a number", `{"time":1,"msg":"x","app":7}`, `1970-01-01T00:00:01Z {app="7"}: x`},
		{"the empty key has a name", `{"time":1,"msg":"x","":{"":1}}`, `1970-01-01T00:00:01Z {} _=1: x`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := logrecordtest.New()
			b := logrecord.NewSink("test", s.Options()).Begin(1, time.Now())
			var rec logrecord.Record
			require.Nil(t, logrecord.NewReader(mapping).Read([]byte(tt.in), &rec))
			require.Nil(t, b.Add(&rec))
			require.NoError(t, b.Store(t.Context(), len(tt.in)))
			require.Equal(t, []string{tt.want}, s.Rows(t))
		})
	}
}

func TestReadRefusesWhatIsNoDocument(t *testing.T) {
	for in, want := range map[string]string{
		``:                                    "not JSON: unexpected EOF",
		`"text"`:                              "not a JSON object",
		`[{}]`:                                "not a JSON object",
		`7`:                                   "not a JSON object",
		`{"a":1`:                              "not JSON",
		`{"a":1}}`:                            "text after the end",
		`{"a":1} {}`:                          "text after the end",
		`{a:1}`:                               "not JSON",
		`{"a":}`:                              "not JSON",
		`{"time":"noon"}`:                     `field "time" is not a time: "noon"`,
		`{"@timestamp":[1]}`:                  `field "@timestamp" is not a time: [1]`,
		`{"time":"1","a":"` + "\n" + `"}`:     "not JSON",
		`{` + strings.Repeat(`"a":{`, 20_000): "not JSON",
	} {
		var rec logrecord.Record
		refusal := logrecord.NewReader(mapping).Read([]byte(in), &rec)
		require.NotNil(t, refusal, in)
		require.Contains(t, refusal.Text, want, shortest(in))
		require.Equal(t, "malformed", refusal.Reason)
	}
}

func shortest(s string) string { return s[:min(len(s), 40)] }

func TestAHostileDocumentIsNotSpreadOut(t *testing.T) {
	long := strings.Repeat("k", 1000)
	deep := strings.Repeat(`{"`+long+`":`, 31) + "{"
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `"%d":1,`, i)
	}
	var rec logrecord.Record
	r := logrecord.NewReader(mapping)
	refusal := r.Read([]byte(deep+many.String()+`"z":1}`+strings.Repeat("}", 31)), &rec)
	require.NotNil(t, refusal)
	require.Contains(t, refusal.Text, "4194304 bytes together")

	// Beyond the depth, an object is one attribute.
	nested := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	require.Nil(t, r.Read([]byte(nested), &rec))
	require.Len(t, rec.Attrs, 1)
	require.Equal(t, strings.Repeat(`{"a":`, 8)+"1"+strings.Repeat("}", 8), rec.Attrs[0].Value.Text())
}

func TestRequestsMayNameTheFields(t *testing.T) {
	rs := logrecord.NewReaders(mapping)
	read := func(query, header string) string {
		r := httptest.NewRequest("POST", "/"+query, nil)
		if header != "" {
			r.Header.Set("VL-Stream-Fields", header)
		}
		s := logrecordtest.New()
		b := logrecord.NewSink("test", s.Options()).Begin(1, time.Now())
		var rec logrecord.Record
		require.Nil(t, rs.Of(r).Read([]byte(`{"time":1,"message":"m","app":"api","l":{"text":"t"},"when":5,"k8s.pod":"p"}`), &rec))
		require.Nil(t, b.Add(&rec))
		require.NoError(t, b.Store(t.Context(), 1))
		return s.Rows(t)[0]
	}
	require.Equal(t, `1970-01-01T00:00:01Z {app="api"} k8s.pod=p l.text=t when=5: m`, read("", ""))
	require.Equal(t, `1970-01-01T00:00:01Z {k8s_pod="p"} app=api l.text=t when=5: m`, read("", "k8s.pod"))
	for range 2 { // the second time it is remembered
		require.Equal(t, `1970-01-01T00:00:05Z {app="api", k8s_pod="p"} message=m time=1: t`,
			read("?_msg_field=nothing,l.text&_time_field=when&_stream_fields=app,k8s.pod", ""))
	}
}

func TestWhatOrielAdds(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Config = logrecord.DefaultConfig()
	b := logrecord.NewSink("test", o).Begin(1, time.Now())
	for _, in := range []string{
		`{"time":1,"msg":"boom","log":{"level":"ERROR"},"app":"api"}`,
		`{"time":2,"msg":"a warning"}`,
		`{"time":3,"msg":"x","detected_level":"mine"}`,
	} {
		var rec logrecord.Record
		require.Nil(t, logrecord.NewReader(mapping).Read([]byte(in), &rec))
		require.Nil(t, b.Add(&rec))
	}
	require.NoError(t, b.Store(t.Context(), 1))
	require.Equal(t, []string{
		`1970-01-01T00:00:01Z {app="api", service_name="api"} detected_level=error log.level=ERROR: boom`,
		`1970-01-01T00:00:02Z {service_name="unknown_service"} detected_level=warn: a warning`,
		`1970-01-01T00:00:03Z {service_name="unknown_service"} detected_level=mine: x`,
	}, s.Rows(t))
}

func TestLimitsRefuseRecordByRecord(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Limits.MaxAge, o.Limits.MaxFuture = time.Hour, time.Minute
	o.Limits.MaxLineBytes, o.Limits.MaxAttrs, o.Limits.MaxAttrBytes = 5, 2, 20
	o.Limits.MaxLabels, o.Limits.MaxLabelNameBytes, o.Limits.MaxLabelValueBytes = 2, 8, 6
	now := time.Unix(1_700_000_000, 0)
	b := logrecord.NewSink("test", o).Begin(1, now)
	attr := func(k, v string) model.Attr { return model.Attr{Key: k, Value: model.String(v)} }
	for _, tt := range []struct {
		reason string
		rec    logrecord.Record
	}{
		{"", logrecord.Record{Body: "now"}},
		{"", logrecord.Record{Body: "now", Time: now.Add(-time.Hour).UnixNano()}},
		{"too_old", logrecord.Record{Time: now.Add(-time.Hour).UnixNano() - 1}},
		{"too_new", logrecord.Record{Time: now.Add(2 * time.Minute).UnixNano()}},
		{"too_large", logrecord.Record{Body: "123456"}},
		{"too_large", logrecord.Record{Attrs: []model.Attr{attr("k", strings.Repeat("x", 20))}}},
		{"invalid_labels", logrecord.Record{Attrs: []model.Attr{attr("a", "1"), attr("b", "2"), attr("c", "3")}}},
		{"invalid_labels", logrecord.Record{Labels: []model.Attr{attr("a", "1"), attr("b", "2"), attr("c", "3")}}},
		{"invalid_labels", logrecord.Record{Labels: []model.Attr{attr("a", "1234567")}}},
		{"invalid_labels", logrecord.Record{Labels: []model.Attr{attr("name_of_9", "1")}}},
		{"", logrecord.Record{Body: "label", Labels: []model.Attr{attr("a", "1"), attr("a", "2"), attr("", "x"), attr("e", "")}}},
	} {
		refusal := b.Add(&tt.rec)
		if tt.reason == "" {
			require.Nil(t, refusal)
			continue
		}
		require.NotNil(t, refusal, tt.reason)
		require.Equal(t, tt.reason, refusal.Reason)
	}
	require.Equal(t, 3, b.Len())
	require.Equal(t, 8, b.Refused())
	require.NoError(t, b.Store(t.Context(), 99))
	require.Equal(t, map[string]int64{"too_old": 1, "too_new": 1, "too_large": 2, "invalid_labels": 4}, s.Refused())
	require.Equal(t, []string{
		`2023-11-14T21:13:20Z {}: now`, `2023-11-14T22:13:20Z {_="x", a="2"}: label`, `2023-11-14T22:13:20Z {}: now`,
	}, s.Rows(t))
}

func TestAFailingStoreIsCounted(t *testing.T) {
	s := logrecordtest.New()
	b := logrecord.NewSink("test", s.Options()).Begin(1, time.Now())
	require.Nil(t, b.Add(&logrecord.Record{Body: "x"}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Store(ctx, 1), context.Canceled)
	require.Equal(t, map[string]int64{"storage": 1}, s.Refused())
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"@timestamp":"2026-01-02T03:04:05Z","message":"hi","app":"api","trace":{"id":"0af"},"n":[1,{"a":2}],"f":-1.5e-9,"b":false}`,
		`{"a":{"a":{"a":{}}},"a.a":1}`, `{"":"\ud800","x":"` + "\xff" + `"}`, `[`, `{"time":"noon"}`, `{"a":1}{}`,
	} {
		f.Add([]byte(s))
	}
	r := logrecord.NewReader(mapping)
	f.Fuzz(func(t *testing.T, text []byte) {
		s := logrecordtest.New()
		b := logrecord.NewSink("test", s.Options()).Begin(1, time.Now())
		var rec logrecord.Record
		refusal := r.Read(text, &rec)
		if refusal == nil {
			if refusal = b.Add(&rec); refusal != nil {
				return // a limit
			}
			if err := b.Store(context.Background(), 1); err != nil {
				t.Fatal(err)
			}
			if len(s.Rows(t)) != 1 {
				t.Fatal("a document is one row")
			}
		} else if refusal.Text == "" {
			t.Fatal("refused without a word")
		}
	})
}
