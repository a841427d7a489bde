package dashapi

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

// farServer remembers the last request that it was sent.
func farServer(t *testing.T) (url string, got func() *http.Request) {
	t.Helper()
	var last *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last = r
		io.WriteString(w, `{"status":"success"}`)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() *http.Request { return last }
}

type sourceItem struct {
	ID               int64
	UID, Name, Type  string
	URL              string
	IsDefault        bool
	ReadOnly         bool
	Version          int
	BasicAuth        bool
	JSONData         map[string]any  `json:"jsonData"`
	SecureJSONFields map[string]bool `json:"secureJsonFields"`
}

func TestADataSourceIsPushedChangedAndRemoved(t *testing.T) {
	s := serve(t, Config{})
	far, got := farServer(t)
	const one = "/api/datasources/uid/far"
	w := s.ask(200, "POST", "/api/datasources", `{"uid":"far","name":"Far","type":"prometheus","access":"proxy","url":"`+far+`/prom","basicAuth":true,"basicAuthUser":"ann",
		"jsonData":{"httpMethod":"POST","httpHeaderName1":"X-Scope-OrgID"},"secureJsonData":{"basicAuthPassword":"hunter2","httpHeaderValue1":"team-a"}}`)
	require.NotContains(t, w.Body.String(), "hunter2")
	made := decode[struct {
		ID            int64
		Name, Message string
		Datasource    sourceItem
	}](t, w)
	require.Equal(t, "Datasource added", made.Message)
	require.Equal(t, map[string]bool{"basicAuthPassword": true, "httpHeaderValue1": true}, made.Datasource.SecureJSONFields)
	require.Equal(t, map[string]any{"httpMethod": "POST", "httpHeaderName1": "X-Scope-OrgID"}, made.Datasource.JSONData)
	require.False(t, made.Datasource.ReadOnly)

	s.ask(200, "GET", "/oriel/api/v1/datasources/far/proxy/api/v1/query?query=up", "")
	user, password, _ := got().BasicAuth()
	require.Equal(t, []string{"/prom/api/v1/query", "ann", "hunter2", "team-a"}, []string{got().URL.Path, user, password, got().Header.Get("X-Scope-OrgID")})

	// A secret that is not sent again stays; "" ends one. An old version is no base.
	s.ask(200, "PUT", one, `{"name":"Further","type":"prometheus","url":"`+far+`","basicAuth":true,"basicAuthUser":"bob","version":1,"secureJsonData":{"httpHeaderValue1":""}}`)
	s.ask(200, "GET", "/oriel/api/v1/datasources/far/proxy/api/v1/query?query=up", "")
	user, password, _ = got().BasicAuth()
	require.Equal(t, []string{"/api/v1/query", "bob", "hunter2", ""}, []string{got().URL.Path, user, password, got().Header.Get("X-Scope-OrgID")})
	s.ask(409, "PUT", one, `{"name":"Further","type":"prometheus","url":"`+far+`","version":1}`)

	for _, path := range []string{one, "/api/datasources/name/Further", "/api/datasources/" + itoa(made.ID)} {
		item := decode[sourceItem](t, s.ask(200, "GET", path, ""))
		require.Equal(t, sourceItem{
			ID: made.ID, UID: "far", Name: "Further", Type: "prometheus", URL: far, Version: 2, BasicAuth: true,
			JSONData: map[string]any{}, SecureJSONFields: map[string]bool{"basicAuthPassword": true},
		}, item, path)
	}
	require.JSONEq(t, `{"id":`+itoa(made.ID)+`}`, s.ask(200, "GET", "/api/datasources/id/Further", "").Body.String())

	s.ask(200, "DELETE", "/api/datasources/name/Further", "")
	s.ask(404, "GET", one, "")
	s.ask(404, "GET", "/oriel/api/v1/datasources/far/proxy/api/v1/query?query=up", "")
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

func TestADefaultDataSourceStandsInForOriels(t *testing.T) {
	s := serve(t, Config{})
	defaults := func() (names []string) {
		for _, item := range decode[[]sourceItem](t, s.ask(200, "GET", "/api/datasources", "")) {
			if item.IsDefault {
				names = append(names, item.Name)
			}
		}
		return names
	}
	require.Equal(t, []string{"Prometheus"}, defaults())
	for _, name := range []string{"A", "B"} {
		s.ask(200, "POST", "/api/datasources", `{"uid":"`+name+`","name":"`+name+`","type":"victoriametrics-metrics-datasource","url":"http://127.0.0.1:1","isDefault":true}`)
		require.Equal(t, []string{name}, defaults())
	}
	s.ask(200, "DELETE", "/api/datasources/uid/B", "")
	require.Equal(t, []string{"Prometheus"}, defaults())
	// The page is told the API, Grafana's clients the type that they sent.
	require.Contains(t, s.ask(200, "GET", "/oriel/api/v1/datasources", "").Body.String(), `"uid":"A","name":"A","type":"prometheus"`)
	require.Contains(t, s.ask(200, "GET", "/api/datasources/uid/A", "").Body.String(), `"type":"victoriametrics-metrics-datasource"`)
}

func TestFaultsOfPushedDataSourcesAreNamed(t *testing.T) {
	s := serve(t, Config{}, SourceConfig{Name: "Configured", UID: "conf", Type: "loki", URL: "http://127.0.0.1:1"})
	for _, c := range []struct {
		status             int
		method, path, body string
		want               string
	}{
		{400, "POST", "", `{"type":"prometheus","url":"http://x"}`, "needs a name"},
		{400, "POST", "", `{"name":"a","type":"mysql","url":"http://x"}`, `type \"mysql\"`},
		{400, "POST", "", `{"name":"a","type":"loki","url":"x:3100"}`, "no http or https"},
		{400, "POST", "", `{"name":"a","type":"loki","url":"http://ann:pw@x"}`, "secureJsonData.basicAuthPassword"},
		{400, "POST", "", `{"name":"a","type":"prometheus","url":"http://x","jsonData":{"sigV4Auth":true}}`, "jsonData.sigV4Auth"},
		{400, "POST", "", `{"name":"a","type":"prometheus","url":"http://x","jsonData":{"httpHeaderName1":"Authorization"},"secureJsonData":{"httpHeaderValue1":"abc"}}`, "httpHeaderValue1"},
		{400, "POST", "", `{"name":"a","type":"prometheus","url":"http://x","jsonData":{"httpHeaderName1":"Host"},"secureJsonData":{"httpHeaderValue1":"abc"}}`, `\"Host\" is not allowed`},
		{400, "POST", "", `{"name":"a","uid":"a b","type":"prometheus","url":"http://x"}`, "uid"},
		{400, "POST", "", `{"name":"a","type":"prometheus","url":"https://x","jsonData":{"tlsAuthWithCACert":true},"secureJsonData":{"tlsCACert":"none"}}`, "CA"},
		{400, "POST", "", `[]`, "not the JSON"},
		{409, "POST", "", `{"name":"a","uid":"loki","type":"loki","url":"http://x"}`, "already"},
		{409, "POST", "", `{"name":"Configured","type":"loki","url":"http://x"}`, "already"},
		{403, "PUT", "/uid/prometheus", `{"name":"a","type":"loki","url":"http://x"}`, "is Oriel itself"},
		{403, "DELETE", "/uid/conf", "", "in the configuration"},
		{404, "PUT", "/uid/none", `{}`, "not found"},
		{404, "DELETE", "/99", "", "not found"},
	} {
		w := s.ask(c.status, c.method, "/api/datasources"+c.path, c.body)
		require.Contains(t, w.Body.String(), c.want)
	}
	s.ask(200, "POST", "/api/datasources", `{"uid":"a","name":"a","type":"loki","url":"http://x"}`)
	s.ask(409, "POST", "/api/datasources", `{"uid":"a","name":"b","type":"loki","url":"http://x"}`)
	s.ask(409, "POST", "/api/datasources", `{"uid":"b","name":"a","type":"loki","url":"http://x"}`)
	s.as("team", 403, "POST", "/api/datasources", `{"name":"c","type":"loki","url":"http://x"}`)
	s.as("team", 404, "GET", "/api/datasources/uid/a", "")
}

func TestTokensOfDataSourcesAreHeaders(t *testing.T) {
	s := serve(t, Config{})
	far, got := farServer(t)
	for header, want := range map[string]string{
		"Bearer abc": "Bearer abc",
		"Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pw")): "Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pw")),
	} {
		made := decode[struct{ Datasource sourceItem }](t, s.ask(200, "POST", "/api/datasources", `{"name":"`+header[:5]+`","type":"loki","url":"`+far+`",
			"jsonData":{"httpHeaderName7":"authorization"},"secureJsonData":{"httpHeaderValue7":"`+header+`"}}`))
		s.ask(200, "GET", "/oriel/api/v1/datasources/"+made.Datasource.UID+"/proxy/loki/api/v1/labels", "")
		require.Equal(t, want, got().Header.Get("Authorization"))
	}
}

func TestADataSourceWhoseSecretsCannotBeOpenedSaysSo(t *testing.T) {
	s := serve(t, Config{})
	s.ask(200, "POST", "/api/datasources", `{"uid":"far","name":"Far","type":"tempo","url":"http://127.0.0.1:1","basicAuth":true,"secureJsonData":{"basicAuthPassword":"x"}}`)
	again, err := NewSources(nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, again.Read(t.Context(), s.db, otherKey{}))
	src, ok := again.get("far")
	require.True(t, ok)
	require.Equal(t, "tempo", src.Type)
	require.ErrorContains(t, src.fault, `data source "Far" cannot be asked`)
	require.ErrorIs(t, src.fault, fault.ErrUnavailable)
}

// A mirror seals by turning bytes around, an otherKey opens nothing.
type (
	mirror   struct{}
	otherKey struct{ mirror }
)

func (mirror) Seal(plain []byte) ([]byte, error) {
	out := make([]byte, len(plain))
	for i, b := range plain {
		out[i] = ^b
	}
	return out, nil
}

func (m mirror) Open(sealed []byte) ([]byte, error) { return m.Seal(sealed) }

func (otherKey) Open([]byte) ([]byte, error) { return nil, fault.ErrUnavailable }
