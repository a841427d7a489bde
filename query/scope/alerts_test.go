package scope_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/query/scope"
)

func shopOnly(signals ...auth.Signal) *auth.Identity {
	g := auth.Grant{Scopes: []auth.Scope{auth.AlertsRead}, Selectors: map[auth.Signal][]*labels.Matcher{}}
	for _, s := range signals {
		g.Scopes = append(g.Scopes, auth.Scope("query:"+string(s)))
		g.Selectors[s] = []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop")}
	}
	return &auth.Identity{Grants: []auth.Grant{g}}
}

func TestAnAlertIsSeenByThoseWhoSeeWhatItIsAbout(t *testing.T) {
	shop, bank, none := map[string]string{"namespace": "shop"}, map[string]string{"namespace": "bank"}, map[string]string{}
	for name, c := range map[string]struct {
		id   *auth.Identity
		want [3]bool // of shop, bank and neither
	}{
		"the process":             {nil, [3]bool{true, true, true}},
		"of one namespace":        {shopOnly(auth.Metrics, auth.Logs), [3]bool{true, false, false}},
		"of metrics alone":        {shopOnly(auth.Metrics), [3]bool{true, false, false}},
		"narrowed in one":         {&auth.Identity{Grants: []auth.Grant{shopOnly(auth.Logs).Grants[0], {Scopes: []auth.Scope{auth.QueryMetrics}}}}, [3]bool{true, false, false}},
		"nobody":                  {&auth.Identity{}, [3]bool{}},
		"who asks, not of alerts": {&auth.Identity{Grants: []auth.Grant{{Scopes: []auth.Scope{auth.QueryMetrics}}}}, [3]bool{}},
		"of alerts alone":         {&auth.Identity{Grants: []auth.Grant{{Scopes: []auth.Scope{auth.AlertsRead}}}}, [3]bool{true, true, true}},
		"the default tenant":      {&auth.Identity{Tenants: []string{""}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}, [3]bool{true, true, true}},
		"an admin of some other":  {&auth.Identity{Tenants: []string{"x"}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}, [3]bool{}},
	} {
		ctx := auth.With(t.Context(), c.id)
		require.Equal(t, c.want, [3]bool{scope.Alert(ctx, shop), scope.Alert(ctx, bank), scope.Alert(ctx, none)}, name)
	}
}

func TestAnswersHaveNoAlertsOfOthers(t *testing.T) {
	for path, c := range map[string]struct{ full, want string }{
		"/api/v1/alerts": {
			`{"status":"success","data":{"alerts":[{"labels":{"namespace":"shop"},"state":"firing","activeAt":"x","value":"1e+00"},{"labels":{"namespace":"bank"},"state":"firing","activeAt":"x"}]}}`,
			`{"status":"success","data":{"alerts":[{"labels":{"namespace":"shop"},"state":"firing","activeAt":"x","value":"1e+00"}]}}`,
		},
		"/api/v1/rules": {
			`{"data":{"groups":[{"name":"g","rules":[{"type":"alerting","labels":{"a":"b"},"state":"firing","alerts":[{"labels":{"namespace":"bank"},"state":"firing","activeAt":"x"},{"labels":{"namespace":"shop"},"state":"pending","activeAt":"x"}]},{"type":"recording","labels":{}}]}]}}`,
			`{"data":{"groups":[{"name":"g","rules":[{"type":"alerting","labels":{"a":"b"},"state":"pending","alerts":[{"labels":{"namespace":"shop"},"state":"pending","activeAt":"x"}]},{"type":"recording","labels":{}}]}]}}`,
		},
		"/alertmanager/api/v2/alerts": {
			`[{"labels":{"namespace":"bank"},"fingerprint":"f"},{"labels":{"namespace":"shop"},"fingerprint":"g","startsAt":"x"}]`,
			`[{"labels":{"namespace":"shop"},"fingerprint":"g","startsAt":"x"}]`,
		},
		"/alertmanager/api/v2/alerts/groups": {
			`[{"labels":{"namespace":"bank"},"receiver":{"name":"r"},"alerts":[{"labels":{"namespace":"bank"},"fingerprint":"f"}]},{"labels":{},"receiver":{"name":"r"},"alerts":[{"labels":{"namespace":"shop"},"fingerprint":"f"}]}]`,
			`[{"labels":{},"receiver":{"name":"r"},"alerts":[{"labels":{"namespace":"shop"},"fingerprint":"f"}]}]`,
		},
		"/oriel/api/v1/alerts/history": {
			`{"changes":[{"fingerprint":"f","labels":{"namespace":"bank"},"value":12345678901234567890},{"fingerprint":"f","labels":{"namespace":"shop"},"value":12345678901234567890}],"next":"7"}`,
			`{"changes":[{"fingerprint":"f","labels":{"namespace":"shop"},"value":12345678901234567890}],"next":"7"}`,
		},
		"/api/v1/query": {`{"alerts":[{"labels":{"namespace":"bank"},"activeAt":"x"}]}`, `{"alerts":[{"labels":{"namespace":"bank"},"activeAt":"x"}]}`}, // none of alerts
	} {
		h := scope.Alerts(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			require.Empty(t, r.Header.Get("Accept-Encoding"))
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Other", "kept")
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(c.full))
		}))
		for id, want := range map[*auth.Identity]string{nil: c.full, shopOnly(auth.Metrics): c.want} {
			r := httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodGet, path, nil)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, http.StatusAccepted, w.Code)
			require.Equal(t, "kept", w.Header().Get("X-Other"))
			require.JSONEq(t, want, w.Body.String(), path)
		}
	}
}

func TestAnAnswerThatIsNotUnderstoodIsNotGiven(t *testing.T) {
	h := scope.Alerts(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`[{"labels":{"namespace":"bank"}`))
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(auth.With(t.Context(), shopOnly(auth.Logs)), http.MethodGet, "/api/v2/alerts", nil))
	require.Empty(t, w.Body.String())
}

func TestATenantIsShownItsAlertsAndNoLabelOfTenants(t *testing.T) {
	full := `{"data":{"groups":[{"name":"g","rules":[
		{"type":"alerting","labels":{"__tenant_id__":"a"},"state":"firing","alerts":[{"labels":{"alertname":"x","__tenant_id__":"a"},"state":"firing","activeAt":"x"},{"labels":{"alertname":"x","__tenant_id__":"b"},"state":"firing","activeAt":"x"}]},
		{"type":"recording","labels":{"__tenant_id__":""}}]}]}}`
	for tenants, want := range map[*[]string]string{
		{"a"}:      `{"data":{"groups":[{"name":"g","rules":[{"type":"alerting","labels":{},"state":"firing","alerts":[{"labels":{"alertname":"x"},"state":"firing","activeAt":"x"}]},{"type":"recording","labels":{}}]}]}}`,
		{""}:       `{"data":{"groups":[{"name":"g","rules":[{"type":"alerting","labels":{},"state":"inactive","alerts":[]},{"type":"recording","labels":{}}]}]}}`,
		{"a", "b"}: full,
	} {
		h := scope.Alerts(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(full))
		}))
		id := &auth.Identity{Tenants: *tenants, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodGet, "/api/v1/rules", nil))
		require.JSONEq(t, want, w.Body.String(), "%v", *tenants)
	}
}
