package ui

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const builtIndex = `<!doctype html><html><head><!-- oriel:head --><script type="module" src="./assets/main-abc.js"></script></head></html>`

func build() fstest.MapFS {
	return fstest.MapFS{
		"index.html":            {Data: []byte(builtIndex)},
		"favicon.svg":           {Data: []byte("<svg/>")},
		"assets/main-abc.js":    {Data: []byte("plain")},
		"assets/main-abc.js.br": {Data: []byte("brotli")},
		"assets/main-abc.js.gz": {Data: []byte("gzip")},
		"assets/font-abc.woff2": {Data: []byte("font")},
		"assets/odd-abc.oddity": {Data: []byte("?")},
	}
}

// get asks a page made with o, by default of build(), and returns its answer.
func get(t *testing.T, o Options, method, target string, header ...string) *http.Response {
	t.Helper()
	if o.Files == nil {
		o.Files = build()
	}
	h, err := New(o)
	require.NoError(t, err)
	r := httptest.NewRequest(method, target, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(b)
}

func TestIndexIsServedForNavigationOutsideTheAPIs(t *testing.T) {
	for _, tc := range []struct {
		name, method, target, accept string
		want                         int
	}{
		{"the root", "GET", "/", "text/html", 200},
		{"the root to any client", "GET", "/", "*/*", 200},
		{"a page of the front end", "GET", "/explore/logs?q=x", "text/html,*/*;q=0.8", 200},
		{"a page that only looks like an API", "GET", "/apiary", "text/html", 200},
		{"head", "HEAD", "/explore/logs", "text/html", 200},
		{"index.html by name", "GET", "/index.html", "*/*", 200},
		{"an unknown path to a program", "GET", "/explore/logs", "application/json", 404},
		{"an unknown API", "GET", "/api/v1/nope", "text/html", 404},
		{"an API's root", "GET", "/loki", "text/html", 404},
		{"metrics", "GET", "/metrics", "text/html", 404},
		{"a lifecycle path", "GET", "/-/nope", "text/html", 404},
		{"a post", "POST", "/", "text/html", 404},
		{"a way out of the folder", "GET", "/assets/../../secret", "application/json", 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := get(t, Options{}, tc.method, tc.target, "Accept", tc.accept)
			require.Equal(t, tc.want, res.StatusCode)
			if tc.want == 200 {
				require.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
				require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
				require.Equal(t, tc.method == "GET", strings.Contains(body(t, res), "main-abc.js"))
			}
		})
	}
}

func TestIndexCarriesPrefixVersionAndBootData(t *testing.T) {
	o := Options{Prefix: "/a/oriel/", Version: "1.2.3", Boot: map[string]any{"name": "</script><b>"}}
	page := body(t, get(t, o, "GET", "/"))
	require.Contains(t, page, `<base href="/a/oriel/">`)

	block := regexp.MustCompile(`<script type="application/json" id="boot">(.*?)</script>`).FindStringSubmatch(page)
	require.NotNil(t, block)
	var got struct {
		Prefix, Version, Nonce string
		Server                 struct{ Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(block[1]), &got))
	require.Equal(t, "/a/oriel", got.Prefix)
	require.Equal(t, "1.2.3", got.Version)
	require.Equal(t, "</script><b>", got.Server.Name, "text that looks like markup stays inside the JSON")
}

func TestPrefixIsEscapedInTheBaseElement(t *testing.T) {
	page := body(t, get(t, Options{Prefix: `/"><script>`}, "GET", "/"))
	require.Contains(t, page, `<base href="/&#34;&gt;&lt;script&gt;/">`)
}

func TestEachResponseHasItsOwnNonceInPolicyAndPage(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		res := get(t, Options{}, "GET", "/")
		csp := res.Header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`style-src 'self' 'nonce-(\w+)'`).FindStringSubmatch(csp)
		require.NotNil(t, nonce, csp)
		require.Contains(t, body(t, res), `"nonce":"`+nonce[1]+`"`)
		require.False(t, seen[nonce[1]], "a nonce is used once")
		seen[nonce[1]] = true
	}
}

func TestPolicyAllowsNoForeignCodeAndNoInlineScript(t *testing.T) {
	directives := map[string]string{}
	for d := range strings.SplitSeq(policy("n", "'self'"), "; ") {
		name, value, _ := strings.Cut(d, " ")
		directives[name] = value
	}
	require.Equal(t, "'self'", directives["default-src"])
	require.Equal(t, "'self'", directives["script-src"])
	require.Equal(t, "'self'", directives["connect-src"])
	require.Equal(t, "'none'", directives["object-src"])
	require.Equal(t, "'self'", directives["frame-ancestors"])

	res := get(t, Options{FrameAncestors: "https://wiki.example"}, "GET", "/")
	require.Contains(t, res.Header.Get("Content-Security-Policy"), "frame-ancestors https://wiki.example")
}

func TestHashedAssetsAreImmutableAndPrecompressed(t *testing.T) {
	for _, tc := range []struct{ accept, encoding, body string }{
		{"br, gzip", "br", "brotli"},
		{"gzip, deflate, br;q=0.9", "br", "brotli"},
		{"gzip", "gzip", "gzip"},
		{"GZIP", "gzip", "gzip"},
		{"br;q=0, gzip", "gzip", "gzip"},
		{"*", "br", "brotli"},
		{"*, br;q=0", "gzip", "gzip"},
		{"identity", "", "plain"},
		{"", "", "plain"},
	} {
		t.Run(tc.accept, func(t *testing.T) {
			res := get(t, Options{}, "GET", "/assets/main-abc.js", "Accept-Encoding", tc.accept)
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, tc.encoding, res.Header.Get("Content-Encoding"))
			require.Equal(t, tc.body, body(t, res))
			require.Equal(t, "text/javascript; charset=utf-8", res.Header.Get("Content-Type"))
			require.Equal(t, "public, max-age=31536000, immutable", res.Header.Get("Cache-Control"))
			require.Equal(t, "Accept-Encoding", res.Header.Get("Vary"))
		})
	}
}

func TestAssetsHaveTheirMediaType(t *testing.T) {
	for target, want := range map[string]string{
		"/assets/font-abc.woff2": "font/woff2",
		"/favicon.svg":           "image/svg+xml",
		"/assets/odd-abc.oddity": "application/octet-stream",
	} {
		res := get(t, Options{}, "GET", target)
		require.Equal(t, 200, res.StatusCode, target)
		require.Equal(t, want, res.Header.Get("Content-Type"), target)
		require.Empty(t, res.Header.Get("Content-Encoding"), target)
	}
	require.Equal(t, "no-cache", get(t, Options{}, "GET", "/favicon.svg").Header.Get("Cache-Control"),
		"a name without a hash is asked for again")
}

func TestMissingHashedAssetIsNotFoundEvenForABrowser(t *testing.T) {
	res := get(t, Options{}, "GET", "/assets/main-old.js", "Accept", "text/html,*/*")
	require.Equal(t, http.StatusNotFound, res.StatusCode)
	require.NotContains(t, body(t, res), "<html")
}

func TestHeadOfAnAssetHasItsLengthAndNoBody(t *testing.T) {
	res := get(t, Options{}, "HEAD", "/assets/main-abc.js")
	require.Equal(t, "5", res.Header.Get("Content-Length"))
	require.Empty(t, body(t, res))
}

func TestPlaceholderIsServedWhenThePageWasNotBuilt(t *testing.T) {
	res := get(t, Options{Files: fstest.MapFS{}}, "GET", "/", "Accept", "text/html")
	require.Equal(t, 200, res.StatusCode)
	require.Contains(t, body(t, res), "make build")
}

func TestIndexWithoutTheMarkerIsRefused(t *testing.T) {
	_, err := New(Options{Files: fstest.MapFS{"index.html": {Data: []byte("<html></html>")}}})
	require.ErrorContains(t, err, "oriel:head")
}

func TestBootDataThatHasNoJSONIsRefused(t *testing.T) {
	_, err := New(Options{Files: build(), Boot: func() {}})
	require.ErrorContains(t, err, "encode boot data")
}

func TestEmbeddedBuildServes(t *testing.T) {
	h, err := New(Options{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", http.NoBody))
	require.Equal(t, 200, w.Code)
	require.Equal(t, Built(), !strings.Contains(w.Body.String(), "not built"))
}
