package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A secret is in everything of the namespace "bank" that is sent, and nowhere
// else.
const secret = "topsecret"

// asRoles are those whose access is in testdata/access.txt, in its order. shop is
// a viewer of one namespace.
var asRoles = []string{"nobody", "writer", "shop", "viewer", "editor", "admin"}

// TestAccess asks each route as each role, and compares what comes of it with
// testdata/access.txt: refused, filtered (what is not theirs is missing from the
// answer that a viewer gets) or allowed. -update rewrites the file: look at what
// changed.
func TestAccess(t *testing.T) {
	// Oriel's own spans, and metrics of spans, would come at some time.
	a := serveApp(t, everything+"self: {enabled: false}\ningest: {spans: {span_metrics: {enabled: false}, service_graph: {enabled: false}}}\n")
	w := accessWorld{T: t, h: a.routes.(http.Handler), tokens: map[string]string{}}
	w.fill(a)

	var table strings.Builder
	fmt.Fprintf(&table, "# %s\n", strings.Join(asRoles, " "))
	for _, route := range askable(t, a) {
		method, pattern, _ := strings.Cut(route, " ")
		results, seen := make([]string, len(asRoles)), map[string]bool{}
		for i, role := range asRoles {
			status, body := w.ask(method, pattern, role)
			seen[role] = strings.Contains(body, secret)
			results[i] = "allowed"
			if status == http.StatusUnauthorized || status == http.StatusForbidden && !strings.Contains(body, "authentication is off") {
				results[i] = "refused"
			}
		}
		for _, role := range []string{"nobody", "writer", "shop"} {
			if seen[role] {
				t.Errorf("%s tells %s what is of another namespace", route, role)
			}
		}
		if seen["viewer"] && results[2] == "allowed" {
			results[2] = "filtered"
		}
		fmt.Fprintf(&table, "%-62s %s\n", route, strings.Join(results, " "))
		if strings.Contains(pattern, "/auth/") {
			w.logIn(a)
		}
	}
	const golden = "testdata/access.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(table.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	before, after := strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("run with -update, and look at what changed:\n%s", diff)
	}
}

var update = flag.Bool("update", false, "rewrite testdata/access.txt")

// askable are the routes with the methods that matter; for those that end in *
// and have rows below, those.
func askable(t *testing.T, a *app) (out []string) {
	unusual := []string{"GRPC", http.MethodHead, http.MethodConnect, http.MethodTrace, http.MethodOptions}
	for _, route := range routesOf(t, a) {
		method, pattern, _ := strings.Cut(route, " ")
		if slices.Contains(unusual, method) || slices.Contains(endless, pattern) {
			continue
		}
		out = append(out, route)
		base, wild := strings.CutSuffix(pattern, "*")
		for _, key := range a.needs.Keys() {
			rowMethod, row, _ := strings.Cut(key, " ")
			if wild && strings.HasPrefix(row, base) && row != pattern && (rowMethod == method || rowMethod == "*") {
				out = append(out, method+" "+row)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// logIn makes the sessions of the roles anew.
func (w *accessWorld) logIn(a *app) {
	w.Helper()
	for _, role := range asRoles[2:] {
		err := a.state.AddSession(w.Context(), auth.SessionRecord{Hash: auth.HashToken(role), User: role, Source: "password"})
		if !errors.Is(err, fault.ErrConflict) {
			require.NoError(w, err)
		}
	}
	a.guard.Forget()
}

type accessWorld struct {
	*testing.T
	h      http.Handler
	tokens map[string]string
}

// fill sends logs, metrics and spans of two namespaces, and makes the tokens.
func (w *accessWorld) fill(a *app) {
	w.Helper()
	ctx := w.Context()
	selectors := map[auth.Signal]string{}
	for _, s := range []auth.Signal{auth.Metrics, auth.Logs, auth.Traces} {
		selectors[s] = `{namespace="shop"}`
	}
	people := directory.New(directory.Options{Store: a.state, Changed: a.guard.Forget, Cost: 4})
	viewer := auth.BuiltInRoles()[0]
	require.NoError(w, people.SaveRole(ctx, directory.Actor{}, auth.RoleRecord{Name: "shop", Scopes: viewer.Scopes, Selectors: selectors}))
	for _, role := range []string{"shop", "viewer", "editor", "admin"} {
		require.NoError(w, people.AddUser(ctx, directory.Actor{}, role, "a long password", []string{role}))
	}
	w.logIn(a)
	token, _, err := people.AddToken(ctx, directory.Actor{}, directory.TokenRequest{Name: "writer", Scopes: "metrics:write,logs:write,traces:write"})
	require.NoError(w, err)
	w.tokens["writer"] = token

	now := time.Now().UnixNano()
	var metrics, logs, spans []string
	for i, name := range []string{"shop", secret} {
		namespace := []string{"shop", "bank"}[i]
		metrics = append(metrics, fmt.Sprintf("%s_sales,namespace=%s,pod=%s-pod value=1 %d", name, namespace, name, now))
		logs = append(logs, fmt.Sprintf(`{"stream":{"namespace":%q,"pod":"%s-pod","service_name":"%s-logs"},"values":[["%d","a line of %s with user=%s-user"]]}`, namespace, name, name, now, name, name))
		for j, service := range []string{namespace, name} { // one to ask for, one to be told of
			spans = append(spans, fmt.Sprintf(`{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s-svc"}},{"key":"namespace","value":{"stringValue":%q}}]},
				"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000000%d","spanId":"00000000000000%d%d","name":"%s-op","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d",
				"attributes":[{"key":"user","value":{"stringValue":"%s-user"}}]}]}]}`, service, namespace, i+1, i+1, j+1, name, now-1e6, now, name))
		}
	}
	w.send("writer", "/write?precision=ns", "text/plain", strings.Join(metrics, "\n"))
	w.send("writer", "/loki/api/v1/push", "application/json", `{"streams":[`+strings.Join(logs, ",")+`]}`)
	w.send("writer", "/v1/traces", "application/json", `{"resourceSpans":[`+strings.Join(spans, ",")+`]}`)
}

// send posts or, of the path of an objective, puts something as the holder of a
// token.
func (w *accessWorld) send(who, path, kind, body string) {
	w.Helper()
	method := http.MethodPost
	if strings.HasPrefix(path, "/oriel/api/v1/slos/") {
		method = http.MethodPut
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+w.tokens[who])
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	require.Less(w, rec.Code, 300, "%s: %s", path, rec.Body)
}

// ask makes a request to which the route has an answer, where that is possible.
func (w *accessWorld) ask(method, pattern, role string) (status int, body string) {
	path := strings.NewReplacer(
		"{id}", "00000000000000000000000000000002", "{service}", "bank-svc", "/api/v1/label/{name}/values", "/api/v1/label/pod/values",
		"detected_field/{name}", "detected_field/user", "/tempo/api/search/tag/*", "/tempo/api/search/tag/user/values", "/tempo/api/v2/search/tag/*", "/tempo/api/v2/search/tag/span.user/values",
	).Replace(pattern)
	path = routeParameter.ReplaceAllString(path, "x")
	now := time.Now()
	params := url.Values{
		"query": {`{pod=~".+"}`}, "q": {"{}"}, "match[]": {`{pod=~".+"}`}, "step": {"15"}, "limit": {"100"}, "name": {"pod"},
		"start": {strconv.FormatInt(now.Add(-time.Hour).Unix(), 10)}, "end": {strconv.FormatInt(now.Unix()+60, 10)},
		"seconds": {"1"}, "service": {"bank-svc"}, "lookback": {"1h"}, "endTs": {strconv.FormatInt(now.UnixMilli(), 10)},
	}
	if strings.HasPrefix(pattern, "/tempo/api/metrics") {
		params.Set("q", "{} | rate() by (resource.service.name)")
	}
	switch { // times in the words of others
	case strings.HasPrefix(pattern, "/oriel/"):
		params.Set("start", now.Add(-time.Hour).Format(time.RFC3339))
		params.Set("end", now.Add(time.Minute).Format(time.RFC3339))
	case strings.HasPrefix(pattern, "/jaeger/"):
		params.Set("start", strconv.FormatInt(now.Add(-time.Hour).UnixMicro(), 10))
		params.Set("end", strconv.FormatInt(now.Add(time.Minute).UnixMicro(), 10))
	}
	if pattern == "/loki/api/v1/delete" { // the others are to find something too
		params.Del("query")
	}
	ctx, cancel := context.WithTimeout(w.Context(), time.Second)
	defer cancel()
	r := httptest.NewRequest(method, path+"?"+params.Encode(), nil).WithContext(ctx)
	r.RemoteAddr = "127.0.0.1:9"
	if token, ok := w.tokens[role]; ok {
		r.Header.Set("Authorization", "Bearer "+token)
	} else if role != "nobody" {
		r.Header.Set("Cookie", "oriel_session="+role)
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}
