package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

func TestAnswersAboutEverythingAreForThoseWhoSeeIt(t *testing.T) {
	h := (&app{}).wholeOnly(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	shop := &auth.Identity{Grants: []auth.Grant{{
		Scopes:    []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces, auth.AlertsRead},
		Selectors: map[auth.Signal][]*labels.Matcher{auth.Logs: {labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop")}},
	}}}
	ofTenant := &auth.Identity{Tenants: []string{"a"}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}, Tenants: []string{"a"}}}}
	governor := &auth.Identity{Tenants: []string{""}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
	for path, want := range map[string][4]int{ // nobody in particular, of a part, of a tenant, an admin of all
		"/api/v1/query":                         {200, 200, 200, 200},
		"/oriel/api/v1/notifications":           {200, 403, 200, 200},
		"/oriel/api/v1/notifications/dead":      {200, 403, 200, 200},
		"/oriel/api/v1/routing":                 {200, 403, 403, 200},
		"/pushgateway/metrics":                  {200, 403, 403, 200},
		"/prometheus/api/v1/alertmanagers":      {200, 403, 403, 200},
		"/oriel/api/v1/slos":                    {200, 200, 200, 200},
		"/prometheus/config/v1/rules/ns":        {200, 200, 200, 200},
		"/alertmanager/api/v2/silences":         {200, 200, 200, 200},
		"/alertmanager/api/v2/status":           {200, 403, 403, 200},
		"/oriel/api/v1/datasources/x/proxy/y":   {200, 200, 403, 200},
		"/api/dashboards/uid/x":                 {200, 200, 200, 200},
		"/oriel/api/v1/alerts/history":          {200, 200, 200, 200},
		"/alertmanager/api/v2/alerts":           {200, 200, 200, 200},
		"/oriel/api/v1/notificationsandthelike": {200, 200, 200, 200},
	} {
		for i, id := range []*auth.Identity{nil, shop, ofTenant, governor} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodGet, path, nil))
			require.Equal(t, want[i], w.Code, "%s as %d", path, i)
		}
	}
}

func TestAChangeIsMadeForOneTenant(t *testing.T) {
	needs, err := auth.ParsePermissions(permissions)
	require.NoError(t, err)
	r := chi.NewRouter()
	r.Use((&app{engines: engines{trust: trust{needs: needs}}}).wholeOnly)
	for _, route := range [][2]string{
		{http.MethodPost, "/oriel/api/v1/dashboards"},
		{http.MethodGet, "/oriel/api/v1/dashboards"},
		{http.MethodPost, "/oriel/api/v1/rules/backtest"},
		{http.MethodPost, "/api/v1/query"},
	} {
		r.Method(route[0], route[1], http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	}
	r.Route("/alertmanager", func(r chi.Router) {
		r.Handle("/api/v2/*", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	})
	for request, want := range map[string]int{
		"POST /oriel/api/v1/dashboards":          400,
		"GET /oriel/api/v1/dashboards":           200,
		"POST /oriel/api/v1/rules/backtest":      200,
		"POST /api/v1/query":                     200,
		"POST /alertmanager/api/v2/silences":     400,
		"GET /alertmanager/api/v2/silences":      200,
		"DELETE /alertmanager/api/v2/silence/id": 400,
	} {
		method, path, _ := strings.Cut(request, " ")
		for tenants, status := range map[string]int{"a": 200, "a|b": want} {
			id := &auth.Identity{Tenants: strings.Split(tenants, "|"), Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequestWithContext(auth.With(t.Context(), id), method, path, nil))
			require.Equal(t, status, w.Code, "%s for %s: %s", request, tenants, w.Body)
		}
	}
}
