package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/fault"
)

// setupTime is how long a set-up link is good for.
const setupTime = time.Hour

// A setupLink lets in who has no user yet. The zero link lets nobody in.
type setupLink struct {
	hash  string
	until time.Time
}

// OfferSetup returns the secret of a new set-up link; "" if there are users
// already. Links from before are no longer good.
func (l *Logins) OfferSetup(ctx context.Context) (secret string, err error) {
	users, err := l.store.Users(ctx)
	if err != nil || len(users) > 0 {
		return "", err
	}
	secret = rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setup = setupLink{auth.HashToken(secret), l.now().Add(setupTime)}
	return secret, nil
}

// SetUp makes the first user, an admin, for somebody with a set-up link, which
// is used up by that, and begins a session.
func (l *Logins) SetUp(ctx context.Context, v Visit, secret, user, password string) (cookie string, err error) {
	fail := func(err error) (string, error) {
		l.failures.Fail(ctx, guard.BadSetup, auth.Event{Who: user, Action: "server.setup", Address: v.Address.String(), Detail: err.Error()})
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	link := l.setup
	if link.hash == "" || subtle.ConstantTimeCompare([]byte(auth.HashToken(secret)), []byte(link.hash)) != 1 {
		return fail(fmt.Errorf("the set-up link is not valid: it was used, or is of an earlier start; restart the server for a new one: %w", fault.ErrForbidden))
	}
	if l.now().After(link.until) {
		return fail(fmt.Errorf("the set-up link has expired: restart the server for a new one: %w", fault.ErrForbidden))
	}
	users, err := l.store.Users(ctx)
	if err != nil {
		return "", err
	}
	if len(users) > 0 {
		l.setup = setupLink{}
		return fail(fmt.Errorf("there are users already: log in: %w", fault.ErrForbidden))
	}
	by := directory.Actor{Identity: &auth.Identity{Kind: auth.User, Name: directory.UserName(user)}, Address: v.Address.String()}
	if err := l.directory.AddUser(ctx, by, user, password, []string{auth.RoleAdmin}); err != nil {
		return "", err
	}
	l.setup = setupLink{}
	return l.Begin(ctx, v, auth.SessionRecord{User: directory.UserName(user), Source: SourcePassword})
}
