package authapi_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/authapi"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/auth/sso"
	"github.com/oriel-obs/oriel/internal/auth/sso/ssotest"
	"github.com/oriel-obs/oriel/internal/egress"
)

// signOnStack is a server with the provider "corp", whose group ops are admins.
func signOnStack(t *testing.T) (*stack, *ssotest.Issuer) {
	t.Helper()
	config := auth.Config{Providers: []auth.ProviderConfig{{
		Name: "corp", ClientID: ssotest.ClientID, ClientSecret: ssotest.ClientSecret, RoleMapping: auth.RoleMapping{Roles: map[string]string{"ops": auth.RoleAdmin, "watchers": auth.RoleViewer}},
	}}}
	var i *ssotest.Issuer
	s := newStackWith(t, config, func(url string, c *auth.Config) {
		i = ssotest.Start(t, url+authapi.Base+"/oidc/corp/callback")
		c.Providers[0].Issuer = i.URL
	})
	return s, i
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signOn goes to the provider, logs in there and comes back.
func signOn(t *testing.T, b *browser, i *ssotest.Issuer, user string) (status int, text string, at *url.URL) {
	t.Helper()
	resp, err := b.client.Get(b.s.url + authapi.Base + "/oidc/corp/start?next=/api/v1/status/buildinfo")
	require.NoError(t, err)
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	m := authRequest.FindSubmatch(page)
	require.NotNil(t, m, "%s", page)
	resp, err = b.client.PostForm(i.URL+"/login/username", url.Values{"id": {string(m[1])}, "username": {user}, "password": {ssotest.Password}})
	require.NoError(t, err)
	page, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(page), resp.Request.URL
}

func TestAProviderLetsPeopleInByTheirGroups(t *testing.T) {
	s, i := signOnStack(t)
	b := s.browser()
	status, text, at := signOn(t, b, i, ssotest.Ops)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, "/api/v1/status/buildinfo", at.Path)
	require.Equal(t, "corp:"+ssotest.Ops, text)
	me := b.ask(http.MethodGet, "/me", nil, http.StatusOK)
	require.Equal(t, []any{"admin"}, me["roles"])
	require.Equal(t, false, me["local"])
	b.ask(http.MethodPost, "/password", map[string]string{"old": "x", "new": password}, http.StatusForbidden)
	sessions := b.list("/sessions")
	require.Len(t, sessions, 1)
	require.Equal(t, "corp", sessions[0]["source"])

	other := s.browser()
	status, text, _ = signOn(t, other, i, ssotest.Cook)
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, text, "no role here")
	require.Equal(t, "", other.ask(http.MethodGet, "/me", nil, http.StatusOK)["name"])
}

func TestALoginBegunElsewhereIsNotFinished(t *testing.T) {
	s, _ := signOnStack(t)
	noFollow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b := s.browser()
	b.client.CheckRedirect = noFollow
	resp, err := b.client.Get(s.url + authapi.Base + "/oidc/corp/start?next=//evil.example")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	to, err := resp.Location()
	require.NoError(t, err)
	require.Equal(t, "S256", to.Query().Get("code_challenge_method"))
	require.NotEmpty(t, to.Query().Get("nonce"))
	state := to.Query().Get("state")
	for name, who := range map[string]*browser{"another browser": s.browser(), "the same, which uses the state up": b, "the same again": b} {
		status, text := who.raw(http.MethodGet, authapi.Base+"/oidc/corp/callback?code=x&state="+state, nil)
		require.Equal(t, http.StatusForbidden, status, name+text)
	}
	status, _ := b.raw(http.MethodGet, authapi.Base+"/oidc/corp/callback", nil)
	require.Equal(t, http.StatusForbidden, status)
	status, _ = b.raw(http.MethodGet, authapi.Base+"/oidc/nobody/start", nil)
	require.Equal(t, http.StatusNotFound, status)
}

func TestAProviderEndsSessions(t *testing.T) {
	s, i := signOnStack(t)
	b := s.browser()
	status, text, _ := signOn(t, b, i, ssotest.Ops)
	require.Equal(t, http.StatusOK, status, text)

	key, err := i.SigningKey(t.Context())
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key.Key()}, (&jose.SignerOptions{}).WithHeader("kid", key.ID()))
	require.NoError(t, err)
	event := map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}
	now := time.Now().Unix()
	good := func() map[string]any {
		return map[string]any{"iss": i.URL, "aud": ssotest.ClientID, "sub": "id1", "iat": now, "jti": rand.Text(), "events": event}
	}
	send := func(claims map[string]any) int {
		raw, err := jwt.Signed(signer).Claims(claims).Serialize()
		require.NoError(t, err)
		resp, err := http.PostForm(s.url+authapi.Base+"/oidc/corp/logout", url.Values{"logout_token": {raw}})
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	for name, change := range map[string]func(map[string]any){
		"of another client": func(c map[string]any) { c["aud"] = "other" },
		"of another issuer": func(c map[string]any) { c["iss"] = "http://other" },
		"an ID token":       func(c map[string]any) { delete(c, "events"); c["nonce"] = "n" },
		"with a nonce":      func(c map[string]any) { c["nonce"] = "n" },
		"about nobody":      func(c map[string]any) { delete(c, "sub") },
		"of an hour ago":    func(c map[string]any) { c["iat"] = now - 3600 },
		"of the next hour":  func(c map[string]any) { c["iat"] = now + 3600 },
		"that has expired":  func(c map[string]any) { c["exp"] = now - 3600 },
		"without a name":    func(c map[string]any) { delete(c, "jti") },
	} {
		claims := good()
		change(claims)
		require.Equal(t, http.StatusBadRequest, send(claims), name)
	}
	someoneElse := good()
	someoneElse["sub"] = "id2"
	require.Equal(t, http.StatusOK, send(someoneElse))
	require.Len(t, b.list("/sessions"), 1)
	caught := good()
	require.Equal(t, http.StatusOK, send(caught))
	b.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)

	// Who catches the token cannot end the next login with it.
	status, text, _ = signOn(t, b, i, ssotest.Ops)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, http.StatusBadRequest, send(caught))
	require.Len(t, b.list("/sessions"), 1)

	// Whose keys are not the provider's is not heard, whatever they say of the key.
	public, err := x509.MarshalPKIXPublicKey(&key.Key().(*rsa.PrivateKey).PublicKey)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for name, k := range map[string]jose.SigningKey{
		"another key":                {Algorithm: jose.RS256, Key: other},
		"the public key as a secret": {Algorithm: jose.HS256, Key: public},
	} {
		signer, err = jose.NewSigner(k, (&jose.SignerOptions{}).WithHeader("kid", key.ID()))
		require.NoError(t, err)
		require.Equal(t, http.StatusBadRequest, send(good()), name)
	}
	require.Len(t, b.list("/sessions"), 1)
}

// Who logs in again with other groups has other roles in every browser, and who
// is let in no more, in none.
func TestRolesAreThoseOfTheLastLogin(t *testing.T) {
	s, i := signOnStack(t)
	first, second := s.browser(), s.browser()
	status, text, _ := signOn(t, first, i, ssotest.Ops)
	require.Equal(t, http.StatusOK, status, text)
	i.SetGroups("id1", "watchers")
	status, text, _ = signOn(t, second, i, ssotest.Ops)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, []any{"viewer"}, second.ask(http.MethodGet, "/me", nil, http.StatusOK)["roles"])
	first.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)

	i.SetGroups("id1", "cooks")
	third := s.browser()
	status, _, _ = signOn(t, third, i, ssotest.Ops)
	require.Equal(t, http.StatusForbidden, status)
	second.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)
}

func TestAProviderIsAskedAsTheConfigurationSays(t *testing.T) {
	dial := promconfig.WithDialContextFunc(egress.Config{}.Dial)
	options := func(issuer string, http *promconfig.HTTPClientConfig) sso.Options {
		return sso.Options{
			Config: []auth.ProviderConfig{{Name: "corp", Issuer: issuer, HTTP: http}}, External: &url.URL{Scheme: "http", Host: "oriel"}, Base: authapi.Base,
			Guard: newStack(t, auth.Config{}).guard, Client: []promconfig.HTTPClientOption{dial},
		}
	}
	_, err := sso.New(options("https://corp", &promconfig.HTTPClientConfig{TLSConfig: promconfig.TLSConfig{CAFile: "missing.pem"}}))
	require.ErrorContains(t, err, "auth.providers[0].http_config: ")

	// Neither a provider nor where it sends one to is a metadata service.
	astray := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest/meta-data", http.StatusFound))
	t.Cleanup(astray.Close)
	for _, issuer := range []string{"http://169.254.169.254", astray.URL} {
		p, err := sso.New(options(issuer, nil))
		require.NoError(t, err)
		_, _, err = p.Start(t.Context(), "corp", "/", login.Visit{}, false)
		require.ErrorIs(t, err, egress.ErrDenied)
	}
}

// asPage asks as a browser does that goes somewhere, and follows to the login page.
func (b *browser) asPage(path string) url.Values {
	b.s.t.Helper()
	req, err := http.NewRequestWithContext(b.s.t.Context(), http.MethodGet, b.s.url+path, nil)
	require.NoError(b.s.t, err)
	req.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	client := *b.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	require.NoError(b.s.t, err)
	require.NoError(b.s.t, resp.Body.Close())
	require.Equal(b.s.t, http.StatusFound, resp.StatusCode)
	to, err := resp.Location()
	require.NoError(b.s.t, err)
	require.Equal(b.s.t, b.s.url+"/login", to.Scheme+"://"+to.Host+to.Path)
	return to.Query()
}

func TestPeopleWhoAreNotLetInLandOnTheLoginPage(t *testing.T) {
	s, i := signOnStack(t)
	b := s.browser()
	begin := func() (state string) {
		t.Helper()
		client := *b.client
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := client.Get(s.url + authapi.Base + "/oidc/corp/start?next=/logs%3Fquery%3Dx")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		to, err := resp.Location()
		require.NoError(t, err)
		return to.Query().Get("state")
	}
	const callback = authapi.Base + "/oidc/corp/callback?"
	for name, c := range map[string]struct{ path, refused, next string }{
		"who takes too long, or comes from elsewhere": {callback + "code=x&state=made-up", "expired", "/"},
		"whom the provider refuses":                   {callback + "error=access_denied&error_description=no&state=STATE", "denied", "/logs?query=x"},
		"whose provider is broken":                    {callback + "error=server_error&state=STATE", "unavailable", "/logs?query=x"},
		"whose code is none":                          {callback + "code=x&state=STATE", "failed", "/logs?query=x"},
		"of no provider":                              {authapi.Base + "/oidc/nobody/start?next=/x", "unknown", "/x"},
		"who is to be led astray":                     {authapi.Base + "/oidc/nobody/start?next=//evil.example", "unknown", "/"},
	} {
		got := b.asPage(strings.ReplaceAll(c.path, "STATE", begin()))
		require.Equal(t, c.refused, got.Get("refused"), name)
		require.Equal(t, c.next, got.Get("next"), name)
		require.Len(t, got, 3, "no words of others are shown: %v", got)
	}

	// Somebody whom the provider knows and whose groups have no role.
	b.client.Transport = acceptsPages{}
	_, _, at := signOn(t, b, i, ssotest.Cook)
	require.Equal(t, "/login", at.Path)
	require.Equal(t, "norole", at.Query().Get("refused"))
	require.Equal(t, "corp", at.Query().Get("provider"))
	b.client.Transport = nil
	require.Equal(t, "", b.ask(http.MethodGet, "/me", nil, http.StatusOK)["name"])
}

// acceptsPages says so in each request, as browsers do.
type acceptsPages struct{}

func (acceptsPages) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", "text/html")
	return http.DefaultTransport.RoundTrip(r)
}

// Nobody comes in by a provider that is down, and everybody else does.
func TestAProviderThatIsDown(t *testing.T) {
	s := newStack(t, auth.Config{Providers: []auth.ProviderConfig{{
		Name: "corp", ClientID: ssotest.ClientID, Issuer: "http://127.0.0.1:1", RoleMapping: auth.RoleMapping{DefaultRole: auth.RoleViewer},
	}}})
	b := s.user("ada", auth.RoleViewer)
	status, text := b.raw(http.MethodGet, authapi.Base+"/oidc/corp/start", nil)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, text, `ask provider \"corp\" for its configuration`)
	require.Equal(t, "unavailable", b.asPage(authapi.Base+"/oidc/corp/start").Get("refused"))
}
