package sso

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// logoutEvent is the member of a logout token's events that makes it one.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutAge is how old a logout token may be; clocks may differ by as much.
const logoutAge = 5 * time.Minute

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
		Nonce  *string        `json:"nonce"`
		Events map[string]any `json:"events"`
	}
	if err := token.Claims(&said); err != nil {
		return fmt.Errorf("read the logout token: %w: %w", err, fault.ErrInvalid)
	}
	_, is := said.Events[logoutEvent]
	age := p.flows.now().Sub(token.IssuedAt)
	switch {
	case !is || said.Nonce != nil: // an ID token is not good for this
		return fmt.Errorf("that is no logout token: %w", fault.ErrInvalid)
	case age > logoutAge || age < -logoutAge || !token.Expiry.IsZero() && p.flows.now().After(token.Expiry.Add(logoutAge)):
		return fmt.Errorf("the logout token is not of now: %w", fault.ErrInvalid)
	case said.SID == "" && token.Subject == "":
		return fmt.Errorf("the logout token is about nobody: %w", fault.ErrInvalid)
	}
	return p.logins.EndAll(ctx, "", func(s auth.SessionRecord) bool {
		return s.Source == name && (said.SID == "" || s.SID == said.SID) && (token.Subject == "" || s.Subject == token.Subject)
	})
}
