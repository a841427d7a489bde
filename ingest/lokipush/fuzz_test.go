package lokipush_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-obs/oriel/ingest/lokipush"
)

// fuzz posts bodies and checks what must hold for all of them: an answer of
// the contract, and rows only in batches that fit together (storagetest.Memory
// checks each).
func fuzz(f *testing.F, path, contentType string, wire func([]byte) string) {
	f.Fuzz(func(t *testing.T, body []byte) {
		s := newServer(discover, func(o *lokipush.Options) { o.Limits.MaxAge, o.Limits.MaxFuture = 0, 0 })
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(wire(body)))
		req.Header.Set("Content-Type", contentType)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		switch rec.Code {
		case http.StatusNoContent:
			if rec.Body.Len() > 0 {
				t.Fatalf("204 with body %q", rec.Body)
			}
		case http.StatusBadRequest, http.StatusUnprocessableEntity:
			if len(s.account.Rejections()) == 0 {
				t.Fatalf("%d %s is not accounted", rec.Code, rec.Body)
			}
		default:
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		one(`{"app":"api"}`, 0, `"line one"`),
		one(`{"app":"api","env":"prod"}`, 1, `"line \"two\"\u00e9\ud800",{"trace_id":"0af7","user":"7"}`),
		`{"streams":[{"values":[["1","x"],["1","x"]],"stream":{"a":"1"}},{"stream":{}}]}`,
		`{"streams":null}`, `{"streams":[{"stream":null,"values":null}]}`, `{}`, `[]`, `"`, `{"streams":[`,
	} {
		f.Add([]byte(s))
	}
	fuzz(f, "/loki/api/v1/push", "application/json", func(b []byte) string { return string(b) })
}

func FuzzLegacyJSON(f *testing.F) {
	f.Add([]byte(`{"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":"2026-01-01T00:00:00Z","line":"x","structuredMetadata":{"k":"v"}}]}]}`))
	f.Add([]byte(`{"streams":[{"entries":[{"line":"x"}]}]}`))
	fuzz(f, "/api/prom/push", "application/json", func(b []byte) string { return string(b) })
}

func FuzzProtobuf(f *testing.F) {
	f.Add(protoStream(`{app="api", env="prod"}`, protoEntry(0, "line one"), protoEntry(0, "line one"), protoEntry(-5, "two", "k", "v")))
	f.Add(slices.Concat(protoStream(`{a="b"}`, protoEntry(1, "x")), protoStream(`{a=`, protoEntry(1, "x")), protoStream(`{}`)))
	f.Add(field(1, protoEntry(0, "no labels")))
	f.Add([]byte{})
	f.Add([]byte{0x0b, 0x0c})
	fuzz(f, "/loki/api/v1/push", "application/x-protobuf", snap)
}
