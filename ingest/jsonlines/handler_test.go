package jsonlines_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/jsonlines"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
)

func post(s *logrecordtest.Store, query, body string) *httptest.ResponseRecorder {
	r := chi.NewRouter()
	jsonlines.New(s.Options()).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/oriel/api/v1/logs"+query, strings.NewReader(body)))
	return w
}

func TestEveryLayoutOfRecords(t *testing.T) {
	want := []string{`1970-01-01T00:00:01Z {service="demo"} a=1: one`, `1970-01-01T00:00:02Z {}: two`}
	for name, body := range map[string]string{
		"lines":                 `{"time":1,"msg":"one","service":"demo","a":1}` + "\r\n\n" + `{"time":2,"message":"two"}`,
		"an array":              ` [{"time":1,"msg":"one","service":"demo","a":1} , {"time":2,"message":"two"}]` + "\n",
		"objects on many lines": "{\n\"time\":1,\"msg\":\"one\",\n\"service\":\"demo\",\"a\":1}\n{\"time\":2,\n\"message\":\"two\"}",
	} {
		s := logrecordtest.New()
		w := post(s, "", body)
		require.Equal(t, http.StatusOK, w.Code, name)
		require.JSONEq(t, `{"accepted":2,"rejected":0}`, w.Body.String())
		require.Equal(t, want, s.Rows(t), name)
	}
}

func TestParametersNameTheFields(t *testing.T) {
	s := logrecordtest.New()
	w := post(s, "?_time_field=when&_msg_field=text&_stream_fields=pod&_labels=app=api,env=prod", `{"when":1,"text":"one","pod":"p","time":7}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, []string{`1970-01-01T00:00:01Z {app="api", env="prod", pod="p"} time=7: one`}, s.Rows(t))

	w = post(s, "?_labels=app", `{}`)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), `_labels: \"app\" is not of the form name=value`)
}

func TestOneBadRecordDoesNotStopTheOthers(t *testing.T) {
	s := logrecordtest.New()
	w := post(s, "", `{"time":1,"msg":"one"}`+"\n"+`{"time":`+"\n7\n"+`{"time":2,"msg":"two"}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"accepted":2,"rejected":2,"error":"record 2: not JSON`)
	require.Len(t, s.Rows(t), 2)
	require.Equal(t, map[string]int64{"malformed": 2}, s.Refused())
}

func TestNothingTakenIsAnError(t *testing.T) {
	for body, want := range map[string]string{
		"":                    "no record in the body",
		"[]":                  "no record in the body",
		"hello":               "record 1: not JSON",
		"[7]":                 "record 1: not a JSON object",
		`[{"time":"noon"}]`:   `record 1: field \"time\" is not a time`,
		`[{"time":"noon"}`:    `record 1: field \"time\" is not a time`,
		`[{"time":"noon"},]x`: `record 1: field \"time\" is not a time`,
	} {
		s := logrecordtest.New()
		w := post(s, "", body)
		require.Equal(t, http.StatusBadRequest, w.Code, body)
		require.Contains(t, w.Body.String(), want)
		require.NotEmpty(t, s.Refused())
	}
}

func FuzzPush(f *testing.F) {
	for _, s := range []string{`{"time":1,"msg":"one"}` + "\n7\n{", `[{"a":1},7]`, "{\n}\n{}", `[`, `[{}]x`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := logrecordtest.New()
		w := post(s, "", string(body))
		rows := len(s.Rows(t))
		switch {
		case w.Code == http.StatusOK && rows == 0, w.Code == http.StatusBadRequest && (rows > 0 || len(s.Refused()) == 0):
			t.Fatalf("%d %s with %d rows", w.Code, w.Body, rows)
		case w.Code != http.StatusOK && w.Code != http.StatusBadRequest:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
