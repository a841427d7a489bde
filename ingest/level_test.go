package ingest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

func attrs(kv ...string) []model.Attr {
	var out []model.Attr
	for i := 0; i < len(kv); i += 2 {
		out = append(out, model.Attr{Key: kv[i], Value: model.String(kv[i+1])})
	}
	return out
}

func TestLevel(t *testing.T) {
	tests := []struct {
		name     string
		labels   []model.Attr
		attrs    []model.Attr
		severity int
		body     string
		want     string
	}{
		{name: "a label comes before an attribute", labels: attrs("level", "warn"), attrs: attrs("level", "error"), want: "warn"},
		{name: "an attribute comes before the severity number", attrs: attrs("severity", "ERROR"), severity: 9, want: "error"},
		{name: "an attribute comes before the body", attrs: attrs("lvl", "dbg"), body: "level=error", want: "debug"},
		{name: "names are case-sensitive", attrs: attrs("lEVEL", "error"), want: "unknown"},
		{name: "an unknown value is kept as it is", attrs: attrs("level", "Verbose-7"), body: "error", want: "Verbose-7"},
		{name: "an unknown value yields to a severity number", attrs: attrs("severity_text", "E"), severity: 17, want: "error"},
		{name: "a numeric level is kept as it is", attrs: []model.Attr{{Key: "level", Value: model.Int(7)}}, want: "7"},
		{name: "an empty value tells nothing", attrs: attrs("level", ""), body: "warn: x", want: "warn"},
		{name: "severity 1 is trace", severity: 1, want: "trace"},
		{name: "severity 8 is debug", severity: 8, want: "debug"},
		{name: "severity 9 is info", severity: 9, want: "info"},
		{name: "severity 16 is warn", severity: 16, want: "warn"},
		{name: "severity 20 is error", severity: 20, want: "error"},
		{name: "severity 24 is fatal", severity: 24, want: "fatal"},
		{name: "severity 25 is none", severity: 25, want: "unknown"},
		{name: "severity comes before the body", severity: 9, body: "level=error", want: "info"},
		{name: "a JSON field", body: `{"msg":"x","level":"ERROR"}`, want: "error"},
		{name: "a JSON field after space", body: "  {\"Severity\" : \"Warning\"}", want: "warn"},
		{name: "a JSON field one object deeper", body: `{"log":{"level":"debug"}}`, want: "debug"},
		{name: "the outer JSON field wins", body: `{"log":{"level":"debug"},"level":"warn"}`, want: "warn"},
		{name: "not two objects deeper", body: `{"a":{"b":{"level":"debug"}}}`, want: "debug"}, // by the word
		{name: "strings of a JSON array are no fields", body: `{"a":["level","error-free"],"x":"y"}`, want: "error"},
		{name: "a quoted brace does not nest", body: `{"msg":"{\"level\":\"debug\"","level":"warn"}`, want: "warn"},
		{name: "a pino number", body: `{"level":50,"msg":"x"}`, want: "error"},
		{name: "a number that pino does not write", body: `{"level":505,"msg":"x"}`, want: "unknown"},
		{name: "a logfmt field", body: `ts=1 level=warning msg="all is error free"`, want: "warn"},
		{name: "a quoted logfmt field", body: `lvl="Fatal" x=y`, want: "fatal"},
		{name: "a field inside a quoted value is not one", body: `msg="level=debug" level=info`, want: "info"},
		{name: "a word", body: "2026-11-22 10:00:00 [ERROR] boom", want: "error"},
		{name: "the first word", body: "INFO no error", want: "info"},
		{name: "part of a word is not one", body: "information-system errors: none, infox", want: "info"},
		{name: "part of an identifier is not one", body: "error_count info2", want: "unknown"},
		{name: "a word of another script", body: "errör ошибка error", want: "error"},
		{name: "critical", body: "CRITICAL x", want: "critical"},
		{name: "a key alone", body: "level=", want: "unknown"},
		{name: "an open quote", body: `level="info`, want: "info"},
		{name: "nothing", want: "unknown"},
		{name: "a word far behind is not looked for", body: strings.Repeat("x ", 4096) + "error", want: "unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, ingest.Level(tt.labels, tt.attrs, tt.severity, tt.body))
		})
	}
}

func TestLevelAllocatesNothing(t *testing.T) {
	labels, meta := attrs("app", "api"), attrs("user", "7", "path", "/a")
	bodies := []string{`{"msg":"x","log":{"Level":"ERROR"}}`, `a="b c" level=WARN`, "plain text without any", `{"open`}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, b := range bodies {
			ingest.Level(labels, meta, 0, b)
		}
	}))
}

func BenchmarkLevel(b *testing.B) {
	for name, body := range map[string]string{
		"json":   `{"msg":"request served","method":"GET","path":"/api/v1/orders/1","status":200,"duration_ms":12.5,"customer":"c-17","trace_id":"0af7651916cd43dd8448eb211c80319c","level":"info"}`,
		"logfmt": `ts=2026-01-01T00:00:00Z caller=server.go:123 msg="request served" method=GET path=/api/v1/orders status=200 duration=12.3ms`,
		"text":   `10.2.3.4 - - [22/Nov/2026:14:00:00 +0000] "GET /static/items/17.js HTTP/1.1" 200 4711 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 Safari/537.36" rt=0.012`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				ingest.Level(nil, nil, 0, body)
			}
		})
	}
}

func FuzzLevel(f *testing.F) {
	for _, s := range []string{`{"level":"info"}`, `{"a":{"level":30}}`, `level="a\"b" x`, "[WARN] x", `{"level":`, `}{"`, `"\`, "{\"level\":\"\\", "é"} {
		f.Add(s)
	}
	known := map[string]bool{
		"trace": true, "debug": true, "info": true, "warn": true, "error": true, "fatal": true, "critical": true, "unknown": true,
	}
	f.Fuzz(func(t *testing.T, body string) {
		if l := ingest.Level(nil, nil, 0, body); !known[l] {
			t.Fatalf("Level of body %q is %q", body, l)
		}
	})
}

func TestServiceName(t *testing.T) {
	tests := []struct {
		name   string
		labels []model.Attr
		want   string
	}{
		{name: "nothing known", labels: attrs("env", "prod"), want: "unknown_service"},
		{name: "no labels", want: "unknown_service"},
		{name: "the most telling wins, whatever the order", labels: attrs("container", "c", "job", "j", "app", "a"), want: "a"},
		{name: "an empty one tells nothing", labels: attrs("app", "", "job", "j"), want: "j"},
		{name: "kubernetes container", labels: attrs("k8s_container_name", "c", "k8s_job_name", "j"), want: "c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, ingest.ServiceName(tt.labels))
		})
	}
}
