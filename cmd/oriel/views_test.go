package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

func TestAnswersAboutEverythingAreForThoseWhoSeeIt(t *testing.T) {
	h := wholeOnly(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	shop := &auth.Identity{Grants: []auth.Grant{{
		Scopes:    []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces, auth.AlertsRead},
		Selectors: map[auth.Signal][]*labels.Matcher{auth.Logs: {labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop")}},
	}}}
	ofTenant := &auth.Identity{Tenants: []string{"a"}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}, Tenants: []string{"a"}}}}
	governor := &auth.Identity{Tenants: []string{""}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
	for path, want := range map[string][4]int{ // nobody in particular, of a part, of a tenant, an admin of all
		"/api/v1/query":                         {200, 200, 200, 200},
		"/oriel/api/v1/notifications":           {200, 403, 403, 200},
		"/oriel/api/v1/notifications/dead":      {200, 403, 403, 200},
		"/pushgateway/metrics":                  {200, 403, 403, 200},
		"/prometheus/api/v1/alertmanagers":      {200, 403, 403, 200},
		"/oriel/api/v1/slos":                    {200, 200, 403, 200},
		"/prometheus/config/v1/rules/ns":        {200, 200, 403, 200},
		"/alertmanager/api/v2/silences":         {200, 200, 403, 200},
		"/api/dashboards/uid/x":                 {200, 200, 403, 200},
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
