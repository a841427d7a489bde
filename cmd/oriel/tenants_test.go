package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/apidoc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// until waits until what is asked for a tenant, with the token in $TOKEN if there
// is one, is answered with texts.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: until NAME URL TEXT...")
	}
	ts.Check(await(func() error {
		req, err := http.NewRequest(http.MethodGet, args[1], nil)
		if err != nil {
			return err
		}
		req.Header.Set("X-Scope-OrgID", args[0])
		if token := ts.Getenv("TOKEN"); token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		for _, text := range args[2:] {
			if !strings.Contains(string(body), text) {
				return fmt.Errorf("%s for %q: no %q in %d %s", args[1], args[0], text, resp.StatusCode, body)
			}
		}
		return nil
	}))
}

// tenant asks for a tenant and prints status, the time to wait and the answer.
func tenant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: tenant NAME METHOD URL [FILE]")
	}
	var sent io.Reader
	if len(args) == 4 {
		sent = strings.NewReader(ts.ReadFile(args[3]))
	}
	req, err := http.NewRequest(args[1], args[2], sent)
	ts.Check(err)
	req.Header.Set("X-Scope-OrgID", args[0])
	if sent != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\nRetry-After: %s\nWarning: %s\n%s", resp.StatusCode, resp.Header.Get("Retry-After"), resp.Header.Get("X-Oriel-Limit-Warning"), body)
}

func TestTheDocumentOfWhatIsServedHereHasEveryRoute(t *testing.T) {
	r := chi.NewRouter()
	a := serveApp(t, "self: {enabled: false}\n")
	a.mountTenants(r)
	a.mountIngest(r)
	a.mountRetention(r)
	a.mountSupport(r)
	var served []string
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		served = append(served, method+" "+strings.TrimPrefix(route, "/oriel/api/v1"))
		return nil
	}))
	described, err := apidoc.Operations(ownDocument)
	require.NoError(t, err)
	require.ElementsMatch(t, served, described)
}

func TestATenantThatHasOnlyArchivedSpansIsListed(t *testing.T) {
	a := serveApp(t, "auth: {tenants: true}\nself: {enabled: false}\ningest: {spans: {span_metrics: {enabled: false}, service_graph: {enabled: false}}}\n")
	h := a.routes.(http.Handler)
	ask := func(tenant, method, path, body string, want int) string {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Scope-OrgID", tenant)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		require.Equal(t, want, rec.Code, "%s %s: %s", method, path, rec.Body)
		return rec.Body.String()
	}
	const id = "0102030405060708090a0b0c0d0e0f10"
	for i, tenant := range []string{"bank", ""} {
		ask(tenant, http.MethodPost, "/v1/traces", fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"vault"}}]},
			"scopeSpans":[{"spans":[{"traceId":%q,"spanId":"000000000000000%d","name":"open","startTimeUnixNano":"%d","endTimeUnixNano":"%[3]d"}]}]}]}`, id, i+1, time.Now().UnixNano()), http.StatusOK)
	}
	ask("bank", http.MethodPost, "/jaeger/api/archive/"+id, "", http.StatusOK)
	_, err := a.events.Delete(t.Context(), storage.DeleteRequest{Signal: model.Spans, Range: model.AllTime()}) // as retention does
	require.NoError(t, err)
	require.JSONEq(t, `{"tenants":["bank"]}`, ask("", http.MethodGet, "/oriel/api/v1/tenants", "", http.StatusOK))
	ask("bank", http.MethodGet, "/jaeger/api/traces/"+id, "", http.StatusOK)

	require.Contains(t, ask("", http.MethodDelete, "/oriel/api/v1/tenants/bank?dry_run=true", "", http.StatusOK), `"archivedSpans":1`)
	require.Contains(t, ask("", http.MethodDelete, "/oriel/api/v1/tenants/bank", "", http.StatusOK), `"archivedSpans":1`)
	require.JSONEq(t, `{"tenants":[]}`, ask("", http.MethodGet, "/oriel/api/v1/tenants", "", http.StatusOK))
	ask("bank", http.MethodGet, "/jaeger/api/traces/"+id, "", http.StatusNotFound)
	ask("", http.MethodGet, "/jaeger/api/traces/"+id, "", http.StatusOK)
}
