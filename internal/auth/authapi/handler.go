package authapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/auth/sso"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Options is what a Handler needs.
type Options struct {
	Guard     *guard.Guard
	Logins    *login.Logins
	Directory *directory.Directory
	Store     auth.Store
	Providers *sso.Providers
	Config    auth.Config
	External  *url.URL // how people reach the page
}

// A Handler serves the API below /oriel/api/v1/auth.
type Handler struct{ Options }

// New returns a Handler.
func New(o Options) *Handler { return &Handler{o} }

// Base is where the API is.
const Base = "/oriel/api/v1/auth"

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	handle := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
		r.Method(method, Base+path, httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Cache-Control", "no-store")
			if !h.Config.Enabled && path != "/me" {
				return fmt.Errorf("authentication is off: set auth: {enabled: true}: %w", fault.ErrForbidden)
			}
			return f(w, r)
		}, httpx.JSONError))
	}
	handle(http.MethodGet, "/me", h.me)
	handle(http.MethodPost, "/login", h.login)
	handle(http.MethodPost, "/logout", h.logout)
	handle(http.MethodPost, "/setup", h.setup)
	handle(http.MethodPost, "/password", h.password)
	handle(http.MethodPost, "/totp", h.offerTOTP)
	handle(http.MethodPost, "/totp/confirm", h.confirmTOTP)
	handle(http.MethodPost, "/totp/disable", h.disableTOTP)
	handle(http.MethodGet, "/oidc/{provider}/start", h.startSignOn)
	handle(http.MethodGet, "/oidc/{provider}/callback", h.finishSignOn)
	handle(http.MethodPost, "/oidc/{provider}/logout", h.signedOff)
	handle(http.MethodGet, "/sessions", h.sessions)
	handle(http.MethodDelete, "/sessions", h.endSessions)
	handle(http.MethodDelete, "/sessions/{id}", h.endSession)
	handle(http.MethodGet, "/users", h.users)
	handle(http.MethodPost, "/users", h.addUser)
	handle(http.MethodPatch, "/users/{name}", h.changeUser)
	handle(http.MethodDelete, "/users/{name}", h.deleteUser)
	handle(http.MethodDelete, "/users/{name}/totp", h.resetTOTP)
	handle(http.MethodGet, "/roles", h.roles)
	handle(http.MethodPost, "/roles", h.saveRole)
	handle(http.MethodDelete, "/roles/{name}", h.deleteRole)
	handle(http.MethodGet, "/tokens", h.tokens)
	handle(http.MethodPost, "/tokens", h.addToken)
	handle(http.MethodDelete, "/tokens/{id}", h.deleteToken)
}

// maxBody bounds requests, in bytes.
const maxBody = 64 << 10

// read decodes a JSON body.
func read(r *http.Request, v any) error {
	body, err := httpx.ReadBody(r, maxBody)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decode request: %w: %w", err, fault.ErrInvalid)
	}
	return nil
}

// visit is the browser that asks.
func (h *Handler) visit(r *http.Request) login.Visit {
	v := login.Visit{Address: h.Guard.Client(r), Agent: r.UserAgent()}
	if c, err := r.Cookie(guard.CookieName); err == nil {
		v.Cookie = c.Value
	}
	return v
}

// actor is who asks for a change.
func (h *Handler) actor(r *http.Request) directory.Actor {
	return directory.Actor{Identity: auth.From(r.Context()), Address: h.Guard.Client(r).String()}
}

// setCookie hands a session to the browser; "" takes it away. It ends with the
// browser, and before that with the session.
func (h *Handler) setCookie(w http.ResponseWriter, r *http.Request, value string) {
	http.SetCookie(w, h.Guard.SessionCookie(r, value, h.Config.Sessions.Absolute))
}

// fromOwnPage refuses what a page of another site makes a browser do. The guard
// checks that for those who are logged in.
func (h *Handler) fromOwnPage(r *http.Request) error {
	if err := h.Guard.CheckOrigin(r); err != nil {
		return fmt.Errorf("log in from Oriel's own page: %w: %w", err, fault.ErrForbidden)
	}
	return nil
}

func (h *Handler) login(w http.ResponseWriter, r *http.Request) error {
	if err := h.fromOwnPage(r); err != nil {
		return err
	}
	var in struct{ User, Password, Code string }
	if err := read(r, &in); err != nil {
		return err
	}
	cookie, err := h.Logins.Password(r.Context(), h.visit(r), in.User, in.Password, in.Code)
	if err != nil {
		return limited(w, err)
	}
	h.setCookie(w, r, cookie)
	return httpx.WriteJSON(w, map[string]string{"name": directory.UserName(in.User)})
}

// limited tells a client when to try again.
func limited(w http.ResponseWriter, err error) error {
	var locked *login.LockedOutError
	if errors.As(err, &locked) {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(locked.Wait.Seconds()))))
	}
	return err
}

// logout ends the session, and with ?everywhere=true all others of the user.
func (h *Handler) logout(w http.ResponseWriter, r *http.Request) error {
	v := h.visit(r)
	if r.URL.Query().Get("everywhere") == "true" {
		if id := auth.From(r.Context()); id != nil && id.Kind == auth.User {
			if err := h.Logins.EndAll(r.Context(), id.Name, func(auth.SessionRecord) bool { return true }); err != nil {
				return err
			}
		}
	}
	if v.Cookie != "" {
		if err := h.Logins.End(r.Context(), v.Cookie); err != nil && !errors.Is(err, fault.ErrNotFound) {
			return err
		}
	}
	h.setCookie(w, r, "")
	return done(w)
}

func done(w http.ResponseWriter) error {
	_, err := io.WriteString(w, "{}\n")
	return err
}

// setup makes the first admin.
func (h *Handler) setup(w http.ResponseWriter, r *http.Request) error {
	if err := h.fromOwnPage(r); err != nil {
		return err
	}
	var in struct{ Setup, User, Password string }
	if err := read(r, &in); err != nil {
		return err
	}
	cookie, err := h.Logins.SetUp(r.Context(), h.visit(r), in.Setup, in.User, in.Password)
	if err != nil {
		return err
	}
	h.setCookie(w, r, cookie)
	return httpx.WriteJSON(w, map[string]string{"name": directory.UserName(in.User)})
}
