package sso

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// logoutEvent is the member of a logout token's events that makes it one.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutAge is how old a logout token may be; clocks may differ by as much.
const logoutAge = 5 * time.Minute

// heard are the logout tokens that were followed, until they are too old anyway:
// who catches one must not end with it what begins later.
type heard struct {
	mu    sync.Mutex
	until map[string]time.Time // by provider and jti
}

// before reports whether a token was followed.
func (h *heard) before(key string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.until, func(_ string, until time.Time) bool { return now.After(until) })
	_, is := h.until[key]
	return is
}

func (h *heard) note(key string, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until == nil {
		h.until = map[string]time.Time{}
	}
	h.until[key] = until
}

// Logout ends the sessions that a provider's logout token is about: one, or all
// of a user.
func (p *Providers) Logout(ctx context.Context, name, logoutToken string) error {
	q, err := p.named(name)
	if err != nil {
		return err
	}
	found, err := q.discover(ctx)
	if err != nil {
		return err
	}
	// The specification has asked for exp only since 2023.
	token, err := found.Verifier(&oidc.Config{ClientID: q.config.ClientID, SkipExpiryCheck: true}).Verify(q.context(ctx), logoutToken)
	if err != nil {
		return fmt.Errorf("verify the logout token: %w", errors.Join(err, fault.ErrInvalid))
	}
	var said struct {
		SID    string         `json:"sid"`
		JTI    string         `json:"jti"`
		Nonce  *string        `json:"nonce"`
		Events map[string]any `json:"events"`
	}
	if err := token.Claims(&said); err != nil {
		return fmt.Errorf("read the logout token: %w: %w", err, fault.ErrInvalid)
	}
	_, is := said.Events[logoutEvent]
	now := p.flows.now()
	age, key := now.Sub(token.IssuedAt), name+" "+said.JTI
	switch {
	case !is || said.Nonce != nil: // an ID token is not good for this
		return fmt.Errorf("that is no logout token: %w", fault.ErrInvalid)
	case age > logoutAge || age < -logoutAge || !token.Expiry.IsZero() && now.After(token.Expiry.Add(logoutAge)):
		return fmt.Errorf("the logout token is not of now: %w", fault.ErrInvalid)
	case said.SID == "" && token.Subject == "":
		return fmt.Errorf("the logout token is about nobody: %w", fault.ErrInvalid)
	case said.JTI == "":
		return fmt.Errorf("the logout token has no jti: %w", fault.ErrInvalid)
	case p.heard.before(key, now):
		return fmt.Errorf("the logout token was followed before: %w", fault.ErrInvalid)
	}
	err = p.logins.EndAll(ctx, "", func(s auth.SessionRecord) bool {
		return s.Source == name && (said.SID == "" || s.SID == said.SID) && (token.Subject == "" || s.Subject == token.Subject)
	})
	if err == nil { // else the provider tries again
		p.heard.note(key, token.IssuedAt.Add(logoutAge))
	}
	return err
}
