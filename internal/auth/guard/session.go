package guard

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A knownSession is a session as it was read, and who it says asks.
type knownSession struct {
	record auth.SessionRecord
	id     *auth.Identity
}

// session reads the session that has, or had, the identifier with a hash.
func (g *Guard) session(ctx context.Context, hash string) (knownSession, error) {
	return recall(&g.known, "session "+hash, g.now(), func() (knownSession, error) {
		s, err := g.store.Session(ctx, hash)
		if err != nil {
			return knownSession{}, err
		}
		roles, err := g.signedOn(s)
		if err != nil {
			return knownSession{}, err
		}
		if roles == nil {
			u, err := g.store.User(ctx, s.User)
			if err != nil {
				return knownSession{}, err
			}
			if u.Disabled {
				return knownSession{}, fmt.Errorf("user %q is disabled: %w", u.Name, fault.ErrNotFound)
			}
			roles = u.Roles
		}
		grants, err := g.grants(ctx, roles)
		return knownSession{s, &auth.Identity{Kind: auth.User, Name: s.User, Grants: grants}}, err
	})
}

// signedOn returns the roles of a session of single sign-on, of those that the
// configuration still gives to anybody; nil for a session of a user who is kept
// here. Sessions outlive the configuration that they began under.
func (g *Guard) signedOn(s auth.SessionRecord) ([]string, error) {
	if s.Roles == nil {
		return nil, nil
	}
	i := slices.IndexFunc(g.config.Providers, func(p auth.ProviderConfig) bool { return p.Name == s.Source })
	if i < 0 {
		return nil, fmt.Errorf("there is no provider %q any more: %w", s.Source, fault.ErrNotFound)
	}
	roles := slices.DeleteFunc(slices.Clone(s.Roles), func(role string) bool { return !g.config.Providers[i].May(role) })
	if len(roles) == 0 {
		return nil, fmt.Errorf("provider %q gives nobody the roles %q any more: %w", s.Source, s.Roles, fault.ErrNotFound)
	}
	return roles, nil
}

func (g *Guard) bySession(ctx context.Context, cookie string, from netip.Addr) (*auth.Identity, error) {
	hash := auth.HashToken(cookie)
	k, err := g.session(ctx, hash)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return nil, refuse(SessionEnded, "", fault.ErrUnauthenticated, "the session has ended: log in again")
	case err != nil:
		return nil, &refusal{Unavailable, "", fmt.Errorf("read the session: %w", err)}
	}
	key := "session " + k.record.Hash
	now, seen := g.now(), g.lastUse(key, k.record.Seen)
	if now.Sub(seen) >= g.config.Sessions.Idle || now.Sub(k.record.Created) >= g.config.Sessions.Absolute {
		return nil, refuse(SessionEnded, k.record.User, fault.ErrUnauthenticated, "the session has ended: log in again")
	}
	if err := g.current(ctx, hash, k.record, from); err != nil {
		return nil, err
	}
	g.use(key, k.record.Seen)
	return k.id, nil
}

// grants returns the roles in force. A role that is no longer there gives
// nothing.
func (g *Guard) grants(ctx context.Context, names []string) ([]auth.Grant, error) {
	all, err := recall(&g.known, "roles", g.now(), func() (map[string]auth.Grant, error) { return g.allRoles(ctx) })
	if err != nil {
		return nil, &refusal{Unavailable, "", fmt.Errorf("read the roles: %w", err)}
	}
	var grants []auth.Grant
	for _, name := range names {
		if grant, ok := all[name]; ok {
			grants = append(grants, grant)
		}
	}
	return grants, nil
}

func (g *Guard) allRoles(ctx context.Context) (map[string]auth.Grant, error) {
	own, err := g.store.Roles(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]auth.Grant{}
	for _, r := range slices.Concat(own, auth.BuiltInRoles()) {
		grant, err := r.Grant()
		if err != nil {
			return nil, err
		}
		all[r.Name] = grant
	}
	return all, nil
}

// Forget makes the next request read tokens, sessions and roles anew.
func (g *Guard) Forget() { g.known.forget() }

// useInterval is how far behind the store may be about when something was used.
const useInterval = time.Minute

// use notes that something is used, if the store does not know of the last
// minute.
func (g *Guard) use(key string, stored time.Time) {
	now := g.now()
	if now.Sub(stored) < useInterval {
		return
	}
	g.mu.Lock()
	g.used[key] = now
	g.mu.Unlock()
}

func (g *Guard) lastUse(key string, stored time.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, ok := g.used[key]; ok && t.After(stored) {
		return t
	}
	return stored
}

// Run tells the store when tokens and sessions were used, and ends sessions that
// are idle or old, until ctx ends.
func (g *Guard) Run(ctx context.Context) error {
	tick := time.NewTicker(useInterval / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			g.tidy(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			g.tidy(ctx)
		}
	}
}

func (g *Guard) tidy(ctx context.Context) {
	g.mu.Lock()
	used := g.used
	g.used = map[string]time.Time{}
	g.mu.Unlock()
	for key, at := range used {
		noun, id, _ := strings.Cut(key, " ")
		see := g.store.UseToken
		if noun == "session" {
			see = g.store.SeeSession
		}
		if err := see(ctx, id, at); err != nil && !errors.Is(err, fault.ErrNotFound) {
			g.log.Warn("last use not noted", "of", noun, "err", err)
		}
	}
	now := g.now()
	if err := g.store.EndSessions(ctx, now.Add(-g.config.Sessions.Idle), now.Add(-g.config.Sessions.Absolute)); err != nil {
		g.log.Warn("old sessions not removed", "err", err)
	}
}
