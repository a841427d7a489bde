package guard_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/storage/state"
)

const table = `
# need              methods  route
public              GET      /healthy
any                 GET      /any
admin               *        /admin/
query:logs          GET,POST /logs
query:logs/whole    GET      /whole
query:*             *        /mixed/*
admin               *        /mixed/secret/*
logs:write          GRPC     /pkg.Logs/Export
`

type world struct {
	t     *testing.T
	guard *guard.Guard
	store *state.DB
	h     http.Handler
	reg   *prometheus.Registry
	seen  []auth.Event // by the audit log
}

// Record implements auth.Recorder.
func (w *world) Record(_ context.Context, e auth.Event) { w.seen = append(w.seen, e) }

func newWorld(t *testing.T, config auth.Config) *world {
	t.Helper()
	db, err := state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return newWorldOf(t, config, db)
}

// newWorldOf is a process beside others, or after them, on one database.
func newWorldOf(t *testing.T, config auth.Config, db *state.DB) *world {
	t.Helper()
	permissions, err := auth.ParsePermissions(table)
	require.NoError(t, err)
	if config.Sessions == (auth.SessionConfig{}) {
		config.Sessions = auth.DefaultConfig().Sessions
	}
	w := &world{t: t, store: db, reg: prometheus.NewRegistry()}
	w.guard, err = guard.New(t.Context(), guard.Options{
		Config: config, Store: db, Permissions: permissions, External: &url.URL{Scheme: "https", Host: "oriel.example"},
		Recorder: w, Registerer: w.reg, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	r := chi.NewRouter()
	r.Use(middleware.GetHead, w.guard.Middleware)
	tell := func(w http.ResponseWriter, r *http.Request) {
		id := auth.From(r.Context())
		if id == nil {
			_, _ = io.WriteString(w, "process")
			return
		}
		_, _ = io.WriteString(w, id.Name)
		for _, tenant := range id.Tenants {
			_, _ = io.WriteString(w, "@"+tenant)
		}
	}
	for _, path := range []string{"/healthy", "/any", "/logs", "/whole", "/mixed/*", "/forgotten"} {
		r.HandleFunc(path, tell)
	}
	r.Route("/admin", func(r chi.Router) { r.HandleFunc("/", tell) })
	r.NotFound(tell)
	w.h = r
	return w
}

func (w *world) token(name, tenant string, scopes ...auth.Scope) string {
	w.t.Helper()
	token := auth.NewToken()
	require.NoError(w.t, w.store.AddToken(w.t.Context(), auth.TokenRecord{ID: name, Name: name, Hash: auth.HashToken(token), Scopes: scopes, Tenant: tenant}))
	return token
}

// get asks from 192.0.2.7, with headers by pairs.
func (w *world) get(path string, headers ...string) (int, string) {
	w.t.Helper()
	return w.do(http.MethodGet, path, headers...)
}

func (w *world) do(method, path string, headers ...string) (int, string) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, w.request(method, path, headers...))
	return rec.Code, rec.Body.String()
}

func (w *world) request(method, path string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = "192.0.2.7:1234"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

var on = auth.Config{Enabled: true}

func TestWhileAuthenticationIsOffEverybodyIsTheProcess(t *testing.T) {
	w := newWorld(t, auth.Config{})
	code, who := w.get("/admin/")
	require.Equal(t, 200, code)
	require.Equal(t, "process", who)
}

func TestEachRouteTakesWhatItsRowSays(t *testing.T) {
	w := newWorld(t, on)
	admin, logs, metrics := w.token("admin", "", auth.Admin), w.token("logs", "", auth.QueryLogs), w.token("metrics", "", auth.QueryMetrics)
	for path, want := range map[string][4]int{ // nobody, metrics, logs, admin
		"/healthy":             {200, 200, 200, 200},
		"/page":                {200, 200, 200, 200}, // no route: the page
		"/any":                 {401, 200, 200, 200},
		"/logs":                {401, 403, 200, 200},
		"/whole":               {401, 403, 200, 200},
		"/admin/":              {401, 403, 403, 200},
		"/admin":               {401, 403, 403, 200},
		"/mixed/x":             {401, 200, 200, 200},
		"/mixed/secret/x":      {401, 403, 403, 200},
		"/mixed/secret":        {401, 200, 200, 200},
		"/mixed/x/../secret/x": {403, 403, 403, 403},
		"/mixed//secret/x":     {403, 403, 403, 403},
		"/forgotten":           {403, 403, 403, 403},
	} {
		var got [4]int
		got[0], _ = w.get(path)
		for i, token := range []string{metrics, logs, admin} {
			got[i+1], _ = w.get(path, "Authorization", "Bearer "+token)
		}
		require.Equal(t, want, got, path)
	}
	code, _ := w.do(http.MethodDelete, "/logs", "Authorization", "Bearer "+admin)
	require.Equal(t, 403, code, "a method without a row")
	code, _ = w.do(http.MethodHead, "/logs", "Authorization", "Bearer "+logs)
	require.Equal(t, 200, code, "HEAD is GET")
}

func TestTokensEndAndAreBoundToNetworks(t *testing.T) {
	w := newWorld(t, auth.Config{Enabled: true, Proxy: auth.ProxyConfig{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}})
	expired, bound := auth.NewToken(), auth.NewToken()
	require.NoError(t, w.store.AddToken(t.Context(), auth.TokenRecord{ID: "1", Name: "old", Hash: auth.HashToken(expired), Scopes: []auth.Scope{auth.Admin}, Expires: time.Now().Add(-time.Second)}))
	require.NoError(t, w.store.AddToken(t.Context(), auth.TokenRecord{
		ID: "2", Name: "bound", Hash: auth.HashToken(bound), Scopes: []auth.Scope{auth.Admin}, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}))
	code, text := w.get("/any", "Authorization", "Bearer "+expired)
	require.Equal(t, 401, code)
	require.Contains(t, text, "has expired")
	code, text = w.get("/any", "Authorization", "Bearer "+bound)
	require.Equal(t, 401, code)
	require.Contains(t, text, "may not be used from 192.0.2.7")
	// A trusted proxy tells for whom it asks, and a client cannot by itself.
	for hops, want := range map[string]int{
		"203.0.113.9, 10.1.1.1":        200,
		"10.1.1.1, 203.0.113.9":        401,
		"203.0.113.9, 10.1.1.1:443":    200,
		"203.0.113.9, ::ffff:10.1.1.1": 200,
		"10.1.1.1, [2001:db8::1]:443":  401,
		"10.1.1.1, [2001:db8::1]":      401,
		"10.1.1.1, unknown":            401,
		"10.1.1.1, 10.1.1.1.1":         401,
		"10.1.1.1, 192.0.2.7":          200, // two proxies
	} {
		code, _ = w.get("/any", "Authorization", "Bearer "+bound, "X-Forwarded-For", hops)
		require.Equal(t, want, code, hops)
	}
	code, _ = w.get("/any", "Authorization", "Bearer "+auth.NewToken())
	require.Equal(t, 401, code)
	count := func(reason string) float64 {
		n, err := testutil.GatherAndCount(w.reg, "oriel_auth_failures_total")
		require.NoError(t, err)
		require.Positive(t, n)
		families, err := w.reg.Gather()
		require.NoError(t, err)
		for _, m := range families[0].GetMetric() {
			if m.GetLabel()[0].GetValue() == reason {
				return m.GetCounter().GetValue()
			}
		}
		return -1
	}
	require.EqualValues(t, 1, count(guard.TokenExpired))
	require.EqualValues(t, 6, count(guard.TokenNetwork))
	require.EqualValues(t, 1, count(guard.BadToken))
}

func TestARevokedTokenIsRefusedWithinSeconds(t *testing.T) {
	w := newWorld(t, on)
	token := w.token("t", "", auth.Admin)
	code, _ := w.get("/any", "Authorization", "Bearer "+token)
	require.Equal(t, 200, code)
	require.NoError(t, w.store.DeleteToken(t.Context(), "t"))
	w.guard.Forget()
	code, _ = w.get("/any", "Authorization", "Bearer "+token)
	require.Equal(t, 401, code)
}

func TestOnlyMachinesAreToldTheSchemes(t *testing.T) {
	w := newWorld(t, on)
	for mode, want := range map[string]bool{"": true, "navigate": true, "cors": false} {
		r := w.request(http.MethodGet, "/any")
		if mode != "" {
			r.Header.Set("Sec-Fetch-Mode", mode)
		}
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		require.Equal(t, 401, rec.Code)
		require.Equal(t, want, rec.Header().Get("Www-Authenticate") != "", mode)
		require.JSONEq(t, `{"status": "error", "errorType": "unauthorized", "error": "show a token, or log in: unauthenticated"}`, rec.Body.String())
	}
}

func (w *world) session(user string, roles ...string) string {
	w.t.Helper()
	require.NoError(w.t, w.store.AddUser(w.t.Context(), auth.UserRecord{Name: user, Roles: roles}))
	require.NoError(w.t, w.store.AddSession(w.t.Context(), auth.SessionRecord{Hash: auth.HashToken(user), User: user}))
	return guard.CookieName + "=" + user
}

func TestAPageOfAnotherSiteCannotUseASession(t *testing.T) {
	w := newWorld(t, on)
	ada := w.session("ada", auth.RoleViewer)
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"read":                    {http.MethodGet, []string{"Sec-Fetch-Site", "cross-site"}, 200},
		"change":                  {http.MethodPost, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"change of our own":       {http.MethodPost, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"change of a neighbour's": {http.MethodPost, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"change by origin":        {http.MethodPost, []string{"Origin", "https://evil.example"}, 403},
		"change by our origin":    {http.MethodPost, []string{"Origin", "https://oriel.example"}, 200},
		"socket":                  {http.MethodGet, []string{"Sec-Fetch-Site", "cross-site", "Upgrade", "websocket"}, 403},
		"socket of our own":       {http.MethodGet, []string{"Sec-Fetch-Site", "same-origin", "Upgrade", "websocket"}, 200},
		"no browser":              {http.MethodPost, nil, 200},
	} {
		code, text := w.do(c.method, "/logs", append(c.headers, "Cookie", ada)...)
		require.Equal(t, c.want, code, name+text)
	}
	// A token is not added by a browser.
	code, _ := w.do(http.MethodPost, "/logs", "Origin", "https://evil.example", "Authorization", "Bearer "+w.token("t", "", auth.QueryLogs))
	require.Equal(t, 200, code)
}

func TestASessionEnds(t *testing.T) {
	w := newWorld(t, on)
	ada := w.session("ada", auth.RoleViewer)
	code, who := w.get("/any", "Cookie", ada)
	require.Equal(t, 200, code)
	require.Equal(t, "ada", who)
	require.NoError(t, w.store.ChangeUser(t.Context(), "ada", func(u *auth.UserRecord) error { u.Disabled = true; return nil }))
	w.guard.Forget()
	code, text := w.get("/any", "Cookie", ada)
	require.Equal(t, 401, code)
	require.Contains(t, text, "the session has ended")
	code, _ = w.get("/healthy", "Cookie", ada)
	require.Equal(t, 200, code)
}

// Sessions outlive the configuration that they began under.
func TestASessionOfSingleSignOnIsOfTheProvidersThatThereAre(t *testing.T) {
	w := newWorld(t, on)
	require.NoError(t, w.store.AddSession(t.Context(), auth.SessionRecord{Hash: auth.HashToken("corp"), User: "corp:ada", Source: "corp", Roles: []string{auth.RoleAdmin, auth.RoleViewer}}))
	cookie := guard.CookieName + "=corp"
	for name, c := range map[string]struct {
		providers   []auth.ProviderConfig
		logs, admin int
	}{
		"the same":                  {[]auth.ProviderConfig{{Name: "corp", RoleMapping: auth.RoleMapping{Roles: map[string]string{"ops": auth.RoleAdmin}, DefaultRole: auth.RoleViewer}}}, 200, 200},
		"admins are made no more":   {[]auth.ProviderConfig{{Name: "corp", RoleMapping: auth.RoleMapping{DefaultRole: auth.RoleViewer}}}, 200, 403},
		"another role for everyone": {[]auth.ProviderConfig{{Name: "corp", RoleMapping: auth.RoleMapping{DefaultRole: auth.RoleEditor}}}, 401, 401},
		"another provider":          {[]auth.ProviderConfig{{Name: "other", RoleMapping: auth.RoleMapping{DefaultRole: auth.RoleAdmin}}}, 401, 401},
		"none":                      {nil, 401, 401},
	} {
		later := newWorldOf(t, auth.Config{Enabled: true, Providers: c.providers}, w.store)
		code, _ := later.get("/logs", "Cookie", cookie)
		require.Equal(t, c.logs, code, name)
		code, _ = later.get("/admin/", "Cookie", cookie)
		require.Equal(t, c.admin, code, name)
	}
}

func TestARoleOfTheOperatorsOwn(t *testing.T) {
	w := newWorld(t, on)
	require.NoError(t, w.store.SaveRole(t.Context(), auth.RoleRecord{Name: "shop", Scopes: []auth.Scope{auth.QueryLogs}, Selectors: map[auth.Signal]string{auth.Logs: `{namespace="shop"}`}}))
	bob := w.session("bob", "shop", "removed")
	code, _ := w.get("/logs", "Cookie", bob)
	require.Equal(t, 200, code)
	code, text := w.get("/whole", "Cookie", bob)
	require.Equal(t, 403, code)
	require.Contains(t, text, "query:logs without selectors")
}

func TestATrustedProxyNamesTheUser(t *testing.T) {
	config := auth.Config{Enabled: true, Proxy: auth.ProxyConfig{
		Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, UserHeader: "X-User", GroupsHeader: "X-Groups",
		RoleMapping: auth.RoleMapping{Roles: map[string]string{"ops": auth.RoleAdmin}},
	}}
	w := newWorld(t, config)
	code, who := w.get("/admin/", "X-User", "ada", "X-Groups", "cooks, ops")
	require.Equal(t, 200, code)
	require.Equal(t, "ada", who)
	code, _ = w.get("/admin/", "X-User", "bob", "X-Groups", "cooks")
	require.Equal(t, 403, code)
	r := w.request(http.MethodGet, "/admin/", "X-User", "ada", "X-Groups", "ops")
	r.RemoteAddr = "203.0.113.1:1"
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	require.Equal(t, 401, rec.Code)
}

func TestACertificateNamesAMachine(t *testing.T) {
	w := newWorld(t, auth.Config{Enabled: true, Certificates: []auth.CertificateConfig{{Subject: "agent", Scopes: "query:logs"}}})
	ask := func(name string, verified bool) int {
		r := w.request(http.MethodGet, "/logs")
		cert := &x509.Certificate{Subject: pkix.Name{CommonName: name}}
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}
		if verified {
			r.TLS.VerifiedChains = [][]*x509.Certificate{{cert}}
		}
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		return rec.Code
	}
	require.Equal(t, 200, ask("agent", true))
	require.Equal(t, 401, ask("agent", false))
	require.Equal(t, 401, ask("other", true))
}

func TestAnonymousPeopleHaveTheirRole(t *testing.T) {
	w := newWorld(t, auth.Config{Enabled: true, Anonymous: auth.RoleViewer})
	code, _ := w.get("/logs")
	require.Equal(t, 200, code)
	code, _ = w.get("/admin/")
	require.Equal(t, 401, code, "logging in may help")
	code, _ = w.get("/logs", "Authorization", "Bearer nonsense")
	require.Equal(t, 401, code, "who shows something wrong is told")
	_, err := guard.New(t.Context(), guard.Options{Config: auth.Config{Anonymous: "boss"}, Store: w.store, Registerer: prometheus.NewRegistry()})
	require.ErrorContains(t, err, `no role "boss"`)
}

func TestTenantsOfARequest(t *testing.T) {
	w := newWorld(t, auth.Config{Enabled: true, Tenants: true})
	require.NoError(t, w.store.SaveRole(t.Context(), auth.RoleRecord{Name: "ab", Scopes: []auth.Scope{auth.QueryLogs}, Tenants: []string{"a", "b"}}))
	admin, ofA := "Bearer "+w.token("root", "", auth.Admin), "Bearer "+w.token("ofa", "a", auth.QueryLogs, auth.Admin)
	ab := w.session("ada", "ab")
	for name, c := range map[string]struct {
		header, value, tenant string
		want                  int
		who                   string
	}{
		"an admin of the default": {"Authorization", admin, "", 200, "root@"},
		"an admin of any":         {"Authorization", admin, "x", 200, "root@x"},
		"an admin of several":     {"Authorization", admin, "x|y|x", 200, "root@x@y"},
		"a token of its own":      {"Authorization", ofA, "", 200, "ofa@a"},
		"a token that says so":    {"Authorization", ofA, "a", 200, "ofa@a"},
		"a token of another":      {"Authorization", ofA, "b", 403, ""},
		"a user of the first":     {"Cookie", ab, "", 200, "ada@a"},
		"a user of a chosen one":  {"Cookie", ab, "b", 200, "ada@b"},
		"a user of both":          {"Cookie", ab, "a|b", 200, "ada@a@b"},
		"a user of one too many":  {"Cookie", ab, "a|c", 403, ""},
		"a name that is none":     {"Authorization", admin, "a/b", 400, ""},
		"a name that goes up":     {"Authorization", admin, "..", 400, ""},
	} {
		headers := []string{c.header, c.value}
		if c.tenant != "" {
			headers = append(headers, "X-Scope-OrgID", c.tenant)
		}
		code, who := w.get("/logs", headers...)
		require.Equal(t, c.want, code, name+who)
		if c.want == 200 {
			require.Equal(t, c.who, who, name)
		}
	}
	// An admin of one tenant does not govern the server.
	code, _ := w.get("/admin/", "Authorization", ofA)
	require.Equal(t, 403, code)
}

func TestTenantsWithoutAuthentication(t *testing.T) {
	w := newWorld(t, auth.Config{Tenants: true})
	code, who := w.get("/admin/", "X-Scope-OrgID", "a")
	require.Equal(t, 200, code)
	require.Equal(t, "anonymous@a", who)
	_, who = w.get("/admin/?X-Scope-OrgID=b")
	require.Equal(t, "anonymous@b", who, "as a parameter of the address")
	_, who = w.get("/admin/?X-Scope-OrgID=b", "X-Scope-OrgID", "a")
	require.Equal(t, "anonymous@a", who, "the header goes first")
}

func TestCallsOfGRPC(t *testing.T) {
	w := newWorld(t, on)
	writer, reader := w.token("w", "", auth.LogsWrite), w.token("r", "", auth.QueryLogs)
	ctx := peer.NewContext(t.Context(), &peer.Peer{Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7)}})
	call := func(method, token string) codes.Code {
		md := metadata.MD{}
		if token != "" {
			md.Set("authorization", "Bearer "+token)
		}
		out, err := w.guard.Tap(ctx, &tap.Info{FullMethodName: method, Header: md})
		if err == nil {
			require.Equal(t, "w", auth.From(out).Name)
		}
		return status.Code(err)
	}
	require.Equal(t, codes.OK, call("/pkg.Logs/Export", writer))
	require.Equal(t, codes.PermissionDenied, call("/pkg.Logs/Export", reader))
	require.Equal(t, codes.Unauthenticated, call("/pkg.Logs/Export", ""))
	require.Equal(t, codes.PermissionDenied, call("/pkg.Logs/Other", writer))
	md := metadata.Pairs("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("any:"+writer)))
	_, err := w.guard.Tap(ctx, &tap.Info{FullMethodName: "/pkg.Logs/Export", Header: md})
	require.NoError(t, err)
}

func TestGRPCOverHTTPIsRefusedInItsWords(t *testing.T) {
	w := newWorld(t, on)
	r := w.request(http.MethodPost, "/logs", "Content-Type", "application/grpc+proto")
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	require.Equal(t, 200, rec.Code)
	require.Equal(t, "16", rec.Header().Get("Grpc-Status"))
}

func TestWhoMaySendWithoutCredentials(t *testing.T) {
	config := auth.DefaultConfig()
	config.Enabled = true
	w := newWorld(t, config)
	require.True(t, w.guard.Sender(netip.MustParseAddr("127.0.0.1")))
	require.True(t, w.guard.Sender(netip.MustParseAddr("::ffff:127.0.0.1")))
	require.True(t, w.guard.Sender(netip.Addr{}), "a Unix socket")
	require.False(t, w.guard.Sender(netip.MustParseAddr("192.0.2.1")))
}

func TestWhenSomethingWasUsedIsNoted(t *testing.T) {
	w := newWorld(t, on)
	token := w.token("t", "", auth.QueryLogs)
	ada := w.session("ada", auth.RoleViewer)
	before, err := w.store.Session(t.Context(), auth.HashToken("ada"))
	require.NoError(t, err)
	for range 3 {
		w.get("/logs", "Authorization", "Bearer "+token)
		w.get("/logs", "Cookie", ada)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, w.guard.Run(ctx))
	all, err := w.store.Tokens(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), all[0].LastUsed, time.Minute)
	after, err := w.store.Session(t.Context(), auth.HashToken("ada"))
	require.NoError(t, err)
	require.Equal(t, before.Seen, after.Seen, "it was used a minute ago at most")
}

func FuzzIdentify(f *testing.F) {
	f.Add("Authorization", "Bearer x", "a|b")
	f.Add("Cookie", "oriel_session=x", "..")
	f.Add("X-Forwarded-For", ",,1.2.3.4", "")
	f.Fuzz(func(t *testing.T, name, value, tenant string) {
		w := newWorld(t, auth.Config{Enabled: true, Tenants: true, Proxy: auth.ProxyConfig{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}})
		r := w.request(http.MethodGet, "/any")
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		r.Header["X-Scope-Orgid"] = []string{tenant}
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		if rec.Code != 401 && rec.Code != 400 && rec.Code != 403 {
			t.Fatalf("%s: %q lets in with %d", name, value, rec.Code)
		}
	})
}
