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
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/backtest"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/apidoc"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/storage/state"
)

// desk serves Alertmanager's API and a Desk over an Alertmanager that runs.
func desk(t *testing.T, config string, change ...func(*alertapi.DeskOptions)) (http.Handler, *state.DB) {
	t.Helper()
	return deskOf(t, func(o *notify.Options) { o.Source.Text = []byte(config) }, change...)
}

func deskOf(t *testing.T, with func(*notify.Options), change ...func(*alertapi.DeskOptions)) (http.Handler, *state.DB) {
	t.Helper()
	reg, log := prometheus.NewRegistry(), slog.New(slog.DiscardHandler)
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	settings := notify.DefaultConfig()
	settings.RefusedTries = 1
	options := notify.Options{Dir: t.TempDir(), State: db, Config: settings, Registerer: reg, Log: log}
	with(&options)
	m, err := notify.New(options)
	require.NoError(t, err)
	api, err := alertapi.New(alertapi.Options{Source: m, Registerer: reg, Log: log})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, db.Close())
	})
	r := chi.NewRouter()
	r.Route("/alertmanager", api.Mount)
	o := alertapi.DeskOptions{
		State: db, Notifications: m, Happened: func() {},
		Backtest: func(_ context.Context, r backtest.Request) (*backtest.Result, error) {
			return &backtest.Result{Evaluations: len(r.Expr)}, nil
		},
	}
	for _, f := range change {
		f(&o)
	}
	d := alertapi.NewDesk(o)
	d.Mount(r)
	d.MountQueries(r)
	return r, db
}

func ask[T any](t *testing.T, h http.Handler, method, path, body string, status int) T {
	t.Helper()
	w := call(t, h, method, path, body)
	require.Equal(t, status, w.Code, "%s %s: %s", method, path, w.Body)
	var v T
	if w.Body.Len() > 0 {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body.String())
	}
	return v
}

type object = map[string]any

// fire posts alerts and returns the fingerprint of the first.
func fire(t *testing.T, h http.Handler, alerts string) string {
	t.Helper()
	ask[any](t, h, http.MethodPost, "/alertmanager/api/v2/alerts", alerts, http.StatusOK)
	var first []struct{ Labels map[string]string }
	require.NoError(t, json.Unmarshal([]byte(alerts), &first))
	for _, a := range get[[]alert](t, h, "/alertmanager/api/v2/alerts") {
		if fmt.Sprint(a.Labels) == fmt.Sprint(first[0].Labels) {
			return a.Fingerprint
		}
	}
	t.Fatal("the alert is not there")
	return ""
}

func TestAnAlertIsAcknowledgedAndShownSo(t *testing.T) {
	h, _ := desk(t, config)
	fp := fire(t, h, `[{"labels":{"alertname":"A"}},{"labels":{"alertname":"B"}}]`)
	ack := "/oriel/api/v1/alerts/" + fp + "/ack"
	require.Contains(t, ask[object](t, h, http.MethodPost, ack, `{}`, 400)["error"], "who are you?")
	require.Contains(t, ask[object](t, h, http.MethodPost, ack, `{"onwer":"ann"}`, 400)["error"], "onwer")
	ask[any](t, h, http.MethodPost, "/oriel/api/v1/alerts/0000000000000000/ack", `{"owner":"ann"}`, 404)
	ask[any](t, h, http.MethodPost, ack, `{"owner":"ann","comment":"on it"}`, 204)

	type marked struct {
		Fingerprint     string
		Labels          map[string]string
		Acknowledgement *struct {
			Owner, Comment string
			StopRepeats    bool
		}
	}
	check := func(as []marked) {
		for _, a := range as {
			require.NotEmpty(t, a.Labels)
			require.Equal(t, a.Fingerprint == fp, a.Acknowledgement != nil)
			if a.Acknowledgement != nil {
				require.Equal(t, "ann on it true", fmt.Sprint(a.Acknowledgement.Owner, " ", a.Acknowledgement.Comment, " ", a.Acknowledgement.StopRepeats))
			}
		}
	}
	as := get[[]marked](t, h, "/alertmanager/api/v2/alerts")
	require.Len(t, as, 2)
	check(as)
	for _, g := range get[[]struct{ Alerts []marked }](t, h, "/alertmanager/api/v2/alerts/groups") {
		check(g.Alerts)
	}
	all := ask[struct{ Acknowledgements []object }](t, h, http.MethodGet, "/oriel/api/v1/alerts/acknowledgements", "", 200)
	require.Len(t, all.Acknowledgements, 1)

	ask[any](t, h, http.MethodDelete, ack+"?author=bob", "", 204)
	ask[any](t, h, http.MethodDelete, ack, "", 404)
	changes := ask[struct {
		Changes []struct{ State, Author, Comment string }
	}](t, h, http.MethodGet, "/oriel/api/v1/alerts/history?fingerprint="+fp, "", 200)
	require.Equal(t, "[{unacknowledged bob } {acknowledged ann on it}]", fmt.Sprint(changes.Changes))
}

func TestTheLoginIsTheOwner(t *testing.T) {
	h, _ := desk(t, config)
	fp := fire(t, h, `[{"labels":{"alertname":"A"}}]`)
	w := call(t, h, http.MethodPost, "/oriel/api/v1/alerts/"+fp+"/ack", "", "Authorization", "Basic YW5uOnB3") // ann:pw
	require.Equal(t, 204, w.Code, w.Body)
	require.Contains(t, call(t, h, http.MethodGet, "/oriel/api/v1/alerts/acknowledgements", "").Body.String(), `"owner":"ann"`)

	r := httptest.NewRequest(http.MethodPost, "/oriel/api/v1/alerts/"+fp+"/ack", strings.NewReader(`{"owner":"somebody else"}`))
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(auth.With(t.Context(), &auth.Identity{Kind: auth.User, Name: "eve", Grants: []auth.Grant{role(t, "", acting...)}})))
	require.Equal(t, 204, w.Code, w.Body)
	require.Contains(t, call(t, h, http.MethodGet, "/oriel/api/v1/alerts/acknowledgements", "").Body.String(), `"owner":"eve"`)
}

func TestASnoozedAlertIsSilencedAlone(t *testing.T) {
	h, _ := desk(t, config)
	fp := fire(t, h, `[{"labels":{"alertname":"A"}},{"labels":{"alertname":"A","pod":"1"}},{"labels":{"alertname":"A","pod":"2","zone":"b"}},{"labels":{"alertname":"B"}}]`)
	path := "/oriel/api/v1/alerts/" + fp + "/snooze"
	for body, text := range map[string]string{
		`{"duration":"1h"}`:               "author: who are you?",
		`{"author":"ann"}`:                "set one of duration and until",
		`{"author":"ann","duration":"x"}`: "not a valid duration",
		`{"author":"ann","duration":"1h","until":"2100-01-01T00:00:00Z"}`: "set one of duration and until",
		`{"author":"ann","until":"2001-01-01T00:00:00Z"}`:                 "is past",
	} {
		require.Contains(t, ask[object](t, h, http.MethodPost, path, body, 400)["error"], text)
	}
	res := ask[object](t, h, http.MethodPost, path, `{"author":"ann","duration":"1h"}`, 200)
	silenced := 0
	for _, a := range get[[]alert](t, h, "/alertmanager/api/v2/alerts") {
		if len(a.Status.SilencedBy) > 0 {
			silenced++
			require.Equal(t, fp, a.Fingerprint)
			require.Equal(t, res["silenceID"], a.Status.SilencedBy[0])
		}
	}
	require.Equal(t, 1, silenced)
	s := get[struct{ CreatedBy, Comment string }](t, h, "/alertmanager/api/v2/silence/"+res["silenceID"].(string))
	require.Equal(t, "ann snoozed", s.CreatedBy+" "+s.Comment)
}

func TestDeadNotificationsAreListedRetriedAndDiscarded(t *testing.T) {
	status := make(chan int, 1)
	status <- http.StatusForbidden
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s := <-status
		status <- s
		w.WriteHeader(s)
	}))
	defer hook.Close()
	h, _ := desk(t, fmt.Sprintf("route: {receiver: team, group_by: [alertname], group_wait: 1ms}\nreceivers: [{name: team, webhook_configs: [{url: %q}]}]\n", hook.URL))
	fire(t, h, `[{"labels":{"alertname":"A"}},{"labels":{"alertname":"B"}}]`)
	type list struct {
		Notifications []struct {
			ID       int
			Receiver string
			Attempts int
			Error    string
			Alerts   struct{ Firing, Resolved []string }
		}
		Next string
	}
	dead := func(query string) list {
		return ask[list](t, h, http.MethodGet, "/oriel/api/v1/notifications/dead"+query, "", 200)
	}
	require.Eventually(t, func() bool { return len(dead("").Notifications) == 2 }, 10*time.Second, 10*time.Millisecond)
	first := dead("?limit=1")
	require.NotEmpty(t, first.Next)
	require.Contains(t, first.Notifications[0].Error, "403")
	require.Len(t, first.Notifications[0].Alerts.Firing, 1)
	second := dead("?limit=1&cursor=" + first.Next)
	require.NotEqual(t, first.Notifications[0].ID, second.Notifications[0].ID)
	require.Empty(t, dead("?receiver=other").Notifications)

	attempts := ask[struct {
		Attempts []struct{ Status, Error string }
		Next     string
	}](t, h, http.MethodGet, "/oriel/api/v1/notifications?limit=1&status=refused&start=2020-01-01T00:00:00Z&fingerprint="+first.Notifications[0].Alerts.Firing[0], "", 200)
	require.Equal(t, "refused", attempts.Attempts[0].Status)

	<-status
	status <- http.StatusOK
	one := fmt.Sprintf("/oriel/api/v1/notifications/dead/%d", first.Notifications[0].ID)
	ask[any](t, h, http.MethodPost, one+"/retry", "", 204)
	require.Eventually(t, func() bool {
		return len(ask[object](t, h, http.MethodGet, "/oriel/api/v1/notifications?status=delivered", "", 200)["attempts"].([]any)) == 1
	}, 10*time.Second, 10*time.Millisecond)
	ask[any](t, h, http.MethodDelete, one, "", 404)
	ask[any](t, h, http.MethodDelete, fmt.Sprintf("/oriel/api/v1/notifications/dead/%d", second.Notifications[0].ID), "", 204)
	require.Empty(t, dead("").Notifications)
	require.Empty(t, ask[list](t, h, http.MethodGet, "/oriel/api/v1/notifications/waiting", "", 200).Notifications)
}

const routed = `
global: {smtp_smarthost: 'mail:25', smtp_from: o@example.com, smtp_auth_password: hush}
route:
  receiver: team
  group_by: [alertname]
  routes:
    - {matchers: [severity="page"], receiver: pager, continue: true, group_wait: 5s, mute_time_intervals: [night], routes: [{matchers: [team=~"db.*"], receiver: dba, group_by: ['...']}]}
    - {matchers: [env="dev"], receiver: nobody}
receivers:
  - {name: team, webhook_configs: [{url: 'http://example.com/hush', http_config: {oauth2: {client_id: id, client_secret: hush, token_url: 'http://example.com/token'}}}], email_configs: [{to: x@example.com}]}
  - {name: pager, pagerduty_configs: [{routing_key: hush}], slack_configs: [{api_url: 'https://example.com/hush', channel: c}]}
  - name: dba
  - name: nobody
inhibit_rules: [{source_matchers: [severity="page"], target_matchers: [severity="warn"], equal: [job]}]
time_intervals: [{name: night, time_intervals: [{weekdays: ['monday:friday'], times: [{start_time: '22:00', end_time: '24:00'}], location: Europe/Berlin}]}]
`

func TestTheRoutingIsShownWithoutSecrets(t *testing.T) {
	h, _ := desk(t, routed)
	w := call(t, h, http.MethodGet, "/oriel/api/v1/routing", "")
	require.NotContains(t, w.Body.String(), "hush")
	var got struct {
		Route         object
		Receivers     []struct{ Name, Config string }
		InhibitRules  []string
		TimeIntervals []object
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Equal(t, "team", got.Route["receiver"])
	child := got.Route["routes"].([]any)[0].(object)
	require.Equal(t, "pager", child["receiver"])
	require.Equal(t, []any{`severity="page"`}, child["matchers"])
	require.Equal(t, []any{"alertname"}, child["groupBy"], "inherited")
	require.Equal(t, "5s", child["groupWait"])
	require.Equal(t, []any{"night"}, child["muteTimeIntervals"])
	require.Equal(t, []any{"..."}, child["routes"].([]any)[0].(object)["groupBy"])
	require.Len(t, got.Receivers, 4)
	require.Contains(t, got.Receivers[0].Config, "client_id: id")
	require.Contains(t, got.InhibitRules[0], "equal:")
	require.Equal(t, "night", got.TimeIntervals[0]["name"])
	require.Contains(t, w.Body.String(), `"start_time":"22:00"`)
}

func TestWhoWouldHear(t *testing.T) {
	h, _ := desk(t, routed)
	for labels, want := range map[string]string{
		`{"alertname":"A"}`:                                `[{team [{}] {}:{alertname="A"}}]`,
		`{"alertname":"A","severity":"page"}`:              `[{pager [{} {severity="page"}] {}/{severity="page"}:{alertname="A"}}]`,
		`{"alertname":"A","severity":"page","team":"db1"}`: `[{dba [{} {severity="page"} {team=~"db.*"}] {}/{severity="page"}/{team=~"db.*"}:{alertname="A", severity="page", team="db1"}}]`,
		`{"alertname":"A","severity":"page","env":"dev"}`:  `[{pager [{} {severity="page"}] {}/{severity="page"}:{alertname="A"}} {nobody [{} {env="dev"}] {}/{env="dev"}:{alertname="A"}}]`,
		`{"job":"x"}`: `[{team [{}] {}:{}}]`,
	} {
		got := ask[struct {
			Routes []struct {
				Receiver string
				Path     []string
				GroupKey string
			}
		}](t, h, http.MethodPost, "/oriel/api/v1/routing/test", `{"labels":`+labels+`}`, 200)
		require.Equal(t, want, fmt.Sprint(got.Routes), labels)
	}
	ask[any](t, h, http.MethodPost, "/oriel/api/v1/routing/test", `{"labels":[]}`, 400)
}

func TestAReceiverIsTested(t *testing.T) {
	got := make(chan string, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p struct{ CommonLabels map[string]string }
		_ = json.NewDecoder(r.Body).Decode(&p)
		got <- p.CommonLabels["alertname"]
	}))
	defer hook.Close()
	h, _ := desk(t, fmt.Sprintf("route: {receiver: team}\nreceivers: [{name: team}, {name: hook, webhook_configs: [{url: %q}]}]\n", hook.URL))
	res := ask[struct{ Results []object }](t, h, http.MethodPost, "/oriel/api/v1/receivers/hook/test", "", 200)
	require.Equal(t, "TestAlert", <-got)
	require.Equal(t, "webhook[0]", res.Results[0]["integration"])
	require.NotContains(t, res.Results[0], "error")
	ask[any](t, h, http.MethodPost, "/oriel/api/v1/receivers/nobody/test", "", 404)
}

func TestOtherPagesChangeNothing(t *testing.T) {
	h, _ := desk(t, config)
	for _, path := range []string{"/alerts/0000000000000000/ack", "/alerts/0000000000000000/snooze", "/notifications/dead/1/retry", "/receivers/team/test", "/rules/backtest"} {
		w := call(t, h, http.MethodPost, "/oriel/api/v1"+path, "{}", "Sec-Fetch-Site", "cross-site")
		require.Equal(t, http.StatusForbidden, w.Code, path)
	}
}

func TestBadParametersOfListsAreNamed(t *testing.T) {
	h, _ := desk(t, config)
	for query, text := range map[string]string{
		"limit=0": "limit:", "limit=1001": "limit:", "cursor=x": "cursor:", "start=noon": "start:", "end=x": "end:",
	} {
		for _, path := range []string{"/alerts/history", "/notifications"} {
			require.Contains(t, ask[object](t, h, http.MethodGet, "/oriel/api/v1"+path+"?"+query, "", 400)["error"], text)
		}
	}
	ask[any](t, h, http.MethodDelete, "/oriel/api/v1/notifications/dead/x", "", 400)
}

func TestABacktestIsRun(t *testing.T) {
	h, _ := desk(t, config)
	res := ask[object](t, h, http.MethodPost, "/oriel/api/v1/rules/backtest", `{"expr":"up","for":"5m","start":"2026-01-01T00:00:00Z","end":"2026-01-02T00:00:00Z","interval":"1m"}`, 200)
	require.Equal(t, 2.0, res["evaluations"])
	require.Equal(t, 0.0, res["count"])
	require.Contains(t, ask[object](t, h, http.MethodPost, "/oriel/api/v1/rules/backtest", `{"for":"soon"}`, 400)["error"], "duration")
}

func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	r := chi.NewRouter()
	d := alertapi.NewDesk(alertapi.DeskOptions{})
	d.Mount(r)
	d.MountQueries(r)
	described, err := apidoc.Operations(alertapi.Document)
	require.NoError(t, err)
	var served []string
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		served = append(served, method+" "+strings.TrimPrefix(route, "/oriel/api/v1"))
		return nil
	}))
	require.ElementsMatch(t, served, described)
}
