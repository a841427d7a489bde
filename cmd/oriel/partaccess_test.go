package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
)

// TestWhoActsOnAPartActsOnNothingElse asks what changes alerts, or tells of them,
// as somebody whose roles are narrowed to one namespace, and as somebody who sees
// everything and acts on one namespace.
func TestWhoActsOnAPartActsOnNothingElse(t *testing.T) {
	a := serveApp(t, everything+`self: {enabled: false}
alertmanager:
  route: {receiver: receiver-of-all}
  receivers: [{name: receiver-of-all}]
`)
	h := a.routes.(http.Handler)
	people := directory.New(directory.Options{Store: a.state, Changed: a.guard.Forget, Cost: 4})
	shop := map[auth.Signal]string{}
	for _, s := range []auth.Signal{auth.Metrics, auth.Logs, auth.Traces} {
		shop[s] = `{namespace="shop"}`
	}
	editor := auth.BuiltInRoles()[1]
	require.NoError(t, people.SaveRole(t.Context(), directory.Actor{}, auth.RoleRecord{Name: "shopkeeper", Scopes: editor.Scopes, Selectors: shop}))
	for name, roles := range map[string][]string{"keeper": {"shopkeeper"}, "both": {"viewer", "shopkeeper"}, "admin": {"admin"}} {
		require.NoError(t, people.AddUser(t.Context(), directory.Actor{}, name, "a long password", roles))
		require.NoError(t, a.state.AddSession(t.Context(), auth.SessionRecord{Hash: auth.HashToken(name), User: name, Source: "password"}))
	}
	a.guard.Forget()
	ask := func(who, method, path, body string) (int, string) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Cookie", "oriel_session="+who)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	const alert = `[{"labels":{"alertname":"A","namespace":"NS"},"annotations":{"summary":"topsecret of NS"}}]`
	in := func(namespace, text string) string { return strings.ReplaceAll(text, "NS", namespace) }
	fingerprints := map[string]string{}
	for _, namespace := range []string{"shop", "bank"} {
		status, body := ask("admin", http.MethodPost, "/alertmanager/api/v2/alerts", in(namespace, alert))
		require.Equal(t, http.StatusOK, status, body)
	}
	it := a.notify.Alerts().GetPending()
	for one := range it.Next() {
		fingerprints[string(one.Data.Labels["namespace"])] = one.Data.Fingerprint().String()
	}
	it.Close()
	require.Len(t, fingerprints, 2)
	require.Eventually(t, func() bool {
		_, body := ask("admin", http.MethodGet, "/oriel/api/v1/alerts/history", "")
		return strings.Contains(body, "topsecret of shop") && strings.Contains(body, "topsecret of bank")
	}, patience, 20*time.Millisecond)

	silence := `{"matchers":[{"name":"namespace","value":"NS","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"c","comment":"topsecret of NS"}`
	status, body := ask("admin", http.MethodPost, "/alertmanager/api/v2/silences", in("bank", silence))
	require.Equal(t, http.StatusOK, status, body)
	silenceID := body[strings.Index(body, `":"`)+3 : strings.LastIndex(body, `"`)]
	status, body = ask("admin", http.MethodPost, "/oriel/api/v1/alerts/"+fingerprints["bank"]+"/ack", `{"comment":"topsecret of bank"}`)
	require.Equal(t, http.StatusNoContent, status, body)

	status, body = ask("admin", http.MethodPost, "/oriel/api/v1/snapshots", `{"name":"topsecret of bank","dashboard":{"title":"T"}}`)
	require.Equal(t, http.StatusOK, status, body)

	const rules = "name: g\nrules: [{record: x, expr: vector(1), labels: {namespace: shop}}]\n"
	ofBank, ofShop := "/oriel/api/v1/alerts/"+fingerprints["bank"], "/oriel/api/v1/alerts/"+fingerprints["shop"]
	for _, c := range []struct {
		method, path, body string
		keeper, both       int // statuses
	}{
		// Silences.
		{http.MethodGet, "/alertmanager/api/v2/silences", "", 200, 200},
		{http.MethodGet, "/alertmanager/api/v2/silence/" + silenceID, "", 404, 200},
		{http.MethodDelete, "/alertmanager/api/v2/silence/" + silenceID, "", 404, 403},
		{http.MethodPost, "/alertmanager/api/v2/silences", in("bank", silence), 403, 403},
		{http.MethodPost, "/alertmanager/api/v2/silences", in("shop", silence), 200, 200},
		// Alerts.
		{http.MethodGet, "/alertmanager/api/v2/alerts", "", 200, 200},
		{http.MethodGet, "/alertmanager/api/v2/alerts/groups", "", 200, 200},
		{http.MethodPost, "/alertmanager/api/v2/alerts", in("bank", alert), 403, 403},
		{http.MethodPost, "/alertmanager/api/v2/alerts", in("shop", alert), 200, 200},
		{http.MethodGet, "/api/v1/alerts", "", 200, 200},
		{http.MethodGet, "/oriel/api/v1/alerts/history", "", 200, 200},
		{http.MethodGet, "/oriel/api/v1/alerts/history?fingerprint=" + fingerprints["bank"], "", 200, 200},
		{http.MethodGet, "/oriel/api/v1/alerts/acknowledgements", "", 200, 200},
		{http.MethodGet, ofBank + "/evidence", "", 404, 200},
		{http.MethodGet, ofShop + "/evidence", "", 200, 200},
		{http.MethodPost, ofBank + "/ack", `{}`, 404, 403},
		{http.MethodDelete, ofBank + "/ack", "", 404, 403},
		{http.MethodPost, ofBank + "/snooze", `{"duration":"1h"}`, 404, 403},
		{http.MethodPost, ofShop + "/ack", `{}`, 204, 204},
		{http.MethodDelete, ofShop + "/ack", "", 204, 404}, // it is gone
		{http.MethodPost, ofShop + "/snooze", `{"duration":"1h"}`, 200, 200},
		// Notifications and who hears of what.
		{http.MethodGet, "/oriel/api/v1/notifications", "", 403, 200},
		{http.MethodGet, "/oriel/api/v1/notifications/dead", "", 403, 200},
		{http.MethodPost, "/oriel/api/v1/notifications/dead/1/retry", "", 403, 403},
		{http.MethodDelete, "/oriel/api/v1/notifications/dead/1", "", 403, 403},
		{http.MethodGet, "/oriel/api/v1/routing", "", 403, 200},
		{http.MethodPost, "/oriel/api/v1/routing/test", `{"labels":{"a":"b"}}`, 403, 200},
		{http.MethodPost, "/oriel/api/v1/receivers/receiver-of-all/test", `{}`, 403, 403},
		{http.MethodGet, "/alertmanager/api/v2/status", "", 403, 200},
		{http.MethodGet, "/alertmanager/api/v2/receivers", "", 403, 200},
		// Dashboards with others' data.
		{http.MethodGet, "/oriel/api/v1/snapshots", "", 200, 200},
		{http.MethodPost, "/oriel/api/v1/snapshots", `{"name":"mine","dashboard":{"title":"T"}}`, 200, 200},
		// What sees everything and says so.
		{http.MethodPost, "/prometheus/config/v1/rules/ns", rules, 403, 403},
		{http.MethodPost, "/loki/api/v1/rules/ns", rules, 403, 403},
		{http.MethodPost, "/api/prom/rules/ns", rules, 403, 403},
		{http.MethodDelete, "/prometheus/config/v1/rules/ns", "", 403, 403},
		{http.MethodDelete, "/prometheus/config/v1/rules/ns/g", "", 403, 403},
		{http.MethodPut, "/oriel/api/v1/slos/x", `{"objective":99,"indicator":{"span_metrics":{"service":"s"}}}`, 403, 403},
		{http.MethodDelete, "/oriel/api/v1/slos/x", "", 403, 403},
	} {
		for i, want := range []int{c.keeper, c.both} {
			who := []string{"keeper", "both"}[i]
			status, body := ask(who, c.method, c.path, c.body)
			require.Equal(t, want, status, "%s: %s %s: %s", who, c.method, c.path, body)
			if who == "keeper" {
				require.NotContains(t, body, "topsecret of bank", "%s %s", c.method, c.path)
			}
		}
	}
	_, body = ask("admin", http.MethodGet, "/alertmanager/api/v2/silence/"+silenceID, "")
	require.Contains(t, body, `"state":"active"`)
	_, body = ask("admin", http.MethodGet, "/oriel/api/v1/alerts/acknowledgements", "")
	require.Contains(t, body, "topsecret of bank")
}
