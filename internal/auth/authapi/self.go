package authapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// A Self is who asks, as the page wants to know it.
type Self struct {
	Name    string       `json:"name"` // "" is nobody, or nobody in particular
	Kind    auth.Kind    `json:"kind"`
	Roles   []string     `json:"roles"`
	Scopes  []auth.Scope `json:"scopes"`
	Tenants []string     `json:"tenants"` // of this request; null while tenants are off
	Local   bool         `json:"local"`   // has a password here
	TOTP    bool         `json:"totp"`    // has a second factor
	Codes   int          `json:"recovery_codes"`
}

// SelfOf describes an identity. The process itself may do everything.
func SelfOf(id *auth.Identity) Self {
	if id == nil {
		return Self{Roles: []string{auth.RoleAdmin}, Scopes: auth.Scopes()}
	}
	s := Self{Name: id.Name, Kind: id.Kind, Roles: []string{}, Scopes: []auth.Scope{}, Tenants: id.Tenants}
	if id.Kind == auth.Anonymous {
		s.Name = ""
	}
	for _, g := range id.Grants {
		s.Roles = append(s.Roles, g.Role)
	}
	for _, scope := range auth.Scopes() {
		if id.May(scope) {
			s.Scopes = append(s.Scopes, scope)
		}
	}
	return s
}

func (h *Handler) me(w http.ResponseWriter, r *http.Request) error {
	self := SelfOf(auth.From(r.Context()))
	if h.Config.Enabled {
		u, _, err := h.own(r)
		switch {
		case err == nil:
			self.Local, self.TOTP, self.Codes = true, u.TOTPSecret != nil, len(u.Recovery)
		case !errors.Is(err, fault.ErrForbidden):
			return err
		}
	}
	return httpx.WriteJSON(w, self)
}

// own returns the user who is kept here and asks with a session of theirs.
func (h *Handler) own(r *http.Request) (auth.UserRecord, auth.SessionRecord, error) {
	id := auth.From(r.Context())
	if id == nil || id.Kind != auth.User {
		return auth.UserRecord{}, auth.SessionRecord{}, fmt.Errorf("that is for people who are logged in: %w", fault.ErrForbidden)
	}
	s, err := h.session(r)
	if err != nil {
		return auth.UserRecord{}, s, err
	}
	if s.Source != login.SourcePassword {
		return auth.UserRecord{}, s, fmt.Errorf("your password and second factor are kept by %s: %w", s.Source, fault.ErrForbidden)
	}
	u, err := h.Store.User(r.Context(), s.User)
	return u, s, err
}

func (h *Handler) session(r *http.Request) (auth.SessionRecord, error) {
	c, err := r.Cookie(guard.CookieName)
	if err != nil {
		return auth.SessionRecord{}, fmt.Errorf("that is for people who are logged in: %w", fault.ErrForbidden)
	}
	return h.Store.Session(r.Context(), auth.HashToken(c.Value))
}

// password changes the user's own, ends all their sessions, and begins a new
// one.
func (h *Handler) password(w http.ResponseWriter, r *http.Request) error {
	u, _, err := h.own(r)
	if err != nil {
		return err
	}
	var in struct{ Old, New string }
	if err := read(r, &in); err != nil {
		return err
	}
	v := h.visit(r)
	if err := h.Logins.Confirm(r.Context(), v, u.Name, in.Old); err != nil {
		return limited(w, err)
	}
	if err := h.Directory.SetPassword(r.Context(), h.actor(r), u.Name, in.New); err != nil {
		return err
	}
	return h.renew(w, r, u.Name)
}

// renew gives the user who asks a new session, as after every change of what
// they are.
func (h *Handler) renew(w http.ResponseWriter, r *http.Request, user string) error {
	cookie, err := h.Logins.Begin(r.Context(), h.visit(r), auth.SessionRecord{User: user, Source: login.SourcePassword})
	if err != nil {
		return err
	}
	h.setCookie(w, r, cookie)
	return done(w)
}

func (h *Handler) offerTOTP(w http.ResponseWriter, r *http.Request) error {
	u, _, err := h.own(r)
	if err != nil {
		return err
	}
	var in struct{ Password string }
	if err := read(r, &in); err != nil {
		return err
	}
	if u.TOTPSecret != nil {
		return fmt.Errorf("you have a second factor: disable it first: %w", fault.ErrConflict)
	}
	if err := h.Logins.Confirm(r.Context(), h.visit(r), u.Name, in.Password); err != nil {
		return limited(w, err)
	}
	secret, uri, err := h.Logins.OfferTOTP(u.Name)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]string{"secret": secret, "uri": uri})
}

// confirmTOTP ends the sessions that were begun without the second factor, but
// the one that asks.
func (h *Handler) confirmTOTP(w http.ResponseWriter, r *http.Request) error {
	u, current, err := h.own(r)
	if err != nil {
		return err
	}
	var in struct{ Code string }
	if err := read(r, &in); err != nil {
		return err
	}
	codes, err := h.Logins.ConfirmTOTP(r.Context(), u.Name, in.Code)
	if err != nil {
		return err
	}
	if err := h.Logins.EndAll(r.Context(), u.Name, func(s auth.SessionRecord) bool { return s.Hash != current.Hash }); err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string][]string{"recovery_codes": codes})
}

func (h *Handler) disableTOTP(w http.ResponseWriter, r *http.Request) error {
	u, _, err := h.own(r)
	if err != nil {
		return err
	}
	var in struct{ Password string }
	if err := read(r, &in); err != nil {
		return err
	}
	if err := h.Logins.Confirm(r.Context(), h.visit(r), u.Name, in.Password); err != nil {
		return limited(w, err)
	}
	if err := h.Directory.ResetTOTP(r.Context(), h.actor(r), u.Name); err != nil {
		return err
	}
	return h.renew(w, r, u.Name)
}

type session struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Address string    `json:"address"`
	Agent   string    `json:"agent"`
	Source  string    `json:"source"`
	Current bool      `json:"current"`
}

// sessions lists one's own, or with ?all=true, for admins, everybody's.
func (h *Handler) sessions(w http.ResponseWriter, r *http.Request) error {
	id := auth.From(r.Context())
	user := id.Name
	if r.URL.Query().Get("all") == "true" {
		if !id.Governs() {
			return fmt.Errorf("everybody's sessions are for admins: %w", fault.ErrForbidden)
		}
		user = ""
	} else if id.Kind != auth.User {
		return httpx.WriteJSON(w, []session{})
	}
	all, err := h.Store.Sessions(r.Context(), user)
	if err != nil {
		return err
	}
	current, _ := h.session(r)
	out := make([]session, len(all))
	for i, s := range all {
		out[i] = session{s.Hash, s.User, s.Created, s.Seen, s.Address, s.Agent, s.Source, s.Hash == current.Hash}
	}
	return httpx.WriteJSON(w, out)
}

// endSessions ends all of one's own but the one that asks.
func (h *Handler) endSessions(w http.ResponseWriter, r *http.Request) error {
	id := auth.From(r.Context())
	if id.Kind != auth.User {
		return fmt.Errorf("that is for people who are logged in: %w", fault.ErrForbidden)
	}
	current, err := h.session(r)
	if err != nil {
		return err
	}
	if err := h.Logins.EndAll(r.Context(), id.Name, func(s auth.SessionRecord) bool { return s.Hash != current.Hash }); err != nil {
		return err
	}
	return done(w)
}

// endSession ends one of one's own, or for admins anybody's.
func (h *Handler) endSession(w http.ResponseWriter, r *http.Request) error {
	id, hash := auth.From(r.Context()), chi.URLParam(r, "id")
	user := id.Name
	if id.Governs() {
		user = ""
	} else if id.Kind != auth.User {
		return fmt.Errorf("that is for people who are logged in: %w", fault.ErrForbidden)
	}
	all, err := h.Store.Sessions(r.Context(), user)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s auth.SessionRecord) bool { return s.Hash == hash })
	if i < 0 {
		return fmt.Errorf("session %.80q: %w", hash, fault.ErrNotFound)
	}
	if err := h.Logins.EndAll(r.Context(), all[i].User, func(s auth.SessionRecord) bool { return s.Hash == hash }); err != nil {
		return err
	}
	return done(w)
}
