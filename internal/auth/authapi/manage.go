package authapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// texts is a list of strings, or one with commas between them.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err != nil {
		return json.Unmarshal(b, (*[]string)(t))
	}
	for part := range strings.SplitSeq(one, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*t = append(*t, part)
		}
	}
	return nil
}

type user struct {
	Name      string     `json:"name"`
	Roles     []string   `json:"roles"`
	TOTP      bool       `json:"totp"`
	Disabled  bool       `json:"disabled"`
	Created   time.Time  `json:"created"`
	LastLogin *time.Time `json:"last_login"` // null is never
}

// ever is null for the zero time.
func ever(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (h *Handler) users(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Users(r.Context())
	if err != nil {
		return err
	}
	out := make([]user, len(all))
	for i, u := range all {
		out[i] = user{u.Name, u.Roles, u.TOTPSecret != nil, u.Disabled, u.Created, ever(u.LastLogin)}
	}
	return httpx.WriteJSON(w, out)
}

func (h *Handler) addUser(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name     string
		Password string
		Roles    texts
	}
	if err := read(r, &in); err != nil {
		return err
	}
	if err := h.Directory.AddUser(r.Context(), h.actor(r), in.Name, in.Password, in.Roles); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	return httpx.WriteJSON(w, map[string]string{"name": directory.UserName(in.Name)})
}

// changeUser changes what the request has of password, roles and disabled.
func (h *Handler) changeUser(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Password *string
		Roles    *texts
		Disabled *bool
	}
	if err := read(r, &in); err != nil {
		return err
	}
	ctx, by, name := r.Context(), h.actor(r), chi.URLParam(r, "name")
	if in.Password != nil {
		if err := h.Directory.SetPassword(ctx, by, name, *in.Password); err != nil {
			return err
		}
	}
	if in.Roles != nil {
		if err := h.Directory.SetRoles(ctx, by, name, *in.Roles); err != nil {
			return err
		}
	}
	if in.Disabled != nil {
		if err := h.Directory.SetDisabled(ctx, by, name, *in.Disabled); err != nil {
			return err
		}
	}
	return done(w)
}

func (h *Handler) deleteUser(w http.ResponseWriter, r *http.Request) error {
	if err := h.Directory.DeleteUser(r.Context(), h.actor(r), chi.URLParam(r, "name")); err != nil {
		return err
	}
	return done(w)
}

func (h *Handler) resetTOTP(w http.ResponseWriter, r *http.Request) error {
	if err := h.Directory.ResetTOTP(r.Context(), h.actor(r), chi.URLParam(r, "name")); err != nil {
		return err
	}
	return done(w)
}

type role struct {
	Name      string                 `json:"name"`
	Scopes    []auth.Scope           `json:"scopes"`
	Tenants   []string               `json:"tenants"` // null is all
	Selectors map[auth.Signal]string `json:"selectors"`
	BuiltIn   bool                   `json:"built_in"`
}

func (h *Handler) roles(w http.ResponseWriter, r *http.Request) error {
	own, err := h.Store.Roles(r.Context())
	if err != nil {
		return err
	}
	var out []role
	for _, b := range auth.BuiltInRoles() {
		out = append(out, role{b.Name, b.Scopes, b.Tenants, b.Selectors, true})
	}
	for _, o := range own {
		out = append(out, role{o.Name, o.Scopes, o.Tenants, o.Selectors, false})
	}
	return httpx.WriteJSON(w, out)
}

func (h *Handler) saveRole(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name      string
		Scopes    texts
		Tenants   []string
		Selectors map[auth.Signal]string
	}
	if err := read(r, &in); err != nil {
		return err
	}
	scopes, err := auth.ParseScopes(strings.Join(in.Scopes, ","))
	if err != nil {
		return fmt.Errorf("scopes: %w: %w", err, fault.ErrInvalid)
	}
	for signal, text := range in.Selectors {
		if strings.TrimSpace(text) == "" { // a form's empty field
			delete(in.Selectors, signal)
		}
	}
	if err := h.Directory.SaveRole(r.Context(), h.actor(r), auth.RoleRecord{Name: in.Name, Scopes: scopes, Tenants: in.Tenants, Selectors: in.Selectors}); err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]string{"name": in.Name})
}

func (h *Handler) deleteRole(w http.ResponseWriter, r *http.Request) error {
	if err := h.Directory.DeleteRole(r.Context(), h.actor(r), chi.URLParam(r, "name")); err != nil {
		return err
	}
	return done(w)
}

type token struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Scopes   []auth.Scope   `json:"scopes"`
	Tenant   string         `json:"tenant"`
	Networks []netip.Prefix `json:"networks"`
	Created  time.Time      `json:"created"`
	Expires  *time.Time     `json:"expires"`   // null is never
	LastUsed *time.Time     `json:"last_used"` // null is never
	Creator  string         `json:"creator"`
	Token    string         `json:"token,omitempty"` // only in the answer to its creation
}

func tokenOf(t auth.TokenRecord) token {
	return token{t.ID, t.Name, t.Scopes, t.Tenant, slices.Concat([]netip.Prefix{}, t.Networks), t.Created, ever(t.Expires), ever(t.LastUsed), t.Creator, ""}
}

func (h *Handler) tokens(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Tokens(r.Context())
	if err != nil {
		return err
	}
	out := make([]token, len(all))
	for i, t := range all {
		out[i] = tokenOf(t)
	}
	return httpx.WriteJSON(w, out)
}

func (h *Handler) addToken(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name     string
		Scopes   texts
		Tenant   string
		Expires  string
		Networks texts
	}
	if err := read(r, &in); err != nil {
		return err
	}
	made, kept, err := h.Directory.AddToken(r.Context(), h.actor(r), directory.TokenRequest{
		Name: in.Name, Scopes: strings.Join(in.Scopes, ","), Tenant: in.Tenant, Expires: in.Expires, Networks: in.Networks,
	})
	if err != nil {
		return err
	}
	out := tokenOf(kept)
	out.Token = made
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	return httpx.WriteJSON(w, out)
}

func (h *Handler) deleteToken(w http.ResponseWriter, r *http.Request) error {
	if err := h.Directory.DeleteToken(r.Context(), h.actor(r), chi.URLParam(r, "id")); err != nil {
		return err
	}
	return done(w)
}
