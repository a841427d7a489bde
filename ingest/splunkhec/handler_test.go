package splunkhec_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/ingest/splunkhec"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func ask(o logrecord.Options, method, path, body string) *httptest.ResponseRecorder {
	r := chi.NewRouter()
	splunkhec.New(o).Mount(r)
	req := httptest.NewRequestWithContext(context.Background(), method, "/services/collector"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Splunk B5A79AAD-D822-46CC-80D1-819F80D7BFB0")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

// The bodies are the examples of Splunk's "Format events for HTTP Event
// Collector", with fields.
func TestEvents(t *testing.T) {
	s := logrecordtest.New()
	w := ask(s.Options(), http.MethodPost, "", `{"time":1426279439.123,"host":"localhost","source":"random-data-generator","sourcetype":"my_sample_data","index":"main","event":"Hello world!"}`+
		`{"time":"1447828325","event":{"message":"Something happened","severity":"INFO"},"fields":{"device":"macbook","users":["joe","bob"],"service.name":"api","n":7}} `+"\n"+
		`{"time":1,"event":42}`)
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"text":"Success","code":0}`, w.Body.String())
	require.Equal(t, []string{
		`1970-01-01T00:00:01Z {}: 42`,
		`2015-03-13T20:43:59.123Z {host="localhost", index="main", source="random-data-generator", sourcetype="my_sample_data"}: Hello world!`,
		`2015-11-18T06:32:05Z {service_name="api"} device=macbook n=7 users=["joe","bob"]: {"message":"Something happened","severity":"INFO"}`,
	}, s.Rows(t))
}

func TestTheEventsBeforeABadOneAreStored(t *testing.T) {
	tests := []struct {
		body, answer string
		rows         int
	}{
		{``, `{"text":"No data","code":5}`, 0},
		{`{"time":1,"event":"a"}{"time":2}{"event":"never read"}`, `{"text":"Event field is required","code":12,"invalid-event-number":1}`, 1},
		{`{"event":""}`, `{"text":"Event field cannot be blank","code":13,"invalid-event-number":0}`, 0},
		{`{"event":"a"}{"event":"b"}[]`, `{"text":"not a JSON object","code":6,"invalid-event-number":2}`, 2},
		{`{"event":"a","time":"noon"}`, `{"text":"field \"time\" is not a time: \"noon\"","code":6,"invalid-event-number":0}`, 0},
	}
	for _, tt := range tests {
		s := logrecordtest.New()
		w := ask(s.Options(), http.MethodPost, "/event/1.0", tt.body)
		require.Equal(t, http.StatusBadRequest, w.Code, tt.body)
		require.JSONEq(t, tt.answer, w.Body.String())
		require.Len(t, s.Rows(t), tt.rows)
		require.Equal(t, map[string]int64{"malformed": 1}, s.Refused())
	}
	w := ask(logrecordtest.New().Options(), http.MethodPost, "", `{"event":"a"}{"event":`)
	require.Contains(t, w.Body.String(), `"code":6,"invalid-event-number":1`)
}

func TestALimitDoesNotStopTheEventsAfter(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Limits.MaxLineBytes = 3
	w := ask(o, http.MethodPost, "/event", `{"event":"a"}{"event":"long"}{"event":"b"}`)
	require.JSONEq(t, `{"text":"line of 4 bytes, limit 3","code":6,"invalid-event-number":1}`, w.Body.String())
	require.Len(t, s.Rows(t), 2)
}

func TestRawLines(t *testing.T) {
	s := logrecordtest.New()
	w := ask(s.Options(), http.MethodPost, "/raw?host=h&source=s&sourcetype=access&time=1&channel=x", "one\r\n\n two\n")
	require.JSONEq(t, `{"text":"Success","code":0}`, w.Body.String())
	require.Equal(t, []string{
		`1970-01-01T00:00:01Z {host="h", source="s", sourcetype="access"}:  two`,
		`1970-01-01T00:00:01Z {host="h", source="s", sourcetype="access"}: one`,
	}, s.Rows(t))
	require.JSONEq(t, `{"text":"No data","code":5}`, ask(s.Options(), http.MethodPost, "/raw", "\n").Body.String())
	require.JSONEq(t, `{"text":"time: \"noon\" is not a time","code":6}`, ask(s.Options(), http.MethodPost, "/raw/1.0?time=noon", "x").Body.String())
}

func TestHealthAndAcknowledgement(t *testing.T) {
	w := ask(logrecordtest.New().Options(), http.MethodGet, "/health", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"text":"HEC is healthy","code":17}`, w.Body.String())
	w = ask(logrecordtest.New().Options(), http.MethodPost, "/ack", `{"acks":[0]}`)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.JSONEq(t, `{"text":"ACK is disabled","code":14}`, w.Body.String())
}

type failing struct{ err error }

func (f failing) Append(context.Context, *model.Batch) error { return f.err }

func TestFailuresHaveTheCollectorsCodes(t *testing.T) {
	o := logrecordtest.New().Options()
	o.Events = failing{storage.ErrBusy}
	w := ask(o, http.MethodPost, "", `{"event":"a"}`)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), `"code":9`)
	o.Limits.MaxBodyBytes = 3
	w = ask(o, http.MethodPost, "", `{"event":"a"}`)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), `"code":27`)
}

func FuzzEvents(f *testing.F) {
	for _, s := range []string{`{"time":1426279439.123,"host":"h","event":{"a":1},"fields":{"k":["v"]}}{"event":"x"}`, `{"event":null}`, `{}`, `[`, ``, `{"event":"a"}x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := logrecordtest.New()
		w := ask(s.Options(), http.MethodPost, "", string(body))
		var a struct{ Code int }
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		if (w.Code == http.StatusOK) != (a.Code == 0) || (w.Code == http.StatusOK) != (len(s.Refused()) == 0) {
			t.Fatalf("%d %s, refused %v", w.Code, w.Body, s.Refused())
		}
	})
}
