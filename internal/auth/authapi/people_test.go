package authapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/apidoc"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/authapi"
)

type object = map[string]any

func TestUsersAreManagedByAdmins(t *testing.T) {
	s := newStack(t, auth.Config{})
	admin := s.user("ada", auth.RoleAdmin)
	for name, c := range map[string]struct {
		body object
		want string
	}{
		"short password": {object{"name": "bob", "password": "short", "roles": "viewer"}, "at least 12 characters"},
		"long password":  {object{"name": "bob", "password": string(slices.Repeat([]byte("x"), 73)), "roles": "viewer"}, "at most 72 bytes"},
		"no role":        {object{"name": "bob", "password": password}, "give a role"},
		"unknown role":   {object{"name": "bob", "password": password, "roles": []string{"boss"}}, `no role "boss"`},
		"odd name":       {object{"name": "corp:bob", "password": password, "roles": "viewer"}, "a name has up to"},
	} {
		require.Contains(t, admin.ask(http.MethodPost, "/users", c.body, http.StatusBadRequest)["error"], c.want, name)
	}
	admin.ask(http.MethodPost, "/users", object{"name": "Bob", "password": password, "roles": "viewer"}, http.StatusCreated)
	admin.ask(http.MethodPost, "/users", object{"name": "bob", "password": password, "roles": "viewer"}, http.StatusConflict)
	bob := s.browser()
	bob.ask(http.MethodPost, "/login", object{"user": " BOB", "password": password}, http.StatusOK)
	bob.ask(http.MethodGet, "/users", nil, http.StatusForbidden)

	// A change of what somebody is ends their sessions.
	admin.ask(http.MethodPatch, "/users/bob", object{"roles": []string{"editor"}}, http.StatusOK)
	bob.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)
	bob.ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusOK)
	require.Equal(t, []any{"editor"}, bob.ask(http.MethodGet, "/me", nil, http.StatusOK)["roles"])
	admin.ask(http.MethodPatch, "/users/bob", object{"disabled": true}, http.StatusOK)
	bob.ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusUnauthorized)

	// The last admin stays.
	for _, change := range []object{{"roles": []string{"viewer"}}, {"disabled": true}} {
		require.Contains(t, admin.ask(http.MethodPatch, "/users/ada", change, http.StatusConflict)["error"], "the last with the role admin")
	}
	admin.ask(http.MethodDelete, "/users/ada", nil, http.StatusConflict)
	admin.ask(http.MethodDelete, "/users/bob", nil, http.StatusOK)
	admin.ask(http.MethodDelete, "/users/bob", nil, http.StatusNotFound)
	users := admin.list("/users")
	require.Len(t, users, 1)
	require.NotContains(t, users[0], "password")
}

func TestTokensAreShownOnce(t *testing.T) {
	s := newStack(t, auth.Config{})
	admin := s.user("ada", auth.RoleAdmin)
	made := admin.ask(http.MethodPost, "/tokens", object{"name": "agent", "scopes": []string{"query:*"}, "expires": "90d", "networks": "127.0.0.1, 10.0.0.0/8"}, http.StatusCreated)
	token, _ := made["token"].(string)
	require.True(t, auth.LooksLikeToken(token))
	kept := admin.list("/tokens")
	require.Len(t, kept, 1)
	require.NotContains(t, kept[0], "token")
	require.Equal(t, "ada", kept[0]["creator"])
	require.Equal(t, []any{"127.0.0.1/32", "10.0.0.0/8"}, kept[0]["networks"])
	ask := func() int {
		req, err := http.NewRequest(http.MethodGet, s.url+"/api/v1/status/buildinfo", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, http.StatusOK, ask())
	admin.ask(http.MethodDelete, "/tokens/"+kept[0]["id"].(string), nil, http.StatusOK)
	require.Equal(t, http.StatusUnauthorized, ask())
	for name, body := range map[string]object{
		"no scope": {"name": "x"}, "unknown scope": {"name": "x", "scopes": "all"}, "no name": {"scopes": "admin"},
		"network": {"name": "x", "scopes": "admin", "networks": "here"}, "tenant": {"name": "x", "scopes": "admin", "tenant": "a|b"}, "time": {"name": "x", "scopes": "admin", "expires": "-1d"},
	} {
		admin.ask(http.MethodPost, "/tokens", body, http.StatusBadRequest)
		_ = name
	}
}

func TestRolesOfTheOperatorsOwn(t *testing.T) {
	s := newStack(t, auth.Config{})
	admin := s.user("ada", auth.RoleAdmin)
	for _, bad := range []object{
		{"name": "admin", "scopes": "query:*"},
		{"name": "shop"},
		{"name": "shop", "scopes": "query:*", "selectors": object{"logs": "namespace"}},
		{"name": "shop", "scopes": "query:*", "selectors": object{"cats": `{a="b"}`}},
		{"name": "shop", "scopes": "admin", "selectors": object{"logs": `{a="b"}`}},
		{"name": "shop", "scopes": "query:*", "tenants": []string{"a/b"}},
	} {
		admin.ask(http.MethodPost, "/roles", bad, http.StatusBadRequest)
	}
	admin.ask(http.MethodPost, "/roles", object{"name": "shop", "scopes": "query:*", "selectors": object{"logs": `{namespace="shop"}`, "metrics": " "}}, http.StatusOK)
	all := admin.list("/roles")
	require.Len(t, all, 4)
	require.Equal(t, object{"logs": `{namespace="shop"}`}, all[3]["selectors"])
	s.user("bob", "shop")
	admin.ask(http.MethodDelete, "/roles/shop", nil, http.StatusConflict)
	admin.ask(http.MethodDelete, "/users/bob", nil, http.StatusOK)
	admin.ask(http.MethodDelete, "/roles/shop", nil, http.StatusOK)
}

func TestSessionsAreOnesOwn(t *testing.T) {
	s := newStack(t, auth.Config{})
	admin, bob := s.user("ada", auth.RoleAdmin), s.user("bob", auth.RoleViewer)
	other := s.browser()
	other.ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusOK)
	mine := bob.list("/sessions")
	require.Len(t, mine, 2)
	bob.ask(http.MethodGet, "/sessions?all=true", nil, http.StatusForbidden)
	all := admin.list("/sessions?all=true")
	require.Len(t, all, 3)
	i := slices.IndexFunc(all, func(o object) bool { return o["user"] == "ada" })
	bob.ask(http.MethodDelete, "/sessions/"+all[i]["id"].(string), nil, http.StatusNotFound)
	bob.ask(http.MethodDelete, "/sessions", nil, http.StatusOK)
	other.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)
	left := bob.list("/sessions")
	require.Len(t, left, 1)
	require.Equal(t, true, left[0]["current"])
	admin.ask(http.MethodDelete, "/sessions/"+left[0]["id"].(string), nil, http.StatusOK)
	bob.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)

	// A login in the same browser replaces the session, and a password all.
	admin.ask(http.MethodPost, "/login", object{"user": "ada", "password": password}, http.StatusOK)
	require.Len(t, admin.list("/sessions"), 1)
	admin.ask(http.MethodPost, "/password", object{"old": "wrong", "new": password + "!"}, http.StatusForbidden)
	admin.ask(http.MethodPost, "/password", object{"old": password, "new": password + "!"}, http.StatusOK)
	require.Len(t, admin.list("/sessions"), 1)
	admin.ask(http.MethodPost, "/logout?everywhere=true", nil, http.StatusOK)
	admin.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized)
}

func TestGuessesAreSlowedDown(t *testing.T) {
	s := newStack(t, auth.Config{})
	bob := s.user("bob", auth.RoleViewer)
	guess := func(user string, want int) {
		t.Helper()
		s.browser().ask(http.MethodPost, "/login", object{"user": user, "password": "wrong"}, want)
	}
	for range 5 {
		guess("bob", http.StatusUnauthorized)
	}
	guess("bob", http.StatusTooManyRequests)
	s.browser().ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusTooManyRequests)
	bob.list("/sessions") // who is in stays in
	// Nobody else waits, and a name that does not exist is treated alike.
	s.user("carol", auth.RoleViewer)
	for range 5 {
		guess("nobody", http.StatusUnauthorized)
	}
	guess("nobody", http.StatusTooManyRequests)
	// By then it is the address.
	for i := range 10 {
		guess("name"+string(rune('a'+i)), http.StatusUnauthorized)
	}
	guess("carol", http.StatusTooManyRequests)
}

// The wait counts for those who tried before it began, too: else as many guesses
// are free as there are connections.
func TestGuessesAtOnceAreSlowedDown(t *testing.T) {
	s := newStack(t, auth.Config{})
	bob := s.user("bob", auth.RoleViewer)
	offer := bob.ask(http.MethodPost, "/totp", object{"password": password}, http.StatusOK)
	c, err := totp.GenerateCode(offer["secret"].(string), time.Now())
	require.NoError(t, err)
	bob.ask(http.MethodPost, "/totp/confirm", object{"code": c}, http.StatusOK)
	s.user("carol", auth.RoleViewer)

	for user, guess := range map[string]object{
		"bob":   {"user": "bob", "password": password, "code": "not it"},
		"carol": {"user": "carol", "password": "wrong"},
	} {
		var tried, refused atomic.Int64
		var wg sync.WaitGroup
		for range 60 {
			wg.Go(func() {
				status, text := s.browser().raw(http.MethodPost, authapi.Base+"/login", guess)
				switch status {
				case http.StatusUnauthorized:
					tried.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Error(status, text)
				}
			})
		}
		wg.Wait()
		require.LessOrEqual(t, tried.Load(), int64(6), user) // the fifth is the first to be waited after; two are compared at once
		require.Positive(t, refused.Load(), user)
	}
}

// Neither a login nor a recovery code undoes what is changed meanwhile, and a
// code that two logins show at once lets one in.
func TestACodeAtOnceIsGoodOnce(t *testing.T) {
	s := newStack(t, auth.Config{})
	bob := s.user("bob", auth.RoleViewer)
	other := s.browser()
	other.ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusOK)
	offer := bob.ask(http.MethodPost, "/totp", object{"password": password}, http.StatusOK)
	code := func(steps int) string {
		c, err := totp.GenerateCode(offer["secret"].(string), time.Now().Add(time.Duration(steps)*30*time.Second))
		require.NoError(t, err)
		return c
	}
	answer := bob.ask(http.MethodPost, "/totp/confirm", object{"code": code(0)}, http.StatusOK)
	other.ask(http.MethodGet, "/sessions", nil, http.StatusUnauthorized) // it was begun without the second factor
	bob.list("/sessions")

	for _, c := range []any{code(1), answer["recovery_codes"].([]any)[0]} {
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 4 { // wrong ones are not free for ever
			wg.Go(func() {
				if status, _ := s.browser().raw(http.MethodPost, authapi.Base+"/login", object{"user": "bob", "password": password, "code": c}); status == http.StatusOK {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, in.Load(), c)
	}
	u, err := s.store.User(t.Context(), "bob")
	require.NoError(t, err)
	require.Len(t, u.Recovery, 9)
}

func TestASecondFactor(t *testing.T) {
	s := newStack(t, auth.Config{})
	bob := s.user("bob", auth.RoleViewer)
	bob.ask(http.MethodPost, "/totp", object{"password": "wrong"}, http.StatusForbidden)
	offer := bob.ask(http.MethodPost, "/totp", object{"password": password}, http.StatusOK)
	secret := offer["secret"].(string)
	require.Contains(t, offer["uri"], "otpauth://totp/Oriel:bob?")
	bob.ask(http.MethodPost, "/totp/confirm", object{"code": "000000x"}, http.StatusBadRequest)
	code := func(steps int) string {
		c, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
		require.NoError(t, err)
		return c
	}
	answer := bob.ask(http.MethodPost, "/totp/confirm", object{"code": code(0)}, http.StatusOK)
	codes := answer["recovery_codes"].([]any)
	require.Len(t, codes, 10)
	u, err := s.store.User(t.Context(), "bob")
	require.NoError(t, err)
	require.NotContains(t, string(u.TOTPSecret), secret, "it is sealed")
	require.NotContains(t, u.Recovery, codes[0], "they are hashed")
	try := func(code any, want int) {
		t.Helper()
		s.browser().ask(http.MethodPost, "/login", object{"user": "bob", "password": password, "code": code}, want)
	}
	try("", http.StatusUnauthorized)
	try(code(1), http.StatusOK)
	try(code(1), http.StatusUnauthorized)
	try(code(0), http.StatusUnauthorized) // before one that was used
	try(codes[3], http.StatusOK)
	try(codes[3], http.StatusUnauthorized)
	me := bob.ask(http.MethodGet, "/me", nil, http.StatusOK)
	require.Equal(t, true, me["totp"])
	require.EqualValues(t, 9, me["recovery_codes"])
	bob.ask(http.MethodPost, "/totp", object{"password": password}, http.StatusConflict)
	bob.ask(http.MethodPost, "/totp/disable", object{"password": password}, http.StatusOK)
	try("", http.StatusOK)
}

func TestASetUpLinkThatIsUsedAtOnceMakesOneAdmin(t *testing.T) {
	s := newStack(t, auth.Config{})
	secret, err := s.logins.OfferSetup(t.Context())
	require.NoError(t, err)
	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			status, _ := s.browser().raw(http.MethodPost, authapi.Base+"/setup", object{"setup": secret, "user": fmt.Sprint("ada", i), "password": password})
			if status == http.StatusOK {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, made.Load())
	users, err := s.store.Users(t.Context())
	require.NoError(t, err)
	require.Len(t, users, 1)
}

func TestTheFirstAdmin(t *testing.T) {
	s := newStack(t, auth.Config{})
	old, err := s.logins.OfferSetup(t.Context())
	require.NoError(t, err)
	secret, err := s.logins.OfferSetup(t.Context())
	require.NoError(t, err)
	b := s.browser()
	ask := func(setup string, want int) {
		t.Helper()
		b.ask(http.MethodPost, "/setup", object{"setup": setup, "user": "ada", "password": password}, want)
	}
	ask("", http.StatusForbidden)
	ask(old, http.StatusForbidden)
	b.site = "cross-site"
	ask(secret, http.StatusForbidden)
	b.site = "same-origin"
	ask(secret, http.StatusOK)
	require.Equal(t, "ada", b.ask(http.MethodGet, "/me", nil, http.StatusOK)["name"])
	ask(secret, http.StatusForbidden)
	none, err := s.logins.OfferSetup(t.Context())
	require.NoError(t, err)
	require.Empty(t, none, "there is a user")
}

func TestALoginFromAnotherSiteIsRefused(t *testing.T) {
	s := newStack(t, auth.Config{})
	s.user("bob", auth.RoleViewer)
	b := s.browser()
	b.site = "cross-site"
	b.ask(http.MethodPost, "/login", object{"user": "bob", "password": password}, http.StatusForbidden)
}

func TestTheDocumentIsOfTheRoutes(t *testing.T) {
	r := chi.NewRouter()
	authapi.New(authapi.Options{}).Mount(r)
	var routes []string
	require.NoError(t, chi.Walk(r, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		routes = append(routes, method+" "+route[len("/oriel/api/v1"):])
		return nil
	}))
	slices.Sort(routes)
	described, err := apidoc.Operations(authapi.Document)
	require.NoError(t, err)
	require.Equal(t, routes, described)
}

func TestWhileAuthenticationIsOffNobodyIsAdded(t *testing.T) {
	r := chi.NewRouter()
	authapi.New(authapi.Options{}).Mount(r)
	for path, want := range map[string]int{"/me": http.StatusOK, "/users": http.StatusForbidden, "/tokens": http.StatusForbidden} {
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, authapi.Base+path, nil))
		require.Equal(t, want, rec.Code, path)
	}
}
