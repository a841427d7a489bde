package datadog_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/datadog"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
)

func post(o logrecord.Options, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := chi.NewRouter()
	datadog.New(o).Mount(r)
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("DD-API-KEY", "0123456789abcdef0123456789abcdef")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

// The record is that of the API reference, with the members that the agent
// adds.
func TestAgentsRecords(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Config.DiscoverLevel = true
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	z.Write([]byte(`[{"message":"2019-11-19T14:37:58,995 INFO [process.name][20081] Hello World","status":"warning","timestamp":1573609078995,"hostname":"i-012345678","service":"payment","ddsource":"nginx","ddtags":"env:staging,version:5.1,team:a,team:b,canary"},` +
		`{"message":"second","timestamp":1573609078996,"dd":{"trace_id":"77"},"http":{"status_code":500}}]`))
	z.Close()
	w := post(o, "/api/v2/logs", gz.String(), "Content-Type", "application/json", "Content-Encoding", "gzip")
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	require.Equal(t, `{}`, w.Body.String())
	require.Equal(t, []string{
		`2019-11-13T01:37:58.995Z {deployment_environment="staging", hostname="i-012345678", service="payment", source="nginx"} canary=true detected_level=warn status=warning team=a, b version=5.1: 2019-11-19T14:37:58,995 INFO [process.name][20081] Hello World`,
		`2019-11-13T01:37:58.996Z {} detected_level=unknown http.status_code=500 trace_id=77: second`,
	}, s.Rows(t))
}

func TestPlainLinesTakeTheirOriginFromParameters(t *testing.T) {
	s := logrecordtest.New()
	w := post(s.Options(), "/v1/input/KEY?hostname=h&service=api&ddsource=nginx&ddtags=env:prod", "one\r\n\ntwo\n", "Content-Type", "text/plain; charset=utf-8")
	require.Equal(t, http.StatusOK, w.Code)
	rows := s.Rows(t)
	require.Len(t, rows, 2)
	require.Contains(t, rows[0], ` {deployment_environment="prod", hostname="h", service="api", source="nginx"}: one`)
	require.Contains(t, rows[1], `: two`)
}

func TestTheAgentsProbeIsNoRecord(t *testing.T) {
	for _, body := range []string{"{}", "[]", ""} {
		s := logrecordtest.New()
		require.Equal(t, http.StatusAccepted, post(s.Options(), "/api/v2/logs", body).Code)
		require.Empty(t, s.Rows(t))
		require.Empty(t, s.Refused())
	}
}

func TestABadRecordDoesNotStopTheOthers(t *testing.T) {
	for body, want := range map[string]string{
		`[{"message":"a"},7,{"message":"b"}]`:                                             `record 2: not a JSON object`,
		`[{"message":"a"},{"message":"b","timestamp":"x"},{"message":"c"}]`:               `record 2: field \"timestamp\" is not a time: \"x\"`,
		`[{"message":"a"},{"message":"b"},{`:                                              `record 3: not JSON`,
		`[{"message":"a"},{"message":"b"}]x`:                                              `record 3: not JSON`,
		`[{"message":"a"},{"message":"` + strings.Repeat("x", 99) + `"},{"message":"c"}]`: `record 2: line of 99 bytes, limit 50`,
	} {
		s := logrecordtest.New()
		o := s.Options()
		o.Limits.MaxLineBytes = 50
		w := post(o, "/api/v2/logs", body)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.Contains(t, w.Body.String(), `{"errors":[{"status":"400","title":"Bad Request","detail":"`+want)
		require.Len(t, s.Rows(t), 2)
		require.Len(t, s.Refused(), 1)
	}
}

func TestStatusesAreReadByTheirBeginning(t *testing.T) {
	for status, want := range map[string]string{
		"emergency": "fatal", "alert": "fatal", "Critical": "critical", "ERR": "error", "warn": "warn", "notice": "info",
		"info": "info", "ok": "info", "debug": "debug", "trace": "trace", "200": "unknown",
	} {
		s := logrecordtest.New()
		o := s.Options()
		o.Config.DiscoverLevel = true
		post(o, "/api/v2/logs", `{"message":"x","status":"`+status+`"}`)
		require.Contains(t, s.Rows(t)[0], "detected_level="+want+" ", status)
	}
}

func FuzzPush(f *testing.F) {
	for _, s := range []string{`[{"message":"x","status":"warn","ddtags":"a:b,c,a:d"}]`, `{"ddtags":1}`, `[`, `[]x`, `{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := logrecordtest.New()
		w := post(s.Options(), "/api/v2/logs", string(body))
		switch w.Code {
		case http.StatusAccepted:
			if len(s.Refused()) > 0 {
				t.Fatalf("accepted, yet %v", s.Refused())
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
