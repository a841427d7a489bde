package ruleapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/ruleapi"
	"github.com/oriel-obs/oriel/internal/auth"
)

// A ruler is the API over a folder.
type ruler struct {
	http.Handler
	dir     string
	reloads int
	refuse  error // of the next reloads
}

func newRuler(t *testing.T, editable bool) *ruler {
	r := &ruler{dir: filepath.Join(t.TempDir(), "rules")}
	mux := chi.NewRouter()
	ruleapi.New(ruleapi.Options{Dir: func(tenant string) string { return filepath.Join(r.dir, tenant) }, Editable: editable, Reload: func() error {
		r.reloads++
		if errs := alerting.CheckFiles(ruleapi.Globs(r.dir), nil); len(errs) > 0 {
			return errors.Join(errs...)
		}
		return r.refuse
	}}).Mount(mux)
	r.Handler = mux
	return r
}

func (r *ruler) do(method, path, body string) (status int, answer string) {
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	return rec.Code, rec.Body.String()
}

const (
	logGroup    = "name: errors\ninterval: 30s\nlimit: 5\nrules:\n    - alert: Errors\n      expr: rate({app=\"api\"} |= \"error\" [1m]) > 1\n      for: 2m\n      labels:\n        severity: page\n"
	metricGroup = "name: up\nquery_offset: 10s\nrules:\n    - record: job:up:sum\n      expr: sum by (job) (up)\n"
	traceGroup  = "name: spans\nrules:\n    - record: spans\n      expr: '{} | rate()'\nsignal: traces\nwindow: 2m\n"
)

func TestGroupsAreSetReadAndDeleted(t *testing.T) {
	r := newRuler(t, true)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // of the answer
	}{
		{"GET", "/loki/api/v1/rules", "", 404, "no rule groups found: not found\n"},
		{"GET", "/prometheus/config/v1/rules", "", 200, "{}\n"},
		{"POST", "/loki/api/v1/rules/shop", logGroup, 202, `{"status":"success","data":null,"errorType":"","error":""}`},
		{"GET", "/loki/api/v1/rules/shop/errors", "", 200, logGroup},
		{"GET", "/api/prom/rules/shop/errors", "", 200, logGroup},
		{"GET", "/prometheus/config/v1/rules", "", 200, "{}\n"},
		{"POST", "/prometheus/config/v1/rules/a%2Fb", metricGroup, 202, ""},
		{"POST", "/prometheus/config/v1/rules/a%2Fb", traceGroup, 202, ""},
		{"GET", "/prometheus/config/v1/rules/a%2Fb/spans", "", 200, traceGroup},
		{"GET", "/prometheus/config/v1/rules/a%2Fb/up", "", 200, metricGroup},
		{"POST", "/prometheus/config/v1/rules/a%2Fb", "name: up\nrules: []\n", 202, ""},
		{"GET", "/prometheus/config/v1/rules/a%2Fb", "", 200, "a/b:\n    - name: up\n      rules: []\n    - name: spans\n      rules:\n        - record: spans\n          expr: '{} | rate()'\n      signal: traces\n      window: 2m\n"},
		{"GET", "/prometheus/config/v1/rules/other", "", 404, "no rule groups found: not found\n"},
		{"GET", "/prometheus/config/v1/rules/a%2Fb/other", "", 404, "group does not exist: not found\n"},
		{"DELETE", "/prometheus/config/v1/rules/a%2Fb/other", "", 404, "group does not exist: not found\n"},
		{"DELETE", "/prometheus/config/v1/rules/other", "", 404, "no rule groups found: not found\n"},
		{"DELETE", "/prometheus/config/v1/rules/a%2Fb/up", "", 202, ""},
		{"DELETE", "/prometheus/config/v1/rules/a%2Fb/spans", "", 202, ""},
		{"GET", "/prometheus/config/v1/rules/a%2Fb", "", 404, ""},
		{"DELETE", "/loki/api/v1/rules/shop", "", 202, ""},
		{"GET", "/loki/api/v1/rules", "", 404, ""},
	} {
		status, answer := r.do(c.method, c.path, c.body)
		require.Equal(t, c.status, status, "%s %s: %s", c.method, c.path, answer)
		if c.want != "" {
			require.Equal(t, c.want, answer, "%s %s", c.method, c.path)
		}
	}
	left, err := filepath.Glob(filepath.Join(r.dir, "*", "*"))
	require.NoError(t, err)
	require.Empty(t, left, "no namespace, no file, nothing half written")
}

func TestNamespacesAreRuleFiles(t *testing.T) {
	r := newRuler(t, true)
	r.do("POST", "/loki/api/v1/rules/shop", logGroup)
	text, err := os.ReadFile(filepath.Join(r.dir, "logs", "shop.yml"))
	require.NoError(t, err)
	groups, errs := alerting.ParseRules(text, nil)
	require.Empty(t, errs)
	require.Equal(t, alerting.Logs, groups[0].Signal)
	require.Equal(t, 1, r.reloads)
}

func TestWhatIsWrongIsRefusedAndChangesNothing(t *testing.T) {
	r := newRuler(t, true)
	r.do("POST", "/loki/api/v1/rules/shop", logGroup)
	reloads := r.reloads
	for name, c := range map[string]struct{ path, body, want string }{
		"PromQL as LogQL":   {"/loki/api/v1/rules/shop", metricGroup, `group "up", rule 1, "job:up:sum": could not parse expression: parse error at line 1, col 15: syntax error: unexpected IDENTIFIER`},
		"another signal":    {"/loki/api/v1/rules/shop", traceGroup, "rules here are over logs, and the group has signal: traces"},
		"no name":           {"/loki/api/v1/rules/shop", "", "Groupname must not be empty"},
		"unknown key":       {"/loki/api/v1/rules/shop", "name: a\nrulez: []\n", "line 2: field rulez not found"},
		"not YAML":          {"/loki/api/v1/rules/shop", "[", "read the group: yaml: line 1: did not find expected node content"},
		"a long namespace":  {"/loki/api/v1/rules/" + strings.Repeat("x", 201), logGroup, "a namespace has 1 to 200 bytes"},
		"window of metrics": {"/prometheus/config/v1/rules/shop", "name: a\nwindow: 1m\nrules: []\n", "window goes with signal: traces only"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := r.do("POST", c.path, c.body)
			require.Equal(t, 400, status, answer)
			require.Contains(t, answer, c.want)
		})
	}
	require.Equal(t, reloads, r.reloads)

	r.refuse = errors.New("another file is broken")
	status, answer := r.do("POST", "/loki/api/v1/rules/shop", "name: more\nrules: []\n")
	require.Equal(t, 500, status)
	require.Contains(t, answer, "rules not changed: another file is broken")
	status, _ = r.do("DELETE", "/loki/api/v1/rules/shop", "")
	require.Equal(t, 500, status)
	_, answer = r.do("GET", "/loki/api/v1/rules/shop/errors", "")
	require.Equal(t, logGroup, answer)
	status, _ = r.do("GET", "/loki/api/v1/rules/shop/more", "")
	require.Equal(t, 404, status)
}

func TestRulesAreOnlyReadUnlessAllowed(t *testing.T) {
	r := newRuler(t, false)
	for _, c := range [][2]string{{"POST", "/loki/api/v1/rules/a"}, {"DELETE", "/loki/api/v1/rules/a"}, {"DELETE", "/loki/api/v1/rules/a/b"}} {
		status, answer := r.do(c[0], c[1], logGroup)
		require.Equal(t, 403, status)
		require.Contains(t, answer, "web: {admin_api: true}")
	}
	status, _ := r.do("GET", "/loki/api/v1/rules", "")
	require.Equal(t, 404, status)
	require.Zero(t, r.reloads)
}

// as is a request of somebody.
func (r *ruler) as(who, method, path, body string) (status int, answer string) {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, req.WithContext(auth.With(req.Context(), &auth.Identity{Name: who})))
	return rec.Code, rec.Body.String()
}

func TestWhoChangedWhatIsKept(t *testing.T) {
	r := newRuler(t, true)
	changes := func(query string) (out []string) {
		status, answer := r.do("GET", "/oriel/api/v1/rules/changes"+query, "")
		require.Equal(t, 200, status, answer)
		var got struct{ Changes []ruleapi.Change }
		require.NoError(t, json.Unmarshal([]byte(answer), &got))
		require.NotNil(t, got.Changes, "none is an empty list")
		for _, c := range got.Changes {
			require.WithinDuration(t, time.Now(), c.Time, time.Minute)
			out = append(out, fmt.Sprintf("%s %s %s %s of %s/%s: %d", c.Author, c.Action, c.Kind, c.Name, c.Namespace, c.Group, c.Rules))
		}
		return out
	}
	require.Empty(t, changes(""))
	const up, down = "name: up\nrules: [{record: a, expr: up}, {alert: b, expr: up == 0}, {alert: b, expr: up == 1}]\n", "name: up\nrules: [{record: a, expr: up}, {alert: b, expr: up == 2}]\n"
	for _, c := range []struct {
		name, who, method, path, body string
		status                        int
		want                          []string // what is new, the newest first
	}{
		{"a new group is its rules", "ada", "POST", "/prometheus/config/v1/rules/page", up, 202, []string{"ada created record a of page/up: 1", "ada created alert b of page/up: 1", "ada created alert b of page/up: 1"}},
		{"the same again is no change", "ada", "POST", "/prometheus/config/v1/rules/page", up, 202, nil},
		{"of two with a name one is changed and one goes", "bob", "POST", "/prometheus/config/v1/rules/page", down, 202, []string{"bob deleted alert b of page/up: 1", "bob changed alert b of page/up: 1"}},
		{"an interval is the group's", "", "POST", "/prometheus/config/v1/rules/page", "interval: 5m\n" + down, 202, []string{" changed group up of page/up: 2"}},
		{"a refusal changes nothing", "ada", "POST", "/prometheus/config/v1/rules/page", "name: up\nrules: [{record: a, expr: (}]\n", 400, nil},
		{"logs are of the same tenant", "ada", "POST", "/loki/api/v1/rules/shop", logGroup, 202, []string{"ada created alert Errors of shop/errors: 1"}},
		{"many rules are one change", "ada", "POST", "/prometheus/config/v1/rules/many", "name: m\nrules: [" + strings.Repeat("{record: a, expr: up},", 21) + "]\n", 202, []string{"ada created group m of many/m: 21"}},
		{"what was there last is said", "eve", "DELETE", "/prometheus/config/v1/rules/page/up", "", 202, []string{"eve deleted record a of page/up: 1", "eve deleted alert b of page/up: 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := changes("")
			status, answer := r.as(c.who, c.method, c.path, c.body)
			require.Equal(t, c.status, status, answer)
			require.Equal(t, append(c.want, before...), changes(""))
		})
	}
	require.Len(t, changes("?limit=2"), 2)
	require.Empty(t, changes("?end=2020-01-01T00:00:00Z"))
	require.Empty(t, changes("?start=2999-01-01T00:00:00Z"))
	for query, want := range map[string]string{"?limit=0": "no number from 1 to 1000", "?start=noon": "write it as 2006-01-02T15:04:05Z"} {
		status, answer := r.do("GET", "/oriel/api/v1/rules/changes"+query, "")
		require.Equal(t, 400, status)
		require.Contains(t, answer, want)
	}
	require.Empty(t, alerting.CheckFiles(ruleapi.Globs(r.dir), nil), "the journal is no rule file")
}

func TestTheJournalForgetsTheOldest(t *testing.T) {
	r := newRuler(t, true)
	line := `{"time":"2026-01-01T00:00:00Z","action":"created","kind":"alert","name":"old","namespace":"n","rules":1}` + "\n"
	require.NoError(t, os.MkdirAll(r.dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "changes.jsonl"), []byte(strings.Repeat(line, 1000)), 0o600))
	r.do("POST", "/loki/api/v1/rules/shop", logGroup)
	text, err := os.ReadFile(filepath.Join(r.dir, "changes.jsonl"))
	require.NoError(t, err)
	require.Equal(t, 1000, strings.Count(string(text), "\n"))
	require.Contains(t, string(text), `"name":"Errors"`)
}

func FuzzSet(f *testing.F) {
	f.Add("shop", []byte(logGroup))
	f.Add("a%2Fb", []byte("name: a\nrules: [null]\n"))
	f.Add("..", []byte("name: a\nrules: &a [*a]\n"))
	dir := f.TempDir()
	mux := chi.NewRouter()
	ruleapi.New(ruleapi.Options{Dir: func(string) string { return dir }, Editable: true, Reload: func() error { return nil }}).Mount(mux)
	f.Fuzz(func(t *testing.T, namespace string, body []byte) {
		req := httptest.NewRequest("POST", "/loki/api/v1/rules/x", strings.NewReader(string(body)))
		req.URL.Path = "/loki/api/v1/rules/" + namespace
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, req)
		if rec.Code == http.StatusAccepted {
			if errs := alerting.CheckFiles(ruleapi.Globs(dir), nil); len(errs) > 0 {
				t.Fatal("accepted what does not load: ", errs)
			}
		}
	})
}
