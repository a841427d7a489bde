package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hostile is what parameters and segments of paths are made of.
var hostile = map[string]string{
	"empty":           "",
	"traversal":       "../../../../../../etc/passwd",
	"encoded slashes": "..%2f..%2f..%2fetc%2fpasswd",
	"a full path":     "/etc/passwd",
	"a file URL":      "file:///etc/passwd",
	"zero byte":       "x\x00y",
	"line breaks":     "x\r\nSet-Cookie: a=b",
	"not UTF-8":       "\xff\xfe\xfd",
	"SQL":             "' OR 1=1; DROP TABLE users; --",
	"script":          `"><script>alert(1)</script>`,
	"shell":           "$(touch /tmp/x); `id` | cat",
	"template":        `{{ . }}{{ printf "%999999999d" 1 }}`,
	"format":          "%s%n%x%!d(MISSING)",
	"a large number":  strings.Repeat("9", 400),
	"the most":        "9223372036854775807",
	"the least":       "-9223372036854775808",
	"not a number":    "NaN",
	"long":            strings.Repeat("a", 16<<10),
	"deep":            strings.Repeat("(", 5000),
	"deep selectors":  strings.Repeat("{a=~\"", 500),
	"a costly regexp": `{a=~"(((((a{0,100}){0,100}){0,100}){0,100}){0,100})"}`,
	"backtracking":    `{a=~"(a+)+$"}`,
	"JSON":            `{"a":[{"b":null}]}`,
	"PromQL":          `count_over_time(up[10000y:1ms])`,
	"LogQL":           `sum by (a) (count_over_time({a=~".+"} | json | line_format "{{ repeat 1000000000 .a }}" [10000h]))`,
	"TraceQL":         `{ .a =~ "(a+)+" } >> { span.b = nil } | rate()`,
	"a time":          "-1e309",
	"metadata":        "http://169.254.169.254/latest/meta-data/",
}

// parameters are the names that any of the APIs reads from a query or a form.
var parameters = []string{
	"query", "q", "match[]", "start", "end", "time", "from", "to", "until", "since", "step", "interval", "limit", "direction", "regexp", "name", "names", "tags", "tag", "label", "labels",
	"minDuration", "maxDuration", "spss", "service", "operation", "lookback", "endTs", "limit_per_metric", "metric", "state", "type", "rule_name[]", "rule_group[]", "file[]", "exclude_alerts", "group_limit",
	"group_next_token", "active", "silenced", "inhibited", "receiver", "filter", "id", "uid", "dashboardUID", "dashboardUid", "panelId", "matchAny", "folderUIDs", "sort", "page", "cursor", "before", "after", "signal", "dry_run",
	"delete_series", "skip_head", "by", "trace_id", "span_id", "context", "width", "height", "head", "key", "db", "precision", "rp", "seconds", "timeout", "lookback_delta", "stats", "format", "version", "expr", "scope", "max", "series",
	"all", "apdex", "author", "bucket", "aggregateBy", "targetLabels", "code", "columns", "dashboardUIDs", "days", "delay_for", "error", "error_description", "everywhere", "excludeUid", "exemplars", "expires", "sig", "fingerprint", "folder", "folderFilter", "folderFilterUIDs",
	"folderUids", "groupByOperation", "integration", "rule", "status", "slo", "window", "line", "log_level", "logout_token", "match", "maxSeries", "max_source_resolution", "never", "next", "nocache", "parentUid", "partial", "quantile", "ratePer", "searchString", "sortDirection",
	"spanKind", "starred", "stream", "typeFilter", "value", "variable", "verbose", "filter_path", "service_name", "selected", "baseline", "yaml",
}

// bodies are what is sent to whatever takes a body.
var bodies = []struct{ kind, encoding, body string }{
	{"application/json", "", ``},
	{"application/json", "", `{`},
	{"application/json", "", `null`},
	{"application/json", "", `[[[]]]`},
	{"application/json", "", `{"uid":"../../etc/passwd","id":{"a":1},"name":["x"],"title":3,"dashboard":"x","groups":[{"name":"../x","rules":[{}]}],"streams":[null],"query":{"a":1}}`},
	{"application/json", "", strings.Repeat(`{"a":`, 20000)},
	{"application/json", "", strings.Repeat(`[`, 200000)},
	{"application/json", "", `{"a":` + strings.Repeat("9", 100000) + `}`},
	{"application/x-ndjson", "", "{\"index\":{}}\n{\"a\":\n\x00\n"},
	{"application/x-protobuf", "snappy", "\xff\xff\xff\xff\x0f\x00"},
	{"application/x-protobuf", "", "\x0a\xff\xff\xff\xff\x0f"},
	{"application/x-protobuf", "gzip", "not gzip"},
	{"application/x-thrift", "", "\x80\x01\x00\x01\x7f\xff\xff\xff"},
	{"application/msgpack", "", "\xdf\xff\xff\xff\xff\xdd\xff\xff\xff\xff"},
	{"application/yaml", "", "a: &a [*a]\nb: *c"},
	{"application/yaml", "", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ngroups: [*f,*f]"},
	{"application/x-www-form-urlencoded", "", "query=%zz&start=%00&match[]=%7B"},
	{"multipart/form-data; boundary=x", "", "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../etc/passwd\"\r\n\r\nx"},
	{"text/plain", "", "x{a=\"\n# TYPE x histogram\nx_bucket{le=\"NaN\"} -1 99999999999999999999"},
	{"\x00", "zstd", "\x28\xb5\x2f\xfd"},
}

// endless answers come for as long as somebody listens, or take as long as they
// are told.
var endless = []string{"/debug/pprof/profile", "/debug/pprof/trace"}

var routeParameter = regexp.MustCompile(`\{[^}]+\}|\*`)

// told are the routes whose answers are about the process, its folders too.
var told = regexp.MustCompile(`/status|/api/v1/rules|/debug/pprof|/metrics|/rules|snapshot`)

// TestHostileRequestsAreHarmless sends each route of the real server what it
// should not be sent: no answer is our fault, none tells a secret or a part of
// a file, and the server goes on.
func TestHostileRequestsAreHarmless(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("hunter-file\n"), 0o600))
	a := serveApp(t, `
web: {admin_api: true}
self: {enabled: false}
audit: {enabled: true, queries: true}
datasources: [{name: other, type: prometheus, url: "http://127.0.0.1:1", basic_auth: {username: ada, password: hunter-a}}, {name: file, type: loki, url: "http://169.254.169.254", authorization: {credentials: "${file:`+secret+`}"}}]
notify: {sign: [{receiver: hook, secret: hunter-b}]}
alertmanager: {route: {receiver: hook}, receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:1/hunter-c"}]}]}
scrape_configs: [{job_name: x, basic_auth: {username: u, password: hunter-d}, scrape_interval: 1h, static_configs: [{targets: ["127.0.0.1:1"]}]}]
remote_write: [{url: "http://u:hunter-e@127.0.0.1:1/", authorization: {credentials: hunter-f}}]
`)
	h, ok := a.routes.(http.Handler)
	require.True(t, ok)
	c := crawler{T: t, h: h, dir: a.flags.DataDir, statuses: map[int]int{}}
	routes := slices.DeleteFunc(routesOf(t, a), func(r string) bool {
		method, pattern, _ := strings.Cut(r, " ")
		return !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) || slices.Contains(endless, pattern)
	})
	require.Greater(t, len(routes), 200)
	names := slices.Sorted(maps.Keys(hostile))
	var bomb bytes.Buffer
	z, _ := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	_, _ = z.Write(make([]byte, 128<<20))
	require.NoError(t, z.Close())

	// Each route gets a share of the values, and each value a share of the
	// routes; ORIEL_CRAWL=all gives each everything.
	share := 4
	if os.Getenv("ORIEL_CRAWL") == "all" {
		share = 1
	}
	began := time.Now()
	for i, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		plain := routeParameter.ReplaceAllString(pattern, "x")
		for j, name := range names {
			if (i+j)%share != 0 {
				continue
			}
			v := hostile[name]
			if routeParameter.MatchString(pattern) {
				c.ask(method, routeParameter.ReplaceAllLiteralString(pattern, url.PathEscape(v)), "", "", "", name+" in the path")
				c.ask(method, routeParameter.ReplaceAllLiteralString(pattern, (&url.URL{Path: v}).EscapedPath()), "", "", "", name+" as a path")
			}
			all := url.Values{}
			for k, p := range parameters {
				all.Set(p, v)
				// One time all are hostile, and then a few have values that let
				// the others be read.
				if (k+j)%3 == 0 && (p == "start" || p == "end" || p == "time" || p == "step" || p == "limit") {
					all.Set(p, "1")
				}
			}
			c.ask(method, plain+"?"+all.Encode(), "", "", "", name)
			if method == http.MethodPost {
				c.ask(method, plain, "application/x-www-form-urlencoded", "", all.Encode(), name+" in a form")
			}
		}
		if method == http.MethodGet {
			continue
		}
		for j, b := range bodies {
			c.ask(method, plain, b.kind, b.encoding, b.body, fmt.Sprint("body ", j))
		}
		if method == http.MethodPost && i%4 == 0 { // they share how they are unpacked
			for _, kind := range []string{"application/json", "application/x-protobuf"} {
				c.ask(method, plain, kind, "gzip", bomb.String(), "bomb")
			}
		}
	}
	t.Logf("%d requests to %d routes in %v: %v", c.requests, len(routes), time.Since(began).Round(time.Millisecond), c.statuses)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/-/ready", nil))
	require.Equal(t, http.StatusOK, w.Code)
}

type crawler struct {
	*testing.T
	h        http.Handler
	dir      string
	requests int
	statuses map[int]int
}

// patientFor bounds one request: it must end by itself, or with its client.
const patientFor = 2 * time.Second

func (c *crawler) ask(method, target, kind, encoding, body, what string) {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return // no client can ask for it, and net/http refuses it
	}
	ctx, cancel := context.WithTimeout(c.Context(), patientFor)
	defer cancel()
	r := httptest.NewRequest(method, "/", strings.NewReader(body)).WithContext(ctx)
	r.URL, r.RequestURI, r.RemoteAddr = u, target, "127.0.0.1:9"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	began := time.Now()
	c.h.ServeHTTP(w, r)
	c.requests++
	c.statuses[w.Code]++
	answer := w.Body.String()
	say := fmt.Sprintf("%s %.300s (%s): %d %.300s", method, target, what, w.Code, answer)
	switch {
	case w.Code == http.StatusInternalServerError, w.Code > http.StatusInternalServerError && !c.may(u.Path, w.Code):
		c.Errorf("our fault: %s", say)
	case strings.Contains(answer, "hunter-"), strings.Contains(answer, "root:x:0"), strings.Contains(answer, "goroutine 1 ") && !strings.Contains(u.Path, "pprof"):
		c.Errorf("tells what is nobody's business: %s", say)
	case w.Code >= http.StatusBadRequest && strings.Contains(answer, c.dir) && !told.MatchString(u.Path):
		c.Errorf("tells where things lie: %s", say)
	case w.Header().Get("Set-Cookie") == "a=b":
		c.Errorf("a header from outside: %s", say)
	case time.Since(began) > patientFor+3*time.Second:
		c.Errorf("goes on for %v after its client has left: %s", time.Since(began), say)
	}
}

// may reports whether a status from 501 on is part of a protocol.
func (c *crawler) may(path string, status int) bool {
	switch status {
	case http.StatusNotImplemented, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true // not built in, switched off, or out of time
	case http.StatusBadGateway:
		return strings.Contains(path, "/datasources/") // which did not answer
	}
	return false
}
