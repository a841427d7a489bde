package authapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/authapi"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/auth/sso"
	"github.com/oriel-obs/oriel/internal/seal"
	"github.com/oriel-obs/oriel/storage/state"
)

// A stack is a server with nothing but this API, and the table of permissions of
// the real one.
type stack struct {
	t         *testing.T
	url       string
	store     *state.DB
	directory *directory.Directory
	logins    *login.Logins
	guard     *guard.Guard
	registry  *prometheus.Registry
}

func newStack(t *testing.T, config auth.Config) *stack {
	t.Helper()
	return newStackWith(t, config, func(string, *auth.Config) {})
}

// newStackWith completes the configuration once it is known where the server is.
func newStackWith(t *testing.T, config auth.Config, complete func(url string, c *auth.Config)) *stack {
	t.Helper()
	config.Enabled = true
	config.Sessions = auth.DefaultConfig().Sessions
	srv := httptest.NewUnstartedServer(nil)
	external := &url.URL{Scheme: "http", Host: srv.Listener.Addr().String()}
	complete(external.String(), &config)
	require.NoError(t, config.Validate())
	s := &stack{t: t, url: external.String(), registry: prometheus.NewRegistry()}
	var err error
	s.store, err = state.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.store.Close()) })
	text, err := os.ReadFile("../../../cmd/oriel/permissions.txt")
	require.NoError(t, err)
	table, err := auth.ParsePermissions(string(text))
	require.NoError(t, err)
	g, err := guard.New(t.Context(), guard.Options{
		Config: config, Store: s.store, Permissions: table, External: external, Registerer: s.registry, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	s.guard = g
	key, err := seal.Load(filepath.Join(t.TempDir(), "key"))
	require.NoError(t, err)
	s.directory = directory.New(directory.Options{Store: s.store, Sealer: key, Changed: g.Forget, Cost: bcrypt.MinCost})
	s.logins = login.New(login.Options{Store: s.store, Directory: s.directory, Sealer: key, Failures: g, Cost: bcrypt.MinCost})
	providers, err := sso.New(sso.Options{Config: config.Providers, External: external, Base: authapi.Base, Logins: s.logins, Guard: g})
	require.NoError(t, err)
	r := chi.NewRouter()
	r.Use(g.Middleware)
	authapi.New(authapi.Options{
		Guard: g, Logins: s.logins, Directory: s.directory, Store: s.store, Config: config, External: external,
		Providers: providers,
	}).Mount(r)
	r.Get("/api/v1/status/buildinfo", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, auth.From(r.Context()).Name) })
	srv.Config.Handler = r
	srv.Start()
	t.Cleanup(srv.Close)
	return s
}

const password = "correct horse battery staple"

// user adds somebody and returns their browser, logged in.
func (s *stack) user(name string, roles ...string) *browser {
	s.t.Helper()
	require.NoError(s.t, s.directory.AddUser(s.t.Context(), directory.Actor{}, name, password, roles))
	b := s.browser()
	b.ask(http.MethodPost, "/login", map[string]string{"user": name, "password": password}, http.StatusOK)
	return b
}

// A browser keeps cookies and tells where its requests come from.
type browser struct {
	s      *stack
	client *http.Client
	site   string
}

func (s *stack) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	return &browser{s, &http.Client{Jar: jar}, "same-origin"}
}

// ask calls the API and returns the answer, which must have a status.
func (b *browser) ask(method, path string, body any, want int) map[string]any {
	b.s.t.Helper()
	status, text := b.raw(method, authapi.Base+path, body)
	require.Equal(b.s.t, want, status, text)
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return map[string]any{"text": text}
	}
	return out
}

// list calls the API and returns a list.
func (b *browser) list(path string) []map[string]any {
	b.s.t.Helper()
	status, text := b.raw(http.MethodGet, authapi.Base+path, nil)
	require.Equal(b.s.t, http.StatusOK, status, text)
	var out []map[string]any
	require.NoError(b.s.t, json.Unmarshal([]byte(text), &out), text)
	return out
}

func (b *browser) raw(method, path string, body any) (int, string) {
	b.s.t.Helper()
	sent, err := json.Marshal(body)
	require.NoError(b.s.t, err)
	req, err := http.NewRequestWithContext(b.s.t.Context(), method, b.s.url+path, bytes.NewReader(sent))
	require.NoError(b.s.t, err)
	req.Header.Set("Sec-Fetch-Site", b.site)
	req.Header.Set("Sec-Fetch-Mode", "cors")
	resp, err := b.client.Do(req)
	require.NoError(b.s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b.s.t, err)
	return resp.StatusCode, string(text)
}
