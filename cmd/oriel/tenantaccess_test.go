package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth/directory"
)

// asTenants are those whose access is in testdata/tenants.txt, in its order: the
// owner of everything, another tenant, which is admin of itself, and the default
// one, which may do all but administer.
var asTenants = []string{"bank", "shop", "default"}

// TestAccessOfTenants asks each route as each tenant, where all that there is, data
// and what people make, is one's, and compares what comes of it with
// testdata/tenants.txt: refused, own (the owner is answered with what is its own,
// and the others without) or allowed. -update rewrites the file: look at what
// changed.
func TestAccessOfTenants(t *testing.T) {
	a := serveApp(t, `
auth: {enabled: true, tenants: true}
web: {admin_api: true}
self: {enabled: false}
ingest: {spans: {span_metrics: {enabled: false}, service_graph: {enabled: false}}}
`)
	w := accessWorld{T: t, h: a.routes.(http.Handler), tokens: map[string]string{}}
	w.fillTenant(a)
	var table strings.Builder
	fmt.Fprintf(&table, "# %s\n", strings.Join(asTenants, " "))
	changes := func(route string) bool { return !strings.HasPrefix(route, http.MethodGet+" ") }
	for _, route := range askable(t, a) {
		method, pattern, _ := strings.Cut(route, " ")
		results, bodies := make([]string, len(asTenants)), make([]string, len(asTenants))
		for i, who := range asTenants {
			if who == "bank" && changes(route) { // what is its own is to stay
				results[i] = "-"
				continue
			}
			status, body := w.ask(method, pattern, who)
			bodies[i], results[i] = body, "allowed"
			if status == http.StatusUnauthorized || status == http.StatusForbidden {
				results[i] = "refused"
			}
			if who != "bank" && strings.Contains(body, secret) {
				t.Errorf("%s tells %s what is of another tenant: %s", route, who, body)
			}
			operators := pattern == "/oriel/api/v1/routing" // who may see how it is kept apart
			if who != "bank" && !operators && strings.Contains(body, "__tenant_id__") {
				t.Errorf("%s tells %s of the label of tenants: %s", route, who, body)
			}
		}
		if strings.Contains(bodies[0], secret) {
			for i := range results {
				if results[i] == "allowed" {
					results[i] = "own"
				}
			}
		}
		fmt.Fprintf(&table, "%-62s %s\n", route, strings.Join(results, " "))
	}
	// What others may have changed meanwhile was none of the owner's.
	for _, path := range []string{
		"/oriel/api/v1/folders", "/oriel/api/v1/dashboards/x", "/oriel/api/v1/annotations", "/oriel/api/v1/playlists", "/oriel/api/v1/snapshots", "/oriel/api/v1/queries", "/api/library-elements/x",
		"/oriel/api/v1/slos/x", "/loki/api/v1/rules/x", "/prometheus/config/v1/rules/x", "/alertmanager/api/v2/alerts", "/alertmanager/api/v2/silences", "/api/v1/series", "/loki/api/v1/series",
		"/jaeger/api/traces/00000000000000000000000000000002",
	} {
		status, body := w.ask(http.MethodGet, path, "bank")
		require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
		require.Contains(t, body, secret, path)
	}
	const golden = "testdata/tenants.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(table.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")); diff != "" {
		t.Errorf("run with -update, and look at what changed:\n%s", diff)
	}
}

// fillTenant makes tokens of tenants, and brings one of everything as the owner.
func (w *accessWorld) fillTenant(a *app) {
	w.Helper()
	people := directory.New(directory.Options{Store: a.state, Changed: a.guard.Forget, Cost: 4})
	for name, request := range map[string]directory.TokenRequest{
		"bank":    {Tenant: "bank", Scopes: "admin"},
		"shop":    {Tenant: "shop", Scopes: "admin"},
		"default": {Scopes: "metrics:write,logs:write,traces:write,query:*,alerts:*,dashboards:*"},
	} {
		request.Name = name
		token, _, err := people.AddToken(w.Context(), directory.Actor{}, request)
		require.NoError(w, err)
		w.tokens[name] = token
	}
	now := time.Now()
	ns := now.UnixNano()
	brings := func(path, body string, args ...any) {
		w.Helper()
		kind := "application/json"
		if strings.Contains(path, "/rules/") {
			kind = "application/yaml"
		}
		w.send("bank", path, kind, strings.ReplaceAll(fmt.Sprintf(body, args...), "SECRET", secret))
	}
	w.send("bank", "/write?precision=ns", "text/plain", fmt.Sprintf("%s_sales,namespace=bank,pod=%s-pod value=1 %d", secret, secret, ns))
	brings("/loki/api/v1/push", `{"streams":[{"stream":{"namespace":"bank","pod":"SECRET-pod","service_name":"SECRET-logs"},"values":[["%d","a line of SECRET with user=SECRET-user"]]}]}`, ns)
	brings("/v1/traces", `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bank-svc"}},{"key":"SECRET","value":{"stringValue":"SECRET"}}]},
		"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000002","spanId":"0000000000000021","name":"SECRET-op","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
		"attributes":[{"key":"user","value":{"stringValue":"SECRET-user"}}]}]}]}]}`, ns-1e6, ns)
	brings("/oriel/api/v1/folders", `{"uid":"x","title":"SECRET"}`)
	brings("/oriel/api/v1/dashboards", `{"dashboard":{"uid":"x","title":"SECRET {} {pod=~\".+\"}","tags":["SECRET"]},"folderUid":"x","message":"SECRET"}`)
	brings("/oriel/api/v1/annotations", `{"text":"SECRET","tags":["SECRET"],"time":%d}`, now.UnixMilli())
	brings("/oriel/api/v1/playlists", `{"uid":"x","name":"SECRET","interval":"1m","items":["x"]}`)
	brings("/oriel/api/v1/snapshots", `{"name":"SECRET","dashboard":{"title":"SECRET"}}`)
	brings("/api/library-elements", `{"uid":"x","name":"SECRET","kind":1,"model":{"title":"SECRET"}}`)
	brings("/oriel/api/v1/queries", `{"name":"SECRET","language":"logql","query":"{a=\"SECRET\"}"}`)
	brings("/oriel/api/v1/slos/x", `{"description":"SECRET","objective":99,"indicator":{"span_metrics":{"service":"SECRET"}}}`)
	const group = "name: x\ninterval: 1s\nlabels: {pod: SECRET}\nrules: [{record: SECRET, expr: %s}, {alert: SECRET, expr: %s}]\n"
	brings("/loki/api/v1/rules/x", group, `'sum(count_over_time({pod=~".+"}[1h]))'`, `'sum(count_over_time({pod=~".+"}[1h]))'`)
	brings("/prometheus/config/v1/rules/x", group, `'vector(1)'`, `'vector(1)'`)
	brings("/alertmanager/api/v2/alerts", `[{"labels":{"alertname":"SECRET"},"annotations":{"summary":"SECRET"}}]`)
	brings("/alertmanager/api/v2/silences", `{"matchers":[{"name":"pod","value":"SECRET","isRegex":false}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"SECRET","comment":"SECRET"}`)
	// Rules have been evaluated once their alerts are taken down.
	require.Eventually(w, func() bool {
		_, body := w.ask(http.MethodGet, "/oriel/api/v1/alerts/history", "bank")
		return strings.Count(body, `"group":"x"`) >= 2
	}, patience, 50*time.Millisecond)
}
