package alertapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/storage/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const config = `
route: {receiver: team, group_by: [alertname], group_wait: 1h}
receivers: [{name: team, webhook_configs: [{url: "http://127.0.0.1:1/", http_config: {authorization: {credentials: hush}}}]}]
`

// api serves the API under prefix, over an Alertmanager that runs if asked to.
func api(t *testing.T, prefix string, running bool) http.Handler {
	t.Helper()
	return apiCounted(t, prometheus.NewRegistry(), prefix, running)
}

func apiCounted(t *testing.T, reg *prometheus.Registry, prefix string, running bool) http.Handler {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	m, err := notify.New(notify.Options{Source: notify.Source{Text: []byte(config)}, Dir: t.TempDir(), State: db, Config: notify.DefaultConfig(), Registerer: reg, Log: log})
	require.NoError(t, err)
	h, err := alertapi.New(alertapi.Options{Source: m, Registerer: reg, Log: log})
	require.NoError(t, err)
	if running {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		t.Cleanup(func() {
			cancel()
			require.NoError(t, <-done)
		})
	}
	r := chi.NewRouter()
	if prefix == "" {
		h.Mount(r)
	} else {
		r.Route(prefix, h.Mount)
	}
	return r
}

func call(t *testing.T, h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get[T any](t *testing.T, h http.Handler, path string) T {
	t.Helper()
	w := call(t, h, http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	var v T
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return v
}

type alert struct {
	Labels    map[string]string
	Receivers []struct{ Name string }
	Status    struct {
		State      string
		SilencedBy []string
	}
	Fingerprint string
}

func TestAlertsAreTakenListedAndGrouped(t *testing.T) {
	const p = "/alertmanager/api/v2"
	h := api(t, "/alertmanager", true)
	w := call(t, h, http.MethodPost, p+"/alerts", `[{"labels":{"alertname":"A","severity":"page"},"generatorURL":"http://oriel/graph"},{"labels":{"alertname":"B"}}]`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Empty(t, w.Body.String())

	got := get[[]alert](t, h, p+"/alerts?filter=alertname%3D%22A%22")
	require.Len(t, got, 1)
	require.Equal(t, "page", got[0].Labels["severity"])
	require.Equal(t, "team", got[0].Receivers[0].Name)
	require.Len(t, got[0].Fingerprint, 16)
	require.Len(t, get[[]alert](t, h, p+"/alerts"), 2)
	require.Empty(t, get[[]alert](t, h, p+"/alerts?receiver=other"))
	require.Eventually(t, func() bool {
		return len(get[[]struct{ Alerts []alert }](t, h, p+"/alerts/groups")) == 2
	}, 10*time.Second, 5*time.Millisecond)
}

func TestGoodAlertsOfAMixedArrayAreStored(t *testing.T) {
	h := api(t, "", true)
	w := call(t, h, http.MethodPost, "/api/v2/alerts", `[{"labels":{"alertname":"A"}},{"labels":{"empty":""}}]`)
	require.Equal(t, http.StatusBadRequest, w.Code)
	var text string
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &text), "the error is a bare JSON string")
	require.Contains(t, text, "at least one label pair required")
	require.Len(t, get[[]alert](t, h, "/api/v2/alerts"), 1)
}

func TestBadRequests(t *testing.T) {
	h := api(t, "", true)
	for _, c := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{http.MethodGet, "/api/v2/alerts?filter=%3D", "", 400, "bad matcher format: ="},
		{http.MethodGet, "/api/v2/alerts?receiver=(", "", 400, "failed to parse receiver param"},
		{http.MethodPost, "/api/v2/alerts", "{", 400, ""},
		{http.MethodPost, "/api/v2/alerts", `[{"annotations":{}}]`, 422, "labels"},
		{http.MethodPost, "/api/v2/silences", `{"matchers":[],"startsAt":"2026-01-01T00:00:00Z","endsAt":"2036-01-01T00:00:00Z","createdBy":"me","comment":"c"}`, 422, "matchers in body should have at least 1 items"},
		{http.MethodPost, "/api/v2/silences", `{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2036-01-01T00:00:00Z","endsAt":"2035-01-01T00:00:00Z","createdBy":"me","comment":"c"}`, 400, "Failed to create silence: start time must be before end time"},
		{http.MethodGet, "/api/v2/silence/not-a-uuid", "", 422, ""},
		{http.MethodGet, "/api/v2/silence/00000000-0000-4000-8000-000000000000", "", 404, ""},
		{http.MethodDelete, "/api/v2/silence/00000000-0000-4000-8000-000000000000", "", 404, ""},
		{http.MethodGet, "/api/v2/nothing", "", 404, ""},
		{http.MethodGet, "/api/v1/alerts", "", 410, "The Alertmanager v1 API was deprecated"},
	} {
		w := call(t, h, c.method, c.path, c.body)
		require.Equal(t, c.status, w.Code, "%s %s: %s", c.method, c.path, w.Body)
		require.Contains(t, w.Body.String(), c.text)
	}
}

func TestASilenceLives(t *testing.T) {
	h := api(t, "", true)
	call(t, h, http.MethodPost, "/api/v2/alerts", `[{"labels":{"alertname":"A"}}]`)
	silence := func(id, comment string, end time.Time) string {
		w := call(t, h, http.MethodPost, "/api/v2/silences", fmt.Sprintf(
			`{"id":%q,"matchers":[{"name":"alertname","value":"A","isRegex":false}],"startsAt":%q,"endsAt":%q,"createdBy":"me","comment":%q}`,
			id, time.Now().Add(-time.Second).Format(time.RFC3339), end.Format(time.RFC3339), comment))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		var got struct{ SilenceID string }
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		return got.SilenceID
	}
	end := time.Now().Add(time.Hour)
	id := silence("", "why", end)
	require.Equal(t, []string{id}, get[[]alert](t, h, "/api/v2/alerts")[0].Status.SilencedBy)
	require.Equal(t, "suppressed", get[[]alert](t, h, "/api/v2/alerts")[0].Status.State)
	require.Empty(t, get[[]alert](t, h, "/api/v2/alerts?silenced=false"))

	require.Equal(t, http.StatusOK, call(t, h, http.MethodDelete, "/api/v2/silence/"+id, "").Code)
	require.Equal(t, http.StatusOK, call(t, h, http.MethodDelete, "/api/v2/silence/"+id, "").Code, "again")
	type state struct{ Status struct{ State string } }
	require.Equal(t, "expired", get[state](t, h, "/api/v2/silence/"+id).Status.State)
	require.NotEqual(t, id, silence(id, "again", end), "an expired silence is not brought back")
	require.Len(t, get[[]state](t, h, "/api/v2/silences"), 2)
}

func TestStatusHidesSecrets(t *testing.T) {
	h := api(t, "", true)
	status := get[struct {
		Cluster struct {
			Status string
			Peers  []any
		}
		Config struct{ Original string }
	}](t, h, "/api/v2/status")
	require.Equal(t, "disabled", status.Cluster.Status)
	require.Empty(t, status.Cluster.Peers)
	require.Contains(t, status.Config.Original, "receiver: team")
	require.NotContains(t, status.Config.Original, "hush")
	require.Len(t, get[[]struct{ Name string }](t, h, "/api/v2/receivers"), 1)
}

func TestAnswersBeforeAlertmanagerRuns(t *testing.T) {
	h := api(t, "", false)
	require.Empty(t, get[[]alert](t, h, "/api/v2/alerts"))
	require.Empty(t, get[[]any](t, h, "/api/v2/alerts/groups"))
	require.Empty(t, get[[]any](t, h, "/api/v2/silences"))
	require.Len(t, get[[]any](t, h, "/api/v2/receivers"), 1)
}

func TestOtherOriginsGetNoLeave(t *testing.T) {
	w := call(t, api(t, "", true), http.MethodGet, "/api/v2/alerts", "", "Origin", "http://evil.example")
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
}

// Alertmanager's metric of requests has a label for the path.
func TestPathsThatAreMadeUpAreNotCounted(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := apiCounted(t, reg, "/alertmanager", false)
	for _, path := range []string{"/alertmanager/api/v2/x", "/alertmanager/api/v2/%ff", "/alertmanager/api/v2/", "/alertmanager/api/v2/silence/", "/alertmanager/api/v2/alerts/x"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusNotFound, w.Code, path)
	}
	n, err := testutil.GatherAndCount(reg, "alertmanager_http_request_duration_seconds")
	require.NoError(t, err)
	require.Zero(t, n)
}
