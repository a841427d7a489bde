package ruleapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/ruleapi"
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
